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
from fivefold.stores.postgres.names import qualified, quote, string, type_name
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
        return _sql(tree)
    except UnsupportedError as error:
        raise Unsupported(f"PostgreSQL cannot say this: {error}") from None


def _sql(tree: exp.Expression) -> str:
    return tree.transform(_printable).sql(
        dialect="postgres",
        normalize_functions=False,
        comments=False,
        unsupported_level=ErrorLevel.RAISE,
    )


def _listed(nodes: list[exp.Expression]) -> str:
    return ", ".join([_sql(node) for node in nodes])


def _printable(node: exp.Expression) -> exp.Expression:
    """Return what to print for a node. What is inside another node is left as it is then."""
    change = _CHANGES.get(type(node))
    return node if change is None else change(node)


def _text(text: str) -> exp.Expression:
    return exp.Var(this=text)


def _typed(text: str, type_: Type) -> exp.Expression:
    name = type_name(type_)
    return _text(text if name is None else f"CAST({text} AS {name})")


def _literal(node: exp.Expression) -> exp.Expression:
    type_ = type_of(node)
    value = node.this
    plain = type_.kind is Kind.INT4 and not value.startswith("-")
    # A bare number there would be read as the number of a column.
    if plain and not isinstance(node.parent, (exp.Group, exp.Order, exp.Ordered)):
        return node
    if type_.kind is Kind.ARRAY:
        value = output(type_)(value)
    return _typed(string(value), type_)


def _hex_string(node: exp.Expression) -> exp.Expression:
    return _text(f"'\\x{node.this}'::bytea")


def _parameter(node: exp.Expression) -> exp.Expression:
    return _typed(f"${node.this.this}", type_of(node))


def _null(node: exp.Expression) -> exp.Expression:
    return node if isinstance(node.parent, exp.Is) else _typed("NULL", type_of(node))


def _cast(node: exp.Expression) -> exp.Expression:
    """Take an assignment's length away: PostgreSQL's own assignment refuses what is too long."""
    type_ = type_of(node)
    if type_name(type_) is None:
        return node
    if node.meta.get("assignment") and type_.length is not None:
        type_ = replace(type_, length=None)
    return _typed(_sql(node.this), type_)


def _call(node: exp.Expression) -> exp.Expression:
    name, arguments = str(node.this), list(node.expressions)
    operator = node.meta.get("operator")
    if operator is not None:
        *left, right = [f"({_sql(one)})" for one in arguments]
        return _text(f"({''.join(left)} {operator.symbol} {right})")
    if name in _BARE and not arguments:
        return _text(name)
    return _text(f"{_called(name)}({_arguments(name, arguments, None)})")


def _called(name: str) -> str:
    return f'pg_catalog."{name}"' if name in _GRAMMAR else name


def _arguments(name: str, arguments: list[exp.Expression], order: exp.Order | None) -> str:
    """Return what stands in a call's parentheses, an aggregate's DISTINCT and ORDER BY too."""
    first = arguments[0] if arguments else None
    if name == "count" and first is None:
        text = "*"
    elif isinstance(first, exp.Distinct):
        text = f"DISTINCT {_listed(first.expressions)}"
    elif name in _SEQUENCES and isinstance(first, exp.Literal):
        namespace, dot, sequence = first.this.partition(".")
        found = qualified(namespace, sequence) if dot else quote(namespace)
        text = ", ".join([string(found), *map(_sql, arguments[1:])])
    else:
        text = _listed(arguments)
    return text if order is None else f"{text} ORDER BY {_listed(order.expressions)}"


def _order(node: exp.Expression) -> exp.Expression:
    """Move an aggregate's own ORDER BY into its parentheses."""
    call = node.this
    if not isinstance(node, exp.Order) or not isinstance(call, exp.Anonymous):
        return node
    name = str(call.this)
    return _text(f"{_called(name)}({_arguments(name, list(call.expressions), node)})")


def _division(node: exp.Expression) -> exp.Expression:
    # Not marked as PostgreSQL's own kind, it would be given a cast to double precision.
    node.set("typed", True)
    node.set("safe", False)
    return node


def _subscript(node: exp.Expression) -> exp.Expression:
    node.set("offset", 1)  # counted from 1 in the tree, as in the text
    return node


def _array(node: exp.Expression) -> exp.Expression:
    return node if node.expressions else _typed("ARRAY[]", type_of(node))


def _any(node: exp.Expression) -> exp.Expression:
    if isinstance(node.this, (exp.Subquery, exp.Query, exp.Paren)):
        return node
    return _text(f"ANY ({_sql(node.this)})")


def _on_conflict(node: exp.Expression) -> exp.Expression:
    """Take the table's name from the columns of the target, where the grammar has no place."""
    targets = [*(node.args.get("conflict_keys") or ()), node.args.get("index_predicate")]
    for target in targets:
        for column in target.find_all(exp.Column) if target is not None else ():
            column.set("table", None)
    return node


def _nested_join(node: exp.Expression) -> exp.Expression:
    """Print ``(t JOIN u ON …)``, whose parentheses sqlglot would close before the joins."""
    if not isinstance(node.this, exp.Table):
        return node
    joins = "".join([_sql(join) for join in node.args.get("joins") or ()])
    return _text(f"({_sql(node.this)} {joins.strip()})")


def _table(node: exp.Expression) -> exp.Expression:
    if node.meta.get("ordinality"):
        node.set("ordinality", True)
    return node


_CHANGES: dict[type[exp.Expression], Callable[[exp.Expression], exp.Expression]] = {
    exp.Literal: _literal,
    exp.HexString: _hex_string,
    exp.Parameter: _parameter,
    exp.Null: _null,
    exp.Cast: _cast,
    exp.Anonymous: _call,
    exp.Order: _order,
    exp.Div: _division,
    exp.Bracket: _subscript,
    exp.Array: _array,
    exp.Any: _any,
    exp.OnConflict: _on_conflict,
    exp.Subquery: _nested_join,
    exp.Table: _table,
}
