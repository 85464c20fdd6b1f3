"""The types of BSON (bsonspec.org, "Specification Version 1.1") and how Python holds them.

=============================  =================================================================
BSON                           Python
=============================  =================================================================
int32                          int
int64                          int if it does not fit an int32, else ``bson.int64.Int64``
double, string, bool, null     float, str, bool, None
object, array                  dict, list
binary of subtype 0            bytes; of any other ``bson.binary.Binary``, UUIDs too
date                           datetime without zone, UTC; ``DatetimeMS`` out of its range
the rest                       the classes of ``bson``
=============================  =================================================================
"""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum
from typing import Any, Final
from uuid import UUID

from bson.binary import Binary
from bson.code import Code
from bson.datetime_ms import DatetimeMS
from bson.decimal128 import Decimal128
from bson.int64 import Int64
from bson.max_key import MaxKey
from bson.min_key import MinKey
from bson.objectid import ObjectId
from bson.raw_bson import RawBSONDocument
from bson.regex import Regex
from bson.timestamp import Timestamp

Document = dict[str, Any]


class Missing:
    """The class of ``MISSING``: what stands for a field that is not there."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False

    def __reduce__(self) -> str:
        return "MISSING"


MISSING: Final = Missing()


class Kind(IntEnum):
    """BSON's types by their numbers."""

    MIN_KEY = -1
    MISSING = 0  # no type of BSON: a field that is not there
    DOUBLE = 1
    STRING = 2
    OBJECT = 3
    ARRAY = 4
    BINARY = 5
    UNDEFINED = 6
    OBJECT_ID = 7
    BOOL = 8
    DATE = 9
    NULL = 10
    REGEX = 11
    DB_POINTER = 12
    CODE = 13
    SYMBOL = 14
    CODE_WITH_SCOPE = 15
    INT = 16
    TIMESTAMP = 17
    LONG = 18
    DECIMAL = 19
    MAX_KEY = 127


ALIASES: dict[str, Kind] = {
    "double": Kind.DOUBLE,
    "string": Kind.STRING,
    "object": Kind.OBJECT,
    "array": Kind.ARRAY,
    "binData": Kind.BINARY,
    "undefined": Kind.UNDEFINED,
    "objectId": Kind.OBJECT_ID,
    "bool": Kind.BOOL,
    "date": Kind.DATE,
    "null": Kind.NULL,
    "regex": Kind.REGEX,
    "dbPointer": Kind.DB_POINTER,
    "javascript": Kind.CODE,
    "symbol": Kind.SYMBOL,
    "javascriptWithScope": Kind.CODE_WITH_SCOPE,
    "int": Kind.INT,
    "timestamp": Kind.TIMESTAMP,
    "long": Kind.LONG,
    "decimal": Kind.DECIMAL,
    "minKey": Kind.MIN_KEY,
    "maxKey": Kind.MAX_KEY,
}
"""MongoDB's names of the types (manual, "BSON Types")."""

NAMES: dict[Kind, str] = {kind: name for name, kind in ALIASES.items()} | {Kind.MISSING: "missing"}

NUMBERS = frozenset({Kind.DOUBLE, Kind.INT, Kind.LONG, Kind.DECIMAL})
"""What the alias "number" stands for."""

INT32_MIN, INT32_MAX = -(2**31), 2**31 - 1
INT64_MIN, INT64_MAX = -(2**63), 2**63 - 1

_BY_CLASS: dict[type, Kind] = {
    float: Kind.DOUBLE,
    str: Kind.STRING,
    dict: Kind.OBJECT,
    list: Kind.ARRAY,
    bytes: Kind.BINARY,
    Binary: Kind.BINARY,
    UUID: Kind.BINARY,
    ObjectId: Kind.OBJECT_ID,
    bool: Kind.BOOL,
    datetime: Kind.DATE,
    DatetimeMS: Kind.DATE,
    type(None): Kind.NULL,
    Regex: Kind.REGEX,
    Int64: Kind.LONG,
    Timestamp: Kind.TIMESTAMP,
    Decimal128: Kind.DECIMAL,
    MinKey: Kind.MIN_KEY,
    MaxKey: Kind.MAX_KEY,
    Missing: Kind.MISSING,
    RawBSONDocument: Kind.OBJECT,
}


def kind_of(value: object) -> Kind:
    """Return the type that BSON gives to a value; ``Kind.MISSING`` for ``MISSING``.

    Raises TypeError for what is no value of BSON.
    """
    cls = value.__class__
    if cls is int:
        return Kind.INT if INT32_MIN <= value <= INT32_MAX else Kind.LONG  # type: ignore[operator]
    kind = _BY_CLASS.get(cls)
    if kind is not None:
        return kind
    if cls is Code:
        return Kind.CODE if value.scope is None else Kind.CODE_WITH_SCOPE  # type: ignore[attr-defined]
    for base in cls.__mro__[1:]:  # a class that a program made of one of these: SON, an enum
        kind = _BY_CLASS.get(base)
        if kind is not None:
            return kind
    raise TypeError(f"no value of BSON: {cls.__name__}")
