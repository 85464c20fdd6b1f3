"""Intervals: months, days and microseconds, read in every style, written in style 'postgres'.

Source: PostgreSQL 15's manual, section 8.5.4 and 8.5.5. A fraction of a unit spills into the
smaller ones: of a month into days (30 to a month), of a day into the time.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from fivefold.values.datefields import Fault, Misread, Part, cut, micros_of
from fivefold.values.datetimes import DAY_MICROS, misread, round_micros
from fivefold.values.types import INTERVAL, Type

MONTH_DAYS = 30
SECOND = 1_000_000
_INT4_MAX = 2**31 - 1
_INT8_MAX = 2**63 - 1

_UNITS: dict[str, tuple[str, float]] = {
    name: (field, size)
    for names, field, size in (
        ("us usec usecs usecond useconds microsecon", "micros", 1),
        ("ms msec msecs msecond mseconds millisecon", "micros", 1000),
        ("s sec secs second seconds", "micros", SECOND),
        ("m min mins minute minutes", "micros", 60 * SECOND),
        ("h hr hrs hour hours", "micros", 3600 * SECOND),
        ("d day days", "days", 1),
        ("w week weeks", "days", 7),
        ("mon mons month months", "months", 1),
        ("y yr yrs year years", "months", 12),
        ("dec decs decade decades", "months", 120),
        ("c cent century centuries", "months", 1200),
        ("mil mils millennia millennium", "months", 12000),
    )
    for name in names.split()
}
_NO_UNIT = ("", 0.0)
_CLOCK_UNITS = frozenset(_UNITS[name] for name in ("h", "m", "s", "ms", "us"))
_ALL_SECONDS = frozenset(_UNITS[name] for name in ("s", "ms", "us"))
_WORD_LENGTH_MAX = 10
"""PostgreSQL compares only so many letters of a word: 'milliseconds' is found by its first."""

_YEARS_MONTHS = re.compile(r"([+-]?)(\d+)-(\d+)\Z", re.ASCII)
_CLOCK = re.compile(r"([+-]?)(\d+):(\d+)(?::(\d+))?(\.\d*)?\Z", re.ASCII)
_NUMBER = re.compile(r"([+-]?)(\d*)(\.\d*)?\Z", re.ASCII)
_ISO_PIECE = re.compile(r"([+-]?\d*(?:\.\d*)?)([A-Za-z])", re.ASCII)
_ISO_DATE = re.compile(
    r"(?=\d{8}\Z|[+-]?\d+(?:\.\d*)?\Z|[+-]?\d+-)"
    r"([+-]?(?:\d{4}(?=\d{4}\Z)|\d+(?:\.\d*)?))-?(\d\d(?=\d\d\Z)|[+-]?\d+)?-?([+-]?\d+)?\Z",
    re.ASCII,
)
_ISO_TIME = re.compile(
    r"(?=\d{6}\Z|[+-]?\d+(?:\.\d*)?\Z|[+-]?\d+:)"
    r"([+-]?(?:\d\d(?=\d{4}\Z)|\d+(?:\.\d*)?)):?(\d\d(?=\d\d\Z)|[+-]?\d+)?:?([+-]?\d+(?:\.\d*)?)?\Z",
    re.ASCII,
)
_STORED = re.compile(
    r"(?:(-?\d+) years? ?)?(?:(-?\d+) mons? ?)?(?:(-?\d+) days? ?)?"
    r"(?:(-?)(\d+):(\d\d):(\d\d)(?:\.(\d+))?)?\Z"
)


@dataclass(slots=True)
class Interval:
    """An interval's three independent parts."""

    months: int = 0
    days: int = 0
    micros: int = 0

    def add(self, field: str, size: float, whole: int, fraction: float) -> None:
        """Add ``whole + fraction`` units; the fraction spills into smaller fields."""
        if field == "micros":
            self.micros += whole * int(size) + _half_to_zero(fraction * size)
        elif field == "days":
            self.days += whole * int(size)
            self._add_days(fraction * size)
        else:
            self.months += whole * int(size)
            if size == 1:
                self._add_days(fraction * MONTH_DAYS)
            else:
                self.months += round(fraction * size)

    def _add_days(self, days: float) -> None:
        if days:
            whole = math.trunc(days)
            self.days += whole
            self.micros += _half_to_zero((days - whole) * DAY_MICROS)

    def checked(self) -> Interval:
        """Raise Misread unless the parts fit PostgreSQL's int4, int4 and int8."""
        months_and_days_fit = all(
            -_INT4_MAX <= part + 1 <= _INT4_MAX + 1 for part in (self.months, self.days)
        )
        if not months_and_days_fit or not -_INT8_MAX <= self.micros + 1 <= _INT8_MAX + 1:
            raise Misread(Fault.INTERVAL)
        return self


