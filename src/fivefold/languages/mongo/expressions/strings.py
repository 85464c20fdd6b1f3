"""Strings. Source: manual, "String Expression Operators".

Indexes count bytes of UTF-8 or code points, as the names say; folding of case is ASCII only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bson.timestamp import Timestamp

from fivefold.languages.mongo.expressions.dates.formats import iso
from fivefold.languages.mongo.expressions.forms import ABSENT, Fixed, Named, Operator, Variadic
from fivefold.languages.mongo.expressions.instants import is_date
from fivefold.languages.mongo.expressions.numbers import as_long, int32, rank
from fivefold.languages.mongo.expressions.terms import name_of, nullish, shown_value
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import MISSING
from fivefold.values.documents.order import milliseconds

WHITESPACE = (
    "\0\t\n\v\f\r \xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
)
"""What $trim takes away by itself (manual, "$trim", "Whitespace Characters")."""

_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
_UPPER = {code + 32: code for code in _LOWER}


def _concat(values: list[Any]) -> str | None:
    for value in values:
        if nullish(value):
            return None
        if not isinstance(value, str):
            raise fault(16702, f"$concat only supports strings, not {name_of(value)}")
    return "".join(values)


def as_string(value: Any) -> str:
    """Return the string that operators of strings take a value for; nothing is the empty one.

    Raises fault 16007 for what is no string, number or date.
    """
    if isinstance(value, str):
        return str(value)
    if nullish(value):
        return ""
    if is_date(value):
        return iso(milliseconds(value))
    if isinstance(value, float):
        return f"{value:.15g}"
    if rank(value):
        return str(value)
    if isinstance(value, Timestamp):
        return f"Timestamp({value.time}, {value.inc})"
    raise fault(16007, f"can't convert from BSON type {name_of(value)} to String")


def _compare_case(left: Any, right: Any) -> int:
    a = as_string(left).translate(_UPPER).encode()
    b = as_string(right).translate(_UPPER).encode()
    return (a > b) - (a < b)


def _split(value: Any, separator: Any) -> list[str] | None:
    if nullish(value) or nullish(separator):
        return None
    if not isinstance(value, str):
        raise fault(
            40085,
            "$split requires an expression that evaluates to a string as a first argument, "
            f"found: {name_of(value)}",
        )
    if not isinstance(separator, str):
        raise fault(
            40086,
            "$split requires an expression that evaluates to a string as a second argument, "
            f"found: {name_of(separator)}",
        )
    if not separator:
        raise fault(40087, "$split requires a non-empty separator")
    return value.split(separator)


def _length_in_bytes(value: Any) -> int:
    if not isinstance(value, str):
        raise fault(34473, f"$strLenBytes requires a string argument, found: {name_of(value)}")
    return len(value.encode())


def _length(value: Any) -> int:
    if not isinstance(value, str):
        raise fault(34471, f"$strLenCP requires a string argument, found: {name_of(value)}")
    return len(value)


def _part_of_bytes(value: Any, start: Any, length: Any) -> str:
    """Return some bytes of a string; none may begin or end inside a character."""
    whole = as_string(value).encode()
    if not rank(start):
        raise fault(
            16034,
            f"$substrBytes:  starting index must be a numeric type (is BSON type {name_of(start)})",
        )
    if not rank(length):
        raise fault(
            16035,
            f"$substrBytes:  length must be a numeric type (is BSON type {name_of(length)})",
        )
    at, count = as_long(start), as_long(length)
    if at < 0:
        raise fault(50752, f"$substrBytes:  starting index must be non-negative (got: {at})")
    if at >= len(whole):
        return ""
    if _inside(whole, at):
        raise fault(
            28656, "$substrBytes:  Invalid range, starting index is a UTF-8 continuation byte."
        )
    end = len(whole) if count < 0 else at + count
    if _inside(whole, end):
        raise fault(
            28657,
            "$substrBytes:  Invalid range, ending index is in the middle of a UTF-8 character.",
        )
    return whole[at:end].decode()


def _inside(whole: bytes, at: int) -> bool:
    return at < len(whole) and whole[at] & 0xC0 == 0x80


def _part(value: Any, start: Any, length: Any) -> str:
    whole = as_string(value)
    at = _index("$substrCP", start, "starting index", 34450, 34451)
    count = _index("$substrCP", length, "length", 34452, 34453)
    if at < 0:
        raise fault(34455, "$substrCP: the starting index must be nonnegative integer.")
    if count < 0:
        raise fault(34454, "$substrCP: length must be a nonnegative integer.")
    return whole[at : at + count]


def _index(name: str, value: Any, what: str, no_number: int, no_int: int) -> int:
    if not rank(value):
        raise fault(
            no_number, f"{name}: {what} must be a numeric type (is BSON type {name_of(value)})"
        )
    whole = int32(value)
    if whole is None:
        raise fault(
            no_int,
            f"{name}: {what} cannot be represented as a 32-bit integral value: {value}",
        )
    return whole


def _index_of(name: str, encode: Callable[[str], Any], numbers: tuple[int, int]) -> Fixed:
    def run(value: Any, part: Any, start: Any = 0, end: Any = MISSING) -> int | None:
        if nullish(value):
            return None
        if not isinstance(value, str):
            raise fault(
                numbers[0],
                f"{name} requires a string as the first argument, found: {name_of(value)}",
            )
        if not isinstance(part, str):
            raise fault(
                numbers[1],
                f"{name} requires a string as the second argument, found: {name_of(part)}",
            )
        whole = encode(value)
        low = bound(name, start, "starting")
        high = len(whole) if end is MISSING else bound(name, end, "ending")
        if low > len(whole) or high < low:
            return -1
        return int(whole.find(encode(part), low, high))

    return Fixed(run, 2, 4)


def bound(name: str, value: Any, what: str) -> int:
    """Return an index that a search begins or ends at. Raises faults 40096 and 40097."""
    whole = int32(value)
    if whole is None:
        raise fault(
            40096,
            f"{name} requires an integral {what} index, found a value of type: {name_of(value)}, "
            f"with value: {shown_value(value)}",
        )
    if whole < 0:
        raise fault(40097, f"{name} requires a nonnegative {what} index, found: {whole}")
    return whole


def _trimming(name: str, left: bool, right: bool) -> Named:
    def run(value: Any, chars: Any) -> str | None:
        if nullish(value):
            return None
        if not isinstance(value, str):
            raise fault(
                50699,
                f"{name} requires its input to be a string, got {shown_value(value)} "
                f"(of type {name_of(value)}) instead.",
            )
        if chars is ABSENT:
            chars = WHITESPACE
        elif nullish(chars):
            return None
        elif not isinstance(chars, str):
            raise fault(
                50700,
                f"{name} requires 'chars' to be a string, got {shown_value(chars)} "
                f"(of type {name_of(chars)}) instead.",
            )
        if not chars:
            return str(value)
        kept = value.lstrip(chars) if left else value
        return str(kept.rstrip(chars) if right else kept)

    return Named(
        run,
        ("input",),
        ("chars",),
        not_object=(50696, "{operator} only supports an object as an argument"),
        unknown=(50694, "{operator} found an unknown argument: {name}"),
        lacking=(50695, "{operator} requires an '{name}' field"),
        absent=ABSENT,
    )


def _replacing(name: str, count: int) -> Named:
    def run(value: Any, find: Any, replacement: Any) -> str | None:
        given = (
            ("input", 51746, value),
            ("find", 51745, find),
            ("replacement", 51744, replacement),
        )
        for what, number, each in given:
            if not nullish(each) and not isinstance(each, str):
                raise fault(
                    number,
                    f"{name} requires that '{what}' be a string, found: {shown_value(each)}",
                )
        if any(nullish(each) for _, _, each in given):
            return None
        return str(value.replace(find, replacement, count))

    return Named(
        run,
        ("input", "find", "replacement"),
        not_object=(51751, "{operator} requires an object as an argument"),
        unknown=(51750, "{operator} found an unknown argument: {name}"),
        lacking=(51749, "{operator} requires '{name}' to be specified"),
        numbers={"find": 51748, "replacement": 51747},
    )


OPERATORS: dict[str, Operator] = {
    "$concat": Variadic(_concat),
    "$indexOfBytes": _index_of("$indexOfBytes", str.encode, (40091, 40092)),
    "$indexOfCP": _index_of("$indexOfCP", str, (40093, 40094)),
    "$ltrim": _trimming("$ltrim", True, False),
    "$replaceAll": _replacing("$replaceAll", -1),
    "$replaceOne": _replacing("$replaceOne", 1),
    "$rtrim": _trimming("$rtrim", False, True),
    "$split": Fixed(_split, 2),
    "$strLenBytes": Fixed(_length_in_bytes),
    "$strLenCP": Fixed(_length),
    "$strcasecmp": Fixed(_compare_case, 2),
    "$substr": Fixed(_part_of_bytes, 3),
    "$substrBytes": Fixed(_part_of_bytes, 3),
    "$substrCP": Fixed(_part, 3),
    "$toLower": Fixed(lambda value: as_string(value).translate(_LOWER)),
    "$toUpper": Fixed(lambda value: as_string(value).translate(_UPPER)),
    "$trim": _trimming("$trim", True, True),
}
