"""What the server asks of the engine for a client that speaks CQL.

A ``Line`` is a client's line to the column families: each statement and each batch is a transaction
of its own. One line does one thing at a time, so a connection has several.

With ``inline`` a call is made on the server's loop and must not wait: it raises MustWait, and is
made again when the writer's place is free or on a thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from fivefold.engine.session import Session
    from fivefold.languages.cql.results import ColumnSpec, Options, Parameters, Result
    from fivefold.languages.cql.system.node import Node


class Prepared(Protocol):
    """A statement that some client has prepared; ``columns`` is None if it returns no rows."""

    @property
    def id(self) -> bytes: ...
    @property
    def text(self) -> str: ...
    @property
    def keyspace(self) -> str | None: ...
    @property
    def parameters(self) -> Sequence[ColumnSpec]: ...
    @property
    def partition(self) -> Sequence[int]: ...
    @property
    def columns(self) -> Sequence[ColumnSpec] | None: ...


Statement: TypeAlias = Any
"""A text, or what ``prepare`` has returned."""


class Line(Protocol):
    """See above. ``keyspace`` is the one that names are of."""

    keyspace: str | None
    node: Node | None
    """The server that it goes to."""

    def prepare(
        self, text: str, keyspace: str | None = None, *, inline: bool = False
    ) -> Prepared: ...
    def prepared(self, id: bytes) -> Prepared | None:
        """Return the statement that some client of this process has prepared, if it is known."""
        ...

    def writes(
        self, statement: Statement, keyspace: str | None = None, *, inline: bool = False
    ) -> bool:
        """Say whether a statement may write. Raises what is wrong with it."""
        ...

    def run(
        self,
        statement: Statement,
        parameters: Parameters = (),
        options: Options = ...,
        *,
        keyspace: str | None = None,
        inline: bool = False,
    ) -> Result: ...
    def batch(
        self,
        kind: str,
        statements: Sequence[tuple[Statement, Parameters]],
        options: Options = ...,
        *,
        keyspace: str | None = None,
        inline: bool = False,
    ) -> Result: ...
    def interrupt(self) -> None:
        """End what is running; callable from any thread."""
        ...

    def close(self) -> None:
        """Give everything back."""
        ...


def open_line(session: Session) -> Line:
    """Return a line to the column families over a session."""
    from fivefold.engine.cql import CqlSession

    return CqlSession(session)
