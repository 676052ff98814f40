-- A user is in a channel, on one process. All processes hear of it.
-- KEYS: u:{CHANNEL} (hash: 'PROCESS USER', and `:version`), presence
-- ARGV: channel, process, user, ttl
local user, ttl = ARGV[3], ARGV[4]
if redis.call('HSET', members, process .. ' ' .. user, '') == 1 then tell('j', user) end
redis.call('EXPIRE', members, ttl)
