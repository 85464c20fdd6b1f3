"""What is looked after behind the clients of documents: by a server, now and then, on a thread.

Documents whose time has passed go, some at a time, so that nobody waits long to write. Sessions
that nobody uses end, transactions and cursors that have been open for too long, and the answers of
retryable writes are forgotten with the sessions they were for.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from functools import partial

from fivefold.catalog.containers import View
from fivefold.engine.engine import Engine, Snapshot
from fivefold.errors import FivefoldError

EXPIRED_TOGETHER = 200
"""Documents deleted in one transaction: some milliseconds in which nobody else writes."""

TRANSACTIONS_MAX = 50
"""Transactions of one turn; what is left then waits for the next."""

RETRIES_KEPT_MS = 30 * 60 * 1000
"""How long answers of retryable writes are kept: as long as a session that nobody uses."""

RETRIES_SWEPT_MS = 60_000
"""How often they are looked through."""

Names = tuple[tuple[str, str], ...]


def expiring(snapshot: Snapshot) -> Names:
    """Return the collections with indexes by which documents go."""
    known: Names | None = snapshot.plans.get("expiring")
    if known is None:
        known = tuple(
            name
            for name, one in snapshot.catalog.containers.items()
            if isinstance(one, View)
            and one.collection is not None
            and any(index.expire_seconds is not None for index in one.collection.indexes)
        )
        snapshot.plans.put("expiring", known)
    return known


class Upkeep:
    """The upkeep of one engine; ``run`` is called from any thread, one at a time does it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._swept_ms = engine.clock.now_ms()

    @property
    def is_due(self) -> bool:
        """Say whether there is anything to look after."""
        prepared = self._engine.prepared
        return "mongo hub" in prepared or bool(expiring(self._engine.snapshot))

    def run(self) -> None:
        """Look after everything. What cannot be done now waits for the next turn."""
        if not self._lock.acquire(blocking=False):
            return
        try:
            with suppress(FivefoldError):
                self._sweep()
            with suppress(FivefoldError):
                self._expire()
        finally:
            self._lock.release()

    def _sweep(self) -> None:
        from fivefold.engine.document_retries import sweep
        from fivefold.engine.documents import Documents, cursors_of
        from fivefold.engine.mongo_hub import hub_of
        from fivefold.engine.session import Session

        engine = self._engine
        now_ms = engine.clock.now_ms()
        if "mongo hub" in engine.prepared:
            hub_of(engine).sweep(now_ms)
        if "document cursors" in engine.prepared:
            cursors_of(engine).sweep()
        if now_ms - self._swept_ms < RETRIES_SWEPT_MS:
            return
        self._swept_ms = now_ms
        session = Session(engine)
        try:
            Documents(session).write(lambda unit: sweep(unit, now_ms - RETRIES_KEPT_MS))
        finally:
            session.close()

    def _expire(self) -> None:
        names = expiring(self._engine.snapshot)
        if not names:
            return
        from fivefold.engine.documents import Documents
        from fivefold.engine.session import Session
        from fivefold.languages.mongo.expiring import expire, is_due

        session = Session(self._engine)
        try:
            documents = Documents(session)
            for name in names:
                due = partial(is_due, name=name)
                slice_ = partial(expire, name=name, most=EXPIRED_TOGETHER)
                for _ in range(TRANSACTIONS_MAX):
                    if not documents.read(due):
                        break
                    documents.write(slice_)
        finally:
            session.close()
