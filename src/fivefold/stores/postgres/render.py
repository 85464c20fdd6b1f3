"""Bound trees back to PostgreSQL's text.

A bound tree is PostgreSQL's own dialect, so sqlglot prints it. What is changed before is what a
printer cannot know: constants and parameters say their type, calls keep the form that PostgreSQL's
grammar asks for, and nodes that sqlglot would translate (a division, an array's index) are marked
as being PostgreSQL's already.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sqlglot import ErrorLevel, exp
from sqlglot.errors import UnsupportedError

from fivefold.errors import Unsupported
from fivefold.plan.statement import type_of
from fivefold.stores.postgres.names import qualified, quote, type_name
from fivefold.values.text import output
from fivefold.values.types import Kind, Type

# Called without parentheses (PostgreSQL manual, 9.9.5 and 9.26).
_BARE = frozenset(
    ["current_date", "current_time", "current_timestamp", "localtime", "localtimestamp"]
) | frozenset(["current_user", "current_role", "session_user", "user", "current_catalog"])
_GRAMMAR = frozenset({"extract", "position", "overlay", "normalize", "trim"})
"""Names that the grammar reads otherwise than as a call, unless they are quoted."""

_SEQUENCES = frozenset({"nextval", "currval", "setval"})


def render(tree: exp.Expression) -> str:
    """Return a bound tree as text. Raises Unsupported for what cannot be said."""
    try:
        return tree.transform(_printable).sql(
            dialect="postgres",
            normalize_functions=False,
            comments=False,
            unsupported_level=ErrorLevel.RAISE,
        )
    except UnsupportedError as error:
        raise Unsupported(f"PostgreSQL cannot say this: {error}") from None


def _printable(node: exp.Expression) -> exp.Expression:
    change = _CHANGES.get(type(node))
    if change is None or node.meta.get("printed"):
        return node
    return change(node)


def _done(node: exp.Expression) -> exp.Expression:
    """Mark a node that ``transform`` will meet again."""
    node.meta["printed"] = True
    return node


def _typed(node: exp.Expression, type_: Type) -> exp.Expression:
    name = type_name(type_)
    _done(node)
    if name is None:
        return node
    to = exp.DataType(this=exp.DataType.Type.USERDEFINED, kind=name)
    return _done(exp.Cast(this=node, to=to))


def _literal(node: exp.Expression) -> exp.Expression:
    type_ = type_of(node)
    value = node.this
    if type_.kind is Kind.INT4 and not value.startswith("-"):
        return node
    if type_.kind is Kind.UNKNOWN:
        return node
    if type_.kind is Kind.ARRAY:
        value = output(type_)(value)
    return _typed(exp.Literal.string(value), type_)


def _hex_string(node: exp.Expression) -> exp.Expression:
    return _typed(exp.Literal.string("\\x" + node.this), Type(Kind.BYTEA))


def _typed_as_it_is(node: exp.Expression) -> exp.Expression:
    return _typed(node, type_of(node))


def _boolean(node: exp.Expression) -> exp.Expression:
    if type_of(node).kind in (Kind.BOOLEAN, Kind.UNKNOWN):
        return node
    return _typed(node, type_of(node))


def _cast(node: exp.Expression) -> exp.Expression:
    """Take an assignment's length away: PostgreSQL's own assignment refuses what is too long."""
    type_ = type_of(node)
    name = type_name(type_)
    if name is None:
        return node
    if node.meta.get("assignment") and type_.length is not None:
        name = str(replace(type_, length=None))
    node.set("to", exp.DataType(this=exp.DataType.Type.USERDEFINED, kind=name))
    return node


def _call(node: exp.Expression) -> exp.Expression:
    name = str(node.this)
    arguments = node.expressions
    if name in _BARE and not arguments:
        return exp.Var(this=name)
    if name == "count" and not arguments:
        node.set("expressions", [exp.Star()])
    elif name in _SEQUENCES and isinstance(arguments[0], exp.Literal):
        namespace, dot, sequence = arguments[0].this.partition(".")
        name = qualified(namespace, sequence) if dot else quote(namespace)
        literal = _done(exp.Literal.string(name))
        node.set("expressions", [literal, *arguments[1:]])
    if name in _GRAMMAR:
        node.set("this", exp.Identifier(this=name, quoted=True))
        return exp.Dot(this=exp.Identifier(this="pg_catalog"), expression=_done(node))
    return node


def _order(node: exp.Expression) -> exp.Expression:
    """Move an aggregate's own ORDER BY into its parentheses, where sqlglot prints it."""
    call = node.this
    if not isinstance(call, exp.Anonymous) or not call.expressions:
        return node
    *others, last = call.expressions
    if isinstance(last, exp.Distinct):
        inner = list(last.expressions)
        order = exp.Order(this=inner[-1], expressions=node.expressions)
        call.set("expressions", [exp.Distinct(expressions=[*inner[:-1], order])])
    else:
        call.set("expressions", [*others, exp.Order(this=last, expressions=node.expressions)])
    return _call(call)


def _division(node: exp.Expression) -> exp.Expression:
    # Not marked as PostgreSQL's own kind, it would be given a cast to double precision.
    node.set("typed", True)
    node.set("safe", False)
    return node


def _subscript(node: exp.Expression) -> exp.Expression:
    node.set("offset", 1)  # counted from 1 in the tree, as in the text
    return node


_CHANGES: dict[type[exp.Expression], Callable[[exp.Expression], exp.Expression]] = {
    exp.Literal: _literal,
    exp.HexString: _hex_string,
    exp.Parameter: _typed_as_it_is,
    exp.Null: _typed_as_it_is,
    exp.Boolean: _boolean,
    exp.Cast: _cast,
    exp.Anonymous: _call,
    exp.Order: _order,
    exp.Div: _division,
    exp.Bracket: _subscript,
}
