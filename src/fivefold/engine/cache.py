"""A bounded cache for what is dear to make again."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Cache(dict[K, V], Generic[K, V]):
    """A dict that forgets its oldest entries, an eighth at a time, when it grows past ``size_max``.

    Looking up is a plain dict's ``get``: no order is kept on a hit, because that would cost
    more than making a rare entry again.
    """

    __slots__ = ("size_max",)

    def __init__(self, size_max: int) -> None:
        super().__init__()
        self.size_max = size_max

    def put(self, key: K, value: V) -> None:
        """Remember ``value``; callers of several threads may race, the last one stays."""
        if len(self) >= self.size_max:
            for old in list(self)[: self.size_max // 8 + 1]:
                self.pop(old, None)
        self[key] = value
