"""PostgreSQL's own numbers for the types of the value domain.

Source: the catalog ``pg_type`` of PostgreSQL 15. Types that a database makes have oids that the
catalog gives them (catalog/oids.py).
"""

from __future__ import annotations

from dataclasses import dataclass

from fivefold.values.types import Kind, Type


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
