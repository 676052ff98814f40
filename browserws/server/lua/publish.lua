-- Add messages to channels, each once. Answers for each the channel's epoch, its offset, and 1 if it was there already;
-- or an error, before anything is added, if one comes from a connection that is not its session's last.
-- KEYS: for each message m:CHANNEL, s:CHANNEL, c:SESSION
-- ARGV: an epoch for new channels, history, ttl, ids remembered;
--       then for each message the publish's id or '', the session's turn, user, time, 'j' or 'b', data
local new_epoch, history, ttl, remembered = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])

local function forget_the_older_half(session)
  local ids = {}
  for _, id in ipairs(redis.call('HKEYS', session)) do
    ids[#ids + 1] = tonumber(id) -- not "user" and "turn"
  end
  table.sort(ids)
  for at = 1, #ids - remembered do redis.call('HDEL', session, string.format('%.0f', ids[at])) end
end

local function remember(session, id, offset)
  if redis.call('EXISTS', session) == 0 then return end
  redis.call('HSET', session, id, offset)
  if redis.call('HLEN', session) > 2 * remembered then forget_the_older_half(session) end
end

local function publish(meta, stream, session, id, user, time, kind, data)
  local known = id ~= '' and redis.call('HGET', session, id)
  if known then return {redis.call('HGET', meta, 'epoch') or '', tonumber(known), 1} end
  if redis.call('HSETNX', meta, 'epoch', new_epoch) == 1 then redis.call('DEL', stream) end
  local offset = redis.call('HINCRBY', meta, 'offset', 1)
  redis.call('XADD', stream, 'MAXLEN', '~', history, offset .. '-0', 'u', user, 't', time, kind, data)
  redis.call('EXPIRE', meta, ttl)
  redis.call('EXPIRE', stream, ttl)
  if id ~= '' then remember(session, id, offset) end
  return {redis.call('HGET', meta, 'epoch'), offset, 0}
end

local messages = #KEYS / 3
for n = 0, messages - 1 do
  local turn = ARGV[4 + 6 * n + 1] ~= '' and redis.call('HGET', KEYS[3 * n + 3], 'turn')
  if turn and turn ~= ARGV[4 + 6 * n + 2] then
    return redis.error_reply('SUPERSEDED the session has another connection')
  end
end
local answers = {}
for n = 0, messages - 1 do
  local meta, stream, session = unpack(KEYS, 3 * n + 1, 3 * n + 3)
  local id, _, user, time, kind, data = unpack(ARGV, 4 + 6 * n + 1, 4 + 6 * n + 6)
  answers[n + 1] = publish(meta, stream, session, id, user, time, kind, data)
end
return answers
