"""The operators on one value: each makes, from its path and argument, what happens there.

Source: manual, "Field Update Operators" and "$bit".
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from bson.timestamp import Timestamp

from fivefold.languages.mongo.update.numbers import (
    NoRoom,
    Number,
    add,
    described,
    is_long,
    multiply,
    whole,
)
from fivefold.languages.mongo.update.storable import depth_of
from fivefold.languages.mongo.update.tree import Application, Change, Leaf
from fivefold.values.documents.faults import fault
from fivefold.values.documents.identity import identical
from fivefold.values.documents.kinds import (
    INT32_MAX,
    INT32_MIN,
    MISSING,
    NAMES,
    NUMBERS,
    Kind,
    kind_of,
)
from fivefold.values.documents.order import compare, milliseconds
from fivefold.values.documents.paths import Path
from fivefold.values.documents.text import shown_field


def set_(path: Path, value: Any) -> Leaf:
    """``$set``."""
    return Leaf(_to(value), depth=depth_of(value))


def set_on_insert(path: Path, value: Any) -> Leaf:
    """``$setOnInsert``: as ``$set``, in the document that an upsert inserts."""

    def change(old: Any, at: Application, taken: Path) -> Any:
        return value if at.is_insert and not identical(old, value) else old

    return Leaf(change, depth=depth_of(value))


def unset(path: Path, value: Any) -> Leaf:
    """``$unset``: the argument does not matter; in an array the element becomes null."""
    return Leaf(lambda old, at, taken: MISSING, absent="ignore")


def _to(value: Any) -> Change:
    cls = value.__class__
    if cls is str or cls is bool or value is None:

        def change(old: Any, at: Application, taken: Path) -> Any:
            return old if old.__class__ is cls and old == value else value

    else:

        def change(old: Any, at: Application, taken: Path) -> Any:
            return old if identical(old, value) else value

    return change


def inc(path: Path, value: Any) -> Leaf:
    """``$inc``: a missing field becomes the argument. Raises fault 14 for no number."""
    _check_number(path, value, "increment")
    slow = _arithmetic("$inc", value, add, value)
    if value.__class__ is not int or is_long(value):
        return Leaf(slow)

    def change(old: Any, at: Application, taken: Path) -> Any:
        if old.__class__ is int:
            new = old + value
            if INT32_MIN <= new <= INT32_MAX and INT32_MIN <= old <= INT32_MAX:
                return new if value else old
        return slow(old, at, taken)

    return Leaf(change)


def mul(path: Path, value: Any) -> Leaf:
    """``$mul``: a missing field becomes 0 of the argument's type. Raises fault 14 for no number."""
    _check_number(path, value, "multiply")
    return Leaf(_arithmetic("$mul", value, multiply, multiply(value, 0)))


def _check_number(path: Path, value: Any, verb: str) -> None:
    if kind_of(value) not in NUMBERS:
        shown = shown_field(".".join(path), value)
        raise fault(14, f"Cannot {verb} with non-numeric argument: {{{shown}}}")


def _arithmetic(
    name: str, value: Number, how: Callable[[Number, Number], Number], first: Number
) -> Change:
    def change(old: Any, at: Application, taken: Path) -> Any:
        if old is MISSING:
            return first
        if kind_of(old) not in NUMBERS:
            raise fault(
                14,
                f"Cannot apply {name} to a value of non-numeric type. {{{_id_of(at)}}} has the"
                f" field '{taken[-1]}' of non-numeric type {NAMES[kind_of(old)]}",
            )
        try:
            new = how(old, value)
        except NoRoom:
            raise fault(
                2,
                f"Failed to apply {name} operations to current value ({described(old)}) for"
                f" document {{{_id_of(at)}}}",
            ) from None
        return old if identical(old, new) else new

    return change


def _id_of(at: Application) -> str:
    return shown_field("_id", at.root["_id"]) if "_id" in at.root else "no id"


def min_(path: Path, value: Any) -> Leaf:
    """``$min``: the argument where it is less, in BSON's order across types."""
    return Leaf(_extreme(value, -1), depth=depth_of(value))


def max_(path: Path, value: Any) -> Leaf:
    """``$max``: the argument where it is greater, in BSON's order across types."""
    return Leaf(_extreme(value, 1), depth=depth_of(value))


def _extreme(value: Any, sign: int) -> Change:
    def change(old: Any, at: Application, taken: Path) -> Any:
        return value if old is MISSING or compare(value, old) == sign else old

    return change


