"""Frames of windows.

SQLite takes constants as offsets, and computes RANGE with numbers only. What is ordered by a
numeric, an interval or a point in time is therefore ordered by a whole number here, in the unit
of its offsets: the last decimal place that occurs, or a microsecond.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from fivefold.errors import InvalidValue
from fivefold.plan import nodes as exp
from fivefold.plan.statement import type_of
from fivefold.stores.sqlite.render.writer import Writer, unsupported
from fivefold.values.compare import interval_key
from fivefold.values.intervals import stored_interval
from fivefold.values.types import DATETIMES, Kind

DECIMAL_PLACES = 9
"""Of a numeric without a scale; a value with more is refused where it is met."""

_ENDS = (("start", "starting"), ("end", "ending"))


def frame(w: Writer, spec: exp.Expr, order: exp.Expr | None) -> tuple[str, str | None]:
    """Return a frame's text, and what rows are ordered by instead of ``order``, if so."""
    kind = spec.args["kind"]
    key: str | None = None
    units: int | None = None
    offsets = [spec.args[end] for end, _ in _ENDS if isinstance(spec.args[end], exp.Expr)]
    if kind == "RANGE" and offsets:
        assert order is not None
        (part,) = order.expressions
        _check_range(offsets)
        key, units = _whole_key(w, part.this, offsets) or (None, None)
    words = [_bound(w, kind, spec.args[end], word, units) for end, word in _ENDS]
    sides = [spec.args[f"{end}_side"] for end, _ in _ENDS]
    start, end = (
        f"{word} {side}" if side else word for word, side in zip(words, sides, strict=True)
    )
    exclude = spec.args.get("exclude")
    text = f"{kind} BETWEEN {start} AND {end}"
    return (text if exclude is None else f"{text} EXCLUDE {exclude.name}"), key


def _bound(w: Writer, kind: str, value: exp.Expr | str, word: str, units: int | None) -> str:
    if isinstance(value, str):
        return value
    constant = _constant(value)
    if units is not None:
        return str(_units(value, units))
    if kind != "RANGE":
        if isinstance(constant, exp.Null):
            raise InvalidValue(f"frame {word} offset must not be null", "null_value_not_allowed")
        if isinstance(constant, Decimal):
            count = int(constant.to_integral_value(ROUND_HALF_UP))
            if count < 0:
                raise InvalidValue(
                    f"frame {word} offset must not be negative",
                    "invalid_preceding_or_following_size",
                )
            return str(count)
    return w.closed(value)


def _constant(node: exp.Expr) -> Decimal | exp.Null | None:
    """Return the number or null that an offset is, None if it is neither."""
    negative = False
    while isinstance(node, exp.Cast | exp.Paren | exp.Neg):
        negative ^= isinstance(node, exp.Neg)
        node = node.this
    if isinstance(node, exp.Null):
        return node
    if isinstance(node, exp.Literal) and type_of(node).kind is not Kind.INTERVAL:
        number = Decimal(node.this)
        return -number if negative else number
    return None


def _check_range(offsets: list[exp.Expr]) -> None:
    for value in offsets:
        constant = _constant(value)
        if isinstance(constant, exp.Null):
            raise InvalidValue("frame starting offset must not be null", "null_value_not_allowed")
        if (isinstance(constant, Decimal) and constant < 0) or (
            type_of(value).kind is Kind.INTERVAL
            and isinstance(value, exp.Literal)
            and interval_key(value.this) < 0
        ):
            raise InvalidValue(
                "invalid preceding or following size in window function",
                "invalid_preceding_or_following_size",
            )


def _whole_key(w: Writer, key: exp.Expr, offsets: list[exp.Expr]) -> tuple[str, int] | None:
    """Return a whole number to order by, and its decimal places; None where SQLite needs none."""
    type_ = type_of(key)
    if type_.kind is Kind.NUMERIC:
        scale = DECIMAL_PLACES if type_.scale is None else type_.scale
        for value in offsets:
            constant = _constant(value)
            if not isinstance(constant, Decimal):
                unsupported("RANGE over a numeric with an offset that is no constant")
            scale = max(scale, -int(constant.as_tuple().exponent))
        return f"ff_scaled({w.sql(key)}, {scale})", scale
    if type_.kind in DATETIMES:
        days = _days(offsets) and type_.kind is Kind.TIMESTAMPTZ
        return f"ff_micros_{'days' if days else type_.kind}({w.sql(key)})", 0
    if type_.kind is Kind.INTERVAL:
        return f"ff_micros_interval({w.sql(key)})", 0
    return None


def _days(offsets: list[exp.Expr]) -> bool:
    """Say whether intervals have days. Raises Unsupported for months: none is like another."""
    found = False
    for value in offsets:
        if not isinstance(value, exp.Literal):
            unsupported("RANGE over dates with an offset that is no constant", "Use ROWS.")
        interval = stored_interval(value.this)
        if interval.months:
            unsupported("RANGE with months or years", "Say it in days, or compare with a join.")
        found = found or bool(interval.days)
    return found


def _units(value: exp.Expr, places: int) -> int:
    if type_of(value).kind is Kind.INTERVAL:
        assert isinstance(value, exp.Literal)
        return interval_key(value.this)
    constant = _constant(value)
    assert isinstance(constant, Decimal)
    return int(constant.scaleb(places))
