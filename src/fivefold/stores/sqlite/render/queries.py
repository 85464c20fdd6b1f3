"""SELECT, set operations, WITH, VALUES and what stands in FROM."""

from __future__ import annotations

from typing import Any

from fivefold.plan import nodes as exp
from fivefold.plan.statement import type_of
from fivefold.stores.sqlite.gaps import collation_of
from fivefold.stores.sqlite.names import quote, table_name
from fivefold.stores.sqlite.render.shadows import handed_on
from fivefold.stores.sqlite.render.sources import source_text
from fivefold.stores.sqlite.render.writer import (
    Handler,
    Writer,
    bare,
    guarded,
    unsupported,
    with_collation,
)
from fivefold.values.types import INTEGERS, Kind

SUBQUERY_FREE = ("order", "limit", "offset", "with_")


def select(w: Writer, node: exp.Select) -> str:
    """Write a SELECT; sources first, since they say what columns are called."""
    handing, w.handing = w.handing, None
    if _has_ties(node):
        return _with_ties(w, node)
    group = node.args.get("group")
    if group is not None and "sets" in group.args:
        from fivefold.stores.sqlite.render.groups import one_level_up

        node = one_level_up(node)
    if "sets" in node.meta:
        from fivefold.stores.sqlite.render.sets import expanded

        node = expanded(node)
    outer = dict(w.columns), w.distinct_outputs
    outer_shadows = dict(w.shadows)
    distinct = node.args.get("distinct")
    w.distinct_outputs = w.distinct_outputs or distinct is not None
    head = with_clause(w, node)
    from_text = from_clause(w, node)
    where = clause(w, node, "where", "WHERE")
    if distinct is not None and distinct.args.get("on") is not None:
        text = _distinct_on(w, node, distinct.args["on"], f"{from_text} {where}")
        w.columns, w.distinct_outputs = outer
        w.shadows = outer_shadows
        return head + text
    outputs = ", ".join([output(w, one) for one in node.expressions])
    if handing is not None and distinct is None and group is None:
        added, shapes = handed_on(w, node.expressions)
        outputs += added
        handing |= shapes
    # PostgreSQL allows a SELECT without outputs; SQLite does not.
    parts = [f"{head}SELECT {'DISTINCT ' if distinct is not None else ''}{outputs or 'NULL'}"]
    w.distinct_outputs = False
    parts += [from_text, where, group_clause(w, node), clause(w, node, "having", "HAVING")]
    parts += [order_clause(w, node), limit_clause(w, node)]
    w.columns, w.distinct_outputs = outer
    w.shadows = outer_shadows
    return " ".join([part for part in parts if part])


def _distinct_on(w: Writer, node: exp.Select, keys: exp.Expr, body: str) -> str:
    """Write DISTINCT ON: number the rows of each key, keep the first, order them again."""
    w.distinct_outputs = False
    order = node.args.get("order")
    parts = [] if order is None else order.expressions
    on = [sort_key(w, one) for one in keys.expressions]
    window = f"PARTITION BY {', '.join(on)}" + ("" if order is None else f" {order_by(w, order)}")
    names = [quote(one.alias_or_name) for one in node.expressions]
    inner = [output(w, one) for one in node.expressions]
    inner.append(f'row_number() OVER ({window}) AS "ff:row"')
    inner += [f'{_value(w, part.this)} AS "ff:{at}"' for at, part in enumerate(parts)]
    group = [group_clause(w, node), clause(w, node, "having", "HAVING")]
    source = " ".join([part for part in (body, *group) if part])
    text = f'SELECT {", ".join(names)} FROM (SELECT {", ".join(inner)} {source}) WHERE "ff:row" = 1'
    sorts = []
    for at, part in enumerate(parts):
        key = with_collation(f'"ff:{at}"', type_of(part.this))
        sorts.append(_directed(key, part, not_null=False))
    tail = ["ORDER BY " + ", ".join(sorts)] if sorts else []
    return " ".join([text, *tail, limit_clause(w, node)]).rstrip()


