"""Bounds of a column that SQLite's planner can use, beside a condition that hides the column.

They let through whatever the condition does, and more: it still decides. A pattern bounds texts by
its beginning. A date, or a timestamp without time zone, lies within two days of any moment that it
equals, in whatever zone it is read; so comparisons across these types bound it by days.
"""

from __future__ import annotations

from fivefold.plan import nodes as exp
from fivefold.plan.statement import type_of
from fivefold.stores.sqlite.render.writer import Writer, bare
from fivefold.values.types import Kind

_MIRRORED: dict[type[exp.Expr], type[exp.Expr]] = {
    exp.LT: exp.GT,
    exp.LTE: exp.GTE,
    exp.GT: exp.LT,
    exp.GTE: exp.LTE,
}
_BELOW = (exp.EQ, exp.GT, exp.GTE)
_ABOVE = (exp.EQ, exp.LT, exp.LTE)


def ranged(w: Writer, node: exp.Expr) -> list[str]:
    """Return the bounds that a condition sets; none where its own text does."""
    if isinstance(node, exp.Like):
        if isinstance(bare(node.expression), exp.Literal):
            return []  # it is written as GLOB, from which SQLite makes bounds
        pattern = w.sql(node.expression)
        return _between(w, node.this, f"ff_like_from({pattern})", f"ff_like_to({pattern})")
    if isinstance(node, exp.Anonymous):
        text, start = node.expressions
        beginning = w.sql(start)
        return _between(w, text, beginning, f"ff_prefix_to({beginning})")
    if isinstance(node, exp.Between):
        low, high = node.args["low"], node.args["high"]
        return [*_days(w, exp.GTE, node.this, low), *_days(w, exp.LTE, node.this, high)]
    kind = type(node)
    other = _MIRRORED.get(kind, kind)
    return [
        *_days(w, kind, node.this, node.expression),
        *_days(w, other, node.expression, node.this),
    ]


def _between(w: Writer, text: exp.Expr, low: str, high: str) -> list[str]:
    column = w.closed(text)
    return [f"{column} >= {low}", f"{column} < {high}"]


def _days(w: Writer, kind: type[exp.Expr], one: exp.Expr, other: exp.Expr) -> list[str]:
    side = bare(one)
    column = bare(side.this) if isinstance(side, exp.Cast) else side
    if not isinstance(side, exp.Cast) or not isinstance(column, exp.Column):
        return []
    if type_of(column).kind not in (Kind.DATE, Kind.TIMESTAMP):
        return []
    text, moment = w.sql(column), w.sql(other)
    bounds = []
    if kind in _BELOW:
        bounds.append(f"{text} >= ff_days_from({moment}, -2)")
    if kind in _ABOVE:
        bounds.append(f"{text} <= ff_days_from({moment}, 3)")
    return bounds
