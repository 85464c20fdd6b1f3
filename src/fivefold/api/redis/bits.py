"""Bitmaps, bit fields and HyperLogLogs, by redis-py's names and results."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol, Self

from fivefold.api.redis.results import is_ok, plain
from fivefold.api.redis.runner import Runner
from fivefold.api.redis.words import Word, together
from fivefold.errors import InvalidValue

Offset = int | str
"""A bit's number, or ``#n``: n times the field's width."""


class Bits(Runner, Protocol):
    """The commands on the bits of strings, and on HyperLogLogs."""

    def setbit(self, name: Word, offset: int, value: int) -> Any:
        """Set a bit; return what it was."""
        return self._run(None, b"SETBIT", name, offset, 1 if value else 0)

    def getbit(self, name: Word, offset: int) -> Any:
        """Return a bit."""
        return self._run(None, b"GETBIT", name, offset)

    def bitcount(
        self, key: Word, start: int | None = None, end: int | None = None, mode: str | None = None
    ) -> Any:
        """Return how many bits are set, between two bytes or bits (``mode``) if they are given."""
        words: list[Any] = [start, end] if together("start", start, "end", end) else []
        return self._run(None, b"BITCOUNT", key, *words, *_mode(mode))

    def bitpos(
        self,
        key: Word,
        bit: int,
        start: int | None = None,
        end: int | None = None,
        mode: str | None = None,
    ) -> Any:
        """Return where the first bit of a value is, -1 if nowhere."""
        if start is None and end is not None:
            raise InvalidValue("end needs a start")
        words = [word for word in (start, end) if word is not None]
        return self._run(None, b"BITPOS", key, bit, *words, *_mode(mode))

    def bitop(self, operation: str, dest: Word, *keys: Word) -> Any:
        """Store AND, OR, XOR or NOT of strings; return how long it is."""
        return self._run(None, b"BITOP", operation, dest, *keys)

    def bitfield(self, key: Word, default_overflow: str | None = None) -> BitField:
        """Return what takes notes of operations on numbers of some bits, and runs them."""
        return BitField(self, key, default_overflow)

    def bitfield_ro(
        self,
        key: Word,
        encoding: str,
        offset: Offset,
        items: Iterable[tuple[str, Offset]] | None = None,
    ) -> Any:
        """Return numbers of some bits."""
        words = [b"GET", encoding, offset]
        for encoding, offset in items or ():
            words += (b"GET", encoding, offset)
        return self._run(plain, b"BITFIELD_RO", key, *words)

    def pfadd(self, name: Word, *values: Word) -> Any:
        """Count values; return 1 if the estimate changed."""
        return self._run(None, b"PFADD", name, *values)

    def pfcount(self, *sources: Word) -> Any:
        """Return about how many different values were counted."""
        return self._run(None, b"PFCOUNT", *sources)

    def pfmerge(self, dest: Word, *sources: Word) -> Any:
        """Store the union."""
        return self._run(is_ok, b"PFMERGE", dest, *sources)


def _mode(mode: str | None) -> list[Word]:
    return [] if mode is None else [mode]


class BitField:
    """Operations of one BITFIELD, noted until ``execute``."""

    __slots__ = ("_default_overflow", "_overflow", "_words", "client", "key")

    def __init__(self, client: Bits, key: Word, default_overflow: str | None) -> None:
        self.client = client
        self.key = key
        self._default_overflow = default_overflow
        self.reset()

    def reset(self) -> None:
        """Forget what was noted."""
        self._words: list[Word] = []
        self._overflow = "WRAP"
        if self._default_overflow:
            self.overflow(self._default_overflow)

    def overflow(self, overflow: str) -> Self:
        """Say what too large a number becomes from here on: WRAP, SAT or FAIL."""
        if overflow.upper() != self._overflow:
            self._overflow = overflow.upper()
            self._words += ("OVERFLOW", self._overflow)
        return self

    def get(self, fmt: str, offset: Offset) -> Self:
        """Note that a number is wanted; ``fmt`` is like ``u8`` or ``i16``."""
        self._words += ("GET", fmt, offset)
        return self

    def set(self, fmt: str, offset: Offset, value: int) -> Self:
        """Note that a number is to be set."""
        self._words += ("SET", fmt, offset, value)
        return self

    def incrby(self, fmt: str, offset: Offset, increment: int, overflow: str | None = None) -> Self:
        """Note that is to be added to a number."""
        if overflow is not None:
            self.overflow(overflow)
        self._words += ("INCRBY", fmt, offset, increment)
        return self

    @property
    def command(self) -> list[Word]:
        """Return the words of the command."""
        return ["BITFIELD", self.key, *self._words]

    def execute(self) -> Any:
        """Run what was noted; return the list of results."""
        words = self.command
        self.reset()
        return self.client._run(plain, *words)
