"""Types as they are written in statements and kept in the catalog, resolved.

Source: "Data Types" of Cassandra's CQL reference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fivefold.catalog.catalog import Catalog
from fivefold.catalog.containers import Keyspace, UserType, View
from fivefold.languages.cql.parse.printing import quoted
from fivefold.languages.cql.parse.stream import Stream
from fivefold.languages.cql.parse.types import type_name
from fivefold.languages.cql.tree import TypeName
from fivefold.models.widecolumn.layout import KEYSPACE_VIEW
from fivefold.values.cql.faults import invalid
from fivefold.values.cql.types import COLLECTIONS, SCALARS, CqlType

UserTypes = Mapping[str, UserType]


def keyspace_of(catalog: Catalog, name: str) -> Keyspace | None:
    """Return what makes a namespace a keyspace, None if it is none."""
    view = catalog.find(name, KEYSPACE_VIEW)
    return view.keyspace if isinstance(view, View) else None


def namer(catalog: Catalog, keyspace: str | None) -> Callable[[TypeName], CqlType]:
    """Return the function that resolves types for a statement on a keyspace."""
    found = None if keyspace is None else keyspace_of(catalog, keyspace)
    types = {} if found is None else {one.name: one for one in found.types}
    return lambda name: type_named(name, keyspace or "", types)


def kept_type(text: str, keyspace: str, types: UserTypes) -> CqlType:
    """Return the type that the catalog keeps as text."""
    found = _KEPT.get(text)
    return type_named(type_name(Stream(text)), keyspace, types) if found is None else found


_KEPT = dict(SCALARS)


def type_named(name: TypeName, keyspace: str, types: UserTypes) -> CqlType:
    """Return the type that is written so. Raises what Cassandra says of one that cannot be."""
    return _resolved(name, keyspace, types, frozen=name.frozen)


def _resolved(name: TypeName, keyspace: str, types: UserTypes, *, frozen: bool) -> CqlType:
    if name.custom:
        return _custom(name.name)
    if name.name in COLLECTIONS and name.parameters:
        return _collection(name, keyspace, types, frozen=frozen)
    if name.name == "tuple" and name.parameters:
        parts = tuple(
            _resolved(part, keyspace, types, frozen=True)
            for part in name.parameters
            if _is_no_counter(part, "Counters are not allowed inside tuples")
        )
        return CqlType("tuple", parts, True)
    if name.name == "vector" and name.number is not None:
        return _vector(name, keyspace, types)
    if name.keyspace is None and name.name in SCALARS:
        return SCALARS[name.name]
    return user_type(name, keyspace, types, frozen=frozen)


def user_type(name: TypeName, keyspace: str, types: UserTypes, *, frozen: bool) -> CqlType:
    """Return a user type."""
    if name.keyspace is not None and name.keyspace != keyspace:
        raise invalid(
            f"Statement on keyspace {keyspace} cannot refer to a user type in keyspace"
            f" {name.keyspace}; user types can only be used in the keyspace they are defined in"
        )
    found = types.get(name.name)
    if found is None:
        raise invalid(f"Unknown type {keyspace}.{name.name}", "undefined_object")
    fields = []
    for field, text in found.fields:
        part = kept_type(text, keyspace, types)
        fields.append((field, froze(part) if frozen else part))
    return CqlType("udt", (), frozen, (keyspace, name.name), tuple(fields))


def _collection(name: TypeName, keyspace: str, types: UserTypes, *, frozen: bool) -> CqlType:
    inner = []
    for part in name.parameters:
        _is_no_counter(part, f"Counters are not allowed inside collections: {written(name)}")
        resolved = _resolved(part, keyspace, types, frozen=frozen or part.frozen)
        if not frozen and resolved.is_multicell:
            what = "UDTs" if resolved.name == "udt" else "collections"
            raise invalid(
                f"Non-frozen {what} are not allowed inside collections: {written(name)}"
            )
        inner.append(resolved)
    if inner[0].name == "duration" and name.name in ("set", "map"):
        what = "inside sets" if name.name == "set" else "as map keys"
        raise invalid(f"Durations are not allowed {what}: {written(name)}")
    return CqlType(name.name, tuple(inner), frozen)


def _vector(name: TypeName, keyspace: str, types: UserTypes) -> CqlType:
    number = name.number or 0
    if number <= 0:
        raise invalid(f"vectors may only have positive dimensions; given {number}")
    (part,) = name.parameters
    inner = _resolved(part, keyspace, types, frozen=part.frozen)
    return CqlType("vector", (inner,), True, dimension=number)


def _is_no_counter(name: TypeName, message: str) -> bool:
    if name.name == "counter" and not name.custom and name.keyspace is None:
        raise invalid(message)
    return True


def froze(type: CqlType) -> CqlType:
    """Return a type frozen through and through."""
    if type.name == "vector" or type.name in SCALARS:
        return type
    return CqlType(
        type.name,
        tuple(map(froze, type.parameters)),
        True,
        type.user,
        tuple((field, froze(part)) for field, part in type.fields),
        type.dimension,
    )


def written(name: TypeName) -> str:
    """Return a type as errors name it: as it was written."""
    text = f"{name.keyspace}.{name.name}" if name.keyspace else name.name
    if name.parameters:
        inner = ", ".join(map(written, name.parameters))
        if name.number is not None:
            inner += f", {name.number}"
        text += f"<{inner}>"
    return f"frozen<{text}>" if name.frozen else text


_JAVA = {
    "AsciiType": "ascii",
    "LongType": "bigint",
    "BytesType": "blob",
    "BooleanType": "boolean",
    "CounterColumnType": "counter",
    "DecimalType": "decimal",
    "DoubleType": "double",
    "DurationType": "duration",
    "FloatType": "float",
    "InetAddressType": "inet",
    "Int32Type": "int",
    "ShortType": "smallint",
    "ByteType": "tinyint",
    "UTF8Type": "text",
    "TimestampType": "timestamp",
    "DateType": "timestamp",
    "SimpleDateType": "date",
    "TimeType": "time",
    "UUIDType": "uuid",
    "TimeUUIDType": "timeuuid",
    "IntegerType": "varint",
}
"""The classes of Cassandra's own types, whose names stand in quotes."""

_PACKAGE = "org.apache.cassandra.db.marshal."


def _custom(text: str) -> CqlType:
    found = _JAVA.get(text.removeprefix(_PACKAGE))
    if found is None:
        whole = text if "." in text else f"{_PACKAGE}{text}"
        error = invalid(
            f"Error setting type {text}: Unable to find abstract-type class '{whole}'"
        )
        error.number = 0x2000
        raise error
    return SCALARS[found]


def type_text(type: CqlType) -> str:
    """Return a type as the catalog keeps it, and as Cassandra shows it."""
    text = quoted(type.user[1]) if type.user else type.name
    inner = ", ".join(map(type_text, type.parameters))
    if type.name == "vector":
        return f"vector<{inner}, {type.dimension}>"
    if inner:
        text = f"{text}<{inner}>"
    return f"frozen<{text}>" if type.frozen else text
