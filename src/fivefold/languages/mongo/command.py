"""What is known of a command besides what it does."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from fivefold.languages.mongo.context import Context
from fivefold.values.documents.kinds import Document

Handler: TypeAlias = Callable[[Context, Document], Document]
"""From the context and the command to the reply, to which ``ok: 1`` is added. Raises faults."""

ANY: frozenset[str] | None = None
"""For a command that takes fields it does not know, as MongoDB's own does."""

GENERAL = frozenset(
    {
        "$audit",
        "$client",
        "$clusterTime",
        "$configServerState",
        "$configTime",
        "$db",
        "$queryOptions",
        "$readPreference",
        "$replData",
        "$topologyTime",
        "apiDeprecationErrors",
        "apiStrict",
        "apiVersion",
        "autocommit",
        "clientOperationKey",
        "comment",
        "help",
        "lsid",
        "maxTimeMS",
        "readConcern",
        "startTransaction",
        "stmtId",
        "stmtIds",
        "txnNumber",
        "writeConcern",
    }
)
"""The fields that any command may have (manual, "Database Commands")."""

FLAGS = frozenset(
    {
        "admin",  # for the database admin only
        "early",  # may be run before the client has logged in
        "retryable",  # may have a txnNumber outside a transaction
        "scans",  # takes longer than a few look-ups: not for the server's loop
        "stable",  # of the Stable API, version 1
        "storeless",  # never looks into the store, and so runs outside any transaction
        "transaction",  # may be run inside a transaction of several statements
        "write",
    }
)


@dataclass(frozen=True, slots=True, eq=False)
class Command:
    """One command.

    ``fields`` are the names of the fields it has besides its own name and ``GENERAL``; ``ANY``: it
    is not looked at. ``raw`` names those of its fields that are arrays of documents which it wants
    as a ``Batch``; documents that came beside the command are decoded for all others. ``aliases``
    are other names of the same command.
    """

    name: str
    handler: Handler
    fields: Iterable[str] | None = ()
    flags: Iterable[str] = ()
    raw: frozenset[str] = frozenset()
    aliases: tuple[str, ...] = ()
    summary: str = ""
    allowed: frozenset[str] | None = field(init=False)
    writes: bool = field(init=False)
    storeless: bool = field(init=False)
    scans: bool = field(init=False)
    early: bool = field(init=False)

    def __post_init__(self) -> None:
        put = object.__setattr__
        flags = frozenset(self.flags)
        assert flags <= FLAGS, flags - FLAGS
        put(self, "flags", flags)
        names = {self.name, *self.aliases}
        put(self, "allowed", None if self.fields is None else GENERAL | {*self.fields} | names)
        for flag in ("storeless", "scans", "early"):
            put(self, flag, flag in flags)
        put(self, "writes", "write" in flags)
