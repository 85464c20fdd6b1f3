"""GROUPING SETS, which SQLite lacks: a query for each set, joined by UNION ALL.

    SELECT a, sum(b), grouping(a) FROM t WHERE c GROUP BY ROLLUP (a) HAVING … ORDER BY …

becomes

    SELECT k1, v1, g1 FROM (
        WITH s AS MATERIALIZED (SELECT a AS k1, b AS c1 FROM t WHERE c)
        SELECT k1, sum(c1) AS v1, 0 AS g1 FROM s GROUP BY k1 UNION ALL
        SELECT NULL, sum(c1), 1 FROM s)
    WHERE … ORDER BY …

so that HAVING, DISTINCT, windows and ORDER BY see the rows of all sets as one. Sources are read
once, and a volatile key is computed once a row.
"""

from __future__ import annotations

from fivefold.plan import nodes as exp
from fivefold.plan.statement import type_of
from fivefold.stores.sqlite.render.writer import unsupported
from fivefold.values.types import INT4, INT8, Type

SETS_MAX = 500  # queries that SQLite joins in one statement


class _Parts:
    """What the outer query takes from the sets: ``values`` by the name of their column."""

    def __init__(self, group: exp.Expr) -> None:
        self.number = group.meta["scope"]
        self.sets: list[list[exp.Expr]] = [list(one.expressions) for one in group.args["sets"]]
        self.source = f"ff:s{self.number}"
        self.united = f"ff:g{self.number}"
        self.keys: dict[exp.Expr, str] = {}
        self.dependent: list[exp.Expr] = []
        self.aggregates: dict[exp.Expr, str] = {}
        self.groupings: dict[exp.Expr, str] = {}
        self.columns: dict[exp.Expr, str] = {}
        for key in group.expressions:
            self.keys[key] = f"k{len(self.keys)}"

    def own(self, node: exp.Expr) -> bool:
        return bool(node.meta.get("scope") == self.number)

    def outer(self, node: exp.Expr) -> exp.Expr | None:
        """Return what stands for a node above the sets; None if it is to be looked into."""
        if isinstance(node, exp.Column) and not self.own(node):
            return None
        meta = node.meta
        if node in self.keys:
            name = self.keys[node]
        elif meta.get("aggregate") == self.number:
            name = self.aggregates.setdefault(node, f"v{len(self.aggregates)}")
        elif meta.get("grouping") == self.number:
            name = self.groupings.setdefault(node, f"g{len(self.groupings)}")
        elif isinstance(node, exp.Column):  # it depends on a key that every set has
            self.dependent.append(node)
            name = self.keys[node] = f"k{len(self.keys)}"
        else:
            return None
        return _column(self.united, name, type_of(node))

    def inner(self, node: exp.Expr) -> exp.Expr | None:
        """Return what stands for a column of the sources in an aggregate."""
        if not isinstance(node, exp.Column) or not self.own(node):
            return None
        name = self.columns.setdefault(node, f"c{len(self.columns)}")
        return _column(self.source, name, type_of(node))


def one_level_up(node: exp.Select) -> exp.Select:
    """Return the query that reads the rows of all grouping sets from a UNION ALL of them."""
    parts = _Parts(node.args["group"])
    if len(parts.sets) > SETS_MAX:
        unsupported(f"more than {SETS_MAX} grouping sets")
    made = node.copy()
    for key in ("expressions", "having", "order", "distinct"):
        value = made.args.get(key)
        for holder in value if isinstance(value, list) else [value]:
            if isinstance(holder, exp.Expr):
                holder.replace_all(parts.outer)
    queries = [_query(parts, one) for one in parts.sets]
    union: exp.Expr = queries[0]
    for one in queries[1:]:
        union = exp.Union(this=union, expression=one, distinct=False)
    source = exp.CTE(this=_source(parts, node), alias=_alias(parts.source), materialized=True)
    union.set("with_", exp.With(expressions=[source]))
    made.set("from_", exp.From(this=exp.Subquery(this=union, alias=_alias(parts.united))))
    having = made.args.get("having")
    made.set("where", None if having is None else exp.Where(this=having.this))
    for key in ("joins", "group", "having"):
        made.set(key, None)
    return made


def _query(parts: _Parts, keys: list[exp.Expr]) -> exp.Select:
    """Return the query of one set; its outputs are named as ``parts`` says."""
    grouped = {*keys, *parts.dependent}
    outputs = []
    for key, name in parts.keys.items():
        null = exp.Null()
        null.meta["type"] = type_of(key)
        value = _column(parts.source, name, type_of(key)) if key in grouped else null
        outputs.append(_output(value, name))
    for node, name in parts.aggregates.items():
        aggregate = node.copy()
        aggregate.replace_all(parts.inner)
        outputs.append(_output(aggregate, name))
    for node, name in parts.groupings.items():
        bits = "".join("0" if one in grouped else "1" for one in node.expressions)
        literal = exp.Literal(this=str(int(bits, 2)), is_string=False)
        literal.meta["type"] = INT4
        outputs.append(_output(literal, name))
    # Without keys it must be an aggregate, which makes one row of none.
    count = exp.Anonymous(this="count", expressions=[])
    count.meta["type"] = INT8
    outputs.append(_output(count, "n"))
    made = exp.Select(expressions=outputs)
    table = exp.Table(this=exp.Identifier(this=parts.source), alias=_alias(parts.source))
    made.set("from_", exp.From(this=table))
    if grouped:
        by = [_column(parts.source, parts.keys[key], type_of(key)) for key in grouped]
        made.set("group", exp.Group(expressions=by))
    return made


def _source(parts: _Parts, node: exp.Select) -> exp.Select:
    """Return the query of what is grouped: keys, and the columns that aggregates need."""
    outputs = [
        _output(value, name) for value, name in (*parts.keys.items(), *parts.columns.items())
    ]
    made = exp.Select(expressions=outputs)
    for key in ("from_", "joins", "where"):
        made.set(key, node.args.get(key))
    return made


def _alias(name: str) -> exp.TableAlias:
    return exp.TableAlias(this=exp.Identifier(this=name))


def _output(value: exp.Expr, name: str) -> exp.Alias:
    made = exp.Alias(this=value, alias=exp.Identifier(this=name))
    made.meta["type"] = type_of(value)
    return made


def _column(table: str, name: str, type_: Type) -> exp.Column:
    made = exp.Column(this=exp.Identifier(this=name), table=exp.Identifier(this=table))
    made.meta["type"] = type_
    return made
