"""Functions of arrays. An array lies as a JSON array of stored forms; lower bounds are 1.

Where elements are compared, numerics and intervals compare by their keys, all else as it lies.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable
from typing import Any

from fivefold.errors import InvalidValue, Unsupported
from fivefold.stores.sqlite.context import Context
from fivefold.stores.sqlite.functions.codes import INDEX_MAX, type_of_code
from fivefold.stores.sqlite.functions.table import Entry, Needs, strict, stricts
from fivefold.values.arrays import pack, shape, unpack
from fivefold.values.compare import decimal_key, interval_key
from fivefold.values.text import output
from fivefold.values.types import Kind, Stored, Type


def _element(code: str) -> Type:
    type_ = type_of_code(code)
    return type_.element or type_


def key_for(type_: Type) -> Callable[[Any], Hashable]:
    """Return the function whose results are equal where values of the type are."""
    match type_.kind:
        case Kind.NUMERIC:
            return decimal_key
        case Kind.INTERVAL:
            return interval_key
    return lambda value: value


def _keys(values: list[Any], type_: Type) -> list[Hashable]:
    key = key_for(type_)
    return [None if value is None else key(value) for value in flat(values)]


def flat(values: list[Any]) -> list[Any]:
    """Return the elements of all dimensions in order."""
    if not any(isinstance(one, list) for one in values):
        return values
    return [
        one for inner in values for one in (flat(inner) if isinstance(inner, list) else [inner])
    ]


def build(code: str, *members: Stored) -> str:
    """ARRAY[…]."""
    element = _element(code)
    return pack(element, list(members))


def build_nested(code: str, *members: str | None) -> str:
    """ARRAY[ARRAY[…], …]."""
    element = _element(code)
    values = [unpack(element, one) for one in members if one is not None]
    shape(values)
    return pack(element, values)


def unnest(array: str | None) -> str:
    """Return all elements as one dimension, bytes as what SQLite's JSON can carry."""
    if array is None:
        return "[]"
    if array.count("[", 0, 3) < 2:
        return array
    values = json.loads(array)
    return array if not any(isinstance(one, list) for one in values) else json.dumps(
        flat(values), ensure_ascii=False, separators=(",", ":")
    )  # fmt: skip


def length(array: str, dimension: int) -> int | None:
    """array_length, array_upper."""
    sizes = shape(json.loads(array))
    return sizes[dimension - 1] if 0 < dimension <= len(sizes) else None


def lower(array: str, dimension: int) -> int | None:
    """array_lower."""
    return None if length(array, dimension) is None else 1


def dimensions(array: str) -> int | None:
    """array_ndims."""
    return len(shape(json.loads(array))) or None


def dims(array: str) -> str | None:
    """array_dims."""
    return "".join([f"[1:{size}]" for size in shape(json.loads(array))]) or None


def cardinality(array: str) -> int:
    """Count the elements of all dimensions."""
    return len(flat(json.loads(array)))


def subscript(array: str | None, *indexes: int | None) -> Stored:
    """array[i]…; null beyond the bounds."""
    if array is None or None in indexes:
        return None
    value: Any = json.loads(array)
    for index in indexes:
        assert index is not None
        if not isinstance(value, list) or not 0 < index <= len(value):
            return None
        value = value[index - 1]
    return None if isinstance(value, list) else value


def subscript_bytes(array: str | None, *indexes: int | None) -> Stored:
    """array[i]… of a bytea array."""
    found = subscript(array, *indexes)
    return bytes.fromhex(found[2:]) if isinstance(found, str) else found


def slice_of(array: str | None, *bounds: int | None) -> str | None:
    """array[low:high]…; a slice of more dimensions than there are is empty."""
    if array is None or None in bounds:
        return None
    values = json.loads(array)
    pairs = [(bounds[at] or 0, bounds[at + 1] or 0) for at in range(0, len(bounds), 2)]
    sizes = shape(values)
    fits = len(pairs) <= len(sizes) and all(
        max(low, 1) <= min(high, size) for (low, high), size in zip(pairs, sizes, strict=False)
    )
    found = _cut_out(values, pairs) if fits else []
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"))


def _cut_out(values: list[Any], bounds: list[tuple[int, int]]) -> list[Any]:
    (low, high), *rest = bounds
    kept = values[max(low, 1) - 1 : max(high, 0)]
    return [_cut_out(one, rest) for one in kept] if rest else kept


def _low_bound() -> Unsupported:
    return Unsupported("array subscripts begin at 1 in fivefold")


