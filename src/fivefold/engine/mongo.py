"""A client's commands of MongoDB's language: the context they run in, and who runs them."""

from __future__ import annotations

import time

from fivefold.engine.document_transactions import State, Transaction, check_open
from fivefold.engine.documents import Documents
from fivefold.engine.mongo_hub import Hub, hub_of
from fivefold.engine.session import MustWait, Session
from fivefold.errors import FivefoldError, Limit
from fivefold.languages.mongo import execute as language
from fivefold.languages.mongo.client import Client
from fivefold.languages.mongo.context import Server
from fivefold.languages.mongo.request import ENDINGS, Request
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import Document


class MongoSession:
    """One client's commands. The context of ``languages/mongo`` and its driver in one.

    ``transactions`` is the client's own line to the database.
    """

    def __init__(self, transactions: Session, client: Client, server: Server | None = None) -> None:
        transactions.check_owner("the document model")
        self.engine = transactions.engine
        self.transactions = transactions
        self.client = client
        self.server = server
        self.hub: Hub = hub_of(self.engine)
        self.request: Request
        self.data = self._own = Documents(transactions)
        self._transaction: Transaction | None = None
        self.deadline: float | None = None
        """The ``time.monotonic()`` at which the command that ``resolve`` saw last has to end."""

    @property
    def now_ms(self) -> int:
        """See ``Context``."""
        return self.engine.clock.now_ms()

    def resolve(
        self, document: Document, sequences: language.Sequences = language.NOTHING_BESIDE
    ) -> Request:
        """Return what a command asks for; see ``execute.resolve``. Raises FivefoldError."""
        request = language.resolve(document, sequences)
        self.deadline = None
        if request.max_time_ms:
            self.deadline = time.monotonic() + request.max_time_ms / 1000
        if request.session.lsid is not None:
            self.hub.sessions.use(request.session.lsid, self.now_ms)
        return request

    def writes(self, request: Request, document: Document) -> bool:
        """Say whether a command needs the writer's place."""
        return request.command.writes

    def session_of(self, request: Request) -> Session:
        """Return the line to the database on which a command runs: its transaction's, or ours.

        A transaction begins here, with the first of its commands. Raises FivefoldError.
        """
        self._transaction = None
        if not request.session.inside:
            return self.transactions
        transaction = self.hub.transactions.enter(
            request.session, lambda: Session(self.engine, self.transactions.group), self.now_ms
        )
        if request.command.name not in ENDINGS:
            check_open(transaction)
        self._transaction = transaction
        return transaction.session

    def attempt(self, request: Request, document: Document, *, inline: bool) -> Document:
        """Run a command, return its reply. ``inline``: raises MustWait if it takes too long.

        ``session_of`` was asked for the same request before. Raises FivefoldError.
        """
        transaction = self._transaction
        if transaction is None:
            self.data = self._own
            fields = request.session
            retried = None
            if fields.retryable and fields.lsid is not None and fields.txn_number is not None:
                retried = fields.lsid, fields.txn_number
            self.data.retried = retried
            return self._perform(request, document, inline)
        self.data = transaction.documents
        transaction.busy = True
        try:
            reply = self._perform(request, document, inline)
        except FivefoldError:
            transaction.busy = False
            self.fail()
            raise
        finally:
            transaction.busy = False
        if "writeErrors" in reply:
            self.fail()
        return reply

    def fail(self) -> None:
        """End the transaction of the command, if it belongs to one: the command has failed."""
        if self._transaction is not None:
            self._transaction.end(State.ABORTED)

    def _perform(self, request: Request, document: Document, inline: bool) -> Document:
        data = self.data
        data.inline = inline
        if inline:  # nothing is long there
            if request.command.scans:
                raise MustWait(for_writer=False)
            return language.perform(self, request, document)
        data.deadline = self.deadline
        try:
            return language.perform(self, request, document)
        except Limit as limit:
            if limit.code == "statement_timeout":
                raise late() from None
            raise
        finally:
            data.deadline = None

    def end_transaction(self, *, commit: bool) -> None:
        """See ``Context``."""
        transaction = self._transaction
        state = State.COMMITTED if commit else State.ABORTED
        if transaction is None:
            raise fault(251, "No transaction is in progress")
        if transaction.state is State.OPEN:
            if self.data.inline and self.engine.store.leaves_sync:
                raise MustWait(for_writer=False)
            transaction.end(state)
        elif transaction.state is not state:
            check_open(transaction)

    def interrupt(self) -> None:
        """End the command that is running; callable from any thread."""
        self.data.interrupt()

    def close(self) -> None:
        """Give back what the client held: it is gone. Transactions are their sessions'."""


def late() -> FivefoldError:
    """Return the error of a command that has taken longer than its maxTimeMS."""
    return fault(50, "operation exceeded time limit")
