"""The types of CQL.

Source: "Data types" of Cassandra's CQL reference; the numbers of section 4.2.5.2 of the native
protocol's specification, version 5.

A value has these forms:

- *stored*: what the store holds (``values.types.Stored``). The language's rooms pass values on in
  this form, and take them apart only where they have to.
- *plain*: the Python value that functions work with.
- *wire*: the bytes of the native protocol.
- *shown*: what a program gets from ``db.cql``.

=================  ===========================  ===============================================
type               stored                       plain
=================  ===========================  ===============================================
ascii text         str                          str
tinyint … bigint   int                          int
counter            int                          int
varint decimal     str, digits as given         int, Decimal
float double       float; NaN is the text NaN   float
boolean            int 0 or 1                   bool
blob               bytes                        bytes
date               int, days from 1970          int
time               int, nanoseconds             int
timestamp          int, milliseconds from 1970  int
uuid timeuuid      16 bytes that sort as        uuid.UUID
                   Cassandra compares them
inet               4 or 16 bytes                ipaddress's IPv4Address or IPv6Address
duration           str, as 1mo2d3ns             Duration
list               str: JSON                    list
set                str: JSON array, sorted      list, sorted, each once
map                str: JSON object, sorted     dict, sorted by key
tuple, user type   str: JSON array              tuple, None for what is not there
vector             str: JSON array              list
=================  ===========================  ===============================================

Inside JSON values stand as Cassandra's ``toJson`` writes them, but a user type as an array of its
fields. Keys of a map that are no texts are those of ``toJson`` too.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CqlType:
    """A type: ``name`` is its word in CQL, or ``udt``.

    ``parameters`` are what a collection, tuple or vector holds. A user type is ``user`` =
    (keyspace, name) with ``fields``. ``frozen`` is said of what could be not so: collections and
    user types, at the top and below; tuples and vectors always are.
    """

    name: str
    parameters: tuple[CqlType, ...] = ()
    frozen: bool = False
    user: tuple[str, str] | None = None
    fields: tuple[tuple[str, CqlType], ...] = ()
    dimension: int = 0

    @property
    def is_collection(self) -> bool:
        """Say whether it is a list, set or map."""
        return self.name in COLLECTIONS

    @property
    def is_multicell(self) -> bool:
        """Say whether its parts are cells of their own."""
        return not self.frozen and (self.name in COLLECTIONS or self.name == "udt")


COLLECTIONS = frozenset({"list", "set", "map"})

NUMBERS: dict[str, int] = {
    "custom": 0x00,
    "ascii": 0x01,
    "bigint": 0x02,
    "blob": 0x03,
    "boolean": 0x04,
    "counter": 0x05,
    "decimal": 0x06,
    "double": 0x07,
    "float": 0x08,
    "int": 0x09,
    "timestamp": 0x0B,
    "uuid": 0x0C,
    "text": 0x0D,
    "varint": 0x0E,
    "timeuuid": 0x0F,
    "inet": 0x10,
    "date": 0x11,
    "time": 0x12,
    "smallint": 0x13,
    "tinyint": 0x14,
    "duration": 0x15,
    "list": 0x20,
    "map": 0x21,
    "set": 0x22,
    "udt": 0x30,
    "tuple": 0x31,
}
"""The protocol's numbers; a vector is custom."""

SCALARS: dict[str, CqlType] = {
    name: CqlType(name)
    for name in NUMBERS
    if name not in {"custom", "list", "map", "set", "udt", "tuple"}
}

ASCII, BIGINT, BLOB, BOOLEAN = (SCALARS[name] for name in ("ascii", "bigint", "blob", "boolean"))
COUNTER, DECIMAL, DOUBLE, FLOAT = (
    SCALARS[name] for name in ("counter", "decimal", "double", "float")
)
INT, TIMESTAMP, UUID, TEXT = (SCALARS[name] for name in ("int", "timestamp", "uuid", "text"))
VARINT, TIMEUUID, INET, DATE = (SCALARS[name] for name in ("varint", "timeuuid", "inet", "date"))
TIME, SMALLINT, TINYINT, DURATION = (
    SCALARS[name] for name in ("time", "smallint", "tinyint", "duration")
)


def list_of(element: CqlType, *, frozen: bool = False) -> CqlType:
    """Return ``list<element>``."""
    return CqlType("list", (element,), frozen)


def set_of(element: CqlType, *, frozen: bool = False) -> CqlType:
    """Return ``set<element>``."""
    return CqlType("set", (element,), frozen)


def map_of(key: CqlType, value: CqlType, *, frozen: bool = False) -> CqlType:
    """Return ``map<key, value>``."""
    return CqlType("map", (key, value), frozen)


def tuple_of(*parts: CqlType) -> CqlType:
    """Return ``tuple<parts…>``."""
    return CqlType("tuple", parts, True)


class Unset:
    """A parameter that was left unset: see section 4.1.4 of the protocol's specification."""

    def __repr__(self) -> str:
        return "UNSET"


UNSET = Unset()
