-- cmsgpack as redis-server 7.0 has it (lua-cmsgpack 0.4.0): MessagePack without extensions.

local host = ...
local as_function = python.as_function
local from_double, to_double = as_function(host.from_double), as_function(host.to_double)

local error, type, select, next, pcall, tostring, tonumber = error, type, select, next, pcall, tostring, tonumber
local byte, char, sub = string.byte, string.char, string.sub
local concat, floor, unpack = table.concat, math.floor, unpack

local NESTING_MAX = 16
local WHOLE_MAX = 2 ^ 63

local function big_endian(value, count)
  local bytes = {}
  for i = count, 1, -1 do
    bytes[i] = value % 256
    value = floor(value / 256)
  end
  return char(unpack(bytes))
end

local function whole(value)
  if value >= 0 then
    if value <= 127 then return char(value) end
    if value <= 0xFF then return "\204" .. char(value) end
    if value <= 0xFFFF then return "\205" .. big_endian(value, 2) end
    if value <= 0xFFFFFFFF then return "\206" .. big_endian(value, 4) end
    return "\207" .. big_endian(value, 8)
  end
  if value >= -32 then return char(256 + value) end
  if value >= -128 then return "\208" .. char(256 + value) end
  if value >= -32768 then return "\209" .. big_endian(0x10000 + value, 2) end
  if value >= -2147483648 then return "\210" .. big_endian(0x100000000 + value, 4) end
  local high = floor(value / 0x100000000)
  return "\211" .. big_endian(0x100000000 + high, 4) .. big_endian(value - high * 0x100000000, 4)
end

local function number(value)
  if value == floor(value) and value >= -WHOLE_MAX and value < WHOLE_MAX then return whole(value) end
  return from_double(value)
end

local function text(value)
  local length = #value
  if length < 32 then return char(0xA0 + length) .. value end
  if length <= 0xFF then return "\217" .. char(length) .. value end
  if length <= 0xFFFF then return "\218" .. big_endian(length, 2) .. value end
  return "\219" .. big_endian(length, 4) .. value
end

local function header(length, small, wide)
  if length <= 15 then return char(small + length) end
  if length <= 0xFFFF then return char(wide) .. big_endian(length, 2) end
  return char(wide + 1) .. big_endian(length, 4)
end

-- Return how many items a table has, and whether it is an array.
local function measure(t)
  local count, most, is_array = 0, 0, true
  for key in next, t do
    if type(key) ~= "number" or key <= 0 or floor(key) ~= key then is_array = false end
    if is_array and key > most then most = key end
    count = count + 1
  end
  return count, is_array and most == count
end

