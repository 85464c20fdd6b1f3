"""The matcher in Lua beside the one in C, and bombs that C alone would not survive."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from lupa import lua51

from fivefold.errors import Limit
from fivefold.languages.redis import scripting
from tests.languages.redis.rig import Client

SOURCE = Path(scripting.__file__).with_name("lua") / "patterns.lua"
# fmt: off
ATOMS = [
    "a", "b", ".", "%a", "%d", "%s", "[ab]", "[^a]", "[a-c]", "[]a]", "[^]]", "$", "^", "%.",
    "%w", "[%w_]", "-", "x", "%z", "1", "%b()", "%f[%w]", "%1", "()", "[%]]", "[a-]", "%A", "[",
    "%",
]
# fmt: on
ROUNDS = 4000

SHOWN = b"""
function(f, ...)
  local function pack(...) return select('#', ...), {...} end
  local n, results = pack(pcall(f, ...))
  if not results[1] then return 'error' end
  for i = 1, n do results[i] = tostring(results[i]) end
  return table.concat(results, '|')
end
"""

ITERATED = b"""
function(gmatch)
  return function(s, p)
    local found = {}
    for a, b, c in gmatch(s, p) do
      found[#found + 1] = tostring(a) .. ',' .. tostring(b) .. ',' .. tostring(c)
    end
    return table.concat(found, ';')
  end
end
"""


def _pattern(draw: random.Random) -> bytes:
    parts, depth = [draw.choice(["", "", "", "^"])], 0
    for _ in range(draw.randint(1, 5)):
        if draw.random() < 0.2:
            parts.append("(")
            depth += 1
        parts += draw.choice(ATOMS), draw.choice(["", "", "*", "+", "-", "?"])
        if depth and draw.random() < 0.5:
            parts.append(")")
            depth -= 1
    return "".join([*parts, ")" * depth, draw.choice(["", "", "", "$"])]).encode()


def test_the_matcher_agrees_with_lua_s() -> None:
    lua = lua51.LuaRuntime(encoding=None)
    load = lua.eval(b"function(text) return assert(loadstring(text))(function() end) end")
    shown, iterated, real = lua.eval(SHOWN), lua.eval(ITERATED), lua.globals()[b"string"]
    _, ours, _ = load(SOURCE.read_bytes())
    draw = random.Random(7)
    for _ in range(ROUNDS):
        pattern = _pattern(draw)
        subject = bytes(draw.choice(b"aab b1(x)].-c") for _ in range(draw.randint(0, 12)))
        start, by = draw.choice([1, 1, 2, -1, 5, 20, -30]), draw.choice([b"<%0>", b"%1", b"z"])
        calls: list[tuple[bytes, tuple[Any, ...]]] = [
            (b"find", (subject, pattern, start)),
            (b"match", (subject, pattern, start)),
            (b"gsub", (subject, pattern, by)),
            (b"gsub", (subject, pattern, by, draw.randint(0, 3))),
        ]
        for name, arguments in calls:
            said = shown(ours[name], *arguments), shown(real[name], *arguments)
            assert said[0] == said[1], (name, arguments)
        said = tuple(shown(iterated(each[b"gmatch"]), subject, pattern) for each in (ours, real))
        assert said[0] == said[1], (subject, pattern)


@pytest.mark.parametrize(
    "source",
    [
        "return string.find(('a'):rep(30000), ('a*'):rep(50) .. 'b')",
        "return string.match(('a'):rep(3000), '^' .. ('.-'):rep(40) .. 'b$')",
        "return string.gsub(('a'):rep(3000), ('a+'):rep(30) .. 'b', '')",
        "for x in string.gmatch(('a'):rep(3000), ('a+'):rep(30) .. 'b') do end",
        "return ('a'):rep(60):find(('a?'):rep(60) .. ('a'):rep(61))",
        "return string.find(('a'):rep(16000000), ('a'):rep(8000000) .. 'b', 1, true)",
        "local s = ('a'):rep(8000000) return string.find(s .. s, s .. 'b')",
    ],
)
def test_bombs_are_ended(client: Client, source: str) -> None:
    client.commands.hub.scripts.time_ms_max = 100
    with pytest.raises(Limit, match="ended after 100 ms"):
        client.run("EVAL", source, 0)


def test_long_texts_are_searched(client: Client) -> None:
    source = r"""
    local text = ('key=value; '):rep(2000) .. 'last=one'
    local n = 0
    for k, v in text:gmatch('(%w+)=(%w+)') do n = n + 1 end
    return {n, text:match('^(.-)=(.-);'), (text:gsub('(%w+)=(%w+)', '%2'):sub(1, 12)),
            {text:find('(l%w+)=(o%w+)$')}, text:find('last=one', 1, true)}
    """
    assert client.run("EVAL", source, 0) == [
        *(2001, b"key", b"value; value", [22001, 22008, b"last", b"one"], 22001, 22008),
    ]
    malformed = client.answer("EVAL", "('x'):rep(99999):find('a*b*[c')", 0)
    assert b"malformed pattern (missing ']')" in malformed
