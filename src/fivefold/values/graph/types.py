"""Types of values: what messages call them, what valueType() says, and tests of ``IS ::``.

Source: Cypher Manual, "Property, structural, and constructed values" (types and their synonyms)
and "Type predicate expressions".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from fivefold.values.graph.entities import Node, Path, Relationship
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


def compile_type(text: str) -> Test:
    """Return the test of a type as the parser normalises it: ``LIST<INTEGER NOT NULL> | STRING``.

    Null passes it unless the type is ``NOT NULL``.
    """
    words = iter([*_TOKEN.findall(text), ""])
    test, following = _read_types(words)
    assert not following, text
    return test


_TOKEN = re.compile(r"[<>|]|NOT NULL|(?:(?! NOT NULL)[A-Z ])+")


def _read_types(words: Iterator[str]) -> tuple[Test, str]:
    """Return the test of a union of types, and what follows them."""
    tests = []
    following = "|"
    while following == "|":
        test, following = _read_type(words)
        tests.append(test)
    if len(tests) == 1:
        return tests[0], following
    return lambda value: any(test(value) for test in tests), following


def _read_type(words: Iterator[str]) -> tuple[Test, str]:
    name = _word(words)
    following = _word(words)
    if following == "<":
        assert name == "LIST", name
        inner, end = _read_types(words)
        assert end == ">", end
        test, following = _list_of(inner), _word(words)
    else:
        test = _TESTS[name]
    if following == "NOT NULL":
        return _not_null(test), _word(words)
    return test, following


def _word(words: Iterator[str]) -> str:
    """Return the next word that is not only space."""
    return next((word.strip() for word in words if word.strip()), "")


def _list_of(inner: Test) -> Test:
    def test(value: Any) -> bool:
        return value is None or (type(value) is list and all(map(inner, value)))

    return test


def _not_null(test: Test) -> Test:
    return lambda value: value is not None and test(value)


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
