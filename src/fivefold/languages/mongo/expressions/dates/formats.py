"""Dates to strings by a format. Source: manual, "$dateToString", "Format Specifiers"."""

from __future__ import annotations

import functools
from collections.abc import Callable, Container

from fivefold.languages.mongo.expressions.dates.calendar import (
    Local,
    day_of_week,
    day_of_year,
    iso_week_date,
    local_parts,
    week,
)
from fivefold.languages.mongo.expressions.dates.zones import Zone
from fivefold.values.documents.faults import fault

MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September"),
    *("October", "November", "December"),
)

ISO = "%Y-%m-%dT%H:%M:%S.%LZ"
"""What is written without a format, on whichever clock."""

Write = Callable[[Local, int], str]


def _offset(parts: Local, minutes: int) -> str:
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02}{rest:02}"


_SPECIFIERS: dict[str, Write] = {
    "%": lambda parts, offset: "%",
    "B": lambda parts, offset: MONTHS[parts.month - 1],
    "G": lambda parts, offset: f"{iso_week_date(parts)[0]:04}",
    "H": lambda parts, offset: f"{parts.hour:02}",
    "L": lambda parts, offset: f"{parts.microsecond // 1000:03}",
    "M": lambda parts, offset: f"{parts.minute:02}",
    "S": lambda parts, offset: f"{parts.second:02}",
    "U": lambda parts, offset: f"{week(parts):02}",
    "V": lambda parts, offset: f"{iso_week_date(parts)[1]:02}",
    "Y": lambda parts, offset: f"{_year(parts):04}",
    "Z": lambda parts, offset: str(offset),
    "b": lambda parts, offset: MONTHS[parts.month - 1][:3],
    "d": lambda parts, offset: f"{parts.day:02}",
    "j": lambda parts, offset: f"{day_of_year(parts):03}",
    "m": lambda parts, offset: f"{parts.month:02}",
    "u": lambda parts, offset: str(iso_week_date(parts)[2]),
    "w": lambda parts, offset: str(day_of_week(parts)),
    "z": _offset,
}


def _year(parts: Local) -> int:
    if not 0 <= parts.year <= 9999:
        raise fault(
            18537,
            f"$dateToString is only defined on year 0-9999, tried to use year {parts.year}",
        )
    return parts.year


@functools.lru_cache(maxsize=256)
def compiled(format: str) -> tuple[Write | str, ...]:
    """Return the pieces of a format. Raises faults 18535 and 18536."""
    return tuple(
        piece if not specifier else _SPECIFIERS[piece]
        for specifier, piece in pieces(format, _SPECIFIERS)
    )


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


def formatted(ms: int, format: str, zone: Zone) -> str:
    """Return a moment as a format writes it, on a zone's clock."""
    offset = zone.offset(ms)
    parts, minutes = local_parts(ms + offset), offset // 60_000
    return "".join(
        [piece if isinstance(piece, str) else piece(parts, minutes) for piece in compiled(format)]
    )


def iso(ms: int) -> str:
    """Return a moment as ISO 8601 writes it, in UTC with milliseconds."""
    parts = local_parts(ms)
    _year(parts)
    return (
        f"{parts.year:04}-{parts.month:02}-{parts.day:02}T"
        f"{parts.hour:02}:{parts.minute:02}:{parts.second:02}.{parts.microsecond // 1000:03}Z"
    )