def _value(w: Writer, node: exp.Expr) -> str:
    """Write what others read by its name: they do not see the collations inside it."""
    text = str(w.sql(node))
    if " COLLATE " in text and collation_of(type_of(node)) is None:
        return guarded(text, type_of(node))
    return text


def output(w: Writer, node: exp.Expr) -> str:
    """Write one output column, with its name where SQLite would not find it itself."""
    value, name = (node.this, node.alias) if isinstance(node, exp.Alias) else (node, "")
    if w.distinct_outputs:
        text = with_collation(w.closed(value), type_of(value))
    else:
        text = _value(w, value)
    if not name or (isinstance(value, exp.Column) and text.endswith("." + quote(name))):
        return text
    return f"{text} AS {quote(name)}"


def from_clause(w: Writer, node: exp.Expr) -> str:
    """Write FROM and its joins; the order of the texts is the order of the sources."""
    source = node.args.get("from_")
    joins = node.args.get("joins") or []
    if source is None:
        return ""
    groups = [source_text(w, source.this)]
    # A comma binds looser than JOIN in PostgreSQL, and as tightly in SQLite: only outer joins
    # that keep the right side's rows can tell.
    apart = any(join.side in ("RIGHT", "FULL") for join in joins)
    for join in joins:
        text, is_comma = join_text(w, join)
        if is_comma:
            groups.append(text)
        else:
            groups[-1] = f"{groups[-1]} {text}"
    if apart and len(groups) > 1:
        groups = [f"({group})" for group in groups]
    return "FROM " + ", ".join(groups)


def join_text(w: Writer, join: exp.Join) -> tuple[str, bool]:
    """Return a join's text and whether it is a comma.

    CROSS JOIN is written JOIN: SQLite's CROSS JOIN forbids its planner to choose the order.
    """
    source = source_text(w, join.this)
    side, kind, on = join.side, join.kind, join.args.get("on")
    nested = join.this.args.get("joins") if isinstance(join.this, exp.Table) else None
    if nested:
        inner = " ".join([join_text(w, one)[0] for one in nested])
        source = f"({source} {inner})"
    if not (side or kind or on):
        return source, True
    text = f"{side} JOIN {source}" if side else f"JOIN {source}"
    return (text if on is None else f"{text} ON {w.sql(exp.Where(this=on))}"), False


def clause(w: Writer, node: exp.Expr, key: str, word: str) -> str:
    """Write WHERE or HAVING."""
    found = node.args.get(key)
    return "" if found is None else f"{word} {w.sql(found)}"


def group_clause(w: Writer, node: exp.Expr) -> str:
    """Write GROUP BY."""
    group = node.args.get("group")
    if group is None:
        return ""
    parts = [sort_key(w, one) for one in group.expressions]
    return f"GROUP BY {', '.join(parts)}" if parts else ""


_COUNTING = INTEGERS | {Kind.BOOLEAN}
_NEVER_FOLDED = exp.Column | exp.Anonymous | exp.Subquery | exp.Window | exp.Filter


def sort_key(w: Writer, node: exp.Expr) -> str:
    """Write what rows are grouped or ordered by.

    A whole number here would count outputs in SQLite, while the binder has resolved such counts;
    and SQLite may make one of an expression before it looks: (false AND x) is 0.
    """
    value = bare(node)
    is_number = isinstance(value, exp.Literal) and not value.is_string
    if is_number or (type_of(value).kind in _COUNTING and not isinstance(value, _NEVER_FOLDED)):
        return f"CAST({w.sql(value)} AS NUMERIC)"
    if collation_of(type_of(value)) is None and type_of(value).kind is not Kind.RECORD:
        return guarded(w.sql(value), type_of(value))
    return w.ordered(value)


def order_clause(w: Writer, node: exp.Expr) -> str:
    """Write ORDER BY."""
    order = node.args.get("order")
    return "" if order is None else str(w.sql(order))


