"""What a leaf of a filter asks of one value: a closure ``value -> bool`` for each kind of leaf.

A value is what the path reached, ``MISSING`` too. Comparisons stay within a type: ``{$lt: 5}`` is
of numbers alone. Null equals what is missing; NaN equals NaN and is neither less nor greater than
anything; MinKey and MaxKey compare with all types. (Manual, "Comparison/Sort Order", "$gt".)
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import datetime
from typing import Any

from bson.datetime_ms import DatetimeMS
from bson.decimal128 import Decimal128
from bson.int64 import Int64
from bson.objectid import ObjectId
from bson.regex import Regex as BsonRegex

from fivefold.languages.mongo.match.numbers import whole_part
from fivefold.languages.mongo.match.tree import (
    Bits,
    Compare,
    Exists,
    In,
    Mod,
    Regex,
    TypeIs,
)
from fivefold.languages.mongo.patterns import compile_pattern
from fivefold.values.documents.kinds import INT64_MAX, INT64_MIN, MISSING, Kind, kind_of
from fivefold.values.documents.order import (
    RANKS,
    flags_text,
    hash_key,
    is_nan,
    milliseconds,
    number,
    rank_of,
    sort_key,
)

Test = Callable[[Any], bool]

_RELATIONS: dict[str, Callable[[Any, Any], bool]] = {
    "$eq": operator.eq,
    "$gt": operator.gt,
    "$gte": operator.ge,
    "$lt": operator.lt,
    "$lte": operator.le,
}
_WITH_EQUAL = frozenset({"$eq", "$gte", "$lte"})

PLAIN_NUMBERS = frozenset({int, float, Int64})
"""The classes of numbers that Python compares as BSON does, but for NaN."""


def compare_test(node: Compare) -> Test:
    """Return the test of a comparison."""
    kind = kind_of(node.value)
    make = _COMPARE_BY_RANK.get(RANKS[kind], _compare_by_key)
    return make(node.op, node.value)


def _never(value: Any) -> bool:
    return False


def _compare_null(op: str, target: Any) -> Test:
    if op not in _WITH_EQUAL:
        return _never
    return lambda value: value is None or value is MISSING


def _compare_number(op: str, target: Any) -> Test:
    if is_nan(target):
        return is_nan if op in _WITH_EQUAL else _never
    relation, plain = _RELATIONS[op], number(target)
    by_decimal = isinstance(target, Decimal128)

    def test(value: Any) -> bool:
        cls = value.__class__
        if cls in PLAIN_NUMBERS:
            # Decimal would raise for NaN
            return relation(value, plain) if value == value or not by_decimal else False
        if cls is Decimal128:
            exact = value.to_decimal()
            return not exact.is_nan() and relation(exact, plain)
        return False

    return test


def _compare_string(op: str, target: Any) -> Test:
    relation = _RELATIONS[op]
    return lambda value: value.__class__ is str and relation(value, target)


def _compare_bool(op: str, target: Any) -> Test:
    relation = _RELATIONS[op]
    return lambda value: value.__class__ is bool and relation(value, target)


def _compare_object_id(op: str, target: ObjectId) -> Test:
    relation = _RELATIONS[op]
    return lambda value: value.__class__ is ObjectId and relation(value, target)


def _compare_date(op: str, target: Any) -> Test:
    relation, exact = _RELATIONS[op], milliseconds(target)

    def test(value: Any) -> bool:
        cls = value.__class__
        return (cls is datetime or cls is DatetimeMS) and relation(milliseconds(value), exact)

    return test


def _compare_minimum(op: str, target: Any) -> Test:
    if op in ("$gt", "$gte"):
        also = op == "$gte"
        return lambda value: also or rank_of(value) != RANKS[Kind.MIN_KEY]
    return _compare_by_key(op, target)


def _compare_maximum(op: str, target: Any) -> Test:
    if op in ("$lt", "$lte"):
        also = op == "$lte"
        return lambda value: also or rank_of(value) != RANKS[Kind.MAX_KEY]
    return _compare_by_key(op, target)


def _compare_by_key(op: str, target: Any) -> Test:
    """Return the test for the types whose values compare by their keys."""
    relation = _RELATIONS[op]
    key = sort_key(target)
    rank = key[0]
    return lambda value: rank_of(value) == rank and relation(sort_key(value), key)


_COMPARE_BY_RANK: dict[int, Callable[[str, Any], Test]] = {
    RANKS[Kind.NULL]: _compare_null,
    RANKS[Kind.INT]: _compare_number,
    RANKS[Kind.STRING]: _compare_string,
    RANKS[Kind.BOOL]: _compare_bool,
    RANKS[Kind.OBJECT_ID]: _compare_object_id,
    RANKS[Kind.DATE]: _compare_date,
    RANKS[Kind.MIN_KEY]: _compare_minimum,
    RANKS[Kind.MAX_KEY]: _compare_maximum,
}


def in_test(node: In) -> Test:
    """Return the test of ``$in``."""
    keys = frozenset(hash_key(value) for value in node.values)
    nested = any(isinstance(value, dict | list) for value in node.values)
    patterns = [regex_test(pattern) for pattern in node.patterns]

    def test(value: Any) -> bool:
        cls = value.__class__
        if cls is str or cls is int:
            if value in keys:  # its own hash key
                return True
        elif (nested or (cls is not dict and cls is not list)) and hash_key(value) in keys:
            return True
        for pattern in patterns:  # noqa: SIM110 - mostly there is none
            if pattern(value):
                return True
        return False

    return test


def exists_test(node: Exists) -> Test:
    """Return the test of ``$exists``."""
    return lambda value: value is not MISSING


def type_test(node: TypeIs) -> Test:
    """Return the test of ``$type``."""
    kinds = node.kinds - {Kind.MISSING}
    return lambda value: kind_of(value) in kinds


def regex_test(node: Regex) -> Test:
    """Return the test of ``$regex``: strings are searched, a regular expression is to be it."""
    search = compile_pattern(node.pattern, node.options).search

    def test(value: Any) -> bool:
        if value.__class__ is str:
            return search(value) is not None
        if value.__class__ is BsonRegex:
            return bool(value.pattern == node.pattern and flags_text(value) == node.options)
        return False

    return test


def mod_test(node: Mod) -> Test:
    """Return the test of ``$mod``: of the whole part, the remainder with the number's sign."""
    divisor, remainder = abs(node.divisor), node.remainder

    def test(value: Any) -> bool:
        if value.__class__ not in PLAIN_NUMBERS and value.__class__ is not Decimal128:
            return False
        whole = whole_part(value)
        if whole is None:
            return False
        return (whole % divisor if whole >= 0 else -(-whole % divisor)) == remainder

    return test


