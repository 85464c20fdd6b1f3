"""How a dotted path reaches values: MongoDB's traversal (manual, "Query an Array", "Query an
Array of Embedded Documents", "Query for Null or Missing Fields").

A path is a tuple of names. Through documents it goes by name. An array on the way is gone through
in two manners at once:

* implicitly: every element that is a document is gone into by the same name (elements of other
  types, arrays too, are passed over);
* by index: a name of digits, written as the index is (``0``, not ``00``), goes to that element.

An array at the end of the path stands for each of its elements and for itself, so that
``{a: 1}`` finds ``[1, 2]`` and ``{a: [1, 2]}`` does too; but not when an index led to it: ``a.0``
of ``[[1, 2]]`` is the inner array alone.

Where a document lacks the name, or a name is asked of a scalar outside arrays, the path ends in
``MISSING``, and that once for every document on the way: ``a.b`` of ``[{b: 1}, {}]`` gives
1 and ``MISSING``. Where arrays hold nothing to go into, it gives nothing at all, which is why
``{'a.b': null}`` does not find ``{a: []}``.

With a value comes its offset where one is asked for: the index in the outermost array that was gone
through implicitly, which the positional operator ``$`` of updates and projections stands for.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import MISSING, Document
from fivefold.values.documents.text import shown_field

Path = tuple[str, ...]

OF_REFERENCES = frozenset({"$id", "$ref", "$db"})
"""Fields of a DBRef, which paths may name all the same (manual, "Database References")."""

PADDING_MAX = 1_500_000
"""How many nulls MongoDB fills an array with to reach an index beyond its end."""


def parse_path(text: str) -> Path:
    """Return the path that ``a.b.0`` writes."""
    return tuple(text.split("."))


def index_of(name: str) -> int | None:
    """Return the index that a name of a path stands for, or None: digits without leading zeros."""
    if name.isascii() and name.isdigit() and (name[0] != "0" or name == "0"):
        return int(name)
    return None


def values_at(document: Document, path: Path) -> list[Any]:
    """Return all that a path reaches; of an array at its end the elements, then the array."""
    if len(path) == 1:
        value = document.get(path[0], MISSING)
        return [*value, value] if isinstance(value, list) else [value]
    found: list[Any] = []
    _into_document(document, path, 0, found, True)
    return found


def ends_at(document: Document, path: Path) -> list[Any]:
    """Return all that a path reaches; an array at its end as the array alone."""
    if len(path) == 1:
        return [document.get(path[0], MISSING)]
    found: list[Any] = []
    _into_document(document, path, 0, found, False)
    return found


def _into_document(document: Document, path: Path, at: int, found: list[Any], expand: bool) -> None:
    """Add what ``path[at:]`` reaches in a document."""
    last = len(path) - 1
    value: Any = document
    while True:
        value = value.get(path[at], MISSING)
        if at == last:
            if expand and isinstance(value, list):
                found += value
            found.append(value)
            return
        at += 1
        if isinstance(value, dict):
            continue
        if isinstance(value, list):
            _into_array(value, path, at, found, expand)
        else:
            found.append(MISSING)
        return


def _into_array(array: list[Any], path: Path, at: int, found: list[Any], expand: bool) -> None:
    """Add what ``path[at:]`` reaches in an array's elements."""
    name = path[at]
    index = index_of(name)
    last = at == len(path) - 1
    for place, each in enumerate(array):
        if isinstance(each, dict):
            if last:
                value = each.get(name, MISSING)
                if expand and isinstance(value, list):
                    found += value
                found.append(value)
            else:
                _into_document(each, path, at, found, expand)
        if place != index:
            continue
        if last:
            found.append(each)
        elif isinstance(each, dict):
            _into_document(each, path, at + 1, found, expand)
        elif isinstance(each, list):
            _into_array(each, path, at + 1, found, expand)


def values_with_offsets(
    document: Document, path: Path, at: int = 0, expand: bool = True
) -> Iterator[tuple[Any, int | None]]:
    """Yield what ``values_at`` (or ``ends_at``) gives, each with its offset."""
    value: Any = document
    for place in range(at, len(path)):
        if isinstance(value, list):
            yield from _array_with_offsets(value, path, place, expand)
            return
        if not isinstance(value, dict):
            yield MISSING, None
            return
        value = value.get(path[place], MISSING)
    if expand and isinstance(value, list):
        for offset, each in enumerate(value):
            yield each, offset
    yield value, None


def _array_with_offsets(
    array: list[Any], path: Path, at: int, expand: bool
) -> Iterator[tuple[Any, int | None]]:
    index = index_of(path[at])
    for place, each in enumerate(array):
        if isinstance(each, dict):
            for value, _ in values_with_offsets(each, path, at, expand):
                yield value, place
        if place != index:
            continue
        if at == len(path) - 1:
            yield each, None
        elif isinstance(each, dict):
            yield from values_with_offsets(each, path, at + 1, expand)
        elif isinstance(each, list):
            yield from _array_with_offsets(each, path, at + 1, expand)


def get(document: Document, path: Path) -> Any:
    """Return what a plain walk reaches, by names in documents and by indexes in arrays.

    ``MISSING`` where it breaks off. Updates address fields so (manual, "Dot Notation").
    """
    value: Any = document
    for name in path:
        if isinstance(value, dict):
            value = value.get(name, MISSING)
        elif isinstance(value, list):
            index = index_of(name)
            value = value[index] if index is not None and index < len(value) else MISSING
        else:
            return MISSING
    return value


def set(document: Document, path: Path, value: Any) -> None:
    """Put a value where a plain walk leads, in place; documents on the way are made as needed.

    An index beyond an array's end fills it with null up to there. Raises fault 28 (PathNotViable)
    for a walk through something else, 2 for an index more than ``PADDING_MAX`` beyond the end.
    """
    parent: Any = document
    for at, name in enumerate(path):
        last = at == len(path) - 1
        if isinstance(parent, dict):
            if last:
                parent[name] = value
                return
            child = parent.get(name, MISSING)
            if child is MISSING:
                child = parent[name] = {}
        elif isinstance(parent, list) and (index := index_of(name)) is not None:
            if index >= len(parent):
                _pad(parent, index)
                parent.append(value if last else {})
            elif last:
                parent[index] = value
            if last:
                return
            child = parent[index]
        else:
            element = shown_field(path[at - 1], parent)
            raise fault(28, f"Cannot create field '{name}' in element {{{element}}}")
        parent = child


def _pad(array: list[Any], index: int) -> None:
    if index - len(array) > PADDING_MAX:
        raise fault(
            2, f"can't backfill more than {PADDING_MAX} elements; {index} is too far beyond the end"
        )
    array.extend([None] * (index - len(array)))


def unset(document: Document, path: Path) -> bool:
    """Take away what a plain walk leads to, in place; an array's element becomes null.

    Returns whether there was anything.
    """
    parent = get(document, path[:-1])
    if get(document, path) is MISSING:
        return False
    if isinstance(parent, dict):
        del parent[path[-1]]
    else:
        parent[int(path[-1])] = None
    return True
