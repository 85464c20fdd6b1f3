"""What is looked after behind the clients of CQL: by a server, now and then, on a thread.

What has expired, and deletions past their grace, are taken back some at a time, so that nobody
waits long to write.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from functools import partial

from fivefold.catalog.containers import View
from fivefold.engine.engine import Engine, Snapshot
from fivefold.errors import FivefoldError

RECLAIMED_TOGETHER = 200
"""Rows taken back in one transaction: some milliseconds in which nobody else writes."""

TRANSACTIONS_MAX = 50
"""Transactions of one turn and table; what is left then waits for the next."""

RECLAIM_MS = 10_000
"""How often it is looked for: what has expired is not seen, it only takes space."""

Names = tuple[tuple[str, str], ...]


def reclaimable(snapshot: Snapshot) -> Names:
    """Return the column families in which something was deleted, or written to expire."""
    known: Names | None = snapshot.plans.get("reclaimable")
    if known is None:
        known = tuple(
            name
            for name, one in snapshot.catalog.containers.items()
            if isinstance(one, View)
            and one.family is not None
            and one.family.base is None
            and (one.family.past or one.family.expires)
        )
        snapshot.plans.put("reclaimable", known)
    return known


class Reclaiming:
    """The upkeep of one engine; ``run`` is called from any thread, one at a time does it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._looked_ms = engine.clock.now_ms()

    @property
    def is_due(self) -> bool:
        """Say whether it is time to look."""
        late = self._engine.clock.now_ms() - self._looked_ms >= RECLAIM_MS
        return late and bool(reclaimable(self._engine.snapshot))

    def run(self) -> None:
        """Take back what there is. What cannot be done now waits for the next turn."""
        if not self._lock.acquire(blocking=False):
            return
        try:
            self._looked_ms = self._engine.clock.now_ms()
            self._reclaim()
        finally:
            self._lock.release()

    def _reclaim(self) -> None:
        from fivefold.engine.session import Session
        from fivefold.engine.units import Units
        from fivefold.languages.cql.reclaiming import is_due, reclaim

        session = Session(self._engine)
        try:
            units = Units(session)
            for name in reclaimable(self._engine.snapshot):
                due = partial(is_due, name=name)
                slice_ = partial(reclaim, name=name, most=RECLAIMED_TOGETHER)
                with suppress(FivefoldError):  # it waits for the next turn, the others do not
                    for _ in range(TRANSACTIONS_MAX):
                        if not units.read(due):
                            break
                        units.write(slice_)
        finally:
            session.close()
