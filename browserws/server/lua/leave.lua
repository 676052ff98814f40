-- A user has gone from a process; from all of them, if they are nowhere any more.
-- KEYS: h:HUB, u:CHANNEL, presence   ARGV: channel, user
if redis.call('SREM', KEYS[1], ARGV[1] .. '\n' .. ARGV[2]) == 1 then
  if redis.call('HINCRBY', KEYS[2], ARGV[2], -1) <= 0 then
    redis.call('HDEL', KEYS[2], ARGV[2])
    redis.call('XADD', KEYS[3], 'MAXLEN', '~', 10000, '*', 'c', ARGV[1], 'l', ARGV[2])
  end
end
