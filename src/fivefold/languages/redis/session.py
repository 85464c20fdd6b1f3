"""What a Redis connection remembers between commands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fivefold.languages.redis.command import Command
    from fivefold.values.replies import Reply

Watched = dict[tuple[int, bytes], int | None]
"""(database, key) -> the key's version when it was watched; None: it was absent."""


class Replies(Enum):
    """Whether a client is answered: CLIENT REPLY."""

    ON = "on"
    OFF = "off"
    SKIP = "skip"  # the next command is not answered


@dataclass(slots=True, eq=False)
class Session:
    """The state of one connection.

    ``queue`` is None outside MULTI. ``queue_writes`` and ``queue_scans`` say that something queued
    wants to write, or takes long; ``queue_failed`` that something could not be queued, so that
    EXEC will refuse. ``scripting`` says that a script is running. ``ending`` is set by QUIT:
    answer, then close.

    ``listens`` has the names of each family of ``channels.Family`` that the client listens to.
    ``deliver`` takes messages, on any thread; None: it cannot be sent any. ``pending`` are messages
    of the server's open group, which the client gets before its next answer or when the group has
    committed, whichever comes first. ``special`` says that something above the ordinary has to be
    looked at around each of its commands. A ``stranger`` has to log in first. ``unblock`` ends the
    wait of a client that waits for a key: as if its time were up, or with an error if True.
    ``kill`` closes the connection, if there is one. ``last`` is the last command, of the moment
    ``last_ms``.
    """

    id: int
    database: int = 0
    protocol: int = 2
    name: bytes = b""
    library_name: bytes = b""
    library_version: bytes = b""
    address: str = ""
    local_address: str = ""
    created_ms: int = 0
    no_evict: bool = False
    scripting: bool = False
    ending: bool = False
    queue: list[tuple[Command, list[bytes]]] | None = None
    queue_writes: bool = False
    queue_scans: bool = False
    queue_failed: bool = False
    watched: Watched = field(default_factory=dict)
    listens: dict[str, dict[bytes, None]] = field(default_factory=dict)
    deliver: Callable[[list[Reply]], None] | None = None
    pending: list[Reply] = field(default_factory=list)
    special: bool = False
    stranger: bool = False
    monitoring: bool = False
    replies: Replies = Replies.ON
    descriptor: int = -1
    last: list[bytes] = field(default_factory=list)
    last_ms: int = 0
    kill: Callable[[], None] | None = None
    unblock: Callable[[bool], None] | None = None

    def end_queue(self) -> None:
        """Leave MULTI, and forget what was watched."""
        self.queue = None
        self.queue_writes = self.queue_scans = self.queue_failed = False
        self.watched.clear()

    @property
    def listening(self) -> bool:
        """Say whether the client listens to anything."""
        return any(self.listens.values())

    def note_special(self) -> None:
        """Find out anew whether the session is ``special``."""
        self.special = (
            self.stranger or self.listening or self.monitoring or self.replies is not Replies.ON
        )
