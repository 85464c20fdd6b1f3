"""Sort specifications and the keys by which documents sort.

A document's key is a tuple with one part for each field of the specification, all ascending: a
descending part turns its order round itself. A field that is missing sorts as null. Where a path
ends in an array or leads through one, ascending takes the least of the elements and descending the
greatest; an empty array sorts below null. Two fields of one specification may reach into the same
array, and then into the same element of it; into two different arrays they may not.
Source: manual 7.0, "$sort (aggregation)", "cursor.sort()", sections on consistency and arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from bson.decimal128 import Decimal128
from bson.int64 import Int64

from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import MISSING, Document
from fivefold.values.documents.order import NAN, sort_key
from fivefold.values.documents.paths import OF_REFERENCES
from fivefold.values.documents.text import shown_field

KEYS_MAX = 32
"""Fields of a specification (manual, "MongoDB Limits and Thresholds")."""

Key = Callable[[Document], Any]
_EMPTY: Final = (0, 0)  # above MinKey, below null
_NUMBERS = frozenset({int, Int64, float})


class _Undefined:
    __slots__ = ()


_UNDEFINED = _Undefined()  # what an array without elements has for one


class _Down:
    """A payload whose order is turned round."""

    __slots__ = ("payload",)

    def __init__(self, payload: Any) -> None:
        self.payload = payload

    def __lt__(self, other: _Down) -> bool:
        return bool(other.payload < self.payload)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Down) and bool(self.payload == other.payload)

    __hash__ = None  # type: ignore[assignment]


class _Last:
    """Where NaN, the lowest of numbers, goes when they descend."""

    __slots__ = ()

    def __lt__(self, other: object) -> bool:
        return False

    def __gt__(self, other: object) -> bool:
        return other is not self

    def __reduce__(self) -> str:
        return "_LAST"


_LAST = _Last()


def ascending(value: Any) -> Any:
    """Return the key of one value that is no field: arrays whole, as expressions compare them."""
    return _EMPTY if value is _UNDEFINED else sort_key(value)


def descending(value: Any) -> Any:
    """Return the key of one value by which the greatest comes first."""
    if value is _UNDEFINED:
        return _EMPTY
    if value.__class__ in _NUMBERS:
        return (-10, -value if value == value else _LAST)  # type: ignore[operator]
    key = sort_key(value)
    if key is NAN:
        return (-10, _LAST)
    if key[0] == 10:  # a decimal: negated without rounding, for it compares with the other numbers
        return (-10, key[1].copy_negate() if value.__class__ is Decimal128 else -key[1])
    return (-key[0], _Down(key[1]))


@dataclass(frozen=True, slots=True)
class SortField:
    """One field of a specification."""

    path: tuple[str, ...]
    descending: bool = False

    @property
    def name(self) -> str:
        return ".".join(self.path)


@dataclass(frozen=True, slots=True)
class Sorting:
    """A sort specification that has been checked; ``key`` gives documents' keys."""

    fields: tuple[SortField, ...]
    key: Key

    def sort(self, documents: Iterable[Document]) -> list[Document]:
        """Return the documents in order; equal ones as they came."""
        return sorted(documents, key=self.key)


def parse_sort(specification: Any) -> Sorting:
    """Return what ``{a: 1, "b.c": -1}`` says.

    Raises 15973 to 15976 and 13103 for what is no specification, as $sort does.
    """
    if not isinstance(specification, dict):
        raise fault(15973, "the $sort key specification must be an object")
    if not specification:
        raise fault(15976, "$sort stage must have at least one sort key")
    if len(specification) > KEYS_MAX:
        raise fault(13103, "too many compound keys")
    fields = tuple([_field(name, value) for name, value in specification.items()])
    return Sorting(fields, sort_function(fields))


def _field(name: str, value: Any) -> SortField:
    if isinstance(value, dict):
        if "$meta" in value:
            raise fault(
                115,
                f"sorting by {{$meta: {value['$meta']!r}}} is not supported: there are no text "
                "indexes; sort by a field",
            )
        raise fault(15974, f"Illegal key in $sort specification: {shown_field(name, value)}")
    if isinstance(value, Decimal128):
        value = value.to_decimal()
    elif isinstance(value, bool) or not isinstance(value, int | float):
        raise fault(15974, f"Illegal key in $sort specification: {shown_field(name, value)}")
    if value not in (1, -1):
        raise fault(15975, "$sort key ordering must be 1 (for ascending) or -1 (for descending)")
    return SortField(field_path(name), value == -1)


