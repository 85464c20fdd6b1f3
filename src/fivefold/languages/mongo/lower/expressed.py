"""$expr as a condition: comparisons of fields with each other and with constants, and or not.

Expressions compare otherwise than filters do: what is missing is less than null, and null less than
everything else (manual, "Comparison/Sort Order"). So both are looked for wherever a field may be
without a value.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from bson.int64 import Int64
from bson.objectid import ObjectId

from fivefold.languages.mongo.lower.lowering import EXACT_MAX, Lowering, Steps, mark
from fivefold.models.document import bits
from fivefold.models.document.shadow import DATE, OBJECT_ID
from fivefold.plan.statement import Reading

_READ: dict[int, tuple[Reading, str | None]] = {
    bits.NUMBERS: (Reading.NUMBER, None),
    bits.STRING: (Reading.TEXT, None),
    bits.BOOL: (Reading.BOOLEAN, None),
    bits.OBJECT_ID: (Reading.TEXT, OBJECT_ID),
    bits.DATE: (Reading.INTEGER, DATE),
}
"""Kinds whose values compare with each other, and how they are read."""

_CLASSES: dict[type, int] = {
    int: bits.NUMBERS,
    Int64: bits.NUMBERS,
    float: bits.NUMBERS,
    str: bits.STRING,
    bool: bits.BOOL,
    ObjectId: bits.OBJECT_ID,
    datetime: bits.DATE,
}


class _Constant(NamedTuple):
    value: Any


class _Field(NamedTuple):
    path: Steps
    kinds: int


def expressed(lowering: Lowering, expression: Any) -> str | None:
    """Return an expression as a condition, None if it is more than can be said."""
    if expression.__class__ is not dict or len(expression) != 1:
        return None
    ((name, value),) = expression.items()
    if name in _JOINED:
        texts = [expressed(lowering, one) for one in value] if isinstance(value, list) else []
        said = [f"({text})" for text in texts if text is not None]
        return _JOINED[name].join(said) if said and len(said) == len(texts) else None
    if name == "$not":
        inner = value[0] if isinstance(value, list) and len(value) == 1 else value
        text = expressed(lowering, inner)
        return None if text is None else _not(text)
    say = _COMPARISONS.get(name)
    if say is None or not isinstance(value, list) or len(value) != 2:
        return None
    left, right = (_operand(lowering, one) for one in value)
    if isinstance(left, _Constant) and isinstance(right, _Field):
        left, right, say = right, left, _COMPARISONS[_TURNED[name]]
    if not isinstance(left, _Field) or right is None:
        return None
    return say(lowering, left, right) if _alike(lowering, left, right) else None


_JOINED = {"$and": " AND ", "$or": " OR "}
_TURNED = {"$eq": "$eq", "$ne": "$ne", "$gt": "$lt", "$lt": "$gt", "$gte": "$lte", "$lte": "$gte"}


def _not(text: str) -> str:
    return f"({text}) IS NOT TRUE"


def _operand(lowering: Lowering, value: Any) -> _Constant | _Field | None:
    if value.__class__ is str and value[:1] == "$":
        if value[1:2] in ("$", ""):
            return None
        path = tuple(value[1:].split("."))
        kinds = lowering.kinds(path)
        return None if kinds is None else _Field(path, kinds & ~bits.NULL)
    if value.__class__ is dict:
        if value.keys() != {"$literal"}:
            return None
        value = value["$literal"]
    if value.__class__ not in _CLASSES or (value.__class__ is float and value - value != 0):
        return None
    return None if value.__class__ is str and "\0" in value else _Constant(value)


def _group(kinds: int) -> int | None:
    """Return the kinds that compare with each other to which all of some belong."""
    return next((group for group in _READ if kinds and not kinds & ~group), None)


def _alike(lowering: Lowering, left: _Field, right: _Field | _Constant) -> bool:
    group = _group(left.kinds)
    if isinstance(right, _Constant):
        if group is None or group != _CLASSES[right.value.__class__]:
            return False
        small = group != bits.NUMBERS or abs(right.value) <= EXACT_MAX
        return small or not (lowering.exact and left.kinds & (bits.DOUBLE | bits.LONG))
    if group is None or group != _group(right.kinds):
        return False
    both = left.kinds | right.kinds
    # Where numbers are digits, those of a large double are not all of it.
    return not (lowering.exact and both & bits.DOUBLE and both & bits.LONG)


def _read(lowering: Lowering, field: _Field) -> str:
    group = _group(field.kinds)
    assert group is not None
    reading, name = _READ[group]
    return lowering.path(field.path if name is None else (*field.path, name), reading)


def _missing(lowering: Lowering, field: _Field) -> str:
    return f"({lowering.path(field.path, Reading.KIND)} IS NULL)"


Operand = _Field | _Constant
Say = Callable[[Lowering, _Field, Operand], str]


def _equal(lowering: Lowering, left: _Field, right: Operand) -> str:
    one = _read(lowering, left)
    if isinstance(right, _Constant):
        return f"{one} = {mark(lowering, right.value)}"
    other = _read(lowering, right)
    absent = f"{_missing(lowering, left)} = {_missing(lowering, right)}"
    return f"{one} = {other} OR ({one} IS NULL AND {other} IS NULL AND {absent})"


def _greater(lowering: Lowering, left: _Field, right: Operand) -> str:
    one = _read(lowering, left)
    if isinstance(right, _Constant):
        return f"{one} > {mark(lowering, right.value)}"
    other = _read(lowering, right)
    null = f"NOT {_missing(lowering, left)} AND {_missing(lowering, right)}"
    return f"{one} > {other} OR ({other} IS NULL AND ({one} IS NOT NULL OR ({null})))"


def _less(lowering: Lowering, left: _Field, right: Operand) -> str:
    if isinstance(right, _Field):
        return _greater(lowering, right, left)
    one = _read(lowering, left)
    return f"{one} < {mark(lowering, right.value)} OR {one} IS NULL"


_COMPARISONS: dict[str, Say] = {
    "$eq": _equal,
    "$gt": _greater,
    "$lt": _less,
    "$ne": lambda lowering, left, right: _not(_equal(lowering, left, right)),
    "$gte": lambda lowering, left, right: _not(_less(lowering, left, right)),
    "$lte": lambda lowering, left, right: _not(_greater(lowering, left, right)),
}
