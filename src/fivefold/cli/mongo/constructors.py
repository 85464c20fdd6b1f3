"""The types that a value may name: ObjectId('…'), ISODate('…'), Long('…') and their like.

Source: mongosh's manual, "Data Types", and its methods "Object Constructors".
"""

from __future__ import annotations

import base64
import binascii
import re
import time
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import InvalidOperation
from types import MappingProxyType
from typing import Any, NoReturn

from bson.binary import MD5_SUBTYPE, UUID_SUBTYPE, Binary
from bson.code import Code
from bson.datetime_ms import DatetimeMS
from bson.decimal128 import Decimal128
from bson.errors import InvalidId
from bson.int64 import Int64
from bson.max_key import MaxKey
from bson.min_key import MinKey
from bson.objectid import ObjectId
from bson.regex import Regex
from bson.timestamp import Timestamp

from fivefold.errors import InvalidStatement

EPOCH = datetime(1970, 1, 1)
MILLISECOND = timedelta(milliseconds=1)
CYCLE_YEARS = 400
CYCLE_MS = 146_097 * 86_400_000
"""The calendar repeats itself after 400 years: so dates out of Python's range are reckoned."""

CONSTANTS: Mapping[str, Any] = MappingProxyType(
    {
        "true": True,
        "false": False,
        "null": None,
        "undefined": None,
        "NaN": float("nan"),
        "Infinity": float("inf"),
        "MinKey": MinKey(),
        "MaxKey": MaxKey(),
    }
)


def _refuse(message: str) -> NoReturn:
    raise InvalidStatement(message)


def object_id(given: Any = None) -> ObjectId:
    """Return an ObjectId: a new one, that of 24 hexadecimal digits, or one of a time in s."""
    if given is None:
        return ObjectId()
    if isinstance(given, ObjectId):
        return given
    if isinstance(given, int | float):
        return ObjectId(int(given).to_bytes(4, "big") + ObjectId().binary[4:])
    try:
        return ObjectId(given)
    except (InvalidId, TypeError):
        _refuse("an ObjectId has 24 hexadecimal digits")


_DATE = re.compile(
    r"([+-]\d{6}|\d{4})(?:-?(\d\d)(?:-?(\d\d))?)?"
    r"(?:[T ](\d\d):?(\d\d)(?::?(\d\d)(?:\.(\d+))?)?\s*(Z|[+-]\d\d(?::?\d\d)?)?)?\Z",
    re.IGNORECASE,
)


def date(*given: Any) -> Any:
    """Return a date: now, of a text as ISO 8601 has it, of ms since 1970, of local parts."""
    if not given:
        return datetime.now(UTC).replace(tzinfo=None)
    if len(given) > 1:
        return _of_parts([int(part) for part in given])
    first = given[0]
    if isinstance(first, datetime | DatetimeMS):
        return first
    if isinstance(first, int | float):
        return of_milliseconds(int(first))
    return _of_text(first)


def iso_date(given: Any = None) -> Any:
    """Return a date of a text as ISO 8601 has it; a time without a zone is UTC."""
    return date() if given is None else _of_text(given)


def of_milliseconds(milliseconds: int) -> datetime | DatetimeMS:
    """Return the date so many milliseconds after 1970 began."""
    try:
        return EPOCH + milliseconds * MILLISECOND
    except OverflowError:
        return DatetimeMS(milliseconds)


