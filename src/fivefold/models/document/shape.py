"""What a collection has ever held where: its shape.

Whoever turns a filter into SQL has to know what a path may lead to: ``n > 5`` is true of an array
with a 6 in it, and of no text. A *shape* says for each path which kinds of values were ever written
there. It is kept in the catalog, grows in the transaction that brings something new, and shrinks
only with the collection. Most documents of a collection are alike, so that it soon stands still.

A path is the names that lead there, with NUL between them, which no name of BSON holds; the
elements of an array are at its path and ``[]``. What is missing somewhere leaves no trace: every
path may be missing. Below a value that has the bit ``DEEP`` nothing is known.

*Plain* documents are those that a JSON encoder writes as the shadow wants them: see ``shadow``.
"""

from __future__ import annotations

from collections.abc import Mapping
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

from fivefold.models.document.bits import (
    ARRAY,
    BOOL,
    DATE,
    DEEP,
    DOUBLE,
    ELEMENTS,
    INT,
    LONG,
    NULL,
    OBJECT,
    OBJECT_ID,
    OTHER,
    SEPARATOR,
    SMALL_LONG,
    STRING,
    at,
)
from fivefold.values.documents.kinds import INT32_MAX, INT32_MIN

PATHS_MAX = 500
DEPTH_MAX = 8
_BITS: dict[type, int] = {
    type(None): NULL,
    bool: BOOL,
    int: INT,
    float: DOUBLE,
    str: STRING,
    dict: OBJECT,
    list: ARRAY,
    ObjectId: OBJECT_ID,
    datetime: DATE,
    DatetimeMS: DATE,
    Int64: LONG,
    bytes: OTHER,
    Binary: OTHER,
    Code: OTHER,
    Decimal128: OTHER,
    MaxKey: OTHER,
    MinKey: OTHER,
    Regex: OTHER,
    Timestamp: OTHER,
}

Paths = dict[str, int]


Layout = tuple[Any, ...]
"""A path, the names of the fields of a document there, and their classes."""

Checks = tuple[
    tuple[str, ...], tuple[tuple[str, str], ...], tuple[tuple[str, str, frozenset[type]], ...]
]
"""Fields that have to be int32, those that hold documents, and those that hold arrays."""

LAYOUTS_MAX = 500

_SINGLE = (type(None), bool, float, str, ObjectId, datetime)
"""Classes whose values all have the same bit, if they are finite and without NUL."""


class Foreign(Exception):
    """A value is of no class that ``bson.decode`` gives: encode it and decode it first."""


