"""Binds a change through a view: what it means for the table beneath.

The statement is bound against the view's own columns, as ``MARK`` fields of its source; then the
marks give way to what the view computes from its table, and the view's condition is added. A view
over a view goes the same way, one level after the other.

Source: the PostgreSQL manual, "CREATE VIEW", "Updatable Views" and WITH CHECK OPTION.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import fivefold.languages.sql.bind.expressions as expressions
from fivefold.catalog.containers import Column, Table, View
from fivefold.errors import Unsupported
from fivefold.languages.sql import foreign, tree
from fivefold.languages.sql.bind import nodes, relations, updatable
from fivefold.languages.sql.bind.casts import settle
from fivefold.languages.sql.bind.nodes import Node, conjunction, identifier
from fivefold.languages.sql.bind.scopes import Field, Scope, Source, Visible
from fivefold.languages.sql.bind.select import bind_targets
from fivefold.languages.sql.bind.sources import aliased
from fivefold.languages.sql.bind.state import State
from fivefold.plan import nodes as exp
from fivefold.plan.statement import CHECK_OPTION, type_of
from fivefold.values.records import Record
from fivefold.values.types import BOOLEAN, INT4, TEXT, Type

BASE = "*base*"  # the table beneath, in what a view computes
MARK = "view column "  # before a view's column, in what a statement says


class Through(Record):
    """A view that rows are changed through.

    ``values`` are its columns, computed from ``BASE``; ``blamed`` says for each that cannot be
    changed which view and column of it computes it. ``checks``: what new rows must meet, and which
    view says so, inner views first.
    """

    view: View
    table: Table
    values: Mapping[str, Node]
    blamed: Mapping[str, tuple[str, str]]
    condition: Node | None
    checks: tuple[tuple[str, Node], ...]

    def base(self, name: str) -> Column | None:
        """Return the table's column that a column of the view is, if it is one."""
        value = self.values[name]
        if isinstance(value, exp.Column) and value.table == BASE:
            return self.table.column(value.name)
        return None

    def shown(self, verb: str) -> Table:
        """Return the view as a table: its columns, with what the table's have to say of values.

        As in PostgreSQL the table's defaults are those of INSERT only: UPDATE SET DEFAULT through a
        view means null.
        """
        columns = []
        for name, value in self.values.items():
            base = self.base(name)
            made = Column(name, type_of(value)) if base is None else replace(base, name=name)
            if verb == "update":
                made = replace(made, default=None, sequence=None)
            columns.append(replace(made, type=type_of(value)))
        return Table(self.table.namespace, self.view.name, tuple(columns))

    def require(self, name: str, verb: str) -> Column:
        """Return the table's column that is to be changed. Raises Unsupported if it is none."""
        base = self.base(name)
        if base is None:
            view, column = self.blamed[name]
            raise Unsupported(
                f'cannot {verb} column "{column}" of view "{view}"',
                detail="View columns that are not columns of their base relation are not "
                "updatable.",
            )
        return base


def through(
    state: State, view: View, verb: str, relation: tree.Relation, *, checked: bool = False
) -> Through:
    """Return what it takes to change rows through ``view``, which a statement names.

    ``checked``: a view over this one has WITH CASCADED CHECK OPTION. Raises InvalidState if
    PostgreSQL would not let the change through either.
    """
    from fivefold.languages.sql.parse.statements import parse_query

    query = parse_query(view.query)
    why = updatable.obstacle(query)
    if why is not None:
        raise updatable.refused(view, verb, why)
    body = query.body
    assert isinstance(body, tree.Select)
    below = body.sources[0]
    assert isinstance(below, tree.Relation)
    own = State(state.context, quiet=True, scopes=state.scopes)
    found = relations.require(own, below.parts, None)
    if isinstance(found, View):
        cascaded = checked or view.check == "cascaded"
        inner = through(own, found, verb, relation, checked=cascaded)
    elif isinstance(found, Table) and found.query is None:
        foreign.refuse_change(found, relation.at + 1)
        columns = {one.name: nodes.column(BASE, one.name, one.type) for one in found.columns}
        inner = Through(view, found, columns, {}, None, ())
    else:
        raise updatable.refused(view, verb, updatable.NOT_SINGLE)
    made = _over(own, view, inner, below, body, checked=checked or view.check is not None)
    state.scopes = own.scopes
    state.system |= own.system
    if verb != "delete from" and not any(made.base(name) for name in made.values):
        raise updatable.refused(view, verb, updatable.NONE_UPDATABLE)
    return made


