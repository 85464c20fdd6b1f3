"""Statements that read rows in Cassandra's order: of a partition, of its slices, of many of them.

Where a page ended its successor begins by ranges of the key: after (a, b, c) come the rows of the
same a and b with a later c, then those of the same a with a later b, then those with a later a,
whichever way each of them is sorted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fivefold.languages.cql.relations.ranges import Slice, TokenBounds
from fivefold.languages.cql.relations.records import Values
from fivefold.languages.cql.run import Run
from fivefold.languages.cql.select.columns import (
    TOKEN_NAME,
    Columns,
    Row,
    kept,
    named,
    names_of,
    table_type,
)
from fivefold.languages.cql.select.pushed import Condition
from fivefold.languages.cql.tables import Column, ColumnFamily
from fivefold.models.widecolumn.layout import rows_name, statement, static_name
from fivefold.plan.statement import Effort, Prepared
from fivefold.values.types import INT8, Stored, Type


class Search:
    """A condition on the key, in the making."""

    __slots__ = ("containers", "types", "values", "where")

    def __init__(self, conditions: Sequence[Condition] = ()) -> None:
        self.where: list[str] = []
        self.types: list[Type] = []
        self.values: list[Stored] = []
        self.containers: dict[str, tuple[str, str]] = {}
        for condition in conditions:
            self.add(condition.text, condition.types, condition.values)
            self.containers.update(condition.containers)

    def add(self, text: str, types: Sequence[Type], values: Sequence[Stored]) -> None:
        """Add a condition."""
        self.where.append(text)
        self.types += types
        self.values += values

    def column(self, column: Column, operator: str, value: Stored) -> None:
        """Compare a column."""
        self.add(
            f"{named(column.name)} {operator} ?", (table_type(column),), (kept(column, value),)
        )

    def partition(self, family: ColumnFamily, token: int, key: Values) -> None:
        """Say which partition."""
        self.add(f"{TOKEN_NAME} = ?", (INT8,), (token,))
        for column, value in zip(family.partition, key, strict=True):
            self.column(column, "=", value)

    def tuple(self, columns: Sequence[Column], operator: str, values: Values) -> None:
        """Compare some columns as the tuple that they are."""
        if len(values) == 1:
            self.column(columns[0], operator, values[0])
            return
        columns = columns[: len(values)]
        names = ", ".join([named(column.name) for column in columns])
        self.add(
            f"({names}) {operator} ({', '.join('?' * len(values))})",
            [table_type(column) for column in columns],
            [kept(column, value) for column, value in zip(columns, values, strict=True)],
        )

    def equal(self, columns: Sequence[Column], values: Values) -> None:
        """Say what the first of some columns are."""
        for column, value in zip(columns, values, strict=False):
            self.column(column, "=", value)

    def within(self, rest: Sequence[Column], slice_: Slice) -> None:
        """Say the bounds of a slice, of the columns that come after its equal ones."""
        if slice_.low is not None:
            self.tuple(rest, ">=" if slice_.low_inclusive else ">", slice_.low)
        if slice_.high is not None:
            self.tuple(rest, "<=" if slice_.high_inclusive else "<", slice_.high)

    def tokens(self, bounds: TokenBounds) -> None:
        """Say which tokens."""
        self.add(
            f"{TOKEN_NAME} >= ? AND {TOKEN_NAME} <= ?", (INT8, INT8), (bounds.low, bounds.high)
        )

    def after(self, family: ColumnFamily, token: int, key: Values) -> None:
        """Say that only partitions after one are meant."""
        names = ", ".join([TOKEN_NAME, *(named(column.name) for column in family.partition)])
        self.add(
            f"({names}) > ({', '.join('?' * (len(key) + 1))})",
            [INT8, *(column.codec.store for column in family.partition)],
            [token, *key],
        )

    @property
    def text(self) -> str:
        """Return the condition."""
        return " AND ".join(self.where) or "1 = 1"


class Reader:
    """The statements over the rows of one family that a plan has, prepared when first needed."""

    def __init__(self, columns: Columns, *, backwards: bool) -> None:
        self.columns = columns
        self.family = family = columns.family
        self.backwards = backwards
        self._rows = ("r", (family.keyspace, rows_name(family.name)))
        self._static = ("s", (family.keyspace, static_name(family.name)))
        self._prepared: dict[tuple[str, str], Prepared] = {}
        key = [TOKEN_NAME, *(named(column.name) for column in family.partition)]
        self._static_order = ", ".join(key)
        clustering = [
            named(column.name) + (" DESC" if column.descending != backwards else "")
            for column in family.clustering
        ]
        self._order = ", ".join(key + clustering)
        self._row_columns = columns.of_rows
        self._static_columns = [
            *((column.name, column.codec.store) for column in family.partition),
            *columns.of_static,
        ]
        self._row_names = names_of(self._row_columns)
        self._static_names = names_of(self._static_columns)

    def rows(
        self, run: Run, search: Search, limit: int | None, *, point: bool = False
    ) -> Iterator[Row]:
        """Yield the rows of a search, in order."""
        key = (search.text, "r" if limit is None else "l")
        prepared = self._prepared.get(key)
        if prepared is None:
            text = f"SELECT {self._row_names} FROM {{r}} WHERE {key[0]} ORDER BY {self._order}"
            types = [*search.types]
            if limit is not None:
                text += " LIMIT ?"
                types.append(INT8)
            tables = dict([self._rows]) | search.containers
            prepared = self._prepare(run, key, text, tables, types, self._row_columns, point)
        values = search.values if limit is None else [*search.values, limit]
        if point:
            return iter(run.unit.runner.run(prepared, values))
        return run.unit.runner.stream(prepared, values)

    def static(self, run: Run, search: Search, *, point: bool = False) -> Iterator[Row]:
        """Yield static rows, each behind its partition key, in order."""
        key = (search.text, "s")
        prepared = self._prepared.get(key)
        if prepared is None:
            text = (
                f"SELECT {self._static_names} FROM {{s}} WHERE {key[0]}"
                f" ORDER BY {self._static_order}"
            )
            tables = dict([self._static]) | search.containers
            prepared = self._prepare(
                run, key, text, tables, search.types, self._static_columns, point
            )
        if point:
            return iter(run.unit.runner.run(prepared, search.values))
        return run.unit.runner.stream(prepared, search.values)

    def count(self, run: Run, search: Search) -> int:
        """Return how many rows a search finds."""
        key = (search.text, "c")
        prepared = self._prepared.get(key)
        if prepared is None:
            text = f"SELECT count(*) FROM {{r}} WHERE {key[0]}"
            tables = dict([self._rows]) | search.containers
            prepared = self._prepare(run, key, text, tables, search.types, [("count", INT8)], False)
        ((found,),) = run.unit.runner.run(prepared, search.values)
        assert isinstance(found, int)
        return found

    def _prepare(
        self,
        run: Run,
        key: tuple[str, str],
        text: str,
        tables: dict[str, tuple[str, str]],
        types: Sequence[Type],
        columns: Sequence[tuple[str, Type]],
        point: bool,
    ) -> Prepared:
        made = statement(
            text, tables, types, columns, effort=Effort.POINT if point else Effort.SCAN
        )
        found = self._prepared[key] = run.unit.prepare(made)
        return found