class Shape:
    """The shape of one collection at one version of the catalog."""

    __slots__ = ("_layouts", "paths")

    def __init__(self, paths: Mapping[str, int] | tuple[tuple[str, int], ...] = ()) -> None:
        self.paths: Paths = dict(paths)
        self._layouts: dict[Layout, Checks] = {}

    def knows(self, document: dict[str, Any], path: str = "") -> bool:
        """Say whether a document brings nothing new and is plain, if its numbers are finite.

        False says nothing, nor is any text looked into. Most documents have the layout of one
        that was examined before, and so need no look at each of their paths.
        """
        found = self._layouts.get((path, *document, *map(type, document.values())))
        if found is None:
            return False
        narrow, documents, arrays = found
        for name in narrow:
            if not INT32_MIN <= document[name] <= INT32_MAX:
                return False
        for name, below in documents:
            if not self.knows(document[name], below):
                return False
        for name, below, classes in arrays:
            array = document[name]
            if array and not classes.issuperset(map(type, array)):
                return False
            if dict in classes and not all(
                self.knows(each, below) for each in array if each.__class__ is dict
            ):
                return False
        return True

    def learn(self, document: dict[str, Any], path: str = "") -> None:
        """Take note of the layout of a document that was examined: it is plain, nothing is new."""
        names, classes = tuple(document), tuple(map(type, document.values()))
        if len(self._layouts) >= LAYOUTS_MAX or any(name[:1] == "$" for name in names):
            return
        narrow: list[str] = []
        documents: list[tuple[str, str]] = []
        arrays: list[tuple[str, str, frozenset[type]]] = []
        for name, cls in zip(names, classes, strict=True):
            below = f"{path}{SEPARATOR}{name}" if path else name
            known = self.paths.get(below, 0)
            if cls is int and known & INT:
                if not known & LONG:
                    narrow.append(name)
            elif cls is dict:
                documents.append((name, below))
                self.learn(document[name], below)
            elif cls is list:
                below = f"{below}{SEPARATOR}{ELEMENTS}"
                arrays.append((name, below, self._elements(below)))
                for each in document[name]:
                    if each.__class__ is dict:
                        self.learn(each, below)
            elif cls not in _SINGLE or not known & _BITS[cls]:
                return
        self._layouts[path, *names, *classes] = tuple(narrow), tuple(documents), tuple(arrays)

    def _elements(self, path: str) -> frozenset[type]:
        """Return the classes that an array's elements may have without being examined."""
        known = self.paths.get(path, 0)
        found: set[type] = {cls for cls in (*_SINGLE, dict) if known & _BITS[cls]}
        if known & INT and known & LONG:
            found.add(int)
        return frozenset(found)

    def examine(self, document: Mapping[str, Any], grown: Paths) -> bool:
        """Put what a document brings that is new into ``grown``; say whether it is plain.

        Raises Foreign.
        """
        paths = self.paths
        plain = True
        for name, value in document.items():
            cls = value.__class__
            bit = _BITS.get(cls, 0)
            if cls is int:
                if not INT32_MIN <= value <= INT32_MAX:
                    bit = LONG
            elif cls is dict or cls is list:
                plain = _inside(name, value, cls, 1, paths, grown) and plain
            elif cls is str:
                if "\0" in value:
                    bit, plain = OTHER, False
            elif not bit:
                raise Foreign
            elif bit & ~(BOOL | NULL):
                bit, is_plain = _exactly(value, cls, bit)
                plain = plain and is_plain
            if not paths.get(name, 0) & bit:
                _grow(name, name, bit, paths, grown)
                plain = plain and name[:1] != "$"
        return plain

    def bits(self, path: str) -> int:
        """Return what may be at a path, 0 if nothing ever was; ``DEEP`` if that is not known."""
        return at(self.paths, path)

    def merged(self, grown: Paths) -> tuple[tuple[str, int], ...]:
        """Return the shape with what has grown, as the catalog keeps it."""
        paths = dict(self.paths)
        for path, bits in grown.items():
            paths[path] = paths.get(path, 0) | bits
        return tuple(paths.items())


def _grow(path: str, name: str, bit: int, paths: Paths, grown: Paths) -> None:
    """Note a kind at a path; a path too many makes its parent deep."""
    if name[:1] == "$":
        return  # never known, so that it is looked at every time
    if path not in paths and path not in grown and len(paths) + len(grown) >= PATHS_MAX:
        path, bit = path.rpartition(SEPARATOR)[0], DEEP
        if paths.get(path, 0) & DEEP:
            return
    grown[path] = grown.get(path, 0) | bit


def _inside(path: str, value: Any, cls: type, depth: int, paths: Paths, grown: Paths) -> bool:
    """Examine what a document or an array holds; say whether it is plain."""
    if (paths.get(path, 0) | grown.get(path, 0)) & DEEP or depth >= DEPTH_MAX:
        if not paths.get(path, 0) & DEEP:
            grown[path] = grown.get(path, 0) | DEEP
        return False
    plain = True
    for name, each in value.items() if cls is dict else ((ELEMENTS, one) for one in value):
        inner = each.__class__
        bit = _BITS.get(inner, 0)
        below = f"{path}{SEPARATOR}{name}"
        if inner is int:
            if not INT32_MIN <= each <= INT32_MAX:
                bit = LONG
        elif inner is dict or inner is list:
            plain = _inside(below, each, inner, depth + 1, paths, grown) and plain
        elif inner is str:
            if "\0" in each:
                bit, plain = OTHER, False
        elif not bit:
            raise Foreign
        elif bit & ~(BOOL | NULL):
            bit, is_plain = _exactly(each, inner, bit)
            plain = plain and is_plain
        if not paths.get(below, 0) & bit:
            _grow(below, name, bit, paths, grown)
            plain = plain and name[:1] != "$"
    return plain


def _exactly(value: Any, cls: type, bit: int) -> tuple[int, bool]:
    """Return the bit of a value whose class leaves a choice, and whether JSON writes it."""
    if cls is float:
        return (DOUBLE, True) if value - value == 0 else (OTHER, False)
    if cls is Int64:
        return (SMALL_LONG if INT32_MIN <= value <= INT32_MAX else LONG), True
    return bit, cls is not Code  # a Code is a str: it would be written as one
