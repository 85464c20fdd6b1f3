"""$toHashedIndexKey: the hash of a value that a hashed index keeps.

MD5 over a seed, the rank of the type and the value's bytes, of which the first eight are taken as
an int64. Numbers of all types hash as the int64 that they are cut to; documents and arrays field
by field. Source: manual, "$toHashedIndexKey", "Hashed Indexes".
"""

from __future__ import annotations

import hashlib
import math
import struct
from typing import Any

from bson.decimal128 import Decimal128

from fivefold.languages.mongo.expressions.forms import Fixed, Operator
from fivefold.languages.mongo.expressions.numbers import long, rank
from fivefold.values.documents.codec import encode
from fivefold.values.documents.kinds import INT64_MAX, INT64_MIN, MISSING, kind_of
from fivefold.values.documents.order import RANKS

_RANK = struct.Struct("<i")
_INT64 = struct.Struct("<q")


def hashed_key(value: Any) -> int:
    """Return the hash as an int of 64 bits with a sign; a missing value's is null's."""
    digest = hashlib.md5(_RANK.pack(0), usedforsecurity=False)
    digest.update(_bytes(None if value is MISSING else value, None))
    return int(_INT64.unpack(digest.digest()[:8])[0])


def _bytes(value: Any, name: str | None) -> bytes:
    parts = [_RANK.pack(RANKS[kind_of(value)])]
    if name is not None:
        parts.append(name.encode() + b"\0")
    if isinstance(value, dict):
        parts += [_bytes(each, field) for field, each in value.items()]
        parts.append(_END)
    elif isinstance(value, list):
        parts += [_bytes(each, str(at)) for at, each in enumerate(value)]
        parts.append(_END)
    elif rank(value):
        parts.append(_INT64.pack(_cut(value)))
    else:
        parts.append(encode({"": value})[6:-1])
    return b"".join(parts)


_END = _RANK.pack(0) + b"\0"
"""What stands for the end of a document: a value without a type and without a name."""


def _cut(value: Any) -> int:
    """Return a number cut to an int64; beyond that the nearest, and 0 for what is none."""
    exact = value.to_decimal() if isinstance(value, Decimal128) else value
    if exact != exact:
        return 0
    if isinstance(exact, float) and math.isinf(exact):
        return INT64_MAX if exact > 0 else INT64_MIN
    if not INT64_MIN <= exact <= INT64_MAX:
        return INT64_MAX if exact > 0 else INT64_MIN
    return int(exact)


OPERATORS: dict[str, Operator] = {
    "$toHashedIndexKey": Fixed(lambda value: long(hashed_key(value))),
}
