"""From replies to what redis-py's methods return.

Source: redis-py's documentation of each method, with ``decode_responses=False`` and RESP2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from typing import Any

from fivefold.values.replies import (
    NIL_ARRAY,
    BigNumber,
    Digits,
    Push,
    Reply,
    Verbatim,
    format_double,
)

Parse = Callable[[Any], Any] | None
"""From a reply to a method's result; None: they are the same."""

Cast = Callable[[Any], Any]
"""What a score's text is given to."""


def plain(reply: Any) -> Any:
    """Return a reply as RESP2 has it: bytes, integers, None and lists of them."""
    kind = type(reply)
    if kind is bytes or kind is int or reply is None:
        return reply
    if kind is str:
        return reply.encode()
    if kind is list:
        return [each if type(each) is bytes else plain(each) for each in reply]
    return _plain_rare(reply)


def _plain_rare(reply: Any) -> Any:
    match reply:
        case dict():
            return [plain(word) for pair in reply.items() for word in pair]
        case tuple() | set() | frozenset():
            return [plain(each) for each in reply]
        case bool():
            return int(reply)
        case float():
            return format_double(reply)
        case Verbatim() | Digits():
            return reply.text
        case BigNumber():
            return b"%d" % reply.value
        case Push():
            return [plain(each) for each in reply.items]
    return None if reply is NIL_ARRAY else reply


def is_ok(reply: Reply) -> bool:
    """Return what redis-py makes of OK."""
    return reply == "OK"


def text(reply: Any) -> str:
    """Return a reply that is a text."""
    word = plain(reply)
    return word.decode("utf-8", "replace") if isinstance(word, bytes) else word


def text_or_none(reply: Any) -> str | None:
    """Return a reply that is a text, or None."""
    return None if reply is None else text(reply)


def texts(reply: Any) -> list[Any]:
    """Return a list of texts, and of what is none."""
    return [each.decode() if isinstance(each, bytes) else each for each in plain(reply)]


def members(reply: Any) -> set[bytes]:
    """Return a set."""
    return set(plain(reply))


def mapping(reply: Any) -> dict[Any, Any]:
    """Return a dict of bytes."""
    return reply if type(reply) is dict else _dict(plain(reply))


def facts(reply: Any) -> dict[str, Any]:
    """Return a dict whose names are texts."""
    return {name.decode(): value for name, value in _dict(plain(reply)).items()}


def texts_by_name(reply: Any) -> dict[str, Any]:
    """Return a dict of texts."""
    return _dict(texts(reply))


def several_facts(reply: Any) -> list[dict[str, Any]]:
    """Return dicts whose names are texts."""
    return [facts(each) for each in reply]


def _dict(words: Iterable[Any]) -> dict[Any, Any]:
    return dict(_two(words))


def _two(words: Iterable[Any]) -> Iterable[tuple[Any, Any]]:
    each = iter(words)
    return zip(each, each, strict=True)


def number_or_none(reply: Any) -> float | None:
    """Return a number with a fraction, or None."""
    return None if reply is None else float(plain(reply))


def numbers(reply: Any) -> list[float | None]:
    """Return numbers with fractions, some of them None."""
    return [number_or_none(each) for each in reply]


def tuple_or_none(reply: Any) -> tuple[Any, ...] | None:
    """Return what was taken from a list, and from which."""
    return tuple(plain(reply)) or None if plain(reply) else None


def moment(reply: Any) -> tuple[int, int]:
    """Return seconds since 1970, and microseconds."""
    return int(reply[0]), int(reply[1])


def when(reply: int) -> datetime:
    """Return a moment given in seconds since 1970."""
    return datetime.fromtimestamp(reply)


def booleans(reply: Any) -> list[bool]:
    """Return what is true."""
    return [bool(each) for each in reply]


def counts(reply: Any) -> list[tuple[bytes, int]]:
    """Return names and numbers."""
    return list(_two(plain(reply)))


# Scores


def _cast(cast: Cast, word: bytes) -> Any:
    if cast is float:
        return float(word)
    try:
        return cast(word)
    except (ValueError, TypeError):
        return cast(float(word))  # as int does not read 1e+20


