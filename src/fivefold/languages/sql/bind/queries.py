"""Binds queries: WITH, set operations, VALUES, ORDER BY and LIMIT; select.py binds SELECT
itself.
"""

from __future__ import annotations

import fivefold.languages.sql.bind.expressions as expressions
import fivefold.languages.sql.bind.select as select
from fivefold.catalog.containers import Action, Table, View
from fivefold.errors import InvalidStatement, InvalidValue, Unsupported
from fivefold.languages.sql import tree
from fivefold.languages.sql.bind import nodes
from fivefold.languages.sql.bind.calls import ordered
from fivefold.languages.sql.bind.casts import Ease, castable, coerce, common_type, settle
from fivefold.languages.sql.bind.nodes import Node, identifier, typed
from fivefold.languages.sql.bind.scopes import Common, Field, Scope, make_fields
from fivefold.languages.sql.bind.sources import table_alias
from fivefold.languages.sql.bind.state import Notes, State
from fivefold.plan import nodes as exp
from fivefold.plan.statement import type_of
from fivefold.values.types import INT8, UNKNOWN, Type

_OPERATIONS: dict[str, type[exp.SetOperation]] = {
    "union": exp.Union,
    "intersect": exp.Intersect,
    "except": exp.Except,
}


class Bound:
    """A bound query and its output columns."""

    __slots__ = ("fields", "node")

    def __init__(self, node: Node, fields: tuple[Field, ...]) -> None:
        self.node = node
        self.fields = fields


def bind_query(
    parent: Scope, query: tree.Query, *, settled: bool = True, top: bool = False
) -> Bound:
    """Bind a query; ``settled`` makes text of outputs whose type is still unknown.

    The WITH queries of one at the ``top`` may change rows.
    """
    scope = Scope(parent.state, parent)
    commons, recursive = bind_commons(scope, query.commons, query.recursive, top=top)
    body = query.body
    if isinstance(body, tree.Select):
        bound = select.bind_select(scope, body, query, settled=settled)
    elif isinstance(body, tree.Values):
        bound = _values(scope, body, settled=settled)
        _order_outputs(scope, bound, query)
    else:
        bound = _set_operation(scope, body, settled=settled)
        _order_outputs(scope, bound, query)
    limits(scope, bound.node, query)
    if query.locking:
        from fivefold.languages.sql.bind import locking

        locking.bind(scope, query, bound.node)
    if commons:
        made = exp.With(expressions=commons, recursive=recursive)
        bound.node.set("with_", made)
    return bound


def bind_top(state: State, query: tree.Query) -> Bound:
    """Bind a query that is a statement."""
    return bind_query(Scope(state), query, top=True)


def bind_definition(state: State, view: View) -> Bound:
    """Bind a view's query, apart from the statement that names it."""
    from fivefold.languages.sql.parse.statements import parse_query

    own = State(state.context, quiet=True, scopes=state.scopes)
    if state.notes is not None:
        own.notes = Notes()  # its names are its own, and it is not read now
    bound = bind_top(own, parse_query(view.query))
    state.scopes = own.scopes
    state.system |= own.system
    for node in bound.node.walk():
        node.meta["at"] = -1
    return bound


# -- WITH -----------------------------------------------------------------------------------------


def bind_commons(
    scope: Scope, commons: tuple[tree.Common, ...], recursive: bool, *, top: bool = False
) -> tuple[list[exp.CTE], bool]:
    """Bind WITH queries into ``scope``; say whether one of them is recursive."""
    made: list[exp.CTE] = []
    any_recursive = False
    seen: set[str] = set()
    for common in commons:
        if common.name in seen:
            raise InvalidStatement(
                f'WITH query name "{common.name}" specified more than once',
                "duplicate_alias",
                position=common.at + 1,
            )
        seen.add(common.name)
        if not isinstance(common.query, tree.Query):
            made.append(_change(scope, common, common.query, top=top))
            continue
        used = False
        if recursive and isinstance(common.query.body, tree.SetOperation):
            bound, fields, used = _recursive(scope, common, common.query)
        else:
            if recursive and _names_itself(common, common.query):
                raise _not_recursive(common)
            bound = bind_query(scope, common.query)
            fields = _renamed(common, bound.fields)
        any_recursive = any_recursive or used
        scope.commons[common.name] = Common(common.name, fields)
        alias = table_alias(common.name, tuple(entry.inner for entry in fields))
        cte = exp.CTE(this=bound.node, alias=alias)
        cte.meta["columns"] = common.columns
        if common.materialized is not None:
            cte.set("materialized", common.materialized)
        made.append(cte)
    return made, any_recursive


