"""The proleptic Gregorian calendar over all milliseconds that BSON holds.

Python's datetime ends at the years 1 and 9999; MongoDB's dates do not. Days are counted from
1970-01-01. Functions of a date's parts take datetime too, whose parts have the same names.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

DAY_MS = 86_400_000

# days in 400 years, from 0000-03-01 (so that the leap day is a year's last) to 1970-01-01
_ERA_DAYS, _EPOCH_DAYS = 146_097, 719_468


class Local(NamedTuple):
    """A moment's parts on some clock; microseconds are whole milliseconds."""

    year: int
    month: int
    day: int
    hour: int
    minute: int
    second: int
    microsecond: int


Parts = Local | datetime


def days_of(year: int, month: int, day: int) -> int:
    """Return the number of a day; months below 1 or above 12 are of other years, days likewise."""
    carried, month = divmod(month - 1, 12)
    year += carried
    month += 1
    year -= month <= 2
    era, of_era = divmod(year, 400)
    of_year = (153 * ((month + 9) % 12) + 2) // 5
    return (
        era * _ERA_DAYS
        + of_era * 365
        + of_era // 4
        - of_era // 100
        + of_year
        + day
        - 1
        - _EPOCH_DAYS
    )


def day_parts(days: int) -> tuple[int, int, int]:
    """Return the year, month and day that a number of a day is."""
    era, of_era = divmod(days + _EPOCH_DAYS, _ERA_DAYS)
    years = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
    of_year = of_era - (365 * years + years // 4 - years // 100)
    shifted = (5 * of_year + 2) // 153
    day = of_year - (153 * shifted + 2) // 5 + 1
    month = shifted + 3 if shifted < 10 else shifted - 9
    return years + era * 400 + (month <= 2), month, day


def local_parts(ms: int) -> Local:
    """Return the parts that a clock shows which counts these milliseconds."""
    days, rest = divmod(ms, DAY_MS)
    seconds, thousandths = divmod(rest, 1000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return Local(*day_parts(days), hour, minute, second, thousandths * 1000)


def local_ms(parts: Parts) -> int:
    """Return the milliseconds that a clock counts which shows these parts."""
    days = days_of(parts.year, parts.month, parts.day)
    seconds = (parts.hour * 60 + parts.minute) * 60 + parts.second
    return days * DAY_MS + seconds * 1000 + parts.microsecond // 1000


def month_days(year: int, month: int) -> int:
    return days_of(year, month + 1, 1) - days_of(year, month, 1)


def number_of(parts: Parts) -> int:
    return days_of(parts.year, parts.month, parts.day)


def weekday(days: int) -> int:
    """Return the ISO day of the week, 1 for Monday to 7."""
    return (days + 3) % 7 + 1


def day_of_year(parts: Parts) -> int:
    return number_of(parts) - days_of(parts.year, 1, 1) + 1


def day_of_week(parts: Parts) -> int:
    """Return 1 for Sunday to 7 for Saturday."""
    return weekday(number_of(parts)) % 7 + 1


def week(parts: Parts) -> int:
    """Return the week of the year, 0 to 53, where weeks begin on Sundays and 1 with the first."""
    return (day_of_year(parts) + 6 - weekday(number_of(parts)) % 7) // 7


def iso_week_date(parts: Parts) -> tuple[int, int, int]:
    """Return ISO 8601's year, week and day of the week."""
    days = number_of(parts)
    day = weekday(days)
    year, _, _ = day_parts(days - day + 4)  # a week is of the year of its Thursday
    return year, (days - day + 4 - days_of(year, 1, 1)) // 7 + 1, day


def iso_days(year: int, week: int, day: int) -> int:
    """Return the number of a day that is given by ISO 8601's year, week and day of the week."""
    fourth = days_of(year, 1, 4)
    return fourth - weekday(fourth) + 1 + (week - 1) * 7 + day - 1
