"""Dates to strings by a format. Source: manual, "$dateToString", "Format Specifiers"."""

from __future__ import annotations

import functools
from collections.abc import Callable, Container
from operator import attrgetter
from typing import Any

from fivefold.languages.mongo.expressions.dates.calendar import (
    Parts,
    day_of_week,
    day_of_year,
    iso_week_date,
    local_parts,
    week,
)
from fivefold.languages.mongo.expressions.dates.zones import Zone
from fivefold.languages.mongo.expressions.instants import moment_ms
from fivefold.values.documents.faults import fault

MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September"),
    *("October", "November", "December"),
)

ISO = "%Y-%m-%dT%H:%M:%S.%LZ"
"""What is written without a format, on whichever clock."""

Get = Callable[[Parts], Any]


def _year(parts: Parts) -> int:
    if not 0 <= parts.year <= 9999:
        raise fault(
            18537,
            f"$dateToString is only defined on year 0-9999, tried to use year {parts.year}",
        )
    return parts.year


def _offset(minutes: int) -> str:
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02}{rest:02}"


_SPECIFIERS: dict[str, tuple[str, Get]] = {
    "B": ("%s", lambda parts: MONTHS[parts.month - 1]),
    "G": ("%04d", lambda parts: iso_week_date(parts)[0]),
    "H": ("%02d", attrgetter("hour")),
    "L": ("%03d", lambda parts: parts.microsecond // 1000),
    "M": ("%02d", attrgetter("minute")),
    "S": ("%02d", attrgetter("second")),
    "U": ("%02d", week),
    "V": ("%02d", lambda parts: iso_week_date(parts)[1]),
    "Y": ("%04d", _year),
    "b": ("%s", lambda parts: MONTHS[parts.month - 1][:3]),
    "d": ("%02d", attrgetter("day")),
    "j": ("%03d", day_of_year),
    "m": ("%02d", attrgetter("month")),
    "u": ("%d", lambda parts: iso_week_date(parts)[2]),
    "w": ("%d", day_of_week),
}
"""How a letter is written, by Python's %, and what it takes from the parts of a date."""

_OFFSETS: dict[str, Callable[[int], str]] = {"Z": str, "z": _offset}
"""The letters that write the minutes that the clock is ahead of UTC."""

_KNOWN = {"%", *_SPECIFIERS, *_OFFSETS}


@functools.lru_cache(maxsize=256)
def compiled(format: str) -> tuple[str, tuple[Get | str, ...], bool]:
    """Return a format in the manner of Python's %, what fills it, and whether offsets do.

    Raises faults 18535 and 18536.
    """
    template: list[str] = []
    getters: list[Get | str] = []
    for specifier, piece in pieces(format, _KNOWN):
        if not specifier or piece == "%":
            template.append(piece.replace("%", "%%"))
        elif piece in _OFFSETS:
            template.append("%s")
            getters.append(piece)
        else:
            form, getter = _SPECIFIERS[piece]
            template.append(form)
            getters.append(getter)
    return "".join(template), tuple(getters), any(isinstance(each, str) for each in getters)


def pieces(format: str, known: Container[str]) -> list[tuple[bool, str]]:
    """Return the texts between and the letters of the specifiers of a format, told apart."""
    found: list[tuple[bool, str]] = []
    at = 0
    while at < len(format):
        end = format.find("%", at)
        if end < 0:
            found.append((False, format[at:]))
            break
        if end > at:
            found.append((False, format[at:end]))
        letter = format[end + 1 : end + 2]
        if not letter:
            raise fault(18535, "Unmatched '%' at end of format string")
        if letter not in known:
            raise fault(18536, f"Invalid format character '%{letter}' in format string")
        found.append((True, letter))
        at = end + 2
    return found


def formatted(value: Any, format: str, zone: Zone) -> str:
    """Return a date as a format writes it, on a zone's clock. Raises 16006 for what is no date."""
    template, getters, offsets = compiled(format)
    parts = zone.shown(value)
    if not offsets:
        return template % tuple([getter(parts) for getter in getters])  # type: ignore[operator]
    minutes = int(zone.offset(moment_ms(value)) / 60_000)
    return template % tuple(
        [_OFFSETS[each](minutes) if isinstance(each, str) else each(parts) for each in getters]
    )


def iso(ms: int) -> str:
    """Return a moment as ISO 8601 writes it, in UTC with milliseconds."""
    parts = local_parts(ms)
    _year(parts)
    return (
        f"{parts.year:04}-{parts.month:02}-{parts.day:02}T"
        f"{parts.hour:02}:{parts.minute:02}:{parts.second:02}.{parts.microsecond // 1000:03}Z"
    )
