"""The statements by which rows of a column family are read and written, prepared when used."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from fivefold.models.widecolumn.cells import Part
from fivefold.models.widecolumn.layout import CELLS, EXPIRES, PAST, TOKEN, WRITTEN, statement
from fivefold.models.widecolumn.shape import KeyColumn, Shape, named
from fivefold.plan.statement import Effort, Prepared, Statement
from fivefold.values.types import INT8, TEXT, Type

Prepare = Callable[[Statement], Prepared]

_OWN = ((WRITTEN, INT8), (CELLS, TEXT), (EXPIRES, INT8))

NO_MARKER = '{"":[0]}'
"""What ``cells$`` is for a row that was never inserted."""


class Side:
    """The statements over the rows of a family, or over its static rows.

    Parameters are the token and the values of the key, then those of ``parts`` and their own
    columns. A counter's rows, other than static ones, have no such columns.
    """

    def __init__(self, prepare: Prepare, shape: Shape, *, static: bool) -> None:
        self.prepare = prepare
        self.shape = shape
        self.static = static
        self.table = "s" if static else "r"
        self.parts: tuple[Part, ...] = shape.static if static else shape.regular
        self.keys: tuple[KeyColumn, ...] = shape.partition
        if not static:
            self.keys += shape.clustering
        self.timed = static or not shape.counter
        self._made: dict[str, Prepared] = {}
        self._columns = [named(part.name) for part in self.parts]
        self._types = [part.codec.store for part in self.parts]
        self._key_names = [named(TOKEN), *(named(column.name) for column in self.keys)]
        self.key_types: list[Type] = [INT8, *(column.type for column in self.keys)]
        self._own = _OWN if self.timed else ()
        self.at_key = " AND ".join([f"{name} = ?" for name in self._key_names])
        self.all_columns = ", ".join([*self._columns, *(named(name) for name, _ in self._own)])
        self.outputs = [
            *((part.name, part.codec.store) for part in self.parts),
            *self._own,
        ]

    def made(self, name: str, make: Callable[[], Statement]) -> Prepared:
        """Return a statement by its name, prepared."""
        found = self._made.get(name)
        if found is None:
            found = self._made[name] = self.prepare(make())
        return found

    def _statement(
        self,
        text: str,
        parameters: Sequence[Type],
        outputs: Sequence[tuple[str, Type]] | None = None,
        *,
        writes: bool = False,
        past: bool = False,
        effort: Effort = Effort.POINT,
    ) -> Statement:
        names = [self.table, *("p" for _ in range(past))]
        containers = {name: self.shape.containers[name] for name in names}
        return statement(text, containers, parameters, outputs, writes=writes, effort=effort)

    @property
    def read(self) -> Prepared:
        """Return the values and the own columns of the row with a key."""
        return self.made(
            "read",
            lambda: self._statement(
                f"SELECT {self.all_columns or '1'} FROM {{{self.table}}} WHERE {self.at_key}",
                self.key_types,
                self.outputs or [("there", INT8)],
            ),
        )

    @property
    def write(self) -> Prepared:
        """Write the row with a key, whatever is there."""
        return self.made("write", self._write)

    def _write(self) -> Statement:
        columns = [*self._columns, *(named(name) for name, _ in self._own)]
        sets = ", ".join([f"{column} = excluded.{column}" for column in columns])
        return self._statement(
            f"{self._insert(columns)} VALUES ({self._marks(columns)})"
            f" ON CONFLICT ({', '.join(self._key_names)}) DO UPDATE SET {sets}",
            [*self.key_types, *self._types, *(type_ for _, type_ in self._own)],
            writes=True,
        )

    def _insert(self, columns: Sequence[str]) -> str:
        return f"INSERT INTO {{{self.table}}} ({', '.join([*self._key_names, *columns])})"

    def _marks(self, columns: Sequence[str]) -> str:
        return ", ".join("?" * (len(self._key_names) + len(columns)))

    @property
    def remove(self) -> Prepared:
        """Delete the row with a key."""
        return self.made(
            "remove",
            lambda: self._statement(
                f"DELETE FROM {{{self.table}}} WHERE {self.at_key}", self.key_types, writes=True
            ),
        )

    def insert(self, columns: Sequence[str]) -> Prepared:
        """Insert a row, or overwrite all of it, if nothing more is to be known for that.

        Parameters: the key, the columns' values, ``written$``, ``cells$`` and ``expires$``, with
        ``Shape.past`` the token and ``written$`` again. No row is changed if one is there that has
        times of its own, was written later or has columns that are not overwritten.
        """
        return self.made(f"insert {' '.join(columns)}", lambda: self._quick(columns, _overwrite))

    def update(self, columns: Sequence[str]) -> Prepared:
        """Write columns of a row, there or not, if nothing more is to be known for that.

        Parameters: as of ``insert``, then ``cells$`` as it is if only these columns differ, the
        same once more, and ``written$`` as text, of ``DIGITS`` digits, twice. It is done if the
        row has no times of its own, or only these columns have, of an earlier time.
        """
        return self.made(f"update {' '.join(columns)}", lambda: self._quick(columns, _amend))

    def _quick(
        self, columns: Sequence[str], act: Callable[[str, Sequence[str], bool], Act]
    ) -> Statement:
        types = {part.name: part.codec.store for part in self.parts}
        own = [named(name) for name, _ in self._own]
        marks = self._marks([*columns, *own])
        guard = " WHERE NOT EXISTS (SELECT 1 FROM {p} WHERE token = ? AND at >= ?)"
        values = f"SELECT {marks}{guard}" if self.shape.past else f"VALUES ({marks})"
        changes, condition, more = act(
            f"{{{self.table}}}.", columns, len(columns) == len(self.parts)
        )
        sets = ", ".join([*(f"{one} = excluded.{one}" for one in map(named, columns)), *changes])
        return self._statement(
            f"{self._insert([*map(named, columns), *own])} {values}"
            f" ON CONFLICT ({', '.join(self._key_names)}) DO UPDATE SET {sets}"
            f" WHERE {condition}",
            [
                *self.key_types,
                *(types[column] for column in columns),
                *(type_ for _, type_ in self._own),
                *([INT8, INT8] if self.shape.past else []),
                *more,
            ],
            writes=True,
            past=self.shape.past,
        )

    def count(self, columns: Sequence[str]) -> Prepared:
        """Add to counters of the row with a key, unless a sum might be too large.

        Parameters: the key, a number for each column, the own columns of a static row; then the
        numbers again.
        """
        return self.made(f"count {' '.join(columns)}", lambda: self._count(columns))

    def _count(self, columns: Sequence[str]) -> Statement:
        names = [named(column) for column in columns]
        table = f"{{{self.table}}}"
        sums = [f"coalesce({table}.{name}, 0) + excluded.{name}" for name in names]
        sets = ", ".join([f"{name} = {total}" for name, total in zip(names, sums, strict=True)])
        own = [named(name) for name, _ in self._own]
        fits = " AND ".join(
            [f"coalesce({table}.{name}, 0) BETWEEN {-SAFE} AND {SAFE}" for name in names]
        )
        return self._statement(
            f"{self._insert([*names, *own])} VALUES ({self._marks([*names, *own])})"
            f" ON CONFLICT ({', '.join(self._key_names)}) DO UPDATE SET {sets} WHERE {fits}",
            [*self.key_types, *(INT8 for _ in names), *(type_ for _, type_ in self._own)],
            writes=True,
        )

    def within(self, condition: str, types: Sequence[Type]) -> Prepared:
        """Return clustering values, values and own columns of rows of a partition.

        ``condition`` is on clustering columns, or "". Parameters: token, partition key, ``types``.
        """
        return self.made(f"within {condition}", lambda: self._within(condition, types, ""))

    def _within(self, condition: str, types: Sequence[Type], more: str) -> Statement:
        clustering = [] if self.static else list(self.shape.clustering)
        columns = ", ".join([*(named(column.name) for column in clustering), self.all_columns])
        return self._statement(
            f"SELECT {columns} FROM {{{self.table}}} WHERE {self.at_partition}{condition}{more}",
            [*self._partition_types, *types],
            [*((column.name, column.type) for column in clustering), *self.outputs],
            effort=Effort.SCAN,
        )

    @property
    def expired(self) -> Prepared:
        """Return the keys of rows of which something went before a second, so many at most."""
        expires = named(EXPIRES)
        return self.made(
            "expired",
            lambda: self._statement(
                f"SELECT {', '.join(self._key_names)} FROM {{{self.table}}}"
                f" WHERE {expires} IS NOT NULL AND {expires} <= ? ORDER BY {expires} LIMIT ?",
                (INT8, INT8),
                [(TOKEN, INT8), *((column.name, column.type) for column in self.keys)],
                effort=Effort.SCAN,
            ),
        )

    @property
    def everything(self) -> Prepared:
        """Return the token, the key, the values and the own columns of all rows."""
        return self.made(
            "everything",
            lambda: self._statement(
                f"SELECT {', '.join([*self._key_names, self.all_columns])} FROM {{{self.table}}}",
                (),
                [
                    (TOKEN, INT8),
                    *((column.name, column.type) for column in self.keys),
                    *self.outputs,
                ],
                effort=Effort.SCAN,
            ),
        )

    @property
    def ordered(self) -> Prepared:
        """Return the same of all rows of a partition, in order."""
        descending = {column.name for column in self.shape.clustering if column.descending}
        order = ", ".join(
            [
                named(column.name) + " DESC" * (column.name in descending)
                for column in self.shape.clustering
            ]
        )
        more = f" ORDER BY {order}" if order else ""
        return self.made("ordered", lambda: self._within("", (), more))

    @property
    def at_partition(self) -> str:
        """The condition of a partition."""
        return " AND ".join(
            [f"{name} = ?" for name in self._key_names[: len(self._partition_types)]]
        )

    @property
    def _partition_types(self) -> list[Type]:
        return self.key_types[: 1 + len(self.shape.partition)]

    def remove_plain(self, condition: str, types: Sequence[Type]) -> Prepared:
        """Delete rows of a partition that were all written up to a timestamp, the last parameter.

        With counters there is no such parameter.
        """
        older = f" AND {named(CELLS)} IS NULL AND {named(WRITTEN)} <= ?" if self.timed else ""
        return self.made(
            f"remove {condition}",
            lambda: self._statement(
                f"DELETE FROM {{{self.table}}} WHERE {self.at_partition}{condition}{older}",
                [*self._partition_types, *types, *([INT8] if self.timed else [])],
                writes=True,
                effort=Effort.SCAN,
            ),
        )


DIGITS = 16
"""Of a timestamp from the year 2001 to 2286."""

Act = tuple[list[str], str, list[Type]]
"""What is set, on which condition, with which further parameters."""


def _overwrite(table: str, columns: Sequence[str], every: bool) -> Act:
    """Return what an INSERT does to a row that is there."""
    written, cells, expires = map(named, (WRITTEN, CELLS, EXPIRES))
    condition = (
        f"{table}{cells} IS NULL AND excluded.{cells} IS NULL AND {table}{expires} IS NULL"
        f" AND {table}{written} < excluded.{written}"
    )
    return [f"{written} = excluded.{written}"], condition if every else "false", []


def _amend(table: str, columns: Sequence[str], every: bool) -> Act:
    """Return what an UPDATE does to a row that is there.

    Its own ``cells$``, with the time in it taken for that of the row's, is the row's if the same
    columns differ there, all of one time.
    """
    written, cells, expires = map(named, (WRITTEN, CELLS, EXPIRES))
    no_marker = NO_MARKER.replace("{", "{{").replace("}", "}}")
    old = f"substr({table}{cells}, {len(first_of(columns)) + 1}, {DIGITS})"
    kept = f"{table}{cells} = '{no_marker}'"
    changes = [
        f"{cells} = CASE WHEN {kept} THEN {table}{cells} ELSE ? END",
        f"{written} = CASE WHEN {kept} THEN excluded.{written} ELSE {table}{written} END",
    ]
    forms = [
        f"{table}{cells} IS NULL",
        f"(replace(?, ?, {old}) = {table}{cells} AND {old} < ?)",
        *([kept] if every else []),
    ]
    condition = (
        f"{table}{expires} IS NULL AND {table}{written} < excluded.{written}"
        f" AND ({' OR '.join(forms)})"
    )
    return changes, condition, [TEXT, TEXT, TEXT, TEXT]


def first_of(columns: Sequence[str]) -> str:
    """Return how ``cells$`` begins if these columns differ: up to the first one's timestamp."""
    return f"{{{json.dumps(columns[0], ensure_ascii=False)}:["


