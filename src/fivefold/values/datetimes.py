"""Dates, times and timestamps: PostgreSQL's text forms (DateStyle ISO, MDY) and stored forms.

The forms that programs write are recognised by their length and punctuation and checked by
``datetime.fromisoformat``; everything else goes through ``datefields``. Years are 1 to 9999.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from fivefold.errors import InvalidValue
from fivefold.values import datefields as df
from fivefold.values.datefields import Fault, Fields, Misread, Part
from fivefold.values.text import Clock
from fivefold.values.types import Kind, Type
from fivefold.values.zones import offset_at, offset_text

DAY_MICROS = 86_400_000_000
EPOCH = datetime(1970, 1, 1)
_MICRO = timedelta(microseconds=1)
_NONE = timedelta(0)
_ISO = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?"
    r"(?:Z|[+-](?:0[0-9]|1[0-5])(?::?[0-5][0-9])?)?\Z"
)
_INFINITE = ("infinity", "-infinity")


def misread(error: Misread, type_: Type, text: str) -> InvalidValue:
    """Return the error of PostgreSQL for what is wrong with ``text``."""
    match error.fault:
        case Fault.FORMAT:
            return InvalidValue(
                f'invalid input syntax for type {_name(type_)}: "{text}"',
                "invalid_datetime_format",
            )
        case Fault.MONTH_OR_DAY:
            return InvalidValue(
                f'date/time field value out of range: "{text}"',
                "datetime_field_overflow",
                hint='Perhaps you need a different "datestyle" setting.',
            )
        case Fault.INTERVAL:
            return InvalidValue(
                f'interval field value out of range: "{text}"', "interval_field_overflow"
            )
        case Fault.OFFSET:
            return InvalidValue(
                f'time zone displacement out of range: "{text}"', "datetime_field_overflow"
            )
        case Fault.ZONE:
            return InvalidValue(
                f'time zone "{error.subject}" not recognized', "invalid_parameter_value"
            )
        case Fault.BEYOND:
            return beyond(text)
    return InvalidValue(f'date/time field value out of range: "{text}"', "datetime_field_overflow")


def beyond(text: str) -> InvalidValue:
    """Return the error for years that fivefold does not keep."""
    return InvalidValue(
        f'date/time field value out of range: "{text}"',
        "datetime_field_overflow",
        detail="Years are 1 to 9999.",
    )


def _name(type_: Type) -> str:
    # PostgreSQL's input functions name these types without "without time zone".
    names = {Kind.TIME: "time", Kind.TIMESTAMP: "timestamp"}
    return names.get(type_.kind) or str(Type(type_.kind))


def read_fields(text: str, zone: tzinfo, now: Clock | None) -> Fields:
    """Read a date with or without a time; raises Misread."""
    parts = df.cut(text)
    fields = Fields()
    awaited = ""
    for index, (kind, part) in enumerate(parts):
        after, awaited = awaited, ""
        if kind is Part.DATE:
            if after == "t" or (fields.known & (df.MONTH | df.DAY)) == df.MONTH | df.DAY:
                _read_late_part(fields, part, after, fields.known)
            elif after:
                raise Misread(Fault.FORMAT)
            else:
                df.read_date(fields, part)
        elif kind is Part.TIME:
            if after == "j":
                raise Misread(Fault.FORMAT)
            df.read_clock(fields, part)
        elif kind is Part.OFFSET:
            fields.claim(df.ZONE)
            df.read_offset(fields, part)
        elif kind is Part.NUMBER:
            _read_number(fields, part, after)
        else:
            awaited = df.read_word(fields, part, zone, now)
            if awaited and after:
                raise Misread(Fault.FORMAT)
            awaited = awaited or after
            if awaited == "t" and not _time_may_follow(fields, parts[index + 1 : index + 2]):
                raise Misread(Fault.FORMAT)
    df.check_date(fields)
    df.check_half_day(fields)
    if awaited or (not fields.special and fields.known & df.DATE != df.DATE):
        raise Misread(Fault.FORMAT)
    return fields


def _time_may_follow(fields: Fields, rest: list[tuple[Part, str]]) -> bool:
    complete = fields.known & df.DATE == df.DATE
    return complete and bool(rest) and rest[0][0] in (Part.NUMBER, Part.TIME, Part.DATE)


def _read_late_part(fields: Fields, part: str, after: str, known: int) -> None:
    """Read a part with dashes or slashes after the date: hhmmss-zz, or a zone's name."""
    if not part[0].isdecimal() and not after:
        fields.claim(df.ZONE)
        df.read_zone_name(fields, part, Fault.ZONE)
        return
    digits, dash, offset = part.partition("-")
    if not dash or fields.known & df.TIME:
        raise Misread(Fault.FORMAT)
    fields.claim(df.ZONE)
    df.read_offset(fields, dash + offset)
    df.read_run_together(fields, digits, known)