def _out_of_range() -> InvalidValue:
    return InvalidValue("array subscript out of range", "array_subscript_error")


def _refuse_null(indexes: tuple[int | None, ...]) -> list[int]:
    found = [one for one in indexes if one is not None]
    if len(found) < len(indexes):
        raise InvalidValue(
            "array subscript in assignment must not be null", "null_value_not_allowed"
        )
    return found


def assign(array: str | None, code: str, value: Stored, *indexes: int | None) -> str:
    """array[i]… = value; an array of one dimension grows, with nulls in the gap."""
    element = _element(code)
    places = _refuse_null(indexes)
    values = unpack(element, array) if array is not None else []
    if not values:
        if places != [1] * len(places):
            if len(places) > 1 or places[0] < 1:
                raise _low_bound()
            raise Unsupported("an array whose subscripts begin elsewhere than at 1")
        made: Any = value
        for _ in places:
            made = [made]
        return pack(element, made)
    sizes = shape(values)
    if len(places) != len(sizes):
        raise InvalidValue("wrong number of array subscripts", "array_subscript_error")
    if len(sizes) == 1:
        if places[0] < 1:
            raise _low_bound()
        values += [None] * (places[0] - len(values))
    elif any(not 1 <= place <= size for place, size in zip(places, sizes, strict=True)):
        raise _out_of_range()
    inner = values
    for place in places[:-1]:
        inner = inner[place - 1]
    inner[places[-1] - 1] = value
    return pack(element, values)


def assign_slice(
    array: str | None, code: str, source: str | None, *bounds: int | None
) -> str | None:
    """array[low:high] = array, in one dimension."""
    element = _element(code)
    low, high, *more = _refuse_null(bounds)
    if source is None:
        return array
    if more:
        raise Unsupported("assignment to a slice of more than one dimension")
    values = unpack(element, array) if array is not None else []
    new = flat(unpack(element, source))
    if high == INDEX_MAX:
        high = len(values) or len(new)
    if low > high:
        raise InvalidValue("upper bound cannot be less than lower bound", "array_subscript_error")
    if low < 1:
        raise _low_bound()
    if len(shape(values)) > 1:
        raise InvalidValue("wrong number of array subscripts", "array_subscript_error")
    if len(new) < high - low + 1:
        raise InvalidValue("source array too small", "array_subscript_error")
    if not values and low > 1:
        raise Unsupported("an array whose subscripts begin elsewhere than at 1")
    values += [None] * (high - len(values))
    values[low - 1 : high] = new[: high - low + 1]
    return pack(element, values)


def append(array: str | None, code: str, value: Stored, _: str) -> str:
    """array || element."""
    element = _element(code)
    return pack(element, [*_flat_members(element, array), value])


def _flat_members(element: Type, array: str | None) -> list[Any]:
    values = [] if array is None else unpack(element, array)
    if len(shape(values)) > 1:
        raise InvalidValue("argument must be empty or one-dimensional array", "data_exception")
    return values


def prepend(value: Stored, _: str, array: str | None, code: str) -> str:
    """element || array."""
    element = _element(code)
    return pack(element, [value, *_flat_members(element, array)])


def join(a: str | None, code: str, b: str | None, _: str) -> str | None:
    """array || array; a nested side takes the flat one in as a member."""
    if a is None or b is None:
        return b if a is None else a
    element = _element(code)
    one, other = unpack(element, a), unpack(element, b)
    depth, other_depth = len(shape(one)), len(shape(other))
    if one and other and depth != other_depth:
        if depth == other_depth + 1:
            other = [other]
        elif other_depth == depth + 1:
            one = [one]
        else:
            raise InvalidValue("cannot concatenate incompatible arrays", "array_subscript_error")
    joined = one + other
    shape(joined)
    return pack(element, joined)


def remove(array: str | None, code: str, value: Stored, _: str) -> str | None:
    """Leave out elements that are equal."""
    if array is None:
        return None
    _one_dimension(array, "removing elements from")
    element = _element(code)
    values = unpack(element, array)
    key = key_for(element)
    wanted = None if value is None else key(value)
    return pack(element, [one for one in values if (None if one is None else key(one)) != wanted])


def replace(array: str | None, code: str, old: Stored, _: str, new: Stored, __: str) -> str | None:
    """Put a value for those that are equal to another."""
    if array is None:
        return None
    element = _element(code)
    key = key_for(element)
    wanted = None if old is None else key(old)
    values = unpack(element, array)
    return pack(
        element, [new if (None if one is None else key(one)) == wanted else one for one in values]
    )