def _over(
    state: State,
    view: View,
    inner: Through,
    relation: tree.Relation,
    body: tree.Select,
    *,
    checked: bool,
) -> Through:
    """Bind a view's outputs and condition, and say them of the table beneath."""
    scope = Scope(state)
    alias = relation.parts[-1] if relation.alias is None else relation.alias.name
    source = aliased(marked(alias, inner.values), relation.alias)
    scope.add(source)
    scope.visible = [Visible(entry.name, source, entry) for entry in source.fields]
    scope.clause = "SELECT"
    outputs = [settle(state, value) for _, value in bind_targets(scope, body.targets)]
    values: dict[str, Node] = {}
    blamed: dict[str, tuple[str, str]] = {}
    for column, value in zip(view.columns, outputs, strict=True):
        if isinstance(value, exp.Column) and value.name.removeprefix(MARK) in inner.blamed:
            blamed[column.name] = inner.blamed[value.name.removeprefix(MARK)]
        elif not isinstance(value, exp.Column):
            blamed[column.name] = view.name, column.name
        values[column.name] = _of_definition(value, inner, alias)
    condition, checks = inner.condition, inner.checks
    if body.where is not None:
        where = expressions.condition(scope, body.where, "WHERE")
        where = _of_definition(where, inner, alias)
        condition = where if condition is None else conjunction([condition, where])
        if checked:
            checks = (*checks, (view.name, where))
    return Through(view, inner.table, values, blamed, condition, checks)


def _of_definition(value: Node, inner: Through, alias: str) -> Node:
    made = unmarked(value, inner.values, {alias: BASE})
    for node in made.walk():
        node.meta["at"] = -1
    return made


# -- marks ----------------------------------------------------------------------------------------


def marked(alias: str, values: Mapping[str, Node]) -> Source:
    """Return a source whose columns are marks."""
    fields = tuple(Field(name, type_of(value), MARK + name) for name, value in values.items())
    return Source(alias, fields)


def unmarked(root: Node, values: Mapping[str, Node], sources: Mapping[str, str]) -> Node:
    """Put values in place of the marks of ``sources``, which maps to who has their table now."""

    def is_marked(node: Node) -> bool:
        return isinstance(node, exp.Column) and node.name.startswith(MARK) and node.table in sources

    def change(node: Node) -> Node | None:
        if is_marked(node):
            value = values[node.name.removeprefix(MARK)]
            return _said_of(value, sources[node.text("table")])
        if isinstance(node, exp.Row) and "source" in node.args and is_marked(node.expressions[0]):
            node.set("source", None)  # the row of the table is another one
        return None

    holder = exp.Paren(this=root)
    holder.replace_all(change)
    made: Node = holder.this
    return made


def _said_of(value: Node, alias: str) -> Node:
    """Return a copy of a value that is computed from the table under the name ``alias``."""
    made = value.copy()
    for node in made.find_all(exp.Column):
        if node.table == BASE:
            node.set("table", identifier(alias))
    return nodes.parenthesized(made)


def free_alias(alias: str, view: Through) -> str:
    """Return ``alias``, or another name if the view's own subqueries use that one."""
    parts = [*view.values.values(), *([view.condition] if view.condition is not None else [])]
    taken = {
        node.alias_or_name
        for part in parts
        for node in part.find_all(exp.Table, exp.Subquery, exp.Values)
    }
    while alias in taken:
        alias += ":"
    return alias


# -- what a statement comes to --------------------------------------------------------------------


def in_table(view: Through, node: Node, alias: str) -> Node:
    """Return an expression over the view's columns as one over the table's."""
    return unmarked(node, view.values, {alias: alias})


def finish(made: Node, view: Through, alias: str) -> None:
    """Turn a statement bound against the view, whose source is ``alias``, into the table's own."""
    table = made.this.this if isinstance(made, exp.Insert) else made.this
    sources = {alias: free_alias(alias, view)}
    table.set("this", identifier(view.table.name))
    table.set("alias", exp.TableAlias(this=identifier(sources[alias])))
    if "conflict" in made.args:
        sources["excluded"] = "excluded"
    if view.condition is not None and not isinstance(made, exp.Insert):
        where = made.args.get("where")
        parts = [_said_of(view.condition, sources[alias])]
        made.set("where", exp.Where(this=conjunction(parts + ([where.this] if where else []))))
    unmarked(made, view.values, sources)
    if not isinstance(made, exp.Delete):
        _add_checks(made, view, sources[alias])


def _add_checks(made: Node, view: Through, alias: str) -> None:
    """Have the statement return its rows only after they were checked."""
    if not view.checks:
        return
    arguments: list[Node] = [nodes.literal(len(view.checks), INT4)]
    for name, condition in view.checks:
        arguments += [nodes.literal(name, TEXT), _said_of(condition, alias)]
    arguments += [nodes.column(alias, one.name, one.type) for one in view.table.columns]
    check = nodes.call(CHECK_OPTION, arguments, BOOLEAN)
    returning = made.args.get("returning")
    if returning is None:
        output = exp.Alias(this=check, alias=identifier("checked"))
        made.set("returning", exp.Returning(expressions=[nodes.typed(output, BOOLEAN)]))
        return
    first = returning.expressions[0]
    type_: Type = type_of(first)
    case = exp.Case(ifs=[exp.If(this=check, true=first.this)])
    first.set("this", nodes.typed(case, type_))
