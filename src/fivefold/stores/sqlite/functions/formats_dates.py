"""to_char of timestamps and intervals.

Source: the PostgreSQL 15 manual, 9.8, tables 9.27 and 9.28.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from fivefold.errors import InvalidValue
from fivefold.stores.sqlite.context import Context
from fivefold.stores.sqlite.functions.datetime import here
from fivefold.stores.sqlite.functions.table import Entry, stricts
from fivefold.stores.sqlite.functions.templates import Piece, date_template, ordinal
from fivefold.values.datetimes import stored_moment
from fivefold.values.intervals import stored_interval
from fivefold.values.records import Record

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ROMAN_MONTHS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
_NOT_OF_INTERVALS = frozenset(
    [
        *("TZ", "OF", "A.D.", "AD", "B.C.", "BC", "MONTH", "MON", "DAY", "DY", "D", "ID"),
        *("TZH", "TZM"),
    ]
)


class Moment(Record):
    """What is shown: the fields of a timestamp, or of an interval (``of_interval``)."""

    year: int
    month: int
    day: int
    hour: int
    minute: int
    second: int
    micros: int
    at: datetime | None = None  # None: an interval
    zone: str = ""
    offset: int = 0  # seconds east


def _of(at: datetime, zone: str = "", offset: int = 0) -> Moment:
    clock = (at.hour, at.minute, at.second, at.microsecond)
    return Moment(at.year, at.month, at.day, *clock, at, zone, offset)


def _remainder(value: int, by: int) -> int:
    """Return the remainder with the sign of ``value``, as C has it."""
    return value % by if value >= 0 else -(-value % by)


def _numbers(moment: Moment, key: str) -> tuple[int, int] | None:
    """Return the value and the width of a pattern that is a number, or None."""
    if key[:2] == "FF" and len(key) == 3:
        digits = int(key[2])
        return moment.micros // 10 ** (6 - digits), digits
    seconds = moment.hour * 3600 + moment.minute * 60 + moment.second
    match key:
        case "HH" | "HH12":
            return _remainder(moment.hour, 12) or 12, 2 + (moment.hour < 0)
        case "HH24":
            return moment.hour, 2 + (moment.hour < 0)
        case "MI":
            return moment.minute, 2 + (moment.minute < 0)
        case "SS":
            return moment.second, 2 + (moment.second < 0)
        case "MS":
            return int(moment.micros / 1000), 3
        case "US":
            return moment.micros, 6
        case "SSSS" | "SSSSS":
            return seconds, 0
        case "MM":
            return moment.month, 2 + (moment.month < 0)
        case "DD":
            return moment.day, 2
    return _years(moment, key) or _weeks(moment, key)


def _years(moment: Moment, key: str) -> tuple[int, int] | None:
    width = {"YYYY": 4, "YYY": 3, "YY": 2, "Y": 1, "IYYY": 4, "IYY": 3, "IY": 2, "I": 1}.get(key)
    if width is not None:
        year = moment.year
        if key[0] == "I" and moment.at is not None:
            year = moment.at.isocalendar().year
        below = _remainder(year, 10**width) if width < 4 else year
        return below, width + (year < 0 and width > 1)
    if key == "CC":
        century = int(moment.year / 100) if moment.at is None else (moment.year - 1) // 100 + 1
        return century, 2 + (century < 0)
    return None


def _weeks(moment: Moment, key: str) -> tuple[int, int] | None:
    at = moment.at
    day_of_year = (moment.year * 12 + moment.month) * 30 + moment.day
    if at is not None:
        day_of_year = at.timetuple().tm_yday
    iso = (at or datetime(2001, 1, 1)).isocalendar()
    match key:
        case "DDD":
            return day_of_year, 3
        case "IDDD":
            return (iso.week - 1) * 7 + iso.weekday, 3
        case "D":
            return iso.weekday % 7 + 1, 0
        case "ID":
            return iso.weekday, 0
        case "WW":
            return int((day_of_year - 1) / 7) + 1, 2
        case "IW":
            return iso.week, 2
        case "W":
            return int((moment.day - 1) / 7) + 1, 0
        case "J":
            return (at or datetime(1, 1, 1)).toordinal() + 1_721_425, 0
        case "Q" if moment.month:
            return (moment.month - 1) // 3 + 1, 0
    return None


def _name(piece: Piece, moment: Moment) -> str:
    """Write the name of a month or day, in the case in which the pattern is written."""
    key, written = piece.key, piece.written
    if key in ("MONTH", "MON"):
        name = MONTHS[moment.month - 1]
    else:
        assert moment.at is not None
        name = DAYS[moment.at.weekday()]
    if key in ("MON", "DY"):
        name = name[:3]
    elif not (piece.fill or piece.own):
        name = name.ljust(9)
    if written.isupper():
        return name.upper()
    return name if written[0].isupper() else name.lower()


def _roman(piece: Piece, moment: Moment) -> str:
    if not moment.month and not moment.year:
        return ""
    number = moment.month or (12 if moment.year >= 0 else 1)
    text = ROMAN_MONTHS[number - 1 if number > 0 else 12 + number]
    text = text if piece.fill else text.ljust(4)
    return text if piece.written == "RM" else text.lower()


def _words(piece: Piece, moment: Moment) -> str:
    """Write a pattern that is no number."""
    key, written = piece.key, piece.written
    if key in ("AM", "PM", "A.M.", "P.M."):
        half = "PM" if moment.hour % 24 >= 12 else "AM"
        half = f"{half[0]}.{half[1]}." if "." in key else half
        return half if written.isupper() else half.lower()
    if key in ("AD", "BC", "A.D.", "B.C."):
        era = "A.D." if "." in key else "AD"
        return era if written.isupper() else era.lower()
    if key in ("MONTH", "MON", "DAY", "DY"):
        return _name(piece, moment)
    if key == "RM":
        return _roman(piece, moment)
    if key == "Y,YYY":
        text = f"{moment.year // 1000},{moment.year % 1000:03d}"
        return text + _ending(piece, text)
    hours, minutes = divmod(abs(moment.offset) // 60, 60)
    sign = "-" if moment.offset < 0 else "+"
    match key:
        case "TZ":
            return moment.zone if written == "TZ" else moment.zone.lower()
        case "TZH":
            return f"{sign}{hours:02d}"
        case "TZM":
            return f"{minutes:02d}"
        case "OF":
            shown = str(hours) if piece.fill else f"{hours:02d}"
            return f"{sign}{shown}" + (f":{minutes:02d}" if minutes else "")
    return ""


def _ending(piece: Piece, digits: str) -> str:
    if not piece.ending:
        return ""
    return ordinal(digits).upper() if piece.ending == "TH" else ordinal(digits)


def write(moment: Moment, template: str) -> str:
    """Return a moment as the template shows it. Raises InvalidValue."""
    out = []
    for piece in date_template(template):
        if not piece.key:
            out.append(piece.text)
            continue
        if moment.at is None and piece.key in _NOT_OF_INTERVALS:
            raise InvalidValue(
                "invalid format specification for an interval value",
                "invalid_datetime_format",
                hint="Intervals are not tied to specific calendar dates.",
            )
        found = _numbers(moment, piece.key)
        if found is None:
            out.append(_words(piece, moment))
            continue
        value, width = found
        text = str(value) if piece.fill else f"{value:0{width}d}" if width else str(value)
        out.append(text + _ending(piece, text))
    return "".join(out)


def char_timestamp(moment: str, template: str) -> str | None:
    """to_char of a timestamp (dates come as one)."""
    if moment.endswith("infinity") or not template:
        return None
    return write(_of(stored_moment(moment)), template)


def char_timestamptz(context: Context, moment: str | None, template: str | None) -> str | None:
    """to_char of a timestamptz, by the session's wall clock."""
    if moment is None or not template or moment.endswith("infinity"):
        return None
    local = stored_moment(moment).replace(tzinfo=UTC).astimezone(context.zone)
    offset = int((local.utcoffset() or timedelta(0)).total_seconds())
    return write(_of(local.replace(tzinfo=None), local.tzname() or "", offset), template)


def char_interval(value: str, template: str) -> str | None:
    """to_char of an interval."""
    if not template:
        return None
    found = stored_interval(value)
    sign = -1 if found.micros < 0 else 1
    rest, micros = divmod(abs(found.micros), 1_000_000)
    year = int(found.months / 12)
    moment = Moment(
        year,
        found.months - year * 12,
        found.days,
        sign * (rest // 3600),
        sign * (rest // 60 % 60),
        sign * (rest % 60),
        sign * micros,
    )
    return write(moment, template)


FUNCTIONS: tuple[Entry, ...] = (
    *stricts(("ff_to_char_timestamp", char_timestamp), ("ff_to_char_interval", char_interval)),
    here("ff_to_char_timestamptz", 2, char_timestamptz),
)
