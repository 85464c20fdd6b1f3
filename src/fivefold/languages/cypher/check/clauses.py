"""Checks of clauses: each takes the variables before it and leaves those after it.

Source: openCypher 9, "Clauses"; Neo4j Cypher Manual 5, "Clauses".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import fivefold.languages.cypher.check.expressions as expressions
import fivefold.languages.cypher.check.queries as queries
from fivefold.languages.cypher import tree
from fivefold.languages.cypher.check import notifications, patterns
from fivefold.languages.cypher.check.hints import check_hints
from fivefold.languages.cypher.check.procedures import check_arguments, check_yields, look_up
from fivefold.languages.cypher.check.projections import check_projection
from fivefold.languages.cypher.check.scope import Here, Scope, State, already_bound, undefined
from fivefold.languages.cypher.check.types import (
    ANY,
    LIST,
    MAP,
    NODE,
    NOTHING,
    PATH,
    RELATIONSHIP,
    Type,
)
from fivefold.languages.cypher.notifications import deprecated_properties, deprecated_subquery
from fivefold.values.graph.faults import fault

Columns = dict[str, Type]


def check(clause: tree.Clause, here: Here) -> tuple[Here, Columns]:
    """Check a clause; return the place after it, and the columns that it returns."""
    if isinstance(clause, tree.With | tree.Return):
        return _project(clause, here)
    after = Here(here.state, here.scope.copy())
    _CHECKS[type(clause)](clause, after)
    return after, {}


def _project(clause: tree.With | tree.Return, here: Here) -> tuple[Here, Columns]:
    where = clause.where if isinstance(clause, tree.With) else None
    is_return = isinstance(clause, tree.Return)
    columns = check_projection(clause.projection, where, here, is_return=is_return)
    after = Here(here.state, Scope(columns, here.scope.outer))
    return after, columns if is_return else {}


def _match(clause: tree.Match, here: Here) -> None:
    here.state.reads = True
    before = here.scope.copy()
    patterns.bind(clause.patterns, here)
    for pattern in clause.patterns:
        patterns.check_contents(pattern, here)
    expressions.check_condition(clause.where, here)
    if clause.hints:
        check_hints(clause, here.scope)
    notifications.note_match(clause, before, here.state)


def _unwind(clause: tree.Unwind, here: Here) -> None:
    source = expressions.check(clause.source, here)
    element = source if source.item is None else source.item
    _bind(clause.variable, ANY if element == NOTHING else element, clause.at, here)


def _bind(name: str, type: Type, at: int, here: Here) -> None:
    if here.scope.get(name) is not None:
        raise already_bound(name, at)
    here.scope.names[name] = type


def _create(clause: tree.Create, here: Here) -> None:
    here.state.writes = True
    for pattern in clause.patterns:
        patterns.bind_created(pattern, "CREATE", here)


def _merge(clause: tree.Merge, here: Here) -> None:
    here.state.reads = here.state.writes = True
    patterns.bind_created(clause.pattern, "MERGE", here)
    for item in (*clause.on_create, *clause.on_match):
        _set_item(item, here)


def _set(clause: tree.Set, here: Here) -> None:
    here.state.writes = True
    for item in clause.items:
        _set_item(item, here)


def _set_item(item: tree.SetItem, here: Here) -> None:
    match item:
        case tree.SetProperty(subject, key, value):
            _property(subject, key, here)
            expressions.check(value, here)
        case tree.SetProperties(name, value):
            _entity(name, item.at, here, NODE, RELATIONSHIP)
            given = expressions.check_type(value, here, MAP, NODE, RELATIONSHIP)
            if isinstance(value, tree.Variable) and given in (NODE, RELATIONSHIP):
                left = f"{name} {'+=' if item.merge else '='}"
                here.state.notifications.append(deprecated_properties(left, value.name, value.at))
        case tree.SetLabels(name):
            _entity(name, item.at, here, NODE)


def _entity(name: str, at: int, here: Here, *wanted: Type) -> None:
    expressions.check_type(tree.Variable(name, at), here, *wanted)


def _property(subject: tree.Expression, key: str | tree.Expression, here: Here) -> None:
    expressions.check_type(subject, here, NODE, RELATIONSHIP)
    if isinstance(key, str):
        return
    expressions.check(key, here)


def _remove(clause: tree.Remove, here: Here) -> None:
    here.state.writes = True
    for item in clause.items:
        if isinstance(item, tree.RemoveProperty):
            _property(item.subject, item.key, here)
        else:
            _entity(item.variable, item.at, here, NODE)


def _delete(clause: tree.Delete, here: Here) -> None:
    here.state.writes = True
    for expression in clause.expressions:
        if isinstance(expression, tree.HasLabels):
            message = "DELETE doesn't support removing labels from a node. Try REMOVE."
            raise fault("InvalidDelete", message, at=expression.at)
        expressions.check_type(expression, here, NODE, RELATIONSHIP, PATH)


def _foreach(clause: tree.Foreach, here: Here) -> None:
    here.state.writes = True
    element = expressions.check_type(clause.source, here, LIST).item
    if here.scope.get(clause.variable) is not None:
        raise already_bound(clause.variable, clause.at)
    known = ANY if element is None or element == NOTHING else element
    inside = Here(here.state, Scope({clause.variable: known}, here.scope))
    for update in clause.updates:
        inside, _ = check(update, inside)


def _call_procedure(clause: tree.CallProcedure, here: Here) -> None:
    procedure = look_up(clause, here.state)
    if clause.star:
        message = "Cannot use `YIELD *` outside standalone call"
        raise fault("UnexpectedSyntax", message, at=clause.at)
    if clause.arguments is None:
        raise fault(
            "InvalidArgumentPassingMode",
            "Procedure call inside a query does not support passing arguments implicitly. Please"
            " pass arguments explicitly in parentheses after procedure name for"
            f" {procedure.name}",
            at=clause.at,
        )
    check_arguments(procedure, clause, here)
    for name, type in check_yields(procedure, clause):
        _bind(name, type, clause.at, here)
    expressions.check_condition(clause.where, here)


def check_standalone_call(clause: tree.CallProcedure, state: State) -> Columns:
    """Check a statement that is nothing but a procedure's call; return its columns."""
    procedure = look_up(clause, state)
    here = Here(state, Scope({}))
    check_arguments(procedure, clause, here)
    for name, type in check_yields(procedure, clause, all_of_them=True):
        _bind(name, type, clause.at, here)
    expressions.check_condition(clause.where, here)
    return here.scope.names


