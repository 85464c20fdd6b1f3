"""Redis sessions over a store and a clock that stands still until it is moved."""

from __future__ import annotations

from fivefold.engine.clock import DrivenClock
from fivefold.engine.engine import Engine
from fivefold.engine.group import Group
from fivefold.engine.redis import RedisSession
from fivefold.engine.session import Session as EngineSession
from fivefold.errors import FivefoldError
from fivefold.languages.redis.session import Session
from fivefold.stores.contract import Durability
from fivefold.stores.open import open_store
from fivefold.values.replies import Reply
from fivefold.wire.redis.encode import ENCODERS
from fivefold.wire.redis.errors import encode_error

Word = bytes | str | int


class Rig:
    """One store with any number of Redis clients."""

    def __init__(self, url: str, durability: Durability = Durability.FULL) -> None:
        self.store = open_store(url, durability)
        self.clock = DrivenClock()
        self.engine = Engine(self.store, self.clock)
        self.clients: list[Client] = []

    def client(self, group: Group | None = None) -> Client:
        """Return a new client."""
        made = Client(self, len(self.clients) + 1, group)
        self.clients.append(made)
        return made

    def close(self) -> None:
        """Close the clients and the store."""
        for client in self.clients:
            client.transactions.close()
        self.engine.close()


class Client:
    """A Redis session of its own."""

    def __init__(self, rig: Rig, number: int, group: Group | None = None) -> None:
        self.rig = rig
        self.transactions = EngineSession(rig.engine, group)
        self.session = Session(number, created_ms=rig.clock.now_ms())
        self.commands = RedisSession(self.transactions, self.session)

    def run(self, *words: Word) -> Reply:
        """Run one command. Raises FivefoldError."""
        return self.commands.execute([as_bytes(word) for word in words])

    def answer(self, *words: Word) -> bytes:
        """Run one command and return its reply as it goes over the wire."""
        try:
            reply = self.run(*words)
        except FivefoldError as error:
            return encode_error(error)
        return ENCODERS[self.session.protocol](reply)


def as_bytes(word: Word) -> bytes:
    """Return a word of a command as bytes."""
    if isinstance(word, int):
        return b"%d" % word
    return word.encode() if isinstance(word, str) else word
