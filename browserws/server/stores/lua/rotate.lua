-- A new epoch for a channel whose history was lost in part, unless another process has begun one already.
-- KEYS: m, s, d, e of the channel   ARGV: a random number below 1024, the epoch that was known
local channel = load(KEYS[1], KEYS[2], KEYS[3], KEYS[4], ARGV[1], '', 0)
if channel.epoch == ARGV[2] then rotate(channel, ARGV[1]) end
