"""Read a date, a time or both from text into fields, as loosely as PostgreSQL does.

A text is cut into parts (``2024-01-02``, ``10:30``, ``pm``, ``+02``), each of a class that its
characters tell; then each part is given a meaning that depends on what is already known: a
number after a month's name is a day, six digits after a date are a time. A meaning claimed twice
is an error. Source: PostgreSQL 15's manual, appendix B.1 "Date/Time Input Interpretation", with
DateStyle MDY.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from enum import Enum, auto

from fivefold.values.text import Clock, Relative
from fivefold.values.zones import ABBREVIATIONS, OFFSET_HOURS_MAX, zone_named

TEXT_LENGTH_MAX = 128
"""Longer than any date: PostgreSQL's MAXDATELEN, and so a bound on the work."""


class Fault(Enum):
    """Why a text is no date; each has an SQLSTATE of its own."""

    FORMAT = auto()
    FIELD = auto()
    MONTH_OR_DAY = auto()
    INTERVAL = auto()
    OFFSET = auto()
    ZONE = auto()
    BEYOND = auto()


class Misread(Exception):
    """Internal to the readers of dates; they translate it where the type is known."""

    def __init__(self, fault: Fault, subject: str = "") -> None:
        super().__init__(fault, subject)
        self.fault = fault
        self.subject = subject


YEAR, MONTH, DAY, TIME, ZONE, DAY_OF_YEAR, HALF_DAY, ERA, WEEKDAY = (1 << bit for bit in range(9))
DATE = YEAR | MONTH | DAY

_MONTH_NAMES = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
MONTHS: dict[str, int] = {
    name: number for number, whole in enumerate(_MONTH_NAMES, 1) for name in (whole, whole[:3])
} | {"sept": 9}
_WEEKDAYS = frozenset(
    name[:length]
    for name, lengths in (
        ("sunday", (3, 6)),
        ("monday", (3, 6)),
        ("tuesday", (3, 4, 7)),
        ("wednesday", (3, 9)),
        ("thursday", (3, 4, 5, 8)),
        ("friday", (3, 6)),
        ("saturday", (3, 8)),
    )
    for length in lengths
) | {"weds"}
_UNITS = frozenset(("d", "dow", "doy", "h", "isodow", "isoyear", "m", "mm", "s", "y"))
_JULIAN = frozenset(("j", "jd", "julian"))
_SPECIALS = frozenset(("now", "today", "tomorrow", "yesterday", "epoch", "infinity", "allballs"))
_WORDS = (
    frozenset(MONTHS)
    | _WEEKDAYS
    | _UNITS
    | _JULIAN
    | _SPECIALS
    | frozenset(("am", "pm", "ad", "bc", "at", "on", "t", "dst"))
)


class Part(Enum):
    """What a part's characters make of it."""

    NUMBER = auto()
    DATE = auto()
    TIME = auto()
    OFFSET = auto()
    WORD = auto()


_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

_BLANK = " \t\n\v\f\r"
_TIME_PART = re.compile(r"[0-9]+:[0-9:.]*", re.ASCII)
_NUMBER_PART = re.compile(r"[0-9]+|\.[0-9]*", re.ASCII)
_OFFSET_PART = re.compile(r"([+-])[ \t\n\v\f\r]*([0-9][0-9:.-]*)", re.ASCII)
_SIGNED_WORD = re.compile(r"([+-])[ \t\n\v\f\r]*([a-zA-Z]+)", re.ASCII)
_WORD_PART = re.compile(r"[a-zA-Z]+", re.ASCII)
_DATE_WORD_TAIL = re.compile(r"[a-zA-Z0-9+\-/_.:]*", re.ASCII)
_DATE_PARTS = {
    delimiter: (
        re.compile(rf"[0-9]+\{delimiter}[0-9]+(\{delimiter}[0-9{delimiter}]*)?", re.ASCII),
        re.compile(rf"[0-9]+\{delimiter}[a-zA-Z0-9{delimiter}]*", re.ASCII),
    )
    for delimiter in "/.-"
}


