"""Binds FROM: tables, views, WITH queries, subqueries, functions and joins."""

from __future__ import annotations

import fivefold.languages.sql.bind.expressions as expressions
import fivefold.languages.sql.bind.queries as queries
from fivefold.catalog.catalog import missing_container
from fivefold.catalog.containers import EnumType, Sequence, Table, View
from fivefold.catalog.roles import Privilege
from fivefold.errors import InvalidState, InvalidStatement, Unsupported
from fivefold.languages.sql import tree
from fivefold.languages.sql.bind import relations
from fivefold.languages.sql.bind.casts import Ease, coerce, common_type
from fivefold.languages.sql.bind.nodes import Node, conjunction, identifier
from fivefold.languages.sql.bind.operators import apply
from fivefold.languages.sql.bind.scopes import Field, Scope, Source, Visible, ambiguous
from fivefold.plan import nodes as exp
from fivefold.plan.statement import type_of
from fivefold.values.records import Record
from fivefold.values.types import BOOLEAN, INT8


class Bound(Record):
    """One bound source: its leftmost leaf, the joins after it, and the names it shows."""

    leaf: Node
    joins: list[exp.Join]
    sources: list[Source]
    visible: list[Visible]
    outer: bool = False  # holds a RIGHT or FULL join


def bind_sources(
    scope: Scope, items: tuple[tree.Source, ...]
) -> tuple[Node | None, list[exp.Join]]:
    """Bind a FROM list into ``scope``; return the first leaf and the joins."""
    first: Node | None = None
    joins: list[exp.Join] = []
    clause, scope.clause = scope.clause, "FROM"
    for item in items:
        bound = _bind(scope, item)
        scope.visible = [*scope.visible, *bound.visible]
        if first is None:
            first, joins = bound.leaf, bound.joins
        elif bound.outer:
            joins.append(exp.Join(this=_nested(bound)))
            joins[-1].meta["comma"] = True
        else:
            joins.append(
                exp.Join(this=bound.leaf, kind="CROSS")
                if bound.joins
                else exp.Join(this=bound.leaf)
            )
            joins[-1].meta["comma"] = True
            joins.extend(bound.joins)
    scope.clause = clause
    return first, joins


def _nested(bound: Bound) -> Node:
    if not bound.joins:
        return bound.leaf
    return exp.Subquery(this=bound.leaf, joins=bound.joins)


def _bind(scope: Scope, item: tree.Source) -> Bound:
    if isinstance(item, tree.Join):
        return _join(scope, item)
    if isinstance(item, tree.Relation):
        leaf, source = bind_relation(scope, item)
    elif isinstance(item, tree.Derived):
        leaf, source = _derived(scope, item)
    else:
        from fivefold.languages.sql.bind.rowsources import function_source

        leaf, source = function_source(scope, item)
    scope.add(source)
    if scope.state.faithful:
        leaf.meta["source"] = source
        leaf.meta["aliased"] = item.alias is not None
        leaf.meta["renamed"] = item.alias is not None and bool(item.alias.columns)
    visible = [Visible(entry.name, source, entry) for entry in source.fields]
    return Bound(leaf, [], [source], visible)


def table_alias(name: str, columns: tuple[str, ...] = ()) -> exp.TableAlias:
    made = exp.TableAlias(this=identifier(name))
    if columns:
        made.set("columns", [identifier(column) for column in columns])
    return made


def table_source(table: Table, alias: str) -> Source:
    fields = tuple(
        Field(
            column.name,
            column.type,
            column.name,
            (table.namespace, table.name, column.name),
        )
        for column in table.columns
    )
    return Source(alias, fields, table.namespace, table)


def table_node(table: Table | View | Sequence, alias: str) -> exp.Table:
    made = exp.Table(
        this=identifier(table.name), db=identifier(table.namespace), alias=table_alias(alias)
    )
    if isinstance(table, Table):
        made.meta["table"] = table
    return made


_OF_SEQUENCE = (
    Field("last_value", INT8, "last_value"),
    Field("log_cnt", INT8, "log_cnt"),
    Field("is_called", BOOLEAN, "is_called"),
)
"""What a sequence shows when it is read as a table."""


