"""Who listens to which channels, and who is sent a message.

There are three families: channels by name, patterns, and shard channels, which a stand-alone
server keeps apart from the others but treats alike. A session keeps the names it listens to, in the
order it asked for them; this register turns that around. Any thread may use it: what one call
changes or reads is one step.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from enum import Enum

from fivefold.languages.redis.glob import compile_glob
from fivefold.languages.redis.session import Session
from fivefold.values.replies import Push

Delivery = tuple[Session, Push]
"""A message, and who is sent it."""


class Family(Enum):
    """What is listened to; the value begins the names of its commands and messages."""

    CHANNEL = ""
    PATTERN = "p"
    SHARD = "s"


Names = dict[bytes, dict[Session, None]]


class Channels:
    """The register of one engine."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: dict[Family, Names] = {family: {} for family in Family}
        self._matchers: dict[bytes, Callable[[bytes], object]] = {}

    def add(self, session: Session, family: Family, name: bytes) -> None:
        """Have the session listen; nothing happens if it does already."""
        with self._lock:
            self._listeners[family].setdefault(name, {})[session] = None
            if family is Family.PATTERN and name not in self._matchers:
                self._matchers[name] = compile_glob(name)
        session.listens.setdefault(family.value, {})[name] = None
        session.note_special()

    def remove(self, session: Session, family: Family, name: bytes) -> None:
        """Have the session no longer listen; nothing happens if it does not."""
        names = session.listens.get(family.value, {})
        if name not in names:
            return
        with self._lock:
            listeners = self._listeners[family]
            del listeners[name][session]
            if not listeners[name]:
                del listeners[name]
                if family is Family.PATTERN:
                    del self._matchers[name]
        del names[name]
        session.note_special()

    def leave(self, session: Session) -> None:
        """Have the session listen to nothing."""
        for family in Family:
            for name in list(session.listens.get(family.value, ())):
                self.remove(session, family, name)

    def deliveries(self, channel: bytes, message: bytes) -> list[Delivery]:
        """Return who is sent the message: by the channel first, then by each pattern."""
        found: list[Delivery] = []
        with self._lock:
            listeners = self._listeners[Family.CHANNEL].get(channel)
            if listeners:
                push = Push((b"message", channel, message))
                found = [(session, push) for session in listeners]
            for pattern, matches in self._matchers.items():
                if matches(channel):
                    push = Push((b"pmessage", pattern, channel, message))
                    sessions = self._listeners[Family.PATTERN][pattern]
                    found += [(session, push) for session in sessions]
        return found

    def shard_deliveries(self, channel: bytes, message: bytes) -> list[Delivery]:
        """Return who is sent the message of a shard channel."""
        push = Push((b"smessage", channel, message))
        with self._lock:
            listeners = self._listeners[Family.SHARD].get(channel, ())
            return [(session, push) for session in listeners]

    def active(self, family: Family, pattern: bytes | None) -> list[bytes]:
        """Return the names that somebody listens to, and that match."""
        with self._lock:
            names = list(self._listeners[family])
        if pattern is None:
            return names
        matches = compile_glob(pattern)
        return [name for name in names if matches(name)]

    def count(self, family: Family, name: bytes) -> int:
        """Return how many sessions listen to exactly this name."""
        with self._lock:
            return len(self._listeners[family].get(name, ()))

    def patterns(self) -> int:
        """Return how many patterns somebody listens to."""
        return len(self._matchers)

    def total(self, family: Family) -> int:
        """Return how many names of a family somebody listens to."""
        return len(self._listeners[family])
