"""Values as the text that PostgreSQL would print for them."""

from __future__ import annotations

import json
import re
from datetime import datetime, time, timedelta
from decimal import Decimal

_DAY = timedelta(days=1)
_NEEDS_QUOTES = frozenset('{}",\\ \t\n\r\v\f')
_COPY_SPECIAL = re.compile(r"[\\\t\n\r]")
_COPY_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def text(value: object) -> str:
    """Return the text of a value that is not None."""
    match value:
        case str():
            return value
        case bool():
            return "t" if value else "f"
        case float():
            return _float(value)
        case Decimal():
            return f"{value:f}"
        case bytes():
            return f"\\x{value.hex()}"
        case datetime():
            return _zone(value.isoformat(" "))
        case time():
            return _zone(value.isoformat())
        case timedelta():
            return _interval(value)
        case list():
            return f"{{{','.join(_element(each) for each in value)}}}"
        case dict():
            return json.dumps(value, ensure_ascii=False)
    return str(value)


def copied(value: object) -> str:
    """Return the value as COPY's text format writes it: ``\\N`` for NULL, tabs escaped."""
    if value is None:
        return "\\N"
    if type(value) is int:
        return str(value)
    shown = value if type(value) is str else text(value)
    return shown.translate(_COPY_ESCAPES) if _COPY_SPECIAL.search(shown) else shown


def is_number(value: object) -> bool:
    """Say whether the value stands at the right edge of its column."""
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _float(value: float) -> str:
    if value.is_integer() and abs(value) < 1e15:
        return f"{value:.0f}"
    shown = repr(value)
    return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}.get(shown, shown)


def _zone(shown: str) -> str:
    """Shorten the zone of full hours, as PostgreSQL does: +00:00 becomes +00."""
    is_full_hour = shown.endswith(":00") and shown[-6:-5] in ("+", "-")
    return shown[:-3] if is_full_hour else shown


def _interval(value: timedelta) -> str:
    days = int(value / _DAY)
    rest = value - days * _DAY
    parts = [f"{days} day{'s' if days != 1 else ''}"] if days else []
    if rest or not days:
        micros = abs(rest) // timedelta(microseconds=1)
        seconds, micros = divmod(micros, 1_000_000)
        clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        fraction = f".{micros:06}".rstrip("0") if micros else ""
        parts.append(("-" if rest < timedelta(0) else "") + clock + fraction)
    return " ".join(parts)


def _element(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, list):
        return text(value)
    shown = text(value)
    if shown and shown.upper() != "NULL" and not _NEEDS_QUOTES & set(shown):
        return shown
    escaped = shown.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