def _change(
    scope: Scope,
    common: tree.Common,
    query: tree.Insert | tree.Update | tree.Delete,
    *,
    top: bool,
) -> exp.CTE:
    """Bind a WITH query that changes rows."""
    from fivefold.languages.sql.bind import changes

    state = scope.state
    if not top:
        raise Unsupported(
            "WITH clause containing a data-modifying statement must be at the top level",
            position=common.at + 1,
        )
    change = changes.change(state, query, dict(scope.commons))
    state.changed.append(change.table)
    change.node.meta["target"] = change.table
    change.node.meta["reached"] = _reached(state, change.table, query)
    fields = None if change.fields is None else _renamed(common, change.fields)
    scope.commons[common.name] = Common(common.name, fields)
    alias = table_alias(common.name, tuple(entry.inner for entry in fields or ()))
    return exp.CTE(this=change.node, alias=alias)


_ACTS = (Action.CASCADE, Action.SET_NULL, Action.SET_DEFAULT)


def _reached(
    state: State, table: Table, query: tree.Insert | tree.Update | tree.Delete
) -> frozenset[tuple[str, str]]:
    """Return the tables that a change of ``table`` may change, by foreign keys' actions."""
    found = {(table.namespace, table.name): table}
    waiting = [] if isinstance(query, tree.Insert) and query.conflict is None else [table]
    for one in waiting:
        for other in state.context.catalog.referrers(one):
            acts = any(
                key.on_delete in _ACTS or key.on_update in _ACTS for key in other.foreign_keys
            )
            if acts and (other.namespace, other.name) not in found:
                found[other.namespace, other.name] = other
                waiting.append(other)
    return frozenset(found)


def _renamed(common: tree.Common, fields: tuple[Field, ...]) -> tuple[Field, ...]:
    if len(common.columns) > len(fields):
        raise InvalidStatement(
            f'WITH query "{common.name}" has {len(fields)} columns available but '
            f"{len(common.columns)} columns specified",
            "invalid_column_reference",
            position=common.at + 1,
        )
    names = [*common.columns, *(entry.name for entry in fields[len(common.columns) :])]
    return make_fields([(name, entry.type) for name, entry in zip(names, fields, strict=True)])


def _names_itself(common: tree.Common, query: tree.Query) -> bool:
    return any(
        isinstance(node, tree.Relation) and node.parts == (common.name,)
        for node in tree.walk(query)
    )


def _not_recursive(common: tree.Common) -> InvalidStatement:
    return InvalidStatement(
        f'recursive query "{common.name}" does not have the form non-recursive-term '
        "UNION [ALL] recursive-term",
        "invalid_recursion",
        position=common.at + 1,
    )


def _recursive(
    scope: Scope, common: tree.Common, query: tree.Query
) -> tuple[Bound, tuple[Field, ...], bool]:
    """Bind ``first UNION [ALL] again``: what the first term returns is what the name means in
    the second.
    """
    body = query.body
    assert isinstance(body, tree.SetOperation)
    inner = Scope(scope.state, scope)
    commons, inner_recursive = bind_commons(inner, query.commons, query.recursive)
    first = bind_query(inner, body.left)
    fields = _renamed(common, first.fields)
    entry = Common(common.name, fields)
    inner.commons[common.name] = entry
    again = bind_query(inner, body.right, settled=False)
    if not entry.used:
        plain = bind_query(scope, query)
        return plain, _renamed(common, plain.fields), False
    if body.op != "union":
        raise _not_recursive(common)
    order = query.order[0] if query.order else None
    for part, name in ((order, "ORDER BY"), (query.limit, "LIMIT"), (query.offset, "OFFSET")):
        if part is not None:
            raise Unsupported(
                f"{name} in a recursive query is not implemented", position=part.at + 1
            )
    _same_width(body, first, again)
    for index, (one, other) in enumerate(zip(first.fields, again.fields, strict=True), 1):
        overall = common_type([one.type, other.type], body.op.upper(), _first_target(body.right))
        if overall != one.type:
            raise InvalidStatement(
                f'recursive query "{common.name}" column {index} has type {one.type} in '
                f"non-recursive term but type {overall} overall",
                "datatype_mismatch",
                hint="Cast the output of the non-recursive term to the correct type.",
                position=_first_target(body.left) + 1,
            )
    convert_outputs(scope.state, again, [entry.type for entry in first.fields])
    node = exp.Union(
        this=_operand(first.node), expression=_operand(again.node), distinct=not body.every
    )
    if commons:
        node.set("with_", exp.With(expressions=commons, recursive=inner_recursive))
    return Bound(node, first.fields), fields, True


