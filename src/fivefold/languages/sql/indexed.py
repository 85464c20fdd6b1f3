"""What the indexes of a statement's tables ask of its tree, noted in it for the store.

- An expression that an index is on is only recognised if its constants stand in the text: such
  literals stay literals (``doc->>'a'`` under an index on it).
- ``meta["hashed"]`` of an equality, IN or ``= ANY`` says that a hash index is on one of its sides
  and nothing else serves: a store whose own planner knows no hash indexes compares hashes too.
- ``meta["ranged"]`` says that a B-tree begins with the column of a LIKE, of ``starts_with`` or of a
  comparison across types of date and time, whose conversion would hide it from a store's planner.
- ``meta["not_null"]`` of what rows are ordered by says that it is never null, so that an index
  that has nulls at its other end serves as well.
"""

from __future__ import annotations

from collections.abc import Iterator

from fivefold.catalog.containers import Index, Table
from fivefold.languages.sql.bind.state import Context
from fivefold.plan import nodes as exp
from fivefold.plan.statement import type_of
from fivefold.values.types import FLOATS, INTEGERS, Kind

Tables = dict[str, list[Table]]
"""By alias; two queries of one statement may use the same."""

_STRICT = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Like)
_ORDERED = (exp.EQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Between)
_MOMENTS = frozenset({Kind.TIMESTAMP, Kind.TIMESTAMPTZ})
_DAYS = frozenset({Kind.DATE, Kind.TIMESTAMP})
_LEADING = (exp.LT, exp.LTE, exp.GT, exp.GTE)  # of rows: the first members are compared first
_ALIKE = (INTEGERS, FLOATS, frozenset({Kind.TEXT, Kind.VARCHAR}))
"""Kinds whose values have the same stored form, so that a cast leaves an index of use."""


def note(root: exp.Expr, context: Context) -> None:
    """Note in a bound tree what the indexes of its tables ask for."""
    tables: Tables = {}
    selects: list[exp.Select] = []
    maybe_ranged: list[tuple[exp.Expr, exp.Column]] = []
    asked = False
    for node in root.walk():
        if isinstance(node, exp.Table):
            table = node.meta.get("table")
            if table is not None:
                tables.setdefault(node.alias_or_name, []).append(table)
                asked = asked or any(_asks(table, index) for index in table.indexes)
        elif isinstance(node, exp.Select) and node.args.get("order") is not None:
            selects.append(node)
        else:
            maybe_ranged += [(node, column) for column in _hidden(node)]
    for node, column in maybe_ranged:
        if any(_has_tree(table, column.name) for table in tables.get(column.table, ())):
            node.meta["ranged"] = True
    if asked:
        _note_indexed(root, tables, context)
    for select in selects:
        _note_not_null(select)


def _asks(table: Table, index: Index) -> bool:
    return index.method == "hash" or any(
        table.column(part.expression) is None for part in index.parts
    )


# -- expressions and hashes -----------------------------------------------------------------------


def _note_indexed(root: exp.Expr, tables: Tables, context: Context) -> None:
    hashed: list[tuple[str, exp.Expr]] = []
    expressions: list[tuple[str, exp.Expr]] = []
    for alias, named in tables.items():
        for table in named:
            for index in table.indexes:
                for part in index.parts:
                    if not _asks(table, index):
                        continue
                    if table.column(part.expression) is not None:
                        if index.method == "hash" and not _has_tree(table, part.expression):
                            column = exp.Column(this=exp.Identifier(this=part.expression))
                            hashed.append((alias, column))
                        continue
                    bound = _bound(context, table, part.expression)
                    expressions.append((alias, bound))
                    if index.method == "hash":
                        hashed.append((alias, bound))
    for node in root.walk():
        for alias, bound in expressions:
            if type(node) is type(bound) and _is(node, bound, alias):
                for constant in node.find_all(exp.Literal):
                    constant.meta.pop("lift", None)
        if hashed and isinstance(node, exp.EQ | exp.In):
            sides = [node.this] if isinstance(node, exp.In) else [node.this, node.expression]
            if any(
                _is(_plain(one), bound, alias, constants=True)
                for one in sides
                for alias, bound in hashed
            ):
                node.meta["hashed"] = True


def _has_tree(table: Table, column: str) -> bool:
    """Say whether a B-tree begins with the column, which serves what a hash serves and more."""
    return any(key.columns[0] == column for key in table.keys) or any(
        index.method == "btree" and index.where is None and index.parts[0].expression == column
        for index in table.indexes
    )


def _bound(context: Context, table: Table, text: str) -> exp.Expr:
    # Imported only where an index is on an expression: few tables have one.
    from fivefold.languages.sql.parse.statements import parse_expression
    from fivefold.languages.sql.schema.texts import bind_part

    return _bare(bind_part(context, table, parse_expression(text), "index expressions"))


