"""The numbers by which PostgreSQL's protocol calls types: oid, length and modifier.

Source: the catalog ``pg_type`` of PostgreSQL 15; modifiers as its ``typmodin`` functions make
them (4 counts a length word; numeric packs precision and scale; interval packs all fields).
"""

from __future__ import annotations

from fivefold.values.oids import (
    LENGTH_WORD,
    NO_MODIFIER,
    NUMBERS,
    NUMERIC_SCALE_MASK,
    TYPES,
    modifier_of,
    type_oid,
)
from fivefold.values.types import Kind, Type

INTERVAL_FULL_PRECISION = 0xFFFF
ENUM_BYTES = 4

__all__ = ["length_of", "modifier_of", "oid_of", "type_of"]


_PRECISE = frozenset({Kind.TIME, Kind.TIMESTAMP, Kind.TIMESTAMPTZ})


oid_of = type_oid


def length_of(type_: Type) -> int:
    """Return pg_type.typlen, as RowDescription has it."""
    if type_.element is not None:
        return -1
    return ENUM_BYTES if type_.kind is Kind.ENUM else NUMBERS[type_.kind].length


def type_of(oid: int, modifier: int = NO_MODIFIER) -> Type | None:
    """Return the type of an oid and a modifier, None if fivefold has no such type.

    0, by which a client leaves a parameter's type open, is the type unknown.
    """
    if oid == 0:
        return Type(Kind.UNKNOWN)
    type_ = TYPES.get(oid)
    if type_ is None or modifier < 0:
        return type_
    if type_.element is not None:
        return Type(Kind.ARRAY, element=_modified(type_.element.kind, modifier))
    return _modified(type_.kind, modifier)


def _modified(kind: Kind, modifier: int) -> Type:
    if kind is Kind.VARCHAR or kind is Kind.BPCHAR:
        return Type(kind, length=modifier - LENGTH_WORD)
    if kind is Kind.NUMERIC:
        packed = modifier - LENGTH_WORD
        # The scale is 11 bits in two's complement.
        scale = ((packed & NUMERIC_SCALE_MASK) ^ 1024) - 1024
        return Type(kind, precision=packed >> 16 & 0xFFFF, scale=scale)
    if kind is Kind.INTERVAL:
        precision = modifier & INTERVAL_FULL_PRECISION
        return Type(kind, precision=None if precision == INTERVAL_FULL_PRECISION else precision)
    return Type(kind, precision=modifier) if kind in _PRECISE else Type(kind)
