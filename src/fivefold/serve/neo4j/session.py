"""What the server asks of the engine for one client that speaks Cypher.

A ``Line`` is the client's line to the graphs: it runs queries in the transaction that ``begin``
opened, or each in one of its own. A transaction of its own ends with the last row: ``fetch`` has
committed when it returns fewer rows than it was asked for, and rolls back when it raises.

With ``inline`` a call is made on the server's loop and must not wait: it raises MustWait, and is
made again when the writer's place is free or on a thread.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from fivefold.engine.session import Session
    from fivefold.languages.cypher.graph import Notification, Statistics


class Result(Protocol):
    """What a query returns: its rows, and about them, once all have been fetched.

    ``graph`` is the identity of its graph, for element ids; ``kind`` is "r", "w", "rw" or "s", as
    in Neo4j's summary; ``ready``: all rows are there, to fetch them takes no time. ``profile`` is
    not None from the beginning if the query asks for it.
    """

    database: str
    graph: str
    kind: str
    ready: bool
    statistics: Statistics
    notifications: Sequence[Notification]

    @property
    def columns(self) -> Sequence[str]: ...
    @property
    def plan(self) -> Mapping[str, Any] | None: ...
    @property
    def profile(self) -> Mapping[str, Any] | None: ...

    def fetch(self, rows_max: int) -> list[Sequence[Any]]:
        """Return the next rows; fewer than asked for are the last."""
        ...

    def close(self) -> None:
        """Give up the rows that are left; of its own transaction nothing is kept."""
        ...


class Line(Protocol):
    """See above."""

    deadline: float | None
    """The ``time.monotonic()`` at which what runs is ended with Limit (statement_timeout)."""

    def check(self, database: str | None) -> str:
        """Return a database's name, the home database's for None. Raises DatabaseNotFound."""
        ...

    def writes(self, query: str, database: str | None, *, inline: bool = False) -> bool:
        """Say whether a query may write. Raises what is wrong with it."""
        ...

    def run(
        self,
        query: str,
        parameters: Mapping[str, Any],
        database: str | None,
        *,
        reads_only: bool = False,
        inline: bool = False,
    ) -> Result:
        """Begin to run a query; inside a transaction its database and mode count."""
        ...

    def begin(self, database: str | None, *, reads_only: bool = False) -> None:
        """Open a transaction."""
        ...

    def commit(self) -> None:
        """Commit it; results that are open are given up."""
        ...

    def rollback(self) -> None:
        """Roll it back, or what is left of a query's own; nothing happens if none is open."""
        ...

    def interrupt(self) -> None:
        """End what is running; callable from any thread."""
        ...

    def close(self) -> None:
        """Roll back, and give everything back."""
        ...


def open_line(session: Session) -> Line:
    """Return a line to the graphs over a session."""
    from fivefold.engine.cypher import CypherSession

    return CypherSession(session)
