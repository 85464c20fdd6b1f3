"""Sequences of steps drawn from commands.txt: commands of two clients, MULTI, scripts, time.

A sequence has one to three families of commands as its theme, so that their keys meet often.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from hypothesis import strategies as st

from fivefold.languages.redis.commands import COMMANDS
from tests.languages.redis.sequences import words as kinds
from tests.languages.redis.sequences.grammar import CHANCES, Shape, draw_command, read
from tests.languages.redis.sequences.sides import CLIENTS


@dataclass(frozen=True, slots=True)
class Say:
    """A client's command. One that ``waits`` is said in MULTI only."""

    who: int
    words: tuple[bytes, ...]
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Advance:
    """Time goes on."""

    ms: int


@dataclass(frozen=True, slots=True)
class Restore:
    """RESTORE of what the same side's DUMP says of a key of database 0."""

    who: int
    source: bytes
    words: tuple[bytes, ...]  # key, ttl, options
    cut: bool = False  # a payload that lost a byte


Step = Say | Advance | Restore
Turn = tuple[Step, ...]
"""What is done without another client in between; a client's own commands may be pipelined."""

SHAPES = tuple(
    shape
    for shape in read(Path(__file__).with_name("commands.txt"))
    if shape.name.lower().encode() in COMMANDS or shape.name == "NOSUCH"
)
FAMILIES = {shape.family: shape for shape in SHAPES}.keys()
THEMES = sorted(FAMILIES - {"keys", "connection"})

CALL = b"return redis.call(unpack(ARGV))"
SCRIPTS = [
    CALL,
    CALL,
    b"return redis.pcall(unpack(ARGV))",
    b"local r = redis.pcall(unpack(ARGV)) return type(r)",
    b"redis.setresp(3) return redis.call(unpack(ARGV))",
    b"local r = redis.pcall(unpack(ARGV)) if type(r) == 'table' then"
    b" if r.err then return redis.error_reply(r.err) end return #r end return r",
    b"redis.call('SET', 's1', 'before') return redis.call(unpack(ARGV))",
    b"return {1, 2.9, 'a', false, true, {'x', {}}, nil, 7}",
    b"return {KEYS[1], ARGV[1], ARGV[2], #ARGV}",
    b"return cjson.encode({a=1, b={1,2,3}})",
    b"return tostring(cjson.decode('[1, null, {\"a\": 1.5}]')[3].a)",
    b"return redis.sha1hex(ARGV[1] or '')",
    b"return redis.status_reply('FINE')",
    b"return redis.error_reply('MY own error')",
    b"return nosuch",
    b"return redis.call('NOSUCH')",
    b"return redis.call()",
    b"return redis.call('GET')",
    b"this is no lua",
    b"error('boom')",
    b"error({err='MY boom'})",
    b"return {ok='GOOD', 1}",
    b"return {err='My bad'}",
    b"return string.format('%d %s %.3f', 3, 'x', 1.5) .. #KEYS",
    b"local n = 0 for i, v in ipairs(ARGV) do n = n + (tonumber(v) or 0) end return n",
    b"return {redis.call('INCR', 'n1'), redis.call('TYPE', 'n1').ok, redis.pcall('LLEN', 'n1')}",
    b"return redis.call('TIME')",
]
_RANDOM = (b"SRANDMEMBER", b"HRANDFIELD", b"ZRANDMEMBER")
_REPEATS_LEAST = -100


def _safe(words: list[bytes]) -> tuple[bytes, ...]:
    """Have nobody ask for more random members than either side can give in a lifetime."""
    if any(word.upper() in _RANDOM for word in words):
        return tuple(b"-7" if _is_below(word) else word for word in words)
    return tuple(words)


def _is_below(word: bytes) -> bool:
    return word[:1] == b"-" and word[1:].isdigit() and int(word) < _REPEATS_LEAST


def _alone(words: list[bytes]) -> list[bytes]:
    """Where nobody can look at what SPOP took, it takes all."""
    if words[0].upper() == b"SPOP" and len(words) > 1:
        return [*words[:2], b"100"]
    return words


