"""Binds what stands in OVER and WINDOW.

Source: the PostgreSQL manual, 4.2.8 "Window Function Calls".
"""

from __future__ import annotations

from typing import Any

import fivefold.languages.sql.bind.expressions as expressions
from fivefold.errors import InvalidStatement, Unsupported
from fivefold.languages.sql import tree
from fivefold.languages.sql.bind import nodes
from fivefold.languages.sql.bind.casts import Ease, castable, coerce, settle
from fivefold.languages.sql.bind.nodes import typed
from fivefold.languages.sql.bind.scopes import Scope
from fivefold.plan import nodes as exp
from fivefold.plan.statement import type_of
from fivefold.values.types import DATETIMES, INT8, INTERVAL, NUMBERS, Kind

_ORDER = ("unbounded preceding", "preceding", "current row", "following", "unbounded following")


def window_parts(scope: Scope, over: tree.Window | str, at: int) -> dict[str, Any]:
    """Return the arguments of ``exp.Window``: the named window and what is added to it,
    resolved.
    """
    window = _named(scope, over, at) if isinstance(over, str) else _merged(scope, over)
    partition = [settle(scope.state, expressions.bind(scope, value)) for value in window.partition]
    from fivefold.languages.sql.bind.calls import ordered

    order = [
        ordered(settle(scope.state, expressions.bind(scope, key.value)), key)
        for key in window.order
    ]
    parts: dict[str, Any] = {}
    if partition:
        parts["partition_by"] = partition
    if order:
        parts["order"] = exp.Order(expressions=order)
    if window.frame is not None:
        parts["spec"] = _frame(scope, window.frame, order)
    return parts


def named_windows(scope: Scope) -> list[tuple[str, exp.Window]]:
    """Return the windows of a WINDOW clause, bound: for the deparser, the rest has them inside."""
    found = []
    for name, written in scope.windows.items():
        assert isinstance(written, tree.Window)
        made = exp.Window(**window_parts(scope, written, written.at))
        made.meta["written"] = written
        found.append((name, made))
    return found


def _named(scope: Scope, name: str, at: int) -> tree.Window:
    found = scope.windows.get(name)
    if not isinstance(found, tree.Window):
        raise InvalidStatement(
            f'window "{name}" does not exist', "undefined_object", position=at + 1
        )
    return _merged(scope, found)


def _merged(scope: Scope, window: tree.Window) -> tree.Window:
    """Put the named window that ``window`` builds on into it."""
    if window.base is None:
        return window
    base = _named(scope, window.base, window.at)
    if window.partition:
        raise InvalidStatement(
            f'cannot override PARTITION BY clause of window "{window.base}"',
            "windowing_error",
            position=window.at + 1,
        )
    if window.order and base.order:
        raise InvalidStatement(
            f'cannot override ORDER BY clause of window "{window.base}"',
            "windowing_error",
            position=window.at + 1,
        )
    if base.frame is not None:
        raise InvalidStatement(
            f'cannot copy window "{window.base}" because it has a frame clause',
            "windowing_error",
            position=window.at + 1,
        )
    return tree.Window(None, base.partition, window.order or base.order, window.frame, window.at)


def _frame(scope: Scope, frame: tree.Frame, order: list[exp.Ordered]) -> exp.WindowSpec:
    _check(frame, order)
    start, start_side = _bound(scope, frame, frame.start, order)
    end, end_side = _bound(scope, frame, frame.end, order)
    made = exp.WindowSpec(
        kind=frame.mode.upper(), start=start, start_side=start_side, end=end, end_side=end_side
    )
    made.meta["between"] = frame.between
    if frame.exclude is not None and frame.exclude != "no others":
        made.set("exclude", exp.Var(this=frame.exclude.upper()))
    return made


def _check(frame: tree.Frame, order: list[exp.Ordered]) -> None:
    position = frame.at + 1
    start, end = frame.start[0], frame.end[0]
    problem = None
    if start == "unbounded following":
        problem = "frame start cannot be UNBOUNDED FOLLOWING"
    elif end == "unbounded preceding":
        problem = "frame end cannot be UNBOUNDED PRECEDING"
    elif start == "following" and end in ("current row", "preceding"):
        ends = "end with current row" if end == "current row" else "have preceding rows"
        problem = f"frame starting from following row cannot {ends}"
    elif start == "current row" and end == "preceding":
        problem = "frame starting from current row cannot have preceding rows"
    elif frame.mode == "groups" and not order:
        problem = "GROUPS mode requires an ORDER BY clause"
    elif frame.mode == "range" and {start, end} & {"preceding", "following"} and len(order) != 1:
        problem = "RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column"
    if problem is not None:
        raise InvalidStatement(problem, "windowing_error", position=position)


def _bound(
    scope: Scope, frame: tree.Frame, bound: tuple[str, tree.Expr | None], order: list[exp.Ordered]
) -> tuple[object, str | None]:
    side, offset = bound
    if side == "current row":
        return "CURRENT ROW", None
    if offset is None:
        return "UNBOUNDED", side.split()[1].upper()
    value = expressions.bind(scope, offset)
    for part in value.walk():
        part.meta.pop("lift", None)
        if isinstance(part, exp.Column):
            raise InvalidStatement(
                f"argument of {frame.mode.upper()} must not contain variables",
                "invalid_column_reference",
                position=nodes.position_of(part),
            )
    target = INT8
    if frame.mode == "range":
        key = type_of(order[0])
        if key.kind not in NUMBERS and key.kind not in DATETIMES and key.kind is not Kind.INTERVAL:
            raise Unsupported(
                f"RANGE with offset PRECEDING/FOLLOWING is not supported for column type {key}",
                position=nodes.position_of(order[0]),
            )
        target = key if key.kind in NUMBERS else INTERVAL
    if not castable(type_of(value), target, Ease.IMPLICIT):
        raise InvalidStatement(
            f"argument of {frame.mode.upper()} must be type {target}, not type {type_of(value)}",
            "datatype_mismatch",
            position=nodes.position_of(value),
        )
    return typed(coerce(scope.state, value, target, Ease.IMPLICIT), target), side.upper()
