"""Dates from strings, by a format or without one. Source: manual, "$dateFromString".

Without a format a string is ISO 8601 or of the other kinds that are common: a date with the month
as a number or by its name, a time, an offset or an abbreviation of a zone. Each is a pattern.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import NoReturn

from fivefold.languages.mongo.expressions.dates.calendar import (
    DAY_MS,
    days_of,
    iso_days,
    month_days,
    weekday,
)
from fivefold.languages.mongo.expressions.dates.formats import MONTHS, pieces
from fivefold.languages.mongo.expressions.dates.zones import UTC_ZONE, Zone
from fivefold.values.documents.faults import fault
from fivefold.values.zones import ABBREVIATIONS

_MONTHS = {name[:3].lower(): number for number, name in enumerate(MONTHS, 1)}
_MONTH = "(?P<name>" + "|".join(f"{name[:3]}(?:{name[3:]})?" for name in MONTHS) + r"|Sept)\.?"
_DAY = r"(?:(?P<weekday>Mon|Tue|Wed|Thu|Fri|Sat|Sun)(?:s?day|nesday|rsday|urday|s|rs)?,?\s+)?"
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ORDINAL = "(?:st|nd|rd|th)?"

_ZONE = r"(?P<zone>(?:GMT|UTC)?[+-]\d{1,2}(?::?\d{2})?|[A-Z]{1,5})"
_TIME = (
    r"(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,:](?P<part>\d{1,9}))?)?)?"
    r"(?:\s*(?P<half>[ap])\.?m\.?)?"
)
_DATES = (
    r"(?P<year>\d{4})-(?P<month>\d{1,2})(?:-(?P<day>\d{1,2}))?",
    r"(?P<year>\d{4})/(?P<month>\d{1,2})/(?P<day>\d{1,2})",
    r"(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4})",
    r"(?P<day>\d{1,2})[-.](?P<month>\d{1,2})[-.](?P<year>\d{4})",
    r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})",
    r"(?P<year>\d{4})-?W(?P<isoWeek>\d{2})(?:-?(?P<isoDay>[1-7]))?",
    r"(?P<year>\d{4})[-.]?(?P<dayOfYear>\d{3})",
    rf"{_DAY}(?P<day>\d{{1,2}}){_ORDINAL}[\s.-]*{_MONTH}[\s.,-]*(?P<year>\d{{4}})",
    rf"{_DAY}{_MONTH}[\s.-]*(?P<day>\d{{1,2}}){_ORDINAL}[\s.,-]+(?P<year>\d{{4}})",
    rf"{_MONTH}\s+(?P<year>\d{{4}})",
    rf"(?P<year>\d{{4}})\s+{_MONTH}(?:\s+(?P<day>\d{{1,2}}))?",
)


@functools.cache
def _kinds() -> tuple[re.Pattern[str], ...]:
    """Return what dates look like, in the order in which it is tried; made when first asked for."""
    return (
        *(
            re.compile(
                rf"\s*{date}(?:(?:T|\s*,?\s+)(?:at\s+)?{_TIME})?(?:\s*{_ZONE})?\s*\Z",
                re.I | re.ASCII,
            )
            for date in _DATES
        ),
        *(re.compile(rf"\s*{_TIME}\s+{date}\s*(?P<zone>\Z)", re.I | re.ASCII) for date in _DATES),
        re.compile(
            rf"\s*{_DAY}{_MONTH}\s+(?P<day>\d{{1,2}})\s+{_TIME}\s+(?P<year>\d{{4}})\s*(?P<zone>\Z)",
            re.I | re.ASCII,
        ),
        re.compile(
            r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})[Tt ]?(?P<hour>\d{2}):?(?P<minute>\d{2})"
            rf"(?::?(?P<second>\d{{2}})(?:[.,](?P<part>\d{{1,9}}))?)?(?:\s*{_ZONE})?\Z",
            re.I | re.ASCII,
        ),
    )


_EPOCH = re.compile(r"@(?P<seconds>-?\d{1,15})\Z", re.ASCII)
_OFFSET = re.compile(r"(?:GMT|UTC)?([+-])(\d{1,2})(?::?(\d{2}))?\Z", re.I | re.ASCII)


@dataclass(slots=True)
class _Found:
    """What was read of a string; ``zone`` in milliseconds ahead of UTC."""

    year: int | None = None
    month: int = 1
    day: int = 1
    days: int | None = None
    hour: int = 0
    minute: int = 0
    second: int = 0
    ms: int = 0
    zone: int | None = None
    weekday: int | None = None


def parse_date(text: str, zone: Zone | None) -> int:
    """Return the moment that a string says, on a zone's clock if it names none itself.

    Raises fault 241 for a string that is no date, or that names a zone where one is given.
    """
    epoch = _EPOCH.match(text)
    if epoch is not None:
        return int(epoch["seconds"]) * 1000
    match = next(filter(None, (kind.match(text) for kind in _kinds())), None)
    if match is None:
        _reject_unread(text)
    return _moment(text, _read(text, match.groupdict()), zone)


def _reject_unread(text: str) -> NoReturn:
    if not text:
        reject(text, "0: Empty string '\0'")
    if _IDENTIFIER.match(text):
        reject(
            text,
            f"0: passing a time zone identifier as part of the string is not allowed '{text[0]}'",
        )
    if _INCOMPLETE.match(text):
        _reject_incomplete(text)
    reject(text, f"0: Unexpected character '{text[0]}'")


_IDENTIFIER = re.compile(r"[A-Za-z]{2,}|[A-Za-z]+/", re.ASCII)
_INCOMPLETE = re.compile(rf"\s*(?:[A-Za-z]|{_TIME})?\s*\Z", re.I | re.ASCII)


def _reject_incomplete(text: str) -> NoReturn:
    raise fault(
        241, f'an incomplete date/time string has been found, with elements missing: "{text}"'
    )


def reject(text: str, why: str) -> NoReturn:
    raise fault(241, f"Error parsing date string '{text}'; {why}")


def _read(text: str, groups: dict[str, str | None]) -> _Found:
    found = _Found(int(groups["year"] or 0))
    if groups.get("name"):
        found.month = _MONTHS[str(groups["name"])[:3].lower()]
    else:
        found.month = int(groups.get("month") or 1)
    found.day = int(groups.get("day") or 1)
    if groups.get("isoWeek"):
        found.days = iso_days(
            found.year or 0, int(groups["isoWeek"] or 1), int(groups["isoDay"] or 1)
        )
    elif groups.get("dayOfYear"):
        found.days = days_of(found.year or 0, 1, int(groups["dayOfYear"] or 1))
    found.hour, found.minute = int(groups["hour"] or 0), int(groups["minute"] or 0)
    found.second = int(groups["second"] or 0)
    found.ms = int((groups["part"] or "0")[:3].ljust(3, "0"))
    if groups.get("weekday"):
        found.weekday = _WEEKDAYS.index(str(groups["weekday"]).lower()) + 1
    half = groups.get("half")
    if half:
        if not 1 <= found.hour <= 12:
            reject(text, f"unexpected hour {found.hour} of twelve")
        found.hour = found.hour % 12 + (12 if half in "pP" else 0)
    if groups["zone"]:
        found.zone = _zone_offset(text, groups["zone"])
    return found


def _zone_offset(text: str, name: str) -> int:
    """Return the milliseconds ahead of UTC that an offset, an abbreviation or a letter says."""
    offset = _OFFSET.match(name)
    if offset is not None:
        sign, hours, minutes = offset.groups()
        return (-60_000 if sign == "-" else 60_000) * (int(hours) * 60 + int(minutes or 0))
    if len(name) == 1:
        return _military(text, name.upper()) * 3_600_000
    seconds = ABBREVIATIONS.get(name.lower())
    if seconds is None:
        reject(
            text,
            "passing a time zone identifier as part of the string is not allowed: " + name,
        )
    return seconds * 1000


def _military(text: str, letter: str) -> int:
    """Return the hours ahead of UTC that a military zone is: A to M without J, N to Y, Z."""
    east, west = "ABCDEFGHIKLM", "NOPQRSTUVWXY"
    if letter == "Z":
        return 0
    if letter in east:
        return east.index(letter) + 1
    if letter not in west:
        reject(text, f"unexpected character '{letter}'")
    return -(west.index(letter) + 1)


def _moment(text: str, found: _Found, zone: Zone | None) -> int:
    if found.days is None:
        if found.year is None:
            _reject_incomplete(text)
        if not 1 <= found.month <= 12 or not 1 <= found.day <= month_days(found.year, found.month):
            reject(text, f"{len(text) + 1}: The parsed date was invalid '\0'")
        found.days = days_of(found.year, found.month, found.day)
        if found.weekday is not None:  # the next such day, from the date on
            found.days += (found.weekday - weekday(found.days)) % 7
    if found.hour > 24 or found.minute > 59 or found.second > 59:
        reject(text, f"{len(text) + 1}: The parsed time was invalid '\0'")
    seconds = (found.hour * 60 + found.minute) * 60 + found.second
    local = found.days * DAY_MS + seconds * 1000 + found.ms
    if found.zone is None:
        return (zone or UTC_ZONE).moment(local)
    if zone is not None and not zone.utc:
        reject(
            text,
            "you cannot pass in a date/time string with time zone information ('"
            f"{text}') together with a timezone argument",
        )
    return local - found.zone


# ------------------------------------------------------------------------------- by a format

_READERS = {
    "%": "%",
    "B": "(?P<B>" + "|".join(MONTHS) + ")",
    "G": r"(?P<G>\d{4})",
    "H": r"(?P<H>\d{1,2})",
    "L": r"(?P<L>\d{1,3})",
    "M": r"(?P<M>\d{1,2})",
    "S": r"(?P<S>\d{1,2})",
    "V": r"(?P<V>\d{1,2})",
    "Y": r"(?P<Y>\d{1,4})",
    "Z": r"(?P<Z>[+-]?\d{1,4})",
    "b": "(?P<b>" + "|".join(name[:3] for name in MONTHS) + ")",
    "d": r"(?P<d>\d{1,2})",
    "j": r"(?P<j>\d{1,3})",
    "m": r"(?P<m>\d{1,2})",
    "u": r"(?P<u>[1-7])",
    "z": r"\s*(?P<z>(?:GMT|UTC)?[+-]\d{1,2}(?::?\d{2})?|[A-Z]{1,5})",
}


@functools.lru_cache(maxsize=256)
def _reader(format: str) -> re.Pattern[str]:
    """Return the pattern of a format. Raises faults 18535 and 18536."""
    seen: set[str] = set()
    parts = []
    for specifier, piece in pieces(format, _READERS):
        if not specifier:
            parts.append(re.escape(piece))
        elif piece in seen:
            raise fault(2, f"the format has %{piece} twice")
        else:
            seen.update(piece.strip("%"))
            parts.append(_READERS[piece])
    return re.compile("".join(parts) + r"\Z", re.I | re.ASCII)


def check_format(format: str) -> None:
    _reader(format)


def parse_format(text: str, format: str, zone: Zone | None) -> int:
    """Return the moment that a string says as a format tells it. Raises as ``parse_date``."""
    match = _reader(format).match(text)
    if match is None:
        reject(text, f"the string does not match the format '{format}'")
    groups = match.groupdict()
    whole = "d" in groups and {*groups} & {"m", "b", "B"}
    if not (whole or groups.get("G") or groups.get("j")):
        _reject_incomplete(text)
    found = _Found(int(groups["Y"]) if groups.get("Y") else None)
    name = groups.get("b") or groups.get("B")
    found.month = _MONTHS[name[:3].lower()] if name else _number(groups, "m", 1)
    found.day = _number(groups, "d", 1)
    found.hour, found.minute = _number(groups, "H", 0), _number(groups, "M", 0)
    found.second = _number(groups, "S", 0)
    found.ms = int((groups.get("L") or "0").ljust(3, "0"))
    if groups.get("G"):
        if found.year is not None:
            reject(text, "mixing of ISO dates with natural dates is not allowed")
        found.days = iso_days(int(groups["G"]), _number(groups, "V", 1), _number(groups, "u", 1))
    elif groups.get("j") and found.year is not None:
        found.days = days_of(found.year, 1, int(groups["j"]))
    if groups.get("z"):
        found.zone = _zone_offset(text, groups["z"])
    elif groups.get("Z"):
        found.zone = int(groups["Z"]) * 60_000
    return _moment(text, found, zone)


def _number(groups: dict[str, str], letter: str, default: int) -> int:
    return int(groups.get(letter) or default)
