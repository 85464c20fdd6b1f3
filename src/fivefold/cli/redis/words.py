"""From a line to a command's words, with the quoting that redis-cli knows.

Between double quotes, ``\\n \\r \\t \\b \\a \\xHH`` and a backslash before any other character;
between single quotes only ``\\'``. A closing quote must be followed by white space or the end.
"""

from __future__ import annotations

import re

_SPACE = re.compile(r"\s+")
_WORD = re.compile(
    r"""
      "(?P<double>(?:[^"\\]|\\.)*)"(?=\s|$)
    | '(?P<single>(?:[^'\\]|\\.)*)'(?=\s|$)
    | (?P<bare>[^\s"']+(?:[^\s]*[^\s"'])?)(?=\s|$)
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(rb"\\(?:x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_CONTROL = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"a": b"\a"}


class BadQuotes(ValueError):
    """A quote is not closed, or stands where none may."""


def split(line: str) -> list[bytes]:
    """Return the words of the line. Raises BadQuotes."""
    words: list[bytes] = []
    at = 0
    while True:
        if space := _SPACE.match(line, at):
            at = space.end()
        if at == len(line):
            return words
        match = _WORD.match(line, at)
        if match is None:
            raise BadQuotes("a quote is not closed, or not followed by a space")
        at = match.end()
        if match["double"] is not None:
            words.append(_ESCAPE.sub(_unescaped, match["double"].encode()))
        elif match["single"] is not None:
            words.append(match["single"].replace("\\'", "'").encode())
        else:
            words.append(match["bare"].encode())


def _unescaped(match: re.Match[bytes]) -> bytes:
    if match[1] is not None:
        return bytes([int(match[1], 16)])
    return _CONTROL.get(match[2], match[2])
