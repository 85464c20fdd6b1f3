"""Which type's values another type takes.

Cassandra asks of a term whether it is *exactly* of its receiver's type, can be *weakly* assigned to
it, or not at all; of several functions of a name the one that takes its arguments exactly is taken.
A value of another type is assigned if its bytes are a value of the receiver's too.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from fivefold.values.cql.codecs import codec_of
from fivefold.values.cql.types import CqlType
from fivefold.values.types import Stored


class Match(Enum):
    """How a term goes into a receiver."""

    NOT = 0
    WEAKLY = 1
    EXACTLY = 2


_TAKES: dict[str, frozenset[str]] = {
    "text": frozenset({"ascii"}),
    "varint": frozenset({"int", "bigint"}),
    "timestamp": frozenset({"bigint"}),
    "bigint": frozenset({"timestamp"}),
    "time": frozenset({"bigint"}),
    "date": frozenset({"int"}),
    "uuid": frozenset({"timeuuid"}),
}
"""Types whose values are those of others too; a blob takes them all."""


def matching(receiver: CqlType, given: CqlType) -> Match:
    """Say how values of a type go into a receiver; that one is frozen makes no difference here."""
    if thawed(receiver) == thawed(given):
        return Match.EXACTLY
    return Match.WEAKLY if takes(receiver, given) else Match.NOT


def takes(receiver: CqlType, given: CqlType) -> bool:
    """Say whether the bytes of one type's values are values of the receiver's."""
    if receiver == given or receiver.name == "blob":
        return True
    if receiver.name != given.name:
        return given.name in _TAKES.get(receiver.name, ())
    if receiver.name in ("list", "set", "map"):
        if receiver.frozen != given.frozen:
            return False
        return all(map(takes, receiver.parameters, given.parameters))
    if receiver.name == "tuple":
        wide = len(receiver.parameters) >= len(given.parameters)
        return wide and all(map(takes, receiver.parameters, given.parameters))
    if receiver.name == "udt":
        return receiver.user == given.user
    return receiver.parameters == given.parameters and receiver.dimension == given.dimension


def thawed(type: CqlType) -> CqlType:
    """Return a type as if it were not frozen, nor anything in it."""
    if not type.parameters and not type.fields:
        return type
    return CqlType(
        type.name,
        tuple(map(thawed, type.parameters)),
        type.name == "tuple",
        type.user,
        tuple((name, thawed(part)) for name, part in type.fields),
        type.dimension,
    )


_ALIKE = {"text": "text", "ascii": "text", "bigint": "long", "timestamp": "long", "time": "long"}


def conversion(receiver: CqlType, given: CqlType) -> Callable[[Stored], Stored] | None:
    """Return what makes a stored form that of the receiver, None if it is already."""
    left, right = thawed(receiver), thawed(given)
    if left == right or _ALIKE.get(left.name, left.name) == _ALIKE.get(right.name, right.name):
        return None
    to_wire, from_wire = codec_of(given).to_wire, codec_of(receiver).from_wire
    return lambda value: from_wire(to_wire(value))
