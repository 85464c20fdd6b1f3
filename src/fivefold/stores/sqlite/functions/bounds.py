"""Bounds of texts and of days, for conditions that SQLite's planner cannot look into."""

from __future__ import annotations

from datetime import date, timedelta

from fivefold.stores.sqlite.functions.table import Entry, strict

_LAST = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)
_AFTER_ALL = b""
"""Bytes are greater than any text."""


def beginning(pattern: str) -> str:
    """Return how every text begins that a LIKE pattern matches."""
    parts, at = [], 0
    while at < len(pattern) and pattern[at] not in "%_":
        if pattern[at] == "\\":
            at += 1
            if at == len(pattern):
                break
        parts.append(pattern[at])
        at += 1
    return "".join(parts)


def after(start: str) -> str | bytes:
    """Return what is greater than any text that begins with ``start``, and no other."""
    while start:
        code = ord(start[-1]) + 1
        if code in _SURROGATES:
            code = _SURROGATES.stop
        if code <= _LAST:
            return start[:-1] + chr(code)
        start = start[:-1]
    return _AFTER_ALL


def _after_pattern(pattern: str) -> str | bytes:
    return after(beginning(pattern))


def days_from(moment: str, days: int) -> str:
    """Return a date some days from a stored date or timestamp, infinity where there is none."""
    if moment.endswith("infinity"):
        return moment
    try:
        return (date.fromisoformat(moment[:10]) + timedelta(days)).isoformat()
    except OverflowError:
        return "-infinity" if days < 0 else "infinity"


FUNCTIONS = (
    Entry("ff_like_from", 1, strict(beginning)),
    Entry("ff_like_to", 1, strict(_after_pattern)),
    Entry("ff_prefix_to", 1, strict(after)),
    Entry("ff_days_from", 2, strict(days_from)),
)
