"""What the Redis store has the server do in one step, in Lua."""

# The generation is the fencing number: a holder who lost his lease without noticing
# cannot write over what was written since. The writer's name makes it safe to ask
# again when the answer was lost.
SWAP = """
local found = redis.call('HMGET', KEYS[1], 'generation', 'writer')
local latest = found[1] or '0'
if latest == ARGV[2] and found[2] == ARGV[3] then return 1 end
if latest ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1],
           'generation', ARGV[2], 'writer', ARGV[3], 'record', ARGV[4])
if ARGV[5] == '0' then
  redis.call('PERSIST', KEYS[1])
else
  redis.call('PEXPIRE', KEYS[1], ARGV[5])
end
return 1
"""
TAKE = """
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""
RENEW = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
"""
RELEASE = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
"""
