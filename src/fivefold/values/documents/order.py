"""How BSON's values compare across types (manual, "Comparison/Sort Order").

Types have ranks; values of different ranks compare by rank alone:

    MinKey < null < numbers < strings < documents < arrays < binary < ObjectId < bool < date
    < timestamp < regular expression < code < code with scope < MaxKey

Within a rank: numbers by value, exactly, whichever of the four types holds them, NaN below all
others and equal to itself; strings by their UTF-8 bytes, which is the order of code points;
documents field by field (rank of the value, then name, then value) and the shorter first; arrays
likewise without names; binary by length, subtype, bytes; dates by milliseconds.

A field that is missing orders, equals and hashes as null. (Expressions of the aggregation
language, to which a missing field is less than null, ask for ``MISSING`` before they come here.)

All functions go by a key: ``sort_key`` is a pair (rank, payload) whose payloads compare within a
rank in C; ``hash_key`` is the value itself where Python's own equality agrees with BSON's (numbers,
strings) and a tuple that begins with the rank where it does not (True is not 1, documents know
the order of their fields).

Dates have milliseconds: what Python holds beyond them is cut off, as BSON does.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from operator import eq
from typing import Any, Final, Literal
from uuid import UUID

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

from fivefold.values.documents.kinds import Kind, Missing, kind_of

SortKey = tuple[int, Any]

RANKS: Final[dict[Kind, int]] = {
    Kind.MIN_KEY: -1,
    Kind.MISSING: 5,
    Kind.UNDEFINED: 5,
    Kind.NULL: 5,
    Kind.INT: 10,
    Kind.LONG: 10,
    Kind.DOUBLE: 10,
    Kind.DECIMAL: 10,
    Kind.STRING: 15,
    Kind.SYMBOL: 15,
    Kind.OBJECT: 20,
    Kind.ARRAY: 25,
    Kind.BINARY: 30,
    Kind.OBJECT_ID: 35,
    Kind.BOOL: 40,
    Kind.DATE: 45,
    Kind.TIMESTAMP: 47,
    Kind.REGEX: 50,
    Kind.DB_POINTER: 55,
    Kind.CODE: 60,
    Kind.CODE_WITH_SCOPE: 65,
    Kind.MAX_KEY: 127,
}
"""Where each type stands; types of one rank compare by value."""

_EPOCH = datetime(1970, 1, 1)
_MILLISECOND = timedelta(milliseconds=1)


class _NotANumber:
    """NaN's place among the numbers: below all others, equal to itself."""

    __slots__ = ()

    def __lt__(self, other: object) -> bool:
        return other is not self

    def __gt__(self, other: object) -> bool:
        return False

    def __repr__(self) -> str:
        return "NaN"

    def __reduce__(self) -> str:
        return "_NAN"


_NAN = _NotANumber()

MINIMUM: Final[SortKey] = (-1, 0)
"""The sort key of MinKey."""
NULL: Final[SortKey] = (5, 0)
"""The sort key of null and of what is missing."""
MAXIMUM: Final[SortKey] = (127, 0)
"""The sort key of MaxKey."""
NAN: Final[SortKey] = (10, _NAN)
"""The sort key of NaN."""


def milliseconds(value: datetime | DatetimeMS) -> int:
    """Return a date's milliseconds since 1970 in UTC; a datetime without zone is in UTC."""
    if isinstance(value, DatetimeMS):
        return int(value)
    if value.tzinfo is not None:
        value = value.astimezone(UTC).replace(tzinfo=None)
    return (value - _EPOCH) // _MILLISECOND


def number(value: Any) -> Any:
    """Return what Python compares for a number: int, float, or the Decimal of a Decimal128."""
    return value.to_decimal() if isinstance(value, Decimal128) else value


def is_nan(value: Any) -> bool:
    """Tell whether a value is a number that is none."""
    if isinstance(value, float):
        return value != value
    return isinstance(value, Decimal128) and value.to_decimal().is_nan()


def _double(value: float) -> SortKey:
    return (10, value) if value == value else NAN


def _decimal(value: Decimal128) -> SortKey:
    plain: Decimal = value.to_decimal()
    return NAN if plain.is_nan() else (10, plain)


def _object(value: Any) -> SortKey:
    fields = []
    for name, each in value.items():
        rank, payload = sort_key(each)
        fields.append((rank, name, payload))
    return (20, tuple(fields))


def _array(value: list[Any]) -> SortKey:
    return (25, tuple([sort_key(each) for each in value]))


def _binary(value: bytes) -> SortKey:
    return (30, (len(value), getattr(value, "subtype", 0), bytes(value)))


