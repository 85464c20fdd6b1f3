"""Clustering as bytes that sort as the rows of a partition do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

from fivefold.values.cql.codec import Codec
from fivefold.values.cql.making import ValueCodec
from fivefold.values.cql.numbers import SCALE_BYTES, inverted
from fivefold.values.types import Stored

HIGHEST = b"\xff"
"""It is after the clustering of every row: no part begins with it."""

_PART, _PART_END = b"\x01", b"\x02"


def comparing(codec: Codec) -> Callable[[Stored], bytes]:
    """Return the bytes by which values compare: those of ``to_key``, but that 1.0 is 1.00."""
    to_key = codec.to_key
    if codec.type.name != "decimal":
        return to_key
    return lambda stored: to_key(stored)[:-SCALE_BYTES]


def clustering_key(
    codecs: Sequence[Codec], descending: Sequence[bool], values: Sequence[Stored]
) -> bytes:
    """Return the bytes of a row's clustering, or of its first values: those are a prefix.

    All that begin so are from these bytes on, and before ``after`` of them. ``codecs`` and
    ``descending`` may be longer than ``values``. The bytes of no values are b"".
    """
    pieces: list[bytes] = []
    for codec, turned, value in zip(codecs, descending, values, strict=False):
        key = codec.to_key(value)
        pieces += (_PART, inverted(key) if turned else key)
    return b"".join(pieces)


def after(prefix: bytes) -> bytes:
    """Return the bytes before which are all clusterings that begin with ``prefix``'s values."""
    return prefix + _PART_END


def clustering_bounds(
    codecs: Sequence[Codec],
    descending: Sequence[bool],
    values: Sequence[Stored],
) -> tuple[bytes, bytes]:
    """Return (low, high): the rows whose clustering begins with ``values`` are in between.

    Those are from ``low`` on and before ``high``; the rows of the whole partition for no values,
    but not its static row, whose clustering is b"".
    """
    if not values:
        return _PART, _PART_END
    prefix = clustering_key(codecs, descending, values)
    return prefix, after(prefix)


def read_clustering(
    codecs: Sequence[Codec], descending: Sequence[bool], key: bytes
) -> list[Stored]:
    """Return the values that ``clustering_key`` made ``key`` of."""
    at, values = 0, []
    flipped = inverted(key) if any(descending) else key
    for codec, turned in zip(codecs, descending, strict=True):
        if at == len(key):
            break
        source = flipped if turned else key
        value, at = cast(ValueCodec, codec).read_key(source, at + 1)
        values.append(value)
    return values
