"""Statements of the property tests: their text, and what they mean to the model."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from .model import MARKER, NOWHERE, STATIC, Key, Log, Refused, Times, Write
from .tables import Column, Table, as_json, literal, wire

LATE = 1_700_000_000_000_000
"""Microseconds since 1970: timestamps that statements name are before, those of clocks after."""


@dataclass(frozen=True)
class Change:
    """What is done to a column: ``how`` is a word of ``_SHOWN``, of UPDATE, or of ``_TAKEN``."""

    column: Column
    how: str
    value: Any = None
    path: Any = None


@dataclass(frozen=True)
class Where:
    """Rows of a partition: those listed; or the ones with these first columns within bounds."""

    rows: tuple[Key, ...] | None = None
    equal: Key = ()
    low: Key | None = None
    low_inclusive: bool = True
    high: Key | None = None
    high_inclusive: bool = True

    @property
    def is_every(self) -> bool:
        """Say whether it is all of the partition, the static row too."""
        return self.rows is None and not self.equal and self.low is None and self.high is None

    def holds(self, row: Key) -> bool:
        """Say whether a row is one of them."""
        if self.rows is not None:
            return row in self.rows
        if row in (STATIC, NOWHERE):
            return row == STATIC and self.is_every
        if row[: len(self.equal)] != self.equal:
            return False
        rest = row[len(self.equal) :]
        if self.low is not None:
            part = rest[: len(self.low)]
            if not (part >= self.low if self.low_inclusive else part > self.low):
                return False
        if self.high is not None:
            part = rest[: len(self.high)]
            if not (part <= self.high if self.high_inclusive else part < self.high):
                return False
        return True

    def text(self, names: Sequence[str]) -> list[str]:
        """Return the relations."""
        if self.rows is not None:
            if not names or not self.rows:
                return []
            if len(self.rows) == 1:
                return [f"{n} = {v}" for n, v in zip(names, self.rows[0], strict=True)]
            return [f"{_tuple(names)} IN ({', '.join(map(_tuple, self.rows))})"]
        found = [f"{n} = {v}" for n, v in zip(names, self.equal, strict=False)]
        rest = names[len(self.equal) :]
        for bound, sign, inclusive in (
            (self.low, ">", self.low_inclusive),
            (self.high, "<", self.high_inclusive),
        ):
            if bound is not None:
                operator = sign + "=" * inclusive
                if len(bound) == 1:
                    found.append(f"{rest[0]} {operator} {bound[0]}")
                else:
                    found.append(f"{_tuple(rest[: len(bound)])} {operator} {_tuple(bound)}")
        return found


EVERY = Where()


def _tuple(values: Sequence[Any]) -> str:
    return f"({', '.join(map(str, values))})"


@dataclass(frozen=True)
class Condition:
    """IF. ``column`` is None for EXISTS, with ``value`` True, and NOT EXISTS."""

    column: Column | None
    value: Any

    def text(self) -> str:
        """Return it as CQL."""
        if self.column is None:
            return " IF EXISTS" if self.value else " IF NOT EXISTS"
        return f" IF {self.column.name} = {literal(self.column.kind, self.value)}"


@dataclass(frozen=True)
class Modify:
    """INSERT, with JSON or not, UPDATE or DELETE, which is ``verb``."""

    table: Table
    verb: str
    partitions: tuple[int, ...]
    where: Where
    changes: tuple[Change, ...] = ()
    at: int | None = None
    ttl: int | None = None
    condition: Condition | None = None

    def text(self, base: int = 0) -> str:
        """Return it as CQL; partitions are counted from ``base``."""
        if self.verb in ("INSERT", "JSON"):
            return self._insert(base)
        using = self._using()
        names = [name for name, _ in self.table.clustering]
        keys = [key + base for key in self.partitions]
        partition = f"pk = {keys[0]}" if len(keys) == 1 else f"pk IN {_tuple(keys)}"
        where = " AND ".join([partition, *self.where.text(names)])
        condition = self.condition.text() if self.condition else ""
        if self.verb == "UPDATE":
            sets = ", ".join(_SHOWN[change.how](change) for change in self.changes)
            return f"UPDATE {self.table.name}{using} SET {sets} WHERE {where}{condition}"
        taken = ", ".join(_TAKEN[change.how](change) for change in self.changes)
        return f"DELETE {taken}{' ' * bool(taken)}FROM {self.table.name}{using} WHERE {where}" + (
            condition
        )

    def _using(self) -> str:
        parts = [] if self.at is None else [f"TIMESTAMP {self.at}"]
        parts += [] if self.ttl is None else [f"TTL {self.ttl}"]
        return f" USING {' AND '.join(parts)}" if parts else ""

    def _insert(self, base: int) -> str:
        rows = self.where.rows
        clustering = zip(
            (n for n, _ in self.table.clustering), rows[0] if rows else (), strict=False
        )
        key = {"pk": self.partitions[0] + base, **dict(clustering)}
        condition = self.condition.text() if self.condition else ""
        table, using = self.table.name, self._using()
        if self.verb == "JSON":
            given = {c.column.name: as_json(c.column.kind, c.value) for c in self.changes}
            text = json.dumps({**key, **given})
            return f"INSERT INTO {table} JSON '{text}'{condition}{using}"
        names = [*key, *(change.column.name for change in self.changes)]
        values = [*map(str, key.values())]
        values += [literal(change.column.kind, change.value) for change in self.changes]
        return (
            f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join(values)})"
            f"{condition}{using}"
        )


@dataclass(frozen=True)
class Batch:
    """BEGIN BATCH."""

    statements: tuple[Modify, ...]
    at: int | None = None
    kind: str = ""

    def text(self, base: int = 0) -> str:
        """Return it as CQL."""
        using = "" if self.at is None else f" USING TIMESTAMP {self.at}"
        inside = "; ".join(one.text(base) for one in self.statements)
        return f"BEGIN {self.kind}BATCH{using} {inside}; APPLY BATCH"


@dataclass(frozen=True)
class Advance:
    """Time goes on."""

    seconds: int


Step = Modify | Batch | Advance


def _keys(change: Change) -> str:
    return "{" + ", ".join(map(str, change.value)) + "}"


def _own(change: Change) -> str:
    return literal(change.column.kind, change.value)


_SHOWN: dict[str, Callable[[Change], str]] = {
    "set": lambda c: f"{c.column.name} = {_own(c)}",
    "add": lambda c: f"{c.column.name} = {c.column.name} + {_own(c)}",
    "prepend": lambda c: f"{c.column.name} = {_own(c)} + {c.column.name}",
    "discard": lambda c: f"{c.column.name} = {c.column.name} - {_own(c)}",
    "remove": lambda c: f"{c.column.name} = {c.column.name} - {_keys(c)}",
    "at": lambda c: f"{c.column.name}[{c.path}] = {literal(_item(c.column), c.value)}",
    "field": lambda c: f"{c.column.name}.{'xy'[c.path]} = {literal(_FIELDS[c.path], c.value)}",
    "count": lambda c: f"{c.column.name} = {c.column.name} + {c.value}",
}
_TAKEN: dict[str, Callable[[Change], str]] = {
    "drop": lambda c: c.column.name,
    "drop at": lambda c: f"{c.column.name}[{c.path}]",
    "drop field": lambda c: f"{c.column.name}.{'xy'[c.path]}",
}
_FIELDS = ("int", "text")


def _item(column: Column) -> str:
    return "text" if column.kind == "map" else "int"


class Model:
    """A table as its statements have left it."""

    def __init__(self, table: Table, now: int) -> None:
        self.table = table
        self.now = now
        self.columns = {column.name: column for column in table.columns}
        self.log = Log(self._wire)
        self._late = LATE

    def _wire(self, name: str, path: Any, value: Any) -> bytes:
        if name == MARKER:
            return b""
        column = self.columns[name]
        match column.kind:
            case "set":
                return b""
            case "map" | "list":
                return wire(_item(column), value)
            case "udt":
                return wire(_FIELDS[path], value)
        return wire(column.kind, value)

    def do(self, step: Step) -> bool | None:
        """Do a statement; return whether it was applied, None if it asks nothing.

        Raises Refused.
        """
        if isinstance(step, Advance):
            self.now += step.seconds
            return None
        statements = step.statements if isinstance(step, Batch) else (step,)
        self._late += 1
        late = self._late if step.at is None else step.at
        asked = [one for one in statements if one.condition is not None]
        if not all(self._holds(one) for one in asked):
            return False
        writes = [
            write
            for one in statements
            for write in self._writes(one, late if one.at is None else one.at, bool(asked))
        ]
        for write in writes:
            write()
        return True if asked else None

    # Conditions

    def _holds(self, modify: Modify) -> bool:
        condition, key = modify.condition, modify.partitions[0]
        assert condition is not None
        rows = modify.where.rows
        static_only = _static_only(modify)
        row: Key = STATIC if static_only else rows[0] if rows else ()
        if condition.column is None:
            columns = self.table.statics if row == STATIC else self.table.regulars
            there = self.log.is_live(key, row, [column.name for column in columns], self.now)
            return there is condition.value
        shown = self.value(key, STATIC if condition.column.static else row, condition.column)
        return bool(shown == condition.value)

    # Writing

    def _writes(self, modify: Modify, at: int, ranges_first: bool) -> list[Callable[[], None]]:
        """Return what a statement writes, with what it reads having been read."""
        log, found = self.log, list[Callable[[], None]]()
        ttl = self.table.ttl if modify.ttl is None else modify.ttl
        times = Times(at, ttl, self.now)
        changes = list(modify.changes)
        if modify.verb == "JSON":
            named = {change.column.name for change in changes}
            changes += [Change(c, "set") for c in self.table.columns if c.name not in named]
        for key in modify.partitions:
            if modify.verb == "DELETE" and not changes:
                # Of ranges a conditional request deletes what is older than all that it writes.
                until = at - 1 if ranges_first and modify.where.rows is None else at
                found.append(partial(log.delete, key, modify.where.holds, until))
                continue
            # A static counter is added to for each of the rows.
            times_each = max(len(modify.where.rows or ()), 1) if self.table.counts else 1
            for change in changes * times_each:
                if change.column.static:
                    found += self._change(key, STATIC, change, times)
            for row in modify.where.rows or ():
                if modify.verb in ("INSERT", "JSON"):
                    found.append(partial(log.mark, key, row, times))
                for change in changes:
                    if not change.column.static:
                        found += self._change(key, row, change, times)
        return found

    def _change(self, key: int, row: Key, change: Change, times: Times) -> list[Callable[[], None]]:
        name, value = change.column.name, change.value
        written: dict[Any, Any] = {}
        wiped: int | None = None
        match change.how:
            case "set" if change.column.has_parts:
                wiped = times.at - 1
                written = self._parts(change)
            case "set" | "drop":
                written = {None: value}
                if change.column.has_parts:
                    wiped, written = times.at, {}
            case "add" | "prepend":
                written = self._parts(change)
            case "remove":
                written = dict.fromkeys(value)
            case "discard":
                items = self.log.parts(key, row, name, self.now)
                written = {path: None for path, one in items.items() if one.value in value}
            case "at" | "drop at" if change.column.kind == "list":
                doing = "set an element on" if change.how == "at" else "delete an element from"
                written = {self._item_path(key, row, change, doing): value}
            case "at" | "drop at" | "field" | "drop field":
                written = {change.path: value}
            case "count":
                return [lambda: self._count(key, row, name, value)]

        def write() -> None:
            if wiped is not None:
                self.log.wipe(key, row, name, wiped)
            for path, one in written.items():
                self.log.write(key, row, name, path, one, times)

        return [write]

    def _parts(self, change: Change) -> dict[Any, Any]:
        """Return the cells of a value with parts, by path."""
        value = change.value
        if value is None:
            return {}
        match change.column.kind:
            case "list" if change.how == "prepend":
                return {self.log.place(before=True): item for item in reversed(value)}
            case "list":
                return {self.log.place(): item for item in value}
            case "set":
                return dict.fromkeys(value, True)
            case "map":
                return dict(value)
        return {n: one for n, one in enumerate(value) if one is not None}

    def _item_path(self, key: int, row: Key, change: Change, doing: str) -> Any:
        paths = list(self.log.parts(key, row, change.column.name, self.now))
        if not paths:
            raise Refused(f"Attempted to {doing} a list which is null")
        if change.path >= len(paths):
            raise Refused(f"List index {change.path} out of bound, list has size {len(paths)}")
        return paths[change.path]

    def _count(self, key: int, row: Key, name: str, value: int) -> None:
        """Add to a counter: what is left of it, written anew."""
        self._late += 1
        known = self.log.cell(key, row, name, self.now)
        total = value + (0 if known is None else known.value)
        self.log.write(key, row, name, None, total, Times(self._late))

    # Reading

    def value(self, key: int, row: Key, column: Column) -> Any:
        """Return a column's value."""
        parts = self.log.parts(key, row, column.name, self.now)
        if not parts:
            return None
        match column.kind:
            case "list":
                return tuple(cell.value for cell in parts.values())
            case "set":
                return tuple(parts)
            case "map":
                return tuple((path, cell.value) for path, cell in parts.items())
            case "udt":
                return tuple(parts[n].value if n in parts else None for n in range(2))
        return parts[None].value

    def _times(self, key: int, row: Key, column: Column) -> list[Any]:
        """Return what writetime says of a column, and ttl of a plain one."""
        cells = self.log.parts(key, row, column.name, self.now)
        if column.has_parts:
            return [tuple(late(cell.times.at) for cell in cells.values()) or None]
        cell = cells.get(None)
        return [None, None] if cell is None else [late(cell.times.at), _left(cell, self.now)]

    def rows(self, key: int, where: Where = EVERY) -> list[tuple[Any, ...]]:
        """Return what SELECT shows of a partition, or of rows of it."""
        table = self.table
        names = [column.name for column in table.regulars]
        found = [row for row in self.log.rows(key, names, self.now) if where.holds(row)]
        for place in reversed(range(len(table.clustering))):
            found.sort(key=lambda row: row[place], reverse=table.clustering[place][1])
        statics = [column.name for column in table.statics]
        if not found and where.is_every and self.log.is_live(key, STATIC, statics, self.now):
            return [self._shown(key, None)]
        return [self._shown(key, row) for row in found]

    def _shown(self, key: int, row: Key | None) -> tuple[Any, ...]:
        shown: list[Any] = [key, *(row or (None,) * len(self.table.clustering))]
        times: list[Any] = []
        for column in self.table.columns:
            place = STATIC if column.static else NOWHERE if row is None else row
            shown.append(self.value(key, place, column))
            if column.kind not in ("counter", "udt"):
                times += self._times(key, place, column)
        return (*shown, *times)


def _static_only(modify: Modify) -> bool:
    if modify.verb in ("INSERT", "JSON") or not modify.changes:
        return False
    return all(change.column.static for change in modify.changes)


def late(at: int) -> int:
    """Return a timestamp, but one number for all that are of clocks."""
    return min(at, LATE)


def _left(cell: Write, now: int) -> int | None:
    return None if cell.goes is None else cell.goes - now