# -- set operations -------------------------------------------------------------------------------


def _same_width(body: tree.SetOperation, left: Bound, right: Bound) -> None:
    if len(left.fields) != len(right.fields):
        raise InvalidStatement(
            f"each {body.op.upper()} query must have the same number of columns",
            "syntax_error",
            position=_first_target(body.right) + 1,
        )


def _first_target(query: tree.Query) -> int:
    body = query.body
    while isinstance(body, tree.SetOperation):
        body = body.left.body
    if isinstance(body, tree.Select) and body.targets:
        return body.targets[0].at
    if isinstance(body, tree.Values):
        first = body.rows[0][0]
        return first.at
    return body.at


def _set_operation(scope: Scope, body: tree.SetOperation, *, settled: bool) -> Bound:
    left = bind_query(scope, body.left, settled=False)
    if isinstance(body.right.body, tree.Select) and body.right.body.into is not None:
        raise InvalidStatement(
            "INTO is only allowed on first SELECT of UNION/INTERSECT/EXCEPT",
            position=body.right.body.into.at + 1,
        )
    right = bind_query(scope, body.right, settled=False)
    _same_width(body, left, right)
    targets = []
    for one, other in zip(left.fields, right.fields, strict=True):
        if not settled and one.type == UNKNOWN == other.type:
            targets.append(UNKNOWN)
            continue
        at = _first_target(body.right)
        targets.append(common_type([one.type, other.type], body.op.upper(), at))
    convert_outputs(scope.state, left, targets)
    convert_outputs(scope.state, right, targets)
    node = _OPERATIONS[body.op](
        this=_operand(left.node), expression=_operand(right.node), distinct=not body.every
    )
    if not body.every:
        from fivefold.languages.sql.bind.grouping import refuse_equality

        for target in targets:
            refuse_equality(target, _first_target(body.left))
    fields = make_fields(
        [(entry.name, type_) for entry, type_ in zip(left.fields, targets, strict=True)]
    )
    fields = tuple(
        Field(entry.name, entry.type, named.inner)
        for entry, named in zip(fields, left.fields, strict=True)
    )
    return Bound(node, fields)


def _operand(node: Node) -> Node:
    """Put parentheses around an operand that has a clause or an operation of its own."""
    if isinstance(node, exp.SetOperation) or any(
        node.args.get(key) for key in ("order", "limit", "offset", "with_")
    ):
        return exp.Subquery(this=node)
    return node


def convert_outputs(
    state: State, bound: Bound, targets: list[Type], ease: Ease = Ease.IMPLICIT
) -> None:
    """Convert a query's output columns to these types, in place; PostgreSQL's own tree has only
    what had no type converted.
    """
    if state.faithful:
        targets = [
            type_ if entry.type == UNKNOWN else entry.type
            for entry, type_ in zip(bound.fields, targets, strict=True)
        ]
    if all(entry.type == type_ for entry, type_ in zip(bound.fields, targets, strict=True)):
        return
    node = bound.node
    while isinstance(node, exp.Subquery):
        node = node.this
    if isinstance(node, exp.SetOperation):
        for side in (node.this, node.expression):
            convert_outputs(state, Bound(side, _fields_of(side, bound.fields)), targets, ease)
    elif isinstance(node, exp.Values):
        for row in node.expressions:
            row.set(
                "expressions",
                [
                    coerce(state, value, type_, ease)
                    for value, type_ in zip(row.expressions, targets, strict=True)
                ],
            )
    else:
        for output, type_ in zip(node.expressions, targets, strict=True):
            output.set("this", coerce(state, output.this, type_, ease))
            output.meta["type"] = type_
    bound.fields = tuple(
        Field(entry.name, type_, entry.inner, entry.origin if entry.type == type_ else None)
        for entry, type_ in zip(bound.fields, targets, strict=True)
    )


def _fields_of(node: Node, fields: tuple[Field, ...]) -> tuple[Field, ...]:
    while isinstance(node, exp.Subquery):
        node = node.this
    if isinstance(node, exp.SetOperation):
        return _fields_of(node.this, fields)
    outputs = node.expressions[0].expressions if isinstance(node, exp.Values) else node.expressions
    return tuple(
        Field(entry.name, type_of(output), entry.inner)
        for entry, output in zip(fields, outputs, strict=True)
    )


