"""The numbers by which PostgreSQL's protocol calls types: oid, length and modifier.

Source: the catalog ``pg_type`` of PostgreSQL 15; modifiers as its ``typmodin`` functions make
them (4 counts a length word; numeric packs precision and scale; interval packs all fields).
"""

from __future__ import annotations

from fivefold.values.oids import NUMBERS, TYPES
from fivefold.values.types import Kind, Type

NO_MODIFIER = -1
LENGTH_WORD = 4
NUMERIC_SCALE_MASK = 0x7FF
INTERVAL_FULL_RANGE = 0x7FFF
INTERVAL_FULL_PRECISION = 0xFFFF


_PRECISE = frozenset({Kind.TIME, Kind.TIMESTAMP, Kind.TIMESTAMPTZ})


def oid_of(type_: Type) -> int:
    """Return the type's oid; an array's is its element's array type."""
    if type_.element is not None:
        return NUMBERS[type_.element.kind].array_oid
    return NUMBERS[type_.kind].oid


def length_of(type_: Type) -> int:
    """Return pg_type.typlen, as RowDescription has it."""
    return -1 if type_.element is not None else NUMBERS[type_.kind].length


def modifier_of(type_: Type) -> int:
    """Return atttypmod: -1 if the type has no modifier; an array's is its element's."""
    if type_.element is not None:
        return modifier_of(type_.element)
    if type_.length is not None:
        return type_.length + LENGTH_WORD
    if type_.precision is None:
        return NO_MODIFIER
    if type_.kind is Kind.NUMERIC:
        scale = (type_.scale or 0) & NUMERIC_SCALE_MASK
        return (type_.precision << 16 | scale) + LENGTH_WORD
    if type_.kind is Kind.INTERVAL:
        return INTERVAL_FULL_RANGE << 16 | type_.precision
    return type_.precision


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
