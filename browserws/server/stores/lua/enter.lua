-- A user is in a channel, on one process. All processes hear of it.
-- KEYS: u:{CHANNEL} (hash: 'PROCESS USER', and `:version`, which counts its changes), presence
-- ARGV: channel, process, user, ttl
if redis.call('HSET', KEYS[1], ARGV[2] .. ' ' .. ARGV[3], '') == 1 then
  local version = redis.call('HINCRBY', KEYS[1], ':version', 1)
  redis.call('XADD', KEYS[2], 'MAXLEN', '~', 10000, '*', 'c', ARGV[1], 'v', version, 'h', ARGV[2], 'j', ARGV[3])
end
redis.call('EXPIRE', KEYS[1], ARGV[4])
