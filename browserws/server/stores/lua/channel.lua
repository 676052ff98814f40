-- A channel: what the scripts that begin with this share. Its keys lie together: m (hash: epoch, offset, and time
-- of the last entry; bytes of all), s (stream; the id of an entry is EPOCH-OFFSET), d and e (hashes: which
-- publishes of which session were made; `:epoch` says of which history, `:since` since when the hash is filled).
--
-- An epoch is a number that grows with time, so that entries of a new history come after all that were read of an old one.
local clock = redis.call('TIME')
local now = tonumber(clock[1])

local function new_epoch(random, old)
  local epoch = (clock[1] * 1000 + math.floor(clock[2] / 1000)) * 1024 + random
  if old then epoch = math.max(epoch, old + 1) end
  return string.format('%.0f', epoch)
end

-- What is known of publishes belongs to one epoch: where either is lost, both start again.
local function begin(channel, epoch)
  channel.epoch, channel.sessions = epoch, {}
  redis.call('HSET', channel.meta, 'epoch', epoch, 'offset', channel.offset, 'time', channel.time)
  redis.call('DEL', channel.recent, channel.older)
  redis.call('HSET', channel.recent, ':epoch', epoch, ':since', now)
  channel.has_older = false
end

local function create(channel, random)
  channel.offset, channel.time, channel.bytes = 0, '', 0
  redis.call('DEL', channel.stream)
  begin(channel, new_epoch(random))
end

local function rotate(channel, random)
  begin(channel, new_epoch(random, tonumber(channel.epoch)))
end

-- The channel as it is; `epoch` is false if there is none. It begins a new epoch where it has lost what this process has
-- read of it (the end of its history), or what it knew of publishes.
local function load(meta, stream, recent, older, random, read_epoch, read_offset)
  local epoch, offset, time, bytes = unpack(redis.call('HMGET', meta, 'epoch', 'offset', 'time', 'bytes'))
  local channel = {meta = meta, stream = stream, recent = recent, older = older, epoch = epoch, sessions = {}}
  if not epoch then return channel end
  channel.offset, channel.time, channel.bytes = tonumber(offset), time or '', tonumber(bytes or 0)
  local is_of, with_older = unpack(redis.call('HMGET', recent, ':epoch', ':older'))
  channel.has_older = with_older == '1'
  local is_whole = is_of == epoch and not (channel.has_older and redis.call('HGET', older, ':epoch') ~= epoch)
  local has_read_more = (tonumber(read_epoch) or 0) > tonumber(epoch) or (read_epoch == epoch and read_offset > channel.offset)
  if not is_whole or has_read_more then rotate(channel, random) end
  return channel
end
