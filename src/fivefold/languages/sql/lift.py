"""Lifts the literals out of a text, so that texts that differ only in them share one cached
statement.

A key is the text with each literal replaced by a mark for its class: a string, an int4, an int8 or
a numeric, as PostgreSQL types them. Dollar-quoted strings, quoted names and comments stay as they
are, and so does what stands behind the arrows of json: there a name or a number is a part of the
statement, which stores may know a way to.
"""

from __future__ import annotations

import re

TEXT_CHARACTERS_MAX = 100_000
"""Longer texts (loads of many rows) are not worth a place in a cache."""

LITERALS_MAX = 500

# A number must not follow a word's character, a dollar or a dot; the quote of E'…', B'…' and their
# like follows a letter. Each literal begins with one set of characters, which lets the regular
# expression engine skip to the next place that may match.
_LITERAL = (
    r"[0-9'.](?:(?<=')(?<![\w$&]')[^']*(?:''[^']*)*'"
    r"|(?<=[0-9])(?<![\w$.\"][0-9])\d*(?:\.\d*)?(?:[eE][+-]?\d+)?(?![\w$.])"
    r"|(?<=\.)(?<![\w$.\"]\.)\d+(?:[eE][+-]?\d+)?(?![\w$.]))"
)
_PLAIN = re.compile(f"({_LITERAL})")  # one group: split() alternates between text and literal
# What, left in a key, says that _PLAIN may have cut it wrongly: a quote of another kind, a
# comment, a
# string continued on the next line, an arrow.
_HAZARD = re.compile(
    r"""["'$/\x01\x02-](?:(?<=["'])|(?<=\$)(?!\d)|(?<=-)-|(?<=/)\*|(?<=\x01)\s*\n\s*\x01"""
    r"""|(?<=[-#]>[\x01\x02])|(?<=[-#]>\x20[\x01\x02])"""
    r"""|(?<=[-#]>>[\x01\x02])|(?<=[-#]>>\x20[\x01\x02]))"""
)
# Everything that holds quotes or digits without being a literal is stepped over.
_CAREFUL = re.compile(
    r"""--[^\n\r]*|[-#]>>?\x20?(?:'[^']*(?:''[^']*)*'|\d+(?![\w$.]))|"(?:[^"]|"")*"|\$\d+|[eE]'(?:[^'\\]|\\.|'')*'|[bBxXnN]'[^']*'"""
    r"""|\$(?P<tag>(?:[^\x00-@\[-^`{-\x7f][\w]*)?)\$.*?\$(?P=tag)\$"""
    rf"""|(?P<literal>{_LITERAL})""",
    re.DOTALL,
)
_GIVE_UP = re.compile(r"""/\*|[&']|\x01\s*\n\s*\x01""")

STRING, INT4, INT8, NUMERIC = "\x01", "\x02", "\x03", "\x04"
_INT4_MAX, _INT8_MAX = 2**31 - 1, 2**63 - 1


def lift(text: str) -> tuple[str, tuple[str, ...]] | None:
    """Return (key, the literals' texts in order), or None for a text to be kept whole.

    Strings come without their quotes.
    """
    if len(text) > TEXT_CHARACTERS_MAX:
        return None
    parts = _PLAIN.split(text)
    if len(parts) > 2 * LITERALS_MAX:
        return None
    literals = parts[1::2]
    for index, part in enumerate(literals):
        if part[0] == "'":
            parts[2 * index + 1] = STRING
            literals[index] = part[1:-1].replace("''", "'")
        elif len(part) < 10 and part.isdigit():
            parts[2 * index + 1] = INT4
        else:
            parts[2 * index + 1] = _class(part)
    key = "".join(parts)
    if _HAZARD.search(key):
        return _lift_carefully(text)
    return key, tuple(literals)


def _class(number: str) -> str:
    if not number.isdigit():
        return NUMERIC
    value = int(number) if len(number) < 20 else _INT8_MAX + 1
    return INT4 if value <= _INT4_MAX else INT8 if value <= _INT8_MAX else NUMERIC


def positions(text: str) -> list[int]:
    """Return where each literal of ``lift(text)`` stands, as offsets from 0, in the same order."""
    key = _PLAIN.sub(lambda found: STRING if found[0][0] == "'" else INT4, text)
    if not _HAZARD.search(key):
        return [found.start() for found in _PLAIN.finditer(text)]
    return [found.start() for found in _CAREFUL.finditer(text) if found["literal"] is not None]


def _lift_carefully(text: str) -> tuple[str, tuple[str, ...]] | None:
    pieces: list[str] = []
    bare: list[str] = []  # what is neither a literal nor stepped over
    literals: list[str] = []
    done = 0
    for found in _CAREFUL.finditer(text):
        part = found["literal"]
        bare.append(text[done : found.start()])
        pieces.append(bare[-1])
        if part is None:
            bare.append(" ")
            pieces.append(found[0])
        else:
            mark = STRING if part[0] == "'" else _class(part)
            bare.append(mark)
            pieces.append(mark)
            literals.append(part[1:-1].replace("''", "'") if part[0] == "'" else part)
        done = found.end()
    bare.append(text[done:])
    pieces.append(text[done:])
    if len(literals) > LITERALS_MAX or _GIVE_UP.search("".join(bare)):
        return None
    return "".join(pieces), tuple(literals)