SAFE = 2**62
"""Sums of two numbers that are no larger fit."""


class Past:
    """The statements over what was deleted."""

    def __init__(self, prepare: Prepare, shape: Shape) -> None:
        containers = {"p": shape.containers["p"]}

        def made(
            text: str, parameters: str, outputs: str = "", *, writes: bool = False
        ) -> Prepared:
            columns = [(name, PAST[name]) for name in outputs.split()] or None
            types = [PAST[name] for name in parameters.split()]
            return prepare(statement(text, containers, types, columns, writes=writes))

        self.find = made(
            "SELECT low, high, at, cells FROM {p} WHERE token = ? AND partition = ?"
            " AND low <= ? AND high > ?",
            "token partition low low",
            "low high at cells",
        )
        self.add = made(
            "INSERT INTO {p} (token, partition, low, high, at, cells, second)"
            " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (token, partition, low, high, at)"
            " DO UPDATE SET cells = excluded.cells, second = excluded.second",
            "token partition low high at cells second",
            writes=True,
        )
        self.forget = made(
            "DELETE FROM {p} WHERE token = ? AND partition = ? AND low >= ? AND high <= ?"
            " AND at <= ?",
            "token partition low high at",
            writes=True,
        )
        self.drop = made(
            "DELETE FROM {p} WHERE token = ? AND partition = ? AND low = ? AND high = ?"
            " AND cells IS NOT NULL",
            "token partition low high",
            writes=True,
        )

        self.forgotten = made(
            "SELECT 1 AS second FROM {p} WHERE second < ? LIMIT 1", "second", "second"
        )
        key = "token, partition, low, high, at"
        self.clean = prepare(
            statement(
                f"DELETE FROM {{p}} WHERE ({key}) IN (SELECT {key} FROM {{p}} WHERE second < ?"
                " ORDER BY second LIMIT ?)",
                containers,
                [PAST["second"], INT8],
                writes=True,
                effort=Effort.SCAN,
            )
        )


class Plans:
    """All statements over one family's tables."""

    def __init__(self, prepare: Prepare, shape: Shape) -> None:
        self.shape = shape
        self._prepare = prepare
        self.rows = Side(prepare, shape, static=False)
        self.static = Side(prepare, shape, static=True)
        self.past = Past(prepare, shape) if shape.past else None

    def empty(self, tables: Sequence[str]) -> list[Prepared]:
        """Return what deletes everything from tables of the family."""
        namespace = self.shape.namespace
        return [
            self._prepare(
                statement(
                    "DELETE FROM {t}", {"t": (namespace, table)}, writes=True, effort=Effort.SCAN
                )
            )
            for table in tables
        ]
