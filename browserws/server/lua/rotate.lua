-- A new epoch for a channel whose history was lost in part, unless somebody else has begun one.
-- KEYS: m:CHANNEL   ARGV: the epoch that was known, a new one
if redis.call('HGET', KEYS[1], 'epoch') == ARGV[1] then redis.call('HSET', KEYS[1], 'epoch', ARGV[2]) end
