"""Calls, and what may stand inside their parentheses or behind them."""

from __future__ import annotations

from fivefold.plan import nodes as exp
from fivefold.plan.statement import CHECK_OPTION
from fivefold.stores.postgres.failures import REFUSED
from fivefold.stores.postgres.names import qualified, quote, string
from fivefold.stores.postgres.render.leaves import key
from fivefold.stores.postgres.render.writer import Handler, listed, render

# Called without parentheses (PostgreSQL manual, 9.9.5 and 9.26).
_BARE = frozenset(
    ["current_date", "current_time", "current_timestamp", "localtime", "localtimestamp"]
) | frozenset(["current_user", "current_role", "session_user", "user", "current_catalog"])
_GRAMMAR = frozenset({"extract", "position", "overlay", "normalize", "trim"})
"""Names that the grammar reads otherwise than as a call, unless they are quoted."""

SEQUENCES = frozenset({"nextval", "currval", "setval"})


def _check_option(node: exp.Anonymous) -> str:
    """Write what refuses a row: a cast that fails, for PostgreSQL has no expression that does.

    The arguments are the number of checks, a view's name and its condition for each, and the row.
    """
    count, *arguments = node.expressions
    conditions = 2 * int(count.this)
    shown = [
        f"CASE WHEN {one} IS NULL THEN 'null' WHEN length(format('%s', {one})) > 64"
        f" THEN left(format('%s', {one}), 64) || '...' ELSE format('%s', {one}) END"
        for one in map(render, arguments[conditions:])
    ]
    row = f"concat_ws(', ', {', '.join(shown)})"
    whens = [
        f"WHEN ({render(condition)}) IS NOT TRUE THEN "
        f"CAST({string(REFUSED)} || {render(name)} || E'\\n' || {row} AS boolean)"
        for name, condition in zip(arguments[:conditions:2], arguments[1:conditions:2], strict=True)
    ]
    return f"CASE {' '.join(whens)} ELSE TRUE END"


def _call(node: exp.Anonymous) -> str:
    if node.name == CHECK_OPTION:
        return _check_option(node)
    operator = node.meta.get("operator")
    if operator is not None:
        *left, right = [f"({render(one)})" for one in node.expressions]
        return f"({''.join(left)} {operator.symbol} {right})"
    if node.name in _BARE and not node.expressions:
        return node.name
    return f"{_called(node.name)}({_arguments(node)})"


def _called(name: str) -> str:
    return f'pg_catalog."{name}"' if name in _GRAMMAR else name


def _arguments(node: exp.Anonymous) -> str:
    name, arguments = node.name, node.expressions
    first = arguments[0] if arguments else None
    if name == "count" and first is None:
        return "*"
    if name in SEQUENCES and isinstance(first, exp.Literal):
        namespace, dot, sequence = first.name.partition(".")
        found = qualified(namespace, sequence) if dot else quote(namespace)
        return ", ".join([string(found), *map(render, arguments[1:])])
    if node.meta.get("variadic"):
        return ", ".join([*map(render, arguments[:-1]), f"VARIADIC {render(arguments[-1])}"])
    return listed(arguments)


def _order(node: exp.Order) -> str:
    """Write ORDER BY; that of an aggregate's rows goes into its parentheses."""
    text = "ORDER BY " + listed(node.expressions)
    call = node.this
    return text if call is None else f"{_called(call.name)}({_arguments(call)} {text})"


def _ordered(node: exp.Ordered) -> str:
    descending, first = bool(node.args["desc"]), bool(node.args["nulls_first"])
    text = key(node.this) + (" DESC" if descending else "")
    return text if first == descending else f"{text} NULLS {'FIRST' if first else 'LAST'}"


def _distinct(node: exp.Distinct) -> str:
    on = node.args.get("on")
    if on is not None:
        return f"DISTINCT ON ({', '.join([key(one) for one in on.expressions])})"
    return f"DISTINCT {listed(node.expressions)}".rstrip()


def _filter(node: exp.Filter) -> str:
    return f"{render(node.this)} FILTER ({render(node.expression)})"


def _within(node: exp.WithinGroup) -> str:
    return f"{render(node.this)} WITHIN GROUP ({render(node.args['order'])})"


def _window(node: exp.Window) -> str:
    parts = []
    partition = node.args.get("partition_by")
    if partition:
        parts.append(f"PARTITION BY {listed(partition)}")
    parts += [render(node.args[key]) for key in ("order", "spec") if key in node.args]
    return f"{render(node.this)} OVER ({' '.join(parts)})"


def _frame(node: exp.WindowSpec) -> str:
    start, end = [
        " ".join([one if isinstance(one, str) else render(one), *([side] if side else [])])
        for one, side in (
            (node.args["start"], node.args["start_side"]),
            (node.args["end"], node.args["end_side"]),
        )
    ]
    exclude = node.args.get("exclude")
    text = f"{node.args['kind']} BETWEEN {start} AND {end}"
    return text if exclude is None else f"{text} EXCLUDE {exclude.name}"


HANDLERS: dict[type[exp.Expr], Handler] = {
    exp.Anonymous: _call,
    exp.Filter: _filter,
    exp.WithinGroup: _within,
    exp.Window: _window,
    exp.WindowSpec: _frame,
    exp.Distinct: _distinct,
    exp.Order: _order,
    exp.Ordered: _ordered,
}
