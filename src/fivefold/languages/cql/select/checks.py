"""The rules of DISTINCT, ORDER BY and GROUP BY.

Source: "SELECT" of Cassandra's CQL reference; the messages are Cassandra's.
"""

from __future__ import annotations

from collections.abc import Sequence

from fivefold.languages.cql.parse.printing import quoted
from fivefold.languages.cql.relations import Restrictions
from fivefold.languages.cql.relations.reading import column_named
from fivefold.languages.cql.relations.records import Equal
from fivefold.languages.cql.tables import Column, ColumnFamily
from fivefold.languages.cql.terms import Scope, Selected, compile_selector
from fivefold.languages.cql.tree import Call, ColumnName, Select, Selector, Term
from fivefold.values.cql.faults import invalid
from fivefold.values.records import Record


def check_distinct(
    family: ColumnFamily, columns: Sequence[str], restrictions: Restrictions
) -> None:
    """Refuse what SELECT DISTINCT may not ask for; ``columns`` are those that it selects."""
    kinds = {family.by_name[name].kind for name in restrictions.columns}
    if kinds & {"clustering", "regular"}:
        raise invalid(
            "SELECT DISTINCT with WHERE clause only supports restriction by partition key and/or"
            " static columns."
        )
    for name in columns:
        if family.by_name[name].kind not in {"partition_key", "static"}:
            raise invalid(
                "SELECT DISTINCT queries must only request partition key columns and/or static"
                f" columns (not {quoted(name)})"
            )
    for column in family.partition:
        if column.name not in columns:
            raise invalid(
                "SELECT DISTINCT queries must request all the partition key columns (missing"
                f" {quoted(column.name)})"
            )


def ordering(select: Select, restrictions: Restrictions) -> tuple[bool, tuple[Column, ...]]:
    """Return whether rows are read backwards, and by which columns they are ordered."""
    family = restrictions.family
    if not select.order_by:
        return False, ()
    columns = {}
    for each in select.order_by:
        if each.ann is not None:
            raise invalid(
                "ANN ordering needs a vector index, which is not supported: order by the"
                " clustering columns"
            )
        columns[each.column.name] = (column_named(family, each.column.name), each.descending)
    if restrictions.uses_index:
        raise invalid("ORDER BY with 2ndary indexes is not supported, except for ANN queries.")
    if not restrictions.keys_given:
        raise invalid(
            "ORDER BY is only supported when the partition key is restricted by an EQ or an IN."
        )
    equal = {
        column.name
        for one in restrictions.restrictions
        if isinstance(one, Equal)
        for column in one.columns
    }
    backwards: bool | None = None
    place = 0
    for column, descending in columns.values():
        if column.kind != "clustering":
            raise invalid(
                "Order by is currently only supported on the clustered columns of the PRIMARY KEY,"
                f" got {quoted(column.name)}"
            )
        while place < column.position and family.clustering[place].name in equal:
            place += 1
        if column.position != place:
            raise invalid(
                "Order by currently only supports the ordering of columns following their declared"
                " order in the PRIMARY KEY"
            )
        place += 1
        if backwards is not None and backwards != (descending != column.descending):
            raise invalid("Unsupported order by relation")
        backwards = descending != column.descending
    return bool(backwards), tuple(column for column, _ in columns.values())


class Grouping(Record):
    """GROUP BY: rows of one group have the same first columns of the key, and ``last``."""

    columns: tuple[Column, ...]
    last: Selected | None = None


def grouping(select: Select, restrictions: Restrictions, scope: Scope) -> Grouping | None:
    """Return how rows are grouped. Raises Cassandra's errors."""
    if not select.group_by:
        return None
    family = restrictions.family
    keys = (*family.partition, *family.clustering)
    equal = {
        column.name
        for one in restrictions.restrictions
        if isinstance(one, Equal)
        for column in one.columns
    }
    place = 0
    last: Selected | None = None
    for term in select.group_by:
        if last is not None:
            raise invalid("Functions are only supported on the last element of the GROUP BY clause")
        column, last = _grouped(family, term, scope)
        if column.kind not in {"partition_key", "clustering"}:
            raise invalid(
                "Group by is currently only supported on the columns of the PRIMARY KEY, got"
                f" {quoted(column.name)}"
            )
        while place < len(keys) and keys[place].name != column.name and keys[place].name in equal:
            place += 1
        if place == len(keys) or keys[place].name != column.name:
            raise invalid(
                "Group by currently only support groups of columns following their declared order"
                " in the PRIMARY KEY"
            )
        place += 1
    whole = len(family.partition)
    if place < whole and not all(column.name in equal for column in keys[place:whole]):
        raise invalid("Group by is not supported on only a part of the partition key")
    if place > whole and select.distinct:
        raise invalid("Grouping on clustering columns is not allowed for SELECT DISTINCT queries")
    return Grouping(keys[: place - (last is not None)], last)


MONOTONIC = frozenset({"floor"})


def _grouped(family: ColumnFamily, term: Term, scope: Scope) -> tuple[Column, Selected | None]:
    """Return the column that is grouped by, and the function of it."""
    if isinstance(term, ColumnName):
        return column_named(family, term.name), None
    selected = compile_selector(Selector(term), family, scope)
    if not (isinstance(term, Call) and term.name[1] in MONOTONIC and selected.columns):
        raise invalid(
            "Only monotonic functions are supported in the GROUP BY clause. Got: " + selected.name
        )
    return column_named(family, selected.columns[0]), selected
