"""Parses the name of a type into normalised text.

Source: the Neo4j Cypher Manual 5, "Values and types": "Property, structural, and constructed
values", with its synonyms, and "Type normalization".
"""

from __future__ import annotations

from fivefold.languages.cypher.parse.stream import Stream

_NAMES = {
    "NOTHING": "NOTHING", "NULL": "NULL", "BOOLEAN": "BOOLEAN", "BOOL": "BOOLEAN",
    "STRING": "STRING", "VARCHAR": "STRING", "INTEGER": "INTEGER", "INT": "INTEGER",
    "SIGNED INTEGER": "INTEGER", "FLOAT": "FLOAT", "DATE": "DATE", "LOCAL TIME": "LOCAL TIME",
    "TIME WITHOUT TIME ZONE": "LOCAL TIME", "TIME WITHOUT TIMEZONE": "LOCAL TIME",
    "ZONED TIME": "ZONED TIME", "TIME WITH TIME ZONE": "ZONED TIME",
    "TIME WITH TIMEZONE": "ZONED TIME", "LOCAL DATETIME": "LOCAL DATETIME",
    "TIMESTAMP WITHOUT TIME ZONE": "LOCAL DATETIME",
    "TIMESTAMP WITHOUT TIMEZONE": "LOCAL DATETIME", "ZONED DATETIME": "ZONED DATETIME",
    "TIMESTAMP WITH TIME ZONE": "ZONED DATETIME", "TIMESTAMP WITH TIMEZONE": "ZONED DATETIME",
    "DURATION": "DURATION", "POINT": "POINT", "NODE": "NODE", "ANY NODE": "NODE", "VERTEX": "NODE",
    "ANY VERTEX": "NODE", "RELATIONSHIP": "RELATIONSHIP", "ANY RELATIONSHIP": "RELATIONSHIP",
    "EDGE": "RELATIONSHIP", "ANY EDGE": "RELATIONSHIP", "MAP": "MAP", "ANY MAP": "MAP",
    "PATH": "PATH", "ANY PATH": "PATH", "PROPERTY VALUE": "PROPERTY VALUE",
    "ANY PROPERTY VALUE": "PROPERTY VALUE", "ANY": "ANY", "ANY VALUE": "ANY",
}  # fmt: skip
_WORDS_MAX = max(name.count(" ") for name in _NAMES) + 1


def value_type(s: Stream) -> str:
    """Parse a type, one of several (``A | B``) too, such as ``LIST<INTEGER NOT NULL>``."""
    parts = [_one_type(s)]
    while s.mark == "|" and s.index not in s.separators:
        s.advance()
        parts.append(_one_type(s))
    return " | ".join(dict.fromkeys(parts))


def _one_type(s: Stream) -> str:
    s.deeper()
    if s.mark in ("LIST", "ARRAY") and s.peek() == "<":
        s.go_to(s.index + 2)
        found = f"LIST<{value_type(s)}>"
        s.expect(">")
    elif s.mark == "ANY" and s.peek() in ("<", "VALUE") and "<" in (s.peek(), s.peek(2)):
        s.go_to(s.index + (2 if s.peek() == "<" else 3))
        found = value_type(s)
        s.expect(">")
        s.depth -= 1
        return found
    else:
        found = _plain(s)
    found = _not_null(s, found)
    while s.mark in ("LIST", "ARRAY"):
        s.advance()
        found = _not_null(s, f"LIST<{found}>")
    s.depth -= 1
    return found


def _not_null(s: Stream, found: str) -> str:
    return f"{found} NOT NULL" if s.accept("NOT", "NULL") or s.accept("!") else found


def _plain(s: Stream) -> str:
    for count in range(_WORDS_MAX, 0, -1):
        name = _NAMES.get(" ".join(s.marks[s.index : s.index + count]))
        if name is not None:
            s.go_to(s.index + count)
            return name
    raise s.unexpected("a type such as BOOLEAN, STRING, INTEGER, FLOAT, LIST<STRING>")