def field_path(name: str) -> tuple[str, ...]:
    """Return the parts of a path; raises what is wrong with it."""
    if not name:
        raise fault(40352, "FieldPath cannot be constructed with empty string")
    if name[-1] == ".":
        raise fault(40353, "FieldPath must not end with a '.'.")
    parts = tuple(name.split("."))
    for part in parts:
        if not part:
            raise fault(15998, "FieldPath field names may not be empty strings.")
        if part[0] == "$" and part not in OF_REFERENCES:
            raise fault(
                16410,
                "FieldPath field names may not start with '$'. Consider using $getField or "
                "$setField.",
            )
        if "\0" in part:
            raise fault(16411, "FieldPath field names may not contain '\\0'.")
    return parts


def sort_function(fields: tuple[SortField, ...]) -> Key:
    """Return the function that gives documents' keys; it raises fault 2 for parallel arrays."""
    if all(len(field.path) == 1 for field in fields):
        if len(fields) == 1:
            return _one(fields[0].path[0], fields[0].descending)
        if len(fields) == 2:
            return _two(fields)
    parts = [(field.path, descending if field.descending else ascending) for field in fields]

    def key(document: Document) -> Any:
        found = []
        for path, order in parts:
            value: Any = document
            for name in path:
                if value.__class__ is dict:
                    value = value.get(name)
                elif isinstance(value, list):
                    return _through_arrays(document, fields)
                else:
                    value = None
                    break
            if value.__class__ is list:
                return _through_arrays(document, fields)
            found.append(order(value))
        return tuple(found)

    return key


def _one(name: str, down: bool) -> Key:
    order = descending if down else ascending

    def key(document: Document) -> Any:
        value = document.get(name)
        if value.__class__ is list:
            return min(map(order, value)) if value else _EMPTY
        return order(value)

    return key


def _two(fields: tuple[SortField, ...]) -> Key:
    (first,), (second,) = fields[0].path, fields[1].path
    one = descending if fields[0].descending else ascending
    two = descending if fields[1].descending else ascending

    def key(document: Document) -> Any:
        a, b = document.get(first), document.get(second)
        if a.__class__ is list or b.__class__ is list:
            return _through_arrays(document, fields)
        return (one(a), two(b))

    return key


def _through_arrays(document: Document, fields: tuple[SortField, ...]) -> Any:
    """Return the least of the keys that the document has."""
    orders = [descending if field.descending else ascending for field in fields]
    return min(
        tuple([order(value) for order, value in zip(orders, row, strict=True)])
        for row in _rows([(document, field.path) for field in fields])
    )


_Walk = list[tuple[Any, "tuple[str, ...] | None"]]  # values and what is left of their paths


def _rows(walks: _Walk) -> Iterator[list[Any]]:
    """Yield the values that an index on these paths would hold; None: at its end."""
    array: list[Any] | None = None
    reached: _Walk = []
    for value, rest in walks:
        value, rest = _down(value, rest)
        if rest is not None:
            if array is not None and array is not value:
                raise fault(2, "cannot sort with keys that are parallel arrays")
            array = value
        reached.append((value, rest))
    if array is None:
        yield [value for value, _ in reached]
    elif not array:
        yield [
            value if rest is None else MISSING if rest else _UNDEFINED for value, rest in reached
        ]
    else:
        for element in array:
            yield from _rows(
                [(value, None) if rest is None else _of(element, rest) for value, rest in reached]
            )


def _of(element: Any, rest: tuple[str, ...]) -> tuple[Any, tuple[str, ...] | None]:
    """Return an element of an array to go on from."""
    if not rest:
        return element, None
    return (element, rest) if isinstance(element, dict) else (MISSING, None)


def _down(value: Any, rest: tuple[str, ...] | None) -> tuple[Any, tuple[str, ...] | None]:
    """Walk to the end of a path (None is left of it) or to the first array that is to be spread."""
    if rest is None:
        return value, None
    while True:
        if isinstance(value, list):
            if not rest or not rest[0].isdigit() or _names(value, rest[0]):
                return value, rest
            at = int(rest[0])
            value = value[at] if at < len(value) else MISSING
        elif not rest:
            return value, None
        elif isinstance(value, dict):
            value = value.get(rest[0], MISSING)
        else:
            return MISSING, None
        rest = rest[1:]


def _names(array: list[Any], name: str) -> bool:
    """Tell whether a number in a path is a field's name in documents of the array."""
    return any(isinstance(each, dict) and name in each for each in array)
