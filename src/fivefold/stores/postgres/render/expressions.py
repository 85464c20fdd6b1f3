"""Operators, tests, casts and what is made of several values."""

from __future__ import annotations

from dataclasses import replace

from fivefold.plan import nodes as exp
from fivefold.plan.statement import type_of
from fivefold.stores.postgres.names import quote
from fivefold.stores.postgres.render.leaves import key, typed
from fivefold.stores.postgres.render.writer import Handler, listed, render, worded
from fivefold.values.types import Kind

_INFIXES: dict[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.NullSafeEQ: "IS NOT DISTINCT FROM",
    exp.NullSafeNEQ: "IS DISTINCT FROM",
    exp.Like: "LIKE",
    exp.ILike: "ILIKE",
    exp.SimilarTo: "SIMILAR TO",
    exp.Escape: "ESCAPE",
    exp.Add: "+",
    exp.Sub: "-",
    exp.Mul: "*",
    exp.Div: "/",
    exp.Mod: "%",
    exp.Pow: "^",
    exp.DPipe: "||",
    exp.BitwiseAnd: "&",
    exp.BitwiseOr: "|",
    exp.BitwiseXor: "#",
    exp.BitwiseLeftShift: "<<",
    exp.BitwiseRightShift: ">>",
}


def _infix(word: str) -> Handler:
    def write(node: exp.Binary) -> str:
        return f"{render(node.this)} {word} {render(node.expression)}"

    return write


def _chain(word: str) -> Handler:
    """Write AND or OR: a chain leans to the left, and may be too long for recursion."""

    def write(node: exp.Binary) -> str:
        parts = []
        one: exp.Expr = node
        while type(one) is type(node):
            parts.append(render(one.expression))
            one = one.this
        return f" {word} ".join([render(one), *reversed(parts)])

    return write


def _parenthesized(node: exp.Paren) -> str:
    return f"({render(node.this)})"


def _negative(node: exp.Neg) -> str:
    return f"-{key(node.this)}"  # the grammar takes the sign into a bare number


def _is(node: exp.Is) -> str:
    left, right = render(node.this), node.expression
    if not isinstance(right, exp.Null):
        return f"{left} IS {render(right)}"
    if isinstance(node.this, exp.Parameter) and type_of(node.this).kind is Kind.UNKNOWN:
        left = f"CAST({left} AS text)"  # nothing beside it says which type it has
    return f"{left} IS NULL"


def _between(node: exp.Between) -> str:
    low, high = render(node.args["low"]), render(node.args["high"])
    return f"{render(node.this)} BETWEEN {low} AND {high}"


def _in(node: exp.In) -> str:
    query = node.args.get("query")
    members = f"({listed(node.expressions)})" if query is None else render(query)
    return f"{render(node.this)} IN {members}"


def _quantified(word: str) -> Handler:
    def write(node: exp.Expr) -> str:
        inner = render(node.this)
        return f"{word} {inner}" if isinstance(node.this, exp.Subquery) else f"{word} ({inner})"

    return write


def _called_with(word: str) -> Handler:
    """Write what looks like a call but is the grammar's own: COALESCE and its like."""

    def write(node: exp.Expr) -> str:
        second = [] if node.expression is None else [node.expression]
        return f"{word}({listed([node.this, *second, *node.expressions])})"

    return write


def _cast(node: exp.Cast) -> str:
    """Take an assignment's length away: PostgreSQL's own assignment refuses what is too long."""
    type_ = type_of(node)
    if node.meta.get("assignment") and type_.length is not None:
        type_ = replace(type_, length=None)
    return typed(render(node.this), type_)


def _any_operator(node: exp.Quantified) -> str:
    inner = node.this.this if isinstance(node.this, exp.Not) else node.this
    inner = inner.this if isinstance(inner, exp.Paren) else inner
    left = inner.this if isinstance(inner, exp.Binary) else inner.expressions[0]
    word = "ALL" if node.args.get("every") else "ANY"
    right = render(node.expression)
    right = right if isinstance(node.expression, exp.Subquery) else f"({right})"
    return f"({render(left)}) {node.args['op']} {word} {right}"


def _case(node: exp.Case) -> str:
    parts = ["CASE"] if node.this is None else ["CASE", render(node.this)]
    for one in node.args["ifs"]:
        parts.append(f"WHEN {render(one.this)} THEN {render(one.args['true'])}")
    default = node.args.get("default")
    if default is not None:
        parts.append(f"ELSE {render(default)}")
    return " ".join([*parts, "END"])


def _array(node: exp.Array) -> str:
    members = node.expressions
    if node.meta.get("query"):
        return f"ARRAY({render(members[0])})"
    return f"ARRAY[{listed(members)}]" if members else typed("ARRAY[]", type_of(node))


def _subscript(node: exp.Bracket) -> str:
    # Only columns and what is in parentheses may be subscripted.
    base = render(node.this)
    base = base if isinstance(node.this, exp.Column) else f"({base})"
    return base + "".join([f"[{render(one)}]" for one in node.expressions])


def _slice(node: exp.Slice) -> str:
    sides = (node.this, node.expression)
    return ":".join(["" if one is None else render(one) for one in sides])


def _tuple(node: exp.Tuple) -> str:
    return f"({listed(node.expressions)})"


def _row(node: exp.Row) -> str:
    source = node.args.get("source")
    if source is None:
        return f"ROW({listed(node.expressions)})"
    names = [name for name, _ in type_of(node).fields]
    columns = [one.name for one in node.expressions if isinstance(one, exp.Column)]
    if columns == names or len(columns) != len(names):
        return quote(source.name)
    # Its columns have other names in the text than the query gives them.
    named = [
        f"{render(one)} AS {quote(name)}" for one, name in zip(node.expressions, names, strict=True)
    ]
    return f'(SELECT "one" FROM (SELECT {", ".join(named)}) AS "one")'


def _member(node: exp.Member) -> str:
    return f"({render(node.this)}).{quote(node.name)}"


def _alias(node: exp.Alias) -> str:
    return f"{render(node.this)} AS {quote(node.alias)}"


HANDLERS: dict[type[exp.Expr], Handler] = {
    **{kind: _infix(word) for kind, word in _INFIXES.items()},
    exp.Exists: lambda node: f"EXISTS({render(node.this)})",
    exp.Paren: _parenthesized,
    exp.Not: worded("NOT"),
    exp.BitwiseNot: worded("~"),
    exp.Neg: _negative,
    exp.And: _chain("AND"),
    exp.Or: _chain("OR"),
    exp.Is: _is,
    exp.Between: _between,
    exp.In: _in,
    exp.Any: _quantified("ANY"),
    exp.All: _quantified("ALL"),
    exp.Cast: _cast,
    exp.Quantified: _any_operator,
    exp.Coalesce: _called_with("COALESCE"),
    exp.Greatest: _called_with("GREATEST"),
    exp.Least: _called_with("LEAST"),
    exp.Nullif: _called_with("NULLIF"),
    exp.Case: _case,
    exp.Array: _array,
    exp.Bracket: _subscript,
    exp.Slice: _slice,
    exp.Tuple: _tuple,
    exp.Row: _row,
    exp.Member: _member,
    exp.Alias: _alias,
}
