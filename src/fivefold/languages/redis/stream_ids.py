"""Reading the IDs of stream entries as redis-server does."""

from __future__ import annotations

from fivefold.errors import InvalidValue, Limit
from fivefold.languages.redis.arguments import bad_value
from fivefold.models.keyvalue.streams import FIRST, ID_PART_MAX, LAST, Id, after, before, shown


def bad_id() -> InvalidValue:
    """Return the error for a word that is no ID."""
    return bad_value("Invalid stream ID specified as stream command argument")


def parse_part(word: bytes) -> int:
    """Return one of the two numbers of an ID, of 64 bits, as C's strtoull reads it."""
    digits = word.lstrip(b" \t\n\v\f\r").removeprefix(b"+")
    if not digits.isdigit() or len(digits) > 40 or int(digits) >= 2**64:
        raise bad_id()
    return int(digits)


def parse_id(word: bytes, missing: int = 0) -> Id:
    """Return an ID; ``missing`` is its second number if the word has only the first."""
    ms, dash, seq = word.partition(b"-")
    return parse_part(ms), parse_part(seq) if dash else missing


def parse_end(word: bytes) -> Id:
    """Return an ID, of which ``-`` is the first and ``+`` the last."""
    return {b"-": FIRST, b"+": LAST}.get(word) or parse_exact(word)


def parse_exact(word: bytes) -> Id:
    """Return an ID that is to be kept. Raises Limit for one beyond what the store can."""
    id_ = parse_id(word)
    if max(id_) > ID_PART_MAX:
        raise Limit(
            f"stream IDs above {shown(LAST)} are not supported by fivefold",
            "program_limit_exceeded",
        )
    return id_


def bounded(id_: Id) -> Id:
    """Return the ID, or where it is beyond what the store can hold, the last that it can."""
    ms, seq = id_
    return LAST if ms > ID_PART_MAX else (ms, min(seq, ID_PART_MAX))


def parse_bound(word: bytes, *, low: bool) -> Id:
    """Return one end of a range: an ID, whole or its first number, ``-``, ``+`` or ``(ID``."""
    exclusive = word[:1] == b"(" and len(word) > 1
    text = word[1:] if exclusive else word
    if text == b"-" and not exclusive:
        return FIRST
    if text == b"+" and not exclusive:
        return LAST
    id_ = bounded(parse_id(text, 0 if low else 2**64 - 1))
    if not exclusive:
        return id_
    moved = after(id_) if low else before(id_)
    if moved is None:
        end = "start" if low else "end"
        raise bad_value(f"invalid {end} ID for the interval")
    return moved
