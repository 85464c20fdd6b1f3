"""Accumulators that pick among values: by their place, by their own order, by another one.

Source: manual 7.0, "$first", "$firstN", "$min", "$minN", "$top", "$topN" and their counterparts.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from typing import Any

from fivefold.values.documents.kinds import MISSING
from fivefold.values.documents.order import sort_key

from .base import STATE_BYTES, rough_size


class First:
    """$first."""

    __slots__ = ("seen", "value")

    def __init__(self) -> None:
        self.seen = False
        self.value: Any = None

    def add(self, value: Any) -> None:
        if not self.seen:
            self.seen = True
            self.value = None if value is MISSING else value

    def result(self) -> Any:
        return self.value

    def size(self) -> int:
        return STATE_BYTES + rough_size(self.value)


class Last:
    """$last."""

    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value: Any = None

    def add(self, value: Any) -> None:
        self.value = value

    def result(self) -> Any:
        return None if self.value is MISSING else self.value

    def size(self) -> int:
        return STATE_BYTES + rough_size(self.value)


class FirstN:
    """$firstN: null stands for what is missing."""

    __slots__ = ("bytes", "count", "values")

    def __init__(self, count: int) -> None:
        self.count = count
        self.values: list[Any] = []
        self.bytes = STATE_BYTES

    def add(self, value: Any) -> None:
        if len(self.values) < self.count:
            self.values.append(None if value is MISSING else value)
            self.bytes += rough_size(value)

    def result(self) -> list[Any]:
        return list(self.values)

    def size(self) -> int:
        return self.bytes


class LastN:
    """$lastN: null stands for what is missing."""

    __slots__ = ("bytes", "values")

    def __init__(self, count: int) -> None:
        self.values: deque[Any] = deque(maxlen=count)
        self.bytes = STATE_BYTES

    def add(self, value: Any) -> None:
        if len(self.values) == self.values.maxlen:
            self.bytes -= rough_size(self.values[0])
        self.values.append(None if value is MISSING else value)
        self.bytes += rough_size(value)

    def result(self) -> list[Any]:
        return list(self.values)

    def size(self) -> int:
        return self.bytes


class Least:
    """$min; null of nothing but null and missing."""

    __slots__ = ("key", "value")

    def __init__(self) -> None:
        self.key: Any = None
        self.value: Any = None

    def add(self, value: Any) -> None:
        if value is None or value is MISSING:
            return
        key = sort_key(value)
        if self.key is None or key < self.key:
            self.key, self.value = key, value

    def result(self) -> Any:
        return self.value

    def size(self) -> int:
        return STATE_BYTES + rough_size(self.value)


class Greatest(Least):
    """$max; null of nothing but null and missing."""

    __slots__ = ()

    def add(self, value: Any) -> None:
        if value is None or value is MISSING:
            return
        key = sort_key(value)
        if self.key is None or self.key < key:
            self.key, self.value = key, value


class TopN:
    """The first ``count`` values by keys that come with them, equals in order of coming.

    ``add`` takes (key, value). Keeps ``count`` values.
    """

    __slots__ = ("bytes", "count", "keys", "values")

    def __init__(self, count: int) -> None:
        self.count = count
        self.keys: list[Any] = []
        self.values: list[Any] = []
        self.bytes = STATE_BYTES

    def add(self, pair: Any) -> None:
        key, value = pair
        if len(self.keys) == self.count:
            if not key < self.keys[-1]:
                return
            self.keys.pop()
            self.bytes -= 2 * rough_size(self.values.pop())
        place = bisect_right(self.keys, key)
        self.keys.insert(place, key)
        self.values.insert(place, None if value is MISSING else value)
        self.bytes += 2 * rough_size(value)

    def result(self) -> Any:
        return list(self.values)

    def size(self) -> int:
        return self.bytes


class Top(TopN):
    """$top: the one of $topN with n = 1."""

    __slots__ = ()

    def result(self) -> Any:
        return self.values[0] if self.values else None


class BottomN(TopN):
    """The last ``count`` values by keys that come with them."""

    __slots__ = ()

    def add(self, pair: Any) -> None:
        key, value = pair
        if len(self.keys) == self.count:
            if key < self.keys[0]:
                return
            self.keys.pop(0)
            self.bytes -= 2 * rough_size(self.values.pop(0))
        place = bisect_right(self.keys, key)
        self.keys.insert(place, key)
        self.values.insert(place, None if value is MISSING else value)
        self.bytes += 2 * rough_size(value)


class Bottom(BottomN):
    """$bottom: the one of $bottomN with n = 1."""

    __slots__ = ()

    def result(self) -> Any:
        return self.values[0] if self.values else None


class LeastN(TopN):
    """$minN: the smallest first."""

    __slots__ = ()

    def add(self, value: Any) -> None:
        if value is not None and value is not MISSING:
            super().add((sort_key(value), value))


class GreatestN(BottomN):
    """$maxN: the largest first."""

    __slots__ = ()

    def add(self, value: Any) -> None:
        if value is not None and value is not MISSING:
            super().add((sort_key(value), value))

    def result(self) -> list[Any]:
        return self.values[::-1]
