-- The members of a channel: what the scripts that begin with this share. `version` names their last change. It grows with
-- time, so that no change after a loss has the version of one before it; each change names the version that it follows.
-- Answers the changes: {user, version, version before}, ...
local members, process = KEYS[1], ARGV[1]
local changes = {}

local function changed(user)
  local clock = redis.call('TIME')
  local before = redis.call('HGET', members, ':version') or '0'
  local version = string.format('%.0f', math.max(clock[1] * 1000000 + clock[2], before + 1))
  redis.call('HSET', members, ':version', version)
  changes[#changes + 1] = {user, version, before}
end
