"""Types as they are written in statements and kept in the catalog, resolved.

Source: "Data Types" of Cassandra's CQL reference.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from fivefold.catalog.catalog import Catalog
from fivefold.catalog.containers import Keyspace, UserType, View
from fivefold.languages.cql.parse.printing import type_text
from fivefold.languages.cql.tree import TypeName
from fivefold.models.widecolumn.layout import KEYSPACE_VIEW
from fivefold.values.cql.faults import invalid
from fivefold.values.cql.names import frozen as frozen_of
from fivefold.values.cql.names import read_type
from fivefold.values.cql.types import COLLECTIONS, SCALARS, CqlType

UserTypes = Mapping[str, CqlType]
"""The user types of a keyspace by name, none of them frozen."""


def keyspace_of(catalog: Catalog, name: str) -> Keyspace | None:
    """Return what makes a namespace a keyspace, None if it is none."""
    view = catalog.find(name, KEYSPACE_VIEW)
    return view.keyspace if isinstance(view, View) else None


def types_of(catalog: Catalog, keyspace: str) -> UserTypes:
    """Return the user types of a keyspace."""
    found = keyspace_of(catalog, keyspace)
    return {} if found is None else user_types(keyspace, found.types)


def user_types(keyspace: str, types: Sequence[UserType]) -> UserTypes:
    """Return user types, resolved. One may have fields of others, whichever came first."""
    kept = {one.name: one for one in types}
    made: dict[str, CqlType] = {}
    begun: set[str] = set()

    def make(name: str) -> None:
        if name in begun or name not in kept:
            return
        begun.add(name)
        for _, text in kept[name].fields:
            for inner in names_in(text):
                make(inner)
        fields = tuple((field, read_type(text, made)) for field, text in kept[name].fields)
        made[name] = CqlType("udt", (), False, (keyspace, name), fields)

    for name in kept:
        make(name)
    return made


_NAME = re.compile(r'"((?:[^"]|"")*)"|(\w+)')


def names_in(text: str) -> Iterator[str]:
    """Yield the words of a type's text: the names of user types are among them."""
    for found in _NAME.finditer(text):
        yield found[2] or found[1].replace('""', '"')


def namer(catalog: Catalog, keyspace: str | None) -> Callable[[TypeName], CqlType]:
    """Return the function that resolves types for a statement on a keyspace."""
    types = {} if keyspace is None else types_of(catalog, keyspace)
    return lambda name: type_named(name, keyspace or "", types)


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
    return frozen_of(found) if frozen else found


def _collection(name: TypeName, keyspace: str, types: UserTypes, *, frozen: bool) -> CqlType:
    inner = []
    for part in name.parameters:
        _is_no_counter(part, f"Counters are not allowed inside collections: {type_text(name)}")
        resolved = _resolved(part, keyspace, types, frozen=frozen or part.frozen)
        if not frozen and resolved.is_multicell:
            what = "UDTs" if resolved.name == "udt" else "collections"
            raise invalid(
                f"Non-frozen {what} are not allowed inside collections: {type_text(name)}"
            )
        inner.append(resolved)
    if inner[0].name == "duration" and name.name in ("set", "map"):
        what = "inside sets" if name.name == "set" else "as map keys"
        raise invalid(f"Durations are not allowed {what}: {type_text(name)}")
    return CqlType(name.name, tuple(inner), frozen)


def _vector(name: TypeName, keyspace: str, types: UserTypes) -> CqlType:
    number = name.number or 0
    if number <= 0:
        raise invalid(f"vectors may only have positive dimensions; given {number}")
    (part,) = name.parameters
    inner = _resolved(part, keyspace, types, frozen=part.frozen)
    return CqlType("vector", (inner,), dimension=number)


def _is_no_counter(name: TypeName, message: str) -> bool:
    if name.name == "counter" and not name.custom and name.keyspace is None:
        raise invalid(message)
    return True


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
        error = invalid(f"Error setting type {text}: Unable to find abstract-type class '{whole}'")
        error.number = 0x2000
        raise error
    return SCALARS[found]
