"""Temporal values as PackStream's structures, which differ between versions of Bolt.

Before 5.0 a moment was said by what its zone's clocks show, which is two moments where clocks are
set back. Since then it is said in UTC; clients of 4.4 may ask for that too ("patch_bolt": "utc").

Source: Bolt manual, "Structure semantics".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

from fivefold.errors import FivefoldError, Unsupported
from fivefold.values.graph.faults import fault
from fivefold.values.graph.temporal.durations import Duration
from fivefold.values.graph.temporal.instants import (
    Date,
    DateTime,
    LocalDateTime,
    LocalTime,
    Time,
)
from fivefold.values.graph.temporal.zones import zone_name
from fivefold.wire.neo4j.messages import malformed

_SECOND = 1_000_000_000

Dehydrate: TypeAlias = Callable[[Any], tuple[str, tuple[int | str, ...]]]
"""Of a value: its structure's tag and fields."""

Hydrate: TypeAlias = Callable[[list[Any]], Any]
"""Of a structure's fields: the value. Raises FivefoldError."""


class Dialect(NamedTuple):
    """How versions differ in what they say: whether entities have element ids, and structures."""

    has_element_ids: bool
    dehydrate: Mapping[type, Dehydrate]
    hydrate: Mapping[int, Hydrate]


def _integers(fields: list[Any], count: int) -> list[int]:
    """Return the fields if they are so many integers. Raises ProtocolFault."""
    if len(fields) != count or not all(each.__class__ is int for each in fields):
        raise malformed(f"the structure should have {count} integers")
    return fields


def _moment(fields: list[Any], zone: type) -> tuple[int, Any]:
    """Return nanoseconds since 1970 and the zone, of the type that is wanted."""
    if len(fields) != 3 or fields[2].__class__ is not zone:
        raise malformed("the structure should have seconds, nanoseconds and a zone")
    seconds, nanos = _integers(fields[:2], 2)
    place = fields[2]
    if isinstance(place, str):
        place = zone_name(place)
    return seconds * _SECOND + nanos, place


def _date(fields: list[Any]) -> Date:
    return Date(*_integers(fields, 1))


def _local_time(fields: list[Any]) -> LocalTime:
    return LocalTime(*_integers(fields, 1))


def _time(fields: list[Any]) -> Time:
    return Time(*_integers(fields, 2))


def _local_datetime(fields: list[Any]) -> LocalDateTime:
    seconds, nanos = _integers(fields, 2)
    return LocalDateTime(seconds * _SECOND + nanos)


def _duration(fields: list[Any]) -> Duration:
    return Duration(*_integers(fields, 4))


def _utc(zone: type) -> Hydrate:
    return lambda fields: DateTime.at(*_moment(fields, zone))


def _wall(zone: type) -> Hydrate:
    return lambda fields: DateTime.local(*_moment(fields, zone))


def _point(fields: list[Any]) -> Any:
    raise Unsupported(
        "fivefold's graphs have no points: keep coordinates as two or three properties"
    )


def _vector(fields: list[Any]) -> Any:
    raise Unsupported("fivefold's graphs have no vectors: keep numbers in a list")


def _entity(name: str) -> Hydrate:
    def refuse(fields: list[Any]) -> Any:
        raise fault(
            "InvalidArgumentType",
            f"A {name} cannot be a parameter: give its elementId or its properties",
            type="TypeError",
        )

    return refuse


def _split(nanos: int) -> tuple[int, int]:
    return divmod(nanos, _SECOND)


def _say_utc(value: DateTime) -> tuple[str, tuple[int | str, ...]]:
    if value.zone is None:
        return "I", (*_split(value.instant), value.offset)
    return "i", (*_split(value.instant), value.zone)


def _say_wall(value: DateTime) -> tuple[str, tuple[int | str, ...]]:
    if value.zone is None:
        return "F", (*_split(value.wall), value.offset)
    return "f", (*_split(value.wall), value.zone)


_SAID: dict[type, Dehydrate] = {
    Date: lambda value: ("D", (value.days,)),
    LocalTime: lambda value: ("t", (value.clock,)),
    Time: lambda value: ("T", (value.clock, value.offset)),
    LocalDateTime: lambda value: ("d", _split(value.wall)),
    Duration: lambda value: (
        "E",
        (value.months, value.days, value.seconds, value.nanoseconds),
    ),
}

_READ: dict[int, Hydrate] = {
    ord("D"): _date,
    ord("t"): _local_time,
    ord("T"): _time,
    ord("d"): _local_datetime,
    ord("E"): _duration,
    ord("X"): _point,
    ord("Y"): _point,
    ord("V"): _vector,
    ord("N"): _entity("Node"),
    ord("R"): _entity("Relationship"),
    ord("r"): _entity("Relationship"),
    ord("P"): _entity("Path"),
}

_READ_UTC: dict[int, Hydrate] = {**_READ, ord("I"): _utc(int), ord("i"): _utc(str)}
_READ_WALL: dict[int, Hydrate] = {**_READ, ord("F"): _wall(int), ord("f"): _wall(str)}

LEGACY = Dialect(False, {**_SAID, DateTime: _say_wall}, _READ_WALL)
"""Version 4.4."""

UTC_4 = Dialect(False, {**_SAID, DateTime: _say_utc}, _READ_UTC)
"""Version 4.4 of clients that ask for UTC."""

VERSION_5 = Dialect(True, {**_SAID, DateTime: _say_utc}, _READ_UTC)
"""All of version 5."""


def unknown(tag: int) -> FivefoldError:
    """Return the error for a structure that means nothing in a dialect."""
    return malformed(f"a structure 0x{tag:02X} cannot be a parameter")
