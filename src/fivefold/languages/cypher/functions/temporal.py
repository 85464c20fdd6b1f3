"""Functions that make temporal values: of texts, maps and other values, of the clock, cut off.

Without an argument, or with a map that holds but a ``timezone``, they tell the statement's moment.
``.transaction``, ``.statement`` and ``.realtime`` name the clock.

Source: Cypher Manual, "Temporal functions: instant types" and "Temporal functions: duration".
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from fivefold.languages.cypher.functions.function import Function, by_name, declare, invalid
from fivefold.languages.cypher.graph import Run
from fivefold.values.graph.temporal import (
    Date,
    DateTime,
    Instant,
    LocalDateTime,
    LocalTime,
    Time,
    arithmetic,
    building,
    durations,
    reading,
    truncating,
)
from fivefold.values.graph.temporal.calendar import SECOND_NANOS
from fivefold.values.graph.temporal.zones import read_zone

_INSTANTS = frozenset((Date, LocalTime, Time, LocalDateTime, DateTime))
_KIND = "a string, a map or a temporal value"

_DESCRIPTION = "A {} of a text, of a map, of another value, or of now."
_CLOCKS = {
    "transaction": ("the moment at which the transaction began", "transaction_now"),
    "statement": ("the moment at which the statement began", "now"),
    "realtime": ("the moment of the call", None),
}


@dataclass(frozen=True, slots=True)
class _Type:
    """What differs between the five types of instants."""

    name: str
    result: str
    read: Callable[[str], Instant]
    build: Callable[[dict[str, Any]], Instant]
    convert: Callable[[Instant], Instant]
    truncate: Callable[[str, Instant, dict[str, Any]], Instant]
    of_moment: Callable[[DateTime], Instant]


_TYPES = (
    _Type(
        *("date", "DATE", reading.read_date, building.build_date, building.to_date),
        *(truncating.truncate_date, building.to_date),
    ),
    _Type(
        *("localtime", "LOCAL TIME", reading.read_local_time, building.build_local_time),
        *(building.to_local_time, truncating.truncate_local_time, building.to_local_time),
    ),
    _Type(
        *("time", "ZONED TIME", reading.read_time, building.build_time, building.to_time),
        *(truncating.truncate_time, building.to_time),
    ),
    _Type(
        *("localdatetime", "LOCAL DATETIME", reading.read_local_date_time),
        *(building.build_local_date_time, building.to_local_date_time),
        *(truncating.truncate_local_date_time, building.to_local_date_time),
    ),
    _Type(
        *("datetime", "ZONED DATETIME", reading.read_date_time, building.build_date_time),
        *(building.to_date_time, truncating.truncate_date_time, building.to_date_time),
    ),
)


def _instants(kind: _Type) -> Iterator[Function]:
    def now(moment: DateTime, zone: Any) -> Instant:
        if zone is None:
            return kind.of_moment(moment)
        if not isinstance(zone, str):
            raise invalid(kind.name, zone, "the name of a time zone")
        return kind.of_moment(DateTime.at(moment.instant, read_zone(zone)))

    def make(run: Run, *given: Any) -> Instant:
        if not given:
            return kind.of_moment(run.now)
        (value,) = given
        given_type = type(value)
        if given_type is str:
            return kind.read(value)
        if given_type is dict:
            if len(value) == 1 and "timezone" in value:
                return now(run.now, value["timezone"])
            return kind.build(value)
        if given_type in _INSTANTS:
            return kind.convert(value)
        raise invalid(kind.name, value, _KIND)

    yield declare(
        *("Temporal", f"{kind.name}([input :: ANY]) :: {kind.result}"),
        *(_DESCRIPTION.format(kind.result), make),
        needs_run=True,
        deterministic=False,
        settled=_is_settled,
        within_run=True,
    )
    for clock, (what, attribute) in _CLOCKS.items():

        def tell(run: Run, *given: Any, attribute: str | None = attribute) -> Instant:
            zone = given[0] if given else None
            if attribute is None:
                return now(DateTime(time.time_ns(), building.UTC), zone)
            return now(getattr(run, attribute) or run.now, zone)

        yield declare(
            *("Temporal", f"{kind.name}.{clock}([timezone :: STRING]) :: {kind.result}"),
            *(f"The {kind.result} of {what}.", tell),
            needs_run=True,
            deterministic=False,
            within_run=attribute is not None,
        )

    def truncate(run: Run, unit: Any, *given: Any) -> Instant | None:
        value = given[0] if given else run.now
        fields = given[1] if len(given) > 1 else None
        if unit is None or value is None:
            return None
        if not isinstance(unit, str):
            raise invalid(f"{kind.name}.truncate", unit, "the name of a unit")
        if type(value) not in _INSTANTS:
            raise invalid(f"{kind.name}.truncate", value, "a temporal value")
        if fields is not None and not isinstance(fields, dict):
            raise invalid(f"{kind.name}.truncate", fields, "a map")
        return kind.truncate(unit, value, fields or {})

    yield declare(
        "Temporal",
        f"{kind.name}.truncate(unit :: STRING, [input :: ANY], [fields :: MAP]) :: {kind.result}",
        f"The first {kind.result} of the unit that a value is in, with fields below it set.",
        truncate,
        needs_run=True,
        sees_nulls=True,
        deterministic=False,
        settled=lambda *given: len(given) > 1,
        within_run=True,
    )


def _is_settled(*given: Any) -> bool:
    """Say whether a value does not depend on the clock: a map's time zone may, by itself for the
    moment and beside a time for its offset now."""
    return bool(given) and not (isinstance(given[0], dict) and "timezone" in given[0])


def _from_epoch(seconds: Any, nanoseconds: Any) -> DateTime:
    for number in (seconds, nanoseconds):
        if type(number) is not int:
            raise invalid("datetime.fromepoch", number, "an integer")
    reading.check("nanosecond", nanoseconds, 0, SECOND_NANOS - 1)
    return DateTime(seconds * SECOND_NANOS + nanoseconds, building.UTC)


def _from_epoch_millis(milliseconds: Any) -> DateTime:
    if type(milliseconds) is not int:
        raise invalid("datetime.fromepochmillis", milliseconds, "an integer")
    return DateTime(milliseconds * 1_000_000, building.UTC)


def _duration(value: Any) -> durations.Duration:
    if isinstance(value, str):
        return durations.read_duration(value)
    if isinstance(value, dict):
        return durations.duration_of(value)
    raise invalid("duration", value, "a string or a map")


def _difference(
    name: str, description: str, between: Callable[[Instant, Instant], durations.Duration]
) -> Function:
    def evaluate(start: Any, end: Any) -> durations.Duration:
        for value in (start, end):
            if type(value) not in _INSTANTS:
                raise invalid(name, value, "a temporal value")
        return between(start, end)

    return declare("Temporal", f"{name}(from :: ANY, to :: ANY) :: DURATION", description, evaluate)


FUNCTIONS: Final[dict[str, Function]] = by_name(
    (
        *(function for kind in _TYPES for function in _instants(kind)),
        declare(
            "Temporal",
            "datetime.fromepoch(seconds :: INTEGER, nanoseconds :: INTEGER) :: ZONED DATETIME",
            "The moment so many seconds and nanoseconds after 1970 began in UTC.",
            _from_epoch,
        ),
        declare(
            "Temporal",
            "datetime.fromepochmillis(milliseconds :: INTEGER) :: ZONED DATETIME",
            "The moment so many milliseconds after 1970 began in UTC.",
            _from_epoch_millis,
        ),
        declare(
            "Temporal",
            "duration(input :: ANY) :: DURATION",
            "A DURATION of a text or of a map.",
            _duration,
        ),
        _difference(
            "duration.between",
            "The months, days and seconds from one value to another.",
            arithmetic.between,
        ),
        _difference(
            "duration.inMonths",
            "The whole months from one value to another.",
            arithmetic.in_months,
        ),
        _difference(
            "duration.inDays", "The whole days from one value to another.", arithmetic.in_days
        ),
        _difference(
            "duration.inSeconds", "The seconds from one value to another.", arithmetic.in_seconds
        ),
    )
)
