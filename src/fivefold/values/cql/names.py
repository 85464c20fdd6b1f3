"""Types as text: as CQL and the catalog write them, and back.

Source: "Data types" of Cassandra's CQL reference; the texts are those of
``system_schema.columns`` and of DESCRIBE: tuples are said to be frozen, vectors are not, and a
user type is named without its keyspace.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from fivefold.values.cql.faults import invalid
from fivefold.values.cql.types import SCALARS, CqlType

WORDS = {**SCALARS, "varchar": SCALARS["text"]}
"""The words of the scalar types."""

PARAMETERS = {"list": 1, "set": 1, "map": 2, "vector": 1, "frozen": 1}
"""How many types each word takes; a tuple takes any number."""

_PLAIN = re.compile(r"[a-z][a-z0-9_]*")
_TOKEN = re.compile(r'\s*(?:("(?:[^"]|"")*")|([A-Za-z0-9_.]+)|([<>,]))')


def type_text(type: CqlType) -> str:
    """Return a type as CQL shows it."""
    inner = _bare(type)
    return f"frozen<{inner}>" if type.frozen and type.name != "vector" else inner


def _bare(type: CqlType) -> str:
    if type.user is not None:
        name = type.user[1]
        return name if _PLAIN.fullmatch(name) else '"' + name.replace('"', '""') + '"'
    if type.name == "vector":
        return f"vector<{type_text(type.parameters[0])}, {type.dimension}>"
    if not type.parameters:
        return type.name
    return f"{type.name}<{', '.join(map(type_text, type.parameters))}>"


def frozen(type: CqlType) -> CqlType:
    """Return the type frozen, and all in it."""
    if type.name not in {"list", "set", "map", "tuple", "udt", "vector"}:
        return type
    return CqlType(
        type.name,
        tuple(map(frozen, type.parameters)),
        type.name != "vector",
        type.user,
        tuple((name, frozen(field)) for name, field in type.fields),
        type.dimension,
    )


def read_type(text: str, user_types: Mapping[str, CqlType]) -> CqlType:
    """Return the type that ``type_text`` gave ``text`` for.

    ``user_types`` are those of the keyspace by name, none of them frozen. Raises an error worded
    as Cassandra's for a name that is none.
    """
    return _Reader(text, user_types).whole()


class _Reader:
    def __init__(self, text: str, user_types: Mapping[str, CqlType]) -> None:
        self.text, self.user_types = text, user_types
        self.tokens: list[tuple[str, bool]] = []
        at = 0
        while at < len(text.rstrip()):
            found = _TOKEN.match(text, at)
            if found is None:
                raise self.fault()
            quoted = found[1]
            self.tokens.append(
                (quoted[1:-1].replace('""', '"'), True) if quoted else (found[2] or found[3], False)
            )
            at = found.end()
        self.at = 0

    def fault(self) -> Exception:
        return invalid(f"Invalid type: {self.text}", "syntax_error")

    def whole(self) -> CqlType:
        type = self.one()
        if self.at != len(self.tokens):
            raise self.fault()
        return type

    def next(self) -> tuple[str, bool]:
        if self.at >= len(self.tokens):
            raise self.fault()
        self.at += 1
        return self.tokens[self.at - 1]

    def sees(self, mark: str) -> bool:
        seen = self.at < len(self.tokens) and self.tokens[self.at] == (mark, False)
        self.at += seen
        return seen

    def one(self) -> CqlType:
        word, quoted = self.next()
        if not quoted:
            lower = word.lower()
            if lower in WORDS:
                return WORDS[lower]
            if self.sees("<"):
                return self.with_parameters(lower)
        name = word if quoted else word.rpartition(".")[2].lower()
        if name not in self.user_types:
            raise invalid(f"Unknown type {word}", "undefined_object")
        return self.user_types[name]

    def with_parameters(self, word: str) -> CqlType:
        inner = [self.one()]
        dimension = 0
        while not self.sees(">"):
            if not self.sees(","):
                raise self.fault()
            if word == "vector":
                number = self.next()[0]
                if not number.isdigit():
                    raise self.fault()
                dimension = int(number)
            else:
                inner.append(self.one())
        if word == "tuple":
            return CqlType("tuple", tuple(map(frozen, inner)), True)
        if len(inner) != PARAMETERS.get(word) or (word == "vector") != bool(dimension):
            raise self.fault()
        if word == "frozen":
            return frozen(inner[0])
        if word == "vector":
            return CqlType("vector", (frozen(inner[0]),), True, dimension=dimension)
        return CqlType(word, tuple(inner))
