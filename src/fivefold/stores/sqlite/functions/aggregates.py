"""Aggregates that SQLite lacks, and what finishes its own ones.

Every aggregate is a window function too. Those whose sums are exact take rows out again; the
others start over from the rows that are left.
"""

from __future__ import annotations

import json
import math
from collections import Counter, deque
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Protocol

from fivefold.errors import Internal, InvalidValue
from fivefold.stores.sqlite.context import Context
from fivefold.stores.sqlite.functions import numeric
from fivefold.stores.sqlite.functions.codes import type_of_code
from fivefold.stores.sqlite.functions.datetime import interval_over, shown
from fivefold.stores.sqlite.functions.json_making import key_text, value_text
from fivefold.stores.sqlite.functions.numbers import Float, out_of_range, stored
from fivefold.stores.sqlite.functions.ordered_sets import (
    count_different,
    mode,
    percentile_cont,
    percentile_disc,
    without_repeats,
)
from fivefold.stores.sqlite.functions.table import Entry, stricts
from fivefold.values.arrays import pack, shape, unpack
from fivefold.values.intervals import Interval, stored_interval
from fivefold.values.json import parse_jsonb
from fivefold.values.numbers import EXACT, nearest_float4, numeric_text
from fivefold.values.types import Kind, Stored

_add = EXACT.add


class Aggregate(Protocol):
    """What a window function of apsw is made of."""

    def step(self, *values: Any) -> None: ...
    def inverse(self, *values: Any) -> None: ...
    def value(self) -> Stored: ...
    def final(self) -> Stored: ...


# Finishing touches for SQLite's own aggregates


def wide(high: int, low: int) -> str:
    """Put the sums of both halves of int8 together."""
    return str((high << 32) + low)


def mean(total: int | str, count: int) -> str:
    """Divide a sum of integers by their count, with the digits that avg has."""
    return numeric.over(str(total), str(count))


def _float_result(value: Float, low: Float, high: Float, kind: str) -> Float:
    if isinstance(high, str):
        return "NaN"
    if math.isinf(high) or (isinstance(low, float) and math.isinf(low)):
        if low == -math.inf and high == math.inf:
            return "NaN"
        return high if high == math.inf else low
    number = float(value)
    if math.isinf(number):
        raise out_of_range("overflow")
    if kind == "float4":
        number = nearest_float4(number)
        if math.isinf(number):
            raise out_of_range("overflow")
    return number


def float_sum(total: Float | None, low: Float, high: Float | None, kind: str) -> Float | None:
    """Return a sum of floats, seen by its least and greatest member."""
    if high is None:
        return None
    return _float_result(0.0 if total is None else total, low, high, kind)


def float_mean(average: Float | None, low: Float, high: Float | None, kind: str) -> Float | None:
    """Return a mean of floats; of float4 it is a float8."""
    if high is None:
        return None
    return _float_result(0.0 if average is None else average, low, high, "float8")


def join_texts(collected: str, separator: str | None) -> str | None:
    """Join the texts of a JSON array, nulls left out."""
    texts = [text for text in json.loads(collected) if text is not None]
    return (separator or "").join(texts) if texts else None


# Exact sums


class NumericSum:
    """A sum of numerics: the scale is that of the member with the most digits."""

    def __init__(self) -> None:
        self.total = Decimal(0)
        self.count = 0

    def step(self, value: str | int | None) -> None:
        if value is not None:
            self.total = _add(self.total, Decimal(value))
            self.count += 1

    def inverse(self, value: str | int | None) -> None:
        raise Internal("a sum that cannot go back stands over a window")

    def value(self) -> str | None:
        return numeric_text(self.total) if self.count else None

    final = value


class NumericMean(NumericSum):
    """A mean of numerics."""

    def value(self) -> str | None:
        return numeric.over(numeric_text(self.total), str(self.count)) if self.count else None

    final = value


class MovingSum:
    """A sum of numerics that members may leave again."""

    def __init__(self) -> None:
        self.total = Decimal(0)
        self.count = 0
        self.scales: Counter[int] = Counter()
        self.specials: Counter[str] = Counter()

    def _add(self, value: str | int | None, sign: int) -> None:
        if value is None:
            return
        text = str(value)
        self.count += sign
        if text[-1] in "Ny":
            self.specials[text] += sign
            return
        number = Decimal(text)
        self.total = (EXACT.add if sign > 0 else EXACT.subtract)(self.total, number)
        self.scales[-int(number.as_tuple().exponent)] += sign

    def step(self, value: str | int | None) -> None:
        self._add(value, 1)

    def inverse(self, value: str | int | None) -> None:
        self._add(value, -1)

    def _special(self) -> str | None:
        found = [text for text, count in self.specials.items() if count > 0]
        if not found:
            return None
        return found[0] if len(found) == 1 else "NaN"

    def _sum(self) -> str:
        scale = max([scale for scale, count in self.scales.items() if count > 0], default=0)
        return self._special() or numeric.round_to(numeric_text(self.total), scale)

    def value(self) -> str | None:
        return self._sum() if self.count else None

    final = value


