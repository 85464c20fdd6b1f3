"""The types of the value domain and the form in which each lies in a store.

A ``Type`` is what PostgreSQL calls a type with its modifier: ``varchar(10)`` is
``Type(Kind.VARCHAR, length=10)``. Every value has one *stored form*, the same in both stores and
readable with a plain ``sqlite3`` shell, chosen so that the store's own comparison orders it:

=============  =============================================================================
kind           stored form
=============  =============================================================================
boolean        int 0 or 1
int2 int4 int8 int
float4 float8  float; float4 rounded to 24 bits; NaN is the text 'NaN' (after all numbers)
numeric        str, digits as declared or given, '-12.50'; 'NaN', 'Infinity', '-Infinity';
               compared by the collation ``decimal``
text varchar   str
bpchar         str without trailing blanks (what PostgreSQL compares); padded on output
bytea          bytes
date           str 'YYYY-MM-DD'
time           str 'HH:MM:SS[.ffffff]', trailing zeros of the fraction cut, so that text order
               is time order (also below)
timestamp      str 'YYYY-MM-DD HH:MM:SS[.ffffff]'
timestamptz    str 'YYYY-MM-DD HH:MM:SS[.ffffff]+00', always UTC; 'infinity' and '-infinity'
               stand for themselves here, in timestamp and in date
interval       str, PostgreSQL's own output style 'postgres', '1 mon -2 days +03:04:05.5';
               compared by the collation ``interval``
uuid           str, 36 characters, lower case
json           str as given
jsonb          str, normalized as PostgreSQL prints it
array          str, a JSON array of stored forms (bytes as '\\x…' text); nested for dimensions
enum           str, the label; its order is that of ``Type.labels``, not of the texts
record         str, a JSON array of its fields' stored forms (bytes as in arrays)
oid xid reg…   int: regclass and its like are the oid of what they name
"char" name    str; a "char" as it is shown
int2vector     str, as an array's; its first subscript is 0
oidvector
=============  =============================================================================
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

Stored = None | int | float | str | bytes
"""A value as a store holds it."""

Row = tuple[Stored, ...]


class Kind(StrEnum):
    """PostgreSQL's internal type names (pg_type.typname); an array's kind is ``array``."""

    BOOLEAN = "bool"
    INT2 = "int2"
    INT4 = "int4"
    INT8 = "int8"
    NUMERIC = "numeric"
    FLOAT4 = "float4"
    FLOAT8 = "float8"
    TEXT = "text"
    VARCHAR = "varchar"
    BPCHAR = "bpchar"
    NAME = "name"
    BYTEA = "bytea"
    DATE = "date"
    TIME = "time"
    TIMESTAMP = "timestamp"
    TIMESTAMPTZ = "timestamptz"
    INTERVAL = "interval"
    UUID = "uuid"
    JSON = "json"
    JSONB = "jsonb"
    OID = "oid"
    REGCLASS = "regclass"
    REGTYPE = "regtype"
    REGPROC = "regproc"
    REGPROCEDURE = "regprocedure"
    REGOPER = "regoper"
    REGOPERATOR = "regoperator"
    REGNAMESPACE = "regnamespace"
    REGROLE = "regrole"
    XID = "xid"
    TID = "tid"
    CHAR = "char"  # one byte, written "char"; character(n) is BPCHAR
    INT2VECTOR = "int2vector"
    OIDVECTOR = "oidvector"
    NODE_TREE = "pg_node_tree"
    ACLITEM = "aclitem"
    ENUM = "enum"
    ARRAY = "array"
    RECORD = "record"
    VOID = "void"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Type:
    """A kind and its modifiers; ``length`` counts characters, ``precision`` digits.

    ``name`` is (namespace, name) of an enum, or of the table or view whose row a record is; an
    anonymous record has none. ``labels`` are an enum's, in order; ``fields`` a record's, by name.
    """

    kind: Kind
    length: int | None = None
    precision: int | None = None
    scale: int | None = None
    element: Type | None = None
    name: tuple[str, str] | None = None
    labels: tuple[str, ...] = ()
    fields: tuple[tuple[str, Type], ...] = ()

    def __deepcopy__(self, memo: object) -> Type:
        """Return itself: copies of bound trees share their types."""
        return self

    def __str__(self) -> str:
        """Return the name that SQL shows, as ``format_type`` of PostgreSQL does."""
        if self.element is not None:
            return f"{self.element}[]"
        if self.name is not None:  # an enum, a table's row
            return _shown(*self.name)
        name = SQL_NAMES.get(self.kind, self.kind.value)
        if self.length is not None:
            return f"{name}({self.length})"
        if self.precision is not None:
            if self.kind is Kind.NUMERIC:
                return f"{name}({self.precision},{self.scale or 0})"
            head, _, tail = name.partition(" ")
            return f"{head}({self.precision}) {tail}".rstrip()
        return name


_PLAIN_NAME = re.compile(r"[a-z_][a-z0-9_$]*")


def _shown(namespace: str, name: str) -> str:
    """Return a type's name; that of a schema which is always searched is left out."""
    parts = (
        (name,) if namespace == "public" or namespace.startswith("pg_temp") else (namespace, name)
    )
    return ".".join(
        [one if _PLAIN_NAME.fullmatch(one) else '"' + one.replace('"', '""') + '"' for one in parts]
    )


