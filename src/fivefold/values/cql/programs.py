"""What programs get for values that Python has no class for."""

from __future__ import annotations

import re
from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Set
from functools import lru_cache
from typing import Any


class SortedSet(Set[Any]):
    """A set in Cassandra's order; it equals any other set of the same values."""

    __slots__ = ("_found", "_values")

    def __init__(self, values: Iterable[Any] = ()) -> None:
        self._values = list(values)
        self._found: frozenset[Any] | None = None

    def __contains__(self, value: object) -> bool:
        if self._found is None:
            self._found = frozenset(map(hashable, self._values))
        return hashable(value) in self._found

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, at: int) -> Any:
        return self._values[at]

    def __hash__(self) -> int:
        return self._hash()

    def __repr__(self) -> str:
        return f"SortedSet({self._values!r})"


sorted_set = SortedSet


def hashable(value: Any) -> Any:
    """Return a value as a key of a dict: lists and dicts as tuples, sets as frozensets."""
    kind = value.__class__
    if kind is list:
        return tuple(map(hashable, value))
    if kind is dict:
        return tuple((key, hashable(one)) for key, one in value.items())
    if kind in (SortedSet, set):
        return frozenset(map(hashable, value))
    if isinstance(value, tuple):
        parts = [hashable(one) for one in value]
        return kind(*parts) if hasattr(value, "_fields") else kind(parts)
    return value


_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


@lru_cache(maxsize=256)
def user_value(name: str, fields: tuple[str, ...]) -> Callable[..., Any]:
    """Return the maker of a user type's values: named tuples, where its names can be Python's."""
    title = name if _NAME.fullmatch(name) else "value"
    made: Callable[..., Any] = namedtuple(title, fields, rename=True)  # type: ignore[misc]
    return made
