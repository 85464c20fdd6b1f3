"""An index that is a table, held against the rows that it is of, in memory that does not grow.

Both sides are rows of the index: what should be there, made from the data, and what is. The sum of
their hashes says whether they are the same, in whatever order they come; only if they are not are
they looked for one by one, for which the hashes of one side have to be kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

Entry = tuple[Any, ...]
"""A row of an index: its key first, then the place it leads to."""

_DIGEST_BYTES = 16


class Sum:
    """The sum of the hashes of entries; two are equal if they had the same entries."""

    __slots__ = ("count", "total")

    def __init__(self) -> None:
        self.count = 0
        self.total = 0

    def add(self, entry: Entry) -> None:
        """Take an entry into account."""
        self.count += 1
        self.total += int.from_bytes(_digest(entry), "big")

    def is_of(self, entries: Iterable[Entry]) -> bool:
        """Say whether these are the same entries."""
        other = Sum()
        for entry in entries:
            other.add(entry)
        return (self.count, self.total) == (other.count, other.total)


def differences(
    expected: Callable[[], Iterator[Entry]],
    needed: Callable[[], Iterator[Entry]],
    there: Callable[[], Iterator[Entry]],
) -> Iterator[tuple[bool, Entry]]:
    """Yield (True, each needed entry that is missing), (False, each one that is not expected).

    What is needed is among what is expected. Each function begins anew.
    """
    found = set(map(_digest, there()))
    for entry in needed():
        if _digest(entry) not in found:
            yield True, entry
    found.difference_update(map(_digest, expected()))
    if found:
        for entry in there():
            if _digest(entry) in found:
                yield False, entry


def _digest(entry: Entry) -> bytes:
    return hashlib.blake2b(repr(entry).encode(), digest_size=_DIGEST_BYTES).digest()
