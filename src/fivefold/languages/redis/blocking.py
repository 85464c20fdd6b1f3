"""What a command answers that would wait for a key."""

from __future__ import annotations

import math

from fivefold.languages.redis.arguments import INT64_MAX, bad_value, parse_int
from fivefold.languages.redis.context import Context
from fivefold.languages.redis.floats import parse_number
from fivefold.values.replies import NIL_ARRAY, Blocked, Reply


def parse_timeout(context: Context, word: bytes) -> int | None:
    """Return when a timeout in seconds, with a fraction perhaps, is over; None for 0: never."""
    seconds = parse_number(word, "timeout is not a float or out of range")
    if seconds is None or not 0 <= math.ceil(seconds * 1000) <= INT64_MAX:
        raise bad_value("timeout is negative")  # what is too large too: it is so in C
    return context.now_ms + math.ceil(seconds * 1000) if seconds else None


def parse_timeout_ms(context: Context, word: bytes) -> int | None:
    """Return when a timeout in milliseconds is over; None for 0: never."""
    wait_ms = parse_int(word, "timeout is not an integer or out of range")
    if wait_ms < 0:
        raise bad_value("timeout is negative")
    return context.now_ms + wait_ms if wait_ms else None


def block(context: Context, keys: list[bytes], deadline_ms: int | None, refused: Reply) -> Reply:
    """Return the answer of a command that found nothing: it waits, or ``refused`` if it may not."""
    if context.session.scripting or not context.may_block:
        return refused
    return Blocked(tuple(keys), deadline_ms, NIL_ARRAY)
