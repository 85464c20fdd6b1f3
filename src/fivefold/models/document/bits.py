"""The kinds of values that a shape knows, and what it says of a path (see ``shape``)."""

from __future__ import annotations

from collections.abc import Mapping

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

SEPARATOR = "\0"
ELEMENTS = "[]"


def at(paths: Mapping[str, int], path: str) -> int:
    """Return what may be at a path, 0 if nothing ever was; ``DEEP`` if that is not known."""
    found = paths.get(path)
    if found is not None:
        return found
    while path:
        path = path.rpartition(SEPARATOR)[0]
        if paths.get(path, 0) & DEEP:
            return DEEP
    return 0