def _read_number(fields: Fields, part: str, after: str) -> None:
    whole, point, _ = part.partition(".")
    if after == "j":
        df.read_julian(fields, part)
    elif after == "t":
        df.read_run_together(fields, part, fields.known | df.DATE)
    elif point and not fields.known & df.DATE:
        df.read_date(fields, part)
    elif (point and len(whole) > 2) or (
        len(part) >= 6 and not (fields.known & df.DATE and fields.known & df.TIME)
    ):
        df.read_run_together(fields, part, fields.known)
    else:
        df.read_number(fields, part, fields.known)


def read_time_fields(text: str, zone: tzinfo, now: Clock | None) -> Fields:
    """Read a time of day; a date before it and a zone are read and left; raises Misread."""
    parts = df.cut(text)
    fields = Fields()
    awaited = ""
    for index, (kind, part) in enumerate(parts):
        after, awaited = awaited, ""
        date_first = index == 0 and len(parts) >= 2
        if kind is Part.DATE:
            if date_first and (parts[-1][0] is Part.DATE or parts[1][0] is Part.TIME):
                df.read_date(fields, part)
            else:
                _read_late_part(fields, part, after, fields.known | df.DATE)
        elif kind is Part.TIME:
            df.read_clock(fields, part)
        elif kind is Part.OFFSET:
            fields.claim(df.ZONE)
            df.read_offset(fields, part)
        elif kind is Part.NUMBER:
            whole, point, _ = part.partition(".")
            if after or (point and len(whole) > 2) or (not point and len(part) > 4):
                df.read_run_together(fields, part, fields.known | df.DATE)
            elif point:
                raise Misread(Fault.FORMAT)
            else:
                df.read_number(fields, part, fields.known | df.DATE)
        else:
            awaited = df.read_word(fields, part, zone, now)
            if awaited == "j" or (awaited and index + 1 == len(parts)):
                raise Misread(Fault.FORMAT)
    df.check_date(fields)
    df.check_half_day(fields)
    if not fields.special:
        df.check_clock(fields)
    # The offset of a zone with a history depends on the date.
    if fields.zone is not None and fields.known & df.DATE != df.DATE:
        raise Misread(Fault.FORMAT)
    if fields.known & df.TIME != df.TIME or fields.special:
        raise Misread(Fault.FORMAT)
    return fields


# Stored forms


def moment_text(moment: datetime) -> str:
    """Return the stored form of a naive timestamp."""
    text = moment.isoformat(" ")
    return text if moment.microsecond == 0 else text.rstrip("0")


