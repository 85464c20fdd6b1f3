"""Types, as they are written in definitions, casts and hints."""

from __future__ import annotations

from fivefold.languages.cql.parse import tokens
from fivefold.languages.cql.parse.stream import Stream
from fivefold.languages.cql.tree import TypeName
from fivefold.values.cql.faults import syntax
from fivefold.values.cql.types import SCALARS

_PARAMETERS = {"LIST": 1, "SET": 1, "MAP": 2}
_ALIASES = {"varchar": "text"}


def type_name(s: Stream) -> TypeName:
    """Read a type."""
    s.enter()
    found = _type(s)
    s.leave()
    return found


def _type(s: Stream) -> TypeName:
    at, mark = s.at, s.mark
    if mark == tokens.STRING:
        return TypeName(s.advance().text, custom=True, at=at)
    if s.peek() == "<":
        if mark == "FROZEN":
            return _frozen(s)
        if mark in _PARAMETERS:
            name = s.advance().text
            s.expect("<")
            inner = [type_name(s)]
            while len(inner) < _PARAMETERS[mark]:
                s.expect(",")
                inner.append(type_name(s))
            s.expect(">")
            return TypeName(name, tuple(inner), at=at)
        if mark == "TUPLE":
            s.advance()
            s.expect("<")
            parts = s.listed(type_name)
            s.expect(">")
            return TypeName("tuple", parts, at=at)
        if mark == "VECTOR":
            return _vector(s)
    keyspace, name = s.qualified()
    return TypeName(_ALIASES.get(name, name), keyspace=keyspace, at=at)


def _frozen(s: Stream) -> TypeName:
    at = s.at
    s.advance()
    s.expect("<")
    inner = type_name(s)
    s.expect(">")
    if not inner.parameters and inner.name in NATIVE and inner.keyspace is None:
        raise syntax(
            "frozen<> is only allowed on collections, tuples, and user-defined types"
            f" (got {inner.name})"
        )
    return TypeName(
        inner.name, inner.parameters, True, inner.keyspace, inner.number, inner.custom, at
    )


def _vector(s: Stream) -> TypeName:
    at = s.at
    s.advance()
    s.expect("<")
    inner = type_name(s)
    s.expect(",")
    if s.mark != tokens.INTEGER:
        s.fail()
    number = int(s.advance().text)
    s.expect(">")
    return TypeName("vector", (inner,), number=number, at=at)


NATIVE = SCALARS.keys() | {"empty"}
"""The types that have a word of their own and no parameters."""
