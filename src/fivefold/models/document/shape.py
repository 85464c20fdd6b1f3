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

from fivefold.values.documents.kinds import INT32_MAX, INT32_MIN

NULL = 1
BOOL = 2
INT = 4  # int32
LONG = 8  # int64 that no int32 holds
SMALL_LONG = 16  # int64 that an int32 would hold
DOUBLE = 32  # finite
STRING = 64  # without NUL
OBJECT = 128
ARRAY = 256
OBJECT_ID = 512
DATE = 1024
OTHER = 2048  # anything else: NaN, decimals, bytes, …
DEEP = 4096  # holds things of which nothing is known

NUMBERS = INT | LONG | SMALL_LONG | DOUBLE

PATHS_MAX = 500
DEPTH_MAX = 8
SEPARATOR = "\0"
ELEMENTS = "[]"

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


class Foreign(Exception):
    """A value is of no class that ``bson.decode`` gives: encode it and decode it first."""


class Shape:
    """The shape of one collection at one version of the catalog."""

    __slots__ = ("paths",)

    def __init__(self, paths: Mapping[str, int] | tuple[tuple[str, int], ...] = ()) -> None:
        self.paths: Paths = dict(paths)

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
        found = self.paths.get(path)
        if found is not None:
            return found
        while path:
            path = path.rpartition(SEPARATOR)[0]
            if self.paths.get(path, 0) & DEEP:
                return DEEP
        return 0

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
