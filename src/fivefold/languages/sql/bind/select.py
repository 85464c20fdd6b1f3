"""Binds SELECT: sources, outputs, conditions, grouping, order."""

from __future__ import annotations

import fivefold.languages.sql.bind.expressions as expressions
import fivefold.languages.sql.bind.queries as queries
from fivefold.errors import InvalidStatement, Unsupported
from fivefold.languages.sql import tree
from fivefold.languages.sql.bind import grouping, names
from fivefold.languages.sql.bind.calls import ordered
from fivefold.languages.sql.bind.casts import settle
from fivefold.languages.sql.bind.nodes import Node, at_of, identifier, typed
from fivefold.languages.sql.bind.outputs import output_name
from fivefold.languages.sql.bind.scopes import Field, Scope, make_fields
from fivefold.languages.sql.bind.sources import bind_sources
from fivefold.plan import nodes as exp
from fivefold.plan.statement import type_of

Output = tuple[str, Node]
"""A visible name and its value."""


def bind_select(
    scope: Scope, body: tree.Select, query: tree.Query, *, settled: bool
) -> queries.Bound:
    """Bind one SELECT with the ORDER BY of the query around it, in PostgreSQL's own order."""
    if body.into is not None:
        raise InvalidStatement("SELECT ... INTO is not allowed here", position=body.into.at + 1)
    first, joins = bind_sources(scope, body.sources)
    _add_windows(scope, body)
    scope.clause = "SELECT"
    outputs = bind_targets(scope, body.targets)
    if settled:
        outputs = [(name, settle(scope.state, value)) for name, value in outputs]
    where = _condition(scope, body.where, "WHERE")
    having = _condition(scope, body.having, "HAVING")
    scope.clause = "ORDER BY"
    order = [_sort_key(scope, key, outputs) for key in query.order]
    scope.clause = "GROUP BY"
    group = grouping.bind_group(
        body.group or (), lambda key: _group_key(scope, key, outputs), distinct=body.group_distinct
    )
    scope.clause = "SELECT"
    distinct = _distinct(scope, body, outputs, order)
    if body.group is not None or having is not None or scope.aggregates:
        _refuse_locking(
            query, "GROUP BY clause" if body.group is not None else "aggregate functions"
        )
        values = [*(value for _, value in outputs), *(key.this for key in order)]
        grouping.check(scope, group, [*values, *([having] if having is not None else [])])
    if distinct is not None:
        _refuse_locking(query, "DISTINCT clause")
    if body.windows:
        from fivefold.languages.sql.bind.windows import check_named

        scope.clause = "WINDOW"
        check_named(scope)
    if (
        not scope.state.faithful
        and "sets" not in group.args
        and (scope.lent or (having is not None and body.group is None and not scope.aggregates))
    ):
        # SQLite finds no aggregates inside of other queries, and needs one to see a group.
        group.set("sets", [exp.Tuple(expressions=list(group.expressions))])
    group.meta["scope"] = scope.number
    bound = _build(outputs, first, joins, where, group, having, distinct, order)
    if scope.sets:
        bound.node.meta["sets"] = True
    if scope.state.faithful:
        _keep_names(scope, body, bound, outputs)
    return bound


GroupPart = Node | tuple[str, list["GroupPart"]]
"""A key, or grouping sets of a kind (see tree.Grouping)."""


def _group_part(scope: Scope, part: tree.Expr | tree.Grouping, outputs: list[Output]) -> GroupPart:
    if isinstance(part, tree.Grouping):
        return part.kind, [_group_part(scope, item, outputs) for item in part.items]
    return _group_key(scope, part, outputs)


def _keep_names(
    scope: Scope, body: tree.Select, bound: queries.Bound, outputs: list[Output]
) -> None:
    """Note what the deparser asks: the scope's number, the outputs' own names, named windows."""
    from fivefold.languages.sql.bind.windows import named_windows

    if body.group is not None and any(isinstance(part, tree.Grouping) for part in body.group):
        scope.clause = "GROUP BY"
        parts = [_group_part(scope, part, outputs) for part in body.group]
        bound.node.meta["grouping"] = parts
    bound.node.meta["level"] = scope.number
    bound.node.meta["names"] = [name for name, _ in outputs]
    scope.clause = "WINDOW"
    bound.node.meta["windows"] = named_windows(scope)


