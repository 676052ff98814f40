-- Users have left a channel on one process: those that are named, or all.
-- KEYS: u of the channel   ARGV: process, and users
local users = {unpack(ARGV, 2)}
if #users == 0 then
  local start = process .. ' '
  for _, field in ipairs(redis.call('HKEYS', members)) do
    if string.sub(field, 1, #start) == start then users[#users + 1] = string.sub(field, #start + 1) end
  end
end
for _, user in ipairs(users) do
  if redis.call('HDEL', members, process .. ' ' .. user) == 1 then changed(user) end
end
return changes
