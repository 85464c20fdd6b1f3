"""Casts that SQLite has not, by the value domain's own rules.

``converter`` chooses once, by both types, the function that is then called per value.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

from fivefold.stores.sqlite.context import Context
from fivefold.stores.sqlite.functions.codes import TYPES_MAX, type_of_code
from fivefold.stores.sqlite.functions.table import Entry, Needs
from fivefold.values import numbers
from fivefold.values.casts import coerce
from fivefold.values.text import parser
from fivefold.values.types import FLOATS, INTEGERS, TEXTS, Kind, Stored, Type


@lru_cache(TYPES_MAX)
def converter(source: str, target: str, *, explicit: bool) -> Callable[[Any], Stored]:
    """Return the function that casts values that are not null, apart from any time zone."""
    from_type, to_type = type_of_code(source), type_of_code(target)
    if from_type.element is None and to_type.element is None:
        quick = _quick(from_type, to_type)
        if quick is not None:
            return quick
    return lambda value: coerce(to_type, from_type, value, explicit=explicit)


def _quick(source: Type, target: Type) -> Callable[[Any], Stored] | None:
    """Return the value domain's function for one pair of kinds, without its way to it."""
    one, other = source.kind, target.kind
    if other is Kind.NUMERIC and one in INTEGERS and target.precision is not None:
        return _integer_fitter(target)
    if other is Kind.NUMERIC and one is Kind.NUMERIC:
        return partial(numbers.fit_numeric, target)
    if one is Kind.NUMERIC and other in INTEGERS:
        return partial(numbers.numeric_to_integer, other)
    if one is Kind.NUMERIC and other in FLOATS:
        return partial(numbers.number_to_float, other)
    if one in TEXTS and other not in TEXTS and other is not Kind.UNKNOWN:
        return parser(target)
    return None


def _integer_fitter(target: Type) -> Callable[[Any], Stored]:
    scale = target.scale or 0
    room = (target.precision or 0) - scale
    ending = f".{'0' * scale}" if scale > 0 else ""

    def fit(value: int) -> str:
        text = str(value)
        if scale >= 0 and len(text) <= room:
            return text + ending
        return numbers.fit_numeric(target, text)

    return fit


def cast(value: Stored, source: str, target: str) -> Stored:
    """CAST(value AS target): texts that are too long are cut."""
    return None if value is None else converter(source, target, explicit=True)(value)


def assign(value: Stored, source: str, target: str) -> Stored:
    """Convert for storing: texts that are too long are refused."""
    return None if value is None else converter(source, target, explicit=False)(value)


def cast_here(context: Context, value: Stored, source: str, target: str) -> Stored:
    """CAST that the session's time zone decides, or what 'now' is."""
    return None if value is None else _coerced(context, value, source, target, explicit=True)


def assign_here(context: Context, value: Stored, source: str, target: str) -> Stored:
    """Convert for storing, where the session's time zone decides, or what 'now' is."""
    return None if value is None else _coerced(context, value, source, target, explicit=False)


def _coerced(
    context: Context, value: Stored, source: str, target: str, *, explicit: bool
) -> Stored:
    return coerce(
        type_of_code(target),
        type_of_code(source),
        value,
        zone=context.zone,
        explicit=explicit,
        now=lambda: context.now_utc,
    )


FUNCTIONS: tuple[Entry, ...] = (
    Entry("ff_cast", 3, cast),
    Entry("ff_assign", 3, assign),
    Entry("ff_cast_here", 3, cast_here, deterministic=False, needs=Needs.CONTEXT),
    Entry("ff_assign_here", 3, assign_here, deterministic=False, needs=Needs.CONTEXT),
)
