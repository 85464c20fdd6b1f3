"""CQL as scripts run it: rows as ``column: value``, the values as Python's drivers give them.

A script has the keyspace ``s`` to itself. The clock stands still; the tag ``later-5`` moves it by
so many seconds before the statement runs, ``page-3`` reads pages of so many rows and shows all;
before ``reclaimed`` the space is taken back that a server takes back now and then.
``DriverInterpreter`` runs the same over the wire, beside a server of fivefold or of Cassandra.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from cassandra import AlreadyExists, DriverException
from cassandra.cluster import Session
from cassandra.protocol import ErrorMessage
from cassandra.query import SimpleStatement

from fivefold.api.database import Database
from fivefold.engine.clock import DrivenClock
from fivefold.engine.cql_upkeep import Reclaiming
from fivefold.engine.engine import Engine
from fivefold.errors import FivefoldError
from fivefold.stores.open import open_store

KEYSPACE = (
    "CREATE KEYSPACE s WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}"
)


NAMES = {
    0x2000: "Syntax error in CQL query",
    0x2100: "Unauthorized",
    0x2200: "Invalid query",
    0x2300: "Query invalid because of configuration issue",
    0x2400: "Item already exists",
    0x1400: "User Defined Function failure",
}
"""What the driver calls the codes of errors."""


class Refused(FivefoldError):
    """What a server refused: its code's name, and what it said."""

    def __init__(self, name: str, message: str) -> None:
        self.codes = (name,)
        super().__init__(message, name)


class CassandraInterpreter:
    """The interpreter of tests/scripts/cassandra, over a store."""

    def __init__(self, url: str) -> None:
        self._clock = DrivenClock()
        engine = Engine(open_store(url), self._clock)
        self._db = Database(engine)
        self._reclaiming = Reclaiming(engine)
        self._db.cql(KEYSPACE)

    def run(self, session_name: str, statement: str, tags: frozenset[str]) -> str:
        """Run one statement; see ``tests.scripting.Interpreter``."""
        size = None
        for tag in sorted(tags):
            word, _, number = tag.partition("-")
            if word == "later":
                self._clock.advance(int(number) * 1000)
            elif word == "page":
                size = int(number)
            elif word == "reclaimed":
                self._reclaiming.run()
        try:
            result = self._db.cql(statement, page_size=size)
        except FivefoldError as error:
            raise Refused(NAMES[error.number or 0x2200], error.message) from None
        rows = result.all()
        while result.paging_state is not None:
            result = self._db.cql(statement, page_size=size, paging_state=result.paging_state)
            rows += result.all()
        return show(result.column_names, rows)

    def close(self) -> None:
        """Close the store."""
        self._db.close()


class DriverInterpreter:
    """The same through Cassandra's driver for Python."""

    def __init__(self, session: Session) -> None:
        self._session = session
        session.execute("DROP KEYSPACE IF EXISTS s", timeout=60)
        session.execute(KEYSPACE, timeout=60)

    def run(self, session_name: str, statement: str, tags: frozenset[str]) -> str:
        """Run one statement; the server's errors are raised as the embedded engine's are."""
        sizes = [int(tag.partition("-")[2]) for tag in tags if tag.startswith("page")]
        asked = SimpleStatement(statement, fetch_size=sizes[0] if sizes else 5000)
        try:
            result = self._session.execute(asked, timeout=60)
            rows = list(result)
        except (DriverException, ErrorMessage) as error:
            raise refused(error) from None
        return show(result.column_names or [], rows)

    def close(self) -> None:
        """Take the keyspace away."""
        self._session.execute("DROP KEYSPACE IF EXISTS s", timeout=60)


def refused(error: Exception) -> Refused:
    """Return the server's error that an exception of the driver's is about."""
    if isinstance(error, AlreadyExists):
        return Refused(NAMES[0x2400], str(error))
    found = re.search(r'code=\d+ \[(.*?)\] message="(.*)"', str(error), re.DOTALL)
    assert found is not None, error
    return Refused(found[1], found[2])


def show(names: Iterable[str], rows: Iterable[Any]) -> str:
    """Return rows, a line each."""
    columns = list(names)
    return "\n".join(
        ", ".join([f"{name}: {plain(value)}" for name, value in zip(columns, row, strict=True)])
        for row in rows
    )


def plain(value: Any) -> str:
    """Return a value, the driver's own kinds of collections as Python's."""
    match value:
        case None:
            return "null"
        case str():
            return repr(value)
        case tuple() | list():
            inside = ", ".join([plain(each) for each in value])
            return f"({inside})" if isinstance(value, tuple) else f"[{inside}]"
        case _ if isinstance(value, Mapping) or hasattr(value, "items"):
            pairs = [f"{plain(key)}: {plain(one)}" for key, one in value.items()]
            return "{" + ", ".join(pairs) + "}"
        case _ if hasattr(value, "isdisjoint"):
            return "{" + ", ".join([plain(each) for each in value]) + "}"
    return str(value)
