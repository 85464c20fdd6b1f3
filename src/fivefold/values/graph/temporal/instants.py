"""Dates, times of day and moments, each as few integers as say it.

Equality is identity of meaning: two DateTimes at one moment in different zones are unequal, and
ordered by offset, then by the zone's name (Cypher Manual, "Ordering and comparison of temporal
values"). ``str`` gives the text that the openCypher TCK shows them as: without seconds if they are
zero.
"""

from __future__ import annotations

import functools
from typing import Final, Protocol, TypeAlias

from fivefold.errors import FivefoldError
from fivefold.values.graph.temporal.calendar import (
    DAY_NANOS,
    DAYS_MAX,
    DAYS_MIN,
    HOUR_NANOS,
    MINUTE_NANOS,
    SECOND_NANOS,
    civil,
    days_of,
)
from fivefold.values.graph.temporal.faults import wrong
from fivefold.values.graph.temporal.zones import check_offset, instant_of, offset_at, offset_text

_NANOS_MIN, _NANOS_END = DAYS_MIN * DAY_NANOS, (DAYS_MAX + 1) * DAY_NANOS


def out_of_range(what: str) -> FivefoldError:
    return wrong(f"{what} is out of range: years are -999999999 to 999999999")


def date_text(days: int) -> str:
    """Return 'yyyy-mm-dd'; years past 9999 have a sign."""
    year, like = civil(days)
    if year == like.year:
        return like.isoformat()
    sign = "-" if year < 0 else "+" if year > 9999 else ""
    return f"{sign}{abs(year):04d}-{like.month:02d}-{like.day:02d}"


def clock_text(nanos: int, *, full: bool = False) -> str:
    """Return 'hh:mm:ss' with as many decimals as needed; seconds of zero only if ``full``."""
    seconds, nano = divmod(nanos, SECOND_NANOS)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    if nano:
        return f"{hour:02d}:{minute:02d}:{second:02d}.{nano:09d}".rstrip("0")
    if second or full:
        return f"{hour:02d}:{minute:02d}:{second:02d}"
    return f"{hour:02d}:{minute:02d}"


def wall_text(wall: int, *, full: bool = False) -> str:
    """Return a day's and a time of day's text with 'T' between."""
    days, clock = divmod(wall, DAY_NANOS)
    return f"{date_text(days)}T{clock_text(clock, full=full)}"


def clock_of(hour: int, minute: int = 0, second: int = 0, nanosecond: int = 0) -> int:
    """Return nanoseconds from midnight."""
    return ((hour * 60 + minute) * 60 + second) * SECOND_NANOS + nanosecond


class _Dated(Protocol):
    @property
    def days(self) -> int: ...


class _Timed(Protocol):
    @property
    def clock(self) -> int: ...


def _year(value: _Dated) -> int:
    return civil(value.days)[0]


def _month(value: _Dated) -> int:
    return civil(value.days)[1].month


def _day(value: _Dated) -> int:
    return civil(value.days)[1].day


def _hour(value: _Timed) -> int:
    return value.clock // HOUR_NANOS


def _minute(value: _Timed) -> int:
    return value.clock // MINUTE_NANOS % 60


def _second(value: _Timed) -> int:
    return value.clock // SECOND_NANOS % 60


def _nanosecond(value: _Timed) -> int:
    return value.clock % SECOND_NANOS


def _check_clock(clock: int) -> None:
    if not 0 <= clock < DAY_NANOS:
        raise wrong("A time of day has less than 24 hours")


@functools.total_ordering
class Date:
    """A day; ``days`` count from 1970-01-01."""

    __slots__ = ("days",)

    year, month, day = property(_year), property(_month), property(_day)

    def __init__(self, days: int) -> None:
        if not DAYS_MIN <= days <= DAYS_MAX:
            raise out_of_range("Date")
        self.days: Final = days

    @classmethod
    def of(cls, year: int, month: int, day: int) -> Date:
        """Return a day of the calendar; raises ValueError if there is none."""
        return cls(days_of(year, month, day))

    def __eq__(self, other: object) -> bool:
        return type(other) is Date and self.days == other.days

    def __lt__(self, other: Date) -> bool:
        return self.days < other.days if type(other) is Date else NotImplemented

    def __hash__(self) -> int:
        return hash((Date, self.days))

    def __str__(self) -> str:
        return date_text(self.days)

    def __repr__(self) -> str:
        return f"Date('{self}')"


@functools.total_ordering
class LocalTime:
    """A time of day; ``clock`` is nanoseconds from midnight."""

    __slots__ = ("clock",)

    hour, minute = property(_hour), property(_minute)
    second, nanosecond = property(_second), property(_nanosecond)

    def __init__(self, clock: int) -> None:
        _check_clock(clock)
        self.clock: Final = clock

    @classmethod
    def of(cls, hour: int, minute: int = 0, second: int = 0, nanosecond: int = 0) -> LocalTime:
        return cls(clock_of(hour, minute, second, nanosecond))

    def __eq__(self, other: object) -> bool:
        return type(other) is LocalTime and self.clock == other.clock

    def __lt__(self, other: LocalTime) -> bool:
        return self.clock < other.clock if type(other) is LocalTime else NotImplemented

    def __hash__(self) -> int:
        return hash((LocalTime, self.clock))

    def __str__(self) -> str:
        return clock_text(self.clock)

    def __repr__(self) -> str:
        return f"LocalTime('{self}')"