def order_by(w: Writer, node: exp.Expr) -> str:
    """Write an exp.Order without what it may wrap (aggregates do that themselves)."""
    return "ORDER BY " + w.listed(node.expressions)


def ordered(w: Writer, node: exp.Expr) -> str:
    """Write one part of ORDER BY; SQLite's nulls come first where nothing is said."""
    return _directed(
        sort_key(w, node.this), node, not_null=bool(bare(node.this).meta.get("not_null"))
    )


def _directed(key: str, node: exp.Expr, *, not_null: bool) -> str:
    desc = bool(node.args.get("desc"))
    first = node.args.get("nulls_first")
    text = key + (" DESC" if desc else "")
    if first is None:
        first = desc
    if first == (not desc) or not_null:
        return text
    return f"{text} NULLS {'FIRST' if first else 'LAST'}"


def limit_clause(w: Writer, node: exp.Expr) -> str:
    """Write LIMIT and OFFSET; a count that is no literal may be null, which means no limit."""
    limit, offset = node.args.get("limit"), node.args.get("offset")
    text = "" if limit is None else f"LIMIT {_row_count(w, limit.expression, 'LIMIT')}"
    if offset is not None:
        text = (text or "LIMIT -1") + f" OFFSET {_row_count(w, offset.expression, 'OFFSET')}"
    return text


def _row_count(w: Writer, node: exp.Expr, word: str) -> str:
    value = bare(node)
    while isinstance(value, exp.Cast):
        value = bare(value.this)
    if isinstance(value, exp.Literal) and str(value.this).isdigit():
        return str(value.this)
    if any(isinstance(part, exp.Column) for part in value.walk()) and value.find(exp.Query) is None:
        unsupported(f"{word} by another table's column", "Number the rows: row_number() OVER ().")
    return f"ff_{word.lower()}({w.sql(node)})"


def _has_ties(node: exp.Expr) -> bool:
    limit = node.args.get("limit")
    return limit is not None and bool(limit.args.get("ties"))


def _with_ties(w: Writer, node: exp.Expr) -> str:
    """Write FETCH FIRST … WITH TIES: number the rows, and rank them by what they are ordered by.

    A row is kept if it comes after OFFSET and the first of its peers before the last row.
    """
    inner = node.copy()
    order, limit, offset = (node.args.get(key) for key in ("order", "limit", "offset"))
    assert order is not None
    assert limit is not None
    distinct = node.args.get("distinct")
    if not isinstance(distinct, exp.Expr) or "on" not in distinct.args:
        inner.set("order", None)  # DISTINCT ON asks it which row is the first
    for key in ("limit", "offset"):
        inner.set(key, None)
    # ``node`` is one of the queries that have limits.
    names = [quote(one.alias_or_name) for one in node.selects]  # type: ignore[attr-defined]  # a query has them
    if isinstance(node, exp.Values):
        names = [f'"column{at}"' for at, _ in enumerate(names, 1)]
    shown, sorts = list(names), []
    for at, part in enumerate(order.expressions):
        name = f'"ff:{at}"'
        if isinstance(node, exp.Select):
            alias = exp.Alias(this=part.this, alias=exp.Identifier(this=f"ff:{at}"))
            alias.meta["type"] = type_of(part.this)
            inner.expressions.append(alias)
            names.append(name)
        else:
            name = quote(part.this.name)
        sorts.append(_directed(with_collation(name, type_of(part.this)), part, not_null=False))
    over = f"OVER (ORDER BY {', '.join(sorts)})"
    skipped = "0" if offset is None else _row_count(w, offset.expression, "OFFSET")
    count = f"ff_ties({w.sql(limit.expression)})"
    return (
        f'WITH "ff:rows"({", ".join(names)}) AS ({query(w, inner)}) SELECT {", ".join(shown)} FROM '
        f'(SELECT *, row_number() {over} AS "ff:row", rank() {over} AS "ff:rank" FROM "ff:rows") '
        f'WHERE "ff:row" > {skipped} AND "ff:rank" <= {skipped} + {count} AND {count} > 0 '
        'ORDER BY "ff:row"'
    )


