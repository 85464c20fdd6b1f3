"""Whether two values are the same to the last bit, as their BSON bytes would be.

This is narrower than MongoDB's comparison, to which 1 and 1.0 are equal: an update that puts the
one in the other's place changes the document, and one that puts an identical value does not.
"""

from __future__ import annotations

from math import copysign
from struct import pack
from typing import Any

import bson

from fivefold.values.documents.kinds import kind_of

_PLAIN = frozenset({str, bool, type(None), int})


def identical(first: Any, second: Any) -> bool:
    """Return whether both values have the same bytes in BSON; ``MISSING`` is only itself."""
    if first is second:
        return True
    cls = first.__class__
    if cls is second.__class__:
        if cls in _PLAIN:
            return bool(first == second)
        if cls is float:
            return _same_double(first, second)
        if cls is dict:
            return len(first) == len(second) and all(
                name == other and identical(value, second[name])
                for (name, value), other in zip(first.items(), second, strict=True)
            )
        if cls is list:
            return len(first) == len(second) and all(map(identical, first, second))
    if kind_of(first) is not kind_of(second):
        return False
    return bson.encode({"": first}) == bson.encode({"": second})


def _same_double(first: float, second: float) -> bool:
    if first == second:
        return first != 0 or copysign(1, first) == copysign(1, second)
    return first != first and second != second and pack("<d", first) == pack("<d", second)
