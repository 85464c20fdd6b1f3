"""The names of Java's classes that types have, in custom types and in messages.

Source: section 4.2.5.2, "Rows", of the native protocol's specification, on custom types, and "Data
types", "Custom types", of Cassandra's CQL reference.
"""

from __future__ import annotations

from fivefold.values.cql.faults import configuration
from fivefold.values.cql.types import SCALARS, CqlType

PACKAGE = "org.apache.cassandra.db.marshal."

CLASSES: dict[str, str] = {
    "ascii": "AsciiType",
    "bigint": "LongType",
    "blob": "BytesType",
    "boolean": "BooleanType",
    "counter": "CounterColumnType",
    "decimal": "DecimalType",
    "double": "DoubleType",
    "float": "FloatType",
    "int": "Int32Type",
    "timestamp": "TimestampType",
    "uuid": "UUIDType",
    "text": "UTF8Type",
    "varint": "IntegerType",
    "timeuuid": "TimeUUIDType",
    "inet": "InetAddressType",
    "date": "SimpleDateType",
    "time": "TimeType",
    "smallint": "ShortType",
    "tinyint": "ByteType",
    "duration": "DurationType",
    "list": "ListType",
    "set": "SetType",
    "map": "MapType",
    "tuple": "TupleType",
    "udt": "UserType",
    "vector": "VectorType",
}
_WORDS = {name: word for word, name in CLASSES.items()} | {"DateType": "timestamp"}


def class_name(type: CqlType) -> str:
    """Return the class of a type with its parameters, as Cassandra writes it."""
    whole = PACKAGE + CLASSES[type.name]
    if type.user is not None:
        keyspace, name = type.user
        fields = [f"{field.encode().hex()}:{class_name(one)}" for field, one in type.fields]
        return _thawed(f"{whole}({','.join([keyspace, name.encode().hex(), *fields])})", type)
    if type.name == "vector":
        return f"{whole}({class_name(type.parameters[0])} , {type.dimension})"
    if not type.parameters:
        return whole
    return _thawed(f"{whole}({','.join(map(class_name, type.parameters))})", type)


def _thawed(whole: str, type: CqlType) -> str:
    is_frozen = type.frozen and type.name != "tuple"
    return f"{PACKAGE}FrozenType({whole})" if is_frozen else whole


def read_class(text: str) -> CqlType:
    """Return the type of a class's name, with or without the package and its parameters.

    Raises the error for a class that is none of a type.
    """
    name, _, rest = text.strip().partition("(")
    word = name.strip().removeprefix(PACKAGE)
    if not rest:
        if word in _WORDS and _WORDS[word] in SCALARS:
            return SCALARS[_WORDS[word]]
        raise unknown_class(text)
    inner = _split(rest.rstrip().removesuffix(")"))
    if word == "FrozenType":
        from fivefold.values.cql.names import frozen

        return frozen(read_class(inner[0]))
    if word == "ReversedType":
        return read_class(inner[0])
    if word == "UserType":
        fields = [one.partition(":") for one in inner[2:]]
        return CqlType(
            "udt",
            user=(inner[0].strip(), bytes.fromhex(inner[1].strip()).decode()),
            fields=tuple((bytes.fromhex(a.strip()).decode(), read_class(b)) for a, _, b in fields),
        )
    if word == "VectorType":
        return CqlType("vector", (read_class(inner[0]),), True, dimension=int(inner[1]))
    if word not in _WORDS:
        raise unknown_class(text)
    return CqlType(_WORDS[word], tuple(map(read_class, inner)), word == "TupleType")


def unknown_class(text: str) -> Exception:
    """Return Cassandra's error for a class that is not there."""
    whole = text if "." in text else PACKAGE + text
    return configuration(f"Unable to find abstract-type class '{whole}'")


def _split(text: str) -> list[str]:
    """Return what commas part, but for those within brackets."""
    parts, depth, start = [], 0, 0
    for at, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if character == "," and not depth:
            parts.append(text[start:at])
            start = at + 1
    return [*parts, text[start:]]
