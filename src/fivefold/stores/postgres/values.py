"""Values between PostgreSQL's texts and stored forms, as psycopg's loaders and dumpers.

Every connection is set so that PostgreSQL prints what is stored (UTC, ISO dates, intervals in its
own style); what is left to do here is small and, where psycopg has it in C, done there. Parameters
cross as text without a type: the placeholder's cast (``$1::int8``) says what reads them.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import lru_cache

from psycopg import Connection
from psycopg.abc import Buffer
from psycopg.adapt import Dumper, Loader
from psycopg.types.string import BytesBinaryDumper, StrDumperUnknown, TextLoader

from fivefold.values.arrays import array_parser
from fivefold.values.datetimes import parse_timestamptz
from fivefold.values.oids import NUMBERS
from fivefold.values.text import as_is, output, parser
from fivefold.values.types import REFERENCES, TIMESTAMPTZ, Kind, Stored, Type

SESSION = {
    "client_encoding": "UTF8",
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "TimeZone": "UTC",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "search_path": "public",
    "standard_conforming_strings": "on",
}
"""Settings under which PostgreSQL's output is the stored form."""

_TEXTS = (
    "text", "varchar", "name", "numeric", "date", "time", "timestamp", "interval",
     "uuid", "json", "jsonb",
)  # fmt: skip

_AS_PRINTED = {Kind.JSON, Kind.JSONB, Kind.ENUM, *REFERENCES}

_float4 = struct.Struct("<f")


class _BooleanLoader(Loader):
    def load(self, data: Buffer) -> int:
        return 1 if bytes(data) == b"t" else 0


class _BlankPaddedLoader(Loader):
    def load(self, data: Buffer) -> str:
        return bytes(data).rstrip(b" ").decode()


class _MomentLoader(Loader):
    def load(self, data: Buffer) -> str:
        text = bytes(data).decode()
        if text.endswith(("+00", "infinity")):
            return text
        return parse_timestamptz(TIMESTAMPTZ, text)  # the session is in another zone


class _Float8Loader(Loader):
    def load(self, data: Buffer) -> float | str:
        text = bytes(data)
        return "NaN" if text == b"NaN" else float(text)


class _Float4Loader(Loader):
    def load(self, data: Buffer) -> float | str:
        text = bytes(data)
        if text == b"NaN":
            return "NaN"
        # PostgreSQL prints the shortest digits; the stored form is the number they stand for.
        rounded: float = _float4.unpack(_float4.pack(float(text)))[0]
        return rounded


class _NumberDumper(Dumper):
    def dump(self, obj: float) -> bytes:
        return repr(obj).encode()


def _element_parser(kind: Kind) -> Callable[[str], Stored]:
    if kind is Kind.BPCHAR:
        return lambda text: text.rstrip(" ")
    # Printed as stored, no need to read them again; or by the name that the server finds for it.
    return as_is if kind in _AS_PRINTED else parser(Type(kind))


@lru_cache
def _array_loader(kind: Kind) -> type[Loader]:
    """Return the loader of arrays of ``kind``: PostgreSQL's literal to a JSON array."""
    read = array_parser(Type(kind), _element_parser(kind))

    class ArrayLoader(Loader):
        def load(self, data: Buffer) -> str:
            return read(bytes(data).decode())

    return ArrayLoader


@lru_cache
def _vector_loader(kind: Kind) -> type[Loader]:
    """Return the loader of numbers with blanks between them, as catalogs have them."""
    read = parser(Type(kind))

    class VectorLoader(Loader):
        def load(self, data: Buffer) -> Stored:
            return read(bytes(data).decode())

    return VectorLoader


def configure(connection: Connection) -> None:
    """Have this connection take and give stored forms."""
    adapters = connection.adapters
    for name in _TEXTS:
        adapters.register_loader(name, TextLoader)
    adapters.register_loader("record", TextLoader)  # read further by who knows its fields
    adapters.register_loader("bool", _BooleanLoader)
    adapters.register_loader("timestamptz", _MomentLoader)
    adapters.register_loader("bpchar", _BlankPaddedLoader)
    adapters.register_loader("float4", _Float4Loader)
    adapters.register_loader("float8", _Float8Loader)
    for kind, numbers in NUMBERS.items():
        if numbers.array_oid and kind is not Kind.RECORD:
            adapters.register_loader(numbers.array_oid, _array_loader(kind))
    for kind in (Kind.INT2VECTOR, Kind.OIDVECTOR):
        adapters.register_loader(NUMBERS[kind].oid, _vector_loader(kind))
    adapters.register_dumper(int, _NumberDumper)
    adapters.register_dumper(float, _NumberDumper)
    adapters.register_dumper(str, StrDumperUnknown)
    adapters.register_dumper(bytes, BytesBinaryDumper)


def converter(type_: Type) -> Callable[[str], str] | None:
    """Return what turns the stored form of a parameter into the text that PostgreSQL reads."""
    return output(type_) if type_.kind is Kind.ARRAY else None


def reader(type_: Type) -> Callable[[str], str] | None:
    """Return what reads an output that no loader knows by its oid, or None."""
    if type_.kind is Kind.RECORD:
        return record_reader(type_)
    if type_.element is not None and type_.element.kind is Kind.ENUM:
        return array_parser(type_.element, as_is)
    return None


def record_reader(type_: Type) -> Callable[[str], str]:
    """Return what turns PostgreSQL's literal of a record into its stored form."""
    from fivefold.values.rows import record_parser

    return record_parser([_field_reader(field) for _, field in type_.fields])


def _field_reader(type_: Type) -> Callable[[str], Stored]:
    if type_.kind is Kind.RECORD:
        return record_reader(type_)
    if type_.element is not None:
        return array_parser(type_.element, _element_parser(type_.element.kind))
    return _element_parser(type_.kind)
