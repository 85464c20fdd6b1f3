"""What a script may not do: take for ever, take all memory, get out, leave something behind."""

# ruff: noqa: E501 - scripts are lines

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from fivefold.errors import InvalidStatement, Limit
from tests.languages.redis.rig import Client, Rig


@pytest.fixture(scope="module")
def one_rig() -> Iterator[Rig]:
    made = Rig(":memory:")
    yield made
    made.close()


@pytest.fixture
def rig(one_rig: Rig) -> Rig:
    """A store for all of them, emptied."""
    one_rig.client().run("FLUSHALL")
    one_rig.client().commands.hub.scripts.clear()
    return one_rig


@pytest.fixture
def hasty(rig: Rig) -> Iterator[Client]:
    """A client whose scripts are ended after 50 ms."""
    client = rig.client()
    scripts = client.commands.hub.scripts
    usual, scripts.time_ms_max = scripts.time_ms_max, 50
    yield client
    scripts.time_ms_max = usual


ENDLESS = [
    "while true do end",
    "while true do pcall(function() while true do end end) end",
    "repeat until xpcall(function() while true do end end, function() while true do end end) == 5",
    "xpcall(function() while true do end end, function() while true do end end)",
    "local function f() return f() end while true do pcall(f) end",
    "local function f() return pcall(f) end f() while true do end",
    "while true do redis.pcall('get', 'x') end",
    "while true do redis.pcall('nosuch') end",
    "coroutine.wrap(function() while true do end end)()",
    "while true do coroutine.resume(coroutine.create(function() while true do end end)) end",
    "setmetatable({}, {__tostring = 5}) string.gsub(('x'):rep(1000000), 'x', function() while true do end end)",
    "table.sort({3, 2, 1}, function() while true do end end)",
    "loadstring('while true do end')()",
    "load(function() while true do end end)",
    "for i = 1, 1e18 do end",
    "string.rep('', 1e18) while true do end",
    "return cjson.encode(setmetatable({}, {__index = function() while true do end end})) .. (function() while true do end end)()",
]


@pytest.mark.parametrize("source", ENDLESS)
def test_what_does_not_end_is_ended_and_undone(hasty: Client, source: str) -> None:
    hasty.run("SET", "kept", "1")
    with pytest.raises(Limit, match="ended after 50 ms"):
        hasty.run(
            "EVAL", f"redis.call('set', 'kept', '2') redis.call('set', 'new', '1') {source}", 0
        )
    assert hasty.run("MGET", "kept", "new") == [b"1", None]
    assert hasty.run("EVAL", "return redis.call('incr', 'kept')", 0) == 2


def test_a_script_that_ends_undoes_the_whole_of_its_multi(hasty: Client) -> None:
    hasty.run("MULTI")
    hasty.run("SET", "a", "1")
    hasty.run("EVAL", "redis.call('set', 'b', '1') while true do end", 0)
    with pytest.raises(Limit):
        hasty.run("EXEC")
    assert hasty.run("MGET", "a", "b") == [None, None]
    assert hasty.session.queue is None


@pytest.mark.parametrize(
    "source",
    [
        "local s = 'x' while true do s = s .. s end",
        "local t = {} for i = 1, 1e9 do t[i] = i end",
        "return ('x'):rep(1e9)",
        "local s = ('x'):rep(1e6) local t = {} while true do t[#t + 1] = s .. #t end",
        "return redis.call('append', 'a', ('x'):rep(5e8))",
        "local t = {} while true do t[#t + 1] = coroutine.create(function() end) end",
    ],
)
def test_memory_is_limited(client: Client, source: str) -> None:
    with pytest.raises(Limit, match="memory"):
        client.run("EVAL", f"redis.call('set', 'a', 'x') {source}", 0)
    assert client.run("GET", "a") is None
    assert client.run("EVAL", "return 7", 0) == 7


def test_memory_that_was_asked_for_in_vain_may_be_done_without(client: Client) -> None:
    source = (
        "local ok, e = pcall(string.rep, 'x', 1e9) return {tostring(ok), e, redis.call('ping')}"
    )
    assert client.run("EVAL", source, 0) == [b"false", b"not enough memory", "PONG"]


def test_a_script_is_killed(rig: Rig) -> None:
    """By another client, on another thread; what it wrote is undone."""
    client, other = rig.client(), rig.client()
    client.run("SET", "a", "1")
    failures: list[Limit] = []

    def run() -> None:
        with pytest.raises(Limit, match="killed by user") as caught:
            client.run("EVAL", "redis.call('set', 'a', '2') while true do end", 0)
        failures.append(caught.value)

    thread = threading.Thread(target=run)
    thread.start()
    while other.answer("SCRIPT", "KILL") != b"+OK\r\n":
        pass
    thread.join(20)
    assert failures
    assert client.run("GET", "a") == b"1"
    assert other.answer("SCRIPT", "KILL").startswith(b"-NOTBUSY No scripts in execution right now.")