def cut(text: str) -> list[tuple[Part, str]]:
    """Cut ``text`` into its parts, in their own letters' case; raises Misread."""
    if len(text) > TEXT_LENGTH_MAX:
        raise Misread(Fault.FORMAT)
    parts: list[tuple[Part, str]] = []
    at, end = 0, len(text)
    while at < end:
        first = text[at]
        if first in _BLANK:
            at += 1
            continue
        if "0" <= first <= "9" or first == ".":
            kind, part = _cut_number(text, at)
        elif first in "+-":
            if found := _OFFSET_PART.match(text, at):
                kind, part = Part.OFFSET, found[1] + found[2]
            elif found := _SIGNED_WORD.match(text, at):
                kind, part = Part.WORD, found[1] + found[2]
            else:
                raise Misread(Fault.FORMAT)
            at = found.end()
            parts.append((kind, part))
            continue
        elif found := _WORD_PART.match(text, at):
            kind, part = _cut_word(text, at, found[0])
        elif "!" <= first <= "~" and first != ":":
            at += 1
            continue
        else:
            raise Misread(Fault.FORMAT)
        at += len(part)
        parts.append((kind, part))
    return parts


def _cut_number(text: str, at: int) -> tuple[Part, str]:
    if found := _TIME_PART.match(text, at):
        return Part.TIME, found[0]
    found = _NUMBER_PART.match(text, at)
    assert found is not None
    follows = text[found.end() : found.end() + 1]
    if text[at] == "." or follows == "" or follows not in "-/.":
        return Part.NUMBER, found[0]
    numeric, mixed = _DATE_PARTS[follows]
    if found := numeric.match(text, at):
        three = found[1] is not None
        return (Part.DATE if three or follows != "." else Part.NUMBER), found[0]
    found = mixed.match(text, at)
    assert found is not None
    return Part.DATE, found[0]


def _cut_word(text: str, at: int, word: str) -> tuple[Part, str]:
    follows = text[at + len(word) : at + len(word) + 1]
    if follows and (
        follows in "-/."
        or ((follows == "+" or "0" <= follows <= "9") and word.lower() not in _WORDS)
    ):
        tail = _DATE_WORD_TAIL.match(text, at + len(word))
        assert tail is not None
        return Part.DATE, word + tail[0]
    return Part.WORD, word


@dataclass(slots=True)
class Fields:
    """What has been read; ``offset`` in seconds east, ``special`` one of the open words."""

    year: int = 0
    month: int = 0
    day: int = 0
    hour: int = 0
    minute: int = 0
    second: int = 0
    micro: int = 0
    day_of_year: int = 0
    offset: int | None = None
    zone: tzinfo | None = None
    special: str = ""
    known: int = 0
    two_digits: bool = False
    before_christ: bool = False
    month_named: bool = False
    julian: bool = False
    half: str = ""

    def claim(self, fields: int) -> None:
        """Mark fields as known; none may be known yet."""
        if self.known & fields:
            raise Misread(Fault.FORMAT)
        self.known |= fields


def micros_of(fraction: str) -> int:
    """Return '.5' as 500000, rounded to a microsecond."""
    digits = fraction[1:]
    if not digits:
        return 0
    if not digits.isdecimal() or not digits.isascii():
        raise Misread(Fault.FORMAT)
    if len(digits) <= 6:
        return int(digits.ljust(6, "0"))
    return round(float(fraction) * 1_000_000)


def number(text: str) -> int:
    """Return a field's number; more than an int4 holds is out of range."""
    if not text.isdecimal():
        raise Misread(Fault.FORMAT)
    if len(text) > 10 or int(text) >= 2**31:
        raise Misread(Fault.FIELD)
    return int(text)


def read_clock(fields: Fields, text: str) -> None:
    """Read hh:mm[:ss[.f]] or mm:ss.f."""
    fields.claim(TIME)
    bare, point, fraction = text.partition(".")
    numbers = [number(part) if part else 0 for part in bare.split(":")]
    if len(numbers) == 2 and point:
        numbers.insert(0, 0)
    if len(numbers) > 3 or ":" in fraction:
        raise Misread(Fault.FORMAT)
    fields.hour, fields.minute, fields.second = [*numbers, 0][:3]
    fields.micro = micros_of(point + fraction) if point else 0
    check_clock(fields)


def check_clock(fields: Fields) -> None:
    """Raise unless the time is within 00:00:00 and 24:00:00; a leap second is the next one."""
    if fields.minute > 59 or fields.second > 60 or fields.hour > 24:
        raise Misread(Fault.FIELD)
    if fields.hour == 24 and (fields.minute or fields.second or fields.micro):
        raise Misread(Fault.FIELD)


_OFFSET_DIGITS = re.compile(r"([0-9]+)(?::([0-9]+))?(?::([0-9]+))?", re.ASCII)


