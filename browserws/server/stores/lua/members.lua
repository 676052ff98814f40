-- The members of a channel: what the scripts that begin with this share. `version` names their last change. It grows with
-- time, so that no change after a loss has the version of one before it; each change names the version that it follows.
local members, changes, channel, process = KEYS[1], KEYS[2], ARGV[1], ARGV[2]

local function emit(kind, user)
  local clock = redis.call('TIME')
  local before = redis.call('HGET', members, ':version') or '0'
  local version = string.format('%.0f', math.max(clock[1] * 1000000 + clock[2], before + 1))
  redis.call('HSET', members, ':version', version)
  redis.call('XADD', changes, 'MAXLEN', '~', 10000, '*', 'c', channel, 'v', version, 'b', before, 'h', process, kind, user)
end