@functools.total_ordering
class Time:
    """A time of day with an offset in seconds; ``clock`` is its nanoseconds from midnight."""

    __slots__ = ("clock", "offset")

    hour, minute = property(_hour), property(_minute)
    second, nanosecond = property(_second), property(_nanosecond)

    def __init__(self, clock: int, offset: int) -> None:
        _check_clock(clock)
        self.clock: Final = clock
        self.offset: Final = check_offset(offset)

    @property
    def key(self) -> tuple[int, int]:
        """What times are ordered by: nanoseconds in UTC (of which a day has more), the offset."""
        return self.clock - self.offset * SECOND_NANOS, self.offset

    def at(self, offset: int) -> Time:
        """Return the same time on a clock with another offset."""
        return Time((self.clock + (offset - self.offset) * SECOND_NANOS) % DAY_NANOS, offset)

    def __eq__(self, other: object) -> bool:
        return type(other) is Time and self.clock == other.clock and self.offset == other.offset

    def __lt__(self, other: Time) -> bool:
        return self.key < other.key if type(other) is Time else NotImplemented

    def __hash__(self) -> int:
        return hash((Time, self.clock, self.offset))

    def __str__(self) -> str:
        return clock_text(self.clock) + offset_text(self.offset)

    def __repr__(self) -> str:
        return f"Time('{self}')"


@functools.total_ordering
class LocalDateTime:
    """A day and a time of day; ``wall`` is nanoseconds from 1970-01-01T00:00."""

    __slots__ = ("wall",)

    year, month, day = property(_year), property(_month), property(_day)
    hour, minute = property(_hour), property(_minute)
    second, nanosecond = property(_second), property(_nanosecond)

    def __init__(self, wall: int) -> None:
        if not _NANOS_MIN <= wall < _NANOS_END:
            raise out_of_range("Date")
        self.wall: Final = wall

    @classmethod
    def of(cls, days: int, clock: int) -> LocalDateTime:
        """Return a time of a day, from days since 1970 and nanoseconds from midnight."""
        return cls(days * DAY_NANOS + clock)

    @property
    def days(self) -> int:
        """The day, counted from 1970-01-01."""
        return self.wall // DAY_NANOS

    @property
    def clock(self) -> int:
        """Nanoseconds from midnight."""
        return self.wall % DAY_NANOS

    def __eq__(self, other: object) -> bool:
        return type(other) is LocalDateTime and self.wall == other.wall

    def __lt__(self, other: LocalDateTime) -> bool:
        return self.wall < other.wall if type(other) is LocalDateTime else NotImplemented

    def __hash__(self) -> int:
        return hash((LocalDateTime, self.wall))

    def __str__(self) -> str:
        return wall_text(self.wall)

    def __repr__(self) -> str:
        return f"LocalDateTime('{self}')"


@functools.total_ordering
class DateTime:
    """A moment with a zone: ``instant`` is nanoseconds from 1970 UTC, ``offset`` seconds, ``zone``
    the name of the zone, or None where there is only the offset."""

    __slots__ = ("instant", "offset", "zone")

    year, month, day = property(_year), property(_month), property(_day)
    hour, minute = property(_hour), property(_minute)
    second, nanosecond = property(_second), property(_nanosecond)

    def __init__(self, instant: int, offset: int, zone: str | None = None) -> None:
        if not _NANOS_MIN <= instant + offset * SECOND_NANOS < _NANOS_END:
            raise out_of_range("Date")
        self.instant: Final = instant
        self.offset: Final = check_offset(offset)
        self.zone: Final = zone

    @classmethod
    def at(cls, instant: int, zone: int | str) -> DateTime:
        """Return a moment (nanoseconds since 1970 UTC) at an offset or in a named zone."""
        if isinstance(zone, int):
            return cls(instant, zone)
        return cls(instant, offset_at(instant, zone), zone)

    @classmethod
    def local(cls, wall: int, zone: int | str, before: int | None = None) -> DateTime:
        """Return the moment at which clocks at an offset or in a zone show ``wall``.

        ``before`` is the offset to keep if a zone's clocks show that time twice.
        """
        if isinstance(zone, int):
            return cls(wall - zone * SECOND_NANOS, zone)
        return cls.at(instant_of(wall, zone, before), zone)

    @property
    def wall(self) -> int:
        """What the zone's clocks show, in nanoseconds from 1970-01-01T00:00."""
        return self.instant + self.offset * SECOND_NANOS

    @property
    def days(self) -> int:
        """The day that the zone's clocks show, counted from 1970-01-01."""
        return self.wall // DAY_NANOS

    @property
    def clock(self) -> int:
        """What the zone's clocks show, in nanoseconds from midnight."""
        return self.wall % DAY_NANOS

    @property
    def place(self) -> int | str:
        """The name of the zone, or the offset if it has none."""
        return self.offset if self.zone is None else self.zone

    @property
    def key(self) -> tuple[int, int, str]:
        """What moments are ordered by."""
        return self.instant, self.offset, self.zone or ""

    def __eq__(self, other: object) -> bool:
        return type(other) is DateTime and self.key == other.key

    def __lt__(self, other: DateTime) -> bool:
        return self.key < other.key if type(other) is DateTime else NotImplemented

    def __hash__(self) -> int:
        return hash((DateTime, self.instant, self.offset, self.zone))

    def __str__(self) -> str:
        text = wall_text(self.wall) + offset_text(self.offset)
        return text if self.zone is None else f"{text}[{self.zone}]"

    def __repr__(self) -> str:
        return f"DateTime('{self}')"


Instant: TypeAlias = Date | LocalTime | Time | LocalDateTime | DateTime
