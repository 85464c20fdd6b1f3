"""Codecs of date, time and timestamp.

Source: "Data types", "Working with timestamps", "Working with dates", "Working with time" of
Cassandra's CQL reference; section 6 of the native protocol's specification, version 5.

Days are those of the Gregorian calendar at all times. A timestamp's text counts the years before
the first as it counts those after it, as Cassandra's does.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache, total_ordering
from struct import Struct
from typing import Any
from zoneinfo import ZoneInfo

from fivefold.values.cql.faults import invalid_value
from fivefold.values.cql.making import ValueCodec, expected, refused
from fivefold.values.cql.numbers import INTEGER, fixed_from_wire
from fivefold.values.cql.types import SCALARS, CqlType
from fivefold.values.types import INT4, INT8

DAY_MS = 86_400_000
DAY_NS = 86_400_000_000_000
DATE_ZERO = 2**31
"""The number that the protocol has for 1970-01-01."""

_PACK = Struct(">q").pack
_EPOCH = datetime(1970, 1, 1)
_EPOCH_DAY = date(1970, 1, 1).toordinal()


def days_of(year: int, month: int, day: int) -> int:
    """Return the days from 1970-01-01 to a day of any year; the year 0 is there."""
    year -= month <= 2
    era, of_era = divmod(year, 400)
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


def civil(days: int) -> tuple[int, int, int]:
    """Return year, month and day of the days from 1970-01-01."""
    era, of_era = divmod(days + 719_468, 146_097)
    year = (of_era - of_era // 1_460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    month = (5 * of_year + 2) // 153
    day = of_year - (153 * month + 2) // 5 + 1
    month += 3 if month < 10 else -9
    return year + era * 400 + (month <= 2), month, day


def _month_days(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def _year_text(year: int) -> str:
    if year > 9999:
        return f"+{year}"
    return f"{year:04d}" if year >= 0 else f"-{-year:04d}"


# Dates


@total_ordering
class Date:
    """A day, which need not be one of those that Python's ``date`` knows.

    It has what the class of that name of Cassandra's driver has, and equals a ``date``, and text.
    """

    __slots__ = ("days_from_epoch",)

    def __init__(self, value: int | str | date) -> None:
        if isinstance(value, str):
            value = date_of_text(value)
        self.days_from_epoch = value if isinstance(value, int) else value.toordinal() - _EPOCH_DAY

    def date(self) -> date:
        """Return Python's date. Raises OverflowError or ValueError if there is none."""
        return date.fromordinal(self.days_from_epoch + _EPOCH_DAY)

    @property
    def seconds(self) -> int:
        """Return the seconds from 1970."""
        return self.days_from_epoch * 86_400

    def __hash__(self) -> int:
        return hash(self.days_from_epoch)

    def __eq__(self, other: object) -> bool:
        days = _days(other)
        return NotImplemented if days is None else self.days_from_epoch == days

    def __lt__(self, other: object) -> bool:
        days = _days(other)
        return NotImplemented if days is None else self.days_from_epoch < days

    def __repr__(self) -> str:
        return f"Date({self.days_from_epoch})"

    def __str__(self) -> str:
        return date_text(self.days_from_epoch)


def _days(value: object) -> int | None:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.toordinal() - _EPOCH_DAY
    if isinstance(value, int):
        return value
    days = getattr(value, "days_from_epoch", None)
    return days if isinstance(days, int) else None


_DATE = re.compile(r"([+-]?)([0-9]{4,9})-([0-9]{2})-([0-9]{2})")


def date_text(days: int) -> str:
    """Return a day as CQL shows it."""
    year, month, day = civil(days)
    return f"{_year_text(year)}-{month:02d}-{day:02d}"


def date_of_text(text: str) -> int:
    """Return the day that a text says, or the number that the protocol has for it."""
    if INTEGER.fullmatch(text):
        return date_of_number(text)
    found = _DATE.fullmatch(text)
    if found is not None:
        sign, digits, month, day = found[1], found[2], int(found[3]), int(found[4])
        year = int(sign + digits)
        plain = (len(digits) == 4) == (sign in ("", "-")) or (sign == "-" and len(digits) > 4)
        if plain and 1 <= month <= 12 and 1 <= day <= _month_days(year, month):
            days = days_of(year, month, day)
            if -(2**31) <= days < 2**31:
                return days
            which = (
                ("less", "min", "-5877641-06-23")
                if days < 0
                else ("greater", "max", "+5881580-07-11")
            )
            raise invalid_value(
                f"Input date {text} is {which[0]} than {which[1]} supported date {which[2]}T00:00Z"
            )
    raise invalid_value(f"Unable to coerce '{text}' to a formatted date (long)")


