-- Add a message to a channel, once. Answers its epoch, its offset, and 1 if it was there already.
-- KEYS: m:CHANNEL, s:CHANNEL, c:SESSION
-- ARGV: an epoch for a new channel, the publish's id or '', user, time, 'j' or 'b', data, history, ttl, ids remembered
local known = ARGV[2] ~= '' and redis.call('HGET', KEYS[3], ARGV[2])
if known then return {redis.call('HGET', KEYS[1], 'epoch') or '', tonumber(known), 1} end
if redis.call('HSETNX', KEYS[1], 'epoch', ARGV[1]) == 1 then redis.call('DEL', KEYS[2]) end
local offset = redis.call('HINCRBY', KEYS[1], 'offset', 1)
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[7], offset .. '-0', 'u', ARGV[3], 't', ARGV[4], ARGV[5], ARGV[6])
redis.call('EXPIRE', KEYS[1], ARGV[8])
redis.call('EXPIRE', KEYS[2], ARGV[8])
if ARGV[2] ~= '' and redis.call('EXISTS', KEYS[3]) == 1 then
  redis.call('HSET', KEYS[3], ARGV[2], offset)
  if redis.call('HLEN', KEYS[3]) > 2 * ARGV[9] then -- once in a while: forget the older half
    local ids = {}
    for _, id in ipairs(redis.call('HKEYS', KEYS[3])) do
      if id ~= 'user' then ids[#ids + 1] = tonumber(id) end
    end
    table.sort(ids)
    for at = 1, #ids - ARGV[9] do redis.call('HDEL', KEYS[3], string.format('%.0f', ids[at])) end
  end
end
return {redis.call('HGET', KEYS[1], 'epoch'), offset, 0}
