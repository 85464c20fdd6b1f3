"""Random tables and rows for the tests of SELECT, and how CQL writes their values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any

from fivefold.values.cql.codecs import codec_of
from fivefold.values.cql.tokens import partition_bytes, token_of
from fivefold.values.cql.types import SCALARS

Value = Any
"""A value: collections are tuples, frozensets, and tuples of pairs in the order of the keys."""

VALUES: dict[str, Sequence[Value]] = {
    "int": (-1, 0, 1, 2),
    "text": ("a", "ab", "b", "é"),
    "bigint": (-(2**40), 0, 7),
    "varint": (-(2**70), -3, 0, 2**70),
    "boolean": (False, True),
    "double": (-2.5, 0.5, 1e20),
    "decimal": (Decimal("-1.5"), Decimal("0.25"), Decimal(7)),
    "blob": (b"\x00", b"\x01\xff", b"\xff"),
    "frozen<list<int>>": ((0,), (0, 1), (1,)),
    "list<int>": ((0,), (0, 1, 0), (1, 2)),
    "set<int>": (frozenset({0}), frozenset({0, 1}), frozenset({2})),
    "map<text, int>": ((("a", 0),), (("a", 1), ("b", 0)), (("b", 2),)),
    "frozen<set<int>>": (frozenset({0}), frozenset({0, 1})),
    "frozen<map<text, int>>": ((("a", 0),), (("a", 1), ("b", 0))),
}
"""Types and their values: few, so that many rows have the same."""

KEYS = ("int", "int", "text", "bigint", "varint", "boolean", "double", "decimal", "blob")
CLUSTERINGS = (*KEYS, "frozen<list<int>>")
OTHERS = tuple(VALUES)


def literal(value: Value) -> str:
    """Return a value as CQL has it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f"'{value}'"
    if isinstance(value, bytes):
        return f"0x{value.hex()}"
    if isinstance(value, frozenset):
        return "{" + ", ".join(map(literal, sorted(value))) + "}"
    if isinstance(value, tuple) and value and isinstance(value[0], tuple):
        return "{" + ", ".join(f"{literal(k)}: {literal(v)}" for k, v in value) + "}"
    if isinstance(value, tuple):
        return "[" + ", ".join(map(literal, value)) + "]"
    return str(value)


@dataclass(frozen=True)
class Column:
    """A column; ``kind`` is partition, clustering, static or regular."""

    name: str
    type: str
    kind: str
    descending: bool = False

    @property
    def values(self) -> Sequence[Value]:
        """Return the values that it has."""
        return VALUES[self.type]

    @property
    def is_collection(self) -> bool:
        """Say whether it holds elements."""
        return "<" in self.type

    @property
    def has_parts(self) -> bool:
        """Say whether its elements are cells of their own."""
        return self.is_collection and not self.type.startswith("frozen")


Row = Mapping[str, Value]


@dataclass
class Partition:
    """A partition: its key, its static row, its rows by their clustering."""

    key: tuple[Value, ...]
    token: int
    static: dict[str, Value] = field(default_factory=dict)
    rows: dict[tuple[Value, ...], dict[str, Value]] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """A table with rows."""

    name: str
    columns: tuple[Column, ...]
    indexes: tuple[str, ...]
    partitions: tuple[Partition, ...]

    def of(self, kind: str) -> list[Column]:
        """Return the columns of a kind, in order."""
        return [column for column in self.columns if column.kind == kind]

    @property
    def shown(self) -> list[Column]:
        """Return the columns as ``SELECT *`` has them."""
        kinds = ("partition", "clustering", "static", "regular")
        return [
            column
            for kind in kinds
            for column in (
                self.of(kind)
                if kind in kinds[:2]
                else sorted(self.of(kind), key=lambda column: column.name)
            )
        ]

    def statements(self) -> Iterator[str]:
        """Yield what makes the table and its rows."""
        key = ", ".join(column.name for column in self.of("partition"))
        clustering = self.of("clustering")
        behind = "".join(f", {column.name}" for column in clustering)
        columns = ", ".join(
            f"{column.name} {column.type}" + (" static" if column.kind == "static" else "")
            for column in self.columns
        )
        order = ", ".join(
            f"{column.name} {'DESC' if column.descending else 'ASC'}" for column in clustering
        )
        tail = f" WITH CLUSTERING ORDER BY ({order})" if clustering else ""
        yield f"CREATE TABLE {self.name} ({columns}, PRIMARY KEY (({key}){behind})){tail}"
        for index in self.indexes:
            yield f"CREATE INDEX ON {self.name} ({index})"
        for partition in self.partitions:
            given = dict(zip([c.name for c in self.of("partition")], partition.key, strict=True))
            if partition.static:
                yield self._insert({**given, **partition.static})
            for place, row in partition.rows.items():
                own = dict(zip([column.name for column in clustering], place, strict=True))
                yield self._insert({**given, **own, **row})

    def _insert(self, values: Row) -> str:
        names = ", ".join(values)
        return (
            f"INSERT INTO {self.name} ({names}) VALUES ({', '.join(map(literal, values.values()))})"
        )


def random_table(name: str, random: Random) -> Table:
    """Return a table of few rows, many of them alike."""
    columns = [
        Column(f"p{number}", random.choice(KEYS), "partition")
        for number in range(random.choice((1, 1, 2, 3)))
    ]
    clustered = random.choice((0, 1, 2, 2, 3))
    columns += [
        Column(f"c{number}", random.choice(CLUSTERINGS), "clustering", random.random() < 0.4)
        for number in range(clustered)
    ]
    if clustered:
        columns += [
            Column(f"s{number}", random.choice(OTHERS), "static")
            for number in range(random.choice((0, 1, 2)))
        ]
    columns += [Column("r0", "int", "regular"), Column("r1", random.choice(KEYS), "regular")]
    columns += [
        Column(f"x{number}", random.choice([each for each in OTHERS if "<" in each]), "regular")
        for number in range(random.choice((0, 1, 2)))
    ]
    indexed = [
        column.name
        for column in columns
        if not column.is_collection
        and column.kind != "static"
        and not (column.kind == "partition" and sum(c.kind == "partition" for c in columns) == 1)
    ]
    indexes = tuple(random.sample(indexed, min(len(indexed), random.choice((0, 0, 1, 2)))))
    return Table(name, tuple(columns), indexes, tuple(_partitions(columns, random)))


def _partitions(columns: Sequence[Column], random: Random) -> list[Partition]:
    key = [column for column in columns if column.kind == "partition"]
    codecs = tuple(codec_of(SCALARS[column.type]) for column in key)
    found: dict[tuple[Value, ...], Partition] = {}
    for _ in range(random.randint(1, 7)):
        values = tuple(random.choice(column.values) for column in key)
        stored = tuple(codec.from_program(v) for codec, v in zip(codecs, values, strict=True))
        partition = Partition(values, token_of(partition_bytes(codecs, stored)))
        found[values] = partition
        clustering = [column for column in columns if column.kind == "clustering"]
        statics = [column for column in columns if column.kind == "static"]
        if random.random() < 0.6:
            partition.static = {
                c.name: random.choice(c.values) for c in statics if random.random() < 0.7
            }
        most = random.choice((0, 1, 3, 12)) if partition.static or not clustering else 6
        for _ in range(max(most, not partition.static)):
            place = tuple(random.choice(column.values) for column in clustering)
            partition.rows[place] = {
                column.name: random.choice(column.values)
                for column in columns
                if column.kind == "regular" and random.random() < 0.7
            }
    return sorted(found.values(), key=lambda partition: partition.token)
