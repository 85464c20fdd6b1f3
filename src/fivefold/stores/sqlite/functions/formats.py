"""to_char, to_date, to_timestamp and to_number.

Source of the patterns: PostgreSQL 15's manual, tables 9.26 to 9.29. Of the rarer ones (V, RN, TH,
PL, SG, EEEE, BC, J, TZ) those that are not written here are Unsupported rather than wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache

from fivefold.errors import InvalidValue, Unsupported
from fivefold.stores.sqlite.context import Context
from fivefold.stores.sqlite.functions.clocks import make_date
from fivefold.stores.sqlite.functions.datetime import here
from fivefold.stores.sqlite.functions.numeric import round_to
from fivefold.stores.sqlite.functions.table import Entry, stricts
from fivefold.values.datetimes import moment_text, stored_moment, to_utc
from fivefold.values.numbers import float8_text
from fivefold.values.zones import offset_text

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_TOKENS = (
    "HH24 HH12 HH MI SSSSS SSSS SS MS US FF1 FF2 FF3 FF4 FF5 FF6 AM PM am pm A.M. P.M. a.m. p.m. "
    "Y,YYY YYYY YYY YY Y IYYY IYY IY MONTH Month month MON Mon mon MM DAY Day day DY Dy dy "
    "DDD DD D IDDD ID WW IW W CC Q J TZH TZM TZ OF"
)


@cache
def _token() -> re.Pattern[str]:
    """Compile the pattern when it is first wanted: that takes longer than opening a file may."""
    return re.compile(
        '(?P<text>"(?:[^"\\\\]|\\\\.)*")|(?P<mode>FM|FX|TM)?(?P<token>'
        + "|".join([re.escape(word) for word in _TOKENS.split()])
        + "|"
        + "|".join([word.lower() for word in _TOKENS.split() if word.isupper() and word.isalnum()])
        + ")(?P<ending>TH|th)?"
    )


@lru_cache(256)
def _cut(pattern: str) -> tuple[tuple[str, str, bool, str], ...]:
    """Cut a pattern into (token, plain text, whether FM precedes, ordinal ending)."""
    parts: list[tuple[str, str, bool, str]] = []
    at = 0
    while at < len(pattern):
        found = _token().match(pattern, at)
        if found is None:
            parts.append(("", pattern[at], False, ""))
            at += 1
            continue
        if found["text"]:
            parts.append(("", re.sub(r"\\(.)", r"\1", found["text"][1:-1]), False, ""))
        else:
            parts.append((found["token"], "", found["mode"] == "FM", found["ending"] or ""))
        at = found.end()
    return tuple(parts)


def _ordinal(number: int) -> str:
    if number % 100 in (11, 12, 13):
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")


def _number_field(token: str, moment: datetime) -> tuple[int, int] | None:
    """Return a numeric field's value and its width, or None if the token is none."""
    year, iso = moment.year, moment.isocalendar()
    hour12 = (moment.hour - 1) % 12 + 1
    day_of_year = moment.timetuple().tm_yday
    fields: dict[str, tuple[int, int]] = {
        "HH24": (moment.hour, 2),
        "HH12": (hour12, 2),
        "HH": (hour12, 2),
        "MI": (moment.minute, 2),
        "SS": (moment.second, 2),
        "SSSS": (moment.hour * 3600 + moment.minute * 60 + moment.second, 1),
        "SSSSS": (moment.hour * 3600 + moment.minute * 60 + moment.second, 1),
        "MS": (moment.microsecond // 1000, 3),
        "US": (moment.microsecond, 6),
        "YYYY": (year, 4),
        "YYY": (year % 1000, 3),
        "YY": (year % 100, 2),
        "Y": (year % 10, 1),
        "IYYY": (iso.year, 4),
        "IYY": (iso.year % 1000, 3),
        "IY": (iso.year % 100, 2),
        "MM": (moment.month, 2),
        "DDD": (day_of_year, 3),
        "DD": (moment.day, 2),
        "D": (moment.isoweekday() % 7 + 1, 1),
        "ID": (iso.weekday, 1),
        "IDDD": ((iso.week - 1) * 7 + iso.weekday, 3),
        "WW": ((day_of_year - 1) // 7 + 1, 2),
        "IW": (iso.week, 2),
        "W": ((moment.day - 1) // 7 + 1, 1),
        "CC": ((year + 99) // 100, 2),
        "Q": ((moment.month - 1) // 3 + 1, 1),
        "J": (moment.toordinal() + 1_721_425, 1),
    }
    if token.upper().startswith("FF"):
        digits = int(token[2])
        return moment.microsecond // 10 ** (6 - digits), digits
    return fields.get(token.upper())


def _name_field(token: str, moment: datetime) -> tuple[str, int] | None:
    """Return a name in the token's case and the width that it is filled up to."""
    word = token.lower()
    if word in ("month", "mon"):
        name, width = MONTHS[moment.month - 1], 9
    elif word in ("day", "dy"):
        name, width = DAYS[moment.weekday()], 9
    else:
        return None
    if word in ("mon", "dy"):
        name, width = name[:3], 3
    if token.isupper():
        return name.upper(), width
    return (name if token[0].isupper() else name.lower()), width


def _half_day(token: str, moment: datetime) -> str:
    name = "PM" if moment.hour >= 12 else "AM"
    name = f"{name[0]}.{name[1]}." if "." in token else name
    return name if token.isupper() else name.lower()


def _moment_text(moment: datetime, pattern: str, zone_name: str, offset: str) -> str:
    written = []
    for token, plain, fill_mode, ending in _cut(pattern):
        if not token:
            written.append(plain)
            continue
        number = _number_field(token, moment)
        name = _name_field(token, moment)
        if number is not None:
            value, width = number
            text = str(value) if fill_mode else str(value).rjust(width, "0")
            if ending:
                suffix = _ordinal(value)
                text += suffix.upper() if ending == "TH" else suffix
        elif name is not None:
            text = name[0] if fill_mode else name[0].ljust(name[1])
        elif token.upper() in ("AM", "PM", "A.M.", "P.M."):
            text = _half_day(token, moment)
        elif token == "Y,YYY":
            text = f"{moment.year // 1000},{moment.year % 1000:03d}"
        elif token.upper() == "TZ":
            text = zone_name if token.isupper() else zone_name.lower()
        elif token.upper() == "OF":
            text = offset
        elif token.upper() == "TZH":
            text = offset[:3]
        else:
            text = offset[4:6] or "00"
        written.append(text)
    return "".join(written)


def char_timestamp(moment: str, pattern: str) -> str | None:
    """to_char of a timestamp (dates come as one)."""
    if moment.endswith("infinity"):
        return None
    return _moment_text(stored_moment(moment), pattern, "", "+00")


def char_timestamptz(context: Context, moment: str | None, pattern: str | None) -> str | None:
    """to_char of a timestamptz, by the session's wall clock."""
    if moment is None or pattern is None or moment.endswith("infinity"):
        return None
    local = stored_moment(moment).replace(tzinfo=UTC).astimezone(context.zone)
    offset = offset_text(local.utcoffset() or timedelta(0))
    return _moment_text(local.replace(tzinfo=None), pattern, local.tzname() or "", offset)


def char_interval(value: str, pattern: str) -> str:
    """Refuse to_char of intervals."""
    raise Unsupported("to_char of an interval is not supported", hint="Use extract.")


# Numbers


def _digits_pattern(pattern: str) -> tuple[str, str, bool]:
    """Return the parts before and after the point and whether FM is on; refuse other letters."""
    fill_mode = "FM" in pattern
    bare = pattern.replace("FM", "")
    upper = bare.upper().replace("D", ".").replace("G", ",")
    if re.search(r"[^0-9.,SMIPRL \-]", upper) or re.search(r"RN|PL|SG|L|V", upper):
        raise Unsupported(f'the number format "{pattern}" is not supported')
    before, _, after = upper.partition(".")
    return before, after, fill_mode


def _grouped(pattern: str, digits: str) -> str:
    """Lay digits under a pattern's places from the right; blanks where none are due."""
    places = [one for one in pattern if one in "09,"]
    first_zero = next((at for at, one in enumerate(places) if one == "0"), len(places))
    written: list[str] = []
    left = list(digits)
    for at in range(len(places) - 1, -1, -1):
        if places[at] == ",":
            written.append("," if left or at > first_zero else " ")
        elif left:
            written.append(left.pop())
        else:
            written.append("0" if at >= first_zero else " ")
    return "".join(reversed(written))


def char_number(value: str, pattern: str) -> str:
    """to_char of a number."""
    before, after, fill_mode = _digits_pattern(pattern)
    decimals = sum([one in "09" for one in after])
    if value in ("NaN", "Infinity", "-Infinity"):
        raise Unsupported("to_char of NaN and infinity is not supported")
    text = round_to(value, decimals)
    negative = text.startswith("-") and bool(text.strip("-0."))
    whole, _, fraction = text.removeprefix("-").partition(".")
    whole = whole.lstrip("0")
    places = sum([one in "09" for one in before])
    if not whole and places and "0" not in before and not (decimals and fill_mode):
        whole = "" if decimals else "0"
    if len(whole) > places:
        body = re.sub("[09]", "#", "".join([one for one in before if one in "09,"]))
        fraction = "#" * decimals
    else:
        body = _grouped(before, whole)
    if decimals or "." in pattern.upper().replace("D", "."):
        if fill_mode:
            keep = max([at + 1 for at, one in enumerate(after) if one == "0"], default=0)
            fraction = fraction[:keep] + fraction[keep:].rstrip("0")
        body += "." + fraction if fraction or not fill_mode else ""
    return _signed(body, before + after, negative, fill_mode)


def _signed(body: str, pattern: str, negative: bool, fill_mode: bool) -> str:
    stripped = body.lstrip(" ")
    blanks = " " * (len(body) - len(stripped))
    if "MI" in pattern:
        text = body + ("-" if negative else "" if fill_mode else " ")
        return text.strip() if fill_mode else text
    if "PR" in pattern:
        text = blanks + (f"<{stripped}>" if negative else f" {stripped} ")
        return text.strip() if fill_mode else text
    if "S" in pattern:
        sign = "-" if negative else "+"
        text = stripped + sign if pattern.rstrip().endswith("S") else blanks + sign + stripped
        return text.strip() if fill_mode else text
    text = blanks + ("-" if negative else " ") + stripped
    return text.strip() if fill_mode else text


def char_integer(value: int, pattern: str) -> str:
    """to_char of an integer."""
    return char_number(str(value), pattern)


def char_float(value: float | str, pattern: str) -> str:
    """to_char of a float, by its shortest digits."""
    text = float8_text(value)
    return char_number(f"{float(text):f}" if "e" in text else text, pattern)


def to_number(text: str, pattern: str) -> str:
    """Read a number that was written so."""
    _digits_pattern(pattern)
    digits = re.sub(r"[^0-9.+<>-]", "", text)
    negative = "-" in digits or "<" in digits
    digits = re.sub(r"[^0-9.]", "", digits)
    if not digits.strip("."):
        raise InvalidValue(
            'invalid input syntax for type numeric: " "', "invalid_text_representation"
        )
    value = digits if digits[0] != "." else f"0{digits}"
    whole, point, fraction = value.partition(".")
    value = (whole.lstrip("0") or "0") + (point + fraction if fraction else "")
    return f"-{value}" if negative and value.strip("0.") else value


# Reading


_WIDTHS = {"YYYY": 4, "YYY": 3, "YY": 2, "Y": 1, "DDD": 3, "MS": 3, "US": 6, "SSSS": 5, "SSSSS": 5}


def _read(text: str, pattern: str) -> dict[str, int]:
    """Read the fields that a pattern names. Raises InvalidValue where the text differs."""
    fields: dict[str, int] = {}
    at = 0
    parts = _cut(pattern)
    for index, (token, plain, fill_mode, _) in enumerate(parts):
        while at < len(text) and text[at].isspace():
            at += 1
        key = token.upper()
        if not token:
            separator = not plain.isalnum()
            if at < len(text) and (text[at] == plain or (separator and not text[at].isalnum())):
                at += len(plain)
            continue
        if key in ("MONTH", "MON", "DAY", "DY"):
            at = _read_name(fields, key, text, at)
        elif key in ("AM", "PM", "A.M.", "P.M."):
            found = re.compile(r"([ap])\.?m\.?", re.IGNORECASE).match(text, at)
            if found is None:
                raise _mismatch(text[at : at + len(token)], token, "The given value did not match"
                                " any of the allowed values for this field.")  # fmt: skip
            fields["PM"] = int(found[1].lower() == "p")
            at = found.end()
        else:
            next_is_digit = index + 1 < len(parts) and bool(parts[index + 1][0])
            limit = _WIDTHS.get(key, 2) if fill_mode or next_is_digit or key != "YYYY" else 9
            found = re.compile(rf"[+-]?\d{{1,{limit}}}").match(text, at)
            if found is None:
                if at >= len(text):
                    continue
                raise _mismatch(
                    text[at : at + _WIDTHS.get(key, 2)], token, "Value must be an integer."
                )
            fields[key] = int(found[0])
            if key in ("MS", "US"):
                fields[key] = int(found[0].ljust(_WIDTHS[key], "0"))
            at = found.end()
    return fields


def _mismatch(part: str, token: str, detail: str) -> InvalidValue:
    return InvalidValue(
        f'invalid value "{part}" for "{token}"', "invalid_datetime_format", detail=detail
    )


def _read_name(fields: dict[str, int], key: str, text: str, at: int) -> int:
    names = MONTHS if key in ("MONTH", "MON") else DAYS
    for number, name in enumerate(names, 1):
        shown = name if key in ("MONTH", "DAY") else name[:3]
        if text[at : at + len(shown)].lower() == shown.lower():
            if names is MONTHS:
                fields["MM"] = number
            return at + len(shown)
    raise _mismatch(text[at : at + 3], key, "The given value did not match any of the allowed"
                    " values for this field.")  # fmt: skip


def _date_of(fields: dict[str, int]) -> str:
    year = next((fields[key] for key in ("YYYY", "IYYY") if key in fields), None)
    if year is None and "YY" in fields:
        year = fields["YY"] + (2000 if fields["YY"] < 70 else 1900)
    if "DDD" in fields:
        start = datetime(year or 1, 1, 1) + timedelta(days=fields["DDD"] - 1)
        return str(start.date())
    return make_date(1 if year is None else year, fields.get("MM", 1), fields.get("DD", 1))


def to_date(text: str, pattern: str) -> str:
    """Read a date that was written so."""
    return _date_of(_read(text, pattern))


def to_timestamp(context: Context, text: str | None, pattern: str | None) -> str | None:
    """Read a timestamptz that was written so, by the session's wall clock."""
    if text is None or pattern is None:
        return None
    fields = _read(text, pattern)
    hour = fields.get("HH24", fields.get("HH12", fields.get("HH", 0)))
    if "PM" in fields:
        hour = hour % 12 + 12 * fields["PM"]
    minute, second = fields.get("MI", 0), fields.get("SS", 0)
    if hour > 23 or minute > 59 or second > 59:
        raise InvalidValue(
            f'date/time field value out of range: "{text}"', "datetime_field_overflow"
        )
    moment = stored_moment(_date_of(fields)) + timedelta(
        hours=hour,
        minutes=minute,
        seconds=second + fields.get("SSSS", 0) + fields.get("SSSSS", 0),
        microseconds=fields.get("MS", 0) * 1000 + fields.get("US", 0),
    )
    return to_utc(moment_text(moment), context.zone)


_NUMBERS: tuple[tuple[str, Callable[..., str]], ...] = (
    ("numeric", char_number),
    ("int4", char_integer),
    ("int8", char_integer),
    ("float4", char_float),
    ("float8", char_float),
)

FUNCTIONS: tuple[Entry, ...] = (
    *stricts(
        *[(f"ff_to_char_{kind}", function) for kind, function in _NUMBERS],
        ("ff_to_char_timestamp", char_timestamp),
        ("ff_to_char_interval", char_interval),
        ("ff_to_date", to_date),
        ("ff_to_number", to_number),
    ),
    here("ff_to_char_timestamptz", 2, char_timestamptz),
    here("ff_to_timestamp_text", 2, to_timestamp),
)
