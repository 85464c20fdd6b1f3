"""to_date and to_timestamp: texts read as a template says.

Source: the PostgreSQL 15 manual, 9.8, table 9.27 and its usage notes; how blanks and separators of
template and text match is said there for version 12 and later.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from fivefold.errors import InvalidValue, Unsupported
from fivefold.stores.sqlite.context import Context
from fivefold.stores.sqlite.functions.datetime import here
from fivefold.stores.sqlite.functions.formats_dates import DAYS, MONTHS, ROMAN_MONTHS
from fivefold.stores.sqlite.functions.table import Entry, stricts
from fivefold.stores.sqlite.functions.templates import Piece, date_template
from fivefold.values.datetimes import beyond, moment_text, to_utc

_WIDTHS = {
    **dict.fromkeys(("HH", "HH12", "HH24", "MI", "SS", "MM", "DD", "WW", "IW", "CC", "TZM"), 2),
    "MS": 3,
    "US": 6,
    "SSSS": 4,
    "SSSSS": 5,
    "DDD": 3,
    "IDDD": 3,
    "D": 1,
    "ID": 1,
    "W": 1,
    "YYYY": 4,
    "YYY": 3,
    "YY": 2,
    "Y": 1,
    "IYYY": 4,
    "IYY": 3,
    "IY": 2,
    "I": 1,
    "J": 1,
    **{f"FF{digits}": digits for digits in range(1, 7)},
}
_SLOTS = {
    "HH12": "HH",
    "HH24": "HH",
    "SSSSS": "SSSS",
    "IDDD": "DDD",
    "IW": "WW",
    "ID": "D",
    **dict.fromkeys(("YYYY", "YYY", "YY", "Y", "IYYY", "IYY", "IY", "I"), "YEAR"),
    **dict.fromkeys(("MS",), "MS"),
    **dict.fromkeys(("US", *(f"FF{digits}" for digits in range(1, 7))), "US"),
}
_ISO = frozenset({"IYYY", "IYY", "IY", "I", "IW", "ID", "IDDD"})
_GREGORIAN = frozenset(
    {"YYYY", "YYY", "YY", "Y", "Y,YYY", "MM", "MON", "MONTH", "DD", "DDD", "D", "W", "WW", "RM"}
)
_DIGITS = frozenset({*_WIDTHS, "Q"})
_NAMES: dict[str, tuple[str, ...]] = {
    "MONTH": MONTHS,
    "MON": tuple(name[:3] for name in MONTHS),
    "DAY": DAYS,
    "DY": tuple(name[:3] for name in DAYS),
    "RM": ROMAN_MONTHS,
    **dict.fromkeys(("AM", "PM"), ("AM", "PM")),
    **dict.fromkeys(("A.M.", "P.M."), ("A.M.", "P.M.")),
    **dict.fromkeys(("AD", "BC"), ("AD", "BC")),
    **dict.fromkeys(("A.D.", "B.C."), ("A.D.", "B.C.")),
}
_INTEGER = re.compile(r"[ \t\n\r\f\v]*[+-]?\d+")
_SEPARATOR = re.compile(r"[!-/:-@\[-`{-~]")
_INT4_MAX = 2**31 - 1


def _wrong(message: str, detail: str | None = None, hint: str | None = None) -> InvalidValue:
    return InvalidValue(message, "invalid_datetime_format", detail=detail, hint=hint)


class _Reading:
    """Reads one text: ``fields`` by slot, ``at`` the next character."""

    def __init__(self, text: str, template: str) -> None:
        self.text = text
        self.pieces = date_template(template)
        self.fields: dict[str, int] = {}
        self.at = 0
        self.skipped = 0
        self.exact = any(piece.key == "FX" for piece in self.pieces)
        self.iso: bool | None = None
        self.digits = 4  # of the year
        self.zone_sign = 0

    def run(self) -> None:
        """Read everything that the template names. Raises InvalidValue."""
        for index, piece in enumerate(self.pieces):
            if self.at >= len(self.text):
                break
            if not self.exact and (piece.key or index == 0):
                self._pass_blanks()
            if not piece.key:
                self._pass(piece.text)
            elif piece.key != "FX":
                self._field(piece, index)
                if not self.exact:
                    self.skipped = 0
                    self._pass_blanks()

    def _pass_blanks(self) -> None:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1
            self.skipped += 1

    def _pass(self, plain: str) -> None:
        if self.exact:
            self.at += 1
        elif plain.isspace() or _SEPARATOR.match(plain):
            self.skipped -= 1
            one = self.text[self.at]
            if one.isspace() or _SEPARATOR.match(one):
                self.at += 1
                self.skipped += 1
        elif self.skipped > 0:
            self.skipped -= 1
        else:
            self.at += 1

    def _field(self, piece: Piece, index: int) -> None:
        key = piece.key
        if key in _ISO or key in _GREGORIAN:
            if self.iso not in (None, key in _ISO):
                raise _wrong(
                    "invalid combination of date conventions",
                    hint="Do not mix Gregorian and ISO week date conventions in a formatting "
                    "template.",
                )
            self.iso = key in _ISO
        if key in ("TZ", "OF"):
            raise Unsupported(f'formatting field "{piece.written}" is only supported in to_char')
        if key in _NAMES:
            self._name(piece)
        elif key == "Q":
            self._integer(piece, index, 1)
        elif key == "Y,YYY":
            self._thousands()
        elif key == "TZH":
            self._zone_hours(piece, index)
        elif key in _WIDTHS:
            self._number(piece, index)

    def _set(self, slot: str, value: int, piece: Piece) -> None:
        if self.fields.get(slot, 0) not in (0, value):
            raise _wrong(
                f'conflicting values for "{piece.written}" field in formatting string',
                "This value contradicts a previous setting for the same field type.",
            )
        self.fields[slot] = value

    def _number(self, piece: Piece, index: int) -> None:
        key = piece.key
        value, used = self._integer(piece, index, _WIDTHS[key])
        if key in ("MS", "US") or key[:2] == "FF":
            size = 3 if key == "MS" else 6
            value *= 10 ** max(size - used, 0)
        elif _SLOTS.get(key) == "YEAR":
            self.digits = _WIDTHS[key]
            if _WIDTHS[key] < 4 and used < 4:
                value = _near_2020(value)
        if key in ("HH", "HH12"):
            self.fields["CLOCK"] = 12
        if key == "ID":
            value = value % 7 + 1  # as D has it: Sunday is 1
        self._set(_SLOTS.get(key, key), value, piece)
        if piece.ending:
            self.at += 2

    def _ends_before_digits(self, index: int) -> bool:
        """Say whether what follows a field in the template is no digit."""
        if self.pieces[index].ending or index + 1 == len(self.pieces):
            return True
        following = self.pieces[index + 1]
        if following.key:
            return following.key not in _DIGITS
        return not following.text.isdigit()

    def _integer(self, piece: Piece, index: int, width: int) -> tuple[int, int]:
        """Read an integer; return it and how many characters it took."""
        text, start = self.text, self.at
        loose = piece.fill or self._ends_before_digits(index)
        part = text[start:] if loose else text[start : start + width]
        found = _INTEGER.match(part)
        used = 0 if found is None else found.end()
        hint = 'If your source string is not fixed-width, try using the "FM" modifier.'
        if not loose and len(part) < width:
            raise _wrong(
                f'source string too short for "{piece.written}" formatting field',
                f"Field requires {width} characters, but only {len(part)} remain.",
                hint,
            )
        if not loose and 0 < used < width:
            raise _wrong(
                f'invalid value "{part}" for "{piece.written}"',
                f"Field requires {width} characters, but only {used} could be parsed.",
                hint,
            )
        if found is None:
            raise _wrong(
                f'invalid value "{text[start : start + width]}" for "{piece.written}"',
                "Value must be an integer.",
            )
        value = int(found[0])
        if abs(value) > _INT4_MAX:
            raise InvalidValue(
                f'value for "{piece.written}" in source string is out of range',
                "datetime_field_overflow",
                detail=f"Value must be in the range {-_INT4_MAX - 1} to {_INT4_MAX}.",
            )
        self.at += used
        return value, used

    def _name(self, piece: Piece) -> None:
        key, names = piece.key, _NAMES[piece.key]
        rest = self.text[self.at :].lower()
        fitting = [
            (len(name), number)
            for number, name in enumerate(names)
            if rest.startswith(name.lower())
        ]
        if not fitting:
            word = re.split(r"\s", self.text[self.at :], maxsplit=1)[0]
            raise _wrong(
                f'invalid value "{word}" for "{piece.written}"',
                "The given value did not match any of the allowed values for this field.",
            )
        length, number = max(fitting)
        self.at += length
        if key in ("MONTH", "MON", "RM"):
            self._set("MM", number + 1, piece)
        elif key in ("DAY", "DY"):
            self._set("D", (number + 1) % 7 + 1, piece)
        elif key in ("AM", "PM", "A.M.", "P.M."):
            self.fields["PM"] = number
            self.fields["CLOCK"] = 12
        else:
            self.fields["BC"] = number

    def _thousands(self) -> None:
        found = re.compile(r"([+-]?\d+),([+-]?\d{1,3})").match(self.text, self.at)
        if found is None:
            raise _wrong('invalid input string for "Y,YYY"')
        self.fields["YEAR"] = int(found[1]) * 1000 + int(found[2])
        self.at = found.end()

    def _zone_hours(self, piece: Piece, index: int) -> None:
        one = self.text[self.at]
        if one in "+- ":
            self.zone_sign = -1 if one == "-" else 1
            self.at += 1
        else:
            before = self.skipped > 0 and self.text[self.at - 1] == "-"
            self.zone_sign = -1 if before else 1
        self.fields["TZH"], _ = self._integer(piece, index, 2)


def _near_2020(year: int) -> int:
    """Return the year that is meant by its last digits: the nearest to 2020."""
    if year < 70:
        return year + 2000
    if year < 100:
        return year + 1900
    if year < 520:
        return year + 2000
    return year + 1000 if year < 1000 else year


def _read(text: str, template: str) -> _Reading:
    reading = _Reading(text, template)
    reading.run()
    return reading


def _overflow(text: str) -> InvalidValue:
    return InvalidValue(f'date/time field value out of range: "{text}"', "datetime_field_overflow")


def _year(reading: _Reading) -> int:
    """Return the year; 0 if none is said."""
    fields = reading.fields
    year, century = fields.get("YEAR", 0), fields.get("CC", 0)
    if fields.get("BC"):
        year, century = -year, -century
    if year and century and reading.digits <= 2:
        last = year % 100
        return (century - 1) * 100 + last if last else century * 100
    if not year and century > 0:
        return (century - 1) * 100 + 1
    return year


def _date_of(reading: _Reading) -> date:
    """Return the day. Raises InvalidValue, also for years that are not 1 to 9999."""
    fields, text = reading.fields, reading.text
    year = _year(reading)
    month, day = fields.get("MM", 1) or 1, fields.get("DD", 0)
    try:
        if fields.get("J"):
            return date.fromordinal(fields["J"] - 1_721_425)
        week, day_of_year = fields.get("WW", 0), fields.get("DDD", 0)
        if week and reading.iso:
            weekday = (fields.get("D", 2) - 2) % 7 + 1
            return date.fromisocalendar(year, 1, 1) + timedelta(days=week * 7 - 8 + weekday)
        if week:
            day_of_year = (week - 1) * 7 + 1
        if fields.get("W"):
            day = (fields["W"] - 1) * 7 + 1
        if day_of_year and (month <= 1 or day <= 1):
            if not year:
                raise _wrong("cannot calculate day of year without year information")
            first = date.fromisocalendar(year, 1, 1) if reading.iso else date(year, 1, 1)
            if not reading.iso and not 1 <= day_of_year <= 365 + (first.replace(month=12, day=31)
                                                        .timetuple().tm_yday == 366):  # fmt: skip
                raise _overflow(text)
            return first + timedelta(days=day_of_year - 1)
        if not 1 <= month <= 12 or not 0 <= day <= 31:
            raise _overflow(text)
        if not 1 <= year <= 9999:
            raise beyond(text)
        return date(year, month, day or 1)
    except (ValueError, OverflowError):
        raise (_overflow(text) if 1 <= year <= 9999 else beyond(text)) from None


def to_date(text: str, template: str) -> str:
    """Read a date that was written so."""
    return str(_date_of(_read(text, template)))


def to_timestamp(context: Context, text: str | None, template: str | None) -> str | None:
    """Read a timestamptz that was written so, by the session's wall clock."""
    if text is None or template is None:
        return None
    reading = _read(text, template)
    fields = reading.fields
    seconds = fields.get("SSSS", 0)
    hour = fields.get("HH", 0) or seconds // 3600
    minute = fields.get("MI", 0) or seconds // 60 % 60
    second = fields.get("SS", 0) or seconds % 60
    if fields.get("CLOCK"):
        if not 1 <= hour <= 12:
            raise _wrong(
                f'hour "{hour}" is invalid for the 12-hour clock',
                hint="Use the 24-hour clock, or give an hour between 1 and 12.",
            )
        hour = hour % 12 + 12 * fields.get("PM", 0)
    micros = fields.get("MS", 0) * 1000 + fields.get("US", 0)
    day = _date_of(reading)
    if not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60 and 0 <= micros < 1_000_000):
        raise _overflow(text)
    moment = datetime(day.year, day.month, day.day, hour, minute, second, micros)
    if not reading.zone_sign:
        return to_utc(moment_text(moment), context.zone)
    shift = timedelta(hours=fields.get("TZH", 0), minutes=fields.get("TZM", 0))
    return moment_text(moment - reading.zone_sign * shift) + "+00"


FUNCTIONS: tuple[Entry, ...] = (
    *stricts(("ff_to_date", to_date)),
    here("ff_to_timestamp_text", 2, to_timestamp),
)
