"""Transactions of logical sessions: begun by one command, gone on with on any connection.

A session has one transaction at a time, and numbers them. What fails inside one ends it, as in
MongoDB: whoever goes on is told that there is no such transaction, with the label by which drivers
begin again. A commit may be asked for again, for its answer may have been lost.
Source: manual, "Transactions", "Production Considerations"; the drivers' specification
"Transactions".
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from enum import Enum

from fivefold.engine.documents import Documents
from fivefold.engine.session import Session
from fivefold.errors import FivefoldError
from fivefold.languages.mongo.request import SessionFields
from fivefold.values.documents.faults import fault

LIFETIME_MS = 60_000
"""How long a transaction may take (manual, parameter transactionLifetimeLimitSeconds)."""


class State(Enum):
    """What became of a session's last transaction."""

    OPEN = "open"
    COMMITTED = "committed"
    ABORTED = "aborted"


class Transaction:
    """A session's last transaction. ``busy``: one of its commands runs."""

    __slots__ = ("began_ms", "busy", "documents", "lsid", "number", "session", "state")

    def __init__(self, lsid: bytes, number: int, session: Session, began_ms: int) -> None:
        self.lsid = lsid
        self.number = number
        self.session = session
        self.documents = Documents(session)
        self.state = State.OPEN
        self.busy = False
        self.began_ms = began_ms

    def end(self, state: State) -> None:
        """Commit or roll back, and give the line to the database back. Raises what COMMIT does."""
        if self.state is not State.OPEN:
            return
        self.state = State.ABORTED
        try:
            if state is State.COMMITTED:
                self.session.commit()
                self.state = State.COMMITTED
        finally:
            self.session.close()


class Transactions:
    """Those of all sessions of one engine. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_session: dict[bytes, Transaction] = {}

    def enter(self, fields: SessionFields, make: Callable[[], Session], now_ms: int) -> Transaction:
        """Return the transaction that a command belongs to, begun if it is the first of it.

        Raises 251 and 225 for one that is not open.
        """
        lsid, number = fields.lsid, fields.txn_number
        assert lsid is not None
        assert number is not None
        with self._lock:
            known = self._by_session.get(lsid)
            if known is not None and known.number > number:
                raise fault(
                    225,
                    f"Cannot start transaction {number} on session {lsid.hex()} because a newer "
                    f"transaction {known.number} has already started.",
                )
            if fields.starts:
                if known is not None and known.number == number:
                    raise fault(
                        117,
                        f"Cannot start a transaction at given transaction number {number} as a "
                        "transaction with the same number is already in progress or ended",
                    )
                session = make()
                session.begin()
                entered = self._by_session[lsid] = Transaction(lsid, number, session, now_ms)
            elif known is None or known.number != number:
                raise missing(number)
            else:
                entered = known
                known = None
        if known is not None and not known.busy:
            known.end(State.ABORTED)
        return entered

    def forget(self, lsid: bytes) -> None:
        """End the transaction of a session that ends."""
        with self._lock:
            known = self._by_session.pop(lsid, None)
        if known is not None and not known.busy:
            known.end(State.ABORTED)

    def sweep(self, now_ms: int) -> None:
        """End what has been open for too long."""
        for one in self.idle():
            if now_ms - one.began_ms > LIFETIME_MS:
                one.end(State.ABORTED)

    def idle(self) -> list[Transaction]:
        """Return those that are open and of which no command runs."""
        with self._lock:
            known = [*self._by_session.values()]
        return [one for one in known if one.state is State.OPEN and not one.busy]

    def close(self) -> None:
        """End all."""
        with self._lock:
            known = [*self._by_session.values()]
            self._by_session.clear()
        for one in known:
            if not one.busy:
                one.end(State.ABORTED)


def missing(number: int) -> FivefoldError:
    """Return the error for a transaction that is not open."""
    return fault(
        251, f"Given transaction number {number} does not match any in-progress transactions."
    )


def check_open(transaction: Transaction) -> None:
    """Raise what is wrong with going on with a transaction that has ended."""
    if transaction.state is State.COMMITTED:
        raise fault(256, f"Transaction {transaction.number} has been committed.")
    if transaction.state is State.ABORTED:
        raise fault(
            251, f"Transaction with {{ txnNumber: {transaction.number} }} has been aborted."
        )
    if transaction.busy:
        raise fault(
            117, f"another command of transaction {transaction.number} is running: wait for it"
        )
