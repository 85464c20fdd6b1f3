-- cjson as redis-server 7.0 has it (Lua CJSON 2.1.0): the same texts, limits and complaints.
--
-- Settings that a script changes hold until it ends.

local error, type, tostring, tonumber, select, next, rawget, pcall = error, type, tostring, tonumber, select, next, rawget, pcall
local byte, char, sub, find, gsub, format = string.byte, string.char, string.sub, string.find, string.gsub, string.format
local concat, floor, huge = table.concat, math.floor, math.huge

local null = newproxy(true)
getmetatable(null).__tostring = function() return "userdata: (nil)" end
getmetatable(null).__metatable = false

local ESCAPES = {['"'] = '\\"', ["\\"] = "\\\\", ["/"] = "\\/", ["\b"] = "\\b", ["\t"] = "\\t", ["\n"] = "\\n", ["\f"] = "\\f", ["\r"] = "\\r", ["\127"] = "\\u007f"}
for code = 0, 31 do
  local letter = char(code)
  ESCAPES[letter] = ESCAPES[letter] or format("\\u%04x", code)
end
local UNESCAPES = {['"'] = '"', ["\\"] = "\\", ["/"] = "/", b = "\b", f = "\f", n = "\n", r = "\r", t = "\t"}
local SIGNS = {["{"] = "T_OBJ_BEGIN", ["}"] = "T_OBJ_END", ["["] = "T_ARR_BEGIN", ["]"] = "T_ARR_END", [":"] = "T_COLON", [","] = "T_COMMA"}

local function fresh()
  return {
    convert = false, ratio = 2, safe = 10, encode_depth = 1000, decode_depth = 1000,
    encode_invalid = false, decode_invalid = true, precision = 14, keep_buffer = true,
  }
end

-- Encoding

local function quoted(text)
  return '"' .. gsub(text, '[%z\1-\31"\\/\127]', ESCAPES) .. '"'
end

local function refuse(kind, reason)
  error("Cannot serialise " .. kind .. ": " .. reason, 0)
end

-- The length of the array that a table is, or nil if it is an object.
local function array_length(t, settings)
  local most, items = 0, 0
  for key in next, t do
    if type(key) ~= "number" or key < 1 or floor(key) ~= key then return nil end
    if key > most then most = key end
    items = items + 1
  end
  if settings.ratio > 0 and most > items * settings.ratio and most > settings.safe then
    if not settings.convert then refuse("table", "excessively sparse array") end
    return nil
  end
  return most
end

local function number(value, settings)
  if value ~= value or value == huge or value == -huge then
    if not settings.encode_invalid then refuse("number", "must not be NaN or Inf") end
    if settings.encode_invalid == "null" then return "null" end
    return value ~= value and "nan" or value > 0 and "inf" or "-inf"
  end
  return format(settings.number_format or "%.14g", value)
end