class Drawing:
    """Draws turns of a theme."""

    def __init__(self, draw: st.DrawFn, themes: list[str]) -> None:
        self._draw = draw
        self._theme = [shape for shape in SHAPES if shape.family in themes]
        self._keys = [shape for shape in SHAPES if shape.family == "keys"]
        self._connection = [shape for shape in SHAPES if shape.family == "connection"]

    def turn(self) -> Turn:
        """Return what is done without another client in between."""
        fate, who = self._draw(CHANCES), self._draw(st.integers(0, CLIENTS - 1))
        if fate < 70:
            return (self._say(who),)
        if fate < 78:
            return (Advance(self._draw(st.sampled_from([1, 499, 500, 1000, 1001, 10_000]))),)
        if fate < 88:
            return self._multi(who)
        if fate < 94 and b"eval" in COMMANDS:
            return (self._script(who),)
        if fate < 96 and b"restore" in COMMANDS:
            return (self._restore(who),)
        if fate < 98:
            stray = st.sampled_from([b"EXEC", b"DISCARD", b"UNWATCH", b"RESET", b"WATCH", b"MULTI"])
            return (Say(who, (self._draw(stray),)), Say(who, (b"DISCARD",)))
        return tuple(self._say(who) for _ in range(3))

    def _shape(self) -> Shape:
        fate = self._draw(CHANCES)
        shapes = self._theme if fate < 80 else self._keys if fate < 96 else self._connection
        return shapes[self._draw(st.integers(0, len(shapes) - 1))]

    def _say(self, who: int) -> Say:
        shape = self._shape()
        return Say(who, _safe(draw_command(shape, self._draw)), shape.waits)

    def _queued(self, who: int) -> Say:
        shape = self._shape()
        return Say(who, _safe(_alone(draw_command(shape, self._draw))), shape.waits)

    def _multi(self, who: int) -> Turn:
        draw = self._draw
        begun: list[Step] = []
        between: list[Step] = []
        if draw(CHANCES) < 35:
            begun.append(Say(who, (b"WATCH", draw(kinds.KINDS["key"]), draw(kinds.KINDS["key"]))))
            if draw(CHANCES) < 60:
                between = [self._say((who + 1) % CLIENTS)]
            elif draw(CHANCES) < 30:
                between = [Advance(1001)]
        body = [self._queued(who) for _ in range(draw(st.integers(1, 5)))]
        end = Say(who, (b"DISCARD" if draw(CHANCES) > 92 else b"EXEC",))
        multi = Say(who, (b"MULTI",))
        if draw(CHANCES) < 50:
            return (*begun, *between, multi, *body, end)
        return (*begun, multi, *body, *between, end)

    def _script(self, who: int) -> Say:
        draw = self._draw
        script = draw(st.sampled_from(SCRIPTS))
        verb, said = b"EVAL", script
        if draw(CHANCES) < 15:
            verb, said = b"EVALSHA", hashlib.sha1(script).hexdigest().encode()
        body = list(_safe(_alone(draw_command(self._shape(), draw))))
        numbered = draw(st.sampled_from([b"0"] * 12 + [b"1", b"2", b"99", b"-1", b"x"]))
        return Say(who, (verb, said, numbered, *body))

    def _restore(self, who: int) -> Restore:
        draw = self._draw
        key, new = draw(kinds.KINDS["key"]), draw(kinds.KINDS["new"])
        ttl = draw(st.sampled_from([b"0", b"0", b"1000", b"-1", b"x"]))
        options = draw(
            st.sampled_from(
                [(), (b"REPLACE",), (b"replace",), (b"ABSTTL",), (b"IDLETIME", b"5"), (b"FREQ",)]
            )
        )
        return Restore(who, key, (new, ttl, *options), draw(CHANCES) > 90)


@st.composite
def _turn(draw: st.DrawFn, themes: list[str]) -> Turn:
    return Drawing(draw, themes).turn()


@st.composite
def sequences(draw: st.DrawFn) -> list[Turn]:
    """Draw a sequence, the protocol of each client first."""
    greeted = draw(st.lists(st.integers(0, CLIENTS - 1), max_size=CLIENTS))
    themes = draw(st.lists(st.sampled_from(THEMES), min_size=1, max_size=3))
    greetings: list[Turn] = [(Say(who, (b"HELLO", b"3")),) for who in greeted]
    # Lists are mostly shorter than they might be: three make a sequence of some twenty turns.
    some = st.lists(_turn(themes), max_size=14)
    return greetings + draw(some) + draw(some) + draw(some)
