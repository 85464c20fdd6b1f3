"""Arrays. Source: manual, "Array Expression Operators" and each operator's page.

Null or missing instead of an array mostly gives null; what else is no array is an error.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fivefold.languages.mongo.expressions.comparison import equal
from fivefold.languages.mongo.expressions.forms import (
    Compile,
    Fixed,
    Named,
    Operator,
    Special,
    Variadic,
    applied,
    arguments_of,
    check_count,
)
from fivefold.languages.mongo.expressions.numbers import int32, integral, rank
from fivefold.languages.mongo.expressions.strings import bound
from fivefold.languages.mongo.expressions.terms import Scope, Term, name_of, nullish, shown_value
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import MISSING
from fivefold.values.documents.order import hash_key, sort_key


def _element_at(value: Any, index: Any) -> Any:
    if nullish(value) or nullish(index):
        return None
    if not isinstance(value, list):
        raise fault(
            28689, f"$arrayElemAt's first argument must be an array, but is {name_of(value)}"
        )
    if not rank(index):
        raise fault(
            28690,
            f"$arrayElemAt's second argument must be a numeric value, but is {name_of(index)}",
        )
    at = int32(index)
    if at is None:
        raise fault(
            28691,
            "$arrayElemAt's second argument must be representable as a 32-bit integer: "
            + shown_value(index),
        )
    return value[at] if -len(value) <= at < len(value) else MISSING


def _end(name: str, at: int) -> Fixed:
    def run(value: Any) -> Any:
        if isinstance(value, list):
            return value[at] if value else MISSING
        if nullish(value):
            return None
        raise fault(28689, f"{name}'s argument must be an array, but is {name_of(value)}")

    return Fixed(run)


def _array_to_object(value: Any) -> Any:
    if nullish(value):
        return None
    if not isinstance(value, list):
        raise fault(40386, f"$arrayToObject requires an array input, found: {name_of(value)}")
    if not value:
        return {}
    pair = _PAIRS.get(type(value[0]))
    if pair is None:
        raise fault(
            40398, f"Unrecognised input type format for $arrayToObject: {name_of(value[0])}"
        )
    return dict(map(pair, value))


def _pair_of_array(value: Any) -> tuple[str, Any]:
    if not isinstance(value, list):
        raise fault(
            40396,
            "$arrayToObject requires a consistent input format. Elements must all be arrays or all "
            f"be objects. Array was detected, now found: {name_of(value)}",
        )
    if len(value) != 2:
        raise fault(
            40397,
            f"$arrayToObject requires an array of size 2 arrays,found array of size: {len(value)}",
        )
    key, each = value
    if not isinstance(key, str):
        raise fault(
            40395,
            "$arrayToObject requires an array of key-value pairs, where the key must be of type "
            f"string. Found key type: {name_of(key)}",
        )
    return _checked_key(key), each


def _pair_of_object(value: Any) -> tuple[str, Any]:
    if not isinstance(value, dict):
        raise fault(
            40391,
            "$arrayToObject requires a consistent input format. Elements must all be arrays or all "
            f"be objects. Object was detected, now found: {name_of(value)}",
        )
    if len(value) != 2:
        raise fault(
            40392,
            "$arrayToObject requires an object keys of 'k' and 'v'. Found incorrect number of "
            f"keys:{len(value)}",
        )
    if "k" not in value or "v" not in value:
        raise fault(
            40393,
            "$arrayToObject requires an object with keys 'k' and 'v'. Missing either or both keys "
            f"from: {value}",
        )
    if not isinstance(value["k"], str):
        raise fault(
            40394,
            "$arrayToObject requires an object with keys 'k' and 'v', where the value of 'k' must "
            f"be of type string. Found type: {name_of(value['k'])}",
        )
    return _checked_key(value["k"]), value["v"]


def _checked_key(key: str) -> str:
    if "\0" in key:
        raise fault(4940400, "Key field cannot contain an embedded null byte")
    return key


_PAIRS: dict[type, Callable[[Any], tuple[str, Any]]] = {
    list: _pair_of_array,
    dict: _pair_of_object,
}


def _object_to_array(value: Any) -> Any:
    if nullish(value):
        return None
    if not isinstance(value, dict):
        raise fault(40390, f"$objectToArray requires a document input, found: {name_of(value)}")
    return [{"k": name, "v": each} for name, each in value.items()]


def concat_arrays(values: list[Any]) -> Any:
    joined: list[Any] = []
    for value in values:
        if nullish(value):
            return None
        if not isinstance(value, list):
            raise fault(28664, f"$concatArrays only supports arrays, not {name_of(value)}")
        joined += value
    return joined


def _in(name: str, value: Any, scope: Scope, compile: Compile) -> Term:
    given = arguments_of(value)
    check_count(name, len(given), 2, 2)
    terms = [compile(each, scope) for each in given]
    known = terms[1].constant
    if not isinstance(known, list):
        return applied(_contains, terms)
    keys = frozenset(map(hash_key, known))
    return applied(lambda value: value is not MISSING and hash_key(value) in keys, terms[:1])


def _contains(value: Any, array: Any) -> bool:
    if not isinstance(array, list):
        raise fault(40081, f"$in requires an array as a second argument, found: {name_of(array)}")
    return any(equal(value, each) for each in array)


def _index_of(array: Any, value: Any, start: Any = 0, end: Any = MISSING) -> int | None:
    if nullish(array):
        return None
    if not isinstance(array, list):
        raise fault(
            40090, f"$indexOfArray requires an array as a first argument, found: {name_of(array)}"
        )
    low = bound("$indexOfArray", start, "starting")
    high = len(array) if end is MISSING else bound("$indexOfArray", end, "ending")
    for at in range(low, min(high, len(array))):
        if equal(array[at], value):
            return at
    return -1


RANGE_BYTES_MAX = 100 * 1024 * 1024
"""The most that the numbers of $range may take, 16 bytes each, as MongoDB has it."""


def _range(start: Any, end: Any, step: Any = 1) -> list[int]:
    first = _range_bound(start, "starting", 34443)
    last = _range_bound(end, "ending", 34445)
    by = _range_bound(step, "step", 34447)
    if by == 0:
        raise fault(34449, "$range requires a non-zero step value")
    numbers = range(first, last, by)
    if len(numbers) * 16 > RANGE_BYTES_MAX:
        raise fault(146, f"$range would use too much memory ({len(numbers) * 16} bytes)")
    return [*numbers]


def _range_bound(value: Any, what: str, number: int) -> int:
    article = "an" if what == "ending" else "a"
    if not rank(value):
        noun = "step value" if what == "step" else f"{what} value"
        raise fault(
            number, f"$range requires a numeric {noun}, found value of type: {name_of(value)}"
        )
    whole = int32(value)
    if whole is None:
        raise fault(
            number + 1,
            f"$range requires {article} {what} value that can be represented as a 32-bit integer, "
            f"found value: {shown_value(value)}",
        )
    return whole


def _reverse(value: Any) -> Any:
    if nullish(value):
        return None
    if not isinstance(value, list):
        raise fault(
            34435,
            f"The argument to $reverseArray must be an array, but was of type: {name_of(value)}",
        )
    return value[::-1]


def _size(value: Any) -> int:
    if not isinstance(value, list):
        raise fault(
            17124, f"The argument to $size must be an array, but was of type: {name_of(value)}"
        )
    return len(value)


def _slice(array: Any, second: Any, third: Any = None) -> Any:
    """Return the first (or last, if negative) few; or, of three arguments, from a place on."""
    if nullish(array) or nullish(second):
        return None
    if not isinstance(array, list):
        raise fault(
            28724, f"First argument to $slice must be an array, but is of type: {name_of(array)}"
        )
    start = _slice_number(second, "Second", 28725)
    if third is None:
        return array[:start] if start >= 0 else array[start:]
    count = _slice_number(third, "Third", 28727)
    if count <= 0:
        raise fault(28729, f"Third argument to $slice must be positive: {shown_value(third)}")
    start = max(len(array) + start, 0) if start < 0 else start
    return array[start : start + count]


def _slice_three(array: Any, second: Any, third: Any) -> Any:
    return None if nullish(third) else _slice(array, second, third)


def _slice_any(*values: Any) -> Any:
    return _slice_three(*values) if len(values) == 3 else _slice(*values)


def _slice_number(value: Any, which: str, number: int) -> int:
    if not rank(value):
        raise fault(
            number,
            f"{which} argument to $slice must be a numeric value, but is of type: {name_of(value)}",
        )
    whole = int32(value)
    if whole is None:
        raise fault(
            number + 1,
            f"{which} argument to $slice can't be represented as a 32-bit integer: "
            f"{shown_value(value)}",
        )
    return whole


def count_of(value: Any) -> int:
    """Return the ``n`` of $firstN and its like: a whole number above zero."""
    if not rank(value):
        raise fault(
            5787902, f"Value for 'n' must be of integral type, but found {shown_value(value)}"
        )
    whole = integral(value)
    if whole is None:
        raise fault(
            5787903, f"Value for 'n' must be of integral type, but found {shown_value(value)}"
        )
    if whole <= 0:
        raise fault(5787908, f"'n' must be greater than 0, found {shown_value(value)}")
    return whole


def _some(pick: Callable[[list[Any], int], list[Any]], not_object: int = 5787801) -> Named:
    def run(n: Any, array: Any) -> list[Any]:
        count = count_of(n)
        if not isinstance(array, list):
            raise fault(5788200, "Input must be an array")
        return pick(array, count)

    return Named(
        run,
        ("n", "input"),
        not_object=(not_object, "specification must be an object; found {operator}: {name}"),
        unknown=(5787901, "Unknown argument for 'n' operator: {name}"),
        lacking=(5787906, "Missing value for '{name}'"),
        numbers={"input": 5787907},
    )


def _extremes(reverse: bool) -> Callable[[list[Any], int], list[Any]]:
    def pick(array: list[Any], count: int) -> list[Any]:
        there = [each for each in array if not nullish(each)]
        return sorted(there, key=sort_key, reverse=reverse)[:count]

    return pick


def _zip(name: str, value: Any, scope: Scope, compile: Compile) -> Term:
    if not isinstance(value, dict):
        raise fault(34460, f"$zip only supports an object as an argument, found {name_of(value)}")
    for each in value:
        if each not in ("inputs", "defaults", "useLongestLength"):
            raise fault(34464, f"$zip found an unknown argument: {each}")
    inputs, defaults = value.get("inputs", []), value.get("defaults", [])
    longest = value.get("useLongestLength", False)
    if not isinstance(inputs, list):
        raise fault(34461, f"inputs must be an array of expressions, found {name_of(inputs)}")
    if not isinstance(defaults, list):
        raise fault(34462, f"defaults must be an array of expressions, found {name_of(defaults)}")
    if not isinstance(longest, bool):
        raise fault(34463, f"useLongestLength must be a bool, found {name_of(longest)}")
    if not inputs:
        raise fault(34465, "$zip requires at least one input array")
    if defaults and not longest:
        raise fault(34466, "cannot specify defaults unless useLongestLength is true")
    if defaults and len(defaults) != len(inputs):
        raise fault(34467, "defaults and inputs must have the same length")
    count = len(inputs)

    def run(*values: Any) -> Any:
        arrays, fillers = values[:count], values[count:] or (None,) * count
        for array in arrays:
            if nullish(array):
                return None
            if not isinstance(array, list):
                raise fault(
                    34468, f"$zip found a non-array expression in input: {shown_value(array)}"
                )
        length = (max if longest else min)(map(len, arrays))
        return [
            [
                array[at] if at < len(array) else None if filler is MISSING else filler
                for array, filler in zip(arrays, fillers, strict=True)
            ]
            for at in range(length)
        ]

    return applied(run, [compile(each, scope) for each in [*inputs, *defaults]])


OPERATORS: dict[str, Operator] = {
    "$arrayElemAt": Fixed(_element_at, 2),
    "$arrayToObject": Fixed(_array_to_object),
    "$concatArrays": Variadic(concat_arrays),
    "$first": _end("$first", 0),
    "$firstN": _some(lambda array, count: array[:count]),
    "$in": Special(_in),
    "$indexOfArray": Fixed(_index_of, 2, 4),
    "$isArray": Fixed(lambda value: isinstance(value, list)),
    "$last": _end("$last", -1),
    "$lastN": _some(lambda array, count: array[-count:]),
    "$maxN": _some(_extremes(True), 5787900),
    "$minN": _some(_extremes(False), 5787900),
    "$objectToArray": Fixed(_object_to_array),
    "$range": Fixed(_range, 2, 3),
    "$reverseArray": Fixed(_reverse),
    "$size": Fixed(_size),
    "$slice": Fixed(_slice_any, 2, 3),
    "$zip": Special(_zip),
}
