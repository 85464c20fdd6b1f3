"""Types of values: what messages call them, what valueType() says, and tests of ``IS ::``.

Source: Cypher Manual, "Property, structural, and constructed values" (types and their synonyms)
and "Type predicate expressions".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from fivefold.values.graph.entities import Node, Path, Relationship
from fivefold.values.graph.faults import fault
from fivefold.values.graph.temporal import (
    Date,
    DateTime,
    Duration,
    LocalDateTime,
    LocalTime,
    Time,
)

INSTANTS = frozenset((Date, LocalTime, Time, LocalDateTime, DateTime))
TEMPORAL = INSTANTS | {Duration}

WORDS: dict[type, str] = {
    type(None): "Null",
    bool: "Boolean",
    int: "Integer",
    float: "Float",
    str: "String",
    bytes: "Bytes",
    list: "List",
    dict: "Map",
    Node: "Node",
    Relationship: "Relationship",
    Path: "Path",
    Date: "Date",
    LocalTime: "LocalTime",
    Time: "Time",
    LocalDateTime: "LocalDateTime",
    DateTime: "DateTime",
    Duration: "Duration",
}
"""What messages call a type."""

# In the order in which a union of types is told.
NAMES: dict[type, str] = {
    bool: "BOOLEAN",
    str: "STRING",
    int: "INTEGER",
    float: "FLOAT",
    Date: "DATE",
    LocalTime: "LOCAL TIME",
    Time: "ZONED TIME",
    LocalDateTime: "LOCAL DATETIME",
    DateTime: "ZONED DATETIME",
    Duration: "DURATION",
    Node: "NODE",
    Relationship: "RELATIONSHIP",
    dict: "MAP",
    list: "LIST",
    Path: "PATH",
    bytes: "BYTEARRAY",
}
"""The types' names in expressions."""

_ORDER = {name: place for place, name in enumerate(NAMES.values())}
_SYNONYMS = {
    "BOOL": "BOOLEAN",
    "VARCHAR": "STRING",
    "INT": "INTEGER",
    "SIGNED INTEGER": "INTEGER",
    "TIME WITHOUT TIME ZONE": "LOCAL TIME",
    "TIME WITH TIME ZONE": "ZONED TIME",
    "TIMESTAMP WITHOUT TIME ZONE": "LOCAL DATETIME",
    "TIMESTAMP WITH TIME ZONE": "ZONED DATETIME",
    "ANY NODE": "NODE",
    "VERTEX": "NODE",
    "ANY VERTEX": "NODE",
    "ANY RELATIONSHIP": "RELATIONSHIP",
    "EDGE": "RELATIONSHIP",
    "ANY EDGE": "RELATIONSHIP",
    "ANY MAP": "MAP",
    "ARRAY": "LIST",
    "ANY VALUE": "ANY",
    "ANY PROPERTY VALUE": "PROPERTY VALUE",
}

Test = Callable[[Any], bool]


def word_of(value: Any) -> str:
    """Return what messages call a value's type, such as ``Integer``."""
    return WORDS[type(value)]


def type_of(value: Any) -> str:
    """Return a value's exact type: ``INTEGER NOT NULL``, ``LIST<STRING> NOT NULL``, ``NULL``."""
    if value is None:
        return "NULL"
    if type(value) is not list:
        return f"{NAMES[type(value)]} NOT NULL"
    return f"LIST<{_union_of(value)}> NOT NULL"


def _union_of(elements: list[Any]) -> str:
    types = {type_of(element) for element in elements}
    if not types:
        return "NOTHING"
    nullable = "NULL" in types
    types.discard("NULL")
    if not types:
        return "NULL"
    ordered = sorted(types, key=lambda name: (_ORDER[_plain(name)], name))
    if nullable:
        ordered = [name.removesuffix(" NOT NULL") for name in ordered]
    return " | ".join(ordered)


def _plain(name: str) -> str:
    return "LIST" if name.startswith("LIST<") else name.removesuffix(" NOT NULL")


def compile_type(text: str, at: int | None = None) -> Test:
    """Return the test of a type's text, which null passes unless the type is ``NOT NULL``.

    Raises fault UnexpectedSyntax for a text that names no type.
    """
    words = iter([*_TOKEN.findall(text.upper()), ""])
    test, following = _read_type(words, next(words), text, at)
    if following:
        raise _no_type(text, at)
    return test


_TOKEN = re.compile(r"[A-Z]+|[<>|]|\S")


def _read_type(words: Iterator[str], word: str, text: str, at: int | None) -> tuple[Test, str]:
    """Return the test of the types up to what follows them, and that."""
    tests = []
    while True:
        test, word = _read_one(words, word, text, at)
        tests.append(test)
        if word != "|":
            break
        word = next(words)
    if len(tests) == 1:
        return tests[0], word
    return lambda value: any(test(value) for test in tests), word


def _read_one(words: Iterator[str], word: str, text: str, at: int | None) -> tuple[Test, str]:
    name: list[str] = []
    while word.isalpha() and word != "NOT":
        name.append(word)
        word = next(words)
    plain = " ".join(name)
    plain = _SYNONYMS.get(plain, plain)
    if word == "<" and plain in ("LIST", "ANY"):
        inner, word = _read_type(words, next(words), text, at)
        if word != ">":
            raise _no_type(text, at)
        word = next(words)
        test = _list_of(inner) if plain == "LIST" else inner
    elif plain in _TESTS:
        test = _TESTS[plain]
    else:
        raise _no_type(text, at)
    if word == "NOT":
        if next(words) != "NULL":
            raise _no_type(text, at)
        return _not_null(test), next(words)
    return test, word


def _list_of(inner: Test) -> Test:
    def test(value: Any) -> bool:
        return value is None or (type(value) is list and all(map(inner, value)))

    return test


def _not_null(test: Test) -> Test:
    return lambda value: value is not None and test(value)


def _no_type(text: str, at: int | None) -> Exception:
    return fault("UnexpectedSyntax", f"Invalid input '{text}': expected a type", at=at)


def _one_of(*kinds: type) -> Test:
    allowed = frozenset((*kinds, type(None)))
    return lambda value: type(value) in allowed


def _is_property(value: Any) -> bool:
    """Say whether a property may have the value: a scalar, or a list of scalars of one type."""
    if type(value) is not list:
        return value is None or type(value) in _SCALARS
    return all(type(one) in _SCALARS for one in value) and len(set(map(type, value))) <= 1


_SCALARS = frozenset((bool, str, int, float, bytes)) | TEMPORAL
_TESTS: dict[str, Test] = {
    **{name: _one_of(kind) for kind, name in NAMES.items() if name not in ("LIST", "BYTEARRAY")},
    "LIST": _one_of(list),
    "POINT": _one_of(),
    "ANY": lambda value: True,
    "NOTHING": lambda value: False,
    "NULL": _one_of(),
    "PROPERTY VALUE": _is_property,
}