def bind_relation(scope: Scope, item: tree.Relation) -> tuple[Node, Source]:
    """Bind a name in FROM."""
    alias = item.alias.name if item.alias is not None else item.parts[-1]
    if len(item.parts) == 1:
        common = scope.common(item.parts[0])
        if common is not None:
            common.used = True
            if common.fields is None:
                raise Unsupported(
                    f'WITH query "{common.name}" does not have a RETURNING clause',
                    position=item.at + 1,
                )
            leaf = exp.Table(this=identifier(common.name), alias=table_alias(alias))
            return leaf, aliased(Source(alias, common.fields), item.alias)
    found = relations.readable(scope.state, item.parts, item.at)
    if scope.state.notes is not None:
        scope.state.notes.relations.append((item, found))
    scope.state.access(found.namespace, found.name, Privilege.READ)
    if isinstance(found, Table):
        if not found.populated and scope.state.notes is None:
            raise InvalidState(
                f'materialized view "{found.name}" has not been populated',
                "object_not_in_prerequisite_state",
                hint="Use the REFRESH MATERIALIZED VIEW command.",
            )
        scope.state.tables[alias] = found
        return table_node(found, alias), aliased(table_source(found, alias), item.alias)
    if isinstance(found, Sequence):
        leaf = table_node(found, alias)
        leaf.meta["sequence"] = True
        return leaf, aliased(Source(alias, _OF_SEQUENCE, found.namespace), item.alias)
    if isinstance(found, EnumType):
        raise missing_container(".".join(item.parts), item.at + 1)
    return _view(scope, found, alias, item)


def _view(scope: Scope, view: View, alias: str, item: tree.Relation) -> tuple[Node, Source]:
    """Put a view's query in its place; it is read with its owner's rights."""
    if scope.state.faithful:
        named = tuple(
            Field(column.name, column.type, column.name, (view.namespace, view.name, column.name))
            for column in view.columns
        )
        return table_node(view, alias), aliased(Source(alias, named, view.namespace), item.alias)
    bound = queries.bind_definition(scope.state, view)
    fields = tuple(
        Field(column.name, entry.type, entry.inner, (view.namespace, view.name, column.name))
        for column, entry in zip(view.columns, bound.fields, strict=True)
    )
    leaf = exp.Subquery(this=bound.node, alias=table_alias(alias))
    if view.collection is not None:
        leaf.meta["shape"] = view.collection.shape
    return leaf, aliased(Source(alias, fields, view.namespace), item.alias)


def aliased(source: Source, alias: tree.Alias | None) -> Source:
    """Rename a source's columns as its alias says."""
    if alias is None or not alias.columns:
        return source
    if len(alias.columns) > len(source.fields):
        raise InvalidStatement(
            f'table "{alias.name}" has {len(source.fields)} columns available but '
            f"{len(alias.columns)} columns specified",
            "invalid_column_reference",
        )
    names = (*alias.columns, *(entry.name for entry in source.fields[len(alias.columns) :]))
    source.fields = tuple(
        Field(name, entry.type, entry.inner, entry.origin)
        for name, entry in zip(names, source.fields, strict=True)
    )
    return source


def _derived(scope: Scope, item: tree.Derived) -> tuple[Node, Source]:
    if item.alias is None:
        is_values = isinstance(item.query.body, tree.Values)
        what, sample = ("VALUES", "VALUES ...") if is_values else ("subquery", "SELECT ...")
        raise InvalidStatement(
            f"{what} in FROM must have an alias",
            hint=f"For example, FROM ({sample}) [AS] foo.",
            position=item.at + 1,
        )
    inner = scope
    if not item.lateral:
        siblings = frozenset(source.alias for source in scope.sources)
        inner = Scope(scope.state, scope.parent, commons=scope.commons, hidden=siblings)
    bound = queries.bind_query(inner, item.query)
    alias = item.alias.name
    leaf = _as_source(bound.node, alias, bound.fields)
    if item.lateral:
        mark_lateral(scope, leaf)
    return leaf, aliased(Source(alias, bound.fields), item.alias)


def mark_lateral(scope: Scope, leaf: Node) -> None:
    """Keep the word LATERAL only where it says something."""
    if any(part.meta.get("scope") == scope.number for part in leaf.find_all(exp.Column)):
        leaf.set("lateral", True)


def _as_source(node: Node, alias: str, fields: tuple[Field, ...]) -> Node:
    if isinstance(node, exp.Values):
        node.set("alias", table_alias(alias, tuple(entry.inner for entry in fields)))
        return node
    return exp.Subquery(this=node, alias=table_alias(alias))


# -- joins ----------------------------------------------------------------------------------------


_NOT_LATERAL = "The combining JOIN type must be INNER or LEFT for a LATERAL reference."


