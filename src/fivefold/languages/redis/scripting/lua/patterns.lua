-- Lua 5.1's pattern matching in Lua, for subjects and patterns with which C might not come back.
--
-- C cannot be interrupted, and a pattern with k repetitions may take time in the order of the
-- subject's length to the power of k. Where that bound is high the same search is done here, slower,
-- but under the clock. Source: Lua 5.1 Reference Manual, 5.4.1.

local tick = ...  -- looks at the clock; C calls that take long do not
local STEPS_MAX = 2e7  -- of C's matcher: about a tenth of a second

local error, type, tostring, select, unpack, pcall = error, type, tostring, select, unpack, pcall
local byte, sub, find, gsub, concat = string.byte, string.sub, string.find, string.gsub, table.concat
local max = math.max

local PERCENT, OPEN_SET, CLOSE_SET, CARET, DASH = 37, 91, 93, 94, 45
local OPEN, CLOSE, DOT, STAR, PLUS, QUESTION, DOLLAR = 40, 41, 46, 42, 43, 63, 36
local POSITION, UNCLOSED = -2, -1

local lengths = {}  -- pattern -> the longest subject for which C may do it; while a script runs

local function longest(pattern)
  if not find(pattern, "[%^$*+?.()[%%-]") then return 50 * STEPS_MAX / (#pattern + 1) end
  local bare = gsub(gsub(pattern, "%%.", "x"), "%[%^?%]?[^%]]*%]", "x")
  local _, repetitions = gsub(bare, "[*+-]", "")
  local _, choices = gsub(bare, "%?", "")
  if byte(pattern) ~= CARET then repetitions = repetitions + 1 end
  if repetitions == 0 then return choices < 24 and STEPS_MAX or 0 end
  return (STEPS_MAX / 2 ^ choices) ^ (1 / repetitions)
end

-- Say whether C may do it.
local function is_small(subject, pattern, plain)
  if plain then return #subject * #pattern < 50 * STEPS_MAX end
  local length = lengths[pattern]
  if not length then
    length = longest(pattern)
    lengths[pattern] = length
  end
  return #subject < length
end

-- Return where the item of a pattern that begins at p ends.
local function item_end(pattern, p)
  local c = byte(pattern, p)
  if c == PERCENT then
    if p >= #pattern then error("malformed pattern (ends with '%')", 0) end
    return p + 2
  end
  if c ~= OPEN_SET then return p + 1 end
  p = p + 1
  if byte(pattern, p) == CARET then p = p + 1 end
  repeat
    local inside = byte(pattern, p)
    if not inside then error("malformed pattern (missing ']')", 0) end
    p = p + (inside == PERCENT and p < #pattern and 2 or 1)
  until byte(pattern, p) == CLOSE_SET
  return p + 1
end

-- Say whether a letter is one of an item's; C decides, once for each of both.
local function fits(state, letter, item)
  local of_item = state[item]
  if not of_item then
    of_item = {}
    state[item] = of_item
  end
  local known = of_item[letter]
  if known == nil then
    if #item == 1 and item ~= "." then known = letter == item else known = find(letter, "^" .. item) ~= nil end
    of_item[letter] = known
  end
  return known
end

local match

local function capture(state, index)
  if index < 1 or index > state.level or state[index][2] == UNCLOSED then
    error("invalid capture index", 0)
  end
  return index
end

local function balance(state, s, p)
  local opening, closing = byte(state.pattern, p, p + 1)
  if not closing then error("unbalanced pattern", 0) end
  if byte(state.subject, s) ~= opening then return nil end
  local depth = 1
  for at = s + 1, #state.subject do
    local letter = byte(state.subject, at)
    if letter == closing then
      depth = depth - 1
      if depth == 0 then return at + 1 end
    elseif letter == opening then
      depth = depth + 1
    end
  end
  return nil
end

local function open_capture(state, s, p, kind)
  local level = state.level + 1
  if level > 32 then error("too many captures", 0) end
  state[level] = {s, kind}
  state.level = level
  local stop = match(state, s, p)
  if not stop then state.level = level - 1 end
  return stop
end

local function close_capture(state, s, p)
  for level = state.level, 1, -1 do
    if state[level][2] == UNCLOSED then
      state[level][2] = s - state[level][1]
      local stop = match(state, s, p)
      if not stop then state[level][2] = UNCLOSED end
      return stop
    end
  end
  error("invalid pattern capture", 0)
end

local function frontier(state, s, p)
  if byte(state.pattern, p) ~= OPEN_SET then error("missing '[' after '%f' in pattern", 0) end
  local stop = item_end(state.pattern, p)
  local set = sub(state.pattern, p, stop - 1)
  local before = s == 1 and "\0" or sub(state.subject, s - 1, s - 1)
  local after = s > #state.subject and "\0" or sub(state.subject, s, s)
  if fits(state, before, set) or not fits(state, after, set) then return nil end
  return stop
end

-- Return where the match of the pattern from p on, at s, ends.
function match(state, s, p)
  local subject, pattern = state.subject, state.pattern
  while true do
    if p > #pattern then return s end
    local c = byte(pattern, p)
    if c == OPEN then
      if byte(pattern, p + 1) == CLOSE then return open_capture(state, s, p + 2, POSITION) end
      return open_capture(state, s, p + 1, UNCLOSED)
    elseif c == CLOSE then
      return close_capture(state, s, p + 1)
    elseif c == DOLLAR and p == #pattern then
      return s > #subject and s or nil
    end
    local kind = c == PERCENT and sub(pattern, p + 1, p + 1) or ""
    if kind == "b" then
      s = balance(state, s, p + 2)
      if not s then return nil end
      p = p + 4
    elseif kind == "f" then
      p = frontier(state, s, p + 2)
      if not p then return nil end
    elseif kind ~= "" and find(kind, "%d") then
      local held = state[capture(state, kind + 0)]
      if held[2] == POSITION then return nil end
      local text = sub(subject, held[1], held[1] + held[2] - 1)
      if sub(subject, s, s + #text - 1) ~= text then return nil end
      s, p = s + #text, p + 2
    else
      local after = item_end(pattern, p)
      local item = sub(pattern, p, after - 1)
      local suffix = byte(pattern, after)
      local here = s <= #subject and fits(state, sub(subject, s, s), item)
      if suffix == QUESTION then
        local stop = here and match(state, s + 1, after + 1)
        if stop then return stop end
        p = after + 1
      elseif suffix == STAR or suffix == PLUS then
        local count = 0
        while s + count <= #subject and fits(state, sub(subject, s + count, s + count), item) do count = count + 1 end
        for taken = count, suffix == PLUS and 1 or 0, -1 do
          local stop = match(state, s + taken, after + 1)
          if stop then return stop end
        end
        return nil
      elseif suffix == DASH then
        while true do
          local stop = match(state, s, after + 1)
          if stop then return stop end
          if s > #subject or not fits(state, sub(subject, s, s), item) then return nil end
          s = s + 1
        end
      else
        if not here then return nil end
        s, p = s + 1, after
      end
    end
  end
end

local function one_capture(state, level, start, stop)
  if level > state.level then
    if level == 1 then return sub(state.subject, start, stop - 1) end
    error("invalid capture index", 0)
  end
  local from, length = state[level][1], state[level][2]
  if length == UNCLOSED then error("unfinished capture", 0) end
  if length == POSITION then return from end
  return sub(state.subject, from, from + length - 1)
end

local function captures(state, start, stop, whole)
  local found = {}
  local count = state.level == 0 and whole and 1 or state.level
  for level = 1, count do found[level] = one_capture(state, level, start, stop) end
  return found, count
end

-- Return the first match at or after ``at``, and where it ends.
local function search(state, at)
  local anchored = byte(state.pattern) == CARET
  repeat
    state.level = 0
    local stop = match(state, at, anchored and 2 or 1)
    if stop then return at, stop end
    at = at + 1
  until anchored or at > #state.subject + 1
  return nil
end

local function beginning(subject, init)
  if init < 0 then init = max(#subject + init + 1, 1) end
  return max(init, 1)
end

local function plain_find(subject, text, init)
  local step = math.ceil(STEPS_MAX * 50 / (#text + 1))
  for from = init, #subject, step do
    tick()
    local start, stop = find(sub(subject, from, from + step + #text - 2), text, 1, true)
    if start then return from + start - 1, from + stop - 1 end
  end
  return nil
end

local slow = {}

function slow.find(subject, pattern, init, plain)
  init = beginning(subject, init or 1)
  if init > #subject + 1 then init = #subject + 1 end
  if plain or not find(pattern, "[%^$*+?.()[%%-]") then return plain_find(subject, pattern, init) end
  local state = {subject = subject, pattern = pattern, level = 0}
  local start, stop = search(state, init)
  if not start then return nil end
  local found, count = captures(state, start, stop, false)
  return start, stop - 1, unpack(found, 1, count)
end

function slow.match(subject, pattern, init)
  init = beginning(subject, init or 1)
  if init > #subject + 1 then init = #subject + 1 end
  local state = {subject = subject, pattern = pattern, level = 0}
  local start, stop = search(state, init)
  if not start then return nil end
  local found, count = captures(state, start, stop, true)
  return unpack(found, 1, count)
end

function slow.gmatch(subject, pattern)
  local state = {subject = subject, pattern = pattern, level = 0}
  local at = 1
  return function()
    for start = at, #subject + 1 do
      state.level = 0
      local stop = match(state, start, 1)
      if stop then
        at = stop == start and stop + 1 or stop
        local found, count = captures(state, start, stop, true)
        return unpack(found, 1, count)
      end
    end
    at = #subject + 2
    return nil
  end
end

local function replaced(state, start, stop, by)
  local kind = type(by)
  local value
  if kind == "table" then
    value = by[one_capture(state, 1, start, stop)]
  elseif kind == "function" then
    local found, count = captures(state, start, stop, true)
    value = by(unpack(found, 1, count))
  else
    return (gsub(by, "%%(.?)", function(letter)
      if letter == "0" then return sub(state.subject, start, stop - 1) end
      if find(letter, "%d") then return tostring(one_capture(state, letter + 0, start, stop)) end
      return letter
    end))
  end
  if not value then return sub(state.subject, start, stop - 1) end
  if type(value) ~= "string" and type(value) ~= "number" then
    error("invalid replacement value (a " .. type(value) .. ")", 0)
  end
  return tostring(value)
end

function slow.gsub(subject, pattern, by, limit)
  local state = {subject = subject, pattern = pattern, level = 0}
  local anchored = byte(pattern) == CARET
  local parts, count, at = {}, 0, 1
  limit = limit or #subject + 1
  while count < limit do
    state.level = 0
    local stop = match(state, at, anchored and 2 or 1)
    if stop then
      count = count + 1
      parts[#parts + 1] = replaced(state, at, stop, by)
    end
    if stop and stop > at then
      at = stop
    elseif at <= #subject then
      parts[#parts + 1] = sub(subject, at, at)
      at = at + 1
    else
      break
    end
    if anchored then break end
  end
  parts[#parts + 1] = sub(subject, at)
  return concat(parts), count
end

return is_small, slow, function() lengths = {} end
