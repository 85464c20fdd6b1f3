"""The names by which SQL calls types."""

from __future__ import annotations

from fivefold.errors import InvalidStatement, InvalidValue
from fivefold.values.types import Kind, Type, array_of

TEXT_LENGTH_MAX = 10_485_760
PRECISION_MAX = 1000
SCALE_MAX = 1000
SECOND_DIGITS_MAX = 6
FLOAT4_BITS_MAX = 24
FLOAT8_BITS_MAX = 53

_NAMES: dict[str, Kind] = {
    "bool": Kind.BOOLEAN,
    "boolean": Kind.BOOLEAN,
    "smallint": Kind.INT2,
    "int2": Kind.INT2,
    "int": Kind.INT4,
    "integer": Kind.INT4,
    "int4": Kind.INT4,
    "bigint": Kind.INT8,
    "int8": Kind.INT8,
    "numeric": Kind.NUMERIC,
    "decimal": Kind.NUMERIC,
    "dec": Kind.NUMERIC,
    "real": Kind.FLOAT4,
    "float4": Kind.FLOAT4,
    "float": Kind.FLOAT8,
    "float8": Kind.FLOAT8,
    "double precision": Kind.FLOAT8,
    "text": Kind.TEXT,
    "varchar": Kind.VARCHAR,
    "character varying": Kind.VARCHAR,
    "char varying": Kind.VARCHAR,
    "national character varying": Kind.VARCHAR,
    "nchar varying": Kind.VARCHAR,
    "char": Kind.BPCHAR,
    "character": Kind.BPCHAR,
    "nchar": Kind.BPCHAR,
    "national character": Kind.BPCHAR,
    "bpchar": Kind.BPCHAR,
    "name": Kind.NAME,
    "bytea": Kind.BYTEA,
    "date": Kind.DATE,
    "time": Kind.TIME,
    "time without time zone": Kind.TIME,
    "timestamp": Kind.TIMESTAMP,
    "timestamp without time zone": Kind.TIMESTAMP,
    "timestamptz": Kind.TIMESTAMPTZ,
    "timestamp with time zone": Kind.TIMESTAMPTZ,
    "interval": Kind.INTERVAL,
    "uuid": Kind.UUID,
    "json": Kind.JSON,
    "jsonb": Kind.JSONB,
    "oid": Kind.OID,
    "regclass": Kind.REGCLASS,
    "regtype": Kind.REGTYPE,
    "regproc": Kind.REGPROC,
    "regprocedure": Kind.REGPROCEDURE,
    "regoper": Kind.REGOPER,
    "regoperator": Kind.REGOPERATOR,
    "regnamespace": Kind.REGNAMESPACE,
    "regrole": Kind.REGROLE,
    "xid": Kind.XID,
    '"char"': Kind.CHAR,
    "int2vector": Kind.INT2VECTOR,
    "oidvector": Kind.OIDVECTOR,
    "pg_node_tree": Kind.NODE_TREE,
    "aclitem": Kind.ACLITEM,
    "record": Kind.RECORD,
    "void": Kind.VOID,
    "unknown": Kind.UNKNOWN,
}
_ALWAYS_ONE_CHARACTER = frozenset({"char", "character", "nchar", "national character"})
_PRECISE = frozenset({Kind.TIME, Kind.TIMESTAMP, Kind.TIMESTAMPTZ, Kind.INTERVAL})


def type_named(name: str, modifiers: tuple[int, ...] = ()) -> Type | None:
    """Return the type of an SQL name in any case, with its modifiers; None if there is none.

    ``name`` may carry modifiers and ``[]`` itself: 'varchar(10)[]', 'timestamp(3) with time
    zone', 'pg_catalog.int4'. Raises InvalidValue if a modifier is out of range.
    """
    words = " ".join(name.lower().split())
    arrays = 0
    while words.endswith("]"):
        words = words[: words.rindex("[")].rstrip() if "[" in words else ""
        arrays += 1
    if words.endswith(" array"):
        words, arrays = words.removesuffix(" array"), 1
    if "(" in words:
        head, _, rest = words.partition("(")
        inside, closing, tail = rest.partition(")")
        parts = [part.strip() for part in inside.split(",")]
        if not closing or not all(part.lstrip("-").isdecimal() for part in parts):
            return None
        words = " ".join(f"{head} {tail}".split())
        modifiers = tuple(int(part) for part in parts)
    words = words.removeprefix("pg_catalog.")
    kind = _NAMES.get(words)
    if kind is None and words.startswith("_") and words[1:] in _NAMES:
        kind, arrays = _NAMES[words[1:]], arrays + 1
    if kind is None:
        return None
    type_ = _modified(words, kind, modifiers)
    return array_of(type_) if arrays else type_


def _modified(words: str, kind: Kind, modifiers: tuple[int, ...]) -> Type:
    if words == "float" and modifiers:
        bits = modifiers[0]
        if not 1 <= bits <= FLOAT8_BITS_MAX:
            bound = "at least 1 bit" if bits < 1 else "less than 54 bits"
            raise _bad(f"precision for type float must be {bound}")
        return Type(Kind.FLOAT4 if bits <= FLOAT4_BITS_MAX else Kind.FLOAT8)
    if kind is Kind.VARCHAR or kind is Kind.BPCHAR:
        if not modifiers:
            return Type(kind, length=1 if words in _ALWAYS_ONE_CHARACTER else None)
        return Type(kind, length=_length(Type(kind), modifiers))
    if not modifiers:
        return Type(kind)
    if kind is Kind.NUMERIC:
        return _numeric(modifiers)
    if kind in _PRECISE and len(modifiers) == 1:
        if modifiers[0] < 0:
            raise _bad(f"{words.upper()}({modifiers[0]}) precision must not be negative")
        # PostgreSQL warns of more digits than six, and keeps six.
        return Type(kind, precision=min(modifiers[0], SECOND_DIGITS_MAX))
    raise InvalidStatement(f'type modifier is not allowed for type "{words}"', "syntax_error")


def _length(type_: Type, modifiers: tuple[int, ...]) -> int:
    name = "varchar" if type_.kind is Kind.VARCHAR else "char"
    if len(modifiers) > 1:
        raise _bad("invalid type modifier")
    if modifiers[0] < 1:
        raise _bad(f"length for type {name} must be at least 1")
    if modifiers[0] > TEXT_LENGTH_MAX:
        raise _bad(f"length for type {name} cannot exceed {TEXT_LENGTH_MAX}")
    return modifiers[0]


def _numeric(modifiers: tuple[int, ...]) -> Type:
    if len(modifiers) > 2:
        raise _bad("invalid NUMERIC type modifier")
    precision, scale = (*modifiers, 0)[:2]
    if not 1 <= precision <= PRECISION_MAX:
        raise _bad(f"NUMERIC precision {precision} must be between 1 and {PRECISION_MAX}")
    if not -SCALE_MAX <= scale <= SCALE_MAX:
        raise _bad(f"NUMERIC scale {scale} must be between -{SCALE_MAX} and {SCALE_MAX}")
    return Type(Kind.NUMERIC, precision=precision, scale=scale)


def _bad(message: str) -> InvalidValue:
    return InvalidValue(message, "invalid_parameter_value")