def _half_to_zero(value: float) -> int:
    whole = math.trunc(value)
    return whole + (abs(value - whole) > 0.5) * (1 if value > 0 else -1)


def read_interval(text: str) -> Interval:
    """Read an interval in any of the four styles; raises Misread."""
    bare = text.strip(" \t\n\v\f\r")
    if bare[:1] == "P":
        return _read_iso(bare[1:]).checked()
    return _read_words(cut(text)).checked()


def _read_words(parts: list[tuple[Part, str]]) -> Interval:
    """Read the styles postgres, verbose and sql_standard, from the last part to the first."""
    result = Interval()
    unit: tuple[str, float] | None = None
    ago = False
    seen: set[tuple[str, float]] = set()
    for index in range(len(parts) - 1, -1, -1):
        kind, part = parts[index]
        if kind is Part.WORD:
            word = part.lower()[:_WORD_LENGTH_MAX]
            if word == "ago":
                ago, unit = True, _NO_UNIT
            elif word in ("at", "on"):
                continue
            elif word not in _UNITS:
                raise Misread(Fault.FORMAT)
            else:
                unit = _UNITS[word]
            continue
        if found := _CLOCK.match(part):
            if seen & _CLOCK_UNITS:
                raise Misread(Fault.FORMAT)
            seen |= _CLOCK_UNITS
            result.micros += _clock_micros(found)
            # What stands before a time without a unit of its own is days.
            unit = _UNITS["day"]
            continue
        # A unit holds until another one is named: '1 2 days' names days twice.
        if found := _YEARS_MONTHS.match(part):
            unit = _UNITS["mon"]
            if int(found[3]) >= 12:
                raise Misread(Fault.FIELD)
            fraction, whole = 0.0, int(found[2]) * 12 + int(found[3])
        else:
            found = _NUMBER.match(part)
            if found is None or part in ("+", "-", "."):
                raise Misread(Fault.FORMAT)
            unit = unit or _UNITS["s"]
            whole, fraction = int(found[2] or 0), float("0" + found[3]) if found[3] else 0.0
        claimed = _ALL_SECONDS if fraction and unit == _UNITS["s"] else {unit}
        if seen & claimed or unit is _NO_UNIT:
            raise Misread(Fault.FORMAT)
        seen |= claimed
        if whole > _INT8_MAX:
            raise Misread(Fault.FIELD)
        sign = -1 if found[1] == "-" else 1
        result.add(*unit, sign * whole, sign * fraction)
    if not seen:
        raise Misread(Fault.FORMAT)
    return Interval(-result.months, -result.days, -result.micros) if ago else result


def _clock_micros(found: re.Match[str]) -> int:
    hour, minute = int(found[2]), int(found[3])
    second = int(found[4] or 0)
    if found[4] is None and found[5] is not None:
        hour, minute, second = 0, hour, minute
    if minute > 59 or second > 60:
        raise Misread(Fault.FIELD)
    micros = ((hour * 60 + minute) * 60 + second) * SECOND
    micros += micros_of(found[5]) if found[5] else 0
    return -micros if found[1] == "-" else micros


def _read_iso(text: str) -> Interval:
    """Read what follows the P: 1Y2M3DT4H5M6S, 0001-02-03T04:05:06 or 00010203T040506."""
    result = Interval()
    dates, _, times = text.partition("T")
    if not text:
        raise Misread(Fault.FORMAT)
    if found := _ISO_DATE.match(dates):
        for part, unit in zip(found.groups(), ("y", "mon", "d"), strict=True):
            _add_iso(result, part or "0", unit)
    else:
        _read_iso_pieces(result, dates, {"Y": "y", "M": "mon", "W": "w", "D": "d"})
    if found := _ISO_TIME.match(times):
        for part, unit in zip(found.groups(), ("h", "m", "s"), strict=True):
            _add_iso(result, part or "0", unit)
    else:
        _read_iso_pieces(result, times, {"H": "h", "M": "m", "S": "s"})
    return result