class MovingMean(MovingSum):
    """A mean of numerics that members may leave again."""

    def value(self) -> str | None:
        if not self.count:
            return None
        return self._special() or numeric.over(self._sum(), str(self.count))

    final = value


class IntervalSum:
    """A running sum of intervals."""

    def __init__(self) -> None:
        self.count = 0
        self.parts = Interval()

    def _add(self, value: str | None, sign: int) -> None:
        if value is None:
            return
        one = stored_interval(value)
        self.count += sign
        self.parts.months += sign * one.months
        self.parts.days += sign * one.days
        self.parts.micros += sign * one.micros

    def step(self, value: str | None) -> None:
        self._add(value, 1)

    def inverse(self, value: str | None) -> None:
        self._add(value, -1)

    def value(self) -> str | None:
        return shown(self.parts) if self.count else None

    final = value


class IntervalMean(IntervalSum):
    """A running mean of intervals."""

    def value(self) -> str | None:
        return interval_over(shown(self.parts), float(self.count)) if self.count else None

    final = value


class NumericSpread:
    """Variance and deviation of integers and numerics, exact until the last division.

    As numeric_stddev_internal does: (N·Σx² - (Σx)²) / (N·(N-1)), at the scale of a division.
    """

    def __init__(self, *, sample: bool, root: bool) -> None:
        self.sample, self.root = sample, root
        self.sum = MovingSum()
        self.squares = MovingSum()

    def _each(self, value: str | int | None, sign: int) -> None:
        if value is not None:
            text = str(value)
            self.sum._add(text, sign)
            self.squares._add(numeric.times(text, text), sign)

    def step(self, value: str | int | None) -> None:
        self._each(value, 1)

    def inverse(self, value: str | int | None) -> None:
        self._each(value, -1)

    def value(self) -> str | None:
        count = self.sum.count
        if count == 0 or (self.sample and count == 1):
            return None
        if self.sum._special() is not None:
            return "NaN"
        total, squares = self.sum._sum(), self.squares._sum()
        above = numeric.minus(numeric.times(str(count), squares), numeric.times(total, total))
        if above.startswith("-") or not above.strip("0."):
            return "0"
        below = str(count * (count - 1) if self.sample else count * count)
        variance = numeric.over(above, below)
        return numeric.square_root(variance) if self.root else variance

    final = value


# Aggregates that start over when rows leave a window


class Collected:
    """An aggregate that is a function of all the rows in its window."""

    def __init__(self, function: Callable[[list[tuple[Any, ...]]], Stored]) -> None:
        self.rows: deque[tuple[Any, ...]] = deque()
        self.function = function

    def step(self, *values: Any) -> None:
        self.rows.append(values)

    def inverse(self, *values: Any) -> None:
        self.rows.popleft()

    def value(self) -> Stored:
        return self.function(list(self.rows))

    final = value


def _moments(values: list[float]) -> tuple[int, float, float]:
    """Return (N, Σx, Σ(x-mean)²) by Youngs and Cramer's recurrence, as float8_accum does."""
    count, total, spread = 0, 0.0, 0.0
    for value in values:
        count += 1
        total += value
        if count > 1:
            part = value * count - total
            spread += part * part / (count * (count - 1))
    return count, total, spread


def _float_spread(*, sample: bool, root: bool) -> Callable[[list[tuple[Any, ...]]], Stored]:
    def run(rows: list[tuple[Any, ...]]) -> Stored:
        values = [float(row[0]) for row in rows if row[0] is not None]
        count, _, spread = _moments(values)
        if count == 0 or (sample and count == 1):
            return None
        if not all(map(math.isfinite, values)):
            return "NaN"
        variance = spread / (count - 1 if sample else count)
        return math.sqrt(variance) if root else variance

    return run


def _pair_sums(rows: list[tuple[Any, ...]]) -> tuple[int, float, float, float, float, float]:
    """Return (N, Σx, Sxx, Σy, Syy, Sxy) as float8_regr_accum does; rows hold (y, x)."""
    count, sx, sxx, sy, syy, sxy = 0, 0.0, 0.0, 0.0, 0.0, 0.0
    for y_stored, x_stored in rows:
        if y_stored is None or x_stored is None:
            continue
        y, x = float(y_stored), float(x_stored)
        count, sx, sy = count + 1, sx + x, sy + y
        if count == 1:  # what is not finite spoils all that depends on it
            sxx = 0.0 if math.isfinite(x) else math.nan
            syy = 0.0 if math.isfinite(y) else math.nan
            sxy = sxx + syy
        else:
            dx, dy, scale = x * count - sx, y * count - sy, 1.0 / (count * (count - 1))
            sxx, syy, sxy = sxx + dx * dx * scale, syy + dy * dy * scale, sxy + dx * dy * scale
    return count, sx, sxx, sy, syy, sxy