def date_of_number(text: str) -> int:
    """Return the day of the protocol's number, given as digits."""
    number = int(text) if len(text) < 20 else -1
    if not 0 <= number < 2**32:
        raise invalid_value(f"Unable to make unsigned int (for date) from: '{text}'")
    return number - DATE_ZERO


def date_codec(type: CqlType) -> ValueCodec:
    """Return the codec of date."""
    read = fixed_from_wire("I", "Expected 4 byte long for date ({})", empty=False)

    def from_wire(wire: bytes | None) -> int | None:
        return None if wire is None else read(wire) - DATE_ZERO

    def parse(value: Any) -> int:
        if isinstance(value, str):
            return date_of_text(value)
        raise expected("a string representation of a date value", value)

    def load(value: Any) -> int:
        if isinstance(value, datetime):
            return value.toordinal() - _EPOCH_DAY
        if isinstance(value, str):
            return date_of_text(value)
        days = value - DATE_ZERO if isinstance(value, int) else _days(value)
        if days is None or isinstance(value, bool):
            raise refused(value, type)
        return unplain(days)

    def unplain(days: int) -> int:
        if -(2**31) <= days < 2**31:
            return days
        raise invalid_value(f"{days} days from 1970 are out of the range of date")

    return ValueCodec(
        type,
        INT4,
        encode=lambda stored: (stored + DATE_ZERO).to_bytes(4, "big"),
        from_wire=from_wire,
        json=lambda stored: f'"{date_text(stored)}"',
        parse=parse,
        literal=lambda stored: f"'{date_text(stored)}'",
        unplain=unplain,
        load=load,
        dump=Date,
        write_key=lambda stored: (stored + DATE_ZERO).to_bytes(4, "big"),
        read_key=lambda key, at: (int.from_bytes(key[at : at + 4], "big") - DATE_ZERO, at + 4),
    )


# Times of the day


