"""Cuts CQL into tokens.

Source: "Definitions" of Cassandra's CQL reference (identifiers, constants, terms, comments).

A token has a *mark*, by which the grammar decides: a plain name's is its upper case, so keywords
are found without regard to case; a symbol's is the symbol; others have those named below.
"""

from __future__ import annotations

import re
from typing import NamedTuple

END = ""
QUOTED = '"'
STRING = "'"
INTEGER = "0"
FLOAT = "0."
UUID = "uuid"
HEX = "0x"
DURATION = "1h"
SPACE = " "

_HEX = "[0-9a-fA-F]"
_UNIT = "(?:[yY]|[mM][oO]|[wW]|[dD]|[hH]|[mM][sS]|[mM]|[sS]|[uU\u00b5][sS]|[nN][sS])"
_ISO = (
    r"P(?:[0-9]+W(?![0-9A-Za-z])|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}"
    r"|(?=[0-9T])(?:[0-9]+Y)?(?:[0-9]+M)?(?:[0-9]+D)?"
    r"(?:T(?=[0-9])(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+S)?)?)"
)
_TOKEN = re.compile(
    rf"""((?:\s+|(?:--|//)[^\n\r]*(?:[\n\r]|$)|/\*.*?\*/)+)
    |({_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}(?![0-9A-Za-z_]))
    |((?:[0-9]+{_UNIT})+(?![0-9A-Za-z_])|{_ISO}(?![0-9A-Za-z_-]))
    |(0[xX]{_HEX}*(?![0-9A-Za-z_]))
    |([0-9]+\.(?!\.)[0-9]*(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+)
    |([0-9]+)
    |([A-Za-z][A-Za-z0-9_]*)
    |("(?:[^"]|"")+")
    |('(?:[^']|'')*')
    |(\$\$.*?\$\$)
    |(\.\.|<=|>=|!=|\+=|-=|[-+*/%=<>()\[\]{{}},;:.?])
    |(.)
    """,
    re.VERBOSE | re.DOTALL,
)
_SPACE, _UUID, _DURATION, _HEXES, _FLOAT, _INTEGER, _NAME, _QUOTED = range(1, 9)
_STRING, _DOLLARS, _SYMBOL, _BAD = range(9, 13)
_MARKS = {_UUID: UUID, _DURATION: DURATION, _HEXES: HEX, _FLOAT: FLOAT, _INTEGER: INTEGER}

KEYWORDS = frozenset(
    re.findall(
        r"\w+",
        """
ADD ALLOW ALTER AND APPLY ASC AUTHORIZE BATCH BEGIN BY COLUMNFAMILY CREATE DELETE DESC DESCRIBE
DROP ENTRIES EXECUTE FROM FULL GRANT IF IN INDEX INFINITY INSERT INTO IS KEYSPACE LIMIT
MATERIALIZED MODIFY NAN NORECURSIVE NOT NULL OF ON OR ORDER PRIMARY RENAME REVOKE SCHEMA SELECT
SET TABLE TO TOKEN TRUNCATE UNLOGGED UPDATE USE USING VIEW WHERE WITH
        """,
    )
)
"""The reserved keywords: no names without quotes. Source: appendix A of the CQL reference."""


class Token(NamedTuple):
    """A token: ``text`` is what it says, without quotes; ``raw`` as it was written."""

    mark: str
    text: str
    raw: str
    at: int


def tokenize(text: str) -> tuple[list[Token], list[Token]]:
    """Return the tokens of a text, END last, and all of them with the space between.

    A text that cannot be cut has a token whose mark is ``bad`` and its character; the parser stops
    there.
    """
    tokens: list[Token] = []
    everything: list[Token] = []
    for found in _TOKEN.finditer(text):
        kind, raw, at = found.lastindex, found[0], found.start()
        if kind == _SPACE:
            everything.append(Token(SPACE, "", raw, at))
            continue
        if kind == _NAME:
            token = Token(raw.upper(), raw.lower(), raw, at)
        elif kind == _QUOTED:
            token = Token(QUOTED, raw[1:-1].replace('""', '"'), raw, at)
        elif kind == _STRING:
            token = Token(STRING, raw[1:-1].replace("''", "'"), raw, at)
        elif kind == _DOLLARS:
            token = Token(STRING, raw[2:-2], raw, at)
        elif kind == _SYMBOL:
            token = Token(raw, raw, raw, at)
        elif kind == _BAD:
            token = Token("bad", raw, raw, at)
        else:
            assert kind is not None
            token = Token(_MARKS[kind], raw, raw, at)
        tokens.append(token)
        everything.append(token)
    end = Token(END, "", "<EOF>", len(text))
    tokens.append(end)
    return tokens, everything
