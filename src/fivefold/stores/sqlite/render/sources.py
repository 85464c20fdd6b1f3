"""What may stand in FROM: tables, queries, VALUES and functions that return rows."""

from __future__ import annotations

from fivefold.plan import nodes as exp
from fivefold.plan.statement import type_of
from fivefold.stores.sqlite.names import quote, table_name
from fivefold.stores.sqlite.render.writer import Writer, bare, unsupported
from fivefold.values.types import INTEGERS


def source_text(w: Writer, node: exp.Expr) -> str:
    """Return the text of one source with its alias."""
    alias = node.args.get("alias")
    name = "" if alias is None else alias.name
    columns = [] if alias is None else [one.name for one in alias.args.get("columns") or []]
    if isinstance(node, exp.Table):
        if isinstance(node.this, exp.Identifier):
            return _table(w, node, name, columns)
        return _function(w, node.this, name, columns, ordinality=bool(node.args.get("ordinality")))
    if isinstance(node, (exp.Subquery, exp.Values)):
        return _query(w, node, name, columns)
    return unsupported(f"{node.key.upper()} in FROM")


def _table(w: Writer, node: exp.Table, name: str, columns: list[str]) -> str:
    own = table_name(node.db, node.name) if node.db else node.name
    shown = name or node.name
    if columns:
        return _renamed(f"SELECT * FROM {quote(own)}", shown, columns)
    return quote(own) if shown == own else f"{quote(own)} AS {quote(shown)}"


def _query(w: Writer, node: exp.Expr, name: str, columns: list[str]) -> str:
    from fivefold.stores.sqlite.render.queries import join_text, query, values

    outer, w.distinct_outputs = w.distinct_outputs, False
    if isinstance(node, exp.Values):
        text = values(w, node)
    elif isinstance(node.this, (exp.Table, exp.Join)) or (
        isinstance(node.this, exp.Subquery | exp.Values) and node.args.get("joins")
    ):
        # A join in parentheses: its sources keep their own names.
        joins = " ".join([join_text(w, one)[0] for one in node.args.get("joins") or []])
        nested = " ".join([join_text(w, one)[0] for one in node.this.args.get("joins") or []])
        text = " ".join(part for part in (source_text(w, node.this), nested, joins) if part)
        w.distinct_outputs = outer
        return f"({text})"
    else:
        text = query(w, node)
    w.distinct_outputs = outer
    if columns:
        return _renamed(text, name, columns)
    return f"({text}) AS {quote(name)}" if name else f"({text})"


def _renamed(text: str, name: str, columns: list[str]) -> str:
    """SQLite's aliases have no column lists, its WITH has."""
    inner = f"{quote(name)}({', '.join(quote(one) for one in columns)})"
    return f"(WITH {inner} AS ({text}) SELECT * FROM {quote(name)}) AS {quote(name)}"


def _function(w: Writer, node: exp.Expr, name: str, columns: list[str], *, ordinality: bool) -> str:
    """Write a function that returns rows: as a counting query, or over ``json_each``.

    ``json_each`` may speak of sources to its left, as a function in FROM may in PostgreSQL.
    """
    function, arguments = node.name, node.expressions
    shown = name or function
    names = columns or [shown]
    if function == "generate_series" and not ordinality:
        counted = _counting(w, arguments, shown, names[0])
        if counted is not None:
            return counted
    text = rows_as_json(w, function, arguments)
    if function in KEYED:
        names = columns or ["key", "value"]
        w.columns[shown, names[0]] = f"({quote(shown)}.value ->> 0)"
        w.columns[shown, names[1]] = f"({quote(shown)}.value ->> 1)"
    else:
        w.columns[shown, names[0]] = f"{quote(shown)}.value"
    if ordinality:
        at = 2 if function in KEYED else 1
        place = names[at] if len(names) > at else "ordinality"
        w.columns[shown, place] = f"({quote(shown)}.key + 1)"
    return f"json_each({text}) AS {quote(shown)}"


KEYED = frozenset({"jsonb_each", "json_each", "jsonb_each_text", "json_each_text"})


def rows_as_json(w: Writer, function: str, arguments: list[exp.Expr]) -> str:
    """Return the call that gives a set-returning function's rows as one JSON array."""
    if function == "unnest":
        if len(arguments) != 1:
            unsupported("unnest of several arrays")
        return f"ff_unnest({w.sql(arguments[0])})"
    kind = type_of(arguments[0]).kind if arguments else None
    if function == "generate_series":
        name = "int8" if kind in INTEGERS else str(kind)
        return w.call(f"ff_generate_series_{name}", arguments)
    from fivefold.stores.sqlite.functions.names import NAMES

    if f"ff_{function}" not in NAMES:
        unsupported(f"{function} in FROM")
    return w.call(f"ff_{function}", arguments)


def _counting(w: Writer, arguments: list[exp.Expr], shown: str, column: str) -> str | None:
    """Count in a recursive query, which runs in C, where bounds do not depend on other sources."""
    step = 1
    if len(arguments) == 3:
        value = bare(arguments[2])
        negative = isinstance(value, exp.Neg)
        value = bare(value.this) if negative else value
        if not isinstance(value, exp.Literal) or value.is_string or value.this == "0":
            return None
        step = -int(value.this) if negative else int(value.this)
    if type_of(arguments[0]).kind not in INTEGERS:
        return None
    if any(one.find(exp.Column, exp.Subquery) for one in arguments):
        return None
    start, end = w.closed(arguments[0]), w.closed(arguments[1])
    before, name = ("<=" if step > 0 else ">="), quote(column)
    return (
        f"(WITH RECURSIVE s({name}) AS (SELECT {start} WHERE {start} {before} {end} UNION ALL "
        f"SELECT {name} + {step} FROM s WHERE {name} {before} {end} - {step}) "
        f"SELECT {name} FROM s) AS {quote(shown)}"
    )
