"""What the commands on keys of several elements have in common."""

from __future__ import annotations

from fivefold.languages.redis.arguments import (
    INT64_MAX,
    INT64_MIN,
    bad_value,
    parse_int,
    syntax_error,
)
from fivefold.languages.redis.context import Context
from fivefold.languages.redis.glob import Matcher, compile_glob
from fivefold.models.keyvalue.entries import Entry

SCAN_COUNT = 10
"""How many elements the SCAN family looks at unless told."""

SCANNED_WHOLE_MAX = 128
"""A key of at most so many elements is scanned in one go, as redis-server does."""


def changed(context: Context, entry: Entry, kind: str, event: str) -> None:
    """Take note that the elements of a key have changed; without any the key vanishes.

    ``kind`` and ``event`` are those of the keyspace notification.
    """
    if kind in context.hub.notified:
        context.notify(kind, event, entry.key)
    if entry.count:
        context.space.touch(entry, context.stamp())
    else:
        context.space.remove(entry)
        context.notify("g", "del", entry.key)


def parse_cursor(word: bytes) -> int:
    """Return the cursor; as C's strtoul reads it: a sign wraps around, nothing is 0."""
    digits = word[1:] if word[:1] in (b"-", b"+") else word or b"0"
    if digits.isdigit() and len(digits) < 40 and int(digits) < 2**64:
        # No id is as large: what wraps around is after the last key.
        return min(int(digits) if word[:1] != b"-" else -int(digits) % 2**64, 2**63 - 1)
    raise bad_value("invalid cursor")


def scan_options(words: list[bytes], *, typed: bool = False) -> tuple[Matcher, int, str | None]:
    """Return what the options of the SCAN family say: the pattern, the count, the kind."""
    matches, count, kind = compile_glob(b"*"), SCAN_COUNT, None
    for at in range(0, len(words), 2):
        option = words[at].upper()
        if at + 1 == len(words):
            raise syntax_error()
        if option == b"COUNT":
            count = parse_int(words[at + 1])
            if count < 1:
                raise syntax_error()
        elif option == b"MATCH":
            matches = compile_glob(words[at + 1])
        elif option == b"TYPE" and typed:
            kind = words[at + 1].lower().decode("latin-1")
        else:
            raise syntax_error()
    return matches, count, kind


def parse_count(word: bytes, refusal: str = "value is out of range, must be positive") -> int:
    """Return a number of elements, 0 at least."""
    return parse_int(word, refusal, low=0)


def parse_draw(word: bytes) -> int:
    """Return how many elements to draw at random, negative for with repeats."""
    count = parse_int(word)
    if count == INT64_MIN:
        raise bad_value(f"value is out of range, value must between {-INT64_MAX} and {INT64_MAX}")
    return count
