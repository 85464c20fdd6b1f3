"""A table with a column of every type, a row of it, and terms over them.

The row is the one that the real Cassandra had when the cases of these tests were observed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from fivefold.catalog.containers import Family
from fivefold.languages.cql.parse import parse
from fivefold.languages.cql.results import Options
from fivefold.languages.cql.run import Run
from fivefold.languages.cql.tables import Column, ColumnFamily
from fivefold.languages.cql.terms import Scope, Selected, compile_selector
from fivefold.languages.cql.tree import Insert, Select, Term, TypeName
from fivefold.values.cql import types
from fivefold.values.cql.codecs import codec_of
from fivefold.values.cql.constants import constant_stored
from fivefold.values.cql.faults import invalid
from fivefold.values.cql.types import (
    FLOAT,
    INT,
    SCALARS,
    TEXT,
    CqlType,
    list_of,
    map_of,
    set_of,
    tuple_of,
)
from fivefold.values.types import Stored

NOW_MS = 1_700_000_000_000
WRITTEN = 1_600_000_000_000_000

_FIELDS = (("street", TEXT), ("zip", INT), ("tags", set_of(TEXT, frozen=True)))
ADDR = CqlType("udt", (), False, ("cterms", "addr"), _FIELDS)
FROZEN_ADDR = CqlType("udt", (), True, ("cterms", "addr"), _FIELDS)

COLUMNS: dict[str, tuple[CqlType, Stored]] = {
    "k": (INT, 1),
    "c": (INT, 1),
    "s": (TEXT, "stat"),
    "a": (types.ASCII, "asc"),
    "b": (types.BLOB, b"\x01\x02"),
    "bi": (types.BIGINT, 12345678901),
    "bo": (types.BOOLEAN, 1),
    "d": (types.DATE, constant_stored("string", "2020-02-03", types.DATE, "d")),
    "dbl": (types.DOUBLE, 2.5),
    "de": (types.DECIMAL, "1.50"),
    "du": (types.DURATION, "1mo2d3h"),
    "f": (FLOAT, 1.25),
    "fl": (list_of(INT, frozen=True), "[4, 5]"),
    "fm": (map_of(TEXT, INT, frozen=True), '{"q": 9}'),
    "fud": (FROZEN_ADDR, '["F", 2, null]'),
    "i": (types.INET, b"\x7f\0\0\1"),
    "l": (list_of(INT), "[1, 2, 3]"),
    "m": (map_of(TEXT, INT), '{"x": 1, "y": 2}'),
    "n": (INT, 42),
    "si": (types.SMALLINT, 7),
    "st": (set_of(TEXT), '["a", "b"]'),
    "te": (TEXT, "text"),
    "ti": (types.TIME, constant_stored("string", "10:11:12.123456789", types.TIME, "ti")),
    "tn": (types.TINYINT, 5),
    "ts": (
        types.TIMESTAMP,
        constant_stored("string", "2020-02-03 04:05:06.789+0000", types.TIMESTAMP, "ts"),
    ),
    "tu": (
        types.TIMEUUID,
        constant_stored("uuid", "50554d6e-29bb-11e5-b345-feff819cdc9f", types.TIMEUUID, "tu"),
    ),
    "tup": (tuple_of(INT, TEXT), '[1, "one"]'),
    "u": (
        types.UUID,
        constant_stored("uuid", "123e4567-e89b-12d3-a456-426655440000", types.UUID, "u"),
    ),
    "ud": (ADDR, '["S", 1, ["t"]]'),
    "v": (types.VARINT, "123456789012345678901234567890"),
    "vec": (CqlType("vector", (FLOAT,), True, dimension=3), "[1.0, 2.0, 3.0]"),
}
_KINDS = {"k": "partition_key", "c": "clustering", "s": "static"}
_BY_NAME = {
    name: Column(name, codec_of(type), _KINDS.get(name, "regular"))
    for name, (type, _) in COLUMNS.items()
}
FAMILY = ColumnFamily(
    "cterms",
    "t",
    Family("0" * 32, ()),
    (_BY_NAME["k"],),
    (_BY_NAME["c"],),
    (_BY_NAME["s"],),
    tuple(column for column in _BY_NAME.values() if column.kind == "regular"),
    _BY_NAME,
)
_OWN = ("written$", "cells$", "expires$", "static.written$", "static.cells$", "static.expires$")
POSITIONS = {name: place for place, name in enumerate((*COLUMNS, *_OWN))}
ROW = (*(stored for _, stored in COLUMNS.values()), WRITTEN, None, None, WRITTEN, None, None)


def type_named(name: TypeName) -> CqlType:
    """Return a type as the schema's rules would."""
    if name.name in SCALARS:
        return SCALARS[name.name]
    if name.name == "addr":
        return FROZEN_ADDR if name.frozen else ADDR
    if not name.parameters:
        raise invalid(f"Unknown type cterms.{name.name}")
    frozen = name.frozen or name.name in ("tuple", "vector")
    parameters = tuple(map(type_named, name.parameters))
    return CqlType(name.name, parameters, frozen, dimension=name.number or 0)


class Unit:
    """As much of a unit as terms see."""

    now_ms = NOW_MS

    def moment_us(self) -> int:
        """Return the time."""
        return NOW_MS * 1000


def run(parameters: Sequence[Any] = ()) -> Run:
    """Return a run."""
    return Run(cast(Any, Unit()), parameters, Options())


def scope() -> Scope:
    """Return a statement's scope."""
    return Scope("cterms", "t", type_named, FAMILY)


def selected(text: str, of: Scope | None = None) -> Selected:
    """Return a selector, compiled."""
    statement = parse(f"SELECT {text} FROM t").statement
    assert isinstance(statement, Select)
    (selector,) = statement.selectors
    return compile_selector(selector, FAMILY, of or scope())


def value_of(
    text: str, parameters: Sequence[Any] = (), rows: Sequence[Sequence[Stored]] = (ROW,)
) -> tuple[Stored, Selected]:
    """Return what a selector gives for the row, or for all rows, and the selector."""
    found = selected(text)
    if not found.is_aggregate:
        return found.over(POSITIONS)(run(parameters), rows[0]), found
    group = found.gather(POSITIONS)()
    for each in rows:
        group.add(run(parameters), each)
    return group.result(run(parameters)), found


def row(**changes: Stored) -> tuple[Stored, ...]:
    """Return the row with other values."""
    values = list(ROW)
    for name, stored in changes.items():
        values[POSITIONS[name]] = stored
    return tuple(values)


def term(text: str) -> Term:
    """Return a term of VALUES."""
    statement = parse(f"INSERT INTO t (x) VALUES ({text})").statement
    assert isinstance(statement, Insert)
    return statement.values[0]