# What there is to get hold of

REACHABLE = """
local seen, found = {}, {}
local function look(value, path)
  local kind = type(value)
  if kind == 'userdata' and value ~= cjson.null then found[#found + 1] = path .. ': ' .. tostring(value) end
  if (kind ~= 'table' and kind ~= 'function') or seen[value] then return end
  seen[value] = true
  if kind == 'table' then
    for k, v in pairs(value) do
      look(k, path .. '.key')
      look(v, path .. '.' .. tostring(k))
    end
  end
  local metatable = getmetatable(value)
  if metatable then look(metatable, path .. '.meta') end
end
look(_G, '_G')
look(getmetatable(''), 'string')
return found
"""


def test_no_object_of_the_host_is_reachable(client: Client) -> None:
    assert client.run("EVAL", REACHABLE, 1, "a", "b") == []


@pytest.mark.parametrize(
    "name",
    [
        "python",
        "debug",
        "os",
        "io",
        "package",
        "require",
        "module",
        "dofile",
        "loadfile",
        "print",
        "getfenv",
        "setfenv",
        "newproxy",
        "table.move",
        "jit",
        "ffi",
        "eval",
        "builtins",
        "host",
        "api",
    ],
)
def test_absent(client: Client, name: str) -> None:
    answer = client.answer("EVAL", f"return {name}", 0)
    assert b"nonexistent global variable" in answer or answer == b"$-1\r\n"


@pytest.mark.parametrize(
    "source",
    [
        "local f = getmetatable(_G).__index return tostring(pcall(f)) ",
        "return tostring(getmetatable(redis))",
        "local ok, e = pcall(redis.call, {}) return type(e)",
        "local ok, e = pcall(redis.call, redis.call) return type(e)",
        "local ok, e = pcall(redis.call, 'set', 'a', coroutine.create(function() end)) return type(e)",
        "local ok, e = pcall(redis.sha1hex, setmetatable({}, {__tostring = 1})) return type(e)",
        "local ok, e = pcall(struct.pack, 'i', {}) return type(e)",
        "local ok, e = pcall(struct.pack, {}, 1) return type(e)",
        "local ok, e = pcall(struct.unpack, 'i', 'abcdefgh', {}) return type(e)",
        "local ok, e = pcall(struct.unpack, 'i', 'abcdefgh', 1e300) return type(e)",
        "local ok, e = pcall(struct.unpack, 'c0', 'abc') return type(e)",
        "local ok, e = pcall(struct.unpack, 'dc0', struct.pack('d', 1/0)) return type(e)",
        "local ok, e = pcall(struct.unpack, 'dc0', struct.pack('d', 0/0)) return type(e)",
        "local ok, e = pcall(struct.size, '!99999999999999999999 c99999999999999999999') return type(e)",
        "local ok, e = pcall(bit.band, {}) return type(e)",
        "local ok, e = pcall(bit.band, 1, 2, {}, function() end) return type(e)",
        "local ok, e = pcall(bit.tohex, 1, 1/0) return type(e)",
        "local ok, e = pcall(bit.lshift, '1', '0x5') return type(e)",
        "local ok, e = pcall(cmsgpack.unpack, '\\203') return type(e)",
        "local ok, e = pcall(cmsgpack.pack, 0/0) return type(e)",
        "local ok, e = pcall(math.randomseed, 1/0) return type(e)",
        "local ok, e = pcall(math.randomseed, 0/0) return type(e)",
        "local ok, e = pcall(redis.log, 1/0, 'x') return type(e)",
        "local ok, e = pcall(redis.log, 0/0, 'x') return type(e)",
        "local ok, e = pcall(redis.setresp, 0/0) return type(e)",
        "local ok, e = pcall(redis.acl_check_cmd, {}) return type(e)",
        "local ok, e = pcall(loadstring, string.dump(function() return python end)) return type(e)",
        "local ok, e = pcall(string.dump, redis.call) return type(e)",
        "return type(string.dump(redis.pcall))",
        "local ok, e = pcall(coroutine.wrap, redis.call) return type(e)",
        "return type(select(2, pcall(error)))",
        "return type(__redis__err__handler('x'))",
    ],
)
def test_nothing_of_the_host_comes_out(client: Client, source: str) -> None:
    """Whatever goes wrong, the script sees a word of Lua's."""
    answer = client.run("EVAL", source, 0)
    assert isinstance(answer, bytes)
    assert answer in (b"string", b"table", b"nil", b"number", b"function", b"thread", b"false"), (
        answer
    )
    assert client.run("EVAL", "return redis.call('ping')", 0) == "PONG"


