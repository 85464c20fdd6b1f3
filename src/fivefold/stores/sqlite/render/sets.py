"""Set-returning functions among the outputs of a SELECT: a rule that puts them into FROM.

PostgreSQL computes them after all else but DISTINCT, ORDER BY and LIMIT, those of one level of
nesting in step with each other, the shorter ones padded with nulls (manual, 38.5.8). ROWS FROM
says just that:

    SELECT a, unnest(b), f(unnest(c)) FROM t
    SELECT a, "s1", f("s2") FROM t, LATERAL ROWS FROM (unnest(b), unnest(c)) AS "ff:set1"(s1, s2)

What is grouped or counted over windows becomes a query of its own inside.
"""

from __future__ import annotations

from fivefold.plan import nodes as exp
from fivefold.plan.statement import type_of
from fivefold.stores.sqlite.gaps import SETS
from fivefold.stores.sqlite.render.aggregates import AGGREGATES
from fivefold.values.types import Kind, Type

_OUTER = ("distinct", "order", "limit", "offset")


def expanded(node: exp.Select) -> exp.Select:
    """Return the same SELECT with its sets in FROM."""
    made = node.copy()
    del made.meta["sets"]
    order = made.args.get("order")
    holders: list[exp.Expr] = [*made.expressions, *(order.expressions if order else [])]
    if _is_computed(made, holders):
        made = _around(made, holders)
    found = [one for holder in holders for one in holder.walk(_is_query) if is_set(one)]
    levels: dict[int, list[exp.Expr]] = {}
    for one in found:
        level = levels.setdefault(_depth(one), [])
        if one not in level:
            level.append(one)
    for depth in sorted(levels):
        calls = levels[depth]
        source, values = _source(f"ff:set{depth}", calls)
        if made.args.get("from_") is None:
            made.set("from_", exp.From(this=source))
        else:
            joins = made.args.get("joins") or []
            made.set("joins", [*joins, exp.Join(this=source, kind="CROSS")])
        deeper = [one for level in levels if level > depth for one in levels[level]]
        for holder in [*holders, *deeper]:
            _replace(holder, calls, values)
    return made


def is_set(node: exp.Expr) -> bool:
    """Say whether a node is a call of a set-returning function."""
    return isinstance(node, exp.Anonymous) and node.name in SETS


def _is_query(node: exp.Expr) -> bool:
    return isinstance(node, exp.Query)


def _depth(node: exp.Expr) -> int:
    inner = [
        _depth(one) for part in node.expressions for one in part.walk(_is_query) if is_set(one)
    ]
    return 1 + max(inner, default=0)


def _replace(holder: exp.Expr, calls: list[exp.Expr], values: list[exp.Expr]) -> None:
    holder.replace_all(lambda one: values[calls.index(one)] if one in calls else None)


def _source(alias: str, calls: list[exp.Expr]) -> tuple[exp.Expr, list[exp.Expr]]:
    """Return the source of one level, and what stands for each of its calls."""
    names: list[exp.Identifier] = []
    values: list[exp.Expr] = []
    for call in calls:
        type_ = type_of(call)
        fields = [one for _, one in type_.fields] if type_.kind is Kind.RECORD else [type_]
        columns: list[exp.Expr] = []
        for field in fields:
            names.append(exp.Identifier(this=f"s{len(names) + 1}"))
            columns.append(_column(alias, names[-1].name, field))
        if type_.kind is Kind.RECORD:
            record = exp.Row(expressions=columns)
            record.meta["type"] = type_
            values.append(record)
        else:
            values += columns
    this = calls[0] if len(calls) == 1 else exp.RowsFrom(expressions=list(calls))
    named = exp.TableAlias(this=exp.Identifier(this=alias), columns=names)
    return exp.Table(this=this, alias=named), values


def _column(source: str, name: str, type_: Type) -> exp.Expr:
    made = exp.Column(this=exp.Identifier(this=name), table=exp.Identifier(this=source))
    made.meta["type"] = type_
    return made


def _is_computed(node: exp.Select, holders: list[exp.Expr]) -> bool:
    """Say whether rows are grouped, or counted over windows, before sets multiply them."""
    if node.args.get("group") is not None or node.args.get("having") is not None:
        return True
    return any(
        isinstance(one, exp.Window) or (isinstance(one, exp.Anonymous) and one.name in AGGREGATES)
        for holder in holders
        for one in holder.walk(_is_query)
    )


def _around(node: exp.Select, holders: list[exp.Expr]) -> exp.Select:
    """Return a SELECT around ``node`` without its sets; what they need are its outputs."""
    outputs: list[exp.Expr] = []
    values: list[exp.Expr] = []

    def column(value: exp.Expr) -> exp.Expr:
        if value not in values:
            values.append(value)
            name = exp.Identifier(this=f"v{len(values)}")
            outputs.append(exp.Alias(this=value, alias=name))
            outputs[-1].meta["type"] = type_of(value)
        return _column("ff:base", f"v{values.index(value) + 1}", type_of(value))

    for holder in holders:
        holder.set("this", _outside(holder.this, column))
    inner = exp.Select(
        **{key: value for key, value in node.args.items() if key not in _OUTER},
    )
    inner.set("expressions", outputs)
    base = exp.Subquery(this=inner, alias=exp.TableAlias(this=exp.Identifier(this="ff:base")))
    outer = exp.Select(expressions=node.expressions, from_=exp.From(this=base))
    for key in _OUTER:
        outer.set(key, node.args.get(key))
    return outer


def _outside(node: exp.Expr, column: object) -> exp.Expr:
    """Return an expression in which all that holds no set is a column of the query inside."""
    assert callable(column)
    if not any(is_set(one) for one in node.walk(_is_query)):
        constant = isinstance(node, exp.Literal | exp.Null | exp.Boolean | exp.Parameter)
        return node if constant else column(node)
    for key, value in node.args.items():
        if isinstance(value, exp.Expr) and not value.is_leaf:
            node.args[key] = _outside(value, column)
        elif isinstance(value, list):
            node.args[key] = [
                _outside(one, column) if isinstance(one, exp.Expr) else one for one in value
            ]
    return node
