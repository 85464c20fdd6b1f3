"""Binds records: ROW(…), whole rows of a source, their fields, and what compares them.

Source: the PostgreSQL manual, 4.2.13 "Row Constructors", 8.16 "Composite Types" and 9.24 "Row and
Array Comparisons". Rows that are written out compare member by member, so that a null makes the
result unknown; records as wholes compare as sorting does, where two nulls are equal.
"""

from __future__ import annotations

from collections.abc import Sequence

import fivefold.languages.sql.bind.expressions as expressions
from fivefold.errors import InvalidStatement, Unsupported
from fivefold.languages.sql import tree
from fivefold.languages.sql.bind import nodes
from fivefold.languages.sql.bind.casts import settle
from fivefold.languages.sql.bind.names import no_source
from fivefold.languages.sql.bind.nodes import Node, conjunction, identifier, typed
from fivefold.languages.sql.bind.operators import apply
from fivefold.languages.sql.bind.scopes import Field, Scope, Source
from fivefold.plan import nodes as exp
from fivefold.plan.statement import type_of
from fivefold.values.types import BOOLEAN, Kind, Type


def whole_row(scope: Scope, source: Source, at: int) -> Node:
    """Return the row of a source as a record; of a function's one column the value itself."""
    members: list[Node] = [scope.field_node(source, entry, at) for entry in source.fields]
    if source.scalar:
        return members[0]
    table = source.table
    name = None if table is None else (table.namespace, table.name)
    fields = tuple([(entry.name, entry.type) for entry in source.fields])
    made = exp.Row(expressions=members, source=identifier(source.alias))
    made.meta["scope"] = scope.number
    if source.nullable:
        made.meta["nullable"] = True
        present = _never_null(source)
        if present is not None:
            made.meta["guard"] = scope.field_node(source, present, at)
    return typed(made, Type(Kind.RECORD, name=name, fields=fields), at)


def source_row(scope: Scope, node: tree.Name) -> Node:
    """Bind ``t.*`` where one value stands: the whole row."""
    if not node.parts:
        raise InvalidStatement('row expansion via "*" is not supported here', position=node.at + 1)
    qualifier = node.parts[0] if len(node.parts) == 2 else None
    holder = scope.source(qualifier, node.parts[-1])
    if holder is None:
        raise no_source(scope, qualifier, node.parts[-1], node.at)
    return whole_row(*holder, node.at)


def _never_null(source: Source) -> Field | None:
    if source.table is None:
        return None
    key = source.table.primary_key
    for column, entry in zip(source.table.columns, source.fields, strict=True):
        if column.not_null or (key is not None and column.name in key.columns):
            return entry
    return None


def members_of(scope: Scope, items: Sequence[tree.Expr]) -> list[Node]:
    """Bind the members of a row; ``t.*`` stands for the columns of t."""
    from fivefold.languages.sql.bind.select import star

    found: list[Node] = []
    for item in items:
        if isinstance(item, tree.Name) and item.star:
            found += [value for _, value in star(scope, item)]
        elif isinstance(item, tree.Field) and item.name is None:
            found += [value for _, value in all_fields(scope, item)]
        else:
            found.append(expressions.bind(scope, item))
    return found


def row(scope: Scope, node: tree.RowOf) -> Node:
    """Bind ROW(…) as a value."""
    members = [settle(scope.state, one) for one in members_of(scope, node.items)]
    fields = tuple([(f"f{at}", type_of(one)) for at, one in enumerate(members, 1)])
    return typed(exp.Row(expressions=members), Type(Kind.RECORD, fields=fields), node.at)


# -- fields ---------------------------------------------------------------------------------------


def fields_of(record: Node) -> list[Node]:
    """Return the fields of a record."""
    if isinstance(record, exp.Row):
        return [one.copy() for one in record.expressions]
    return [
        typed(exp.Member(this=record.copy(), name=identifier(name), index=index), type_)
        for index, (name, type_) in enumerate(type_of(record).fields)
    ]


def _record(scope: Scope, node: tree.Field) -> Node:
    return expressions.bind(scope, node.operand)


