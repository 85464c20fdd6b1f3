"""Two sides that do statements of CQL: ours with a clock that is driven, and the real Cassandra."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from fivefold.api.database import open_database
from fivefold.engine.clock import DrivenClock
from fivefold.errors import FivefoldError
from fivefold.stores.contract import Durability

from .tables import TABLES, USER_TYPE, alike


class Failure(Exception):
    """A statement was refused, with Cassandra's words."""


Answer = tuple[Sequence[str], list[tuple[Any, ...]]]
"""Names of columns, rows; neither if there are none."""


class Side(Protocol):
    """Runs statements."""

    def run(self, text: str) -> Answer:
        """Run one. Raises Failure."""
        ...

    def advance(self, seconds: int) -> None:
        """Have time go on."""
        ...


class Ours:
    """A store of our own."""

    def __init__(self, url: str, keyspace: str) -> None:
        self.clock = DrivenClock()
        self.database = open_database(url, durability=Durability.OFF, clock=self.clock)
        make(self, keyspace)

    def run(self, text: str) -> Answer:
        """Run a statement."""
        try:
            found = self.database.cql(text)
        except FivefoldError as error:
            raise Failure(str(error)) from error
        return found.column_names, [tuple(map(alike, row)) for row in found]

    def advance(self, seconds: int) -> None:
        """Move the clock."""
        self.clock.advance(seconds * 1000)


class Judge:
    """A real Cassandra, at ``host:port``."""

    def __init__(self, address: str, keyspace: str) -> None:
        from cassandra.cluster import Cluster
        from cassandra.query import tuple_factory

        host, _, port = address.partition(":")
        self.cluster = Cluster([host], port=int(port or 9042))
        self.session = self.cluster.connect()
        # Timestamps are then the server's, as ours are.
        self.session.use_client_timestamp = False
        self.session.row_factory = tuple_factory
        make(self, keyspace)

    def run(self, text: str) -> Answer:
        """Run a statement."""
        from cassandra import InvalidRequest, RequestExecutionException
        from cassandra.cluster import NoHostAvailable
        from cassandra.protocol import SyntaxException

        try:
            found = self.session.execute(text, timeout=60)
        except (InvalidRequest, RequestExecutionException, SyntaxException) as error:
            raise Failure(_message(str(error))) from error
        except NoHostAvailable as error:  # which is what the driver makes of server errors
            raise Failure(_message(str(next(iter(error.errors.values()))))) from error
        names = found.column_names or ()
        return list(names), [tuple(map(alike, row)) for row in found]

    def advance(self, seconds: int) -> None:
        """Its clock is its own."""

    def close(self) -> None:
        """Leave it."""
        self.cluster.shutdown()


def _message(text: str) -> str:
    start = text.find('message="')
    return text[start + 9 :].removesuffix(">").removesuffix('"') if start >= 0 else text


def make(side: Side, keyspace: str) -> None:
    """Make the tables in a keyspace of their own."""
    side.run(f"DROP KEYSPACE IF EXISTS {keyspace}")
    side.run(
        f"CREATE KEYSPACE {keyspace} WITH replication ="
        " {'class': 'SimpleStrategy', 'replication_factor': 1}"
    )
    side.run(f"USE {keyspace}")
    side.run(USER_TYPE)
    for table in TABLES.values():
        side.run(table.definition())


@contextmanager
def ours(url: str, keyspace: str) -> Iterator[Ours]:
    """Open a store with the tables."""
    found = Ours(url, keyspace)
    try:
        yield found
    finally:
        found.database.close()


@contextmanager
def judge(address: str, keyspace: str) -> Iterator[Judge]:
    """Open the judge with the tables."""
    found = Judge(address, keyspace)
    try:
        yield found
        found.run(f"DROP KEYSPACE {keyspace}")
    finally:
        found.close()