def read_offset(fields: Fields, text: str) -> None:
    """Read '+02', '-0530', '+05:30[:00]'; the field is claimed by the caller."""
    found = _OFFSET_DIGITS.match(text, 1)
    if found is None:
        raise Misread(Fault.FORMAT)
    values = [number(piece) for piece in found.groups() if piece]
    if len(values) == 1 and len(text) > 3 and found.end() == len(text):
        values = list(divmod(values[0], 100))
    hour, minute, second = [*values, 0, 0][:3]
    if hour > OFFSET_HOURS_MAX or minute > 59 or second > 59:
        raise Misread(Fault.OFFSET)
    if found.end() != len(text):
        raise Misread(Fault.FORMAT)
    seconds = (hour * 60 + minute) * 60 + second
    fields.offset = -seconds if text[0] == "-" else seconds


def read_zone_name(fields: Fields, name: str, fault: Fault) -> None:
    """Read an IANA zone's name; ``fault`` is what is wrong if it is none."""
    zone = zone_named(name)
    if zone is None:
        raise Misread(fault, name.lower())
    fields.zone = zone


def read_run_together(fields: Fields, text: str, known: int) -> None:
    """Read yyyymmdd, yymmdd, hhmmss[.f] or hhmm; ``known`` says what it cannot be."""
    whole, point, fraction = text.partition(".")
    if point:
        micros = micros_of(point + fraction)
    elif known & DATE != DATE and len(whole) >= 6:
        fields.claim(DATE)
        fields.day, fields.month = int(whole[-2:]), int(whole[-4:-2])
        fields.year = number(whole[:-4])
        fields.two_digits = len(whole) == 6
        return
    if known & TIME or len(whole) not in (4, 6):
        raise Misread(Fault.FORMAT)
    fields.claim(TIME)
    fields.hour, fields.minute = int(whole[:2]), int(whole[2:4])
    fields.second = int(whole[4:] or 0)
    fields.micro = micros if point else 0


def read_number(fields: Fields, text: str, known: int) -> None:
    """Read a number by its place: a month, a day, a year, a day of the year or a time."""
    whole, point, fraction = text.partition(".")
    value = number(whole) if whole else 0
    if point:
        if len(whole) > 2:
            read_run_together(fields, text, known | DATE)
            return
        fields.micro = micros_of(point + fraction)
    length = len(text)
    date_known = known & DATE
    if length == 3 and date_known == YEAR and 1 <= value <= 366:
        fields.claim(DAY_OF_YEAR | MONTH | DAY)
        fields.day_of_year = value
        return
    if date_known == DATE:
        read_run_together(fields, text, known)
        return
    if fields.month_named and date_known == YEAR | MONTH and length >= 3 and fields.two_digits:
        # 08-Feb-1995: what looked like a year of two digits was the day.
        fields.claim(DAY)
        fields.day, fields.year, fields.two_digits = fields.year, value, False
        return
    meaning = {
        0: YEAR if length >= 3 else MONTH,
        YEAR: MONTH,
        MONTH: YEAR if fields.month_named and length >= 3 else DAY,
        YEAR | MONTH: DAY,
        DAY: MONTH,
        MONTH | DAY: YEAR,
    }.get(date_known)
    if meaning is None:
        raise Misread(Fault.FORMAT)
    fields.claim(meaning)
    if meaning == YEAR:
        fields.year, fields.two_digits = value, length <= 2
    elif meaning == MONTH:
        fields.month = value
    else:
        fields.day = value


_DATE_PIECE = re.compile(r"([0-9]+|[a-zA-Z]+)(?:[^0-9a-zA-Z]*)", re.ASCII)


def read_date(fields: Fields, text: str) -> None:
    """Read one part that is a whole date: 2024-01-02, 1/2/2024, 02-Jan-2024."""
    if not text[-1].isalnum() and len(_DATE_PIECE.findall(text)) < 3:
        raise Misread(Fault.FORMAT)
    pieces = re.findall(r"[0-9]+|[a-zA-Z]+", text)
    numbers = []
    for piece in pieces:
        if piece.isdecimal():
            numbers.append(piece)
            continue
        month = MONTHS.get(piece.lower())
        if month is None:
            raise Misread(Fault.FORMAT)
        fields.claim(MONTH)
        fields.month, fields.month_named = month, True
    for piece in numbers:
        read_number(fields, piece, fields.known)
    if fields.known & ~(DAY_OF_YEAR | ZONE) != DATE:
        raise Misread(Fault.FORMAT)