def _build(
    outputs: list[Output],
    first: Node | None,
    joins: list[exp.Join],
    where: Node | None,
    group: exp.Group,
    having: Node | None,
    distinct: exp.Distinct | None,
    order: list[exp.Ordered],
) -> queries.Bound:
    fields = tuple(
        Field(entry.name, entry.type, entry.inner, value.meta.get("origin"))
        for entry, (_, value) in zip(
            make_fields([(name, type_of(value)) for name, value in outputs]), outputs, strict=True
        )
    )
    aliased = [
        typed(exp.Alias(this=value, alias=identifier(entry.inner)), entry.type, at_of(value))
        for entry, (_, value) in zip(fields, outputs, strict=True)
    ]
    node = exp.Select(expressions=aliased)
    if first is not None:
        node.set("from_", exp.From(this=first))
    if joins:
        node.set("joins", joins)
    if where is not None:
        node.set("where", exp.Where(this=where))
    if group.expressions or "sets" in group.args:
        node.set("group", group)
    if having is not None:
        node.set("having", exp.Having(this=having))
    if distinct is not None:
        node.set("distinct", distinct)
    if order:
        node.set("order", exp.Order(expressions=order))
    return queries.Bound(node, fields)


def _add_windows(scope: Scope, body: tree.Select) -> None:
    for name, window in body.windows:
        if name in scope.windows:
            raise InvalidStatement(
                f'window "{name}" is already defined', "windowing_error", position=window.at + 1
            )
        scope.windows[name] = window


def _refuse_locking(query: tree.Query, what: str) -> None:
    if query.locking:
        raise Unsupported(f"FOR {query.locking[0].strength} is not allowed with {what}")


def bind_targets(scope: Scope, targets: tuple[tree.Target, ...]) -> list[Output]:
    """Bind an output list, stars expanded."""
    outputs: list[Output] = []
    for target in targets:
        value = target.value
        if isinstance(value, tree.Name) and value.star:
            outputs.extend(star(scope, value))
        elif isinstance(value, tree.Field) and value.name is None:
            from fivefold.languages.sql.bind.records import all_fields

            outputs.extend(all_fields(scope, value))
        else:
            bound = expressions.bind(scope, value)
            outputs.append((target.alias or output_name(value), bound))
    return outputs


def star(scope: Scope, node: tree.Name) -> list[Output]:
    """Return the columns that ``*`` or ``t.*`` stands for."""
    if not node.parts:
        if not scope.sources:
            raise InvalidStatement(
                "SELECT * with no tables specified is not valid", position=node.at + 1
            )
        if scope.state.notes is not None:
            shown: list[tuple[str, ...]] = [
                (entry.name,) if entry.source is None else (entry.source.alias, entry.name)
                for entry in scope.visible
            ]
            scope.state.notes.stars.append((node, shown))
        return [(entry.name, scope.node(entry, node.at)) for entry in scope.visible]
    qualifier = node.parts[0] if len(node.parts) == 2 else None
    holder = scope.source(qualifier, node.parts[-1])
    if holder is None:
        raise names.no_source(scope, qualifier, node.parts[-1], node.at)
    owner, source = holder
    if scope.state.notes is not None:
        parts: list[tuple[str, ...]] = [(source.alias, entry.name) for entry in source.fields]
        scope.state.notes.stars.append((node, parts))
    return [(entry.name, owner.field_node(source, entry, node.at)) for entry in source.fields]


def _condition(scope: Scope, node: tree.Expr | None, clause: str) -> Node | None:
    if node is None:
        return None
    scope.clause = clause
    return expressions.condition(scope, node, clause)


# -- ORDER BY, GROUP BY, DISTINCT -----------------------------------------------------------------