LASTING = [
    "x = 1",
    "_G.x = 1",
    "rawset(_G, 'x', 1)",
    "string.x = 1",
    "redis.x = 1",
    "getmetatable('').x = 1",
    "getmetatable('').__index.x = 1",
    "getmetatable(_G).__index = function() return 1 end",
    "getmetatable(setmetatable({}, string)).x = 1",
    "for _, t in pairs(_G) do if type(t) == 'table' then pcall(rawset, t, 'x', 1) end end",
    "for _, t in pairs(_G) do if type(t) == 'table' then pcall(table.insert, t, 'x') end end",
    "for _, t in pairs(_G) do if type(t) == 'table' then pcall(function() t.x = 1 end) end end",
    "local _, t = pairs(_G) pcall(rawset, t, 'x', 1) pcall(function() t.x = 1 end)",
    "table.foreach(_G, function(k, t) if type(t) == 'table' then pcall(rawset, t, 'x', 1) end end)",
    "pcall(setmetatable, _G, {__index = function() return 1 end})",
    "pcall(setmetatable, '', {__index = function() return 1 end})",
    "pcall(__redis__err__handler, redis)",
    "pcall(__redis__err__handler, _G)",
    "cjson.encode_sparse_array(true)",
    "cjson.encode_max_depth(1) cjson.decode_max_depth(1) cjson.encode_number_precision(1)",
    "collectgarbage('stop')",
    "redis.setresp(3)",
    "redis.call('select', 5)",
    "math.random = nil",
    "KEYS.x, ARGV.x = 1, 1",
    "coroutine.wrap(function() coroutine.yield() end)()",
]

UNTOUCHED = """
local found = {}
for name, value in pairs(_G) do
  if name == 'x' or (type(value) == 'table' and rawget(value, 'x')) then found[#found + 1] = name end
  if type(value) == 'table' and value ~= KEYS and value ~= ARGV and rawget(value, 1) then found[#found + 1] = name end
end
if ('').x or KEYS.x or ARGV.x or redis.source or redis.line then found[#found + 1] = 'more' end
if pcall(function() return y end) then found[#found + 1] = 'nonexistent' end
if pcall(cjson.encode, {[1] = 1, [100] = 1}) then found[#found + 1] = 'cjson' end
found[#found + 1] = cjson.encode({{1 / 3}})
found[#found + 1] = type(redis.call('get', 'nokey'))
found[#found + 1] = type(math.random())
return found
"""


@pytest.mark.parametrize("source", LASTING)
def test_nothing_is_left_for_the_next_script(client: Client, source: str) -> None:
    client.run("EVAL", "return 1", 0)
    client.answer("EVAL", source, 0)
    wanted = [b"[[0.33333333333333]]", b"boolean", b"number"]
    assert client.run("EVAL", UNTOUCHED, 0) == wanted
    assert client.session.database == 0
    assert client.session.protocol == 2


def test_an_error_leaves_what_was_written_before_it(client: Client) -> None:
    with pytest.raises(InvalidStatement, match="late script: "):
        client.run("EVAL", "redis.call('set', 'a', '1') error('late')", 0)
    assert client.run("GET", "a") == b"1"


def test_a_script_that_goes_elsewhere_makes_the_database(client: Client) -> None:
    source = (
        "redis.call('set', 'a', 1) redis.call('select', ARGV[1]) return redis.call('set', 'b', 2)"
    )
    for number in (3, 9):
        assert client.run("EVAL", source, 0, number) == "OK"
        client.run("SELECT", number)
        assert client.run("GET", "b") == b"2"
        client.run("SELECT", 0)
    assert client.run("EVAL", "return redis.call('copy', 'a', 'c', 'DB', 7)", 0) == 1


def test_smaller_than_redis(client: Client) -> None:
    deep = "local t = {} for i = 1, 300 do t = {t} end return t"
    assert b"-ERR reached lua stack limit" in client.answer("EVAL", deep, 0)
    tail = "local function f(n) if n == 0 then return 'x' end return f(n - 1) end return f(1e6)"
    assert b"stack overflow" in client.answer("EVAL", tail, 0)
    assert b"no debugger" in client.answer("SCRIPT", "DEBUG", "YES")
