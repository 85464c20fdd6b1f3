"""What is said in MongoDB's protocol: commands, each one document of BSON, and replies likewise.

Documents stay the bytes they are. A command's own document is decoded by whoever runs it; those
beside it ("document sequences") may never be.

Source: manual, "MongoDB Wire Protocol"; the drivers' specification "OP_MSG".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from fivefold.errors import FivefoldError


class Operation:
    """The operations of a message's header; other ones ended with MongoDB 6."""

    REPLY: Final = 1
    QUERY: Final = 2004
    COMPRESSED: Final = 2012
    MSG: Final = 2013


class Flags:
    """The flags of OP_MSG. The lower 16 have to be understood by whoever reads them."""

    CHECKSUM_PRESENT: Final = 1
    MORE_TO_COME: Final = 2
    EXHAUST_ALLOWED: Final = 1 << 16


REQUIRED_FLAGS = 0xFFFF

NO_SEQUENCES: Mapping[str, list[bytes]] = MappingProxyType({})


@dataclass(slots=True, eq=False)
class Message:
    """One command.

    ``sequences`` are the documents beside it, by name. ``flags`` are OP_MSG's. ``compressor`` is
    the number of the one it came by, to be answered by the same; 0 for none. ``database`` is where
    OP_QUERY, which is answered by OP_REPLY, wants it run; None for OP_MSG, which says so itself.
    ``fault`` says why the message cannot be read; its sender is told and may go on.
    """

    request_id: int
    body: bytes
    sequences: Mapping[str, list[bytes]]
    flags: int = 0
    compressor: int = 0
    database: str | None = None
    fault: FivefoldError | None = None

    @property
    def answered(self) -> bool:
        """Say whether the sender waits for an answer."""
        return not self.flags & Flags.MORE_TO_COME

    @property
    def exhaust_allowed(self) -> bool:
        """Say whether the sender would take several answers."""
        return bool(self.flags & Flags.EXHAUST_ALLOWED)
