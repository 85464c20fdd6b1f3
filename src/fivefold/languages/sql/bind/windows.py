"""Binds what stands in OVER and WINDOW.

Source: the PostgreSQL manual, 4.2.8 "Window Function Calls".
"""

from __future__ import annotations

from typing import Any

import fivefold.languages.sql.bind.expressions as expressions
from fivefold.errors import InvalidStatement, Unsupported
from fivefold.languages.sql import tree
from fivefold.languages.sql.bind import nodes
from fivefold.languages.sql.bind.casts import Ease, bare, castable, coerce, settle
from fivefold.languages.sql.bind.nodes import typed
from fivefold.languages.sql.bind.scopes import Scope
from fivefold.plan import nodes as exp
from fivefold.plan.statement import type_of
from fivefold.values.types import (
    DATETIMES,
    FLOAT8,
    INT2,
    INT4,
    INT8,
    INTERVAL,
    NUMERIC,
    UNKNOWN,
    Kind,
    Type,
)

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
        parts["spec"] = _frame(scope, window.frame, order, window.at)
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
            hint=None
            if window.order or window.frame
            else "Omit the parentheses in this OVER clause.",
            position=window.at + 1,
        )
    return tree.Window(None, base.partition, window.order or base.order, window.frame, window.at)


def _frame(scope: Scope, frame: tree.Frame, order: list[exp.Ordered], at: int) -> exp.WindowSpec:
    _check(frame, order, at)
    start, start_side = _bound(scope, frame, frame.start, order)
    end, end_side = _bound(scope, frame, frame.end, order)
    made = exp.WindowSpec(
        kind=frame.mode.upper(), start=start, start_side=start_side, end=end, end_side=end_side
    )
    made.meta["between"] = frame.between
    if frame.exclude is not None and frame.exclude != "no others":
        made.set("exclude", exp.Var(this=frame.exclude.upper()))
    return made


def _check(frame: tree.Frame, order: list[exp.Ordered], at: int) -> None:
    offsets = {frame.start[0], frame.end[0]} & {"preceding", "following"}
    problem = None
    if frame.mode == "groups" and not order:
        problem = "GROUPS mode requires an ORDER BY clause"
    elif frame.mode == "range" and offsets and len(order) != 1:
        problem = "RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column"
    if problem is not None:
        raise InvalidStatement(problem, "windowing_error", position=at + 1)


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
    if frame.mode == "range":
        target, ease = _range_offset(type_of(order[0]), value), Ease.IMPLICIT
    else:
        target, ease = INT8, Ease.ASSIGNMENT
    if not castable(type_of(value), target, ease):
        raise InvalidStatement(
            f"argument of {frame.mode.upper()} must be type {target}, not type {type_of(value)}",
            "datatype_mismatch",
            position=nodes.position_of(value),
        )
    return typed(coerce(scope.state, value, target, ease), target), side.upper()


_OFFSETS: dict[Kind, tuple[Type, ...]] = {
    Kind.INT2: (INT8, INT4, INT2),
    Kind.INT4: (INT8, INT4, INT2),
    Kind.INT8: (INT8,),
    Kind.FLOAT4: (FLOAT8,),
    Kind.FLOAT8: (FLOAT8,),
    Kind.NUMERIC: (NUMERIC,),
    **dict.fromkeys((*DATETIMES, Kind.INTERVAL), (INTERVAL,)),
}
"""The types of offsets that RANGE knows for a column's (pg_amproc, function 3 of btree)."""


def _range_offset(key: Type, value: nodes.Node) -> Type:
    """Return the type that an offset of RANGE is brought to."""
    shown = f"RANGE with offset PRECEDING/FOLLOWING is not supported for column type {bare(key)}"
    known = _OFFSETS.get(key.kind)
    if known is None:
        raise Unsupported(shown, position=nodes.position_of(value))
    given = bare(type_of(value))
    wanted = bare(key) if given == UNKNOWN else given
    if wanted in known:
        return wanted
    for type_ in known:
        if castable(given, type_, Ease.IMPLICIT):
            return type_
    raise Unsupported(
        f"{shown} and offset type {given}",
        hint="Cast the offset value to an appropriate type.",
        position=nodes.position_of(value),
    )


def check_named(scope: Scope) -> None:
    """Bind the windows of a WINDOW clause for their errors, used or not."""
    seen: set[str] = set()
    for name, window in scope.windows.items():
        assert isinstance(window, tree.Window)
        if window.base is not None and window.base not in seen:
            raise InvalidStatement(
                f'window "{window.base}" does not exist',
                "undefined_object",
                position=window.at + 1,
            )
        seen.add(name)
        window_parts(scope, window, window.at)
