"""generate_series where it cannot be a counting query: all values at once, as a JSON array."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal

from fivefold.errors import InvalidValue, Limit
from fivefold.stores.sqlite.context import Context
from fivefold.stores.sqlite.functions.datetime import timestamp_plus, timestamptz_plus
from fivefold.stores.sqlite.functions.table import Entry, Needs, strict, stricts
from fivefold.values.compare import interval_key
from fivefold.values.numbers import EXACT, numeric_text

VALUES_MAX = 10_000_000


def _zero() -> InvalidValue:
    return InvalidValue("step size cannot equal zero", "invalid_parameter_value")


def integers(start: int, end: int, step: int = 1) -> str:
    """Count by ``step``."""
    if step == 0:
        raise _zero()
    found = range(start, end + (1 if step > 0 else -1), step)
    if len(found) > VALUES_MAX:
        raise Limit(f"a series of more than {VALUES_MAX} values", "program_limit_exceeded")
    return json.dumps(list(found), separators=(",", ":"))


def numerics(start: str, end: str, step: str = "1") -> str:
    """Add ``step`` while within bounds."""
    if "NaN" in (start, end, step):
        name = next(
            word
            for word, value in (("start", start), ("stop", end), ("step size", step))
            if value in ("NaN", "Infinity", "-Infinity")
        )
        what = "NaN" if "NaN" in (start, end, step) else "infinity"
        raise InvalidValue(f"{name} value cannot be {what}", "invalid_parameter_value")
    value, last, by = Decimal(start), Decimal(end), Decimal(step)
    if not by:
        raise _zero()
    found = []
    while (value <= last) if by > 0 else (value >= last):
        found.append(numeric_text(value))
        if len(found) > VALUES_MAX:
            raise Limit(f"a series of more than {VALUES_MAX} values", "program_limit_exceeded")
        value = EXACT.add(value, by)
    return json.dumps(found)


def _moments(start: str, end: str, step: str, plus: Callable[[str, str], str | None]) -> str:
    sign = interval_key(step)
    if sign == 0:
        raise _zero()
    value, found = start, []
    while (value <= end) if sign > 0 else (value >= end):
        found.append(value)
        if len(found) > VALUES_MAX:
            raise Limit(f"a series of more than {VALUES_MAX} values", "program_limit_exceeded")
        value = plus(value, step) or ""
    return json.dumps(found)


def timestamps(start: str, end: str, step: str) -> str:
    """Add an interval while within bounds."""
    return _moments(start, end, step, timestamp_plus)


def timestamptzs(context: Context, start: str | None, end: str | None, step: str | None) -> str:
    """Add an interval by the session's wall clock while within bounds."""
    if start is None or end is None or step is None:
        return "[]"
    return _moments(start, end, step, lambda value, by: timestamptz_plus(context, value, by))


def in_step(widths: str, *parts: str | None) -> str:
    """Return the rows of several functions side by side, the shorter ones padded with nulls.

    ``widths`` says of each how many columns its rows are arrays of; 0 is one column by itself.
    """
    sides = [
        (int(width), [] if part is None else json.loads(part))
        for width, part in zip(widths.split(","), parts, strict=True)
    ]
    rows: list[list[object]] = [[] for _ in range(max(len(side) for _, side in sides))]
    for width, side in sides:
        missing = [None] * (width or 1)
        for at, row in enumerate(rows):
            if at >= len(side):
                row += missing
            elif width:
                row += side[at]
            else:
                row.append(side[at])
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))


FUNCTIONS: tuple[Entry, ...] = (
    *stricts(
        ("ff_generate_series_int8", integers),
        ("ff_generate_series_numeric", numerics),
    ),
    Entry("ff_in_step", -1, in_step),
    Entry("ff_generate_series_timestamp", 3, strict(timestamps)),
    Entry(
        "ff_generate_series_timestamptz", 3, timestamptzs, deterministic=False, needs=Needs.CONTEXT
    ),
)
