"""Values of columns that a statement leaves out."""

from __future__ import annotations

import fivefold.languages.sql.bind.expressions as expressions
from fivefold.catalog.containers import Column, Table
from fivefold.languages.sql.bind import nodes
from fivefold.languages.sql.bind.casts import Ease, castable, coerce
from fivefold.languages.sql.bind.nodes import Node, typed
from fivefold.languages.sql.bind.scopes import Scope
from fivefold.languages.sql.bind.state import State
from fivefold.languages.sql.functions import BY_NAME
from fivefold.plan import nodes as exp
from fivefold.plan.statement import type_of
from fivefold.values.types import INT8, REGCLASS, UNKNOWN, Type


def default_of(state: State, table: Table, column: Column) -> Node | None:
    """Return what a column left out gets, cast to its type; None for null."""
    if column.sequence is not None:
        name = nodes.literal(f"{table.namespace}.{column.sequence}", REGCLASS)
        value: Node = nodes.call("nextval", [name], INT8)
        value.meta["function"] = BY_NAME["nextval"][0]
        return assigned(state, value, column.type)
    if column.default is None:
        return None
    return bind_text(state, column.default, column.type)


def bind_text(state: State, text: str, type_: Type) -> Node:
    """Bind the text of a default."""
    from fivefold.languages.sql.parse.statements import parse_expression

    own = State(state.context, quiet=True, scopes=state.scopes)
    value = expressions.bind(Scope(own, clause="DEFAULT expressions"), parse_expression(text))
    state.scopes = own.scopes
    for part in value.walk():
        part.meta["at"] = -1
    return assigned(state, value, type_)


def null_of(type_: Type) -> Node:
    return typed(exp.Null(), type_)


def assigned(state: State, value: Node, target: Type) -> Node:
    """Convert a value that is stored into a column of type ``target``; the caller checked that
    it fits.
    """
    source = type_of(value)
    if source == target:
        return value
    if isinstance(value, exp.Null):
        value.meta["type"] = target
        return value
    if source == UNKNOWN:
        value = coerce(state, value, nodes_plain(target), Ease.IMPLICIT)
        if type_of(value) == target:
            return value
    return coerce(state, value, target, Ease.ASSIGNMENT)


def nodes_plain(type_: Type) -> Type:
    from fivefold.languages.sql.bind.casts import bare

    return bare(type_)


def fits(source: Type, target: Type) -> bool:
    return castable(source, target, Ease.ASSIGNMENT)
