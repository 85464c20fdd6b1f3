"""Time zones: Olson's names and offsets from UTC. Source: manual, "$dateToString", "Timezone"."""

from __future__ import annotations

import functools
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from fivefold.languages.mongo.expressions.dates.calendar import Local, Parts, local_ms, local_parts
from fivefold.languages.mongo.expressions.instants import MS_MAX, MS_MIN, moment_ms
from fivefold.languages.mongo.expressions.terms import name_of
from fivefold.values.documents.faults import fault

_OFFSET = re.compile(r"([+-])(\d\d)(?::?(\d\d))?\Z", re.ASCII)
_EPOCH = datetime(1970, 1, 1)
_DAY_MS = 86_400_000


class Zone:
    """A clock: how far it is from UTC at a moment, in milliseconds."""

    __slots__ = ("_fixed", "_rules")

    def __init__(self, fixed: int = 0, rules: ZoneInfo | None = None) -> None:
        self._fixed = fixed
        self._rules = rules

    @property
    def utc(self) -> bool:
        return self._rules is None and self._fixed == 0

    def offset(self, ms: int) -> int:
        """Return what the clock is ahead of UTC at a moment of UTC."""
        if self._rules is None:
            return self._fixed
        moment = _naive(ms).replace(tzinfo=UTC).astimezone(self._rules)
        return _ms(moment.utcoffset())

    def local(self, ms: int) -> int:
        """Return the milliseconds that the clock counts at a moment of UTC."""
        return ms + self.offset(ms)

    def moment(self, local: int) -> int:
        """Return the moment of UTC at which the clock counts these milliseconds.

        What it shows twice is the first time; what it leaps over is so much later.
        """
        if self._rules is None:
            return local - self._fixed
        return local - _ms(_naive(local).replace(tzinfo=self._rules).utcoffset())

    def parts(self, ms: int) -> Local:
        return local_parts(self.local(ms))

    def shown(self, value: Any) -> Parts:
        """Return the parts of a date, or of what holds one. Raises fault 16006 for anything else.

        A datetime is its own parts: what Python counts in C is not counted again.
        """
        if value.__class__ is datetime and value.tzinfo is None and 1 < value.year < 9999:
            if self._rules is not None:
                return value.replace(tzinfo=UTC).astimezone(self._rules)
            if not self._fixed:
                return value
        return self.parts(moment_ms(value))

    def of_parts(self, parts: Local) -> int:
        return self.moment(local_ms(parts))


def _naive(ms: int) -> datetime:
    """Return a datetime; one beyond the years that it has is the nearest, a day from the end."""
    inside = min(max(ms, MS_MIN + _DAY_MS), MS_MAX - _DAY_MS)
    return _EPOCH + timedelta(milliseconds=inside)


def _ms(offset: timedelta | None) -> int:
    assert offset is not None
    return offset // timedelta(milliseconds=1)


UTC_ZONE = Zone()


@functools.lru_cache(maxsize=1024)
def zone_named(name: str) -> Zone:
    """Return the zone of a name. Raises fault 40485 for an unknown one."""
    if name in ("UTC", "GMT", "Z"):
        return UTC_ZONE
    offset = _OFFSET.match(name)
    if offset is not None:
        sign, hours, minutes = offset.groups()
        return Zone((-60_000 if sign == "-" else 60_000) * (int(hours) * 60 + int(minutes or 0)))
    try:
        if not name or name[0] in "./" or ".." in name:
            raise KeyError(name)
        return Zone(rules=ZoneInfo(name))
    except (KeyError, ValueError, OSError):  # not found; no name of a file; a directory
        raise fault(40485, f'unrecognized time zone identifier: "{name}"') from None


def zone_of(value: Any) -> Zone:
    """Return the zone that a string names. Raises fault 40517 for what is no string."""
    if not isinstance(value, str):
        raise fault(40517, f"timezone must evaluate to a string, found {name_of(value)}")
    return zone_named(value)
