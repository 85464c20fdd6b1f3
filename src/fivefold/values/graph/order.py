"""How values of Cypher are compared: four relations that are not the same.

- *Equality* (``equals``, the operator ``=``) is three-valued: null wherever a null could decide.
- *Comparability* (``less``, ``less_or_equal``: ``<``, ``<=``) holds within one type; between types,
  and for maps, entities, paths and durations, the answer is null. NaN is neither less nor more.
- *Orderability* (``sort_key``, ORDER BY) is total over all values, by type first, null last.
- *Equivalence* (``equivalence_key``, DISTINCT and grouping) is equality where null and NaN are
  equivalent to themselves.

Source: openCypher 9, "Equality", "Comparability", "Orderability and equivalence" (CIP2016-06-14);
Cypher Manual, "Equality, ordering, and comparison of value types".
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from fivefold.values.graph.entities import Node, Path, Relationship
from fivefold.values.graph.temporal import (
    Date,
    DateTime,
    Duration,
    LocalDateTime,
    LocalTime,
    Time,
)

Key = Any

_NUMBERS = frozenset((int, float))

# Equality


def equals(one: Any, other: Any) -> bool | None:
    """Return whether two values are equal; None where a null in them leaves it open."""
    if one is None or other is None:
        return None
    kind, other_kind = type(one), type(other)
    if kind is not other_kind:
        return kind in _NUMBERS and other_kind in _NUMBERS and bool(one == other)
    if kind is list:
        if len(one) != len(other):
            return False
        return _all_equal(one, other)
    if kind is dict:
        if one.keys() != other.keys():
            return False
        return _all_equal(one.values(), [other[key] for key in one])
    return bool(one == other)


def _all_equal(ones: Any, others: Any) -> bool | None:
    answer: bool | None = True
    for one, other in zip(ones, others, strict=True):
        equal = equals(one, other)
        if equal is False:
            return False
        if equal is None:
            answer = None
    return answer


# Comparability

_COMPARABLE = frozenset((str, bool, bytes, Date, LocalTime, Time, LocalDateTime, DateTime))


def less(one: Any, other: Any) -> bool | None:
    """Return ``one < other``; None where they cannot be compared."""
    return _compared(one, other, operator.lt)


def less_or_equal(one: Any, other: Any) -> bool | None:
    """Return ``one <= other``; None where they cannot be compared."""
    return _compared(one, other, operator.le)


def _compared(one: Any, other: Any, relation: Callable[[Any, Any], bool]) -> bool | None:
    kind, other_kind = type(one), type(other)
    if kind is other_kind:
        if kind in _COMPARABLE or kind in _NUMBERS:
            return relation(one, other)
        return _compared_lists(one, other, relation) if kind is list else None
    if kind in _NUMBERS and other_kind in _NUMBERS:
        return relation(one, other)
    return None


def _compared_lists(
    one: list[Any], other: list[Any], relation: Callable[[Any, Any], bool]
) -> bool | None:
    """Compare by the first elements that differ; a list that begins another comes before it."""
    for mine, its in zip(one, other, strict=False):
        equal = equals(mine, its)
        if equal is None:
            return None
        if not equal:
            return _compared(mine, its, relation)
    return relation(len(one), len(other))


# Orderability

_RANKS = {
    kind: rank
    for rank, kind in enumerate(
        (
            *(dict, Node, Relationship, list, Path),
            *(DateTime, LocalDateTime, Date, Time, LocalTime, Duration),
            *(bytes, str, bool, int),
        )
    )
} | {float: 14}
_NAN = (15,)
_NULL = (16,)


def sort_key(value: Any) -> Key:
    """Return what ORDER BY puts a value in order by; keys of any two values can be compared."""
    kind = type(value)
    if kind is str or kind is int:
        return _RANKS[kind], value
    if value is None:
        return _NULL
    if kind is float and value != value:
        return _NAN
    key_of = _SORT_KEYS.get(kind)
    return _RANKS[kind], value if key_of is None else key_of(value)


def _map_sort_key(value: dict[str, Any]) -> Key:
    names = sorted(value)
    return len(names), names, [sort_key(value[name]) for name in names]


_SORT_KEYS: dict[type, Callable[[Any], Key]] = {
    dict: _map_sort_key,
    Node: operator.attrgetter("id"),
    Relationship: operator.attrgetter("id"),
    list: lambda value: [sort_key(element) for element in value],
    Path: lambda value: [entity.id for entity in value],
    DateTime: operator.attrgetter("key"),
    LocalDateTime: operator.attrgetter("wall"),
    Date: operator.attrgetter("days"),
    Time: operator.attrgetter("key"),
    LocalTime: operator.attrgetter("clock"),
    Duration: operator.attrgetter("key"),
}

# Equivalence

_OWN_KEYS = frozenset(
    (
        *(str, int, type(None), bytes, Node, Relationship, Path),
        *(Date, LocalTime, Time, LocalDateTime, DateTime, Duration),
    )
)


def equivalence_key(value: Any) -> Key:
    """Return a hashable key that is equal for equivalent values: 1 and 1.0, null and null."""
    kind = type(value)
    if kind in _OWN_KEYS:
        return value
    if kind is float:
        return value if value == value else _NAN
    if kind is bool:  # to Python True is 1
        return bool, value
    if kind is list:
        return list, *map(equivalence_key, value)
    assert kind is dict, kind
    return dict, frozenset((name, equivalence_key(inner)) for name, inner in value.items())
