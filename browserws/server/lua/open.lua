-- The epoch and offset of a channel, which begins here if there is none.
-- KEYS: m:CHANNEL   ARGV: an epoch for a new channel, ttl
redis.call('HSETNX', KEYS[1], 'epoch', ARGV[1])
redis.call('HSETNX', KEYS[1], 'offset', 0)
redis.call('EXPIRE', KEYS[1], ARGV[2])
return redis.call('HMGET', KEYS[1], 'epoch', 'offset')
