-- Add messages to channels, each once. Answers for each: {status, epoch, offset}, see `Published`, or {'failed', why}.
-- KEYS: m, s, d, e of each channel
-- ARGV: how many channels, a random number below 1024, messages kept of a channel, bytes kept of a channel, ttl of
--         messages, ttl of channels, seconds for which publishes are known, how many of a session are;
--       for each channel: the epoch and offset that this process has read up to;
--       for each message: the number of its channel, session or '', connection, id, floor, the connection that sent it
--         first or 0, what it may do (0 be found, 1 be added, 2 make the channel), user, time, 'j' or 'b', data
local count, random = tonumber(ARGV[1]), ARGV[2]
local history, history_bytes, history_ttl, ttl = tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5], ARGV[6]
local remembered, most = tonumber(ARGV[7]), tonumber(ARGV[8])

local channels = {}
for n = 1, count do
  local meta, stream, recent, older = unpack(KEYS, 4 * n - 3, 4 * n)
  local read_epoch, read_offset = unpack(ARGV, 7 + 2 * n, 8 + 2 * n)
  local ok, channel = pcall(load, meta, stream, recent, older, random, read_epoch, tonumber(read_offset))
  channels[n] = ok and channel or {failure = channel}
end

-- {connection, floor, id, offset, the connection that sent it first, id, offset, connection, ...}
local function read_session(channel, name)
  local known = channel.sessions[name]
  if known then return known end
  local packed = redis.call('HGET', channel.recent, name)
  if not packed and channel.has_older then packed = redis.call('HGET', channel.older, name) end
  local flat = packed and cmsgpack.unpack(packed) or {0, 0}
  known = {connection = flat[1], floor = flat[2], made = {}}
  for at = 3, #flat, 3 do
    known.made[#known.made + 1] = {id = flat[at], offset = flat[at + 1], sent_on = flat[at + 2]}
  end
  channel.sessions[name] = known
  return known
end

-- The page is there now: it will not ask again for what is below, and earlier connections publish no more.
local function raise(known, connection, floor)
  if connection > known.connection then
    known.connection, known.floor = connection, floor
  else
    known.floor = math.max(known.floor, floor)
  end
  known.is_new = true
end

local function find(known, id, sent_on)
  for at = #known.made, 1, -1 do
    local made = known.made[at]
    if made.id == id and (sent_on == 0 or made.sent_on == sent_on) then return made end
  end
end

-- Whether one is there that was sent after it, on an earlier connection: so it was made, too, or refused.
local function has_later(known, id, sent_on, connection)
  if sent_on == 0 or sent_on == connection then return false end
  for _, made in ipairs(known.made) do
    if made.sent_on == sent_on and made.id > id then return true end
  end
end

local function write_sessions(channel)
  for name, known in pairs(channel.sessions) do
    if known.is_new then
      local flat = {known.connection, known.floor}
      for at = math.max(1, #known.made - most + 1), #known.made do
        local made = known.made[at]
        if made.id >= known.floor or made.sent_on ~= known.connection then -- the page waits for it, or another one does
          flat[#flat + 1], flat[#flat + 2], flat[#flat + 3] = made.id, made.offset, made.sent_on
        end
      end
      redis.call('HSET', channel.recent, name, cmsgpack.pack(flat))
    end
  end
end

-- A session that published nothing for `remembered` seconds expires: at least so long, and at most twice so long, it is kept.
local function expire_sessions(channel)
  if now - tonumber(redis.call('HGET', channel.recent, ':since')) <= remembered then return end
  redis.call('RENAME', channel.recent, channel.older)
  redis.call('HSET', channel.recent, ':epoch', channel.epoch, ':since', now, ':older', '1')
  channel.has_older = true
end

-- What an entry costs in the history.
local function size(data) return #data + 100 end

local function append(channel, user, time, kind, data)
  for attempt = 1, 2 do
    local added = redis.pcall('XADD', channel.stream, channel.epoch .. '-' .. channel.offset + 1,
      'u', user, 't', time, 'p', channel.time, kind, data)
    if not added.err then break end
    if attempt == 2 or not string.find(added.err, 'equal or smaller') then error(added.err, 0) end
    rotate(channel, random) -- the stream is further than the hash says: one of them was lost
  end
  if redis.call('XLEN', channel.stream) == 1 then channel.bytes = 0 end -- what was before has expired, or was lost
  channel.offset, channel.time, channel.bytes = channel.offset + 1, time, channel.bytes + size(data)
  channel.is_changed = true
end

-- Whether an entry may still be read by a process that is a little behind: up to four times as much is kept for it.
local GRACE = 3000 -- ms
local function is_needed(channel, entry, length)
  local age = clock[1] * 1000 + clock[2] / 1000 - tonumber(entry[2][4])
  return age < GRACE and length <= 4 * history and channel.bytes <= 4 * history_bytes
end

-- Drop the oldest entries: what is more than is kept of a channel, a tenth at a time.
local function trim(channel)
  local length = redis.call('XLEN', channel.stream)
  if length <= history * 1.1 and channel.bytes <= history_bytes then return end
  while length > 1 and (length > history or channel.bytes > history_bytes) do
    local oldest = redis.call('XRANGE', channel.stream, '-', '+', 'COUNT', math.min(100, length))
    local first
    for _, entry in ipairs(oldest) do
      if length == 1 or (length <= history and channel.bytes <= history_bytes) then break end
      if is_needed(channel, entry, length) then break end
      channel.bytes, length = channel.bytes - size(entry[2][8]), length - 1
      first = entry[1]
    end
    if not first then return end
    local epoch, offset = string.match(first, '(%d+)-(%d+)')
    redis.call('XTRIM', channel.stream, 'MINID', '=', epoch .. '-' .. string.format('%.0f', offset + 1))
  end
  if length == 1 then channel.bytes = math.min(channel.bytes, history_bytes) end
end

local function save(channel)
  trim(channel)
  redis.call('HSET', channel.meta, 'offset', channel.offset, 'time', channel.time, 'bytes', math.max(0, channel.bytes))
  redis.call('EXPIRE', channel.meta, ttl)
  redis.call('EXPIRE', channel.stream, history_ttl)
  expire_sessions(channel)
  write_sessions(channel)
  redis.call('EXPIRE', channel.recent, ttl)
  redis.call('EXPIRE', channel.older, ttl)
end

local function publish(channel, session, connection, id, floor, sent_on, may, user, time, kind, data)
  if channel.failure then error(channel.failure, 0) end
  if not channel.epoch then
    if may ~= '2' then return {may == '0' and 'absent' or 'new channel'} end
    create(channel, random)
  end
  if session == '' then
    append(channel, user, time, kind, data)
    return {'added', channel.epoch, channel.offset}
  end
  local known = read_session(channel, session)
  if connection < known.connection then return {'conflict'} end
  local made = find(known, id, sent_on)
  if made then return {'repeat', channel.epoch, made.offset} end
  if may == '0' then
    raise(known, connection, floor)
    channel.is_changed = true
    return {'absent'}
  end
  if has_later(known, id, sent_on, connection) then
    raise(known, connection, floor)
    channel.is_changed = true
    return {'lost'}
  end
  append(channel, user, time, kind, data)
  known = read_session(channel, session) -- again: the epoch may be new
  raise(known, connection, floor)
  if sent_on == 0 then sent_on = connection end
  known.made[#known.made + 1] = {id = id, offset = channel.offset, sent_on = sent_on}
  return {'added', channel.epoch, channel.offset}
end

local answers = {}
local failed = {} -- by session: what it publishes after one that failed must not be made before that
for at = 9 + 2 * count, #ARGV, 11 do
  local number, session, connection, id, floor, sent_on, may, user, time, kind, data = unpack(ARGV, at, at + 10)
  local answer = failed[session]
  if not answer then
    local ok
    ok, answer = pcall(publish, channels[tonumber(number)], session, tonumber(connection), tonumber(id),
      tonumber(floor), tonumber(sent_on), may, user, time, kind, data)
    if not ok then answer = {'failed', tostring(type(answer) == 'table' and answer.err or answer)} end
    if not ok and session ~= '' then failed[session] = answer end
  end
  answers[#answers + 1] = answer
end
for _, channel in ipairs(channels) do
  if channel.is_changed then save(channel) end
end
return answers