# -- VALUES ---------------------------------------------------------------------------------------


def _values(scope: Scope, body: tree.Values, *, settled: bool) -> Bound:
    scope.clause = "VALUES"
    width = len(body.rows[0])
    bound_rows = []
    for row in body.rows:
        if len(row) != width:
            raise InvalidStatement(
                "VALUES lists must all be the same length", position=row[0].at + 1
            )
        bound_rows.append([expressions.bind(scope, value) for value in row])
    types = []
    for index in range(width):
        column = [row[index] for row in bound_rows]
        if not settled and all(type_of(value) == UNKNOWN for value in column):
            types.append(UNKNOWN)
            continue
        brought, type_ = expressions.bring(scope, column, "VALUES")
        types.append(type_)
        for bound_row, value in zip(bound_rows, brought, strict=True):
            bound_row[index] = value
    node = exp.Values(expressions=[exp.Tuple(expressions=row) for row in bound_rows])
    fields = make_fields([(f"column{index}", type_) for index, type_ in enumerate(types, 1)])
    return Bound(node, fields)


# -- ORDER BY and LIMIT ---------------------------------------------------------------------------


def _order_outputs(scope: Scope, bound: Bound, query: tree.Query) -> None:
    """Bind the ORDER BY of a set operation or VALUES: only output names and positions."""
    keys = []
    for key in query.order:
        entry = _output(bound.fields, key)
        column = exp.Column(this=identifier(entry.inner))
        keys.append(ordered(typed(column, entry.type, key.at), key))
    if keys:
        bound.node.set("order", exp.Order(expressions=keys))


def _output(fields: tuple[Field, ...], key: tree.SortKey) -> Field:
    value = key.value
    if isinstance(value, tree.Const) and value.kind == "int":
        return fields[select.position_of(value, len(fields), "ORDER BY") - 1]
    if isinstance(value, tree.Name) and len(value.parts) == 1 and not value.star:
        found = [entry for entry in fields if entry.name == value.parts[0]]
        if len(found) == 1:
            return found[0]
        if found:
            raise InvalidStatement(
                f'ORDER BY "{value.parts[0]}" is ambiguous',
                "ambiguous_column",
                position=value.at + 1,
            )
        raise InvalidStatement(
            f'column "{value.parts[0]}" does not exist', "undefined_column", position=value.at + 1
        )
    raise Unsupported(
        "invalid UNION/INTERSECT/EXCEPT ORDER BY clause",
        detail="Only result column names can be used, not expressions or functions.",
        hint="Add the expression/function to every SELECT, or move the UNION into a FROM clause.",
        position=1 + min(one.at for one in tree.walk(value) if hasattr(one, "at")),
    )


def limits(scope: Scope, node: Node, query: tree.Query) -> None:
    """Bind LIMIT and OFFSET."""
    for written, key, name, kind in (
        (query.limit, "limit", "LIMIT", exp.Limit),
        (query.offset, "offset", "OFFSET", exp.Offset),
    ):
        if written is None:
            continue
        inner = Scope(scope.state, scope.parent, scope.sources, scope.visible, clause=name)
        value = expressions.bind(inner, written)
        for part in value.walk():
            if isinstance(part, exp.Column) and part.meta.get("scope") == inner.number:
                raise InvalidStatement(
                    f"argument of {name} must not contain variables",
                    "invalid_column_reference",
                    position=nodes.position_of(part),
                )
        if not castable(type_of(value), INT8, Ease.ASSIGNMENT):
            raise InvalidStatement(
                f"argument of {name} must be type bigint, not type {type_of(value)}",
                "datatype_mismatch",
                position=nodes.position_of(value),
            )
        ties = query.ties and key == "limit"
        if isinstance(value, exp.Null) and ties:
            raise InvalidValue(
                "row count cannot be null in FETCH FIRST ... WITH TIES clause",
                "invalid_row_count_in_limit_clause",
            )
        if isinstance(value, exp.Null) and not ties and not scope.state.faithful:
            continue
        count = coerce(scope.state, settle_int(scope, value), INT8, Ease.ASSIGNMENT)
        node.set(key, exp.Limit(expression=count, ties=True) if ties else kind(expression=count))


def settle_int(scope: Scope, value: Node) -> Node:
    """Take a value of unknown type as int8."""
    if type_of(value) == UNKNOWN:
        return coerce(scope.state, value, INT8, Ease.IMPLICIT)
    return settle(scope.state, value)
