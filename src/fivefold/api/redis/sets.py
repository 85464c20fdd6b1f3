"""Sets: redis-py's ``SetCommands`` by its names and results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from fivefold.api.redis.results import members, plain, scanned
from fivefold.api.redis.runner import Runner
from fivefold.api.redis.words import Word, listed, options


class Sets(Runner, Protocol):
    """The commands on sets."""

    def sadd(self, name: Word, *values: Word) -> Any:
        """Add members; return how many are new."""
        return self._run(None, b"SADD", name, *values)

    def srem(self, name: Word, *values: Word) -> Any:
        """Take out members; return how many were there."""
        return self._run(None, b"SREM", name, *values)

    def scard(self, name: Word) -> Any:
        """Return how many members there are."""
        return self._run(None, b"SCARD", name)

    def sismember(self, name: Word, value: Word) -> Any:
        """Return 1 if a value is a member."""
        return self._run(None, b"SISMEMBER", name, value)

    def smismember(self, name: Word, values: Any, *args: Word) -> Any:
        """Return for each value 1 if it is a member."""
        return self._run(plain, b"SMISMEMBER", name, *listed(values, args))

    def smembers(self, name: Word) -> Any:
        """Return all members, as a set."""
        return self._run(members, b"SMEMBERS", name)

    def smove(self, src: Word, dst: Word, value: Word) -> Any:
        """Take a member from one set to another; return whether."""
        return self._run(bool, b"SMOVE", src, dst, value)

    def spop(self, name: Word, count: int | None = None) -> Any:
        """Take out some member, or a list of them."""
        return self._run(plain, b"SPOP", name, *([] if count is None else [count]))

    def srandmember(self, name: Word, number: int | None = None) -> Any:
        """Return some member, or a list of them."""
        return self._run(plain, b"SRANDMEMBER", name, *([] if number is None else [number]))

    def sdiff(self, keys: Any, *args: Word) -> Any:
        """Return what is in the first set only."""
        return self._run(members, b"SDIFF", *listed(keys, args))

    def sdiffstore(self, dest: Word, keys: Any, *args: Word) -> Any:
        """Store what is in the first set only; return how many."""
        return self._run(None, b"SDIFFSTORE", dest, *listed(keys, args))

    def sinter(self, keys: Any, *args: Word) -> Any:
        """Return what is in all sets."""
        return self._run(members, b"SINTER", *listed(keys, args))

    def sinterstore(self, dest: Word, keys: Any, *args: Word) -> Any:
        """Store what is in all sets; return how many."""
        return self._run(None, b"SINTERSTORE", dest, *listed(keys, args))

    def sintercard(self, numkeys: int, keys: Sequence[Word], limit: int = 0) -> Any:
        """Return how much is in all sets, at most ``limit`` if it is not 0."""
        return self._run(None, b"SINTERCARD", numkeys, *keys, b"LIMIT", limit)

    def sunion(self, keys: Any, *args: Word) -> Any:
        """Return what is in any set."""
        return self._run(members, b"SUNION", *listed(keys, args))

    def sunionstore(self, dest: Word, keys: Any, *args: Word) -> Any:
        """Store what is in any set; return how many."""
        return self._run(None, b"SUNIONSTORE", dest, *listed(keys, args))

    def sscan(
        self, name: Word, cursor: int = 0, match: Word | None = None, count: int | None = None
    ) -> Any:
        """Return the next cursor, 0 at the end, and some members."""
        return self._run(scanned, b"SSCAN", name, cursor, *options(match=match, count=count))