def _code(value: Code) -> SortKey:
    if value.scope is None:
        return (60, str(value))
    return (65, (str(value), _object(value.scope)))


_PLAIN: dict[type, int] = {str: 15, int: 10, Int64: 10, bool: 40}
"""The classes whose values are their own payloads."""

_BY_CLASS: dict[type, Callable[[Any], SortKey]] = {
    str: lambda value: (15, value),
    bool: lambda value: (40, value),
    int: lambda value: (10, value),
    float: _double,
    Decimal128: _decimal,
    ObjectId: lambda value: (35, value.binary),
    datetime: lambda value: (45, milliseconds(value)),
    DatetimeMS: lambda value: (45, int(value)),
    type(None): lambda value: NULL,
    Missing: lambda value: NULL,
    dict: _object,
    RawBSONDocument: _object,
    list: _array,
    bytes: _binary,
    UUID: lambda value: (30, (16, 4, value.bytes)),
    Timestamp: lambda value: (47, (value.time, value.inc)),
    Regex: lambda value: (50, (value.pattern, flags_text(value))),
    Code: _code,
    MinKey: lambda value: MINIMUM,
    MaxKey: lambda value: MAXIMUM,
}


def _maker_of(cls: type) -> Callable[[Any], SortKey]:
    """Return what makes the keys of a class that a program made of one of those above."""
    for base in cls.__mro__:
        make = _BY_CLASS.get(base)
        if make is not None:
            return make
    raise TypeError(f"no value of BSON: {cls.__name__}")


_FLAGS = ((2, "i"), (4, "l"), (8, "m"), (16, "s"), (32, "u"), (64, "x"))


def flags_text(value: Regex[Any]) -> str:
    """Return a regular expression's options as BSON writes them: letters in their order."""
    return "".join([letter for flag, letter in _FLAGS if value.flags & flag])


def sort_key(value: Any) -> SortKey:
    """Return what sorts as the value does; keys of equal values are equal.

    Raises TypeError for what is no value of BSON.
    """
    cls = value.__class__
    rank = _PLAIN.get(cls)
    if rank is not None:
        return (rank, value)
    return (_BY_CLASS.get(cls) or _maker_of(cls))(value)


def compare(left: Any, right: Any) -> Literal[-1, 0, 1]:
    """Return -1, 0 or 1 as ``left`` is less than, equal to or greater than ``right``."""
    if left.__class__ is right.__class__ and left.__class__ in _PLAIN:
        return -1 if left < right else 1 if left > right else 0
    key, other = sort_key(left), sort_key(right)
    return -1 if key < other else 0 if key == other else 1


def equal(left: Any, right: Any) -> bool:
    """Tell whether ``compare`` gives 0."""
    cls = left.__class__
    if cls is right.__class__:
        if cls in _PLAIN or cls is ObjectId:
            return bool(left == right)
        if cls is float:
            return bool(left == right or (left != left and right != right))
        if cls is list:
            return len(left) == len(right) and all(map(equal, left, right))
        if cls is dict:
            return (
                len(left) == len(right)
                and all(map(eq, left, right))
                and all(map(equal, left.values(), right.values()))
            )
    return sort_key(left) == sort_key(right)


def rank_of(value: Any) -> int:
    """Return the place of a value's type; only values of one rank match one another's ranges."""
    return RANKS[kind_of(value)]


_OWN_KEYS = frozenset({str, int, Int64, type(None)})
"""The classes whose values hash and equal in Python as they do in BSON."""


def hash_key(value: Any) -> Any:
    """Return what hashes and equals as the value does in BSON: equal values, equal keys."""
    cls = value.__class__
    if cls in _OWN_KEYS:
        return value
    if cls is float:
        return value if value == value else NAN
    if cls is list:
        return _hash_array(value)
    if cls is dict:
        return _hash_object(value)
    rank, payload = key = sort_key(value)
    make = _HASH_BY_RANK.get(rank)
    if make is not None:
        return make(value)
    return payload if rank in _OWN_RANKS and payload is not _NAN else key


def _hash_object(value: Any) -> Any:
    parts: list[Any] = [20]
    for name, each in value.items():
        parts.append(name)
        parts.append(hash_key(each))
    return tuple(parts)


def _hash_array(value: list[Any]) -> Any:
    return (25, *[hash_key(each) for each in value])


_HASH_BY_RANK: dict[int, Callable[[Any], Any]] = {
    5: lambda value: None,
    20: _hash_object,
    25: _hash_array,
}
_OWN_RANKS = frozenset({10, 15})