def _bare(node: exp.Expr) -> exp.Expr:
    while isinstance(node, exp.Paren):
        node = node.this
    return node


def _plain(node: exp.Expr) -> exp.Expr:
    """Return what is inside conversions that leave the stored form as it is."""
    node = _bare(node)
    while isinstance(node, exp.Cast):
        inner = _bare(node.this)
        one, other = type_of(inner).kind, type_of(node).kind
        if not any(one in alike and other in alike for alike in _ALIKE):
            break
        node = inner
    return node


def _is(node: exp.Expr, bound: exp.Expr, alias: str, *, constants: bool = False) -> bool:
    """Say whether a node of a statement is an index's expression, its ``constants`` as well."""
    waiting: list[tuple[object, object]] = [(node, bound)]
    for one, other in waiting:
        if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
            waiting += zip(one, other, strict=True)
            continue
        if not isinstance(one, exp.Expr) or not isinstance(other, exp.Expr):
            if one != other:
                return False
            continue
        one, other = _bare(one), _bare(other)
        if type(one) is not type(other):
            return False
        if isinstance(one, exp.Literal):
            if constants and one.this != other.this:
                return False
            continue
        if isinstance(one, exp.Column):
            if one.name != other.name or one.table != alias:
                return False
            continue
        keys = one.args.keys() | other.args.keys()
        waiting += [(one.args.get(key), other.args.get(key)) for key in keys]
    return True


# -- ranges ---------------------------------------------------------------------------------------


def _hidden(node: exp.Expr) -> list[exp.Column]:
    """Return the columns that a condition bounds, though not by a plain comparison."""
    sides: list[exp.Expr] = []
    if isinstance(node, exp.Like):
        sides = [_plain(node.this)]
    elif isinstance(node, exp.Anonymous) and node.name == "starts_with":
        sides = [_plain(node.expressions[0])]
    elif isinstance(node, _ORDERED):
        sides = [
            _bare(side.this)
            for side in (_bare(one) for one in node.iter_expressions())
            if isinstance(side, exp.Cast)
            and type_of(side).kind in _MOMENTS
            and type_of(_bare(side.this)).kind in _DAYS
        ]
    return [one for one in sides if isinstance(one, exp.Column)]


# -- nulls ----------------------------------------------------------------------------------------


def _note_not_null(select: exp.Select) -> None:
    group = select.args.get("group")
    if group is not None and "sets" in group.args:
        return  # rows of a total have nulls of their own
    kept = dict(_kept(select))
    where = select.args.get("where")
    compared = set() if where is None else {one for part in _all(where.this) for one in _seen(part)}
    for part in select.args["order"].expressions:
        key = _bare(part.this)
        if not isinstance(key, exp.Column):
            continue
        table = kept.get(key.table)
        if (key.table, key.name) in compared or (table is not None and _never(table, key.name)):
            key.meta["not_null"] = True


def _kept(select: exp.Select) -> Iterator[tuple[str, Table]]:
    """Yield the tables whose rows no outer join makes of nulls."""
    source = select.args.get("from_")
    joins = select.args.get("joins") or []
    if source is None or any(join.side in ("RIGHT", "FULL") for join in joins):
        return
    for one in (source.this, *[join.this for join in joins if join.side != "LEFT"]):
        table = one.meta.get("table") if isinstance(one, exp.Table) else None
        if table is not None:
            yield one.alias_or_name, table


def _never(table: Table, name: str) -> bool:
    column, key = table.column(name), table.primary_key
    return column is not None and (column.not_null or (key is not None and name in key.columns))


def _all(condition: exp.Expr) -> Iterator[exp.Expr]:
    """Yield the conditions that all have to be true."""
    waiting = [condition]
    while waiting:
        one = _bare(waiting.pop())
        if isinstance(one, exp.And):
            waiting += [one.this, one.expression]
        else:
            yield one


def _seen(condition: exp.Expr) -> Iterator[tuple[str, str]]:
    """Yield the columns that are not null where the condition is true."""
    values: list[exp.Expr] = []
    if isinstance(condition, _STRICT) and not isinstance(_bare(condition.expression), exp.All):
        for side in (condition.this, condition.expression):
            row = _bare(side)
            if not isinstance(row, exp.Tuple):
                values.append(row)
            elif isinstance(condition, _LEADING):
                values.append(row.expressions[0])
            elif isinstance(condition, exp.EQ):
                values += row.expressions
    elif isinstance(condition, exp.In | exp.Between):
        values.append(condition.this)
    elif isinstance(condition, exp.Not):
        inner = _bare(condition.this)
        if isinstance(inner, exp.Is) and isinstance(inner.expression, exp.Null):
            values.append(inner.this)
    for value in values:
        found = _plain(value)
        if isinstance(found, exp.Column):
            yield found.table, found.name