def scored(cast: Cast = float) -> Cast:
    """Return what makes (member, score) pairs of a reply that is flat, or in pairs."""
    return partial(_scored, cast)


def _scored(cast: Cast, reply: Any) -> list[tuple[bytes, Any]]:
    words = plain(reply)
    found = words if words and isinstance(words[0], list) else _two(words or ())
    return [(member, _cast(cast, score)) for member, score in found]


def ranked(cast: Cast) -> Cast:
    """Return what makes [rank, score] of a reply."""

    def parse(reply: Any) -> Any:
        words = plain(reply)
        return words and [words[0], _cast(cast, words[1])]

    return parse


def popped(reply: Any) -> tuple[bytes, bytes, float] | None:
    """Return key, member and score, or None."""
    words = plain(reply)
    return (words[0], words[1], float(words[2])) if words else None


# SCAN and its kin


def scanned(reply: Any) -> tuple[int, list[bytes]]:
    """Return the next cursor and what was found."""
    return int(reply[0]), plain(reply[1])


def scanned_fields(reply: Any) -> tuple[int, dict[bytes, bytes]]:
    """Return the next cursor, and fields with their values."""
    return int(reply[0]), mapping(reply[1])


def scanned_scores(cast: Cast) -> Cast:
    """Return what makes a cursor and (member, score) pairs of a reply."""
    return lambda reply: (int(reply[0]), _scored(cast, reply[1]))


# Texts with facts in them


def _number(word: str) -> int | float | str:
    try:
        return float(word) if "." in word else int(word)
    except ValueError:
        return word


def _value(word: str) -> Any:
    if "=" not in word:
        if "," in word:
            return [_number(part) for part in word.split(",") if part]
        return _number(word)
    return {
        name: _number(value)
        for name, _, value in (part.rpartition("=") for part in word.split(",") if part)
    }


def info(reply: Any) -> dict[str, Any]:
    """Return the facts of INFO by name."""
    lines = plain(reply).decode("utf-8", "surrogateescape").splitlines()
    found = (line.partition(":") for line in lines if ":" in line and not line.startswith("#"))
    return {name: _value(value) for name, _, value in found}


def clients(reply: Any) -> list[dict[str, str]]:
    """Return the clients of CLIENT LIST, each with its facts as texts."""
    return [_client(line) for line in text(reply).splitlines() if line]


def _client(line: str) -> dict[str, str]:
    return {name: value for name, _, value in (part.partition("=") for part in line.split(" "))}


_CLIENT_NUMBERS = (
    *("id", "age", "idle", "db", "sub", "psub", "multi", "qbuf", "qbuf-free", "obl"),
    *("argv-mem", "oll", "omem", "tot-mem"),
)


def client(reply: Any) -> dict[str, Any]:
    """Return the facts of CLIENT INFO; some are numbers."""
    found: dict[str, Any] = dict(_client(text(reply).strip()))
    return found | {name: int(found[name]) for name in _CLIENT_NUMBERS if name in found}


def slow(reply: Any) -> list[dict[str, Any]]:
    """Return the entries of SLOWLOG GET."""
    return [
        {
            "id": number,
            "start_time": start,
            "duration": took,
            "command": b" ".join(words),
            "client_address": address,
            "client_name": name,
        }
        for number, start, took, words, address, name in plain(reply)
    ]


def commands(reply: Any) -> dict[str, dict[str, Any]]:
    """Return the commands of COMMAND by name."""
    return dict(map(_command, reply))


def _command(described: Any) -> tuple[str, dict[str, Any]]:
    name, arity, marks, first, last, step, categories, tips, specs, subcommands = plain(described)
    return name.decode(), {
        "name": name.decode(),
        "arity": arity,
        "flags": texts(marks),
        "first_key_pos": first,
        "last_key_pos": last,
        "step_count": step,
        "acl_categories": texts(categories),
        "tips": tips,
        "key_specifications": specs,
        "subcommands": subcommands,
    }