def window_text(w: Writer, node: exp.Expr) -> str:
    """Write what stands in the parentheses of a window."""
    parts = []
    partition = node.args.get("partition_by")
    if partition:
        parts.append("PARTITION BY " + ", ".join([sort_key(w, one) for one in partition]))
    order, spec = node.args.get("order"), node.args.get("spec")
    framed, key = "", None
    if spec is not None:
        from fivefold.stores.sqlite.render.frames import frame

        framed, key = frame(w, spec, order)
    if order is not None and key is not None:
        parts.append(f"ORDER BY {_directed(key, order.expressions[0], not_null=False)}")
    elif order is not None:
        parts.append(order_by(w, order))
    if framed:
        parts.append(framed)
    return " ".join(parts)


def set_operation(w: Writer, node: exp.SetOperation) -> str:
    """Write UNION, INTERSECT or EXCEPT; SQLite joins them strictly from left to right."""
    w.handing = None
    if _has_ties(node):
        return _with_ties(w, node)
    outer = w.distinct_outputs
    word = node.key.upper()
    distinct = bool(node.args["distinct"])
    w.distinct_outputs = outer or distinct
    head = with_clause(w, node)
    left = _operand(w, node.this, left=True)
    right = _operand(w, node.expression, left=False)
    w.distinct_outputs = False
    if distinct or word == "UNION":
        text = f"{head}{left} {word if distinct else word + ' ALL'} {right}"
    else:
        text = head + _counted(node, left, word, right)
    tail = [part for part in (order_clause(w, node), limit_clause(w, node)) if part]
    w.distinct_outputs = outer
    return " ".join([text, *tail])


def _counted(node: exp.SetOperation, left: str, word: str, right: str) -> str:
    """Write INTERSECT ALL or EXCEPT ALL: equal rows of each side get numbers, then differ."""
    names = [quote(one.alias_or_name) for one in node.selects]
    outputs_of: list[Any] = node.selects
    types = [type_of(one) for one in outputs_of]
    keys = [with_collation(name, type_) for name, type_ in zip(names, types, strict=True)]
    outputs = [f"{key} AS {name}" for key, name in zip(keys, names, strict=True)]
    sides = [
        f"SELECT {', '.join(outputs)}, "
        f'row_number() OVER (PARTITION BY {", ".join(keys)}) AS "ff:row" '
        f'FROM (WITH "side"({", ".join(names)}) AS ({side}) SELECT * FROM "side")'
        for side in (left, right)
    ]
    return f"SELECT {', '.join(names)} FROM ({sides[0]} {word} {sides[1]})"


def _operand(w: Writer, node: exp.Expr, *, left: bool) -> str:
    while isinstance(node, exp.Subquery) and not any(
        node.args.get(key) for key in (*SUBQUERY_FREE, "alias", "joins")
    ):
        node = node.this
    text = query(w, node)
    plain = not any(node.args.get(key) for key in SUBQUERY_FREE)
    if plain and (isinstance(node, (exp.Select, exp.Values)) or (left and _compound(node))):
        return text
    return f"SELECT * FROM ({text})"


def _compound(node: exp.Expr) -> bool:
    return isinstance(node, exp.SetOperation)


def query(w: Writer, node: exp.Expr) -> str:
    """Write a query without parentheses around it."""
    if isinstance(node, exp.Subquery):
        tail = [part for part in (order_clause(w, node), limit_clause(w, node)) if part]
        inner = query(w, node.this)
        head = with_clause(w, node)
        if not tail and not head:
            return inner
        return " ".join([f"{head}SELECT * FROM ({inner})", *tail])
    if isinstance(node, exp.Values):
        return values(w, node)
    if isinstance(node, (exp.Insert, exp.Update, exp.Delete)):
        unsupported(
            f"{node.key.upper()} inside WITH", "Run it as a statement of its own, in a transaction."
        )
    return str(w.sql(node))