def position(
    array: str | None, code: str, value: Stored, _: str, start: int | None = 1, __: str = ""
) -> int | None:
    """Return where an element first is, from 1."""
    if array is None:
        return None
    _one_dimension(array, "searching for elements in")
    if start is None:
        raise InvalidValue("initial position must not be null", "null_value_not_allowed")
    found = _positions(array, code, value)
    return next((at for at in found if at >= start), None)


def positions(array: str | None, code: str, value: Stored, _: str) -> str | None:
    """Return everywhere an element is."""
    if array is None:
        return None
    _one_dimension(array, "searching for elements in")
    return json.dumps(_positions(array, code, value), separators=(",", ":"))


def _positions(array: str, code: str, value: Stored) -> list[int]:
    element = _element(code)
    values = unpack(element, array)
    key = key_for(element)
    wanted = None if value is None else key(value)
    return [at for at, one in enumerate(values, 1) if (None if one is None else key(one)) == wanted]


def _one_dimension(array: str, what: str) -> None:
    if array.startswith("[["):
        raise Unsupported(f"{what} multidimensional arrays is not supported")


def trim(array: str, count: int) -> str:
    """Leave out elements at the end."""
    values = json.loads(array)
    if not 0 <= count <= len(values):
        raise InvalidValue(
            f"number of elements to trim must be between 0 and {len(values)}",
            "array_subscript_error",
        )
    return json.dumps(values[: len(values) - count], ensure_ascii=False, separators=(",", ":"))


def contains(whole: str | None, code: str, part: str | None, _: str) -> int | None:
    """array @> array."""
    if whole is None or part is None:
        return None
    element = _element(code)
    known = set(_keys(unpack(element, whole), element)) - {None}
    return int(
        all(one is not None and one in known for one in _keys(unpack(element, part), element))
    )


def contained(part: str | None, code: str, whole: str | None, other: str) -> int | None:
    """array <@ array."""
    return contains(whole, other, part, code)


def overlaps(a: str | None, code: str, b: str | None, _: str) -> int | None:
    """array && array."""
    if a is None or b is None:
        return None
    element = _element(code)
    one, other = (set(_keys(unpack(element, side), element)) - {None} for side in (a, b))
    return int(not one.isdisjoint(other))


def to_text(context: Context, array: str | None, code: str, *rest: str | None) -> str | None:
    """array_to_string: the delimiter, and what stands for nulls, which are else left out."""
    delimiter, null = rest[0], rest[2] if len(rest) > 2 else None
    if array is None or delimiter is None:
        return None
    element = _element(code)
    show = output(element, zone=context.zone)
    texts = [null if one is None else show(one) for one in flat(unpack(element, array))]
    return delimiter.join([text for text in texts if text is not None])


def subscripts(array: str, dimension: int, backwards: int = 0) -> str:
    """generate_subscripts."""
    found = range(1, (length(array, dimension) or 0) + 1)
    return json.dumps(list(reversed(found) if backwards else found))


FUNCTIONS: tuple[Entry, ...] = (
    *stricts(
        ("ff_array_length", length),
        ("ff_array_upper", length),
        ("ff_array_lower", lower),
        ("ff_array_ndims", dimensions),
        ("ff_array_dims", dims),
        ("ff_cardinality", cardinality),
        ("ff_trim_array", trim),
        ("ff_generate_subscripts", subscripts),
    ),
    Entry("ff_array", -1, build),
    Entry("ff_array_nested", -1, strict(build_nested)),
    Entry("ff_unnest", 1, unnest),
    Entry("ff_subscript", -1, subscript),
    Entry("ff_subscript_bytea", -1, subscript_bytes),
    Entry("ff_slice", -1, slice_of),
    Entry("ff_array_assign", -1, assign),
    Entry("ff_array_assign_slice", -1, assign_slice),
    Entry("ff_array_append", 4, append),
    Entry("ff_array_prepend", 4, prepend),
    Entry("ff_array_cat", 4, join),
    Entry("ff_array_remove", 4, remove),
    Entry("ff_array_replace", 6, replace),
    Entry("ff_array_position", -1, position),
    Entry("ff_array_positions", 4, positions),
    Entry("ff_arraycontains", 4, contains),
    Entry("ff_arraycontained", 4, contained),
    Entry("ff_arrayoverlap", 4, overlaps),
    Entry("ff_array_to_string", -1, to_text, deterministic=False, needs=Needs.CONTEXT),
)
