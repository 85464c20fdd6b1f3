"""Random documents of all BSON types, filters and sorts over them.

Names and values come from small alphabets, so that filters find something and equal values meet:
the same number in four types, an array beside its element, null beside a missing field.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson.binary import Binary
from bson.code import Code
from bson.datetime_ms import DatetimeMS
from bson.decimal128 import Decimal128
from bson.int64 import Int64
from bson.max_key import MaxKey
from bson.min_key import MinKey
from bson.objectid import ObjectId
from bson.regex import Regex
from bson.timestamp import Timestamp
from hypothesis import strategies as st

Document = dict[str, Any]

NAMES = ("a", "b", "c")
"""Names of fields; paths add indexes of arrays."""

NUMBERS: tuple[Any, ...] = (
    *(0, 1, 2, 3, -1, 7, 2**31, 2**53 + 1, -(2**63)),
    *(Int64(1), Int64(2), Int64(2**53 + 1)),
    *(0.0, -0.0, 1.0, 1.5, 2.0, -7.5, 2.0**53, 1e300),
    *(float("nan"), float("inf"), float("-inf")),
    *(Decimal128("1"), Decimal128("1.50"), Decimal128("2"), Decimal128("0.1")),
    *(Decimal128("NaN"), Decimal128("Infinity"), Decimal128("9007199254740993")),
)
STRINGS = ("", "a", "ab", "b", "B", "1", "é", "\U0001f600", "a\nb", "$a", "a.b")
OTHERS: tuple[Any, ...] = (
    *(None, True, False),
    *(datetime(2020, 1, 1), datetime(2020, 1, 1, 0, 0, 0, 1000), DatetimeMS(-(2**60))),
    *(ObjectId(b"\0" * 12), ObjectId(b"\xff" * 12)),
    *(b"", b"a", Binary(b"a", 5), Binary(b"\0" * 16, 4)),
    *(Regex("a"), Regex("a", "i"), Timestamp(1, 1), Timestamp(1, 2)),
    *(Code("f"), Code("f", {"x": 1}), MinKey(), MaxKey()),
)

SCALARS: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from(NUMBERS), st.sampled_from(STRINGS), st.sampled_from(OTHERS)
)


def _nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from((*NAMES, "0")), inner, max_size=3),
    )


VALUES: st.SearchStrategy[Any] = st.recursive(SCALARS, _nested, max_leaves=6)
"""Any value, nested a little."""

FIELDS: st.SearchStrategy[Document] = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=3)
"""A document without an ``_id``."""


def documents(count_max: int = 8) -> st.SearchStrategy[list[Document]]:
    """Return lists of documents whose ``_id`` are 0, 1, 2…"""
    return st.lists(FIELDS, max_size=count_max).map(
        lambda several: [{"_id": at, **each} for at, each in enumerate(several)]
    )


PATHS: st.SearchStrategy[str] = st.lists(
    st.sampled_from((*NAMES, *NAMES, "0", "1")), min_size=0, max_size=2
).flatmap(lambda rest: st.sampled_from(NAMES).map(lambda first: ".".join([first, *rest])))
"""Paths of one to three names, some of them indexes."""

_PLAIN_VALUES = VALUES.filter(lambda value: not isinstance(value, Regex))
_COUNTS = st.sampled_from((0, 1, 2, 3))
_PATTERNS = st.sampled_from(("a", "^a", "b$", "", "A", "[a-b]", ".", "^$"))
_TYPES = st.sampled_from(
    (
        *("double", "string", "object", "array", "binData", "objectId", "bool", "date", "null"),
        *("regex", "javascript", "int", "timestamp", "long", "decimal", "minKey", "maxKey"),
        *("number", 1, 2, 16, -1),
    )
)
_BITS = st.one_of(
    st.lists(st.sampled_from((0, 1, 2, 62, 70)), max_size=3, unique=True),
    st.sampled_from((0, 1, 3, 6)),
    st.sampled_from((b"\x01", b"\x03\x01")),
)


def _one(name: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[Document]:
    return values.map(lambda value: {name: value})


_COMPARISONS: list[st.SearchStrategy[Document]] = [
    *[_one(name, _PLAIN_VALUES) for name in ("$eq", "$ne", "$gt", "$gte", "$lt", "$lte")],
    *[
        _one(name, st.lists(VALUES.filter(lambda value: not _operators(value)), max_size=3))
        for name in ("$in", "$nin", "$all")
    ],
]
_QUESTIONS: list[st.SearchStrategy[Document]] = [
    _one("$exists", st.booleans()),
    _one("$type", st.one_of(_TYPES, st.lists(_TYPES, min_size=1, max_size=2))),
    _one("$size", _COUNTS),
    _one("$mod", st.tuples(st.sampled_from((2, 3, -2)), st.sampled_from((0, 1, -1))).map(list)),
    st.tuples(_PATTERNS, st.sampled_from(("", "i", "m", "s"))).map(
        lambda pair: {"$regex": pair[0], "$options": pair[1]}
    ),
    *[
        _one(name, _BITS)
        for name in ("$bitsAllSet", "$bitsAnySet", "$bitsAllClear", "$bitsAnyClear")
    ],
]


def _operators(value: Any) -> bool:
    return isinstance(value, dict) and next(iter(value), "").startswith("$")


def _operators_within(inner: st.SearchStrategy[Document]) -> st.SearchStrategy[Document]:
    two = st.tuples(inner, inner).map(lambda pair: {**pair[0], **pair[1]})
    return st.one_of(_one("$not", inner), _one("$elemMatch", inner), two)


OPERATORS: st.SearchStrategy[Document] = st.recursive(
    st.one_of(*_COMPARISONS, *_COMPARISONS, *_QUESTIONS), _operators_within, max_leaves=3
)
"""What may be asked of a field: ``{"$gt": 5}`` and all that can be nested in it."""

_CONDITIONS: st.SearchStrategy[Document] = st.one_of(
    st.tuples(PATHS, VALUES).map(lambda pair: {pair[0]: pair[1]}),
    st.tuples(PATHS, OPERATORS).map(lambda pair: {pair[0]: pair[1]}),
    st.tuples(PATHS, OPERATORS).map(lambda pair: {pair[0]: pair[1]}),
)


def _filters_within(inner: st.SearchStrategy[Document]) -> st.SearchStrategy[Document]:
    several = st.lists(inner, min_size=1, max_size=2)
    return st.one_of(
        *[_one(name, several) for name in ("$and", "$or", "$nor")],
        st.tuples(PATHS, inner).map(lambda pair: {pair[0]: {"$elemMatch": pair[1]}}),
        st.tuples(inner, inner).map(lambda pair: {**pair[0], **pair[1]}),
    )


FILTERS: st.SearchStrategy[Document] = st.recursive(_CONDITIONS, _filters_within, max_leaves=4)
"""Any filter that needs no expression and no schema."""

SORTS: st.SearchStrategy[Document] = st.lists(
    st.tuples(PATHS, st.sampled_from((1, -1))), min_size=1, max_size=3, unique_by=lambda key: key[0]
).map(dict)
"""Sort specifications; some name a path and one that begins with it, see ``apart``."""


def apart(specification: Document) -> bool:
    """Tell whether no path of a sort or an index begins another of it."""
    return not any(
        other != path and other.startswith(path + ".")
        for path in specification
        for other in specification
    )
