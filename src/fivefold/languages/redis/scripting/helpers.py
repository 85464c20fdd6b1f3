"""Small things that scripts ask the host for."""

from __future__ import annotations

import math
import secrets
from hashlib import sha1

_MULTIPLIER, _INCREMENT, _MASK = 0x5DEECE66D, 0xB, (1 << 48) - 1
_LARGEST = (1 << 31) - 1


def sha1hex(text: bytes) -> bytes:
    """Return the SHA1 of a text in hexadecimal digits."""
    return sha1(text, usedforsecurity=False).hexdigest().encode()


class Random:
    """The generator of drand48: the same numbers for the same seed on every machine."""

    def __init__(self) -> None:
        self._state = secrets.randbits(48)

    def seed(self, seed: float) -> None:
        """Begin the row of numbers that belongs to a seed."""
        whole = int(seed) if math.isfinite(seed) else 1 << 31
        self._state = ((whole & 0xFFFFFFFF) << 16) + 0x330E

    def next(self) -> float:
        """Return a number from 0 up to but not including 1."""
        self._state = (self._state * _MULTIPLIER + _INCREMENT) & _MASK
        return (self._state >> 17) % _LARGEST / _LARGEST