def values(w: Writer, node: exp.Expr) -> str:
    """Write VALUES as a query."""
    if _has_ties(node):
        return _with_ties(w, node)
    rows = [f"({w.listed(_cells(row))})" for row in node.expressions]
    text = "VALUES " + ", ".join(rows)
    tail = [part for part in (order_clause(w, node), limit_clause(w, node)) if part]
    return " ".join([f"SELECT * FROM ({text})", *tail]) if tail else text


def _cells(row: exp.Expr) -> list[exp.Expr]:
    return list(row.expressions) if isinstance(row, exp.Tuple) else [bare(row)]


def with_clause(w: Writer, node: exp.Expr) -> str:
    """Write WITH and a blank, or nothing."""
    found = node.args.get("with_")
    if found is None:
        return ""
    outer, w.distinct_outputs = w.distinct_outputs, False
    parts = []
    for cte in found.expressions:
        alias = cte.args["alias"]
        columns = alias.args.get("columns") or []
        names = f"({', '.join(quote(one.name) for one in columns)})" if columns else ""
        asked = cte.args.get("materialized")
        how = "" if asked is None else "MATERIALIZED " if asked else "NOT MATERIALIZED "
        parts.append(f"{quote(alias.this.name)}{names} AS {how}({query(w, cte.this)})")
    w.distinct_outputs = outer
    recursive = "RECURSIVE " if found.args.get("recursive") else ""
    return f"WITH {recursive}{', '.join(parts)} "


def subquery(w: Writer, node: exp.Subquery) -> str:
    """Write a query that stands for a value.

    PostgreSQL refuses more than one row here and SQLite takes the first.
    """
    outer, w.distinct_outputs = w.distinct_outputs, False
    text = query(w, node)
    w.distinct_outputs = outer
    inner: Any = node
    while isinstance(inner, exp.Subquery):
        inner = inner.this
    if _at_most_one_row(inner) or len(inner.selects) != 1:
        return f"({text})"
    return (
        "(SELECT CASE WHEN count(*) > 1 THEN ff_fail('rows') ELSE max(\"v\") END "
        f'FROM (WITH "one"("v") AS ({text}) SELECT "v" FROM "one" LIMIT 2))'
    )


def _at_most_one_row(node: exp.Expr) -> bool:
    if not isinstance(node, exp.Select):
        return False
    limit = node.args.get("limit")
    if isinstance(limit, exp.Limit) and limit.expression.name in ("0", "1"):
        return True
    if "sets" in node.meta:
        return False
    if node.args.get("from_") is None:
        return True
    if node.args.get("group") is not None:
        return False
    return any(_aggregates(one) for one in node.expressions)


def _aggregates(node: exp.Expr) -> bool:
    from fivefold.stores.sqlite.render.aggregates import AGGREGATES

    for found in node.walk(prune=lambda one: isinstance(one, (exp.Window, exp.Subquery))):
        if isinstance(found, exp.WithinGroup):
            return True
        if isinstance(found, exp.Anonymous) and found.name in AGGREGATES:
            return True
    return False


def exists(w: Writer, node: exp.Expr) -> str:
    """Write EXISTS."""
    outer, w.distinct_outputs = w.distinct_outputs, False
    text = f"EXISTS ({query(w, node.this)})"
    w.distinct_outputs = outer
    return text


def table(w: Writer, node: exp.Table) -> str:
    """Write a table's name."""
    return quote(table_name(node.db, node.name))


HANDLERS: dict[type[exp.Expr], Handler] = {
    exp.Select: select,
    exp.Union: set_operation,
    exp.Intersect: set_operation,
    exp.Except: set_operation,
    exp.Values: values,
    exp.Subquery: subquery,
    exp.Exists: exists,
    exp.Ordered: ordered,
    exp.Table: table,
}
