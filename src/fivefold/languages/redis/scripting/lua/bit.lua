-- bit as redis-server has it (Lua BitOp 1.0.2); the host computes.

local host = ...
local compute = python.as_function(host.compute)
local error, type, tonumber, select, unpack = error, type, tonumber, select, unpack

local bit = {}
for name, least in next, {
  tobit = 1, bnot = 1, band = 1, bor = 1, bxor = 1, lshift = 2, rshift = 2, arshift = 2,
  rol = 2, ror = 2, bswap = 1, tohex = 1,
} do
  bit[name] = function(...)
    local count = select("#", ...)
    local numbers = {}
    for i = 1, count > least and count or least do
      local value = select(i, ...)
      numbers[i] = tonumber(value)
      if not numbers[i] or type(value) == "boolean" then
        local got = i > count and "no value" or type(value)
        error("bad argument #" .. i .. " to '" .. name .. "' (number expected, got " .. got .. ")", 2)
      end
    end
    return compute(name, unpack(numbers))
  end
end

return bit
