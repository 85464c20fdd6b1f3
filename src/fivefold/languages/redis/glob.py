r"""Redis's patterns: ``*``, ``?``, ``[a-z]``, ``[^a-z]``; ``\`` lets the next letter mean itself.

The rules, oddities included, are those of redis-server's ``stringmatchlen``: a class without its
end ends with the pattern; ``[a-]`` is the range from ``a`` to ``]``, which goes on; nothing but
the empty pattern and a lone ``*`` matches an empty word.

A pattern becomes a regular expression in which each ``*`` takes the shortest way to what follows it
and never thinks again (an atomic group), so that no pattern takes exponential time.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

Matcher = Callable[[bytes], object]
"""From a word to something true if it matches."""

_SPECIAL = re.compile(rb"[*?\[\\]")
_BACKSLASH, _CARET, _DASH, _END = b"\\^-]"


def literal_prefix(pattern: bytes) -> bytes:
    """Return what every word begins with that ``pattern`` matches."""
    found = _SPECIAL.search(pattern)
    return pattern if found is None else pattern[: found.start()]


@lru_cache(maxsize=256)
def compile_glob(pattern: bytes) -> Matcher:
    """Return what tells whether a word matches ``pattern``, upper and lower case being two."""
    if pattern == b"*":
        return _always
    pieces = [b"".join(piece) for piece in _split(pattern)]
    if len(pieces) == 1:
        text = pieces[0]
    else:
        first, *middle, last = pieces
        text = first + b"".join(b"(?>.*?%b)" % piece for piece in middle if piece) + b".*" + last
    # An empty word only matches the empty pattern.
    return re.compile((b"(?=.)" if pattern else b"") + text, re.DOTALL).fullmatch


def _always(word: bytes) -> bool:
    return True


def _split(pattern: bytes) -> list[list[bytes]]:
    """Return the expressions between the stars, one list for each stretch."""
    pieces: list[list[bytes]] = [[]]
    at = 0
    while at < len(pattern):
        letter = pattern[at : at + 1]
        at += 1
        if letter == b"*":
            pieces.append([])
        elif letter == b"?":
            pieces[-1].append(b".")
        elif letter == b"[":
            expression, at = _read_class(pattern, at)
            pieces[-1].append(expression)
        else:
            if letter == b"\\" and at < len(pattern):
                letter = pattern[at : at + 1]
                at += 1
            pieces[-1].append(re.escape(letter))
    return pieces


def _read_class(pattern: bytes, at: int) -> tuple[bytes, int]:
    """Return the expression of the class whose inside begins at ``at``, and where it ends."""
    inverted = pattern[at : at + 1] == b"^"
    at += inverted
    members: set[int] = set()
    while at < len(pattern):
        left = len(pattern) - at
        if pattern[at] == _BACKSLASH and left >= 2:
            members.add(pattern[at + 1])
            at += 2
        elif pattern[at] == _END:
            at += 1
            break
        elif left >= 3 and pattern[at + 1] == _DASH:
            low, high = sorted((pattern[at], pattern[at + 2]))
            members.update(range(low, high + 1))
            at += 3
        else:
            members.add(pattern[at])
            at += 1
    if not members:
        return (b"." if inverted else b"(?!)"), at
    inside = b"".join(b"\\x%02x" % member for member in sorted(members))
    return b"[%b%b]" % (b"^" if inverted else b"", inside), at
