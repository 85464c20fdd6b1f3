"""What is known of a value before the query runs.

A type is exact, or ``ANY``: nothing is known; or ``NOTHING``: it can only be null. Every type has
null. Of what may be several things only numbers are told, as ``NUMBER``.

Source: openCypher 9, "Types"; the names are those of Neo4j's messages.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, reduce
from typing import Final

from fivefold.values.records import Record


class Type(Record):
    """A static type; ``item`` is the type of a list's elements."""

    name: str
    item: Type | None = None

    def __str__(self) -> str:
        if self.item is None:
            return self.name
        return f"List<{'T' if self.item in (ANY, NOTHING) else self.item}>"


ANY: Final = Type("Any")
NOTHING: Final = Type("Null")
BOOLEAN: Final = Type("Boolean")
INTEGER: Final = Type("Integer")
FLOAT: Final = Type("Float")
NUMBER: Final = Type("Number")
STRING: Final = Type("String")
BYTES: Final = Type("ByteArray")
MAP: Final = Type("Map")
NODE: Final = Type("Node")
RELATIONSHIP: Final = Type("Relationship")
PATH: Final = Type("Path")
POINT: Final = Type("Point")
DATE: Final = Type("Date")
LOCAL_TIME: Final = Type("LocalTime")
TIME: Final = Type("Time")
LOCAL_DATETIME: Final = Type("LocalDateTime")
DATETIME: Final = Type("DateTime")
DURATION: Final = Type("Duration")
LIST: Final = Type("List", ANY)

NUMBERS: Final = frozenset((INTEGER, FLOAT, NUMBER))
INSTANTS: Final = frozenset((DATE, LOCAL_TIME, TIME, LOCAL_DATETIME, DATETIME))

_WRITTEN: Final = {
    "ANY": ANY,
    "BOOLEAN": BOOLEAN,
    "INTEGER": INTEGER,
    "FLOAT": FLOAT,
    "NUMBER": NUMBER,
    "STRING": STRING,
    "BYTEARRAY": BYTES,
    "MAP": MAP,
    "NODE": NODE,
    "RELATIONSHIP": RELATIONSHIP,
    "PATH": PATH,
    "POINT": POINT,
    "DATE": DATE,
    "LOCAL TIME": LOCAL_TIME,
    "ZONED TIME": TIME,
    "LOCAL DATETIME": LOCAL_DATETIME,
    "ZONED DATETIME": DATETIME,
    "DURATION": DURATION,
    "LIST": LIST,
}
"""Types as signatures write them."""

_OF_VALUES: Final = {
    type(None): NOTHING,
    bool: BOOLEAN,
    int: INTEGER,
    float: FLOAT,
    str: STRING,
}


def type_of_literal(value: object) -> Type:
    """Return the type of a literal's value."""
    return _OF_VALUES[type(value)]


def list_of(item: Type) -> Type:
    """Return the type of lists of such elements."""
    return Type("List", item)


@cache
def written(text: str) -> tuple[Type, ...]:
    """Return the types that a signature allows: ``INTEGER | FLOAT``, ``LIST<NODE>``, ``MAP?``.

    A word that is not known stands for ANY.
    """
    found = []
    for part in _alternatives(text):
        plain = part.strip().removesuffix("?").removesuffix(" NOT NULL").strip()
        if plain.startswith("LIST<") and plain.endswith(">"):
            inner = written(plain[5:-1])
            found.append(list_of(inner[0] if len(inner) == 1 else ANY))
        else:
            found.append(_WRITTEN.get(plain, ANY))
    return tuple(found)


def _alternatives(text: str) -> Iterable[str]:
    """Split at the bars that stand in no brackets."""
    depth, start = 0, 0
    for place, letter in enumerate(text):
        depth += {"<": 1, ">": -1}.get(letter, 0)
        if letter == "|" and depth == 0:
            yield text[start:place]
            start = place + 1
    yield text[start:]


def joined(types: Iterable[Type]) -> Type:
    """Return the type of what may be any of these."""
    return reduce(_joined, types, NOTHING)


def _joined(left: Type, right: Type) -> Type:
    if left == right or right == NOTHING:
        return left
    if left == NOTHING:
        return right
    if left in NUMBERS and right in NUMBERS:
        return NUMBER
    if left.item is not None and right.item is not None:
        return list_of(_joined(left.item, right.item))
    return ANY


def may_be(given: Type, *wanted: Type) -> bool:
    """Say whether a value of type ``given`` can be what is wanted. An integer is a float too."""
    return any(_may_be(given, one) for one in wanted)


def _may_be(given: Type, wanted: Type) -> bool:
    if given == wanted or ANY in (given, wanted) or NOTHING in (given, wanted):
        return True
    if wanted == INTEGER:
        return given == NUMBER
    if wanted in NUMBERS:
        return given in NUMBERS
    if given.item is not None and wanted.item is not None:
        return _may_be(given.item, wanted.item)
    return False


_TOLD: Final = {
    name: place
    for place, name in enumerate(
        (
            *("Boolean", "Float", "Integer", "Map", "Node", "Path", "Point", "Relationship"),
            *("String", "Duration", "Date", "Time", "LocalTime", "LocalDateTime", "DateTime"),
            "List",
        )
    )
}
"""Types in the order in which messages tell them; others come behind."""


def told(wanted: Iterable[Type]) -> str:
    """Return types as a message tells them: ``Map, Node or Relationship``."""
    single = {
        one: _TOLD.get(one.name, len(_TOLD))
        for each in wanted
        for one in ((FLOAT, INTEGER) if each == NUMBER else (each,))
    }
    *others, last = map(str, sorted(single, key=single.__getitem__))
    return f"{', '.join(others)} or {last}" if others else last
