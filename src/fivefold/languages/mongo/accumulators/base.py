"""What every accumulator is: something that takes values one by one and says what they come to."""

from __future__ import annotations

from typing import Any, Protocol

from bson.binary import Binary

STATE_BYTES = 120
"""Roughly what an accumulator with a state of a few numbers takes."""

_SCALAR_BYTES = 40
_CONTAINER_BYTES = 72


class Accumulator(Protocol):
    """One group's state. ``value`` may be MISSING; what is not for an accumulator, it ignores."""

    def add(self, value: Any, /) -> object: ...
    def result(self) -> Any: ...
    def size(self) -> int:
        """Return roughly how many bytes the state takes."""
        ...


def rough_size(value: Any) -> int:
    """Return roughly how many bytes a value takes in memory."""
    cls = value.__class__
    if cls is str:
        return 56 + len(value)
    if cls is dict:
        return _CONTAINER_BYTES + sum(
            56 + len(name) + rough_size(each) for name, each in value.items()
        )
    if cls is list or cls is tuple:
        return _CONTAINER_BYTES + sum(map(rough_size, value))
    if cls is bytes or cls is Binary:
        return _SCALAR_BYTES + len(value)
    return _SCALAR_BYTES
