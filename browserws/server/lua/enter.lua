-- A user has come to a process; to all of them, if they were nowhere yet.
-- KEYS: h:HUB, u:CHANNEL, presence   ARGV: channel, user
if redis.call('SADD', KEYS[1], ARGV[1] .. '\n' .. ARGV[2]) == 1 then
  if redis.call('HINCRBY', KEYS[2], ARGV[2], 1) == 1 then
    redis.call('XADD', KEYS[3], 'MAXLEN', '~', 10000, '*', 'c', ARGV[1], 'j', ARGV[2])
  end
end
