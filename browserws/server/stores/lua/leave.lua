-- Users have gone from a channel on one process: those that are named, or all. All processes hear of it.
-- KEYS: u:{CHANNEL}, presence   ARGV: channel, process, and users
local process, users = ARGV[2], {unpack(ARGV, 3)}
if #users == 0 then
  local start = process .. ' '
  for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
    if string.sub(field, 1, #start) == start then users[#users + 1] = string.sub(field, #start + 1) end
  end
end
for _, user in ipairs(users) do
  if redis.call('HDEL', KEYS[1], process .. ' ' .. user) == 1 then
    local version = redis.call('HINCRBY', KEYS[1], ':version', 1)
    redis.call('XADD', KEYS[2], 'MAXLEN', '~', 10000, '*', 'c', ARGV[1], 'v', version, 'h', process, 'l', user)
  end
end
