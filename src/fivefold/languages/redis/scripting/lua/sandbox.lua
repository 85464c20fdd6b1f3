-- The world of a script: what redis-server 7.0 lets it see, and nothing else.
--
-- Called once for each interpreter with the host's functions in a table; returns a table of the
-- functions that the host calls. The chunk is named "=[C]" and so looks like C in tracebacks, as it
-- is in redis-server. No object of the host ever reaches a script: its functions are called
-- from closures only, and answer with plain strings, numbers and booleans.
--
-- Redis has a switch in each table that makes it read-only. Here such a table is an empty
-- stand-in whose metatable leads to the true one; the functions that look past metatables
-- (next, rawget, rawset, setmetatable, table.insert ...) know the stand-ins.

local host, patterns = ...
local memory = host.memory
local as_function = python.as_function
local call_host, pull_host, tick_host = as_function(host.call), as_function(host.pull), as_function(host.tick)
local log_host, sha1_host, acl_host = as_function(host.log), as_function(host.sha1), as_function(host.acl)
local patch_host, setresp_host = as_function(host.patch), as_function(host.setresp)
local random_host, seed_host = as_function(host.random), as_function(host.seed)

local error, type, tostring, tonumber, select, unpack = error, type, tostring, tonumber, select, unpack
local next, pairs, ipairs, rawget, rawset, rawequal = next, pairs, ipairs, rawget, rawset, rawequal
local getmetatable, setmetatable, setfenv, assert = getmetatable, setmetatable, setfenv, assert
local pcall, xpcall, loadstring, collectgarbage = pcall, xpcall, loadstring, collectgarbage
local getinfo, sethook = debug.getinfo, debug.sethook
local find, gsub, rep, floor, concat = string.find, string.gsub, string.rep, math.floor, table.concat
local create, wrap = coroutine.create, coroutine.wrap

local READONLY = "Attempt to modify a readonly table"
local ABORTED = "Script was ended"
local OUT_OF_MEMORY = "not enough memory"  -- as Lua itself says
local TICK = 10000  -- instructions between two looks at the clock: about 0.1 ms

local G = {}  -- the true globals of scripts
local truth = setmetatable({}, {__mode = "k"})  -- stand-in -> the table it stands for
local stand_ins = {}  -- the other way round
local metatables = {}  -- stand-in -> what getmetatable gives for it
local aborted = false

local function refuse()
  error(READONLY, 2)
end

local function protect(table, metatable)
  local shown = setmetatable({}, {__index = table, __newindex = refuse})
  truth[shown] = table
  stand_ins[table] = shown
  metatables[shown] = metatable
  return shown
end

-- Raise the error of a wrapped function as if the script had called the function itself.
local function blame(name, ok, ...)
  if ok then return ... end
  local message = ...
  if type(message) == "string" then
    message = gsub(message, "'%?'", "'" .. name .. "'", 1)
    if find(message, "^bad argument") or find(message, "^wrong number") or find(message, "is obsolete$") then error(message, 3) end
  end
  error(message, 0)
end

-- Time and memory

local function abort()
  aborted = true
  error(ABORTED, 0)
end

local function tick()
  if aborted or tick_host() then
    aborted = true
    sethook(abort, "", 1)  -- so that no pcall holds it up
    error(ABORTED, 0)
  end
end

-- The base library

local function caught(ok, ...)
  if not ok and type((...)) == "table" then
    local message = (...).err
    if type(message) == "string" or type(message) == "number" then return false, message end
  end
  return ok, ...
end

function G.pcall(...)
  if select("#", ...) == 0 then return false, "attempt to call a boolean value" end
  return caught(pcall(...))
end

function G.xpcall(f, handler, ...)
  if select("#", ...) == 0 and handler == nil then return blame("xpcall", pcall(xpcall, f)) end
  return xpcall(f, function(problem)
    if aborted then return problem end
    return handler(problem)
  end)
end

function G.next(...)
  local t = ...
  local true_one = truth[t]
  if true_one then return next(true_one, select(2, ...)) end
  return blame("next", pcall(next, ...))
end