@total_ordering
class Time:
    """A time of the day to the nanosecond.

    It has what the class of that name of Cassandra's driver has, and equals a ``time``.
    """

    __slots__ = ("nanosecond_time",)

    def __init__(self, value: int | str | time) -> None:
        if isinstance(value, str):
            value = time_of_text(value)
        self.nanosecond_time = value if isinstance(value, int) else _nanoseconds(value)

    @property
    def hour(self) -> int:
        """Return the hours."""
        return self.nanosecond_time // 3_600_000_000_000

    @property
    def minute(self) -> int:
        """Return the minutes of the hour."""
        return self.nanosecond_time // 60_000_000_000 % 60

    @property
    def second(self) -> int:
        """Return the seconds of the minute."""
        return self.nanosecond_time // 1_000_000_000 % 60

    @property
    def nanosecond(self) -> int:
        """Return the nanoseconds of the second."""
        return self.nanosecond_time % 1_000_000_000

    def time(self) -> time:
        """Return Python's time, which has no nanoseconds: they are cut."""
        return time(self.hour, self.minute, self.second, self.nanosecond // 1000)

    def __hash__(self) -> int:
        return hash(self.nanosecond_time)

    def __eq__(self, other: object) -> bool:
        found = _nanoseconds_of(other)
        return NotImplemented if found is None else self.nanosecond_time == found

    def __lt__(self, other: object) -> bool:
        found = _nanoseconds_of(other)
        return NotImplemented if found is None else self.nanosecond_time < found

    def __repr__(self) -> str:
        return f"Time({self.nanosecond_time})"

    def __str__(self) -> str:
        return time_text(self.nanosecond_time)


def _nanoseconds(value: time) -> int:
    seconds = value.hour * 3600 + value.minute * 60 + value.second
    return (seconds * 1_000_000 + value.microsecond) * 1000


def _nanoseconds_of(value: object) -> int | None:
    if isinstance(value, int):
        return value
    if isinstance(value, time):
        return _nanoseconds(value)
    found = getattr(value, "nanosecond_time", None)
    return found if isinstance(found, int) else None


_TIME = re.compile(r"([0-9]{1,9}):([0-9]{1,9}):([0-9]{1,9})(?:\.([0-9]{1,9}))?")


def time_text(nanoseconds: int) -> str:
    """Return a time as CQL shows it."""
    seconds, fraction = divmod(nanoseconds, 1_000_000_000)
    hours, rest = divmod(seconds, 3600)
    return f"{hours:02d}:{rest // 60:02d}:{rest % 60:02d}.{fraction:09d}"


def time_of_text(text: str) -> int:
    """Return the nanoseconds that a text says, or counts."""
    if INTEGER.fullmatch(text):
        return time_of_number(text)
    found = _TIME.fullmatch(text)
    if found is not None:
        hour, minute, second = int(found[1]), int(found[2]), int(found[3])
        if hour < 24 and minute < 60 and second < 60:
            fraction = int((found[4] or "").ljust(9, "0"))
            return (hour * 3600 + minute * 60 + second) * 1_000_000_000 + fraction
    raise invalid_value(f"(TimeType) Unable to coerce '{text}' to a formatted time (long)")


def time_of_number(text: str) -> int:
    """Return nanoseconds, given as digits."""
    number = int(text) if len(text) < 20 else -1
    if not 0 <= number < DAY_NS:
        raise invalid_value(f"Unable to make long (for time) from: '{text}'")
    return number


def time_codec(type: CqlType) -> ValueCodec:
    """Return the codec of time."""
    read = fixed_from_wire("q", "Expected 8 byte long for time ({})", empty=False)

    def from_wire(wire: bytes | None) -> Any:
        return None if wire is None else unplain(read(wire))

    def unplain(value: int) -> int:
        if 0 <= value < DAY_NS:
            return value
        raise invalid_value(f"Unable to make long (for time) from: '{value}'")

    def parse(value: Any) -> int:
        if isinstance(value, str):
            return time_of_text(value)
        raise expected("a string representation of a time value", value)

    def load(value: Any) -> int:
        if isinstance(value, str):
            return time_of_text(value)
        found = None if isinstance(value, bool) else _nanoseconds_of(value)
        if found is None:
            raise refused(value, type)
        return unplain(found)

    return ValueCodec(
        type,
        INT8,
        encode=lambda stored: stored.to_bytes(8, "big"),
        from_wire=from_wire,
        json=lambda stored: f'"{time_text(stored)}"',
        parse=parse,
        literal=lambda stored: f"'{time_text(stored)}'",
        unplain=unplain,
        load=load,
        dump=Time,
        write_key=lambda stored: stored.to_bytes(8, "big"),
        read_key=lambda key, at: (int.from_bytes(key[at : at + 8], "big"), at + 8),
        fixed="q",
    )


# Timestamps

_TIMESTAMP = re.compile(
    r"(?P<year>[+-][0-9]{4,9}|[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"
    r"(?:[ T](?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{1,2})"
    r"(?::(?P<second>[0-9]{1,2})(?:\.(?P<fraction>[0-9]{1,9}))?)?)?"
    r"(?: ?(?P<zone>Z|[+-][0-9]{2}(?::?[0-9]{2})?|[A-Za-z][A-Za-z0-9_/+-]*))?"
)
_ZONES = {
    "EST": "America/New_York",
    "EDT": "America/New_York",
    "CST": "America/Chicago",
    "CDT": "America/Chicago",
    "MST": "America/Denver",
    "MDT": "America/Denver",
    "PST": "America/Los_Angeles",
    "PDT": "America/Los_Angeles",
    "CET": "Europe/Paris",
    "CEST": "Europe/Paris",
    "BST": "Europe/London",
    "JST": "Asia/Tokyo",
    "IST": "Asia/Kolkata",
}
"""Short names of zones that are no names of the zones' own database, or others there."""


def timestamp_text(ms: int) -> str:
    """Return a timestamp as CQL shows it, in UTC."""
    days, rest = divmod(ms, DAY_MS)
    year, month, day = civil(days)
    if year <= 0:
        year = 1 - year
    seconds, fraction = divmod(rest, 1000)
    hours, seconds = divmod(seconds, 3600)
    return (
        f"{_year_text(year)}-{month:02d}-{day:02d} "
        f"{hours:02d}:{seconds // 60:02d}:{seconds % 60:02d}.{fraction:03d}Z"
    )


def timestamp_of_text(text: str, now_ms: Callable[[], int] | None = None) -> int:
    """Return the milliseconds since 1970 that a text says, or counts; ``now`` is the clock's."""
    if INTEGER.fullmatch(text):
        return timestamp_of_number(text)
    if now_ms is not None and text.lower() == "now":
        return now_ms()
    found = _TIMESTAMP.fullmatch(text)
    ms = None if found is None else _milliseconds(found)
    if ms is None or not -(2**63) <= ms < 2**63:
        raise invalid_value(f"Unable to parse a date/time from '{text}'")
    return ms


def _milliseconds(found: re.Match[str]) -> int | None:
    year, month, day = int(found["year"]), int(found["month"]), int(found["day"])
    hour, minute, second = (int(found[part] or 0) for part in ("hour", "minute", "second"))
    ms = int((found["fraction"] or "").ljust(3, "0")[:3])
    if not (1 <= month <= 12 and 1 <= day <= 31 and minute < 60 and second < 60):
        return None
    if hour > 23 and (hour, minute, second, ms) != (24, 0, 0, 0):
        return None
    day = min(day, _month_days(year, month))
    local = days_of(year, month, day) * DAY_MS + (hour * 3600 + minute * 60 + second) * 1000 + ms
    offset = _offset_ms(found["zone"] or "Z", local)
    return None if offset is None else local - offset


def _offset_ms(zone: str, local: int) -> int | None:
    """Return how far a zone is from UTC at a local time; None if there is no such zone."""
    if zone[0] in "+-":
        digits = zone[1:].replace(":", "").ljust(4, "0")
        hours, minutes = int(digits[:2]), int(digits[2:])
        if hours > 18 or minutes > 59:
            return None
        return (-1 if zone[0] == "-" else 1) * (hours * 60 + minutes) * 60_000
    if zone in ("Z", "UTC", "GMT", "UT"):
        return 0
    known = _zone(_ZONES.get(zone, zone))
    if known is None:
        return None
    try:
        moment = _EPOCH + timedelta(milliseconds=local)
    except OverflowError:
        moment = _EPOCH
    offset = moment.replace(tzinfo=known).utcoffset()
    return 0 if offset is None else int(offset.total_seconds()) * 1000


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (OSError, ValueError):  # what is no name of a zone, or no name of a file at all
        return None


def timestamp_of_number(text: str) -> int:
    """Return milliseconds, given as digits."""
    number = int(text) if len(text) < 30 else 2**63
    if not -(2**63) <= number < 2**63:
        raise invalid_value(f"Unable to make long (for date) from: '{text}'")
    return number


def moment_of(ms: int) -> datetime | int:
    """Return a timestamp as a program gets it: a datetime in UTC without a zone.

    One that no datetime says is its milliseconds.
    """
    try:
        return _EPOCH + timedelta(milliseconds=ms)
    except OverflowError:
        return ms


def ms_of(moment: datetime) -> int:
    """Return the milliseconds since 1970 of a datetime; one without a zone is in UTC."""
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def timestamp_codec(type: CqlType) -> ValueCodec:
    """Return the codec of timestamp."""

    def parse(value: Any) -> int | None:
        if isinstance(value, str):
            return timestamp_of_text(value) if value else None
        if value.__class__ is int and not -(2**31) <= value < 2**31 and -(2**63) <= value < 2**63:
            return int(value)
        raise expected("a long or a datestring representation of a timestamp value", value)

    def load(value: Any) -> int:
        if isinstance(value, datetime):
            return ms_of(value)
        if isinstance(value, date):
            return (value.toordinal() - _EPOCH_DAY) * DAY_MS
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return unplain(int(value))
        raise refused(value, type)

    def unplain(value: int) -> int:
        if -(2**63) <= value < 2**63:
            return value
        raise invalid_value(f"{value} is out of the range of timestamp")

    return ValueCodec(
        type,
        INT8,
        encode=_PACK,
        from_wire=fixed_from_wire("q", "Expected 8 or 0 byte long for date ({})"),
        json=lambda stored: f'"{timestamp_text(stored)}"',
        parse=parse,
        literal=lambda stored: f"'{timestamp_text(stored)}'",
        unplain=unplain,
        load=load,
        dump=moment_of,
        write_key=lambda stored: (stored + 2**63).to_bytes(8, "big"),
        read_key=lambda key, at: (int.from_bytes(key[at : at + 8], "big") - 2**63, at + 8),
        fixed="q",
        width=8,
    )


MAKERS: dict[CqlType, Callable[[CqlType], ValueCodec]] = {
    SCALARS["date"]: date_codec,
    SCALARS["time"]: time_codec,
    SCALARS["timestamp"]: timestamp_codec,
}
