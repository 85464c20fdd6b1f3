"""Queries: SELECT, VALUES, their combinations, WITH, and the sources in FROM."""

from __future__ import annotations

from fivefold.plan import nodes as exp
from fivefold.stores.postgres.names import qualified, quote, type_name
from fivefold.stores.postgres.render.leaves import key
from fivefold.stores.postgres.render.writer import Handler, clauses, listed, names, render, worded


def _select(node: exp.Select) -> str:
    parts = [*clauses(node, "with_"), "SELECT", *clauses(node, "distinct")]
    parts.append(listed(node.expressions))
    if "from_" in node.args:
        parts.append(f"FROM {joined(node.args['from_'].this, node.args.get('joins'))}")
    parts += clauses(node, "where", "group", "having", "order", "limit", "offset")
    return " ".join([*parts, *map(_lock, node.args.get("locks") or ())])


def _lock(node: exp.Lock) -> str:
    listed = ", ".join(quote(one.name) for one in node.expressions)
    names = f" OF {listed}" if listed else ""
    return f"FOR {node.name}{names} {node.text('wait')}".rstrip()


def _values(node: exp.Values) -> str:
    parts = [*clauses(node, "with_"), f"VALUES {listed(node.expressions)}"]
    return " ".join([*parts, *clauses(node, "order", "limit", "offset")])


def _set_operation(node: exp.SetOperation) -> str:
    word = node.key.upper() + ("" if node.args["distinct"] else " ALL")
    parts = [*clauses(node, "with_"), render(node.this), word, render(node.expression)]
    return " ".join([*parts, *clauses(node, "order", "limit", "offset")])


def _subquery(node: exp.Subquery) -> str:
    return f"({render(node.this)})"


def _limit(node: exp.Limit) -> str:
    count = render(node.expression)
    return f"FETCH FIRST ({count}) ROWS WITH TIES" if node.args.get("ties") else f"LIMIT {count}"


def _group(node: exp.Group) -> str:
    sets = node.args.get("sets")
    if sets is not None:
        listed = [f"({', '.join([key(each) for each in one.expressions])})" for one in sets]
        return f"GROUP BY GROUPING SETS ({', '.join(listed)})"
    return f"GROUP BY {', '.join([key(one) for one in node.expressions])}"


def _with(node: exp.With) -> str:
    word = "WITH RECURSIVE " if node.args.get("recursive") else "WITH "
    return word + listed(node.expressions)


def _common(node: exp.CTE) -> str:
    asked = node.args.get("materialized")
    how = "" if asked is None else "MATERIALIZED " if asked else "NOT MATERIALIZED "
    return f"{render(node.args['alias'])} AS {how}({render(node.this)})"


def _table_alias(node: exp.TableAlias) -> str:
    columns = node.args.get("columns")
    return f"{quote(node.name)}({names(columns)})" if columns else quote(node.name)


def joined(leaf: exp.Expr, joins: list[exp.Join] | None) -> str:
    """Write a source and what it is joined with."""
    return "".join([source(leaf), *[_join(one) for one in joins or ()]])


def _join(node: exp.Join) -> str:
    on = node.args.get("on")
    words = " ".join([word for word in (node.side, node.kind) if word])
    if not words and on is None:
        return f", {source(node.this)}"
    text = f" {words} JOIN {source(node.this)}" if words else f" JOIN {source(node.this)}"
    return text if on is None else f"{text} ON {render(on)}"


def source(node: exp.Expr) -> str:
    """Write one source with its alias."""
    alias = node.args.get("alias")
    if alias is None and isinstance(node, exp.Subquery):  # parentheses around a join
        return f"({joined(node.this, node.args.get('joins'))})"
    text = f"({render(node)})" if isinstance(node, exp.Values) else render(node)
    text = f"LATERAL {text}" if node.args.get("lateral") else text
    return text if alias is None else f"{text} AS {render(alias)}"


def _table(node: exp.Table) -> str:
    if not isinstance(node.this, exp.Identifier):
        calls = node.this.expressions if isinstance(node.this, exp.RowsFrom) else [node.this]
        text = f"ROWS FROM ({', '.join([_rows_of(call) for call in calls])})"
        return text + (" WITH ORDINALITY" if node.args.get("ordinality") else "")
    return qualified(node.db, node.name) if node.db else quote(node.name)


def _rows_of(call: exp.Expr) -> str:
    """Write a call in FROM, with the columns it has to be told."""
    told = call.meta.get("columns")
    if told is None:
        return render(call)
    columns = ", ".join([f"{quote(name)} {type_name(type_)}" for name, type_ in told])
    return f"{render(call)} AS ({columns})"


HANDLERS: dict[type[exp.Expr], Handler] = {
    exp.Where: worded("WHERE"),
    exp.Group: _group,
    exp.Having: worded("HAVING"),
    exp.Limit: _limit,
    exp.Offset: worded("OFFSET"),
    exp.With: _with,
    exp.CTE: _common,
    exp.TableAlias: _table_alias,
    exp.Select: _select,
    exp.Values: _values,
    exp.Subquery: _subquery,
    exp.Union: _set_operation,
    exp.Intersect: _set_operation,
    exp.Except: _set_operation,
    exp.Table: _table,
}