function G.pairs(...)
  local t = ...
  if type(t) ~= "table" then return blame("pairs", pcall(pairs, ...)) end
  return truth[t] and G.next or next, t, nil
end

function G.rawget(...)
  local t, key = ...
  if truth[t] then return rawget(truth[t], key) end
  if type(t) == "table" and select("#", ...) == 2 then return rawget(t, key) end
  return blame("rawget", pcall(rawget, ...))
end

function G.rawset(...)
  local t = ...
  if truth[t] and select("#", ...) > 2 then error(READONLY, 0) end
  return blame("rawset", pcall(rawset, ...))
end

function G.getmetatable(...)
  local t = ...
  if truth[t] then return metatables[t] end
  if type(t) == "string" then return metatables.string end
  if select("#", ...) == 0 then return blame("getmetatable", pcall(getmetatable)) end
  local metatable = getmetatable(t)
  return metatable and stand_ins[metatable] or metatable
end

function G.setmetatable(...)
  local t, metatable = ...
  if truth[t] then error(READONLY, 0) end
  if type(t) == "table" and truth[metatable] then return setmetatable(t, truth[metatable]) end
  return blame("setmetatable", pcall(setmetatable, ...))
end

local function compile(source, name)
  if find(source, "^\27") then source = " " .. source end  -- compiled chunks are no chunks
  local f, message = loadstring(source, name)
  if not f then return nil, message end
  f = loadstring(patch_host(string.dump(f)), name)
  return setfenv(f, G._G)
end

function G.loadstring(...)
  local source, name = ...
  if type(source) ~= "string" and type(source) ~= "number" then
    return blame("loadstring", pcall(loadstring, ...))
  end
  return compile(tostring(source), name == nil and tostring(source) or tostring(name))
end

