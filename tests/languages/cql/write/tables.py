"""The tables of the property tests, and the values of their columns: as text, as bytes, alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PARTS = {"list", "set", "map", "udt"}
"""Kinds of columns whose parts are cells of their own."""

TYPES = {
    "int": "int",
    "text": "text",
    "list": "list<int>",
    "set": "set<int>",
    "map": "map<int, text>",
    "udt": "pair",
    "flist": "frozen<list<int>>",
    "fudt": "frozen<pair>",
    "counter": "counter",
}
"""Columns' kinds and their types; ``pair`` is the user type (x int, y text)."""

USER_TYPE = "CREATE TYPE IF NOT EXISTS pair (x int, y text)"


@dataclass(frozen=True)
class Column:
    """A column that is not of the key."""

    name: str
    kind: str
    static: bool = False

    @property
    def has_parts(self) -> bool:
        """Say whether its parts are cells."""
        return self.kind in PARTS


@dataclass(frozen=True)
class Table:
    """A table with the partition key ``pk int``. ``clustering``: names, and whether descending."""

    name: str
    clustering: tuple[tuple[str, bool], ...]
    columns: tuple[Column, ...]
    ttl: int = 0

    @property
    def counts(self) -> bool:
        """Say whether it is one of counters."""
        return self.columns[0].kind == "counter"

    @property
    def statics(self) -> list[Column]:
        """Return the static columns."""
        return [column for column in self.columns if column.static]

    @property
    def regulars(self) -> list[Column]:
        """Return the columns of rows."""
        return [column for column in self.columns if not column.static]

    def definition(self) -> str:
        """Return CREATE TABLE."""
        names = [name for name, _ in self.clustering]
        columns = ["pk int", *(f"{name} int" for name in names)]
        for column in self.columns:
            columns.append(f"{column.name} {TYPES[column.kind]}{' static' * column.static}")
        key = ", ".join(["pk", *names])
        order = ", ".join(
            f"{name} {'DESC' if descending else 'ASC'}" for name, descending in self.clustering
        )
        options = [f"CLUSTERING ORDER BY ({order})"] if order else []
        if self.ttl:
            options.append(f"default_time_to_live = {self.ttl}")
        return (
            f"CREATE TABLE {self.name} ({', '.join(columns)}, PRIMARY KEY ({key}))"
            f"{' WITH ' * bool(options)}{' AND '.join(options)}"
        )

    def selection(self) -> list[str]:
        """Return what a whole row is shown by: keys, columns, their timestamps and seconds left."""
        times = [
            f"{function}({column.name})"
            for column in self.columns
            for function in (("writetime",) if column.has_parts else ("writetime", "ttl"))
            if column.kind not in ("counter", "udt")
        ]
        names = [name for name, _ in self.clustering]
        return ["pk", *names, *(column.name for column in self.columns), *times]


TABLES = {
    table.name: table
    for table in (
        Table("plain", (("c", False),), (Column("a", "int"), Column("b", "text"))),
        Table(
            "wide",
            (("c", True), ("d", False)),
            (
                Column("a", "int"),
                Column("f", "flist"),
                Column("l", "list"),
                Column("m", "map"),
                Column("s", "int", True),
                Column("t", "set", True),
                Column("u", "udt"),
            ),
        ),
        Table("lone", (), (Column("a", "int"), Column("g", "fudt"), Column("t", "set"))),
        Table(
            "aging",
            (("c", False),),
            (Column("a", "int"), Column("m", "map"), Column("s", "text", True)),
            5,
        ),
        Table(
            "counters",
            (("c", False),),
            (Column("n", "counter"), Column("o", "counter"), Column("z", "counter", True)),
        ),
    )
}


def literal(kind: str, value: Any) -> str:
    """Return a value as a term of CQL."""
    if value is None:
        return "null"
    match kind:
        case "text":
            return f"'{value}'"
        case "list" | "flist":
            return f"[{', '.join(map(str, value))}]"
        case "set":
            return "{" + ", ".join(map(str, value)) + "}"
        case "map":
            return "{" + ", ".join(f"{key}: {literal('text', one)}" for key, one in value) + "}"
        case "udt" | "fudt":
            given = [("x", "int", value[0]), ("y", "text", value[1])]
            shown = [f"{name}: {literal(type_, one)}" for name, type_, one in given]
            return "{" + ", ".join(shown) + "}"
    return str(value)


def as_json(kind: str, value: Any) -> Any:
    """Return a value as JSON has it."""
    if value is None:
        return None
    if kind == "map":
        return {str(key): one for key, one in value}
    if kind in ("udt", "fudt"):
        return {"x": value[0], "y": value[1]}
    return list(value) if isinstance(value, tuple) else value


def wire(kind: str, value: Any) -> bytes:
    """Return a value's bytes in the protocol."""
    match kind:
        case "text":
            return str(value).encode()
        case "flist":
            return _int(len(value)) + b"".join(_sized("int", one) for one in value)
        case "fudt":
            return _sized("int", value[0]) + _sized("text", value[1])
    return _int(value)


def _int(value: int) -> bytes:
    return value.to_bytes(4, "big", signed=True)


def _sized(kind: str, value: Any) -> bytes:
    if value is None:
        return _int(-1)
    raw = wire(kind, value)
    return _int(len(raw)) + raw


def alike(value: Any) -> Any:
    """Return a value of either side in one form: nothing but tuples, numbers and texts."""
    if isinstance(value, Mapping):
        return tuple(sorted((alike(key), alike(one)) for key, one in value.items()))
    if isinstance(value, list | tuple):
        return tuple(map(alike, value))
    if hasattr(value, "__iter__") and not isinstance(value, str | bytes):
        return tuple(sorted(map(alike, value)))
    return value
