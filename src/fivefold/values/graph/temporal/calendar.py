"""The proleptic ISO calendar over years -999 999 999 to 999 999 999, in days since 1970-01-01.

Python's ``datetime.date`` knows years 1 to 9999. The calendar repeats every 400 years (146 097
days, a whole number of weeks), so any day is worked out on the day of the years 2000 to 2399 that
looks the same, and the year is put right afterwards.

Source: ISO 8601-1:2019, 4.2.1 (calendar) and 4.2.2 (week calendar).
"""

from __future__ import annotations

import datetime

YEAR_MAX = 999_999_999
"""Years reach as far to both sides, as in java.time and so in Neo4j."""

SECOND_NANOS = 1_000_000_000
MINUTE_NANOS = 60 * SECOND_NANOS
HOUR_NANOS = 3600 * SECOND_NANOS
DAY_SECONDS = 86_400
DAY_NANOS = DAY_SECONDS * SECOND_NANOS

CYCLE_YEARS = 400
CYCLE_DAYS = 146_097

EPOCH = datetime.date(1970, 1, 1).toordinal()
_WINDOW = datetime.date(2000, 1, 1).toordinal()
_FIRST, _LAST = datetime.date.min.toordinal() - EPOCH, datetime.date.max.toordinal() - EPOCH


def days_of(year: int, month: int, day: int) -> int:
    """Return the days from 1970-01-01 to a date; raises ValueError if there is no such day."""
    if 0 < year <= 9999:
        return datetime.date(year, month, day).toordinal() - EPOCH
    cycles, rest = divmod(year - 2000, CYCLE_YEARS)
    return datetime.date(2000 + rest, month, day).toordinal() - EPOCH + cycles * CYCLE_DAYS


def civil(days: int) -> tuple[int, datetime.date]:
    """Return the year of a day, and a date that is like it in all but the year."""
    if _FIRST <= days <= _LAST:
        like = datetime.date.fromordinal(days + EPOCH)
        return like.year, like
    cycles, rest = divmod(days + EPOCH - _WINDOW, CYCLE_DAYS)
    like = datetime.date.fromordinal(_WINDOW + rest)
    return like.year + cycles * CYCLE_YEARS, like


def month_days(year: int, month: int) -> int:
    """Return how many days a month has."""
    if month == 2:
        return 29 if is_leap(year) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def clamped(year: int, month: int, day: int) -> int:
    """Return the days since 1970-01-01, taking the month's last day for a day beyond it."""
    return days_of(year, month, day if day < 29 else min(day, month_days(year, month)))


def plus_months(days: int, months: int) -> int:
    """Return the day so many months later, on the month's last day if it has no such day."""
    year, like = civil(days)
    years, month = divmod(like.month - 1 + months, 12)
    return clamped(year + years, month + 1, like.day)


def months_between(start: int, end: int) -> int:
    """Return the whole months from one day to another, towards zero."""
    start_year, start_like = civil(start)
    end_year, end_like = civil(end)
    months = (end_year - start_year) * 12 + end_like.month - start_like.month
    if months > 0 and end_like.day < start_like.day:
        return months - 1
    if months < 0 and end_like.day > start_like.day:
        return months + 1
    return months


def weekday(days: int) -> int:
    """Return 1 for Monday to 7 for Sunday."""
    return (days + 3) % 7 + 1


def week(days: int) -> tuple[int, int]:
    """Return the year of a day's ISO week, and the week's number."""
    year, like = civil(days)
    week_year, number, _ = like.isocalendar()
    return week_year + year - like.year, number


def week_start(year: int, number: int = 1) -> int:
    """Return the Monday of a week of a week year; numbers beyond the year's weeks run on."""
    fourth = days_of(year, 1, 4)  # always in the first week
    return fourth - weekday(fourth) + 1 + (number - 1) * 7


def weeks_in(year: int) -> int:
    """Return 52 or 53."""
    return (week_start(year + 1) - week_start(year)) // 7


def quarter_start(year: int, quarter: int) -> int:
    return days_of(year, quarter * 3 - 2, 1)


def quarter_days(year: int, quarter: int) -> int:
    return (90 + is_leap(year), 91, 92, 92)[quarter - 1]


DAYS_MIN = days_of(-YEAR_MAX, 1, 1)
DAYS_MAX = days_of(YEAR_MAX, 12, 31)
