-- A user is in a channel, on one process. All processes read it in the stream of changes.
-- KEYS: u:{CHANNEL} (hash: 'PROCESS USER', and `:version`), presence
-- ARGV: channel, process, user, ttl
local user, ttl = ARGV[3], ARGV[4]
if redis.call('HSET', members, process .. ' ' .. user, '') == 1 then emit('j', user) end
redis.call('EXPIRE', members, ttl)