def _of_text(text: Any) -> Any:
    match = _DATE.match(text) if isinstance(text, str) else None
    if match is None:
        _refuse("a date is written as '2024-05-31' or '2024-05-31T12:30:00Z'")
    year, month, day, hour, minute, second = (int(match[n] or n in (2, 3)) for n in range(1, 7))
    fraction = int((match[7] or "0")[:3].ljust(3, "0")) * 1000
    zone = match[8] or "Z"
    cycles, year_in_cycle = divmod(year - 2000, CYCLE_YEARS)
    try:
        read = datetime(
            2000 + year_in_cycle, month, day, hour % 24 if hour == 24 else hour, minute, second
        )
    except ValueError as error:
        _refuse(f"there is no such date: {error}")
    read += timedelta(microseconds=fraction, days=hour == 24)
    if zone in "Zz":
        zone = "+00"
    hours, minutes = int(zone[1:3]), int(zone[3:].lstrip(":") or 0)
    away = timedelta(hours=hours, minutes=minutes)
    read += -away if zone[0] == "+" else away
    return of_milliseconds((read - EPOCH) // MILLISECOND + cycles * CYCLE_MS)


def iso_text(milliseconds: int) -> str:
    """Return a date as ISO 8601 has it; years out of 0 to 9999 have six digits and a sign."""
    cycles, rest = divmod(milliseconds, CYCLE_MS)
    within = EPOCH + rest * MILLISECOND
    year = within.year + cycles * CYCLE_YEARS
    shown = f"{year:04}" if 0 <= year <= 9999 else f"{year:+07}"
    return f"{shown}{within.isoformat(timespec='milliseconds')[4:]}Z"


def _of_parts(parts: list[int]) -> datetime:
    """Return a date of year, month from 0, day, hour, minute, second, ms, in the local zone."""
    year, month, *rest = parts
    day, hour, minute, second, milliseconds = (*rest, *(1, 0, 0, 0, 0)[len(rest) :])
    try:
        first = datetime(year + month // 12, month % 12 + 1, 1)
        local = first + timedelta(
            days=day - 1, hours=hour, minutes=minute, seconds=second, milliseconds=milliseconds
        )
        return local.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError) as error:
        _refuse(f"there is no such date: {error}")


def long(given: Any = 0) -> Int64:
    """Return an int of 64 bits."""
    return Int64(_whole(given, 64))


def int32(given: Any = 0) -> int:
    """Return an int of 32 bits."""
    return _whole(given, 32)


def _whole(given: Any, bits: int) -> int:
    try:
        read = int(given)
    except (ValueError, TypeError, OverflowError):
        _refuse(f"{given!r} is not a whole number")
    if not -(2 ** (bits - 1)) <= read < 2 ** (bits - 1):
        _refuse(f"{read} does not fit {bits} bits")
    return read


def double(given: Any = 0) -> float:
    """Return a double."""
    try:
        return float(given)
    except (ValueError, TypeError):
        _refuse(f"{given!r} is not a number")


def decimal(given: Any = 0) -> Decimal128:
    """Return a decimal of 34 digits."""
    try:
        return Decimal128(str(given))
    except InvalidOperation:
        _refuse(f"{given!r} is not a decimal of 34 digits")


def uuid_of(given: Any = None) -> Binary:
    """Return a UUID, a random one unless one is given."""
    try:
        made = uuid.uuid4() if given is None else uuid.UUID(given)
    except (ValueError, AttributeError):
        _refuse("a UUID has 32 hexadecimal digits")
    return Binary(made.bytes, UUID_SUBTYPE)


def bin_data(subtype: Any, given: Any) -> Binary | bytes:
    """Return the bytes of a text in base64, as a kind of binary data."""
    try:
        return _binary(base64.b64decode(given, validate=True), subtype)
    except (binascii.Error, ValueError, TypeError):
        _refuse("BinData(subtype, text) has a text in base64")


def hex_data(subtype: Any, given: Any) -> Binary | bytes:
    """Return the bytes of hexadecimal digits, as a kind of binary data."""
    try:
        return _binary(bytes.fromhex(given), subtype)
    except (ValueError, TypeError):
        _refuse("HexData(subtype, text) has a text of hexadecimal digits")


def _binary(data: bytes, subtype: Any) -> Binary | bytes:
    if isinstance(subtype, bool) or not isinstance(subtype, int) or not 0 <= subtype <= 255:
        _refuse("a subtype of binary data is 0 to 255")
    return Binary(data, subtype) if subtype else data


def timestamp(seconds: Any = 0, increment: Any = 0) -> Timestamp:
    """Return a timestamp of seconds and a number within them, or of {t, i}."""
    if isinstance(seconds, dict):
        seconds, increment = seconds.get("t", 0), seconds.get("i", 0)
    elif isinstance(seconds, Int64):
        seconds, increment = divmod(int(seconds), 2**32)
    try:
        return Timestamp(int(seconds), int(increment))
    except (ValueError, TypeError):
        _refuse("a timestamp has two whole numbers of 32 bits")


def reg_exp(pattern: Any, options: Any = "") -> Regex[str]:
    """Return a pattern."""
    if not isinstance(pattern, str) or not isinstance(options, str):
        _refuse("RegExp(pattern, options) has two strings")
    return Regex(pattern, options)


def db_ref(collection: str, key: Any, database: str | None = None) -> dict[str, Any]:
    """Return a reference to a document, as it is kept."""
    read = {"$ref": collection, "$id": key}
    return read if database is None else {**read, "$db": database}


CONSTRUCTORS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "ObjectId": object_id,
        "Date": date,
        "ISODate": iso_date,
        "Date.now": lambda: float(time.time_ns() // 1_000_000),
        "Long": long,
        "NumberLong": long,
        "Long.fromString": long,
        "Long.fromNumber": long,
        "Int32": int32,
        "NumberInt": int32,
        "Double": double,
        "Number": double,
        "Decimal128": decimal,
        "NumberDecimal": decimal,
        "Decimal128.fromString": decimal,
        "UUID": uuid_of,
        "BinData": bin_data,
        "HexData": hex_data,
        "MD5": lambda given: hex_data(MD5_SUBTYPE, given),
        "Binary.createFromBase64": lambda given, subtype=0: bin_data(subtype, given),
        "Binary.createFromHexString": lambda given, subtype=0: hex_data(subtype, given),
        "Timestamp": timestamp,
        "RegExp": reg_exp,
        "BSONRegExp": reg_exp,
        "MinKey": MinKey,
        "MaxKey": MaxKey,
        "DBRef": db_ref,
        "Code": Code,
        "ObjectId.createFromTime": object_id,
        "ObjectId.createFromHexString": object_id,
    }
)
MEMBERS = frozenset(name.partition(".")[0] for name in CONSTRUCTORS if "." in name)
NEEDS_NEW = frozenset({"Date"})
"""Without ``new`` JavaScript makes a text of it."""
