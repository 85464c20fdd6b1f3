"""Prints queries as PostgreSQL prints the definitions of views, line by line."""

from __future__ import annotations

from functools import partial
from typing import Any

import fivefold.languages.sql.deparse.expressions as expressions
from fivefold.languages.sql import tree
from fivefold.languages.sql.bind.scopes import Source
from fivefold.languages.sql.bind.select import GroupPart
from fivefold.languages.sql.deparse import shapes
from fivefold.languages.sql.deparse.names import Level, quoted, relation_name, type_name
from fivefold.languages.sql.deparse.printer import INNER_STEP, JOIN_STEP, STEP, Printer
from fivefold.plan import nodes as exp
from fivefold.values.types import Type


def nested(
    p: Printer, query: exp.Expr, names: list[str] | None = None, *, named: bool = True
) -> None:
    """Write a query; ``names`` are its outputs' as the view has them. ``named`` says whether the
    names of its outputs matter to what is around it.
    """
    kept = p.indent, p.level
    while isinstance(query, exp.Subquery):
        query = query.this
    p.level = Level(query.meta.get("level", -1), p.level)
    _enter_sources(p.level, query)
    _with(p, query)
    if isinstance(query, exp.SetOperation):
        _set_operation(p, query, names, named=named)
    else:
        _basic(p, query, names, named=named)
    _order_and_limit(p, query)
    p.indent, p.level = kept


def _enter_sources(level: Level, query: exp.Expr) -> None:
    with_ = query.args.get("with_")
    if with_ is not None:
        level.commons = {common.alias for common in with_.expressions}
    from_ = query.args.get("from_")
    if from_ is not None:
        for leaf in _leaves(from_.this, query.args.get("joins") or []):
            level.add(leaf.alias)


def _leaves(first: exp.Expr, joins: list[Any]) -> list[exp.Expr]:
    found: list[exp.Expr] = []
    for item in [first, *(join.this for join in joins)]:
        inner = item.args.get("joins")
        found += [item] if inner is None else _leaves(item.this, inner)
    return found


def _with(p: Printer, query: exp.Expr) -> None:
    with_ = query.args.get("with_")
    if with_ is None:
        return
    p.indent += STEP
    p.write(" ")
    p.write("WITH RECURSIVE " if with_.args.get("recursive") else "WITH ")
    for index, common in enumerate(with_.expressions):
        p.write(", " if index else "")
        p.write(quoted(common.alias))
        columns = common.meta.get("columns")
        if columns:
            p.write(f"({', '.join(quoted(name) for name in columns)})")
        p.write(" AS ")
        materialized = common.args.get("materialized")
        if materialized is not None:
            p.write("MATERIALIZED " if materialized else "NOT MATERIALIZED ")
        p.write("(")
        p.keyword("", 0, 0, 0)
        nested(p, common.this)
        p.keyword("", 0, 0, 0)
        p.write(")")
    p.indent -= STEP
    p.keyword("", 0, 0, 0)


def _order_and_limit(p: Printer, query: exp.Expr) -> None:
    order = query.args.get("order")
    if order is not None:
        p.keyword(" ORDER BY ", -STEP, STEP, 1)
        if isinstance(query, exp.SetOperation | exp.Values):
            _order_by_number(p, query, order.expressions)
        else:
            sort_keys(p, p.translator.sort_keys(order.expressions))
    for key, word in (("offset", " OFFSET "), ("limit", " LIMIT ")):
        clause = query.args.get(key)
        if clause is not None and clause.args.get("ties"):
            p.keyword(" FETCH FIRST (", -STEP, STEP, 0)
            expressions.show(p, p.translator.shape(clause.expression))
            p.write(") ROWS WITH TIES")
        elif clause is not None:
            p.keyword(word, -STEP, STEP, 0)
            if key == "limit" and isinstance(clause.expression, exp.Null):
                p.write("ALL")
                continue
            expressions.show(p, p.translator.shape(clause.expression))


def _order_by_number(p: Printer, query: exp.Expr, keys: list[Any]) -> None:
    assert isinstance(query, exp.Query)
    names = [output.alias_or_name for output in query.selects]
    if isinstance(_first(query), exp.Values):
        names = [f"column{index}" for index in range(1, len(names) + 1)]
    own = '"*VALUES*".column' if isinstance(query, exp.Values) else ""
    for index, key in enumerate(keys):
        p.write(", " if index else "")
        p.write(f"{own}{names.index(key.this.name) + 1}")
        _direction(p, bool(key.args.get("desc")), bool(key.args["nulls_first"]))


