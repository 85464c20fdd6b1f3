"""What may stand in FROM: tables, queries, VALUES and functions that return rows."""

from __future__ import annotations

import json
from collections.abc import Mapping

from fivefold.plan import nodes as exp
from fivefold.plan.statement import type_of
from fivefold.stores.sqlite.functions.codes import code_of
from fivefold.stores.sqlite.gaps import SETS
from fivefold.stores.sqlite.names import quote, table_name
from fivefold.stores.sqlite.render.records import array_of, name_members, rows_of, unpacked
from fivefold.stores.sqlite.render.shadows import HANDED_ON, UNKNOWN
from fivefold.stores.sqlite.render.writer import Writer, bare, string, unsupported
from fivefold.values.types import INTEGERS, VECTOR_ELEMENTS, Kind, Type


def source_text(w: Writer, node: exp.Expr) -> str:
    """Return the text of one source with its alias."""
    alias = node.args.get("alias")
    name = "" if alias is None else alias.name
    columns = [] if alias is None else [one.name for one in alias.args.get("columns") or []]
    if w.shadows:
        shown = name or node.name
        w.shadows = {key: found for key, found in w.shadows.items() if key[0] != shown}
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
    _uncover(w, shown)
    if node.meta.get("sequence"):
        # What PostgreSQL has fetched ahead into its log is nothing here.
        row = (
            "SELECT last_value, 0 AS log_cnt, is_called FROM fivefold_sequences"
            f" WHERE namespace = {string(node.db)} AND name = {string(node.name)}"
        )
        return _renamed(row, shown, columns) if columns else f"({row}) AS {quote(shown)}"
    if columns:
        return _renamed(f"SELECT * FROM {quote(own)}", shown, columns)
    return quote(own) if shown == own else f"{quote(own)} AS {quote(shown)}"


def _uncover(w: Writer, name: str) -> None:
    """Forget what stands for columns of a source further out that has the same name."""
    if w.columns:
        w.columns = {key: text for key, text in w.columns.items() if key[0] != name}


def _query(w: Writer, node: exp.Query, name: str, columns: list[str]) -> str:
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
    elif name and not columns and not node.args.get("lateral"):
        text = _handing(w, node, name)
    else:
        text = query(w, node)
    w.distinct_outputs = outer
    if node.args.get("lateral"):
        return _lateral(w, node, text, name, columns)
    if columns:
        return _renamed(text, name, columns)
    return f"({text}) AS {quote(name)}" if name else f"({text})"


def _handing(w: Writer, node: exp.Query, name: str) -> str:
    """Write a query that hands its shadows on to those around it."""
    from fivefold.stores.sqlite.render.queries import query

    shape, w.shape = w.shape, node.meta.get("shape", UNKNOWN)
    handing: dict[str, Mapping[str, int]] = {}
    w.handing = handing
    text = query(w, node)
    w.handing, w.shape = None, shape
    for column, found in handing.items():
        w.shadows[name, column] = f"{quote(name)}.{quote(HANDED_ON + column)}", found
    return text


def _lateral(w: Writer, node: exp.Query, text: str, name: str, columns: list[str]) -> str:
    """Write a query that speaks of sources before it: its rows come out of ``json_each``."""
    outputs: list[exp.Expr] = node.selects
    names = columns or [one.alias_or_name for one in outputs]
    types = [type_of(one) for one in outputs]
    name_members(w, name, names, types)
    return f"json_each({rows_of(text, names, types)}) AS {quote(name)}"


def _renamed(text: str, name: str, columns: list[str]) -> str:
    """SQLite's aliases have no column lists, its WITH has."""
    inner = f"{quote(name)}({', '.join(quote(one) for one in columns)})"
    return f"(WITH {inner} AS ({text}) SELECT * FROM {quote(name)}) AS {quote(name)}"


def _function(w: Writer, node: exp.Expr, name: str, columns: list[str], *, ordinality: bool) -> str:
    """Write functions that return rows: as a counting query, or over ``json_each``.

    ``json_each`` may speak of sources to its left, as a function in FROM may in PostgreSQL.
    """
    calls = list(node.expressions) if isinstance(node, exp.RowsFrom) else [node]
    shown = name or calls[0].name
    if len(calls) == 1 and calls[0].name == "generate_series" and not ordinality:
        counted = _counting(w, calls[0].expressions, shown, (columns or [shown])[0])
        if counted is not None:
            return counted
    types = [_columns_of(call) for call in calls]
    texts = [rows_as_json(w, call) for call in calls]
    if len(calls) > 1:
        widths = [len(one) if _is_wide(call) else 0 for call, one in zip(calls, types, strict=True)]
        text = f"ff_in_step('{','.join(map(str, widths))}', {', '.join(texts)})"
    else:
        text = texts[0]
    flat = [one for part in types for one in part]
    names = columns or [shown]
    if len(calls) > 1 or _is_wide(calls[0]):
        name_members(w, shown, names[: len(flat)], flat)
    else:
        w.columns[shown, names[0]] = unpacked(f"{quote(shown)}.value", flat[0])
    if ordinality:
        w.columns[shown, names[len(flat)]] = f"({quote(shown)}.key + 1)"
    return f"json_each({text}) AS {quote(shown)}"


def _columns_of(call: exp.Expr) -> list[Type]:
    told = call.meta.get("columns") or type_of(call).fields
    return [type_ for _, type_ in told] if told else [type_of(call)]


def _is_wide(call: exp.Expr) -> bool:
    """Say whether each row of a function is an array of columns."""
    return type_of(call).kind is Kind.RECORD


def rows_as_json(w: Writer, call: exp.Expr) -> str:
    """Return the call that gives a set-returning function's rows as one JSON array."""
    function, arguments = call.name, call.expressions
    if not isinstance(call, exp.Anonymous) or function not in SETS:
        return array_of([(w.sql(call), type_of(call))])
    if function == "unnest":
        return f"ff_unnest({w.sql(arguments[0])})"
    kind = type_of(arguments[0]).kind if arguments else None
    if function == "generate_subscripts" and kind in VECTOR_ELEMENTS:
        vector = w.sql(arguments[0])
        return f"ff_generate_series_int8(0, json_array_length({vector}) - 1)"
    if function == "generate_series":
        name = "int8" if kind in INTEGERS else str(kind)
        return w.call(f"ff_generate_series_{name}", arguments)
    told = call.meta.get("columns")
    if told is not None:
        columns = json.dumps([[name, code_of(type_)] for name, type_ in told])
        many = "set" if function.endswith("set") else ""
        return f"ff_json_to_record{many}({w.sql(arguments[0])}, {string(columns)})"
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
    before, after, name = ("<=", ">=", quote(column)) if step > 0 else (">=", "<=", quote(column))
    # What is left to the end may be a float where it is long, but never leaves the integers.
    return (
        f"(WITH RECURSIVE s({name}) AS (SELECT {start} WHERE {start} {before} {end} UNION ALL "
        f"SELECT {name} + {step} FROM s WHERE {end} - {name} {after} {step}) "
        f"SELECT {name} FROM s) AS {quote(shown)}"
    )