def field(scope: Scope, node: tree.Field) -> Node:
    """Bind ``(record).name``."""
    record = _record(scope, node)
    type_ = type_of(record)
    position = nodes.position_of(record)
    if node.name is None:
        raise InvalidStatement('row expansion via "*" is not supported here', position=position)
    if type_.kind is not Kind.RECORD:
        raise InvalidStatement(
            f"column notation .{node.name} applied to type {type_}, which is not a composite type",
            "wrong_object_type",
            position=position,
        )
    for index, (name, _) in enumerate(type_.fields):
        if name == node.name:
            return fields_of(record)[index]
    source = record.args.get("source")
    if source is not None:
        message = f"column {source.name}.{node.name} does not exist"
    elif type_.name is not None:
        message = f'column "{node.name}" not found in data type {type_}'
    else:
        message = f'could not identify column "{node.name}" in record data type'
    raise InvalidStatement(message, "undefined_column", position=position)


def all_fields(scope: Scope, node: tree.Field) -> list[tuple[str, Node]]:
    """Bind ``(record).*`` where it stands for several values."""
    record = _record(scope, node)
    type_ = type_of(record)
    if type_.kind is not Kind.RECORD:
        raise InvalidStatement(
            f"type {type_} is not composite",
            "wrong_object_type",
            position=nodes.position_of(record),
        )
    names = [name for name, _ in type_.fields]
    return list(zip(names, fields_of(record), strict=True))


# -- comparisons ----------------------------------------------------------------------------------


def is_record(node: Node) -> bool:
    """Say whether a bound node is a record whose fields are known."""
    type_ = type_of(node)
    return type_.kind is Kind.RECORD and bool(type_.fields)


def compare(scope: Scope, op: str, left: Node, right: Node, at: int) -> Node:
    """Compare records as wholes: two nulls are equal, and the result is never unknown."""
    if not (is_record(left) and is_record(right)):
        return apply(scope.state, op, left, right, at)
    if op not in ("=", "<>"):
        raise Unsupported(
            f"comparing records by {op} is not supported",
            hint="Write the rows out: ROW(a, b) < ROW(c, d).",
            position=at + 1,
        )
    for one in (left, right):
        if not isinstance(one, exp.Row) or one.meta.get("nullable"):
            raise Unsupported(
                "comparing a record that may be null is not supported",
                hint="Compare its fields.",
                position=at + 1,
            )
    return _apart(scope, left, right, at, equal=op == "=")


def distinct(scope: Scope, left: Node, right: Node, at: int, *, negated: bool) -> Node:
    """Bind ``record IS [NOT] DISTINCT FROM record``."""
    compare(scope, "=", left, right, at)  # refuses what cannot be compared
    return _apart(scope, left, right, at, equal=negated)


def _apart(scope: Scope, left: Node, right: Node, at: int, *, equal: bool) -> Node:
    ours, theirs = fields_of(left), fields_of(right)
    if len(ours) != len(theirs):
        raise InvalidStatement(
            "cannot compare record types with different numbers of columns", "datatype_mismatch"
        )
    kind = exp.NullSafeEQ if equal else exp.NullSafeNEQ
    pairs: list[Node] = []
    for number, (one, other) in enumerate(zip(ours, theirs, strict=True), 1):
        if type_of(one).kind is not type_of(other).kind:
            raise InvalidStatement(
                f"cannot compare dissimilar column types {type_of(one)} and {type_of(other)} at "
                f"record column {number}",
                "datatype_mismatch",
            )
        same = apply(scope.state, "=", one, other, at)
        pairs.append(typed(kind(this=same.this, expression=same.expression), BOOLEAN, at))
    return conjunction(pairs, exp.And if equal else exp.Or)


def test_null(record: Node, at: int, *, negated: bool) -> Node:
    """Bind ``record IS [NOT] NULL``: every field must (not) be null."""
    parts: list[Node] = []
    for one in fields_of(record):
        test: Node
        if isinstance(one, exp.Row) and not one.meta.get("nullable"):
            test = nodes.literal(False, BOOLEAN, at)  # a record in a record, whatever it holds
        else:
            test = exp.Is(this=nodes.parenthesized(one), expression=exp.Null())
            typed(test, BOOLEAN, at)
        parts.append(nodes.negate(test, negated, at))
    return conjunction(parts)
