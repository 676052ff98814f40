-- A user is in a channel, on one process.
-- KEYS: u of the channel (hash: 'PROCESS USER', and `:version`)   ARGV: process, user, ttl
local user, ttl = ARGV[2], ARGV[3]
if redis.call('HSET', members, process .. ' ' .. user, '') == 1 then changed(user) end
redis.call('EXPIRE', members, ttl)
return changes
