"""Hashes: redis-py's ``HashCommands`` by its names and results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from fivefold.api.redis.results import mapping as as_mapping
from fivefold.api.redis.results import plain, scanned, scanned_fields
from fivefold.api.redis.runner import Runner
from fivefold.api.redis.words import Word, flags, listed, options, pairs
from fivefold.errors import InvalidValue


class Hashes(Runner, Protocol):
    """The commands on hashes."""

    def hset(
        self,
        name: Word,
        key: Word | None = None,
        value: Word | None = None,
        mapping: Mapping[Any, Word] | None = None,
        items: Sequence[Word] | None = None,
    ) -> Any:
        """Set fields, given one by one or together; return how many are new."""
        words: list[Any] = list(items or ())
        if key is not None:
            words += (key, value)
        if mapping:
            words += pairs(mapping)
        if not words:
            raise InvalidValue("hset needs a field and a value")
        return self._run(None, b"HSET", name, *words)

    def hsetnx(self, name: Word, key: Word, value: Word) -> Any:
        """Set a field that is not there; return 1 if it was not."""
        return self._run(None, b"HSETNX", name, key, value)

    def hmset(self, name: Word, mapping: Mapping[Any, Word]) -> Any:
        """Set several fields."""
        if not mapping:
            raise InvalidValue("hmset needs a mapping that is not empty")
        return self._run(bool, b"HMSET", name, *pairs(mapping))

    def hget(self, name: Word, key: Word) -> Any:
        """Return a field's value, or None."""
        return self._run(None, b"HGET", name, key)

    def hmget(self, name: Word, keys: Any, *args: Word) -> Any:
        """Return the values of several fields."""
        return self._run(plain, b"HMGET", name, *listed(keys, args))

    def hgetall(self, name: Word) -> Any:
        """Return all fields with their values."""
        return self._run(as_mapping, b"HGETALL", name)

    def hkeys(self, name: Word) -> Any:
        """Return the names of all fields."""
        return self._run(plain, b"HKEYS", name)

    def hvals(self, name: Word) -> Any:
        """Return the values of all fields."""
        return self._run(plain, b"HVALS", name)

    def hlen(self, name: Word) -> Any:
        """Return how many fields there are."""
        return self._run(None, b"HLEN", name)

    def hexists(self, name: Word, key: Word) -> Any:
        """Return whether a field is there."""
        return self._run(bool, b"HEXISTS", name, key)

    def hdel(self, name: Word, *keys: Word) -> Any:
        """Delete fields; return how many were there."""
        return self._run(None, b"HDEL", name, *keys)

    def hincrby(self, name: Word, key: Word, amount: int = 1) -> Any:
        """Add to a field that is a number; return the sum."""
        return self._run(None, b"HINCRBY", name, key, amount)

    def hincrbyfloat(self, name: Word, key: Word, amount: float = 1.0) -> Any:
        """Add to a field that is a number; return the sum as a float."""
        return self._run(float, b"HINCRBYFLOAT", name, key, amount)

    def hstrlen(self, name: Word, key: Word) -> Any:
        """Return how long a field's value is."""
        return self._run(None, b"HSTRLEN", name, key)

    def hrandfield(self, key: Word, count: int | None = None, withvalues: bool = False) -> Any:
        """Return some field, or ``count`` of them, perhaps each with its value behind it."""
        words: list[Word] = [] if count is None else [count]
        parse = _flat if withvalues else plain
        return self._run(parse, b"HRANDFIELD", key, *words, *flags(withvalues=withvalues))

    def hscan(
        self,
        name: Word,
        cursor: int = 0,
        match: Word | None = None,
        count: int | None = None,
        no_values: bool | None = None,
    ) -> Any:
        """Return the next cursor, 0 at the end, and some fields with their values."""
        words = [*options(match=match, count=count), *flags(novalues=no_values)]
        parse = scanned if no_values else scanned_fields
        return self._run(parse, b"HSCAN", name, cursor, *words)


def _flat(reply: Any) -> list[bytes]:
    words = plain(reply)
    if words and isinstance(words[0], list):
        return [word for pair in words for word in pair]
    return words  # type: ignore[no-any-return]  # a list of words
