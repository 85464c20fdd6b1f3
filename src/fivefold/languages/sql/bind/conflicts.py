"""Binds ON CONFLICT: the key that arbitrates, and what happens to the row that is there.

Source: the PostgreSQL manual, "INSERT", "ON CONFLICT Clause".
"""

from __future__ import annotations

import fivefold.languages.sql.bind.expressions as expressions
from fivefold.catalog.containers import Key, Table
from fivefold.errors import InvalidState, InvalidStatement
from fivefold.languages.sql import tree
from fivefold.languages.sql.bind.assignments import assigned_through
from fivefold.languages.sql.bind.nodes import Node, identifier
from fivefold.languages.sql.bind.scopes import Scope, Visible
from fivefold.languages.sql.bind.targets import Target
from fivefold.plan import nodes as exp


def on_conflict(scope: Scope, target: Target, node: tree.OnConflict) -> exp.OnConflict:
    """Bind ON CONFLICT of an INSERT into ``target``."""
    made = exp.OnConflict()
    table = target.shown
    if node.constraint is None and not node.columns:
        _refuse_deferrable(target.table, list(target.table.keys))
    if node.constraint is not None:
        _refuse_deferrable(table, [key for key in table.keys if key.name == node.constraint])
        if not any(key.name == node.constraint for key in table.keys):
            raise InvalidStatement(
                f'constraint "{node.constraint}" for table "{table.name}" does not exist',
                "undefined_object",
            )
        made.set("constraint", identifier(node.constraint))
    elif node.columns:
        keys = [expressions.bind(scope, column) for column in node.columns]
        predicate = None
        if node.where is not None:
            predicate = expressions.condition(scope, node.where, "WHERE")
        for part in [*keys, *([predicate] if predicate is not None else [])]:
            for inner in part.walk():
                inner.meta.pop("lift", None)
        if target.view is not None:
            from fivefold.languages.sql.bind.through import in_table

            keys = [in_table(target.view, key, scope.sources[0].alias) for key in keys]
        _check_arbiter(target.table, keys, predicate)
        made.set("conflict_keys", keys)
        made.set("index_predicate", predicate and exp.Where(this=predicate))
    elif node.assignments is not None:
        raise InvalidStatement(
            "ON CONFLICT DO UPDATE requires inference specification or constraint name",
            hint="For example, ON CONFLICT (column_name).",
            position=node.at + 1,
        )
    made.set("action", exp.Var(this="DO NOTHING" if node.assignments is None else "DO UPDATE"))
    if node.assignments is not None:
        excluded = target.source("excluded")
        scope.hidden = frozenset({"excluded"})
        own = Scope(scope.state, commons=scope.commons)
        own.sources = [*scope.sources, excluded]
        own.visible = [*scope.visible, *(Visible(f.name, excluded, f) for f in excluded.fields)]
        made.set("expressions", assigned_through(own, target, node.assignments))
        if node.condition is not None:
            own.clause = "WHERE"
            condition = expressions.condition(own, node.condition, "WHERE")
            made.set("where", exp.Where(this=condition))
    return made


def _refuse_deferrable(table: Table, arbiters: list[Key]) -> None:
    for key in arbiters:
        if key.deferrable:
            raise InvalidState(
                "ON CONFLICT does not support deferrable unique constraints/exclusion constraints "
                "as arbiters",
                "object_not_in_prerequisite_state",
                namespace=table.namespace,
                container=table.name,
                constraint=key.name,
            )


def _check_arbiter(table: Table, keys: list[Node], predicate: Node | None) -> None:
    """Raise InvalidStatement if no unique key or index is just these columns."""
    names = {key.name for key in keys if isinstance(key, exp.Column)}
    plain = len(names) == len(set(keys))
    found = [key for key in table.keys if plain and set(key.columns) == names]
    if found:
        _refuse_deferrable(table, found)
        return
    for index in table.indexes:
        if not index.unique or (index.where is not None and predicate is None):
            continue
        if len(index.parts) == len(keys):
            parts = {part.expression.strip('"') for part in index.parts}
            if parts == names or len(names) < len(keys):
                return
    raise InvalidStatement(
        "there is no unique or exclusion constraint matching the ON CONFLICT specification",
        "invalid_column_reference",
    )
