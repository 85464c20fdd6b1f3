"""$year, $month and the other parts of dates. Source: manual, "Date Expression Operators"."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fivefold.languages.mongo.expressions.dates.calendar import (
    Parts,
    day_of_week,
    day_of_year,
    iso_week_date,
    week,
)
from fivefold.languages.mongo.expressions.dates.zones import UTC_ZONE, zone_named
from fivefold.languages.mongo.expressions.forms import Compile, Operator, Special, applied
from fivefold.languages.mongo.expressions.numbers import long
from fivefold.languages.mongo.expressions.terms import Scope, Term, name_of, nullish
from fivefold.values.documents.faults import fault
from fivefold.values.documents.text import shown_field


def _field(name: str, part: Callable[[Parts], Any]) -> Special:
    """Return the operator that takes a date, or a date and a time zone, and gives one part."""

    def in_utc(value: Any) -> Any:
        return None if nullish(value) else part(UTC_ZONE.shown(value))

    def in_zone(value: Any, zone: Any) -> Any:
        if nullish(value) or nullish(zone):
            return None
        if not isinstance(zone, str):
            raise fault(
                40533,
                f"{name} requires a string for the timezone argument, but was given a "
                f"{name_of(zone)} ({zone})",
            )
        return part(zone_named(zone).shown(value))

    def build(operator: str, value: Any, scope: Scope, compile: Compile) -> Term:
        if isinstance(value, list):
            if len(value) != 1:
                raise fault(
                    40536,
                    f"{name} accepts exactly one argument if given an array, but was given "
                    f"{len(value)}",
                )
            value = value[0]
        if not _has_names(value):
            return applied(in_utc, [compile(value, scope)])
        for each in value:
            if each not in ("date", "timezone"):
                raise fault(40535, f'unrecognized option to {name}: "{each}"')
        if "date" not in value:
            raise fault(
                40539, f"missing 'date' argument to {name}, provided: {shown_field(name, value)}"
            )
        date = compile(value["date"], scope)
        if "timezone" not in value:
            return applied(in_utc, [date])
        return applied(in_zone, [date, compile(value["timezone"], scope)])

    return Special(build)


def _has_names(value: Any) -> bool:
    """Tell whether an argument is an object of arguments, not an expression."""
    return isinstance(value, dict) and next(iter(value), "")[:1] != "$"


OPERATORS: dict[str, Operator] = {
    name: _field(name, part)
    for name, part in {
        "$dayOfMonth": lambda parts: parts.day,
        "$dayOfWeek": day_of_week,
        "$dayOfYear": day_of_year,
        "$hour": lambda parts: parts.hour,
        "$isoDayOfWeek": lambda parts: iso_week_date(parts)[2],
        "$isoWeek": lambda parts: iso_week_date(parts)[1],
        "$isoWeekYear": lambda parts: long(iso_week_date(parts)[0]),
        "$millisecond": lambda parts: parts.microsecond // 1000,
        "$minute": lambda parts: parts.minute,
        "$month": lambda parts: parts.month,
        "$second": lambda parts: parts.second,
        "$week": week,
        "$year": lambda parts: parts.year,
    }.items()
}