def _pairs(name: str) -> Callable[[list[tuple[Any, ...]]], Stored]:
    def run(rows: list[tuple[Any, ...]]) -> Stored:
        count, sx, sxx, sy, syy, sxy = _pair_sums(rows)
        if name == "regr_count":
            return count
        if count == 0 or (name == "covar_samp" and count == 1):
            return None
        result = _PAIR_RESULTS[name](count, sx, sxx, sy, syy, sxy)
        return None if result is None else stored(result)

    return run


_PAIR_RESULTS: dict[str, Callable[[int, float, float, float, float, float], float | None]] = {
    "regr_sxx": lambda n, sx, sxx, sy, syy, sxy: sxx,
    "regr_syy": lambda n, sx, sxx, sy, syy, sxy: syy,
    "regr_sxy": lambda n, sx, sxx, sy, syy, sxy: sxy,
    "regr_avgx": lambda n, sx, sxx, sy, syy, sxy: sx / n,
    "regr_avgy": lambda n, sx, sxx, sy, syy, sxy: sy / n,
    "covar_pop": lambda n, sx, sxx, sy, syy, sxy: sxy / n,
    "covar_samp": lambda n, sx, sxx, sy, syy, sxy: sxy / (n - 1),
    "corr": lambda n, sx, sxx, sy, syy, sxy: (
        None if sxx == 0 or syy == 0 else sxy / math.sqrt(sxx * syy)
    ),
    "regr_r2": lambda n, sx, sxx, sy, syy, sxy: (
        None if sxx == 0 else 1.0 if syy == 0 else (sxy * sxy) / (sxx * syy)
    ),
    "regr_slope": lambda n, sx, sxx, sy, syy, sxy: None if sxx == 0 else sxy / sxx,
    "regr_intercept": lambda n, sx, sxx, sy, syy, sxy: (
        None if sxx == 0 else (sy - sx * sxy / sxx) / n
    ),
}


def _bits(function: Callable[[int, int], int]) -> Callable[[list[tuple[Any, ...]]], Stored]:
    def run(rows: list[tuple[Any, ...]]) -> Stored:
        result: int | None = None
        for (value,) in rows:
            if value is not None:
                result = value if result is None else function(result, value)
        return result

    return run


def _array(rows: list[tuple[Any, ...]]) -> Stored:
    if not rows:
        return None
    type_ = type_of_code(rows[0][1])
    if type_.element is None:
        return pack(type_, [row[0] for row in rows])
    if any(row[0] is None for row in rows):
        raise InvalidValue("cannot accumulate null arrays", "null_value_not_allowed")
    parts = [unpack(type_.element, row[0]) for row in rows]
    if not parts[0]:
        raise InvalidValue("cannot accumulate empty arrays", "array_subscript_error")
    first = shape(parts[0])
    if any(shape(part) != first for part in parts):
        raise InvalidValue(
            "cannot accumulate arrays of different dimensionality", "array_subscript_error"
        )
    return pack(type_.element, parts)


def _join(rows: list[tuple[Any, ...]]) -> Stored:
    parts = [row for row in rows if row[0] is not None]
    if not parts:
        return None
    return str(parts[0][0]) + "".join([(row[1] or "") + row[0] for row in parts[1:]])


def _join_bytes(rows: list[tuple[Any, ...]]) -> Stored:
    parts = [row for row in rows if row[0] is not None]
    if not parts:
        return None
    return bytes(parts[0][0]) + b"".join([(row[1] or b"") + row[0] for row in parts[1:]])


def _json_array(context: Context) -> Callable[[list[tuple[Any, ...]]], str | None]:
    def run(rows: list[tuple[Any, ...]]) -> str | None:
        if not rows:
            return None
        type_ = type_of_code(rows[0][1])
        comma = ", \n " if type_.kind in (Kind.ARRAY, Kind.RECORD) else ", "
        return "[" + comma.join([value_text(row[0], type_, context.zone) for row in rows]) + "]"

    return run


def _json_object(context: Context) -> Callable[[list[tuple[Any, ...]]], str | None]:
    def run(rows: list[tuple[Any, ...]]) -> str | None:
        if not rows:
            return None
        if any(row[0] is None for row in rows):
            raise InvalidValue("field name must not be null", "invalid_parameter_value")
        key_type, type_ = type_of_code(rows[0][2]), type_of_code(rows[0][3])
        parts = [
            f"{json.dumps(key_text(row[0], key_type, context.zone), ensure_ascii=False)} : "
            f"{value_text(row[1], type_, context.zone)}"
            for row in rows
        ]
        return "{ " + ", ".join(parts) + " }"

    return run


