"""Where a partition lies on the ring: the token of its key's bytes.

It is the first half of the 128 bits of MurmurHash3 for 64-bit machines with the seed 0, but with
bytes after the last whole block read with their signs, as Cassandra has read them from the
beginning; the lowest number stands for no token and becomes the highest.

Source: "Dynamo", "Consistent hashing using a token ring" of Cassandra's documentation;
MurmurHash3 is Austin Appleby's, in the public domain. A key of several columns is each one's bytes
between its length, two bytes, and a 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from struct import Struct
from typing import Any, cast

from fivefold.values.cql.codec import Codec
from fivefold.values.cql.faults import invalid
from fivefold.values.cql.making import ValueCodec
from fivefold.values.types import Stored

_MASK = 0xFFFFFFFFFFFFFFFF
_C1, _C2 = 0x87C37B91114253D5, 0x4CF5AD432745937F
_F1, _F2 = 0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53
_MIN, _MAX = -(2**63), 2**63 - 1
_BLOCKS = Struct("<QQ").iter_unpack
KEY_BYTES_MAX = 65_535
"""The longest partition key that Cassandra takes."""


@lru_cache(maxsize=65_536)
def token_of(wire: bytes) -> int:
    """Return the token of a partition key's bytes."""
    size = len(wire)
    whole = size & ~15
    one = two = 0
    for first, second in _BLOCKS(wire[:whole]) if whole else ():
        first = first * _C1 & _MASK
        one ^= (first << 31 | first >> 33) * _C2 & _MASK
        one = ((one << 27 & _MASK | one >> 37) + two) * 5 + 0x52DCE729 & _MASK
        second = second * _C2 & _MASK
        two ^= (second << 33 | second >> 31) * _C1 & _MASK
        two = ((two << 31 & _MASK | two >> 33) + one) * 5 + 0x38495AB5 & _MASK
    if size > whole:
        if size > whole + 8:
            second = _signed_little(wire[whole + 8 :]) * _C2 & _MASK
            two ^= (second << 33 | second >> 31) * _C1 & _MASK
        first = _signed_little(wire[whole : whole + 8]) * _C1 & _MASK
        one ^= (first << 31 | first >> 33) * _C2 & _MASK
    one ^= size
    two ^= size
    one = one + two & _MASK
    two = two + one & _MASK
    one = (one ^ one >> 33) * _F1 & _MASK
    one = (one ^ one >> 33) * _F2 & _MASK
    two = (two ^ two >> 33) * _F1 & _MASK
    two = (two ^ two >> 33) * _F2 & _MASK
    token = (one ^ one >> 33) + (two ^ two >> 33) & _MASK
    if token > _MAX:
        token -= 2**64
    return _MAX if token == _MIN else token


def _signed_little(tail: bytes) -> int:
    """Return up to 8 bytes put together by exclusive or, each with its sign reaching upwards.

    Put together so, what is above a byte with the sign is inverted once for each such byte.
    """
    found = int.from_bytes(tail, "little")
    if not tail.isascii():
        for at, byte in enumerate(tail):
            if byte > 127:
                found ^= _ABOVE[at]
    return found


_ABOVE = [_MASK << 8 * (at + 1) & _MASK for at in range(8)]


def partition_encoder(codecs: Sequence[Codec]) -> Callable[[Sequence[Any]], bytes]:
    """Return the way from a partition key's stored values to the bytes of the key.

    None of the values may be null. The error for a key that is too long is Cassandra's.
    """
    encoders = [cast(ValueCodec, codec).encode for codec in codecs]
    if len(encoders) == 1:
        (encode_one,) = encoders

        def single(values: Sequence[Any]) -> bytes:
            wire = encode_one(values[0])
            return wire if len(wire) <= KEY_BYTES_MAX else _too_long(wire)

        return single

    def several(values: Sequence[Any]) -> bytes:
        pieces: list[bytes] = []
        for encode, value in zip(encoders, values, strict=True):
            wire = encode(value)
            if len(wire) > KEY_BYTES_MAX:
                _too_long(wire)
            pieces += (len(wire).to_bytes(2, "big"), wire, b"\x00")
        whole = b"".join(pieces)
        return whole if len(whole) <= KEY_BYTES_MAX else _too_long(whole)

    return several


def _too_long(wire: bytes) -> bytes:
    raise invalid(f"Key length of {len(wire)} is longer than maximum of {KEY_BYTES_MAX}")


def partition_bytes(codecs: Sequence[Codec], values: Sequence[Stored]) -> bytes:
    """Return the bytes of a partition key; ``partition_encoder`` is the way for many of them."""
    return partition_encoder(codecs)(values)