SQL_NAMES: dict[Kind, str] = {
    Kind.BOOLEAN: "boolean",
    Kind.INT2: "smallint",
    Kind.INT4: "integer",
    Kind.INT8: "bigint",
    Kind.FLOAT4: "real",
    Kind.FLOAT8: "double precision",
    Kind.VARCHAR: "character varying",
    Kind.BPCHAR: "character",
    Kind.TIME: "time without time zone",
    Kind.TIMESTAMP: "timestamp without time zone",
    Kind.TIMESTAMPTZ: "timestamp with time zone",
    Kind.CHAR: '"char"',
}

BOOLEAN = Type(Kind.BOOLEAN)
INT2 = Type(Kind.INT2)
INT4 = Type(Kind.INT4)
INT8 = Type(Kind.INT8)
NUMERIC = Type(Kind.NUMERIC)
FLOAT4 = Type(Kind.FLOAT4)
FLOAT8 = Type(Kind.FLOAT8)
TEXT = Type(Kind.TEXT)
VARCHAR = Type(Kind.VARCHAR)
BPCHAR = Type(Kind.BPCHAR)
NAME = Type(Kind.NAME)
BYTEA = Type(Kind.BYTEA)
DATE = Type(Kind.DATE)
TIME = Type(Kind.TIME)
TIMESTAMP = Type(Kind.TIMESTAMP)
TIMESTAMPTZ = Type(Kind.TIMESTAMPTZ)
INTERVAL = Type(Kind.INTERVAL)
UUID = Type(Kind.UUID)
JSON = Type(Kind.JSON)
JSONB = Type(Kind.JSONB)
OID = Type(Kind.OID)
REGCLASS = Type(Kind.REGCLASS)
REGTYPE = Type(Kind.REGTYPE)
RECORD = Type(Kind.RECORD)
VOID = Type(Kind.VOID)
INT2VECTOR = Type(Kind.INT2VECTOR)
OIDVECTOR = Type(Kind.OIDVECTOR)
UNKNOWN = Type(Kind.UNKNOWN)

INTEGERS = frozenset({Kind.INT2, Kind.INT4, Kind.INT8})
FLOATS = frozenset({Kind.FLOAT4, Kind.FLOAT8})
NUMBERS = INTEGERS | FLOATS | {Kind.NUMERIC}
TEXTS = frozenset({Kind.TEXT, Kind.VARCHAR, Kind.BPCHAR, Kind.NAME})
REFERENCES = frozenset(
    {
        Kind.OID,
        Kind.REGCLASS,
        Kind.REGTYPE,
        Kind.REGPROC,
        Kind.REGPROCEDURE,
        Kind.REGOPER,
        Kind.REGOPERATOR,
        Kind.REGNAMESPACE,
        Kind.REGROLE,
    }
)
"""Oids, and what names an object by its oid."""
DATETIMES = frozenset({Kind.DATE, Kind.TIME, Kind.TIMESTAMP, Kind.TIMESTAMPTZ})

INTEGER_RANGE: dict[Kind, tuple[int, int]] = {
    Kind.INT2: (-(2**15), 2**15 - 1),
    Kind.INT4: (-(2**31), 2**31 - 1),
    Kind.INT8: (-(2**63), 2**63 - 1),
}


VECTOR_ELEMENTS = {Kind.INT2VECTOR: INT2, Kind.OIDVECTOR: OID}
"""Arrays of one dimension whose first subscript is 0: what they hold."""


def element_of(type_: Type) -> Type | None:
    """Return what an array or vector holds; None for any other type."""
    return type_.element or VECTOR_ELEMENTS.get(type_.kind)


def array_of(element: Type) -> Type:
    """Return the array type of ``element``; arrays of arrays are one type, as in PostgreSQL."""
    return element if element.kind is Kind.ARRAY else Type(Kind.ARRAY, element=element)
