"""What a connection of MongoDB's protocol remembers between commands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from fivefold.security.scram import Conversation
from fivefold.values.documents.kinds import Document


@dataclass(slots=True, eq=False)
class Client:
    """The state of one connection; an embedded database is one too.

    ``metadata`` is what the driver said of itself in its first hello, None before. ``offers`` are
    the compressors that its connection can do, ``compressors`` those that hello agreed on.
    ``users`` are those who logged in, as (database, name). ``conversation`` is a login that has
    begun, to the users of ``conversation_database``; it ends without an empty message if
    ``skips_empty``.
    ``operation`` numbers the command that runs, 0 if none does, and ``running`` is that command.
    ``kill`` ends what the client runs or waits for. ``owner`` says that it need not log in: it is a
    program that has opened the database.
    """

    id: int
    address: str = ""
    local_address: str = ""
    created_ms: int = 0
    metadata: Document | None = None
    offers: tuple[str, ...] = ()
    compressors: list[str] = field(default_factory=list)
    users: list[tuple[str, str]] = field(default_factory=list)
    conversation: Conversation | None = None
    conversation_database: str = ""
    conversations: int = 0
    skips_empty: bool = False
    operation: int = 0
    operation_began_ms: int = 0
    running: Document | None = None
    kill: Callable[[], None] | None = None
    owner: bool = False