def current_date(path: Path, value: Any) -> Leaf:
    """``$currentDate``: a date, or with ``{$type: "timestamp"}`` a timestamp."""
    if _wants_date(value):
        return Leaf(lambda old, at, taken: old if identical(old, at.now) else at.now)

    def change(old: Any, at: Application, taken: Path) -> Any:
        return Timestamp(milliseconds(at.now) // 1000, 1)

    return Leaf(change)


def _wants_date(value: Any) -> bool:
    if isinstance(value, bool):
        return True
    if not isinstance(value, dict):
        raise fault(
            2,
            f"{NAMES[kind_of(value)]} is not valid type for $currentDate. Please use a boolean"
            " ('true') or a $type expression ({$type: 'timestamp/date'}).",
        )
    for name in value:
        if name != "$type":
            raise fault(2, f"Unrecognized $currentDate option: {name}")
    kind = value.get("$type")
    if kind not in ("date", "timestamp"):
        raise fault(
            2,
            "The '$type' string field is required to be 'date' or 'timestamp': "
            "{$currentDate: {field : {$type: 'date'}}}",
        )
    return bool(kind == "date")


_BITS: dict[str, Callable[[int, int], int]] = {
    "and": operator.and_,
    "or": operator.or_,
    "xor": operator.xor,
}


def bit(path: Path, value: Any) -> Leaf:
    """``$bit``: and, or and xor of whole numbers; a missing field counts as 0."""
    steps = _bit_steps(value)

    def change(old: Any, at: Application, taken: Path) -> Any:
        if old is not MISSING and kind_of(old) not in (Kind.INT, Kind.LONG):
            raise fault(
                2,
                f"Cannot apply $bit to a value of non-integral type.{_id_of(at)} has the field"
                f" {taken[-1]} of non-integer type {NAMES[kind_of(old)]}",
            )
        new: int = 0 if old is MISSING else old
        long = old is not MISSING and is_long(old)
        for how, operand in steps:
            long = long or is_long(operand)
            new = how(int(new), int(operand))
        new = whole(new, long=long)
        return old if identical(old, new) else new

    return Leaf(change)


def _bit_steps(value: Any) -> list[tuple[Callable[[int, int], int], int]]:
    form = "{$bit: {field: {and/or/xor: #}}"
    if not isinstance(value, dict):
        raise fault(
            2,
            f"The $bit modifier is not compatible with a {NAMES[kind_of(value)]}. You must pass in"
            f" an embedded document: {form}",
        )
    if not value:
        raise fault(2, f"You must pass in at least one bitwise operation. The format is: {form}")
    steps = []
    for name, operand in value.items():
        here = "{" + shown_field(name, operand) + "}"
        if name not in _BITS:
            raise fault(
                2,
                f"The $bit modifier only supports 'and', 'or', and 'xor', not '{name}' which is an"
                f" unknown operator: {here}",
            )
        if kind_of(operand) not in (Kind.INT, Kind.LONG):
            raise fault(
                2,
                f"The $bit modifier field must be an Integer(32/64 bit); a"
                f" '{NAMES[kind_of(operand)]}' is not supported here: {here}",
            )
        steps.append((_BITS[name], operand))
    return steps


def rename_source(path: Path, target: Any) -> Leaf:
    """Where ``$rename`` takes a field from: it goes away."""

    def change(old: Any, at: Application, taken: Path) -> Any:
        if path[0] == "_id" and old is not MISSING:
            dotted = ".".join(path)
            raise fault(
                66,
                f"Unsetting the path '{dotted}' using $rename would modify the immutable field"
                " '_id'",
            )
        return MISSING

    return Leaf(change, absent="ignore")


def rename_target(source: Path, target: Path) -> Leaf:
    """Where ``$rename`` puts a field; nothing happens if there is none.

    Raises faults 28 and 2 for a way to or from it that leads through a scalar or an array.
    """

    def change(old: Any, at: Application, taken: Path) -> Any:
        value = _renamed(source, at)
        if value is MISSING:
            return old
        _refuse_arrays(target, at, "destination")
        return old if identical(old, value) else value

    return Leaf(change)


def _renamed(source: Path, at: Application) -> Any:
    value: Any = at.root
    in_array = False
    for place, name in enumerate(source):
        if isinstance(value, dict):
            value = value.get(name, MISSING)
        elif isinstance(value, list) and name.isdecimal():
            in_array = True
            value = value[int(name)] if int(name) < len(value) else MISSING
        else:
            raise fault(
                28,
                f"cannot use the part ({source[place - 1]} of {'.'.join(source)}) to traverse the"
                f" element ({{{shown_field(source[place - 1], value)}}})",
            )
        if value is MISSING:
            return MISSING
    if in_array:
        _refuse_arrays(source, at, "source")
    return value


def _refuse_arrays(path: Path, at: Application, which: str) -> None:
    value: Any = at.root
    for place, name in enumerate(path):
        if isinstance(value, list):
            raise fault(
                2,
                f"The {which} field cannot be an array element, '{'.'.join(path)}' in doc with"
                f" {_id_of(at)} has an array field called '{path[place - 1]}'",
            )
        if not isinstance(value, dict) or name not in value:
            return
        value = value[name]


def check_rename(source: Path, target: Any) -> Path:
    """Return the path that a field is renamed to. Raises fault 2."""
    name = ".".join(source)
    here = shown_field(name, target)
    if not isinstance(target, str):
        raise fault(2, f"The 'to' field for $rename must be a string: {here}")
    if "\0" in target:
        text = "The 'to' field for $rename cannot contain an embedded null byte"
        raise fault(2, text)
    path = tuple(target.split("."))
    if path == source:
        raise fault(2, f"The source and target field for $rename must differ: {here}")
    shorter = min(len(path), len(source))
    if path[:shorter] == source[:shorter]:
        text = "The source and target field for $rename must not be on the same path: "
        raise fault(2, text + here)
    for which, parts in (("source", source), ("destination", path)):
        if any(part == "$" or part.startswith("$[") for part in parts):
            dotted = ".".join(parts)
            raise fault(2, f"The {which} field for $rename may not be dynamic: {dotted}")
    return path
