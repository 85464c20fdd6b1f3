"""Dates from parts and strings and back.

Source: manual, "$dateFromParts", "$dateToParts", "$dateFromString", "$dateToString".
"""

from __future__ import annotations

from typing import Any

from fivefold.errors import FivefoldError
from fivefold.languages.mongo.expressions.dates.calendar import (
    DAY_MS,
    days_of,
    iso_days,
    iso_week_date,
)
from fivefold.languages.mongo.expressions.dates.formats import ISO, compiled, formatted
from fivefold.languages.mongo.expressions.dates.parse import check_format, parse_date, parse_format
from fivefold.languages.mongo.expressions.dates.zones import UTC_ZONE, Zone, zone_of
from fivefold.languages.mongo.expressions.forms import (
    ABSENT,
    Compile,
    Named,
    Operator,
    Special,
    applied,
)
from fivefold.languages.mongo.expressions.instants import moment_ms, of_ms
from fivefold.languages.mongo.expressions.numbers import integral
from fivefold.languages.mongo.expressions.terms import (
    Scope,
    Term,
    Variables,
    constant,
    name_of,
    nullish,
    reads_of,
    shown_value,
)
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import Document


def zone_or_utc(value: Any) -> Zone:
    return UTC_ZONE if value is ABSENT else zone_of(value)


# ------------------------------------------------------------------------------------ parts

_TIMES = ("hour", "minute", "second", "millisecond")
_NATURAL = ("year", "month", "day")
_ISO = ("isoWeekYear", "isoWeek", "isoDayOfWeek")
_FROM_PARTS = Named(
    lambda: None,
    (),
    (*_NATURAL, *_ISO, *_TIMES, "timezone"),
    not_object=(40519, "{operator} only supports an object as its argument"),
    unknown=(40518, "Unrecognized argument to {operator}: {name}"),
)
YEAR_MIN, YEAR_MAX = 1, 9999
PART_MIN, PART_MAX = -32768, 32767
"""What parts of a date may be; those out of their own range carry over."""


def _from_parts(name: str, value: Any, scope: Scope, compile: Compile) -> Term:
    given = _FROM_PARTS.checked(name, value)
    if "year" not in given and "isoWeekYear" not in given:
        raise fault(40516, "$dateFromParts requires either 'year' or 'isoWeekYear' to be present")
    mixed = _ISO if "year" in given else _NATURAL
    if any(each in given for each in mixed):
        raise fault(
            40489 if "year" in given else 40525,
            "$dateFromParts does not allow mixing natural dates with ISO dates",
        )
    names = _NATURAL if "year" in given else _ISO
    make = days_of if "year" in given else iso_days

    def run(*values: Any) -> Any:
        *parts, zone = values
        if any(map(nullish, values)):
            return None
        numbers = [_part(each, part) for each, part in zip((*names, *_TIMES), parts, strict=True)]
        year, second, third, hour, minute, seconds, ms = numbers
        time = ((hour * 60 + minute) * 60 + seconds) * 1000 + ms
        return of_ms(zone_or_utc(zone).moment(make(year, second, third) * DAY_MS + time))

    return applied(
        run,
        [
            *[compile(given.get(each, 1), scope) for each in names],
            *[compile(given.get(each, 0), scope) for each in _TIMES],
            compile(given["timezone"], scope) if "timezone" in given else constant(ABSENT),
        ],
    )


def _part(name: str, value: Any) -> int:
    whole = integral(value)
    if whole is None:
        raise fault(
            40515,
            f"'{name}' must evaluate to an integer, found {name_of(value)} with value "
            f"{shown_value(value)}",
        )
    if name in ("year", "isoWeekYear"):
        if not YEAR_MIN <= whole <= YEAR_MAX:
            raise fault(
                40523 if name == "year" else 31095,
                f"'{name}' must evaluate to an integer in the range {YEAR_MIN} to {YEAR_MAX}, "
                f"found {whole}",
            )
    elif name not in ("second", "millisecond") and not PART_MIN <= whole <= PART_MAX:
        raise fault(
            31034,
            f"'{name}' must evaluate to a value in the range [{PART_MIN}, {PART_MAX}]; "
            f"value {whole} is not in range",
        )
    return whole


