"""Regular expressions that say how a text begins: ``/^abc/``.

They are a range of texts, for an index and for a condition (manual, "$regex", "Index Use"): from
the prefix up to the first text that is behind all that begin so.
"""

from __future__ import annotations

from fivefold.languages.mongo.match.tree import Regex
from fivefold.models.document import bits
from fivefold.models.document.bits import SEPARATOR
from fivefold.models.document.shape import Shape

_SPECIAL = frozenset(".[($*+?{)^")
_QUANTIFIERS = frozenset("*+?{")
_ENDS = ("", ".*")


def prefix_of(node: Regex) -> tuple[str, bool] | None:
    """Return what texts begin with that a pattern finds, and whether it finds all of those."""
    pattern = node.pattern
    if not pattern.startswith("^") or "|" in pattern or not {*node.options} <= {"s", "u"}:
        return None
    letters: list[str] = []
    at = 1
    while at < len(pattern):
        letter, width = pattern[at], 1
        if letter == "\\":
            letter, width = pattern[at + 1 : at + 2], 2
            if not letter.isascii() or letter.isalnum() or not letter:
                break
        elif letter in _SPECIAL:
            break
        letters.append(letter)
        at += width
    rest = pattern[at:]
    if rest[:1] in _QUANTIFIERS and letters:
        letters.pop()
    prefix = "".join(letters)
    if not prefix or "\0" in prefix or after(prefix) is None:
        return None
    return prefix, rest in _ENDS


def after(prefix: str) -> str | None:
    """Return the first text behind all that begin with a prefix; None if it cannot be said."""
    last = ord(prefix[-1]) + 1
    if 0xD800 <= last < 0xE000:
        last = 0xE000
    if last > 0x10FFFF or any("\ud800" <= letter <= "\udfff" for letter in prefix):
        return None
    return prefix[:-1] + chr(last)


def is_of_texts(shape: Shape, path: tuple[str, ...]) -> bool:
    """Say whether a pattern at a path can find nothing but texts, there or in an array there."""
    above = ""
    for step in path[:-1]:
        above = above + SEPARATOR + step if above else step
        if shape.bits(above) & (bits.ARRAY | bits.DEEP):
            return False
    there = SEPARATOR.join(path)
    inner = shape.bits(SEPARATOR.join((there, bits.ELEMENTS)))
    return not shape.bits(there) & (bits.OTHER | bits.DEEP) and not inner & bits.OTHER