def clock_text(micros: int) -> str:
    """Return the stored form of a time of day, given in microseconds up to 24:00:00."""
    seconds, micro = divmod(micros, 1_000_000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    text = f"{hour:02d}:{minute:02d}:{second:02d}"
    return f"{text}.{micro:06d}".rstrip("0") if micro else text


def clock_micros(stored: str) -> int:
    """Return a stored time of day in microseconds; the fraction may be of any length to six."""
    micros = (int(stored[:2]) * 3600 + int(stored[3:5]) * 60 + int(stored[6:8])) * 1_000_000
    return micros + int(stored[9:].ljust(6, "0")) if len(stored) > 8 else micros


def stored_moment(stored: str) -> datetime:
    """Return a stored timestamp or timestamptz, not infinite, as a naive datetime (UTC)."""
    moment = datetime.fromisoformat(stored)
    return moment.replace(tzinfo=None) if moment.tzinfo is not None else moment


def round_micros(micros: int, precision: int | None) -> int:
    """Round to ``precision`` digits of a second, half away from zero."""
    if precision is None or precision >= 6:
        return micros
    unit: int = 10 ** (6 - precision)
    rounded = (abs(micros) + unit // 2) // unit * unit
    return -rounded if micros < 0 else rounded


def round_moment(moment: datetime, precision: int | None) -> datetime:
    """Round a naive timestamp to ``precision`` digits of a second."""
    if precision is None or precision >= 6 or not moment.microsecond:
        return moment
    # PostgreSQL counts from 2000, and rounds half away from there.
    since = moment - datetime(2000, 1, 1)
    micros = since // _MICRO
    return moment + timedelta(microseconds=round_micros(micros, precision) - micros)


# Input


def parse_date(type_: Type, text: str, zone: tzinfo = UTC, now: Clock | None = None) -> str:
    """Return a date's stored form."""
    if len(text) == 10 and text[4] == "-" == text[7]:
        try:
            date.fromisoformat(text)
            return text
        except ValueError:
            pass
    try:
        fields = read_fields(text, zone, now)
    except Misread as error:
        raise misread(error, type_, text) from None
    if fields.special:
        return "1970-01-01" if fields.special == "epoch" else fields.special
    return f"{fields.year:04d}-{fields.month:02d}-{fields.day:02d}"


def parse_time(type_: Type, text: str, zone: tzinfo = UTC, now: Clock | None = None) -> str:
    """Return the stored form of a time of day."""
    if len(text) == 8 and text[2] == ":" == text[5]:
        try:
            time.fromisoformat(text)
            return text
        except ValueError:
            pass
    try:
        fields = read_time_fields(text, zone, now)
    except Misread as error:
        raise misread(error, type_, text) from None
    seconds = (fields.hour * 60 + fields.minute) * 60 + fields.second
    return clock_text(round_micros(seconds * 1_000_000 + fields.micro, type_.precision))


def _parse_moment(
    type_: Type, text: str, zone: tzinfo, now: Clock | None
) -> tuple[Fields, datetime]:
    try:
        fields = read_fields(text, zone, now)
    except Misread as error:
        raise misread(error, type_, text) from None
    if fields.special:
        return fields, EPOCH
    try:
        moment = datetime(fields.year, fields.month, fields.day) + timedelta(
            hours=fields.hour,
            minutes=fields.minute,
            seconds=fields.second,
            microseconds=fields.micro,
        )
    except OverflowError:
        raise beyond(text) from None
    return fields, moment


def _parse_iso(text: str) -> datetime | None:
    """Return what programs write, '2024-01-02T03:04:05.678+05:30', aware if it has an offset."""
    if _ISO.match(text) is None:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def parse_timestamp(type_: Type, text: str, zone: tzinfo = UTC, now: Clock | None = None) -> str:
    """Return the stored form of a timestamp without time zone; an offset in it is ignored."""
    if len(text) == 19 and text[4] == "-" == text[7] and text[13] == ":" == text[16]:
        try:
            datetime.fromisoformat(text)
            if text[10] == " ":
                return text
            if text[10] == "T":
                return f"{text[:10]} {text[11:]}"
        except ValueError:
            pass
    iso = _parse_iso(text)
    if iso is not None:
        moment = iso.replace(tzinfo=None)
    else:
        fields, moment = _parse_moment(type_, text, zone, now)
        if fields.special in _INFINITE:
            return fields.special
    try:
        return moment_text(round_moment(moment, type_.precision))
    except OverflowError:
        raise beyond(text) from None


def parse_timestamptz(type_: Type, text: str, zone: tzinfo = UTC, now: Clock | None = None) -> str:
    """Return the stored form, in UTC; without an offset the text is a time of ``zone``."""
    size = len(text)
    if size in (19, 22, 25) and text[4] == "-" == text[7] and text[13] == ":" == text[16]:
        ending = text[19:]
        if (ending in ("+00", "+00:00") or (zone is UTC and not ending)) and text[10] in " T":
            try:
                datetime.fromisoformat(text[:19])
                return f"{text[:10]} {text[11:19]}+00"
            except ValueError:
                pass
    iso = _parse_iso(text)
    try:
        if iso is not None:
            moment = iso.replace(tzinfo=None)
            moment -= offset_at(zone, moment) if iso.tzinfo is None else iso.utcoffset() or _NONE
        else:
            fields, moment = _parse_moment(type_, text, zone, now)
            if fields.special in _INFINITE:
                return fields.special
            if fields.offset is not None:
                moment -= timedelta(seconds=fields.offset)
            elif not fields.special:
                moment -= offset_at(fields.zone or zone, moment)
        return moment_text(round_moment(moment, type_.precision)) + "+00"
    except OverflowError:
        raise beyond(text) from None


# Output and casts


def timestamptz_output(zone: tzinfo) -> Callable[[str], str]:
    """Return the function that shows a stored timestamptz in ``zone``."""

    def show(stored: str) -> str:
        if stored[0] > "9" or stored[0] == "-":
            return stored
        try:
            moment = datetime.fromisoformat(stored).astimezone(zone)
        except OverflowError:
            raise beyond(stored) from None
        offset = moment.utcoffset() or timedelta(0)
        return moment_text(moment.replace(tzinfo=None)) + offset_text(offset)

    return show


def to_local(stored: str, zone: tzinfo) -> str:
    """Cast timestamptz to timestamp: the wall clock of ``zone``."""
    if stored in _INFINITE:
        return stored
    try:
        return moment_text(datetime.fromisoformat(stored).astimezone(zone).replace(tzinfo=None))
    except OverflowError:
        raise beyond(stored) from None


def to_utc(stored: str, zone: tzinfo) -> str:
    """Cast timestamp to timestamptz: the wall clock of ``zone`` read."""
    if stored in _INFINITE:
        return stored
    moment = datetime.fromisoformat(stored)
    try:
        return moment_text(moment - offset_at(zone, moment)) + "+00"
    except OverflowError:
        raise beyond(stored) from None