def bits_test(node: Bits) -> Test:
    """Return the test of the bit operators.

    Numbers are whole and 64 bits wide, their sign goes on above; binary has bit 0 in its first
    byte and zeros above.
    """
    of_numbers = 0
    for position in node.positions:
        of_numbers |= 1 << min(position, 63)
    of_binary = 0
    for position in node.positions:
        of_binary |= 1 << position
    holds = _BIT_RULES[node.op]

    def test(value: Any) -> bool:
        if isinstance(value, bytes):
            return holds(int.from_bytes(value, "little") & of_binary, of_binary)
        whole = _whole(value)
        return whole is not None and holds(whole & of_numbers, of_numbers)

    return test


_BIT_RULES: dict[str, Callable[[int, int], bool]] = {
    "$bitsAllSet": lambda found, mask: found == mask,
    "$bitsAnySet": lambda found, mask: found != 0,
    "$bitsAllClear": lambda found, mask: found == 0,
    "$bitsAnyClear": lambda found, mask: found != mask,
}


def _whole(value: Any) -> int | None:
    """Return a number that is whole and has 64 bits, else None."""
    cls = value.__class__
    if cls is int or cls is Int64:
        return int(value)
    if cls is float:
        fits = INT64_MIN <= value < 2.0**63 and value == int(value)
        return int(value) if fits else None
    if cls is Decimal128:
        exact = value.to_decimal()
        if exact.is_finite() and INT64_MIN <= exact <= INT64_MAX and exact == int(exact):
            return int(exact)
    return None
