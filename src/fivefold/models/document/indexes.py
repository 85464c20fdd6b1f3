"""Which keys a document has in an index.

A part of an index is a path. Where the path meets an array the document has a key for each
element; parts that go through the same array take the same element, and two arrays beside each
other are refused (manual, "Multikey Indexes"). A missing field is indexed as null, an empty array
below it. A sparse index leaves out a document in which all parts are missing, a partial one what
its filter does not match.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import Any

from fivefold.catalog.containers import DocumentIndex
from fivefold.models.document.keys import EMPTY_ARRAY, complement, key_of
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import MISSING, Document

HASHED = "hashed"
KEYS_MAX = 100_000
"""Keys that one document may have in one index."""

_EMPTY: Any = object()  # an array without elements, where a path ends

Matches = Callable[[Document], bool]
Step = tuple[Any, tuple[str, ...]]  # what was reached, and the rest of the path


class Keys:
    """An index's way from documents to keys. ``matches`` is the filter of a partial one."""

    __slots__ = ("_hashed", "_matches", "_plain", "definition", "parts")

    def __init__(self, definition: DocumentIndex, matches: Matches | None = None) -> None:
        self.definition = definition
        self.parts = tuple((tuple(path.split(".")), way) for path, way in definition.parts)
        self._matches = matches
        self._hashed = [path for path, way in self.parts if way == HASHED]
        (first, way), *more = self.parts
        self._plain = first[0] if len(first) == 1 and way == 1 and not more else None

    def of(self, document: Document) -> list[bytes]:
        """Return the document's keys, each once. Raises fault 171 and 16766."""
        if self._matches is not None and not self._matches(document):
            return []
        if self._plain is not None:  # one field at the top, ascending
            value = document.get(self._plain, MISSING)
            if value.__class__ is not list:
                if value is MISSING and self.definition.sparse:
                    return []
                return [key_of(value)]
        for path in self._hashed:
            if _walk(document, path)[0].__class__ is list:
                raise fault(16766, "hashed indexes do not currently support array values")
        rows: list[tuple[Any, ...]] = []
        _expand([(document, path) for path, _ in self.parts], rows)
        if self.definition.sparse:
            rows = [row for row in rows if any(value is not MISSING for value in row)]
        return list(dict.fromkeys(map(self._key, rows)))

    def _key(self, row: tuple[Any, ...]) -> bytes:
        return b"".join(
            [part_key(value, way) for value, (_, way) in zip(row, self.parts, strict=True)]
        )

    def shown(self, document: Document) -> Document:
        """Return the indexed values by their paths, as an error of a duplicate shows them."""
        rows: list[tuple[Any, ...]] = []
        _expand([(document, path) for path, _ in self.parts], rows)
        row = rows[0] if rows else ()
        return {
            path: None if value is MISSING or value is _EMPTY else value
            for (path, _), value in zip(self.definition.parts, row, strict=False)
        }


def part_key(value: Any, way: int | str) -> bytes:
    """Return the key of one part's value; ``way`` is 1, -1 or "hashed"."""
    if way == HASHED:
        return hashed(key_of(value))
    key = EMPTY_ARRAY if value is _EMPTY else key_of(value)
    return complement(key) if way == -1 else key


def hashed(key: bytes) -> bytes:
    """Return what a hashed index keeps of a key."""
    return hashlib.blake2b(key, digest_size=8).digest()


def _expand(steps: list[Step], rows: list[tuple[Any, ...]]) -> None:
    """Walk all parts as far as documents lead, and on from each element of the array they meet."""
    reached = [_walk(value, path) for value, path in steps]
    arrays = [value for value, path in reached if _is_met(value, path)]
    if not arrays:
        if len(rows) >= KEYS_MAX:
            raise fault(67, f"a document has more than {KEYS_MAX} keys in an index")
        rows.append(tuple(_last(value, path) for value, path in reached))
        return
    array = arrays[0]
    if any(other is not array for other in arrays):
        raise fault(171, "cannot index parallel arrays")
    if not array:
        _expand([_of_empty(step, array) for step in reached], rows)
        return
    for at, element in enumerate(array):
        _expand([_of_element(step, array, at, element) for step in reached], rows)


class _Ended:
    """Stands for a value at which a part has ended: an array in it is not walked again."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


def _walk(value: Any, path: tuple[str, ...]) -> Step:
    at = 0
    while at < len(path) and value.__class__ is dict:
        value = value.get(path[at], MISSING)
        at += 1
    rest = path[at:]
    if rest and value.__class__ is not list and value.__class__ is not _Ended:
        return _Ended(MISSING), ()
    return value, rest


def _is_met(value: Any, path: tuple[str, ...]) -> bool:
    return value.__class__ is list


def _last(value: Any, path: tuple[str, ...]) -> Any:
    return value.value if value.__class__ is _Ended else value


def _of_empty(step: Step, array: list[Any]) -> Step:
    value, path = step
    if value is not array:
        return step
    return _Ended(MISSING if path else _EMPTY), ()


def _of_element(step: Step, array: list[Any], at: int, element: Any) -> Step:
    """Return where a part goes on if the array it met is taken at one element."""
    value, path = step
    if value is not array:
        return step
    if not path:
        return _Ended(element), ()
    if path[0].isdigit() and element.__class__ is not dict:
        # A number names an element by its place, unless the elements have fields of that name.
        found = array[int(path[0])] if int(path[0]) < len(array) else MISSING
        return (found, path[1:]) if path[1:] else (_Ended(found), ())
    if element.__class__ is list:
        return _Ended(MISSING), ()
    return element, path


def duplicate(
    namespace: str, index: str, parts: Iterable[tuple[str, Any]], values: Document
) -> Exception:
    """Return the error of a key that another document has."""
    from fivefold.values.documents.text import shown

    pattern = dict(parts)
    return fault(
        11000,
        f"E11000 duplicate key error collection: {namespace} index: {index}"
        f" dup key: {shown(values)}",
        keyPattern=pattern,
        keyValue=values,
    )
