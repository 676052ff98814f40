-- Open a session for a later connection than its last. Answers that connection, or 0 if there is no such session.
-- KEYS: c:SESSION   ARGV: user, connection ('' for one more than the last), ttl
local user, last = unpack(redis.call('HMGET', KEYS[1], 'user', 'connection'))
if user ~= ARGV[1] then return 0 end
local connection = ARGV[2] == '' and last + 1 or tonumber(ARGV[2])
if connection <= tonumber(last) then return 0 end
redis.call('HSET', KEYS[1], 'connection', connection)
redis.call('EXPIRE', KEYS[1], ARGV[3])
return connection