function G.load(f, name)
  if type(f) ~= "function" then
    error("bad argument #1 to 'load' (function expected, got " .. (f == nil and "no value" or type(f)) .. ")", 2)
  end
  local parts = {}
  while true do
    local ok, part = pcall(f)
    if not ok then return nil, part end
    if part == nil or part == "" then break end
    if type(part) ~= "string" then return nil, "reader function must return a string" end
    parts[#parts + 1] = part
  end
  return compile(concat(parts), name == nil and "=(load)" or tostring(name))
end

for _, name in ipairs{"assert", "error", "gcinfo", "ipairs", "rawequal", "select", "tonumber", "tostring", "type", "unpack", "_VERSION"} do
  G[name] = _G[name]
end

function G.collectgarbage(...)
  local option = ...
  if option == "stop" or option == "setpause" or option == "setstepmul" then return 0 end
  return blame("collectgarbage", pcall(collectgarbage, ...))
end

-- Coroutines have a hook each.

local function hooked(f)
  if type(f) ~= "function" or getinfo(f, "S").what == "C" then return f end
  return function(...)
    sethook(tick, "", TICK)
    return f(...)
  end
end

local coroutines = {}
for name, f in pairs(coroutine) do coroutines[name] = f end

function coroutines.create(...)
  if type((...)) == "function" then return create(hooked((...))) end
  return blame("create", pcall(create, ...))
end

function coroutines.wrap(...)
  if type((...)) == "function" then return wrap(hooked((...))) end
  return blame("wrap", pcall(wrap, ...))
end

-- Tables: those functions that write past metatables.

for _, name in ipairs{"insert", "remove", "sort", "setn"} do
  local real = table[name]
  table[name] = function(...)
    local t = ...
    if truth[t] then  -- none of which is an array
      if name == "insert" then error(READONLY, 0) end
      return
    end
    if name == "sort" and type(t) == "table" then
      local compare = select(2, ...)
      if compare == nil or type(compare) == "function" then return real(...) end
    end
    return blame(name, pcall(real, ...))
  end
end

for _, name in ipairs{"foreach", "foreachi"} do
  local real = table[name]
  table[name] = function(t, f, ...)
    if type(t) == "table" and type(f) == "function" then return real(truth[t] or t, f) end
    return blame(name, pcall(real, t, f, ...))
  end
end

-- Strings: no function may take for ever.

function string.rep(...)
  local s, n = ...
  if type(s) == "string" and type(n) == "number" then
    if s == "" then return "" end
    if #s * n > memory then error(OUT_OF_MEMORY, 0) end
  end
  return blame("rep", pcall(rep, ...))
end

local resets = {}  -- what the host calls after a script
local is_small, slow, forget_patterns = patterns(tick)
resets[1] = forget_patterns

local function is_text(value)
  return type(value) == "string" or type(value) == "number"
end

for name, search in next, slow do
  local real = string[name]
  string[name] = function(...)
    local subject, pattern, third, fourth = ...
    local third_kind = type(third)
    if is_text(subject) and is_text(pattern) and (third == nil and name ~= "gsub" or is_text(third)
      or name == "gsub" and (third_kind == "function" or third_kind == "table")) then
      subject, pattern = tostring(subject), tostring(pattern)
      if is_small(subject, pattern, name == "find" and fourth) then return real(...) end
      if name ~= "gsub" then third = tonumber(third) end
      if name ~= "find" then fourth = tonumber(fourth) end
      return search(subject, pattern, third, fourth)
    end
    return blame(name, pcall(real, ...))
  end
end
string.gfind = string.gmatch

-- Random numbers are those of redis-server for the same seed.

local function whole(value, place, name)
  local number = tonumber(value)
  if not number or type(value) == "boolean" then
    local got = value == nil and "no value" or type(value)
    error("bad argument #" .. place .. " to '" .. name .. "' (number expected, got " .. got .. ")", 3)
  end
  return number < 0 and -floor(-number) or floor(number)
end

function math.random(...)
  local count = select("#", ...)
  local r = random_host()
  if count == 0 then return r end
  if count == 1 then
    local upper = whole((...), 1, "random")
    if upper < 1 then error("bad argument #1 to 'random' (interval is empty)", 2) end
    return floor(r * upper) + 1
  end
  if count == 2 then
    local lower, upper = whole((...), 1, "random"), whole(select(2, ...), 2, "random")
    if lower > upper then error("bad argument #2 to 'random' (interval is empty)", 2) end
    return floor(r * (upper - lower + 1)) + lower
  end
  error("wrong number of arguments", 2)
end

function math.randomseed(...)
  seed_host(whole((...), 1, "randomseed"))
end

-- redis

local redis = {
  LOG_DEBUG = 0, LOG_VERBOSE = 1, LOG_NOTICE = 2, LOG_WARNING = 3,
  REPL_NONE = 0, REPL_AOF = 1, REPL_SLAVE = 2, REPL_REPLICA = 2, REPL_ALL = 3,
  REDIS_VERSION = host.version, REDIS_VERSION_NUM = host.version_number,
}

local function fail(message)
  error({err = "ERR " .. message}, 0)
end

-- A reply that is no plain value comes as a row of marks and values, pulled in parts.
local row, place

local function take()
  local value = row[place]
  place = place + 1
  if place > 4000 then
    row, place = {pull_host()}, 1
  end
  return value
end

local build
function build()
  local kind = take()
  local value = take()
  if kind == 0 then return value end
  if kind == 1 then return {ok = value} end
  if kind == 2 then return {err = value} end
  if kind == 3 then
    local items = {}
    for i = 1, value do items[i] = build() end
    return items
  end
  if kind == 4 then
    local items = {}
    for i = 1, value do
      local key = build()
      items[key] = build()
    end
    return {map = items}
  end
  if kind == 5 then
    local items = {}
    for i = 1, value do items[build()] = true end
    return {set = items}
  end
  if kind == 6 then return {double = value} end
  if kind == 7 then return {big_number = value} end
  return {verbatim_string = {string = value, format = take()}}
end

local function answer(raising, kind, ...)
  if kind == 0 then return (...) end
  if kind == 1 then return {ok = (...)} end
  if kind == 3 then return {...} end
  if kind == 4 then
    row, place = {pull_host()}, 1
    return build()
  end
  if kind == 2 then
    local problem = {}
    problem.err = (...)
    problem.ignore_error_stats_update = true
    if raising then error(problem, 0) end
    return problem
  end
  if kind == 5 then
    if raising then error({err = (...)}, 0) end
    return {err = (...)}
  end
  aborted = true
  sethook(abort, "", 1)
  error(ABORTED, 0)
end

function redis.call(...)
  return answer(true, call_host(...))
end

function redis.pcall(...)
  return answer(false, call_host(...))
end

function redis.sha1hex(...)
  if select("#", ...) ~= 1 then fail("wrong number of arguments") end
  local text = ...
  local kind = type(text)
  return sha1_host((kind == "string" or kind == "number") and tostring(text) or "")
end

function redis.error_reply(...)
  local text = ...
  if select("#", ...) ~= 1 or type(text) ~= "string" then
    return {err = "ERR wrong number or type of arguments"}
  end
  text = gsub(gsub(text, "^%-", ""), "%z.*", "")
  local blank = find(text, " ", 1, true)
  local code, message = "ERR", text
  if blank then code, message = string.sub(text, 1, blank - 1), string.sub(text, blank + 1) end
  message = gsub(gsub(message, "^[\r\n]+", ""), "[\r\n]+$", "")
  return {err = code .. " " .. message}
end

function redis.status_reply(...)
  if select("#", ...) ~= 1 or type((...)) ~= "string" then
    return {err = "ERR wrong number or type of arguments"}
  end
  return {ok = (...)}
end

function redis.setresp(...)
  if select("#", ...) ~= 1 then fail("redis.setresp() requires one argument.") end
  local version = tonumber((...))
  version = version and floor(version)
  if version ~= 2 and version ~= 3 then fail("RESP version must be 2 or 3.") end
  setresp_host(version)
end

function redis.log(...)
  local level = tonumber((...))
  if select("#", ...) < 2 then fail("redis.log() requires two arguments or more.") end
  if not level then fail("First argument must be a number (log level).") end
  level = floor(level)
  if level < 0 or level > 3 then fail("Invalid debug level.") end
  local words = {}
  for i = 2, select("#", ...) do
    local word = select(i, ...)
    if type(word) == "string" or type(word) == "number" then words[#words + 1] = tostring(word) end
  end
  log_host(level, concat(words, " "))
end

function redis.set_repl(...)
  if select("#", ...) ~= 1 then fail("redis.set_repl() requires two arguments.") end
  local flags = tonumber((...)) or 0
  if flags < 0 or flags > 3 then
    fail("Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE.")
  end
end

function redis.replicate_commands()
  return true
end

function redis.breakpoint()
  return false
end

function redis.debug()
end

function redis.acl_check_cmd(...)
  local allowed, problem = acl_host(...)
  if problem then fail(problem) end
  return allowed
end

-- The globals

local function nonexistent(_, name)
  local kind = type(name)
  if kind ~= "string" and kind ~= "number" then
    error("Second argument to luaProtectedTableError must be a string or number", 2)
  end
  error("Script attempted to access nonexistent global variable '" .. tostring(name) .. "'", 2)
end

local function handler(problem)
  if aborted or problem == OUT_OF_MEMORY then return problem end
  local level = 2
  local info = getinfo(level, "Sl")
  while info and (info.source == "=[C]" or info.what == "tail") do  -- of ours: scripts have none
    level = level + 1
    info = getinfo(level, "Sl")
  end
  if type(problem) == "string" and info then  -- raised by C that was called from here
    problem = gsub(problem, "^%[C%]:%d+:", info.short_src .. ":" .. info.currentline .. ":")
  end
  if type(problem) ~= "table" then problem = {err = "ERR " .. tostring(problem)} end
  if info then
    problem.source = info.source
    problem.line = info.currentline
  end
  return problem
end

G.__redis__err__handler = handler
G.string = protect(string)
G.table = protect(table)
G.math = protect(math)
G.coroutine = protect(coroutines)
G.redis = protect(redis)
metatables.string = protect({__index = G.string})
getmetatable("").__index = string

local missing = {__index = nonexistent}
setmetatable(G, missing)
local globals = protect(G, protect(missing))
G._G = globals

-- What the host calls

local functions = {}
local api = {}

function api.library(name, chunk, functions_of_host)
  local library, reset = chunk(functions_of_host)
  G[name] = protect(library)
  resets[#resets + 1] = reset
end

function api.compile(sha, source)
  local f, message = compile(source, "@user_script")
  if not f then return message end
  functions[sha] = f
end

function api.knows(sha)
  return functions[sha] ~= nil
end

function api.forget()
  functions = {}
end

-- The script's result as a row of marks and values, as ``build`` reads them.
local function flat(value, out, depth)
  local n = #out
  local kind = type(value)
  if kind == "string" or kind == "number" or kind == "boolean" then
    out[n + 1], out[n + 2] = 0, value
  elseif kind ~= "table" then
    out[n + 1], out[n + 2] = 8, false
  elseif depth > 250 then
    out[n + 1], out[n + 2] = 2, "ERR reached lua stack limit"
  else
    value = truth[value] or value
    local part = rawget(value, "err")
    if type(part) == "string" then out[n + 1], out[n + 2] = 2, part return end
    part = rawget(value, "ok")
    if type(part) == "string" then out[n + 1], out[n + 2] = 1, part return end
    part = rawget(value, "double")
    if type(part) == "number" then out[n + 1], out[n + 2] = 6, part return end
    part = rawget(value, "big_number")
    if type(part) == "string" then out[n + 1], out[n + 2] = 7, part return end
    part = rawget(value, "verbatim_string")
    if type(part) == "table" then
      local format, text = rawget(part, "format"), rawget(part, "string")
      if type(format) == "string" and type(text) == "string" then
        out[n + 1], out[n + 2], out[n + 3] = 9, text, format
        return
      end
    end
    part = rawget(value, "map")
    if type(part) == "table" then
      out[n + 1], out[n + 2] = 4, 0
      local count = 0
      for key, item in next, part do
        flat(key, out, depth + 1)
        flat(item, out, depth + 1)
        count = count + 1
      end
      out[n + 2] = count
      return
    end
    part = rawget(value, "set")
    if type(part) == "table" then
      out[n + 1], out[n + 2] = 5, 0
      local count = 0
      for key in next, part do
        flat(key, out, depth + 1)
        count = count + 1
      end
      out[n + 2] = count
      return
    end
    out[n + 1], out[n + 2] = 3, 0
    local count = 0
    while true do
      local item = rawget(value, count + 1)
      if item == nil then break end
      count = count + 1
      flat(item, out, depth + 1)
    end
    out[n + 2] = count
  end
end

local words = {}  -- of the script that is about to run

function api.feed(...)
  local n = #words
  for i = 1, select("#", ...) do words[n + i] = (select(i, ...)) end
end

local out

function api.run(sha, key_count, ...)
  local all = {...}
  if #words > 0 then all, words = words, {} end
  local keys, arguments = {}, {}
  for i = 1, key_count do keys[i] = all[i] end
  for i = key_count + 1, #all do arguments[i - key_count] = all[i] end
  G.KEYS, G.ARGV = keys, arguments
  aborted = false
  sethook(tick, "", TICK)
  local ok, result = xpcall(functions[sha], handler)
  if aborted then
    sethook()
    return -1
  end
  if not ok then
    sethook()
    if result == OUT_OF_MEMORY then return -1 end
    if type(result) ~= "table" then return -2, tostring(result) end
    local message, source, line = result.err, result.source, result.line
    if type(message) ~= "string" and type(message) ~= "number" then message = "ERR unknown error" end
    if source ~= nil and line ~= nil then return -3, tostring(message), tostring(source), tostring(line) end
    return -3, tostring(message)
  end
  local kind = type(result)
  if kind == "string" or kind == "number" or kind == "boolean" then
    sethook()
    return 0, result
  end
  if kind ~= "table" then
    sethook()
    return 8
  end
  out = {}
  ok, result = pcall(flat, result, out, 0)
  sethook()
  if not ok then
    out = nil
    return -1
  end
  return 1, #out, unpack(out, 1, #out < 4000 and #out or 4000)
end

function api.rest(from)
  return unpack(out, from, #out < from + 3999 and #out or from + 3999)
end

function api.clean()
  for i = 1, #resets do resets[i]() end
  out = nil
  G.KEYS, G.ARGV = nil, nil
end

return api