def _add_iso(result: Interval, text: str, unit: str) -> None:
    found = _NUMBER.match(text)
    if found is None or not any(digit.isdecimal() for digit in text):
        raise Misread(Fault.FORMAT)
    sign = -1 if found[1] == "-" else 1
    fraction = float("0" + found[3]) if found[3] else 0.0
    result.add(*_UNITS[unit], sign * int(found[2] or 0), sign * fraction)


def _read_iso_pieces(result: Interval, text: str, units: dict[str, str]) -> None:
    at = 0
    for found in _ISO_PIECE.finditer(text):
        if found.start() != at or found[2] not in units:
            raise Misread(Fault.FORMAT)
        at = found.end()
        _add_iso(result, found[1], units[found[2]])
    if at != len(text):
        raise Misread(Fault.FORMAT)


def parse_interval(type_: Type, text: str) -> str:
    """Return an interval's stored form."""
    try:
        value = read_interval(text)
    except Misread as error:
        if error.fault is Fault.FIELD:
            error = Misread(Fault.INTERVAL)
        raise misread(error, INTERVAL, text) from None
    value.micros = round_micros(value.micros, type_.precision)
    return interval_text(value)


def interval_text(value: Interval) -> str:
    """Return the stored form: IntervalStyle 'postgres'."""
    pieces: list[str] = []
    negative_before = False

    def piece(number: int, unit: str) -> None:
        nonlocal negative_before
        if number:
            plus = "+" if negative_before and number > 0 else ""
            pieces.append(f"{plus}{number} {unit}{'' if number == 1 else 's'}")
            negative_before = number < 0

    years = abs(value.months) // 12 * (1 if value.months > 0 else -1)
    piece(years, "year")
    piece(value.months - years * 12, "mon")
    piece(value.days, "day")
    if value.micros or not pieces:
        seconds, micro = divmod(abs(value.micros), SECOND)
        minutes, second = divmod(seconds, 60)
        hour, minute = divmod(minutes, 60)
        sign = "-" if value.micros < 0 else "+" if negative_before else ""
        text = f"{sign}{hour:02d}:{minute:02d}:{second:02d}"
        pieces.append(f"{text}.{micro:06d}".rstrip("0") if micro else text)
    return " ".join(pieces)


def stored_interval(stored: str) -> Interval:
    """Return the parts of a stored interval."""
    found = _STORED.match(stored.replace("+", ""))
    if found is None:
        return read_interval(stored)
    years, months, days, sign, hours, minutes, seconds, fraction = found.groups()
    micros = 0
    if hours is not None:
        micros = ((int(hours) * 60 + int(minutes)) * 60 + int(seconds)) * SECOND
        if fraction is not None:
            micros += int(fraction.ljust(6, "0"))
    return Interval(
        int(years or 0) * 12 + int(months or 0), int(days or 0), -micros if sign else micros
    )


_BARE_NUMBER = re.compile(r"\s*[+-]?\d+(?:\.\d*)?\s*\Z", re.ASCII)
_DAY_AND_HOUR = re.compile(r"\s*([+-]?\d+)\s+([+-]?\d+)\s*\Z", re.ASCII)
_MINUTE_AND_SECOND = re.compile(r"\s*([+-]?)(\d+:\d+(?:\.\d*)?)\s*\Z", re.ASCII)


def parse_fields(text: str, fields: str) -> str:
    """Return the stored form of INTERVAL 'text' YEAR TO MONTH and its like.

    ``fields`` are one or two units, ``day to hour``: the last says what a bare number counts, and
    what is smaller is cut off. Raises InvalidValue.
    """
    last = fields.split()[-1]
    if _BARE_NUMBER.match(text):
        text = f"{text} {last}"
    elif fields == "day to hour" and (found := _DAY_AND_HOUR.match(text)):
        text = f"{found[1]} days {found[2]} hours"
    elif fields == "minute to second" and (found := _MINUTE_AND_SECOND.match(text)):
        text = f"{found[1]}00:{found[2]}"
    value = stored_interval(parse_interval(INTERVAL, text))
    months, days, micros = value.months, value.days, value.micros
    if last == "year":
        months = int(months / 12) * 12
    if last in ("year", "month"):
        days = micros = 0
    if last == "day":
        micros = 0
    size = {"hour": 3600 * SECOND, "minute": 60 * SECOND}.get(last, 1)
    return interval_text(Interval(months, days, int(micros / size) * size))
