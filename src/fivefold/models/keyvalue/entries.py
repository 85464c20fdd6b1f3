"""What is known of a key while a transaction works on it."""

from __future__ import annotations

from typing import Any, Final, Protocol

ABSENT: Final = ""
"""The kind of a key that is not there."""

UNREAD: Final = bytes(bytearray(b"unread"))
"""The value of a string that nobody has asked for yet; told apart by identity."""


class Pending(Protocol):
    """Changes of a key's elements that are put off."""

    def settle(self) -> None:
        """Make them, in the store's tables."""


class Entry:
    """One row of ``keys``, or the want of one. Change it, then say so to the key space.

    ``stored`` says that the table has a row of that key. A ``blind`` entry is a string that was
    put without a look at what was there. ``whole`` asks for every column to be written, and not
    only for what changes while the key goes on. ``lapsed`` says that it was found past its time.

    ``known`` are some of the elements as the last command left them, by whatever tells them apart;
    None where nothing is known. Whoever changes elements keeps it true, or puts None there.
    ``ahead`` has elements read for who is going to take them out, the next one last; it is empty
    when one was taken and none read ahead yet. Whoever else changes elements puts None there.
    ``pending`` is what the key space has been told to settle; until then the tables are behind.
    """

    __slots__ = (
        "ahead",
        "blind",
        "count",
        "dirty",
        "expire_ms",
        "first",
        "id",
        "key",
        "kind",
        "known",
        "lapsed",
        "pending",
        "state",
        "stored",
        "value",
        "version",
        "whole",
    )

    def __init__(
        self,
        key: bytes,
        kind: str,
        expire_ms: int | None,
        version: int,
        id: int,
        count: int | None = 0,
        first: int | None = 0,
        state: str | None = None,
    ) -> None:
        self.key = key
        self.kind = kind
        self.value: bytes | None = UNREAD if kind == "string" else None
        self.expire_ms = expire_ms
        self.version = version
        self.id = id
        self.count: int = count or 0
        self.first: int = first or 0
        self.state = state
        self.known: dict[Any, Any] | None = None
        self.ahead: list[Any] | None = None
        self.pending: Pending | None = None
        self.stored = self.blind = self.dirty = self.whole = self.lapsed = False
