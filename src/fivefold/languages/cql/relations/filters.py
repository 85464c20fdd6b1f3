"""Restrictions as tests of rows, for what neither keys nor the store say.

A restriction is never true of a null. Values are compared in stored form where that is Cassandra's
comparison, else as keys of their codec.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fivefold.languages.cql.relations.parts import elements_of, entries_of, keys_of
from fivefold.languages.cql.relations.records import (
    Among,
    Bound,
    Containing,
    Equal,
    Part,
    Restriction,
    Values,
)
from fivefold.languages.cql.run import Run
from fivefold.languages.cql.tables import Column
from fivefold.values.cql.codec import Codec
from fivefold.values.cql.codecs import codec_of
from fivefold.values.cql.faults import invalid
from fivefold.values.cql.keys import comparing
from fivefold.values.cql.types import UNSET, CqlType
from fivefold.values.types import Stored

Matcher = Callable[[Sequence[Stored]], bool]

SAME = frozenset(
    {"ascii", "text", "tinyint", "smallint", "int", "bigint", "counter", "boolean", "blob"}
    | {"date", "time", "timestamp", "uuid", "timeuuid", "inet"}
)
"""Types whose values are equal exactly if their stored forms are."""

Key = Callable[[Any], Any]


def comparable(codec: Codec) -> Key | None:
    """Return what makes stored forms comparable as Cassandra compares; None: they are so."""
    return None if codec.ordered and codec.type.name in SAME else comparing(codec)


def matcher(restriction: Restriction, positions: Mapping[str, int], run: Run) -> Matcher:
    """Return the test of a row, which has its columns at ``positions``."""
    if isinstance(restriction, Containing):
        (column,) = restriction.columns
        return _containing(column, positions[column.name], restriction.parts, run)
    places = [positions[column.name] for column in restriction.columns]
    keys = [comparable(column.codec) for column in restriction.columns]
    if isinstance(restriction, Equal):
        return _equal(places, keys, restriction.read(run, filtered=True))
    if isinstance(restriction, Among):
        return _among(places, keys, restriction.read(run, filtered=True))
    tests = [
        _bounded(places, keys, bound, low, run)
        for bound, low in ((restriction.low, True), (restriction.high, False))
        if bound is not None
    ]
    if len(tests) == 1:
        return tests[0]
    first, second = tests
    return lambda row: first(row) and second(row)


def _keyed(keys: Sequence[Key | None], values: Values) -> Values:
    return tuple(
        [
            value if key is None or value is None else key(value)
            for key, value in zip(keys, values, strict=False)
        ]
    )


def _equal(places: Sequence[int], keys: Sequence[Key | None], values: Values) -> Matcher:
    if len(places) == 1 and keys[0] is None:
        (place,), (value,) = places, values
        return lambda row: row[place] == value
    wanted = _keyed(keys, values)
    return lambda row: _keyed(keys, tuple([row[place] for place in places])) == wanted


def _among(places: Sequence[int], keys: Sequence[Key | None], values: list[Values]) -> Matcher:
    if any(each is None for one in values for each in one):
        return lambda row: False
    wanted = {_keyed(keys, each) for each in values}
    return lambda row: _keyed(keys, tuple([row[place] for place in places])) in wanted


def _bounded(
    places: Sequence[int], keys: Sequence[Key | None], bound: Bound, low: bool, run: Run
) -> Matcher:
    values = bound.read(run, filtered=True)
    wanted: tuple[object, ...] = _keyed(keys, values)
    some = places[: len(values)]
    inclusive = bound.inclusive

    def test(row: Sequence[Stored]) -> bool:
        found: tuple[object, ...] = _keyed(keys, tuple([row[place] for place in some]))
        if found[0] is None:
            return False
        if found == wanted:
            return inclusive
        return found > wanted if low else found < wanted

    return test


def _containing(column: Column, place: int, parts: Sequence[Part], run: Run) -> Matcher:
    type_ = column.codec.type
    tests = [_contains(column.name, type_, part, run) for part in parts]

    def test(row: Sequence[Stored]) -> bool:
        stored = row[place]
        return stored is not None and all(one(stored) for one in tests)

    return test


def _contains(name: str, type_: CqlType, part: Part, run: Run) -> Callable[[Stored], bool]:
    entry = part.key is not None and part.value is not None
    key = value = None
    if part.key is not None:
        key = _wanted(name, " map key" if entry else " value", part.key.evaluate(run))
    if part.value is not None:
        value = _wanted(name, " map value" if entry else " value", part.value.evaluate(run))
    if entry:
        pairs = entries_of(type_)
        key_of, value_of = (comparing(codec_of(each)) for each in type_.parameters)
        wanted = (key_of(key), value_of(value))
        return lambda stored: any(
            wanted == (key_of(one), value_of(other)) for one, other in pairs(stored)
        )
    apart = elements_of(type_) if part.key is None else keys_of(type_)
    inner = type_.parameters[0 if part.key is not None else -1]
    compared = comparing(codec_of(inner))
    found = compared(value if part.key is None else key)
    return lambda stored: any(compared(each) == found for each in apart(stored))


def _wanted(name: str, what: str, found: object) -> Stored:
    if found is None or found is UNSET:
        word = "null" if found is None else "unset"
        raise invalid(f"Unsupported {word}{what} for column {name}")
    return found  # type: ignore[return-value]
