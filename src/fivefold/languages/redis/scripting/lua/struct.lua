-- struct as redis-server has it; the host does the work, on numbers and strings only.

local host = ...
local as_function = python.as_function
local pack, unpack_host, size = as_function(host.pack), as_function(host.unpack), as_function(host.size)
local error, select, type = error, select, type

local struct = {}

local function answer(problem, ...)
  if problem then error(problem, 3) end
  return ...
end

local function check_text(value, place, name)
  if type(value) ~= "string" and type(value) ~= "number" then
    local got = value == nil and "no value" or type(value)
    error("bad argument #" .. place .. " to '" .. name .. "' (string expected, got " .. got .. ")", 3)
  end
  return value .. ""
end

function struct.pack(...)
  local results = {answer(pack(check_text((...), 1, "pack"), select(2, ...)))}
  return results[1]
end

function struct.unpack(...)
  local form, data = check_text((...), 1, "unpack"), check_text(select(2, ...), 2, "unpack")
  return answer(unpack_host(form, data, (select(3, ...))))
end

function struct.size(...)
  return answer(size(check_text((...), 1, "size")))
end

return struct