local encode
function encode(value, out, depth)
  local kind = type(value)
  if kind == "table" and depth == NESTING_MAX then kind = "nil" end
  if kind == "string" then
    out[#out + 1] = text(value)
  elseif kind == "number" then
    out[#out + 1] = number(value)
  elseif kind == "boolean" then
    out[#out + 1] = value and "\195" or "\194"
  elseif kind == "table" then
    local count, is_array = measure(value)
    if is_array then
      out[#out + 1] = header(count, 0x90, 0xDC)
      for i = 1, count do encode(value[i], out, depth + 1) end
    else
      out[#out + 1] = header(count, 0x80, 0xDE)
      for key, item in next, value do
        encode(key, out, depth + 1)
        encode(item, out, depth + 1)
      end
    end
  else
    out[#out + 1] = "\192"
  end
end

local function missing()
  error("Missing bytes in input.", 0)
end

local function read_whole(input, at, count, signed)
  if at + count - 1 > #input then missing() end
  local value = 0
  for i = at, at + count - 1 do value = value * 256 + byte(input, i) end
  if signed and byte(input, at) >= 128 then
    if count == 8 then
      value = 0
      for i = at, at + count - 1 do value = value * 256 + (255 - byte(input, i)) end
      value = -value - 1
    else
      value = value - 2 ^ (8 * count)
    end
  end
  return value, at + count
end

local function read_text(input, at, length)
  if at + length - 1 > #input then missing() end
  return sub(input, at, at + length - 1), at + length
end

local decode

local function read_array(input, at, length)
  local result = {}
  for i = 1, length do result[i], at = decode(input, at) end
  return result, at
end

local function read_map(input, at, length)
  local result = {}
  for _ = 1, length do
    local key, item
    key, at = decode(input, at)
    item, at = decode(input, at)
    result[key] = item
  end
  return result, at
end

local CONSTANTS = {[0xC0] = {nil}, [0xC2] = {false}, [0xC3] = {true}}
local NUMBERS = {
  [0xCC] = {1, false}, [0xCD] = {2, false}, [0xCE] = {4, false}, [0xCF] = {8, false},
  [0xD0] = {1, true}, [0xD1] = {2, true}, [0xD2] = {4, true}, [0xD3] = {8, true},
}
local LONG = {
  [0xC4] = {1, read_text}, [0xC5] = {2, read_text}, [0xC6] = {4, read_text},
  [0xD9] = {1, read_text}, [0xDA] = {2, read_text}, [0xDB] = {4, read_text},
  [0xDC] = {2, read_array}, [0xDD] = {4, read_array},
  [0xDE] = {2, read_map}, [0xDF] = {4, read_map},
}

function decode(input, at)
  local mark = byte(input, at)
  if not mark then missing() end
  at = at + 1
  if mark < 0x80 then return mark, at end
  if mark >= 0xE0 then return mark - 256, at end
  if mark < 0x90 then return read_map(input, at, mark - 0x80) end
  if mark < 0xA0 then return read_array(input, at, mark - 0x90) end
  if mark < 0xC0 then return read_text(input, at, mark - 0xA0) end
  local constant = CONSTANTS[mark]
  if constant then return constant[1], at end
  local size = NUMBERS[mark]
  if size then return read_whole(input, at, size[1], size[2]) end
  if mark == 0xCA or mark == 0xCB then
    local count = mark == 0xCA and 4 or 8
    if at + count - 1 > #input then missing() end
    return to_double(sub(input, at, at + count - 1)), at + count
  end
  local long = LONG[mark]
  if not long then error("Bad data format in input.", 0) end
  local length
  length, at = read_whole(input, at, long[1], false)
  return long[2](input, at, length)
end

local function decode_some(input, limit, offset, full)
  local values, at, count = {}, offset + 1, 0
  while at <= #input and count < limit do
    count = count + 1
    values[count], at = decode(input, at)
  end
  if not full then
    return count + 1, {at > #input and -1 or at - 1, unpack(values, 1, count)}
  end
  return count, values
end

local function check_text(value, name)
  if type(value) == "number" then return value .. "" end
  if type(value) == "string" then return value end
  local got = value == nil and "no value" or type(value)
  error("bad argument #1 to '" .. name .. "' (string expected, got " .. got .. ")", 3)
end

local function give(name, input, limit, offset, full)
  if offset < 0 or limit < 0 then
    error("Invalid request to unpack with offset of " .. offset .. " and limit of " .. #input .. ".", 3)
  end
  if offset > #input then
    error("Start offset " .. offset .. " greater than input length " .. #input .. ".", 3)
  end
  local ok, count, values = pcall(decode_some, input, limit, offset, full)
  if not ok then error(count, 3) end
  return unpack(values, 1, count)
end

local cmsgpack = {
  _NAME = "cmsgpack",
  _VERSION = "lua-cmsgpack 0.4.0",
  _COPYRIGHT = "Copyright (C) 2012, Salvatore Sanfilippo",
  _DESCRIPTION = "MessagePack C implementation for Lua",
}

function cmsgpack.pack(...)
  local count = select("#", ...)
  if count == 0 then error("bad argument #0 to 'pack' (MessagePack pack needs input.)", 2) end
  local out = {}
  for i = 1, count do encode((select(i, ...)), out, 0) end
  return concat(out)
end

function cmsgpack.unpack(...)
  local results = {give("unpack", check_text((...), "unpack"), math.huge, 0, true)}
  return unpack(results, 1, #results)
end

function cmsgpack.unpack_one(input, offset)
  local results = {give("unpack_one", check_text(input, "unpack_one"), 1, tonumber(offset) or 0, false)}
  return unpack(results, 1, 2)
end

function cmsgpack.unpack_limit(input, limit, offset)
  local many = tonumber(limit) or 0
  local results = {give("unpack_limit", check_text(input, "unpack_limit"), many, tonumber(offset) or 0, false)}
  return unpack(results, 1, many + 1)
end

return cmsgpack
