"""Time zones: offsets from UTC in seconds, and the IANA's named zones.

Where a zone's clock skips some times, such a time is moved on by what is skipped; where it shows
times twice, the first is meant, or the one whose offset a value had before: as java.time does,
and so Neo4j.

The zones' tables are those of the package tzdata: systems such as Debian add tables for the time
before 1970 that the IANA keeps apart ("backzone") and that neither Java nor the openCypher TCK
knows (Europe/Stockholm in 1818 is +00:53:28).
"""

from __future__ import annotations

import functools
import importlib.resources
import re
import zoneinfo
from datetime import datetime, timedelta

from fivefold.values.graph.temporal.calendar import CYCLE_DAYS, DAY_SECONDS, SECOND_NANOS
from fivefold.values.graph.temporal.faults import wrong

OFFSET_SECONDS_MAX = 18 * 3600
"""java.time's limit for offsets."""

_OFFSET = re.compile(r"([+-])(\d\d)(?::?(\d\d)(?::?(\d\d))?)?", re.ASCII)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9~/._+-]+", re.ASCII)
_EPOCH = datetime(1970, 1, 1)
_FIRST_SECOND = (datetime.min - _EPOCH).days * DAY_SECONDS + 2 * DAY_SECONDS
_FAR_SECOND = (datetime(9000, 1, 1) - _EPOCH).days * DAY_SECONDS
_CYCLE_SECONDS = CYCLE_DAYS * DAY_SECONDS


def offset_text(seconds: int) -> str:
    """Return 'Z', '+01:00' or '-02:05:07'."""
    if not seconds:
        return "Z"
    minutes, second = divmod(abs(seconds), 60)
    hour, minute = divmod(minutes, 60)
    text = f"{'-' if seconds < 0 else '+'}{hour:02d}:{minute:02d}"
    return f"{text}:{second:02d}" if second else text


def read_offset(text: str) -> int | None:
    """Return the seconds of 'Z', '+hh', '+hhmm', '+hh:mm', '+hhmmss' or '+hh:mm:ss'; else None.

    Raises a fault if it is an offset, but none that a zone may have.
    """
    if text in ("Z", "z"):
        return 0
    found = _OFFSET.fullmatch(text)
    if found is None:
        return None
    sign, hour, minute, second = found.groups(default="0")
    minutes, seconds = int(minute), int(second)
    total = int(hour) * 3600 + minutes * 60 + seconds
    if minutes > 59 or seconds > 59 or total > OFFSET_SECONDS_MAX:
        raise wrong(f"Zone offset not in valid range: -18:00 to +18:00: {text}")
    return -total if sign == "-" else total


def check_offset(seconds: int) -> int:
    """Return the offset; raises a fault if it is beyond 18 hours."""
    if -OFFSET_SECONDS_MAX <= seconds <= OFFSET_SECONDS_MAX:
        return seconds
    raise wrong("Zone offset not in valid range: -18:00 to +18:00")


def read_zone(text: str) -> int | str:
    """Return what a map's ``timezone`` or a parameter means: an offset in seconds, or a name."""
    offset = read_offset(text)
    return zone_name(text) if offset is None else offset


def zone_name(text: str) -> str:
    """Return the name of a known zone (a space may stand for '_'); raises a fault if unknown."""
    name = text.replace(" ", "_")
    _rules(name)
    return name


@functools.lru_cache(maxsize=1024)
def _rules(name: str) -> zoneinfo.ZoneInfo:
    if _NAME.fullmatch(name) and ".." not in name:
        try:
            table = importlib.resources.files("tzdata.zoneinfo").joinpath(*name.split("/"))
            with table.open("rb") as file:
                return zoneinfo.ZoneInfo.from_file(file, key=name)
        except (OSError, ValueError, ModuleNotFoundError):
            pass  # not in that package: perhaps the system knows it
        try:
            return zoneinfo.ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            pass  # KeyError for an unknown name, OSError for the name of a folder
    raise wrong(f"Invalid value for TimeZone: {name}")


def _like(second: int) -> datetime:
    """Return a moment of Python's years that every zone's rules treat as they treat ``second``."""
    if second < _FIRST_SECOND:
        second = _FIRST_SECOND
    elif second > _FAR_SECOND:
        second -= (second - _FAR_SECOND) // _CYCLE_SECONDS * _CYCLE_SECONDS
        second -= _CYCLE_SECONDS
    return _EPOCH + timedelta(0, second)


def offset_at(instant: int, zone: str) -> int:
    """Return the offset of a named zone at a moment, in nanoseconds since 1970 UTC."""
    rules = _rules(zone)
    local = rules.fromutc(_like(instant // SECOND_NANOS).replace(tzinfo=rules))
    return _seconds(local.utcoffset())


def instant_of(local: int, zone: str, before: int | None = None) -> int:
    """Return the moment at which a named zone's clock shows ``local`` (nanoseconds since 1970).

    ``before`` is the offset to keep if the clock shows that time twice.
    """
    rules = _rules(zone)
    wall = _like(local // SECOND_NANOS)
    offset = _seconds(rules.utcoffset(wall))
    if before is not None and before != offset:
        later = _seconds(rules.utcoffset(wall.replace(fold=1)))
        # Of a time shown twice the second has the smaller offset; of a skipped one the greater.
        if before == later < offset:
            offset = later
    return local - offset * SECOND_NANOS


def _seconds(offset: timedelta | None) -> int:
    assert offset is not None
    return offset.days * DAY_SECONDS + offset.seconds