def check_date(fields: Fields) -> None:
    """Complete the year, and raise unless the date exists."""
    if fields.special:
        return
    if fields.known & YEAR and not fields.julian:
        if fields.before_christ:
            raise Misread(Fault.BEYOND)
        if fields.two_digits:
            fields.year += 2000 if fields.year < 70 else 1900
        elif fields.year <= 0:
            raise Misread(Fault.FIELD)
    if fields.known & DAY_OF_YEAR:
        if fields.year > 9999:
            raise Misread(Fault.BEYOND)
        then = date(fields.year, 1, 1) + timedelta(days=fields.day_of_year - 1)
        fields.year, fields.month, fields.day = then.year, then.month, then.day
    if fields.known & MONTH and not 1 <= fields.month <= 12:
        raise Misread(Fault.MONTH_OR_DAY)
    if fields.known & DAY and not 1 <= fields.day <= 31:
        raise Misread(Fault.MONTH_OR_DAY)
    if fields.known & DATE == DATE:
        leap = fields.month == 2 and calendar.isleap(fields.year)
        if fields.day > _DAYS[fields.month - 1] + leap:
            raise Misread(Fault.FIELD)
        if fields.year > 9999:
            raise Misread(Fault.BEYOND)


def check_half_day(fields: Fields) -> None:
    """Apply AM or PM."""
    if fields.half:
        if fields.hour > 12:
            raise Misread(Fault.FIELD)
        fields.hour = fields.hour % 12 + (12 if fields.half == "pm" else 0)


def read_moment(fields: Fields, moment: datetime, *, clock: bool) -> None:
    """Take a date, and with ``clock`` the time and its zone, from ``moment``."""
    fields.claim(DATE | TIME | ZONE if clock else DATE)
    fields.year, fields.month, fields.day = moment.year, moment.month, moment.day
    if clock:
        fields.hour, fields.minute, fields.second = moment.hour, moment.minute, moment.second
        fields.micro = moment.microsecond
        offset = moment.utcoffset()
        fields.offset = 0 if offset is None else int(offset.total_seconds())


def read_word(fields: Fields, word: str, zone: tzinfo, now: Clock | None) -> str:
    """Read a word; returns 't' or 'j' if it says what the next part is, else ''.

    ``now`` tells the present moment, ``zone`` is the session's. Raises Relative.
    """
    lower = word.lower()
    if lower in ABBREVIATIONS:
        fields.claim(ZONE)
        fields.offset = ABBREVIATIONS[lower]
    elif lower in MONTHS:
        numeric_month = fields.known & MONTH and not fields.month_named
        if numeric_month and not fields.known & DAY and 1 <= fields.month <= 31:
            # '14 Feb': the number first taken for a month is the day.
            fields.claim(DAY)
            fields.day = fields.month
        else:
            fields.claim(MONTH)
        fields.month, fields.month_named = MONTHS[lower], True
    elif lower in ("am", "pm"):
        fields.claim(HALF_DAY)
        fields.half = lower
    elif lower in ("ad", "bc"):
        fields.claim(ERA)
        fields.before_christ = lower == "bc"
    elif lower in _WEEKDAYS:
        fields.claim(WEEKDAY)
    elif lower in ("now", "today", "yesterday", "tomorrow"):
        days = {"yesterday": -1, "tomorrow": 1}.get(lower, 0)
        moment = _present(zone, now) + timedelta(days=days)
        read_moment(fields, moment, clock=lower == "now")
    elif lower in ("epoch", "infinity", "-infinity"):
        fields.claim(DATE | TIME | ZONE)
        fields.special = lower
    elif lower == "allballs":
        fields.claim(TIME | ZONE)
        fields.offset = 0
    elif lower == "dst":
        # 'MET DST': one hour more than the abbreviation before it says.
        if fields.offset is None:
            raise Misread(Fault.FORMAT)
        fields.offset += 3600
    elif lower in ("at", "on"):
        return ""
    elif lower == "t" or lower in _JULIAN:
        return lower[0]
    elif lower in _UNITS or word[0] in "+-":
        raise Misread(Fault.FORMAT)
    else:
        fields.claim(ZONE)
        read_zone_name(fields, word, Fault.FORMAT)
    return ""


def read_julian(fields: Fields, text: str) -> None:
    """Read the number of a Julian day; a fraction is the time of day."""
    fields.claim(DATE)
    whole, point, fraction = text.partition(".")
    ordinal = number(whole) - 1_721_425
    if point:
        fields.claim(TIME)
        fields.micro = round(float(f"0.{fraction}") * 86_400_000_000)
    if not 1 <= ordinal <= date.max.toordinal():
        raise Misread(Fault.BEYOND)
    then = date.fromordinal(ordinal)
    fields.year, fields.month, fields.day, fields.julian = then.year, then.month, then.day, True


def _present(zone: tzinfo, now: Clock | None) -> datetime:
    if now is None:
        raise Relative(
            "now, today, tomorrow and yesterday are not supported here",
            hint="Use now() or current_date.",
        )
    return now().astimezone(zone)
