"""Makes the tables and fills them through psycopg's COPY, with counters kept by redis-py.

The flights go month by month, a transaction each: counters can only move between transactions,
as the database has one writer at a time, and somebody who looks from outside sees the load grow.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import groupby, islice
from typing import TYPE_CHECKING, Any

import psycopg
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from fivefold.cli.demo.flights import data, schema

if TYPE_CHECKING:
    from redis import Redis

LINES_AT_ONCE = 2_000
CARRIERS_SHOWN = 5
BAR_CELLS = 30
INDENT = 2
CARRIER = 9  # its place in a line of flights
LOADED_KEY = "flights:loaded"


def carrier_key(carrier: str) -> str:
    """Return the key of a carrier's counter."""
    return f"flights:by:{carrier}"


class Loading:
    """The tables' progress and the counters, as one picture that moves."""

    def __init__(self, console: Console, redis: Redis, rows_max: int | None) -> None:
        self.redis = redis
        self.rows_max = rows_max
        self.progress = Progress(
            TextColumn("{task.description:<13}"),
            BarColumn(BAR_CELLS, complete_style="cyan", finished_style="cyan"),
            TextColumn("{task.completed:,.0f} of {task.total:,} rows"),
            console=console,
        )
        self.live = Live(_indented(self.progress), console=console, refresh_per_second=10)

    def run(self, url: str) -> None:
        """Make and load all tables."""
        with psycopg.connect(url, autocommit=True) as connection, self.live:
            for name, columns in schema.TABLES.items():
                connection.execute(schema.create(name, columns).encode())
            for name in schema.TABLES:
                if name != "flights":
                    self.load(connection, name)
            self.load_flights(connection)

    def load(self, connection: psycopg.Connection[Any], name: str) -> None:
        """COPY one of the smaller tables."""
        lines = list(data.lines(name))
        task = self.progress.add_task(name, total=len(lines) - 1)
        with connection.cursor() as cursor:
            with cursor.copy(data.COPY.format(name).encode()) as copy:
                copy.write(b"".join(lines))
            self.progress.update(task, completed=cursor.rowcount)

    def load_flights(self, connection: psycopg.Connection[Any]) -> None:
        """COPY the flights, a month at a time, and move the counters after each."""
        lines = data.lines("flights")
        header = next(lines)
        if self.rows_max is not None:
            lines = islice(lines, self.rows_max)
        task = self.progress.add_task("flights", total=self.rows_max or data.FLIGHTS)
        statement = data.COPY.format("flights").encode()
        for _, month in groupby(lines, key=_month):
            counted: Counter[str] = Counter()
            with connection.cursor() as cursor, cursor.copy(statement) as copy:
                copy.write(header)
                for batch in _batches(month):
                    copy.write(b"".join(batch))
                    counted.update(map(_carrier, batch))
                    self.progress.advance(task, len(batch))
            self.count(counted)

    def count(self, counted: Counter[str]) -> None:
        """Move the counters, in one pipeline, and show them as another client reads them."""
        with self.redis.pipeline() as pipeline:
            for carrier, flights in counted.items():
                pipeline.incrby(carrier_key(carrier), flights)
            pipeline.incrby(LOADED_KEY, counted.total())
            pipeline.execute()
        self.live.update(_indented(self.progress, Text(), self.picture()))

    def picture(self) -> Table:
        """Return the largest counters with a bar each."""
        keys = sorted(self.redis.scan_iter(match=carrier_key("*"), count=1000))
        values = self.redis.mget(keys)
        counts = sorted(
            ((int(value or 0), key) for value, key in zip(values, keys, strict=True)), reverse=True
        )
        table = Table.grid(padding=(0, 1))
        most = counts[0][0]
        for count, key in counts[:CARRIERS_SHOWN]:
            bar = "█" * max(1, round(BAR_CELLS * count / most))
            table.add_row(Text(key.decode()), Text(bar, "cyan"), Text(f"{count:,}"))
        return table


def _indented(*parts: RenderableType) -> Padding:
    return Padding(Group(*parts), (0, 0, 0, INDENT))


def _month(line: bytes) -> bytes:
    return line.split(b",", 2)[1]


def _carrier(line: bytes) -> str:
    return line.split(b",", CARRIER + 1)[CARRIER].decode()


def _batches(lines: Iterator[bytes]) -> Iterator[list[bytes]]:
    while batch := list(islice(lines, LINES_AT_ONCE)):
        yield batch
