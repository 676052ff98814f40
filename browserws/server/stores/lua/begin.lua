-- Begin a session.   KEYS: c:SESSION   ARGV: user, connection, ttl
redis.call('HSET', KEYS[1], 'user', ARGV[1], 'connection', ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