def _first(query: exp.Expr) -> exp.Expr:
    while isinstance(query, exp.SetOperation | exp.Subquery):
        query = query.this
    return query


# -- SELECT ----------------------------------------------------------------------------------------


def _basic(p: Printer, query: exp.Expr, names: list[str] | None, *, named: bool) -> None:
    p.indent += STEP
    p.write(" ")
    if isinstance(query, exp.Values):
        values(p, query)
        return
    p.write("SELECT")
    distinct = query.args.get("distinct")
    if distinct is not None:
        on = distinct.args.get("on")
        p.write(" DISTINCT")
        if on is not None:
            p.write(" ON (")
            for index, key in enumerate(on.expressions):
                p.write(", " if index else "")
                _sort_value(p, p.translator.shape(key))
            p.write(")")
    _targets(p, query, names, named=named)
    _from(p, query)
    where = query.args.get("where")
    if where is not None:
        p.keyword(" WHERE ", -STEP, STEP, 1)
        expressions.show(p, p.translator.shape(where.this))
    group = query.args.get("group")
    parts = query.meta.get("grouping") or ([] if group is None else group.expressions)
    if parts:
        p.keyword(" GROUP BY ", -STEP, STEP, 1)
        for index, part in enumerate(parts):
            p.write(", " if index else "")
            _group_part(p, part, bare=True)
    having = query.args.get("having")
    if having is not None:
        p.keyword(" HAVING ", -STEP, STEP, 0)
        expressions.show(p, p.translator.shape(having.this))
    windows = query.meta.get("windows") or []
    for index, (name, window) in enumerate(windows):
        if index:
            p.write(", ")
        else:
            p.keyword(" WINDOW ", -STEP, STEP, 1)
        p.write(quoted(name) + " AS ")
        _window(p, window)


_GROUPINGS = {"set": "(", "rollup": "ROLLUP(", "cube": "CUBE(", "sets": "GROUPING SETS ("}


def _group_part(p: Printer, part: GroupPart, *, bare: bool) -> None:
    """Write a key or grouping sets; ``bare``: a set of one key needs no parentheses."""
    kind, items = ("set", [part]) if isinstance(part, exp.Expr) else part
    enclosed = not (bare and kind == "set" and len(items) == 1)
    p.write(_GROUPINGS[kind] if enclosed else "")
    for index, item in enumerate(items):
        p.write(", " if index else "")
        if kind == "set" and isinstance(item, exp.Expr):
            _sort_value(p, p.translator.shape(item))
        else:
            _group_part(p, item, bare=kind != "sets")
    p.write(")" if enclosed else "")


def values(p: Printer, query: exp.Values) -> None:
    """Write VALUES and its rows."""
    p.write("VALUES ")
    for index, row in enumerate(query.expressions):
        p.write(", (" if index else "(")
        for place, value in enumerate(row.expressions):
            p.write("," if place else "")
            expressions.show(p, p.translator.shape(value))
        p.write(")")


def _targets(p: Printer, query: exp.Expr, names: list[str] | None, *, named: bool) -> None:
    own = query.meta["names"]
    for index, target in enumerate(query.expressions):
        p.write(", " if index else " ")
        name = own[index] if names is None else names[index]
        text = p.apart(partial(_target, p, target, name, named=named))
        if text.startswith("\n"):
            p.text = p.text.rstrip(" ")
        elif index:
            p.keyword("", -STEP, STEP, INNER_STEP)
        p.write(text)


def _target(p: Printer, target: exp.Expr, name: str, *, named: bool) -> None:
    shape = p.translator.shape(target.this)
    expressions.show(p, shape, implicit=named)
    shown = None if named else "?column?"
    if isinstance(shape, shapes.Var):
        shown = shape.name
    if name != shown:
        p.write(" AS " + quoted(name))


def _sort_value(p: Printer, value: shapes.Shape) -> None:
    """Write a key of ORDER BY or GROUP BY, so that it cannot be taken for a number or a name."""
    if isinstance(value, shapes.Const):
        expressions.constant(p, value, label=True)
        return
    need = not isinstance(value, shapes.Var) and (
        p.pretty
        or isinstance(value, shapes.Call | shapes.Syntax | shapes.Aggregate)
        or (isinstance(value, shapes.Cast) and value.function)
    )
    p.write("(" if need else "")
    expressions.show(p, value, implicit=True)
    p.write(")" if need else "")


