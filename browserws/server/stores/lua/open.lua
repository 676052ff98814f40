-- Where a channel is: {epoch, offset, time of its last entry, 1 if it begins}. Without it, it begins here, or nothing is answered.
-- KEYS: m, s, d, e of the channel
-- ARGV: a random number below 1024, ttl, 1 if it may begin, the epoch and offset that this process has read up to
local channel = load(KEYS[1], KEYS[2], KEYS[3], KEYS[4], ARGV[1], ARGV[4], tonumber(ARGV[5]))
local is_new = channel.epoch and 0 or 1
if not channel.epoch then
  if ARGV[3] ~= '1' then return false end
  create(channel, ARGV[1])
end
for n = 1, 4 do if n ~= 2 then redis.call('EXPIRE', KEYS[n], ARGV[2]) end end
return {channel.epoch, channel.offset, channel.time, is_new}
