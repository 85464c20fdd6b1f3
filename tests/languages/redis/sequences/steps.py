"""Sequences of steps drawn from commands.txt: commands of two clients, MULTI, scripts, time.

A sequence has one to three families of commands as its theme, so that their keys meet often.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from random import Random

from hypothesis import strategies as st

from fivefold.languages.redis.commands import COMMANDS
from tests.languages.redis.sequences import words as kinds
from tests.languages.redis.sequences.grammar import Shape, draw_command, read
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
    if shape.name.lower().encode() in COMMANDS or shape.name == "NOSUCH"  # the others are RD-1
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

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        themes = chance.choices(THEMES, k=chance.randint(1, 3))
        self._theme = [shape for shape in SHAPES if shape.family in themes]
        self._keys = [shape for shape in SHAPES if shape.family == "keys"]
        self._connection = [shape for shape in SHAPES if shape.family == "connection"]

    def turns(self) -> list[Turn]:
        """Return a sequence."""
        chance = self._chance
        greetings: list[Turn] = [
            (Say(who, (b"HELLO", b"3")),) for who in range(CLIENTS) if chance.random() < 0.5
        ]
        return greetings + [self._turn() for _ in range(chance.randint(5, 30))]

    def _turn(self) -> Turn:
        chance = self._chance
        who = chance.randrange(CLIENTS)
        match chance.choices(_TURNS, _WEIGHTS)[0]:
            case "advance":
                return (Advance(chance.choice([1, 499, 500, 1000, 1001, 10_000])),)
            case "multi":
                return self._multi(who)
            case "script":
                return (self._script(who),)
            case "restore" if b"restore" in COMMANDS:
                return (self._restore(who),)
            case "stray":
                return (Say(who, (chance.choice(_STRAY),)), Say(who, (b"DISCARD",)))
            case "several":
                return tuple(self._say(who) for _ in range(chance.randint(2, 6)))
            case _:
                return (self._say(who),)

    def _shape(self) -> Shape:
        fate = self._chance.random()
        return self._chance.choice(
            self._theme if fate < 0.8 else self._keys if fate < 0.96 else self._connection
        )

    def _say(self, who: int) -> Say:
        shape = self._shape()
        return Say(who, _safe(draw_command(shape, self._chance)), shape.waits)

    def _queued(self, who: int) -> Say:
        shape = self._shape()
        while shape.name == "HELLO":  # RD-50
            shape = self._shape()
        return Say(who, _safe(_alone(draw_command(shape, self._chance))), shape.waits)

    def _multi(self, who: int) -> Turn:
        chance = self._chance
        begun: list[Step] = []
        between: list[Step] = []
        if chance.random() < 0.35:
            watched = chance.choices(kinds.KINDS["key"], k=2)
            begun.append(Say(who, (b"WATCH", *watched)))
            fate = chance.random()
            if fate < 0.6:
                between = [self._say((who + 1) % CLIENTS)]
            elif fate < 0.75:
                between = [Advance(1001)]
        body = [self._queued(who) for _ in range(chance.randint(1, 5))]
        end = Say(who, (b"DISCARD" if chance.random() < 0.07 else b"EXEC",))
        multi = Say(who, (b"MULTI",))
        if chance.random() < 0.5:
            return (*begun, *between, multi, *body, end)
        return (*begun, multi, *body, *between, end)

    def _script(self, who: int) -> Say:
        chance = self._chance
        script = chance.choice(SCRIPTS)
        verb, said = b"EVAL", script
        if chance.random() < 0.15:
            verb, said = b"EVALSHA", hashlib.sha1(script).hexdigest().encode()
        body = _safe(_alone(draw_command(self._shape(), chance)))
        numbered = chance.choice([b"0"] * 12 + [b"1", b"2", b"99", b"-1", b"x"])
        return Say(who, (verb, said, numbered, *body))

    def _restore(self, who: int) -> Restore:
        chance = self._chance
        key, new = chance.choice(kinds.KINDS["key"]), chance.choice(kinds.KINDS["new"])
        ttl = chance.choice([b"0", b"0", b"1000", b"-1", b"x"])
        return Restore(who, key, (new, ttl, *chance.choice(_RESTORED)), chance.random() < 0.1)


_TURNS = ("single", "advance", "multi", "script", "restore", "stray", "several")
_WEIGHTS = (66, 8, 11, 7, 2, 1, 5)
_STRAY = (b"EXEC", b"DISCARD", b"UNWATCH", b"RESET", b"WATCH", b"MULTI")
_RESTORED: tuple[tuple[bytes, ...], ...] = (
    *((), (), (b"REPLACE",), (b"replace",), (b"ABSTTL",), (b"IDLETIME", b"5"), (b"FREQ",)),
)


def sequences() -> st.SearchStrategy[list[Turn]]:
    """Return sequences, each of a seed of Hypothesis's.

    Drawn word by word, five of six sequences would be Hypothesis's variations of another, as it
    likes to see the same value in two places; a sequence is full of those anyway.
    """
    return st.randoms(use_true_random=True).map(lambda chance: Drawing(chance).turns())