def sort_keys(p: Printer, keys: tuple[shapes.SortKey, ...]) -> None:
    """Write the keys of an ORDER BY."""
    for index, key in enumerate(keys):
        p.write(", " if index else "")
        _sort_value(p, key.value)
        _direction(p, key.descending, key.nulls_first)


def _direction(p: Printer, descending: bool, nulls_first: bool) -> None:
    p.write(direction(descending, nulls_first))


def direction(descending: bool, nulls_first: bool) -> str:
    """Return the words after a key that is not in the usual order."""
    if descending:
        return " DESC" if nulls_first else " DESC NULLS LAST"
    return " NULLS FIRST" if nulls_first else ""


# -- windows ---------------------------------------------------------------------------------------


def over(p: Printer, window: exp.Window) -> None:
    """Write what stands after OVER."""
    written = window.meta.get("written")
    if isinstance(written, str):
        p.write(quoted(written))
    else:
        _window(p, window)


def _window(p: Printer, window: exp.Window) -> None:
    written = window.meta.get("written")
    base = written.base if isinstance(written, tree.Window) else None
    own_order = not isinstance(written, tree.Window) or bool(written.order)
    parts: list[str] = [] if base is None else [quoted(base)]
    partition = window.args.get("partition_by")
    if partition and base is None:

        def keys() -> None:
            for index, key in enumerate(partition):
                p.write(", " if index else "")
                _sort_value(p, p.translator.shape(key))

        parts.append("PARTITION BY " + p.apart(keys))
    order = window.args.get("order")
    if order is not None and own_order:
        shown = p.translator.sort_keys(order.expressions)
        parts.append("ORDER BY " + p.apart(lambda: sort_keys(p, shown)))
    spec = window.args.get("spec")
    if spec is not None:
        parts.append(_frame(p, spec))
    p.write(f"({' '.join(part for part in parts if part)})")


def _frame(p: Printer, spec: exp.WindowSpec) -> str:
    start, end = _bound(p, spec, "start"), _bound(p, spec, "end")
    exclude, kind = spec.text("exclude"), spec.text("kind")
    text = f"{kind} BETWEEN {start} AND {end}" if spec.meta["between"] else f"{kind} {start}"
    return f"{text} EXCLUDE {exclude}" if exclude else text


def _bound(p: Printer, spec: exp.WindowSpec, which: str) -> str:
    value, side = spec.args[which], spec.args.get(f"{which}_side")
    if isinstance(value, exp.Expr):
        shape = p.translator.shape(value)
        return f"{p.apart(lambda: expressions.show(p, shape))} {side}"
    return str(value) if side is None else f"{value} {side}"


# -- FROM ------------------------------------------------------------------------------------------


def _from(p: Printer, query: exp.Expr) -> None:
    from_ = query.args.get("from_")
    if from_ is None:
        return
    for index, (leaf, joins) in enumerate(_items(from_.this, query.args.get("joins") or [])):
        if not index:
            p.keyword(" FROM ", -STEP, STEP, 2)
            _item(p, leaf, joins)
            continue
        p.write(", ")
        text = p.apart(partial(_item, p, leaf, joins))
        if text.startswith("\n"):
            p.text = p.text.rstrip(" ")
        else:
            p.keyword("", -STEP, STEP, INNER_STEP)
        p.write(text)


def _items(first: exp.Expr, joins: list[Any]) -> list[tuple[exp.Expr, list[Any]]]:
    """Split a chain of joins where commas stood."""
    items: list[tuple[exp.Expr, list[Any]]] = [(first, [])]
    for join in joins:
        if join.meta.get("comma"):
            items.append((join.this, []))
        else:
            items[-1][1].append(join)
    return items


def _item(p: Printer, leaf: exp.Expr, joins: list[Any]) -> None:
    """Write a source and the joins after it: the last of them is the outermost."""
    if not joins:
        if leaf.args.get("joins") is not None:
            _item(p, leaf.this, leaf.args["joins"])
        else:
            _source(p, leaf)
        return
    join = joins[-1]
    p.write("" if p.pretty else "(")
    _item(p, leaf, joins[:-1])
    on = join.args.get("on")
    using = join.meta.get("using")
    word = f" {join.side} JOIN " if join.side else " JOIN " if on is not None else " CROSS JOIN "
    p.keyword(word, -STEP, STEP, JOIN_STEP)
    need = p.pretty and join.this.args.get("joins") is not None
    p.write("(" if need else "")
    _item(p, join.this, [])
    p.write(")" if need else "")
    if using:
        p.write(f" USING ({', '.join(quoted(name) for name in using)})")
    elif isinstance(on, exp.Boolean) and join.side and on.meta.get("type") is None:
        p.write(" ON TRUE")
    elif on is not None:
        p.write(" ON " if p.pretty else " ON (")
        expressions.show(p, p.translator.shape(on))
        p.write("" if p.pretty else ")")
    p.write("" if p.pretty else ")")