def _to_parts(date: Any, zone: Any, iso: Any) -> Any:
    if nullish(date) or nullish(zone) or nullish(iso):
        return None
    if iso is not ABSENT and not isinstance(iso, bool):
        raise fault(40521, f"iso8601 must evaluate to a bool, found {name_of(iso)}")
    parts = zone_or_utc(zone).parts(moment_ms(date))
    named = _ISO if iso is True else _NATURAL
    days = iso_week_date(parts) if iso is True else parts[:3]
    times = (parts.hour, parts.minute, parts.second, parts.microsecond // 1000)
    return dict(zip((*named, *_TIMES), (*days, *times), strict=True))


# ---------------------------------------------------------------------------------- strings

_TO_STRING = Named(
    lambda: None,
    ("date",),
    ("format", "timezone", "onNull"),
    not_object=(18629, "{operator} only supports an object as its argument"),
    unknown=(18534, "Unrecognized argument to {operator}: {name}"),
    lacking=(18628, "Missing '{name}' parameter to {operator}"),
)


def _to_string(name: str, value: Any, scope: Scope, compile: Compile) -> Term:
    given = _TO_STRING.checked(name, value)
    date = compile(given["date"], scope)
    format, zone = (_optional(given, each, scope, compile) for each in ("format", "timezone"))
    default = compile(given.get("onNull"), scope)
    if isinstance(format.constant, str):
        compiled(format.constant)

    def run(date: Any, format: Any, zone: Any, default: Any) -> Any:
        if nullish(date):
            return default
        if nullish(format) or nullish(zone):
            return None
        clock = zone_or_utc(zone)
        if format is ABSENT:
            format = ISO
        elif not isinstance(format, str):
            raise fault(
                18533,
                f"$dateToString requires that 'format' be a string, found: {name_of(format)} "
                f"with value {shown_value(format)}",
            )
        return formatted(date, format, clock)

    return applied(run, [date, format, zone, default])


def _optional(given: Document, name: str, scope: Scope, compile: Compile) -> Term:
    return compile(given[name], scope) if name in given else constant(ABSENT)


_FROM_STRING = Named(
    lambda: None,
    ("dateString",),
    ("format", "timezone", "onNull", "onError"),
    not_object=(40540, "{operator} only supports an object as an argument"),
    unknown=(40541, "Unrecognized argument to {operator}: {name}"),
    lacking=(40542, "Missing '{name}' parameter to {operator}"),
)


def _from_string(name: str, value: Any, scope: Scope, compile: Compile) -> Term:
    given = _FROM_STRING.checked(name, value)
    text = compile(given["dateString"], scope)
    format, zone = (_optional(given, each, scope, compile) for each in ("format", "timezone"))
    on_null = compile(given.get("onNull"), scope)
    on_error = compile(given["onError"], scope) if "onError" in given else None
    if isinstance(format.constant, str):
        check_format(format.constant)
    terms = [text, format, zone, on_null]

    def run(document: Document, variables: Variables) -> Any:
        string, form, clock = (each.run(document, variables) for each in terms[:3])
        if form is not ABSENT and not nullish(form) and not isinstance(form, str):
            raise fault(
                40684,
                f"$dateFromString requires that 'format' be a string, found: {name_of(form)} "
                f"with value {shown_value(form)}",
            )
        if nullish(string):
            return on_null.run(document, variables)
        if nullish(form) or nullish(clock):
            return None
        there = None if clock is ABSENT else zone_of(clock)
        try:
            return _parsed(string, form, there)
        except FivefoldError as error:
            if on_error is None or error.number != 241:
                raise
        return on_error.run(document, variables)

    terms += [on_error] if on_error else []
    if all(term.fixed for term in terms):
        return constant(run({}, {}))
    return Term(run, reads_of(terms))


def _parsed(string: Any, format: Any, zone: Zone | None) -> Any:
    if not isinstance(string, str):
        raise fault(
            241,
            f"$dateFromString requires that 'dateString' be a string, found: {name_of(string)} "
            f"with value {shown_value(string)}",
        )
    if format is ABSENT:
        return of_ms(parse_date(string, zone))
    return of_ms(parse_format(string, format, zone))


OPERATORS: dict[str, Operator] = {
    "$dateFromParts": Special(_from_parts),
    "$dateFromString": Special(_from_string),
    "$dateToParts": Named(
        _to_parts,
        ("date",),
        ("timezone", "iso8601"),
        not_object=(40524, "{operator} only supports an object as its argument"),
        unknown=(40520, "Unrecognized argument to {operator}: {name}"),
        lacking=(40522, "Missing '{name}' parameter to {operator}"),
        absent=ABSENT,
    ),
    "$dateToString": Special(_to_string),
}
