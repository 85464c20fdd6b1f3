"""The PostgreSQL store: a pool of connections to one database of a server."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import psycopg
import psycopg_pool
from psycopg.conninfo import conninfo_to_dict

from fivefold.plan.statement import Prepared, Statement, Template
from fivefold.stores.contract import Durability, Gaps
from fivefold.stores.postgres import failures, schema, values
from fivefold.stores.postgres.connection import PostgresConnection
from fivefold.stores.postgres.names import render_template
from fivefold.stores.postgres.prepared import PostgresPrepared
from fivefold.values.types import JSONB

if TYPE_CHECKING:
    from fivefold.stores.contract import Connection, Line
    from fivefold.stores.postgres.asked import Asked

CONNECTIONS_MAX = 64  # of one process; PostgreSQL allows 100 to all by default
CONNECT_SECONDS_MAX = 10  # to reach the server, and to get a place in the pool
LOCK_WAIT_MS = 30_000  # for a row or table that another transaction holds
STATEMENTS_PREPARED = 500  # kept by each connection, as in the SQLite store
PREPARE_AFTER = 2  # executions before a statement is prepared on the server

# What a commit waits for (PostgreSQL manual, 20.5.1). The server decides whether it syncs at all.
_SYNCHRONOUS_COMMIT = {Durability.FULL: "on", Durability.NORMAL: "off", Durability.OFF: "off"}


class PostgresStore:
    """Data in a PostgreSQL database: one schema for each namespace, native tables and types."""

    gaps = Gaps(
        single_writer=False,
        in_process=False,
        temporary_prefix="fivefold_temp_",
        transactional_schema=True,
        streams_see_writes=False,
        document=JSONB,
    )

    leaves_sync = False

    def __init__(self, url: str, durability: Durability = Durability.FULL) -> None:
        self.url = url
        self.durability = durability
        try:
            self._settings = conninfo_to_dict(url)
        except psycopg.Error as error:
            raise failures.translate(error) from None
        self._closed = False
        self._lock = threading.Lock()
        self._prepare_database()
        self._pool = psycopg_pool.ConnectionPool(
            url,
            kwargs=self._arguments(),
            configure=self._configure,
            check=psycopg_pool.ConnectionPool.check_connection,
            min_size=0,
            max_size=CONNECTIONS_MAX,
            timeout=CONNECT_SECONDS_MAX,
            num_workers=1,
            name="fivefold",
            open=True,
        )

    def _prepare_database(self) -> None:
        """Make the catalog's tables where they are missing; learn the database's name."""
        try:
            with psycopg.connect(self.url, **self._arguments()) as connection:
                self.name = connection.info.dbname
                schema.prepare(connection)
        except psycopg.Error as error:
            raise failures.translate(error) from None

    def _arguments(self, called: str = "fivefold") -> dict[str, Any]:
        settings = {
            **values.SESSION,
            "default_transaction_isolation": "serializable",
            "lock_timeout": str(LOCK_WAIT_MS),
            "synchronous_commit": _SYNCHRONOUS_COMMIT[self.durability],
        }
        given = str(self._settings.get("options") or "")
        ours = " ".join(f"-c {name}={_escaped(value)}" for name, value in settings.items())
        arguments: dict[str, Any] = {
            "autocommit": True,
            "options": f"{ours} {given}".strip(),
            "prepare_threshold": PREPARE_AFTER,
        }
        if "connect_timeout" not in self._settings:
            arguments["connect_timeout"] = CONNECT_SECONDS_MAX
        if "application_name" not in self._settings:
            arguments["application_name"] = called
        return arguments

    def _configure(self, connection: psycopg.Connection) -> None:
        connection.prepared_max = STATEMENTS_PREPARED
        values.configure(connection)

    def sync(self) -> None:
        """Do nothing: PostgreSQL syncs what it commits."""

    def leave_log(self, grown: Callable[[], None] | None) -> None:
        """Do nothing: PostgreSQL's log is its own."""

    def shorten_log(self, alone: Callable[[], AbstractContextManager[None]]) -> bool:
        """Say that nothing is left to do."""
        return True

    def connect(self, *, synced: bool = True) -> Connection:
        """Return a connection of the pool. Raises Unavailable if the server cannot be reached."""
        return PostgresConnection(self._take(), self)

    def line(self) -> Line | None:
        """Return a new line for statements by key."""
        from fivefold.stores.postgres.line import PostgresLine  # only a server has lines

        try:
            raw = psycopg.connect(self.url, **self._arguments("fivefold line"))
        except psycopg.Error as error:
            raise failures.translate(error) from None
        self._configure(raw)
        return PostgresLine(raw)

    def _take(self) -> psycopg.Connection:
        try:
            return self._pool.getconn()
        except psycopg.Error as error:
            raise failures.translate(error) from None

    def another(self, broken: psycopg.Connection) -> psycopg.Connection:
        """Return a connection in place of one whose line broke."""
        self._pool.putconn(broken)
        return self._take()

    def give_back(self, connection: psycopg.Connection) -> None:
        """Take a connection back into the pool."""
        self._pool.putconn(connection)

    def prepare(self, statement: Statement) -> Prepared:
        """Render a statement as PostgreSQL's text."""
        source = statement.source
        crossed: tuple[int | Asked, ...] = ()
        personal = False
        if isinstance(source, Template):
            text = render_template(source, statement.parameters)
        else:
            # Imported only where a tree comes: the models' fixed statements are templates.
            from fivefold.stores.postgres.asked import crossing
            from fivefold.stores.postgres.render import render, uses_sequences

            personal = uses_sequences(source)
            source, crossed = crossing(source, len(statement.parameters))
            text = render(source)
        converters = tuple(
            (place, convert)
            for place, type_ in enumerate(statement.parameters)
            if (convert := values.converter(type_)) is not None
        )
        readers = tuple(
            (place, read)
            for place, one in enumerate(statement.outputs or ())
            if (read := values.reader(one.type)) is not None
        )
        packed = text.encode()
        return PostgresPrepared(
            statement, text, statement.writes, personal, packed, converters, readers, crossed
        )

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        self._pool.close()


def _escaped(value: str) -> str:
    """Return a value as ``options`` takes it: blanks and backslashes escaped (libpq, 34.1.2)."""
    return value.replace("\\", "\\\\").replace(" ", "\\ ")
