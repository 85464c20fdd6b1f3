"""INSERT, UPDATE, DELETE, BATCH, TRUNCATE, USE."""

from __future__ import annotations

from collections.abc import Callable

from fivefold.languages.cql.parse import relations, terms
from fivefold.languages.cql.parse.stream import Stream
from fivefold.languages.cql.tree import (
    Assignment,
    Batch,
    ColumnName,
    Delete,
    Deletion,
    Insert,
    Modification,
    Term,
    Truncate,
    Update,
    Use,
)
from fivefold.values.cql.faults import syntax


def insert(s: Stream) -> Insert:
    """Read INSERT."""
    s.expect("INSERT", "INTO")
    table = s.qualified()
    columns: tuple[ColumnName, ...] = ()
    values: tuple[Term, ...] = ()
    json, unset = None, False
    if s.accept("JSON"):
        json = terms.term(s)
        if s.accept("DEFAULT"):
            unset = s.accept("UNSET")
            if not unset:
                s.expect("NULL")
    else:
        if s.mark != "(":
            s.fail()
        s.advance()
        columns = s.listed(_column)
        s.expect(")", "VALUES", "(")
        values = s.listed(terms.term)
        s.expect(")")
    absent = s.accept("IF", "NOT", "EXISTS")
    timestamp, ttl = _using(s)
    return Insert(table, columns, values, json, unset, absent, timestamp, ttl)


def update(s: Stream) -> Update:
    """Read UPDATE."""
    s.expect("UPDATE")
    table = s.qualified()
    timestamp, ttl = _using(s)
    if s.mark != "SET":
        s.fail()
    s.advance()
    assignments = s.listed(_assignment)
    _check_compatible(assignments)
    where = relations.required_where(s)
    conditions, exists = relations.conditions(s)
    return Update(table, assignments, where, conditions, exists, timestamp, ttl)


def delete(s: Stream) -> Delete:
    """Read DELETE."""
    s.expect("DELETE")
    deletions = () if s.mark == "FROM" else s.listed(_deletion)
    s.expect("FROM")
    table = s.qualified()
    timestamp = None
    if s.accept("USING"):
        s.expect("TIMESTAMP")
        timestamp = terms.whole_number(s)
    where = relations.required_where(s)
    conditions, exists = relations.conditions(s)
    return Delete(table, deletions, where, conditions, exists, timestamp)


def batch(s: Stream) -> Batch:
    """Read BEGIN … BATCH … APPLY BATCH."""
    s.expect("BEGIN")
    kind = "logged"
    if s.mark in ("UNLOGGED", "COUNTER"):
        kind = s.advance().text
    s.expect("BATCH")
    timestamp, ttl = _using(s)
    statements: list[Modification] = []
    while s.mark in _MODIFICATIONS:
        statements.append(_MODIFICATIONS[s.mark](s))
        s.accept(";")
    s.expect("APPLY", "BATCH")
    return Batch(kind, tuple(statements), timestamp, ttl)  # type: ignore[arg-type]  # see above


_MODIFICATIONS: dict[str, Callable[[Stream], Modification]] = {
    "INSERT": insert,
    "UPDATE": update,
    "DELETE": delete,
}


def truncate(s: Stream) -> Truncate:
    """Read TRUNCATE."""
    s.expect("TRUNCATE")
    if s.mark in ("TABLE", "COLUMNFAMILY"):
        s.advance()
    return Truncate(s.qualified())


def use(s: Stream) -> Use:
    """Read USE."""
    s.expect("USE")
    return Use(s.name())


def _column(s: Stream) -> ColumnName:
    at = s.at
    return ColumnName(s.name(), at)


def _using(s: Stream) -> tuple[Term | None, Term | None]:
    """Read USING TIMESTAMP and TTL, in any order; of what is said twice the last counts."""
    timestamp = ttl = None
    if not s.accept("USING"):
        return None, None
    while True:
        if s.accept("TIMESTAMP"):
            timestamp = terms.whole_number(s)
        elif s.accept("TTL"):
            ttl = terms.whole_number(s)
        else:
            s.fail()
        if not s.accept("AND"):
            return timestamp, ttl


def _assignment(s: Stream) -> Assignment:
    column = _column(s)
    if s.accept("["):
        key = terms.term(s)
        s.expect("]", "=")
        return Assignment(column, "=", terms.term(s), key=key)
    if s.accept("."):
        field = s.name()
        s.expect("=")
        return Assignment(column, "=", terms.term(s), field=field)
    if s.mark in ("+=", "-="):
        operator = s.advance().raw
        return Assignment(column, "+" if operator == "+=" else "-", terms.term(s))
    s.expect("=")
    if s.is_name() and s.peek() in ("+", "-"):
        return _own(s, column)
    value = terms.summand(s)
    if s.mark == "+" and _column_follows(s):
        s.advance()
        at = s.at
        if s.name() != column.name:
            raise syntax("Only expressions of the form X = <value> + X are supported.", at)
        return Assignment(column, "prepend", value)
    return Assignment(column, "=", terms.rest_of_sum(s, value))


def _check_compatible(assignments: tuple[Assignment, ...]) -> None:
    """Raise if a column is set twice, and one of them sets the whole of it."""
    seen: dict[str, list[Assignment]] = {}
    for one in assignments:
        for other in seen.setdefault(one.column.name, []):
            whole = any(
                each.operator == "=" and each.key is None and each.field is None
                for each in (one, other)
            )
            if whole or (one.field is not None and one.field == other.field):
                raise syntax(
                    f"Multiple incompatible setting of column {one.column.name}", one.column.at
                )
        seen[one.column.name].append(one)


def _own(s: Stream, column: ColumnName) -> Assignment:
    """Read what follows ``c =`` in ``c = c + 1``."""
    at = s.at
    if s.name() != column.name:
        raise syntax("Only expressions of the form X = X +<value> are supported.", at)
    operator = s.advance().raw
    value = terms.term(s)
    return Assignment(column, "+" if operator == "+" else "-", value)


def _column_follows(s: Stream) -> bool:
    index = s.index
    s.advance()
    found = s.is_name() and s.peek() not in ("(", ".")
    s.go_to(index)
    return found


def _deletion(s: Stream) -> Deletion:
    column = _column(s)
    if s.accept("["):
        key = terms.term(s)
        s.expect("]")
        return Deletion(column, key=key)
    if s.accept("."):
        return Deletion(column, field=s.name())
    return Deletion(column)
