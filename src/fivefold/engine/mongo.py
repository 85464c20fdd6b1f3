"""A client's commands of MongoDB's language: the context they run in, and who runs them."""

from __future__ import annotations

from fivefold.engine.mongo_hub import Hub, hub_of
from fivefold.engine.session import Session
from fivefold.languages.mongo import execute as language
from fivefold.languages.mongo.client import Client
from fivefold.languages.mongo.context import Server
from fivefold.languages.mongo.request import Request
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import Document


class MongoSession:
    """One client's commands. The context of ``languages/mongo`` and its driver in one.

    ``transactions`` is the client's own line to the database.
    """

    def __init__(self, transactions: Session, client: Client, server: Server | None = None) -> None:
        self.engine = transactions.engine
        self.transactions = transactions
        self.client = client
        self.server = server
        self.hub: Hub = hub_of(self.engine)
        self.request: Request

    @property
    def now_ms(self) -> int:
        """See ``Context``."""
        return self.engine.clock.now_ms()

    def resolve(
        self, document: Document, sequences: language.Sequences = language.NOTHING_BESIDE
    ) -> Request:
        """Return what a command asks for; see ``execute.resolve``. Raises FivefoldError."""
        request = language.resolve(document, sequences)
        if request.session.lsid is not None:
            self.hub.sessions.use(request.session.lsid, self.now_ms)
        return request

    def writes(self, request: Request, document: Document) -> bool:
        """Say whether a command needs the writer's place."""
        return request.command.writes

    def session_of(self, request: Request) -> Session:
        """Return the line to the database on which a command runs: its transaction's, or ours."""
        return self.transactions

    def attempt(self, request: Request, document: Document, *, inline: bool) -> Document:
        """Run a command, return its reply. ``inline``: raises MustWait if it takes too long.

        Raises FivefoldError.
        """
        if request.command.storeless:
            return language.perform(self, request, document)
        raise fault(238, f"command '{request.command.name}' is not supported by fivefold yet")

    def close(self) -> None:
        """Give back what the client held: it is gone."""
