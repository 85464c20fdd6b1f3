"""What a Redis command answers: the words that the language and its wire share.

A reply is a Python value: ``bytes`` a bulk string, ``str`` a simple string, ``int`` an integer,
``None`` a null, ``bool`` a boolean, ``float`` a double, a list or tuple an array, a dict a map, a
set or frozenset a set, a ``FivefoldError`` (inside an array) an error. What Python has no type
for is a type here. The wire says how each looks in RESP2, which knows only half of them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal, TypeAlias

from fivefold.errors import FivefoldError


class NilArray(Enum):
    """The type of ``NIL_ARRAY``: a null where an array was due, which RESP2 spells differently."""

    NIL_ARRAY = "nil array"


NIL_ARRAY: Final = NilArray.NIL_ARRAY


@dataclass(frozen=True, slots=True)
class BigNumber:
    """An integer that need not fit 64 bits."""

    value: int


@dataclass(frozen=True, slots=True)
class Verbatim:
    """A text with its format, three letters such as ``txt`` or ``mkd``."""

    text: bytes
    format: str = "txt"


class Members(tuple["Reply", ...]):
    """A set that keeps its order, or whose members Python's sets do not take; RESP2: an array."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Digits:
    """A double that is spelled in its own way, with more or fewer digits than others."""

    text: bytes


@dataclass(frozen=True, slots=True)
class Push:
    """Out-of-band data: pub/sub messages, invalidations. The first item names its kind."""

    items: Sequence[Reply]


@dataclass(frozen=True, slots=True)
class Frames:
    """Replies one after the other, in no array: SUBSCRIBE answers once for each channel."""

    items: Sequence[Reply]


@dataclass(frozen=True, slots=True)
class Attributed:
    """A reply with attributes in front of it; RESP2 leaves them out."""

    attributes: dict[Reply, Reply]
    value: Reply


@dataclass(frozen=True, slots=True)
class Blocked:
    """No reply yet: the command waits until one of ``keys`` holds something, and is run again.

    After ``deadline_ms`` (Unix milliseconds; None: never) the reply is ``timed_out``. ``again`` are
    the words to run then, where they are others than those sent: XREAD's ``$`` means what it did
    when the client began to wait. It never reaches the wire.
    """

    keys: tuple[bytes, ...]
    deadline_ms: int | None
    timed_out: Reply
    again: tuple[bytes, ...] = ()


# The collections are named loosely, as a recursive alias over dict and set keys helps nobody.
Reply: TypeAlias = (
    bytes
    | str
    | int
    | float
    | bool
    | list["Reply"]
    | tuple["Reply", ...]
    | dict["Reply", "Reply"]
    | set["Reply"]
    | frozenset["Reply"]
    | FivefoldError
    | BigNumber
    | Digits
    | Verbatim
    | Push
    | Frames
    | Attributed
    | Blocked
    | Literal[NilArray.NIL_ARRAY]
    | None
)


def format_double(number: float) -> bytes:
    """Return a double as redis-server 7.0 prints it: 17 digits, or `inf`, `-inf`, `nan`."""
    if math.isfinite(number):
        return b"%.17g" % number
    return b"nan" if number != number else b"inf" if number > 0 else b"-inf"
