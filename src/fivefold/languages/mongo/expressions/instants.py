"""Dates as milliseconds since 1970 and back, timestamps and ObjectIds as dates."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from bson.datetime_ms import DatetimeMS
from bson.objectid import ObjectId
from bson.timestamp import Timestamp

from fivefold.languages.mongo.expressions.terms import name_of
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import INT64_MAX, INT64_MIN
from fivefold.values.documents.order import milliseconds

_EPOCH = datetime(1970, 1, 1)
_MS = timedelta(milliseconds=1)

MS_MIN = (datetime.min - _EPOCH) // _MS
MS_MAX = (datetime.max - _EPOCH) // _MS
"""What Python's datetime holds; other dates are DatetimeMS."""


def is_date(value: Any) -> bool:
    return isinstance(value, datetime | DatetimeMS)


def of_ms(ms: int) -> datetime | DatetimeMS:
    """Return the date of so many milliseconds. Raises fault 15 past 64 bits."""
    if MS_MIN <= ms <= MS_MAX:
        return _EPOCH + timedelta(milliseconds=ms)
    if not INT64_MIN <= ms <= INT64_MAX:
        raise fault(15, "date overflow: its milliseconds do not fit 64 bits")
    return DatetimeMS(ms)


def is_moment(value: Any) -> bool:
    """Tell whether a value is a date or holds one."""
    return isinstance(value, datetime | DatetimeMS | Timestamp | ObjectId)


def moment_ms(value: Any) -> int:
    """Return the milliseconds of a date, or of the date in a timestamp or ObjectId.

    Raises fault 16006 for anything else.
    """
    if isinstance(value, datetime | DatetimeMS):
        return milliseconds(value)
    if isinstance(value, Timestamp):
        return value.time * 1000
    if isinstance(value, ObjectId):
        return int.from_bytes(value.binary[:4]) * 1000
    raise fault(16006, f"can't convert from BSON type {name_of(value)} to Date")