def _call_subquery(clause: tree.CallSubquery, here: Here) -> None:
    if clause.imports is None:
        first = clause.query.clauses[0]
        names = (
            [item.name for item in first.projection.items] if isinstance(first, tree.With) else []
        )
        here.state.notifications.append(deprecated_subquery(names, clause.at))
    columns = queries.check_call(clause, here.scope, here.state)
    for name, type in (columns or {}).items():
        if here.scope.get(name) is not None:
            message = f"Variable `{name}` already declared in outer scope"
            raise fault("VariableAlreadyBound", message, at=clause.query.at)
        here.scope.names[name] = type


def imported(call: tree.CallSubquery, part: tree.Query, scope: Scope) -> Scope:
    """Return what the query of CALL {…} begins with."""
    if call.imports is None:
        return Scope({}, None)
    if call.imports == ("*",):
        return Scope({}, scope)
    for name in call.imports:
        if scope.get(name) is None:
            raise undefined(name, call.at)
    return Scope({}, Scope({name: scope.get(name) or ANY for name in call.imports}))


def check_importing_with(clause: tree.With) -> None:
    """Raise the fault if the first WITH of CALL {…} does more than to name variables."""
    projection = clause.projection
    is_simple = not (
        projection.distinct
        or projection.order
        or projection.skip is not None
        or projection.limit is not None
        or clause.where is not None
    )
    for item in projection.items:
        same = isinstance(item.expression, tree.Variable) and item.expression.name == item.name
        is_simple = is_simple and same
    if not is_simple:
        raise fault(
            "InvalidClauseComposition",
            "Importing WITH should consist only of simple references to outside variables."
            " Aliasing, expressions, WHERE, DISTINCT, ORDER BY, SKIP and LIMIT are not supported",
            at=clause.at,
        )


def simple_items(clause: tree.With, around: Scope) -> Columns:
    """Return the variables that an importing WITH takes from the query around."""
    found = around.all_names() if clause.projection.star else {}
    for item in clause.projection.items:
        known = around.get(item.name)
        if known is None:
            raise undefined(item.name, item.at)
        found[item.name] = known
    return found


def _use(clause: tree.Use, here: Here) -> None:
    pass


_CHECKS: dict[type, Callable[[Any, Here], None]] = {
    tree.Match: _match,
    tree.Unwind: _unwind,
    tree.Create: _create,
    tree.Merge: _merge,
    tree.Set: _set,
    tree.Remove: _remove,
    tree.Delete: _delete,
    tree.Foreach: _foreach,
    tree.CallProcedure: _call_procedure,
    tree.CallSubquery: _call_subquery,
    tree.Use: _use,
}
