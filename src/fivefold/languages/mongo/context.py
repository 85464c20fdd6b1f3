"""What a command may ask of whoever runs it. The server and the embedded doors each are one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from fivefold.languages.mongo.client import Client
    from fivefold.languages.mongo.data import Data
    from fivefold.languages.mongo.failing import FailPoint
    from fivefold.languages.mongo.request import Request
    from fivefold.languages.mongo.sessions import LogicalSessions
    from fivefold.languages.mongo.statistics import Statistics
    from fivefold.languages.mongo.topology import Topology
    from fivefold.security.scram import Credentials


class Server(Protocol):
    """What is told of the server. Embedded there is none."""

    @property
    def port(self) -> int: ...
    @property
    def started_ms(self) -> int: ...
    def clients(self) -> Iterable[Client]:
        """Return the clients of MongoDB's protocol now connected, oldest first."""
        ...


class OpenTransaction(Protocol):
    """What is told of a session's transaction."""

    @property
    def lsid(self) -> bytes: ...
    @property
    def number(self) -> int: ...
    @property
    def began_ms(self) -> int: ...


class Hub(Protocol):
    """What all clients of one engine share, whichever door they came by.

    ``test_commands`` says that commands may be made to fail, ``fail_point`` which of them do.
    """

    test_commands: bool
    fail_point: FailPoint | None

    @property
    def topology(self) -> Topology: ...
    @property
    def sessions(self) -> LogicalSessions: ...
    @property
    def statistics(self) -> Statistics: ...
    def credentials(self, database: str, name: str) -> Credentials | None:
        """Return what a user's password is checked with; None if there is no such user."""
        ...

    def idle_transactions(self) -> Iterable[OpenTransaction]:
        """Return the transactions that are open and of which no command runs."""
        ...

    @property
    def has_users(self) -> bool:
        """Say whether anybody has to log in."""
        ...


class Context(Protocol):
    """One client's view of the engine while a command runs.

    ``request`` says what the command's general fields ask for: its database, its session and
    transaction, its concerns.
    """

    request: Request

    @property
    def data(self) -> Data:
        """Return where the documents are: the command's own transactions, or its session's."""
        ...

    def end_transaction(self, *, commit: bool) -> None:
        """Commit the transaction of the running command, or roll it back. Raises 251 and 256."""
        ...

    @property
    def client(self) -> Client: ...
    @property
    def server(self) -> Server | None: ...
    @property
    def hub(self) -> Hub: ...
    @property
    def now_ms(self) -> int:
        """Return one reading of the clock for the whole command, milliseconds since 1970."""
        ...
