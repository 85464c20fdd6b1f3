"""ISO 8601 texts read as dates, times and moments.

Dates: '2015-07-21', '20150721', '2015-07', '201507', '2015', week dates '2015-W30-2', '2015W302',
'2015-W30', quarter dates '2015-Q2-60', '2015Q260', ordinal dates '2015-202', '2015202'; a year with
a sign may have 1 to 9 digits, and then the parts have dashes between them. Times: '21:40:32.142',
'214032.142', '2140', '21', with an offset ('Z', '+01', '+0100', '+01:00:07') for a Time, and with a
zone's name in brackets after it for a DateTime.

Source: Cypher Manual, "Temporal values: specifying temporal instants".
"""

from __future__ import annotations

import re
from datetime import date, datetime

from fivefold.errors import FivefoldError
from fivefold.values.graph.temporal.calendar import (
    DAY_NANOS,
    DAY_SECONDS,
    EPOCH,
    SECOND_NANOS,
    days_of,
    quarter_days,
    quarter_start,
    week_start,
    weeks_in,
)
from fivefold.values.graph.temporal.faults import malformed, wrong
from fivefold.values.graph.temporal.instants import (
    Date,
    DateTime,
    LocalDateTime,
    LocalTime,
    Time,
    clock_of,
)
from fivefold.values.graph.temporal.zones import offset_text, read_offset, zone_name

_FLAGS = re.ASCII | re.IGNORECASE
_DATE = re.compile(
    r"([+-]\d{1,9}|\d{4})"
    r"(?:-W(\d\d?)(?:-(\d))?|-Q(\d)(?:-(\d\d?))?|-(\d{3})|-(\d\d?)(?:-(\d\d?))?)?",
    _FLAGS,
)
_DATE_BASIC = re.compile(r"(\d{4})(?:W(\d\d)(\d)?|Q(\d)(\d\d)?|(\d{3})|(\d\d)(\d\d)?)", _FLAGS)
_ZONE = r"(Z|[+-]\d\d(?::?\d\d(?::?\d\d)?)?)?(?:\[([^\]]+)\])?"
_TIME = re.compile(rf"(\d\d?)(?::(\d\d?)(?::(\d\d?)(?:[.,](\d{{1,9}}))?)?)?{_ZONE}", _FLAGS)
_TIME_BASIC = re.compile(rf"(\d\d)(?:(\d\d)(?:(\d\d)(?:[.,](\d{{1,9}}))?)?)?{_ZONE}", _FLAGS)


MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September"),
    *("October", "November", "December"),
)
_FIELDS = {
    # A component: what Neo4j's errors call it, and where that is not one number the highest.
    "year": ("Year", ""),
    "quarter": ("QuarterOfYear", ""),
    "dayOfQuarter": ("DayOfQuarter", "90/92"),
    "month": ("MonthOfYear", ""),
    "week": ("WeekOfWeekBasedYear", "52/53"),
    "ordinalDay": ("DayOfYear", "365/366"),
    "day": ("DayOfMonth", "28/31"),
    "dayOfWeek": ("DayOfWeek", ""),
    "hour": ("HourOfDay", ""),
    "minute": ("MinuteOfHour", ""),
    "second": ("SecondOfMinute", ""),
}


def check(name: str, value: int, least: int, most: int) -> int:
    """Return the value; raises a fault if it is outside of its range."""
    if least <= value <= most:
        return value
    field, highest = _FIELDS.get(name, (name, ""))
    raise wrong(f"Invalid value for {field} (valid values {least} - {highest or most}): {value}")


def day_of_month(year: int, month: int, day: int) -> int:
    """Return the days since 1970 of a date whose parts may be wrong; raises a fault if they are."""
    check("month", month, 1, 12)
    check("day", day, 1, 31)
    try:
        return days_of(year, month, day)
    except ValueError:
        why = f"'{MONTHS[month - 1].upper()} {day}'"
        if (month, day) == (2, 29):
            why = f"'February 29' as '{year}' is not a leap year"
        raise wrong(f"Invalid date {why}") from None


def day_of_year(year: int, ordinal: int) -> int:
    """Return the days since 1970 of a year's day by number; raises a fault if it has none."""
    check("ordinalDay", ordinal, 1, 366)
    days = days_of(year, 1, 1) + ordinal - 1
    if ordinal == 366 and days == days_of(year + 1, 1, 1):
        raise wrong(f"Invalid date 'DayOfYear 366' as '{year}' is not a leap year")
    return days


def _read_days(text: str, what: str, whole: str) -> int:
    found = _DATE.fullmatch(text) or _DATE_BASIC.fullmatch(text)
    if found is None:
        raise malformed(what, whole)
    year_text, week, weekday, quarter, quarter_day, ordinal, month, day = found.groups()
    year = int(year_text)
    if month is not None:
        return day_of_month(year, int(month), int(day or 1))
    if week is not None:
        check("week", int(week), 1, weeks_in(year))
        return week_start(year, int(week)) + check("dayOfWeek", int(weekday or 1), 1, 7) - 1
    if quarter is not None:
        check("quarter", int(quarter), 1, 4)
        most = quarter_days(year, int(quarter))
        day_number = check("dayOfQuarter", int(quarter_day or 1), 1, most)
        return quarter_start(year, int(quarter)) + day_number - 1
    if ordinal is not None:
        return day_of_year(year, int(ordinal))
    return days_of(year, 1, 1)


