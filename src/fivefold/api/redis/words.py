"""What may be a command's words, and how a method's arguments become them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from fivefold.errors import InvalidValue

Word = bytes | str | int | float | memoryview | bytearray
"""What may be a key or a value: texts go as UTF-8, numbers as Python prints them."""

Keys: TypeAlias = Word | Iterable[Word]
"""One key, or several."""

Seconds = int | timedelta
Moment = int | datetime

SECOND = timedelta(seconds=1)
MILLISECOND = timedelta(milliseconds=1)


def encode(word: Word) -> bytes:
    """Return a word as the bytes that Redis sees. Raises InvalidValue."""
    match word:
        case bytes():
            return word
        case str():
            return word.encode()
        case bool():
            pass
        case int():
            return b"%d" % word
        case float():
            return repr(word).encode()
        case bytearray() | memoryview():
            return bytes(word)
    raise InvalidValue(
        f"a value of type {type(word).__name__!r} is neither bytes, str, int nor float",
        hint="Convert it first.",
    )


def listed(words: Any, more: Iterable[Word] = ()) -> Iterator[Word]:
    """Yield words that are given as one, as a list, or one by one."""
    if isinstance(words, (bytes, str, int, float, memoryview, bytearray)):
        yield words
    else:
        yield from words
    yield from more


def pairs(mapping: Mapping[Any, Any]) -> list[Any]:
    """Return the keys of a mapping, each with its value behind it."""
    return [word for pair in mapping.items() for word in pair]


def flags(**chosen: object) -> list[Word]:
    """Return the names, in capitals, of what is true."""
    return [name.upper().encode() for name, is_chosen in chosen.items() if is_chosen]


def options(**chosen: Any) -> list[Any]:
    """Return each name, in capitals, with its value behind it, of what is not None."""
    return [
        word
        for name, value in chosen.items()
        if value is not None
        for word in (name.upper().encode(), value)
    ]


def together(first_name: str, first: object, second_name: str, second: object) -> bool:
    """Say whether two arguments are given. Raises InvalidValue if only one of them is."""
    if (first is None) != (second is None):
        raise InvalidValue(f"{first_name} and {second_name} must be given together")
    return first is not None


def limit_words(start_name: str, start: int | None, num: int | None) -> list[Any]:
    """Return what says which part of the answer is wanted. Raises InvalidValue."""
    return [b"LIMIT", start, num] if together(start_name, start, "num", num) else []


def seconds_of(time: Seconds) -> int:
    """Return a time in seconds."""
    return time // SECOND if isinstance(time, timedelta) else time


def milliseconds_of(time: Seconds) -> int:
    """Return a time in milliseconds, as which a number is meant."""
    return time // MILLISECOND if isinstance(time, timedelta) else time


def moment_of(moment: Moment, units_per_second: int) -> int:
    """Return a moment in units since 1970, as which a number is meant."""
    if isinstance(moment, datetime):
        return int(moment.timestamp() * units_per_second)
    return moment


def expiry_words(
    ex: Seconds | None, px: Seconds | None, exat: Moment | None, pxat: Moment | None
) -> list[Word]:
    """Return the options of SET and GETEX that say when the key expires."""
    return options(
        ex=None if ex is None else seconds_of(ex),
        px=None if px is None else milliseconds_of(px),
        exat=None if exat is None else moment_of(exat, 1),
        pxat=None if pxat is None else moment_of(pxat, 1000),
    )