POSITIONS_MAX = 2**31 - 1  # a greater number is no whole number to PostgreSQL's grammar


def position_of(node: tree.Const, count: int, clause: str) -> int:
    """Return the output that a whole number in ORDER BY or GROUP BY counts to, from 1."""
    position = int(node.value)
    if not 1 <= position <= count:
        raise InvalidStatement(
            f"{clause} position {position} is not in select list",
            "invalid_column_reference",
            position=node.at + 1,
        )
    return position


def _by_output_name(node: tree.Expr, outputs: list[Output], clause: str) -> Node | None:
    if not isinstance(node, tree.Name) or len(node.parts) != 1 or node.star:
        return None
    found = [value for name, value in outputs if name == node.parts[0]]
    if not found:
        return None
    if any(value != found[0] for value in found):
        raise InvalidStatement(
            f'{clause} "{node.parts[0]}" is ambiguous', "ambiguous_column", position=node.at + 1
        )
    return found[0].copy()


def _constant_key(node: tree.Expr, outputs: list[Output], clause: str) -> Node | None:
    """Return the output that a constant names, if ``node`` is one."""
    if not isinstance(node, tree.Const):
        return None
    if node.kind != "int" or abs(int(node.value)) > POSITIONS_MAX:
        raise InvalidStatement(f"non-integer constant in {clause}", position=node.at + 1)
    return outputs[position_of(node, len(outputs), clause) - 1][1].copy()


def _sort_key(scope: Scope, key: tree.SortKey, outputs: list[Output]) -> exp.Ordered:
    value = _by_output_name(key.value, outputs, "ORDER BY")
    value = value or _constant_key(key.value, outputs, "ORDER BY")
    if value is None:
        value = expressions.bind(scope, key.value)
    value = settle(scope.state, value)
    grouping.check_order(value, key.at)
    return ordered(value, key)


def _group_key(scope: Scope, node: tree.Expr, outputs: list[Output]) -> Node:
    value: Node | None = None
    if isinstance(node, tree.Name) and len(node.parts) == 1 and not node.star:
        name = node.parts[0]
        if not any(entry.name == name for entry in scope.visible):
            value = _by_output_name(node, outputs, "GROUP BY")
    else:
        value = _constant_key(node, outputs, "GROUP BY")
    if value is None:
        value = expressions.bind(scope, node)
    else:
        grouping.refuse_aggregates(value, "GROUP BY")
    value = settle(scope.state, value)
    grouping.check_equality(value)
    return value


def _distinct(
    scope: Scope, body: tree.Select, outputs: list[Output], order: list[exp.Ordered]
) -> exp.Distinct | None:
    if body.distinct is None:
        return None
    values = [value for _, value in outputs]
    if not body.distinct:
        for value in values:
            grouping.check_equality(value)
        grouping.pin([*values, *(key.this for key in order)], unless_columns=True)
        for key in order:
            if key.this not in values:
                raise InvalidStatement(
                    "for SELECT DISTINCT, ORDER BY expressions must appear in select list",
                    "invalid_column_reference",
                    position=at_of(key) + 1,
                )
        return exp.Distinct()
    scope.clause = "DISTINCT ON"
    keys = [_on_key(scope, node, outputs) for node in body.distinct]
    grouping.pin([*keys, *values, *(key.this for key in order)], unless_columns=True)
    leading = [key.this for key in order[: len(keys)]]
    if any(value not in keys for value in leading):
        raise InvalidStatement(
            "SELECT DISTINCT ON expressions must match initial ORDER BY expressions",
            "invalid_column_reference",
            position=body.distinct[0].at + 1,
        )
    return exp.Distinct(on=exp.Tuple(expressions=keys))


def _on_key(scope: Scope, node: tree.Expr, outputs: list[Output]) -> Node:
    value = _by_output_name(node, outputs, "DISTINCT ON")
    value = value or _constant_key(node, outputs, "DISTINCT ON")
    if value is None:
        value = expressions.bind(scope, node)
    return settle(scope.state, value)