def _normalized(
    function: Callable[[list[tuple[Any, ...]]], str | None],
) -> Callable[[list[tuple[Any, ...]]], str | None]:
    def run(rows: list[tuple[Any, ...]]) -> str | None:
        text = function(rows)
        return None if text is None else parse_jsonb(text)

    return run


Factory = Callable[[Context], Callable[[], Aggregate]]


def _collecting(function: Callable[[list[tuple[Any, ...]]], Stored]) -> Factory:
    return lambda context: lambda: Collected(function)


def _spreads() -> dict[str, Factory]:
    found: dict[str, Factory] = {}
    for name, root in (("var", False), ("stddev", True)):
        for ending, sample in (("samp", True), ("pop", False)):
            found[f"ff_{name}_{ending}_numeric"] = _numeric_spread(sample, root)
            found[f"ff_{name}_{ending}_float8"] = _collecting(
                _float_spread(sample=sample, root=root)
            )
    return found


def _numeric_spread(sample: bool, root: bool) -> Factory:
    return lambda context: lambda: NumericSpread(sample=sample, root=root)


def _deduped(function: Callable[[list[tuple[Any, ...]]], Stored], *, codes: bool) -> Factory:
    """Make the form with DISTINCT: rows are sorted, each value's code behind all values."""

    def run(rows: list[tuple[Any, ...]]) -> Stored:
        width = len(rows[0]) // 2 if rows else 0
        kept = without_repeats(rows, width)
        return function(kept if codes else [row[:width] for row in kept])

    return _collecting(run)


def _in_context(
    function: Callable[[Context], Callable[[list[tuple[Any, ...]]], str | None]], *, jsonb: bool
) -> Callable[[Context], Callable[[list[tuple[Any, ...]]], str | None]]:
    return lambda context: _normalized(function(context)) if jsonb else function(context)


def _with_and_without_repeats(
    name: str, function: Callable[[Context], Callable[[list[tuple[Any, ...]]], str | None]]
) -> dict[str, Factory]:
    return {
        f"ff_{name}": lambda context: lambda: Collected(function(context)),
        f"ff_{name}_distinct": lambda context: _deduped(function(context), codes=True)(context),
    }


AGGREGATES: dict[str, Factory] = {
    "ff_sum_numeric": lambda context: NumericSum,
    "ff_avg_numeric": lambda context: NumericMean,
    "ff_sum_numeric_over": lambda context: MovingSum,
    "ff_avg_numeric_over": lambda context: MovingMean,
    "ff_sum_interval": lambda context: IntervalSum,
    "ff_avg_interval": lambda context: IntervalMean,
    **_spreads(),
    **{f"ff_{name}": _collecting(_pairs(name)) for name in [*_PAIR_RESULTS, "regr_count"]},
    "ff_bit_and": _collecting(_bits(lambda a, b: a & b)),
    "ff_bit_or": _collecting(_bits(lambda a, b: a | b)),
    "ff_bit_xor": _collecting(_bits(lambda a, b: a ^ b)),
    "ff_array_agg": _collecting(_array),
    "ff_string_agg_bytea": _collecting(_join_bytes),
    "ff_array_agg_distinct": _deduped(_array, codes=True),
    "ff_string_agg_distinct": _deduped(_join, codes=False),
    "ff_string_agg_bytea_distinct": _deduped(_join_bytes, codes=False),
    **{
        f"ff_{name}_distinct": _deduped(_pairs(name), codes=False)
        for name in [*_PAIR_RESULTS, "regr_count"]
    },
    **_with_and_without_repeats("json_agg", _in_context(_json_array, jsonb=False)),
    **_with_and_without_repeats("jsonb_agg", _in_context(_json_array, jsonb=True)),
    **_with_and_without_repeats("json_object_agg", _in_context(_json_object, jsonb=False)),
    **_with_and_without_repeats("jsonb_object_agg", _in_context(_json_object, jsonb=True)),
    "ff_percentile_cont": _collecting(percentile_cont),
    "ff_percentile_disc": _collecting(percentile_disc),
    "ff_mode": _collecting(mode),
    "ff_count_different": _collecting(count_different),
}

FUNCTIONS: tuple[Entry, ...] = (
    *stricts(("ff_wide", wide), ("ff_mean", mean)),
    Entry("ff_float_sum", 4, float_sum),
    Entry("ff_float_avg", 4, float_mean),
    Entry("ff_join_texts", 2, join_texts),
)