def _read_clock(text: str, what: str, whole: str) -> tuple[int, str | None, str | None]:
    """Return nanoseconds from midnight, the offset's text and the zone's name."""
    found = (_TIME if ":" in text[1:3] else _TIME_BASIC).fullmatch(text)
    if found is None:
        raise malformed(what, whole)
    hour, minute, second, decimals, offset, zone = found.groups()
    clock = clock_of(
        check("hour", int(hour), 0, 23),
        check("minute", int(minute or 0), 0, 59),
        check("second", int(second or 0), 0, 59),
        int((decimals or "0").ljust(9, "0")),
    )
    return clock, offset, zone


def read_date(text: str) -> Date:
    """Read a date; raises a fault for anything else."""
    try:
        if len(text) == 10 and text[7] == "-":
            return Date(date.fromisoformat(text).toordinal() - EPOCH)
    except ValueError:
        pass  # perhaps another form; if it is wrong, what follows says what is
    return Date(_read_days(text, "Date", text))


def read_local_time(text: str) -> LocalTime:
    """Read a time of day without a zone; raises a fault for anything else."""
    clock, offset, zone = _read_clock(text.removeprefix("T"), "LocalTime", text)
    if offset is not None or zone is not None:
        raise malformed("LocalTime", text)
    return LocalTime(clock)


def read_time(text: str, default: int = 0) -> Time:
    """Read a time of day with an offset, ``default`` if it has none; raises a fault otherwise."""
    clock, offset, zone = _read_clock(text.removeprefix("T"), "Time", text)
    if zone is not None:
        raise wrong(
            "Using a named time zone e.g. [UTC] is not valid for a time without a date. "
            "Instead, use a specific time zone string e.g. +00:00.",
        )
    return Time(clock, default if offset is None else read_offset(offset) or 0)


_USUAL_CHARACTERS_MAX = 25
"""Those of 'yyyy-mm-ddThh:mm:ss+hh:mm'."""
_MICROS_CHARACTERS_MAX = 26
"""Those of 'yyyy-mm-ddThh:mm:ss.ffffff': further decimals Python would pass over."""


def _read_usual(text: str) -> tuple[int, int | None] | None:
    """Read 'yyyy-mm-ddThh:mm' and all that may stand behind it but decimals of nanoseconds, fast.

    Returns nanoseconds from 1970-01-01T00:00 and the offset if there is one; None for other texts,
    and for what is wrong.
    """
    if text[10:11] != "T" or text[7] != "-" or text[13:14] != ":" or text[11:13] == "24":
        return None
    decimals = text[19:20] == "."
    if len(text) > (_MICROS_CHARACTERS_MAX if decimals else _USUAL_CHARACTERS_MAX):
        return None
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        return None  # what follows says what is wrong
    clock = clock_of(parsed.hour, parsed.minute, parsed.second, parsed.microsecond * 1000)
    wall = (parsed.toordinal() - EPOCH) * DAY_NANOS + clock
    if parsed.tzinfo is None:
        return wall, None
    offset = parsed.utcoffset()
    return None if offset is None else (wall, offset.days * DAY_SECONDS + offset.seconds)


def _read_wall(text: str, what: str) -> tuple[int, str | None, str | None]:
    day, separator, time = text.partition("T")
    if not separator:
        day, separator, time = text.partition("t")
    days = _read_days(day, what, text)
    if not separator:
        return days * DAY_NANOS, None, None
    clock, offset, zone = _read_clock(time, what, text)
    return days * DAY_NANOS + clock, offset, zone


def read_local_date_time(text: str) -> LocalDateTime:
    """Read a date, or a date and a time without a zone; raises a fault for anything else."""
    usual = _read_usual(text)
    if usual is not None and usual[1] is None:
        return LocalDateTime(usual[0])
    wall, offset, zone = _read_wall(text, "LocalDateTime")
    if offset is not None or zone is not None:
        raise malformed("LocalDateTime", text)
    return LocalDateTime(wall)


def read_date_time(text: str, default: int | str = 0) -> DateTime:
    """Read a date, with or without a time, an offset and a zone; ``default`` is the zone of texts
    that have none. Raises a fault for anything else, and for an offset that the zone has not."""
    wall, offset_part, name = _read_wall(text, "DateTime")
    offset = None if offset_part is None else read_offset(offset_part)
    if name is None:
        return DateTime.local(wall, default if offset is None else offset)
    read = DateTime.local(wall, zone_name(name), offset)
    if offset is not None and read.offset != offset:
        raise wrong(
            f"Timezone and offset do not match: {text} ({name} has {offset_text(read.offset)})",
        )
    return read


def read_stored_date_time(text: str) -> DateTime:
    """Read the text of a DateTime as it was once written, whatever has become of its zone.

    The moment is what was meant: a zone whose rules have changed since shows it by its new rules,
    one that is no longer known leaves its offset.
    """
    usual = _read_usual(text)
    if usual is not None:
        wall, seconds = usual
        return DateTime(wall - (seconds or 0) * SECOND_NANOS, seconds or 0)
    wall, offset_part, name = _read_wall(text, "DateTime")
    offset = 0 if offset_part is None else read_offset(offset_part) or 0
    instant = wall - offset * SECOND_NANOS
    if name is None:
        return DateTime(instant, offset)
    try:
        return DateTime.at(instant, name)
    except FivefoldError:
        return DateTime(instant, offset)
