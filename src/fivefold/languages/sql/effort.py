"""Says whether a bound statement touches few rows, found by a unique key."""

from __future__ import annotations

from collections.abc import Iterator

from fivefold.catalog.containers import Table
from fivefold.plan import nodes as exp
from fivefold.plan.conditions import conjuncts
from fivefold.plan.statement import Effort, type_of
from fivefold.values.types import INTEGERS

POINT_ROWS_MAX = 10  # rows of one INSERT that still run on the server's loop


def effort_of(node: exp.Expr, tables: dict[str, Table], waits: bool = False) -> Effort:
    """Return POINT for a statement of one table by its key; ``tables`` maps aliases to tables."""
    if waits:
        return Effort.WAIT
    if node.args.get("with_") is not None or node.args.get("joins") or "sets" in node.meta:
        return Effort.SCAN
    if next(node.find_all(exp.Subquery, exp.Exists, exp.SetOperation), None) is not None:
        return Effort.SCAN
    if isinstance(node, exp.Insert):
        body = node.expression
        few = isinstance(body, exp.Values) and len(body.expressions) <= POINT_ROWS_MAX
        return Effort.POINT if few else Effort.SCAN
    if isinstance(node, exp.Values):
        return Effort.POINT
    if isinstance(node, exp.Select):
        source = node.args.get("from_")
        if source is None:
            return Effort.POINT
        return _by_key(source.this, node, tables)
    if isinstance(node, exp.Update | exp.Delete):
        if node.args.get("from_") is not None or node.args.get("using"):
            return Effort.SCAN
        return _by_key(node.this, node, tables)
    return Effort.SCAN


def _by_key(source: exp.Expr, node: exp.Expr, tables: dict[str, Table]) -> Effort:
    where = node.args.get("where")
    if where is None or not isinstance(source, exp.Table):
        return Effort.SCAN
    table = tables.get(source.alias)
    if table is None:
        return Effort.SCAN
    fixed = {name for part in conjuncts(where.this) for name in _fixed(part)}
    if any(fixed.issuperset(key.columns) for key in table.keys):
        return Effort.POINT
    return Effort.SCAN


def _fixed(equal: exp.Expr) -> Iterator[str]:
    """Yield the column that a condition, if it is an equality, pins to one value."""
    if not isinstance(equal, exp.EQ):
        return
    for one, other in ((equal.this, equal.expression), (equal.expression, equal.this)):
        column = one
        while isinstance(column, exp.Cast | exp.Paren) and type_of(column).kind in INTEGERS:
            column = column.this  # widening an integer does nothing in a store
        if isinstance(column, exp.Column) and _is_constant(other):
            yield column.name


def _is_constant(node: exp.Expr) -> bool:
    while isinstance(node, exp.Cast | exp.Paren):
        node = node.this
    return isinstance(node, exp.Literal | exp.Parameter | exp.Boolean | exp.HexString)
