"""PostgreSQL's own numbers for the types of the value domain, and for their modifiers.

Source: the catalog ``pg_type`` of PostgreSQL 15; modifiers as its ``typmodin`` functions make
them (4 counts a length word; numeric packs precision and scale; interval packs all fields).

Types that a database makes, and all its other objects, have a hash of their name as oid: it
needs no counter in the store and is the same in every process.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

from fivefold.values.types import Kind, Type

NO_MODIFIER = -1
LENGTH_WORD = 4
NUMERIC_SCALE_MASK = 0x7FF
INTERVAL_FULL_RANGE = 0x7FFF
FIRST_OID = 16_384  # PostgreSQL gives smaller ones to its own objects
PAST_OID = 2**31  # so that an oid is a positive integer to every client
OIDS_CACHED = 30_000  # some MB; a catalog of 500 tables has 10,000 names


@dataclass(frozen=True, slots=True)
class TypeNumbers:
    """One row of pg_type; ``length`` is typlen: bytes, -1 variable, -2 a C string."""

    oid: int
    array_oid: int
    length: int


NUMBERS: dict[Kind, TypeNumbers] = {
    Kind.BOOLEAN: TypeNumbers(16, 1000, 1),
    Kind.BYTEA: TypeNumbers(17, 1001, -1),
    Kind.CHAR: TypeNumbers(18, 1002, 1),
    Kind.NAME: TypeNumbers(19, 1003, 64),
    Kind.INT8: TypeNumbers(20, 1016, 8),
    Kind.INT2: TypeNumbers(21, 1005, 2),
    Kind.INT2VECTOR: TypeNumbers(22, 1006, -1),
    Kind.INT4: TypeNumbers(23, 1007, 4),
    Kind.REGPROC: TypeNumbers(24, 1008, 4),
    Kind.TEXT: TypeNumbers(25, 1009, -1),
    Kind.OID: TypeNumbers(26, 1028, 4),
    Kind.TID: TypeNumbers(27, 1010, 6),
    Kind.XID: TypeNumbers(28, 1011, 4),
    Kind.OIDVECTOR: TypeNumbers(30, 1013, -1),
    Kind.JSON: TypeNumbers(114, 199, -1),
    Kind.NODE_TREE: TypeNumbers(194, 0, -1),
    Kind.FLOAT4: TypeNumbers(700, 1021, 4),
    Kind.FLOAT8: TypeNumbers(701, 1022, 8),
    Kind.UNKNOWN: TypeNumbers(705, 0, -2),
    Kind.ACLITEM: TypeNumbers(1033, 1034, 12),
    Kind.BPCHAR: TypeNumbers(1042, 1014, -1),
    Kind.VARCHAR: TypeNumbers(1043, 1015, -1),
    Kind.DATE: TypeNumbers(1082, 1182, 4),
    Kind.TIME: TypeNumbers(1083, 1183, 8),
    Kind.TIMESTAMP: TypeNumbers(1114, 1115, 8),
    Kind.TIMESTAMPTZ: TypeNumbers(1184, 1185, 8),
    Kind.INTERVAL: TypeNumbers(1186, 1187, 16),
    Kind.NUMERIC: TypeNumbers(1700, 1231, -1),
    Kind.REGPROCEDURE: TypeNumbers(2202, 2207, 4),
    Kind.REGOPER: TypeNumbers(2203, 2208, 4),
    Kind.REGOPERATOR: TypeNumbers(2204, 2209, 4),
    Kind.REGCLASS: TypeNumbers(2205, 2210, 4),
    Kind.REGTYPE: TypeNumbers(2206, 2211, 4),
    Kind.RECORD: TypeNumbers(2249, 2287, -1),
    Kind.VOID: TypeNumbers(2278, 0, 4),
    Kind.UUID: TypeNumbers(2950, 2951, 16),
    Kind.JSONB: TypeNumbers(3802, 3807, -1),
    Kind.REGNAMESPACE: TypeNumbers(4089, 4090, 4),
    Kind.REGROLE: TypeNumbers(4096, 4097, 4),
}

TYPES: dict[int, Type] = {
    **{row.oid: Type(kind) for kind, row in NUMBERS.items()},
    **{
        row.array_oid: Type(Kind.ARRAY, element=Type(kind))
        for kind, row in NUMBERS.items()
        if row.array_oid
    },
}
"""Every oid's type, without a modifier."""


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


@lru_cache(maxsize=OIDS_CACHED)
def hashed_oid(*names: str) -> int:
    """Return the oid of an object that PostgreSQL does not number: the system catalog, then names.

    The catalog of a type is "pg_type", its names the namespace's and its own.
    """
    key = "\0".join(names).encode()
    number = int.from_bytes(blake2b(key, digest_size=8).digest())
    return FIRST_OID + number % (PAST_OID - FIRST_OID)


def type_oid(type_: Type) -> int:
    """Return the oid of a type, its modifiers aside.

    An enum, or the row of a table, has one by its name, and its array by that name with an
    underscore before it.
    """
    if type_.element is not None:
        element = type_.element
        if element.name is not None:
            return hashed_oid("pg_type", element.name[0], f"_{element.name[1]}")
        return NUMBERS[element.kind].array_oid
    if type_.name is not None:
        return hashed_oid("pg_type", *type_.name)
    return NUMBERS[Kind.TEXT if type_.kind is Kind.ENUM else type_.kind].oid