local encode
function encode(value, settings, out, depth)
  local kind = type(value)
  if kind == "string" then
    out[#out + 1] = quoted(value)
  elseif kind == "number" then
    out[#out + 1] = number(value, settings)
  elseif kind == "boolean" then
    out[#out + 1] = value and "true" or "false"
  elseif value == nil or value == null then
    out[#out + 1] = "null"
  elseif kind ~= "table" then
    refuse(kind, "type not supported")
  else
    depth = depth + 1
    if depth > settings.encode_depth then
      error("Cannot serialise, excessive nesting (" .. depth .. ")", 0)
    end
    local length = array_length(value, settings)
    if length and length > 0 then
      out[#out + 1] = "["
      for i = 1, length do
        if i > 1 then out[#out + 1] = "," end
        encode(rawget(value, i), settings, out, depth)
      end
      out[#out + 1] = "]"
    else
      out[#out + 1] = "{"
      local first = true
      for key, item in next, value do
        if not first then out[#out + 1] = "," end
        first = false
        if type(key) == "number" then
          out[#out + 1] = '"' .. number(key, settings) .. '":'
        elseif type(key) == "string" then
          out[#out + 1] = quoted(key) .. ":"
        else
          refuse(type(key), "table key must be a number or string")
        end
        encode(item, settings, out, depth)
      end
      out[#out + 1] = "}"
    end
  end
end

-- Decoding

local function utf8(code)
  if code < 0x80 then return char(code) end
  if code < 0x800 then return char(0xC0 + floor(code / 64), 0x80 + code % 64) end
  if code < 0x10000 then
    return char(0xE0 + floor(code / 4096), 0x80 + floor(code / 64) % 64, 0x80 + code % 64)
  end
  return char(0xF0 + floor(code / 262144), 0x80 + floor(code / 4096) % 64, 0x80 + floor(code / 64) % 64, 0x80 + code % 64)
end

local function hexadecimal(text, at)
  local digits = sub(text, at, at + 3)
  return find(digits, "^%x%x%x%x$") and tonumber(digits, 16)
end

-- Return the character of the \u at this offset, and the offset behind it; nil if there is none.
local function unicode(text, at)
  local code = hexadecimal(text, at + 2)
  if not code then return nil end
  at = at + 6
  if code >= 0xD800 and code < 0xE000 then
    if code >= 0xDC00 or sub(text, at, at + 1) ~= "\\u" then return nil end
    local low = hexadecimal(text, at + 2)
    if not low or low < 0xDC00 or low >= 0xE000 then return nil end
    code = (code - 0xD800) * 1024 + (low - 0xDC00) + 0x10000
    at = at + 6
  end
  return utf8(code), at
end

-- Return kind, offset of the token, value and the offset behind it, of the string after a quote.
local function read_string(text, at)
  local start, parts = at - 1, {}
  while true do
    local stop = find(text, '["\\%z]', at)
    if not stop then return "unexpected end of string", #text + 1 end
    parts[#parts + 1] = sub(text, at, stop - 1)
    local letter = byte(text, stop)
    if letter == 34 then return "T_STRING", start, concat(parts), stop + 1 end
    if letter == 0 then return "unexpected end of string", stop end
    local escape = sub(text, stop + 1, stop + 1)
    if escape == "u" then
      local shown, after = unicode(text, stop)
      if not shown then return "invalid unicode escape code", stop end
      parts[#parts + 1] = shown
      at = after
    else
      local shown = UNESCAPES[escape]
      if not shown then return "invalid escape code", stop end
      parts[#parts + 1] = shown
      at = stop + 2
    end
  end
end

local function is_invalid_number(text, at)
  if sub(text, at, at) == "+" then return true end
  if sub(text, at, at) == "-" then at = at + 1 end
  return find(text, "^0[xX0-9]", at) or find(text, "^[iI][nN][fF]", at) or find(text, "^[nN][aA][nN]", at)
end

local function number_end(text, at)
  local _, stop = find(text, "^%d+%.?%d*", at)
  if not stop then _, stop = find(text, "^%.%d+", at) end
  if not stop then return nil end
  local _, with_exponent = find(text, "^[eE][+-]?%d+", stop + 1)
  return with_exponent or stop
end

local function read_number(text, at)
  local start, sign = at, 1
  local letter = sub(text, at, at)
  if letter == "-" or letter == "+" then
    sign = letter == "-" and -1 or 1
    at = at + 1
  end
  local _, stop = find(text, "^0[xX]%x+", at)
  if stop then return "T_NUMBER", start, sign * tonumber(sub(text, at, stop)), stop + 1 end
  if find(text, "^[iI][nN][fF]", at) then
    _, stop = find(text, "^[iI][nN][fF][iI][nN][iI][tT][yY]", at)
    return "T_NUMBER", start, sign * huge, (stop or at + 2) + 1
  end
  if find(text, "^[nN][aA][nN]", at) then return "T_NUMBER", start, sign == 1 and -(0 / 0) or 0 / 0, at + 3 end
  stop = number_end(text, at)
  if not stop then return "invalid number", start end
  return "T_NUMBER", start, sign * tonumber(sub(text, at, stop)), stop + 1
end

-- Return kind, offset, value, and the offset behind the token at or after ``at``. Of an error the
-- kind is its text.
local function token(text, at, settings)
  at = find(text, "[^ \t\n\r]", at)
  if not at then return "T_END", #text + 1 end
  local letter = sub(text, at, at)
  local sign = SIGNS[letter]
  if sign then return sign, at, nil, at + 1 end
  if letter == '"' then return read_string(text, at + 1) end
  if find(letter, "[-+0-9]") then
    if not settings.decode_invalid and is_invalid_number(text, at) then
      return "invalid number", at
    end
    return read_number(text, at)
  end
  if letter == "\0" and at > #text then return "T_END", at end
  if sub(text, at, at + 3) == "true" then return "T_BOOLEAN", at, true, at + 4 end
  if sub(text, at, at + 4) == "false" then return "T_BOOLEAN", at, false, at + 5 end
  if sub(text, at, at + 3) == "null" then return "T_NULL", at, null, at + 4 end
  if settings.decode_invalid and is_invalid_number(text, at) then return read_number(text, at) end
  return "invalid token", at
end

local function complain(expected, found, at)
  error("Expected " .. expected .. " but found " .. found .. " at character " .. at, 0)
end

local VALUES = {T_STRING = true, T_NUMBER = true, T_BOOLEAN = true, T_NULL = true}

local read
function read(text, settings, depth, kind, start, value, at)
  if VALUES[kind] then return value, at end
  if kind ~= "T_OBJ_BEGIN" and kind ~= "T_ARR_BEGIN" then complain("value", kind, start) end
  depth = depth + 1
  if depth > settings.decode_depth then
    error("Found too many nested data structures (" .. depth .. ") at character " .. start, 0)
  end
  local result = {}
  local is_object = kind == "T_OBJ_BEGIN"
  kind, start, value, at = token(text, at, settings)
  if kind == (is_object and "T_OBJ_END" or "T_ARR_END") then return result, at end
  local count = 0
  while true do
    local key
    if is_object then
      if kind ~= "T_STRING" then complain("object key string", kind, start) end
      key = value
      kind, start, value, at = token(text, at, settings)
      if kind ~= "T_COLON" then complain("colon", kind, start) end
      kind, start, value, at = token(text, at, settings)
    else
      count = count + 1
      key = count
    end
    result[key], at = read(text, settings, depth, kind, start, value, at)
    kind, start, value, at = token(text, at, settings)
    if kind == (is_object and "T_OBJ_END" or "T_ARR_END") then return result, at end
    if kind ~= "T_COMMA" then
      complain(is_object and "comma or object end" or "comma or array end", kind, start)
    end
    kind, start, value, at = token(text, at, settings)
  end
end

local function decode(text, settings)
  if #text >= 2 and (byte(text, 1) == 0 or byte(text, 2) == 0) then
    error("JSON parser does not support UTF-16 or UTF-32", 0)
  end
  local value, at = read(text, settings, 0, token(text, 1, settings))
  local kind, start = token(text, at, settings)
  if kind ~= "T_END" then complain("the end", kind, start) end
  return value
end

-- The module

local function check_count(count, most, name)
  if count > most then
    error("bad argument #" .. most + 1 .. " to '" .. name .. "' (found too many arguments)", 3)
  end
end

local function check_whole(value, place, name, low, high)
  local chosen = tonumber(value)
  if not chosen then
    error("bad argument #" .. place .. " to '" .. name .. "' (number expected, got " .. type(value) .. ")", 3)
  end
  chosen = floor(chosen)
  if chosen < low or chosen > high then
    error("bad argument #" .. place .. " to '" .. name .. "' (expected integer between " .. low .. " and " .. high .. ")", 3)
  end
  return chosen
end

local MOST = 2147483647

local modules = {}

local function make()
  local settings = fresh()
  local module = {null = null, _NAME = "cjson", _VERSION = "2.1.0"}
  modules[#modules + 1] = function() settings = fresh() end

  function module.encode(...)
    if select("#", ...) ~= 1 then error("bad argument #1 to 'encode' (expected 1 argument)", 2) end
    local out = {}
    local ok, problem = pcall(encode, (...), settings, out, 0)
    if not ok then error(problem, 2) end
    return concat(out)
  end

  function module.decode(...)
    local text = ...
    if select("#", ...) ~= 1 then error("bad argument #1 to 'decode' (expected 1 argument)", 2) end
    if type(text) == "number" then text = text .. "" end
    if type(text) ~= "string" then
      error("bad argument #1 to 'decode' (string expected, got " .. type(text) .. ")", 2)
    end
    local ok, value = pcall(decode, text, settings)
    if not ok then error(value, 2) end
    return value
  end

  local function whole_setting(name, field, low, high, after)
    module[name] = function(...)
      check_count(select("#", ...), 1, name)
      if (...) ~= nil then
        settings[field] = check_whole((...), 1, name, low, high)
        if after then after() end
      end
      return settings[field]
    end
  end
  whole_setting("encode_max_depth", "encode_depth", 1, MOST)
  whole_setting("decode_max_depth", "decode_depth", 1, MOST)
  whole_setting("encode_number_precision", "precision", 1, 14, function()
    settings.number_format = "%." .. settings.precision .. "g"
  end)

  local function choice(name, field, others)
    module[name] = function(...)
      check_count(select("#", ...), 1, name)
      local value = ...
      if value ~= nil then
        if type(value) == "boolean" then
          settings[field] = value
        elseif value == "on" or value == "off" then
          settings[field] = value == "on"
        elseif others and others[value] then
          settings[field] = value
        else
          error("bad argument #1 to '" .. name .. "' (invalid option '" .. tostring(value) .. "')", 2)
        end
      end
      return settings[field]
    end
  end
  choice("encode_invalid_numbers", "encode_invalid", {null = true})
  choice("decode_invalid_numbers", "decode_invalid")
  choice("encode_keep_buffer", "keep_buffer")

  function module.encode_sparse_array(...)
    check_count(select("#", ...), 3, "encode_sparse_array")
    local convert, ratio, safe = ...
    if convert ~= nil then settings.convert = convert == true or convert == "on" end
    if ratio ~= nil then settings.ratio = check_whole(ratio, 2, "encode_sparse_array", 0, MOST) end
    if safe ~= nil then settings.safe = check_whole(safe, 3, "encode_sparse_array", 0, MOST) end
    return settings.convert, settings.ratio, settings.safe
  end

  function module.new()
    return make()
  end
  return module
end

return make(), function()
  for i = #modules, 2, -1 do modules[i] = nil end
  modules[1]()
end
