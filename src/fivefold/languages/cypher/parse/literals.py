"""Numbers and strings as they are written.

Source: the openCypher 9 grammar, "NumberLiteral" and "StringLiteral"; the Neo4j Cypher Manual 5,
"Literals".
"""

from __future__ import annotations

import re
from math import isinf

from fivefold.languages.cypher.parse.stream import Stream
from fivefold.languages.cypher.parse.tokens import NUMBER
from fivefold.values.graph.faults import fault

INTEGER_MAX = 2**63 - 1
_DIGITS_MAX = 100  # of an integer that is looked at: far more than any good one has

_HEXADECIMAL = re.compile(r"0[xX]_?[0-9a-fA-F]+(?:_[0-9a-fA-F]+)*")
_OCTAL = re.compile(r"0[oO]_?[0-7]+(?:_[0-7]+)*")
_DECIMAL = re.compile(r"0|[1-9][0-9]*(?:_[0-9]+)*")
_FLOAT = re.compile(
    r"(?:[0-9]+(?:_[0-9]+)*)?(?:\.[0-9]+(?:_[0-9]+)*)?(?:[eE][+-]?[0-9]+)?", re.ASCII
)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", re.DOTALL)
_ESCAPES = {
    "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "'": "'", '"': '"', "\\": "\\",
    "`": "`",
}  # fmt: skip


def number(s: Stream, *, negative: bool = False) -> int | float:
    """Return the number here, with its sign if it is ``negative``, and step over it."""
    at = s.at
    text = s.text[at : s.ends[s.index]]
    value: int | float
    if _DECIMAL.fullmatch(text):
        value = int(text) if len(text) < _DIGITS_MAX else INTEGER_MAX + 2
    elif _HEXADECIMAL.fullmatch(text):
        value = int(text, 16)
    elif _OCTAL.fullmatch(text):
        value = int(text, 8)
    elif _FLOAT.fullmatch(text) and not text.isdigit():
        value = float(text)
        if isinf(value):
            raise fault("FloatingPointOverflow", "floating point number is too large", at=at)
    else:
        raise fault("InvalidNumberLiteral", _invalid(text), at=at)
    if negative:
        value = -value
    if type(value) is int and not -INTEGER_MAX - 1 <= value <= INTEGER_MAX:
        raise fault("IntegerOverflow", "integer is too large", at=at)
    s.advance()
    return value


def _invalid(text: str) -> str:
    if text.isdigit():
        return (
            f"The octal integer literal syntax `{text}` is no longer supported, please use"
            f" `0o{text.lstrip('0')}` instead"
        )
    return f"invalid literal number {text!r}"


def integer(s: Stream) -> int:
    """Return the whole number here and step over it."""
    if s.mark != NUMBER:
        raise s.unexpected("an integer")
    index = s.index
    value = number(s)
    if type(value) is not int:
        s.go_to(index)
        raise s.unexpected("an integer")
    return value


def string(s: Stream) -> str:
    """Return what the string here says, and step over it."""
    at, end = s.at, s.ends[s.index]
    body = s.text[at + 1 : end - 1]
    s.advance()
    return unescaped(body, at + 1) if "\\" in body else body


def unescaped(body: str, at: int) -> str:
    """Return text with its escapes put in; ``at`` is where it begins.

    A backslash before anything that is no escape stands for itself, as in Neo4j.
    """

    def meant(found: re.Match[str]) -> str:
        escape = found[1]
        if escape[0] not in "uU":
            return _ESCAPES.get(escape, found[0])
        code = int(escape[1:], 16) if len(escape) > 1 else -1
        if not 0 <= code <= 0x10FFFF:
            shown = body[found.start() : found.start() + 6]
            raise fault(
                "InvalidUnicodeLiteral",
                f"Invalid input '{shown}': expected four hexadecimal digits specifying a unicode"
                " character",
                at=at + found.start(),
            )
        return chr(code)

    text = _ESCAPE.sub(meant, body)
    try:
        # Two escapes may be the halves of one character.
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    except UnicodeDecodeError:
        raise fault(
            "InvalidUnicodeLiteral", "half of a surrogate pair is no unicode character", at=at
        ) from None