def _join(scope: Scope, item: tree.Join) -> Bound:
    left = _bind(scope, item.left)
    right = _bind_right(scope, item, left)
    outer = scope.visible, scope.sources
    scope.sources = [*left.sources, *right.sources]
    scope.visible = [*left.visible, *right.visible]
    condition: Node | None = None
    using: tuple[tuple[str, int], ...] = ()
    visible = scope.visible
    try:
        if item.natural:
            names = _shared(left, right)
            using = names
            condition, visible = _using(scope, item, left, right, names)
        elif item.using is not None:
            using = item.using
            condition, visible = _using(scope, item, left, right, item.using)
        elif item.condition is not None:
            clause, scope.clause = scope.clause, "JOIN conditions"
            condition = expressions.condition(scope, item.condition, "JOIN/ON")
            scope.clause = clause
    finally:
        scope.visible, scope.sources = outer
    made = exp.Join(this=_nested(right))
    for sides, source in [(("left", "full"), one) for one in right.sources] + [
        (("right", "full"), one) for one in left.sources
    ]:
        source.nullable = source.nullable or item.kind in sides
    made.meta["using"] = tuple(name for name, _ in using)
    if item.kind in ("left", "right", "full"):
        made.set("side", item.kind.upper())
    elif condition is None:
        made.set("kind", "CROSS")
    if condition is not None:
        made.set("on", condition)
    elif item.kind not in ("cross", "inner"):
        made.set("on", exp.Boolean(this=True))
    return Bound(
        left.leaf,
        [*left.joins, made],
        [*left.sources, *right.sources],
        visible,
        left.outer or right.outer or item.kind in ("right", "full"),
    )


def _bind_right(scope: Scope, item: tree.Join, left: Bound) -> Bound:
    """Bind the right side, which may speak of the left one if it is LATERAL or a function."""
    before = scope.visible, scope.unreachable
    scope.visible = [*scope.visible, *left.visible]
    if item.kind in ("right", "full"):
        scope.unreachable = {
            **scope.unreachable,
            **{source.alias: (_NOT_LATERAL, None) for source in left.sources},
        }
    right = _bind(scope, item.right)
    scope.visible, scope.unreachable = before
    return right


def _shared(left: Bound, right: Bound) -> tuple[tuple[str, int], ...]:
    others = {entry.name for entry in right.visible}
    return tuple((entry.name, -1) for entry in left.visible if entry.name in others)


def _using(
    scope: Scope, item: tree.Join, left: Bound, right: Bound, names: tuple[tuple[str, int], ...]
) -> tuple[Node | None, list[Visible]]:
    """Return the condition of USING and what is visible after: merged columns first."""
    conditions: list[Node] = []
    merged: list[Visible] = []
    seen: set[str] = set()
    for name, at in names:
        if name in seen:
            raise InvalidStatement(
                f'column name "{name}" appears more than once in USING clause',
                "duplicate_column",
                position=at + 1,
            )
        seen.add(name)
        one = _used(left, name, "left", at)
        other = _used(right, name, "right", at)
        a, b = scope.node(one, item.at), scope.node(other, item.at)
        conditions.append(apply(scope.state, "=", a, b, item.at))
        merged.append(_merge(scope, item, one, other))
    rest = [entry for entry in (*left.visible, *right.visible) if entry.name not in seen]
    return (conjunction(conditions) if conditions else None), [*merged, *rest]


def _used(side: Bound, name: str, which: str, at: int) -> Visible:
    found = [entry for entry in side.visible if entry.name == name]
    if len(found) > 1:
        if at < 0:
            raise ambiguous(name, at)
        raise InvalidStatement(
            f'common column name "{name}" appears more than once in {which} table',
            "ambiguous_column",
            position=at + 1,
        )
    if not found:
        raise InvalidStatement(
            f'column "{name}" specified in USING clause does not exist in {which} table',
            "undefined_column",
        )
    return found[0]


def _merge(scope: Scope, item: tree.Join, one: Visible, other: Visible) -> Visible:
    left, right = scope.node(one, item.at), scope.node(other, item.at)
    type_ = common_type([type_of(left), type_of(right)], "JOIN/USING", item.at)
    if item.kind != "full":
        kept, node = (other, right) if item.kind == "right" else (one, left)
        if type_of(node) == type_:
            return kept
        brought = coerce(scope.state, node, type_, Ease.IMPLICIT)
        brought.meta["merged"] = one.name
        return Visible(one.name, None, None, brought)
    made = exp.Coalesce(
        this=coerce(scope.state, left, type_, Ease.IMPLICIT),
        expressions=[coerce(scope.state, right, type_, Ease.IMPLICIT)],
    )
    made.meta["type"] = type_
    made.meta["merged"] = one.name
    return Visible(one.name, None, None, made)
