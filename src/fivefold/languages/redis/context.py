"""What a Redis command needs of the engine: a small Protocol.

The engine opens the transaction before ``execute`` (a write transaction if the command, or a
command queued for EXEC, is marked ``writes``) and commits or rolls back after it. Nothing here
begins or ends one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

from fivefold.languages.redis.scripting.cache import Scripts
from fivefold.languages.redis.session import Session
from fivefold.models.keyvalue.space import KeySpace

if TYPE_CHECKING:
    from fivefold.languages.redis.channels import Channels
    from fivefold.languages.redis.command import Command
    from fivefold.languages.redis.settings import Settings
    from fivefold.languages.redis.slowlog import SlowLog
    from fivefold.languages.redis.statistics import Statistics


class Server(Protocol):
    """What INFO and CLIENT LIST tell of the server. Embedded there is none."""

    @property
    def port(self) -> int: ...
    @property
    def run_id(self) -> str:
        """Return 40 hexadecimal digits, chosen when the server started."""
        ...

    @property
    def started_ms(self) -> int: ...
    def sessions(self) -> Iterable[Session]:
        """Return the Redis sessions now connected, oldest first."""
        ...


class Hub(Protocol):
    """What all clients of one engine share, whichever door they came by."""

    @property
    def channels(self) -> Channels: ...
    @property
    def settings(self) -> Settings: ...
    @property
    def slow_log(self) -> SlowLog: ...
    @property
    def statistics(self) -> Statistics: ...
    @property
    def notified(self) -> str:
        """Return the letters of the keyspace events that are told, see ``Context.notify``."""
        ...

    @property
    def watched(self) -> bool:
        """Say whether ``note`` is to be called for every command."""
        ...

    def note(
        self, session: Session, command: Command, words: list[bytes], microseconds: int
    ) -> None:
        """Take note of a command that was carried out: for MONITOR, the slow log and INFO."""
        ...

    def leave(self, session: Session) -> None:
        """Have a session listen to nothing."""
        ...

    def add_monitor(self, session: Session) -> None:
        """Have a session be told of all commands."""
        ...

    def pause(self, until_ms: int, everything: bool) -> None:
        """Have commands wait, or only those that write."""
        ...

    def unpause(self) -> None:
        """End a pause."""
        ...

    @property
    def blocked(self) -> int:
        """Return how many clients wait for a key."""
        ...

    @property
    def scripts(self) -> Scripts: ...
    @property
    def has_users(self) -> bool:
        """Say whether clients have to log in."""
        ...

    def check_password(self, name: str, password: str) -> None:
        """Return if this is the user's password. Raises Denied."""
        ...


class Context(Protocol):
    """One session's view of the engine while a command runs.

    ``space`` is the key space of the session's database; SELECT, which may come in the middle of
    a MULTI, puts another one there. ``now_ms`` is one reading of the clock for
    the whole command, or for all commands of a MULTI or a batch. ``may_block`` says that a command
    may return ``Blocked``; in MULTI, in a script and where nobody could wake it, it may not.
    """

    space: KeySpace
    may_block: bool

    @property
    def session(self) -> Session: ...
    @property
    def now_ms(self) -> int: ...
    @property
    def server(self) -> Server | None: ...
    @property
    def hub(self) -> Hub: ...
    def space_of(self, number: int) -> KeySpace: ...
    def expect(self, elements: int) -> None:
        """Say, before anything is written, that so many elements are about to be touched.

        On the server's loop too many are refused there, and the command is run again elsewhere.
        """
        ...

    def ready(self, command: Command, words: list[bytes]) -> None:
        """Have the tables that a script's command may write to.

        Raises what undoes the script, has them made, and runs it again.
        """
        ...

    def stamp(self) -> int:
        """Return a new version: never returned before, by any process over this store.

        Stamps rise, and stay below 2**53, so that a cursor of SCAN made of one is exact in
        clients whose only number is the double. Microseconds since 1970 are such stamps.
        """
        ...

    def publish(self, channel: bytes, message: bytes, *, shard: bool = False) -> int:
        """Send a message once the transaction has committed; return how often it is received."""
        ...

    def notify(self, kind: str, event: str, key: bytes, number: int | None = None) -> None:
        """Note a keyspace event, where redis-server notifies of one.

        ``kind`` is the letter of its class in notify-keyspace-events. The key is of database
        ``number``, or of the session's. It is told once the transaction has committed.
        """
        ...
