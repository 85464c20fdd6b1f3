"""Aggregates WITHIN GROUP.

Ordered-set ones are functions of ours over sorted rows. Those of a hypothetical row count the rows
that would stand before it.
"""

from __future__ import annotations

from fivefold.plan import nodes as exp
from fivefold.plan.statement import type_of
from fivefold.stores.sqlite.functions.codes import code_of
from fivefold.stores.sqlite.render.writer import Writer, string


def within(w: Writer, node: exp.Expr, condition: str) -> str:
    """Write the aggregate; ``condition`` is that of FILTER, or ''."""
    from fivefold.stores.sqlite.render.queries import order_by

    call, order = node.this, node.args["order"]
    write_counts = _COUNTS.get(call.name)
    if write_counts is not None:
        return write_counts(w, node, condition)
    tail = f" FILTER (WHERE {condition})" if condition else ""
    arguments = [*call.expressions, order.expressions[0].this]
    texts = [f"{w.sql(one)}, {string(code_of(type_of(one)))}" for one in arguments]
    return f"ff_{call.name}({', '.join(texts)} {order_by(w, order)}){tail}"


def _before(w: Writer, node: exp.Expr) -> tuple[str, str]:
    """Return the conditions of a row that comes before the hypothetical one, or is its peer."""
    before, peer = "", ""
    pairs = list(zip(node.this.expressions, node.args["order"].expressions, strict=True))
    for argument, part in reversed(pairs):
        key, value = w.ordered(part.this), w.closed(argument)
        first = bool(part.args["nulls_first"])
        sign = ">" if part.args["desc"] else "<"
        less = (
            f"CASE WHEN {w.closed(part.this)} IS NULL THEN {int(first)} AND {value} IS NOT NULL "
            f"WHEN {value} IS NULL THEN {int(not first)} ELSE {key} {sign} {value} END"
        )
        same = f"{key} IS {value}"
        before = f"({less} OR {same} AND {before})" if before else f"({less})"
        peer = f"{same} AND {peer}" if peer else same
    return before, peer


def _count(condition: str, *more: str) -> str:
    conditions = [f"({one})" for one in (condition, *more) if one]
    tail = f" FILTER (WHERE {' AND '.join(conditions)})" if conditions else ""
    return f"count(*){tail}"


def _rank(w: Writer, node: exp.Expr, condition: str) -> str:
    return f"(1 + {_count(_before(w, node)[0], condition)})"


def _percent_rank(w: Writer, node: exp.Expr, condition: str) -> str:
    rows = _count(condition)
    return f"coalesce(CAST({_count(_before(w, node)[0], condition)} AS REAL) / {rows}, 0.0)"


def _share(w: Writer, node: exp.Expr, condition: str) -> str:
    before, peer = _before(w, node)
    rows = _count(f"{before} OR {peer}", condition)
    return f"(CAST({rows} + 1 AS REAL) / ({_count(condition)} + 1))"


def _dense_rank(w: Writer, node: exp.Expr, condition: str) -> str:
    from fivefold.stores.sqlite.render.queries import order_by

    keys = [part.this for part in node.args["order"].expressions]
    listed = [*[w.sql(key) for key in keys], *[string(code_of(type_of(key))) for key in keys]]
    conditions = [f"({one})" for one in (_before(w, node)[0], condition) if one]
    call = f"ff_count_different({', '.join(listed)} {order_by(w, node.args['order'])})"
    return f"(1 + coalesce({call} FILTER (WHERE {' AND '.join(conditions)}), 0))"


_COUNTS = {
    "rank": _rank,
    "dense_rank": _dense_rank,
    "percent_rank": _percent_rank,
    "cume_dist": _share,
}