def _source(p: Printer, leaf: exp.Expr) -> None:
    source = leaf.meta["source"]
    assert isinstance(source, Source)
    assert p.level is not None
    name = p.level.names[leaf.alias]
    aliased, renamed = leaf.meta["aliased"], leaf.meta["renamed"]
    if leaf.args.get("lateral"):
        p.write("LATERAL ")
    if isinstance(leaf, exp.Table) and not leaf.this.is_leaf:
        _functions(p, leaf)
        aliased = renamed = True
    elif isinstance(leaf, exp.Table):
        own = leaf.this.name
        if leaf.db:
            p.write(relation_name(p.context, leaf.db, own, p.level.hidden()))
        else:
            p.write(quoted(own))
        aliased = aliased or name != own
    else:
        p.write("(")
        nested(p, leaf if isinstance(leaf, exp.Values) else leaf.this)
        p.write(")")
        aliased = True
    if aliased:
        p.write(" " + quoted(name))
    columns = leaf.this.meta.get("columns") if isinstance(leaf, exp.Table) else None
    if columns:
        p.write(_typed_columns(p, columns))
    elif renamed:
        p.write(f"({', '.join(quoted(entry.name) for entry in source.fields)})")


def _functions(p: Printer, leaf: exp.Table) -> None:
    """Write the calls that a source's rows come from."""
    calls = leaf.this.expressions if isinstance(leaf.this, exp.RowsFrom) else [leaf.this]
    unnested = all(call.name == "unnest" and len(call.expressions) == 1 for call in calls)
    if len(calls) == 1:
        expressions.show(p, p.translator.shape(calls[0]), implicit=True)
    elif unnested:
        arguments = [call.expressions[0] for call in calls]
        p.write("UNNEST(")
        expressions.show_list(p, p.translator.every(arguments))
        p.write(")")
    else:
        p.write("ROWS FROM(")
        for index, call in enumerate(calls):
            p.write(", " if index else "")
            expressions.show(p, p.translator.shape(call), implicit=True)
            columns = call.meta.get("columns")
            p.write(f" AS {_typed_columns(p, columns)}" if columns else "")
        p.write(")")
    p.write(" WITH ORDINALITY" if leaf.args.get("ordinality") else "")


def _typed_columns(p: Printer, columns: list[tuple[str, Type]]) -> str:
    shown = [f"{quoted(name)} {type_name(p.context, type_)}" for name, type_ in columns]
    return f"({', '.join(shown)})"


# -- set operations --------------------------------------------------------------------------------


def _set_operation(p: Printer, query: exp.Expr, names: list[str] | None, *, named: bool) -> None:
    """Write one side, the operation, the other side."""
    left, right = query.this, query.expression
    inner = _plain_operation(left)
    need = inner is not None and (
        type(inner) is not type(query) or inner.args.get("distinct") != query.args.get("distinct")
    )
    step = STEP if need else 0
    if need:
        p.write("(")
        p.keyword("", step, 0, 0)
    _side(p, left, names, named=named)
    if need:
        p.keyword(") ", -step, 0, 0)
    else:
        p.keyword("", -step, 0, 0)
    p.write(query.key.upper() + " " + ("" if query.args.get("distinct") else "ALL "))
    need = _plain_operation(right) is not None
    step = STEP if need else 0
    p.write("(" if need else "")
    p.keyword("", step, 0, 0)
    _side(p, right, names, named=False)
    p.indent -= step
    if need:
        p.keyword(")", 0, 0, 0)


def _plain_operation(side: exp.Expr) -> exp.Expr | None:
    """Return the operation that a side is, if it has no clause of its own."""
    while isinstance(side, exp.Subquery):
        side = side.this
    own = any(side.args.get(key) for key in ("order", "limit", "offset", "with_"))
    return side if isinstance(side, exp.SetOperation) and not own else None


def _side(p: Printer, side: exp.Expr, names: list[str] | None, *, named: bool) -> None:
    while isinstance(side, exp.Subquery):
        side = side.this
    if _plain_operation(side) is not None:
        _set_operation(p, side, names, named=named)
        return
    need = any(side.args.get(key) for key in ("order", "limit", "offset", "with_"))
    p.write("(" if need else "")
    nested(p, side, names, named=named)
    p.write(")" if need else "")
