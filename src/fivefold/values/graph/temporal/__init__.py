"""Dates, times, moments and durations as Cypher has them: nanoseconds, years to 999 999 999.

In order: ``calendar`` and ``zones`` count days and offsets, ``instants`` and ``durations`` are the
values, ``reading`` reads texts, ``components`` looks into values, ``building`` makes them of maps
and of each other, ``truncating`` cuts them off, ``arithmetic`` adds durations and finds them,
``native`` joins them to Python's.
"""

from fivefold.values.graph.temporal.durations import Duration
from fivefold.values.graph.temporal.instants import (
    Date,
    DateTime,
    Instant,
    LocalDateTime,
    LocalTime,
    Time,
)

__all__ = ["Date", "DateTime", "Duration", "Instant", "LocalDateTime", "LocalTime", "Time"]
