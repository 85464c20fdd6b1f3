"""Cuts Cypher into tokens.

Source: the openCypher 9 grammar, "SymbolicName", "NumberLiteral", "StringLiteral" and below; the
Neo4j Cypher Manual 5, "Syntax". Nothing is refused here: what no token fits is a token of its own
(``BAD``), for the parser to stop at when it gets there.

A token has a *mark*, by which the grammar decides: a plain name's is its upper case, so keywords
are found without regard to case; a symbol's is the symbol; others have those named below.
"""

from __future__ import annotations

import re
from typing import NamedTuple

END = ""
QUOTED = "`"
STRING = "'"
NUMBER = "0"
PARAMETER = "$"
BAD = "?"
OPEN = "?open"  # a string, quoted name or comment that does not end
DASH = "\u2013"  # any of the dashes that a relationship may be drawn with, but no minus
LEFT_HEAD = "\u27e8"
RIGHT_HEAD = "\u27e9"

# openCypher 9, "Dash", "LeftArrowHead", "RightArrowHead".
_DASHES = "\u00ad\u2010-\u2015\u2212\ufe58\ufe63\uff0d"
_LEFT_HEADS = "\u27e8\u3008\ufe64\uff1c"
_RIGHT_HEADS = "\u27e9\u3009\ufe65\uff1e"

# What a name is made of is said by what it is not: see languages/sql/tokens.py. Characters beyond
# ASCII are looked at again by ``str.isidentifier``.
_NO_LETTERS = (
    r"\x00-/:-@\[-^`{-\xa9\xab-\xb4\xb6-\xb9\xbb-\xbf\xd7\xf7\u1680\u2000-\u203e\u2041-\u206f"
    + f"\u2212\u3000{_LEFT_HEADS}{_RIGHT_HEADS}\ufe58\ufe63\uff0d"
)
_TOKEN = re.compile(
    rf"""((?:\s+|//[^\n\r]*|/\*.*?\*/)+)
    |([^0-9{_NO_LETTERS}][^{_NO_LETTERS}]*)
    |(\.\.|<>|<=|>=|!=|=~|\+=|::|\|\||(?!\.[0-9]|/\*)[-+*/%^=<>()\[\]{{}},;:.|&!])
    |(0[xXoO][^{_NO_LETTERS}]*
      |(?:[0-9]+(?:_[0-9]+)*(?:\.[0-9]+(?:_[0-9]+)*)?|\.[0-9]+(?:_[0-9]+)*)
       (?:[eE][+-]?[0-9]+)?[^{_NO_LETTERS}]*)
    |('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
    |\$([^{_NO_LETTERS}]+|`(?:[^`]|``)*`)
    |(`(?:[^`]|``)*`)
    |([{_DASHES}])
    |([{_LEFT_HEADS}])
    |([{_RIGHT_HEADS}])
    |('.*|".*|`.*|/\*.*)
    |(.)
    """,
    re.VERBOSE | re.DOTALL,
)
_SPACE, _NAME, _SYMBOL, _NUMBER, _STRING, _PARAMETER, _QUOTED = range(1, 8)
_OTHERS = {
    _NUMBER: NUMBER,
    _STRING: STRING,
    8: DASH,
    9: LEFT_HEAD,
    10: RIGHT_HEAD,
    11: OPEN,
    12: BAD,
}


class Tokens(NamedTuple):
    """The tokens of a text, each thing of them in a list; the last is END.

    ``names`` has what a plain or quoted name or a parameter says, None for others; ``starts`` and
    ``ends`` count characters from 0.
    """

    marks: list[str]
    names: list[str | None]
    starts: list[int]
    ends: list[int]


def tokenize(text: str) -> Tokens:
    """Return the tokens of a text."""
    marks: list[str] = []
    names: list[str | None] = []
    starts: list[int] = []
    ends: list[int] = []
    for found in _TOKEN.finditer(text):
        kind = found.lastindex
        assert kind is not None
        if kind == _SPACE:
            continue
        if kind == _NAME:
            name = found[0]
            good = name.isascii() or name.isidentifier()
            marks.append(name.upper() if good else BAD)
            names.append(name if good else None)
        elif kind == _SYMBOL:
            marks.append(found[0])
            names.append(None)
        elif kind in (_PARAMETER, _QUOTED):
            name = found[kind]
            marks.append(PARAMETER if kind == _PARAMETER else QUOTED)
            names.append(name[1:-1].replace("``", "`") if name[0] == "`" else name)
        else:
            marks.append(_OTHERS[kind])
            names.append(None)
        starts.append(found.start())
        ends.append(found.end())
    marks.append(END)
    names.append(None)
    starts.append(len(text))
    ends.append(len(text))
    return Tokens(marks, names, starts, ends)
