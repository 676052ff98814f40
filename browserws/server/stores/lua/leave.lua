-- Users have left a channel on one process: those that are named, or all. All processes read it in the stream of changes.
-- KEYS: u:{CHANNEL}, presence   ARGV: channel, process, and users
local users = {unpack(ARGV, 3)}
if #users == 0 then
  local start = process .. ' '
  for _, field in ipairs(redis.call('HKEYS', members)) do
    if string.sub(field, 1, #start) == start then users[#users + 1] = string.sub(field, #start + 1) end
  end
end
for _, user in ipairs(users) do
  if redis.call('HDEL', members, process .. ' ' .. user) == 1 then emit('l', user) end
end
