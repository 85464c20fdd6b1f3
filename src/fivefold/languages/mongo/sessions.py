"""Logical sessions: what a driver calls a session, wherever its commands arrive.

A session begins with its first command (or startSession) and ends with endSessions, or when nobody
has used it for 30 minutes. What it holds, its open transaction and cursors, is given back by those
who were told to: ``ended`` is called with its id.

Source: the drivers' specification "Sessions"; manual, "Server Sessions".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from fivefold.values.documents.faults import fault

TIMEOUT_MINUTES = 30
SESSIONS_MAX = 1_000_000
"""As many as MongoDB keeps (manual, parameter maxSessions)."""


class LogicalSessions:
    """The sessions of one engine by the 16 bytes of their id, with when they were last used."""

    def __init__(self) -> None:
        self._used_ms: dict[bytes, int] = {}
        self._swept_ms = 0
        self.ended: list[Callable[[bytes], None]] = []

    def __len__(self) -> int:
        return len(self._used_ms)

    def use(self, lsid: bytes, now_ms: int) -> None:
        """Take note that a command of this session came. Raises 261 if there are too many."""
        known = self._used_ms
        if lsid not in known and len(known) >= SESSIONS_MAX:
            raise fault(261, "Unable to add session: too many logical sessions; end some first")
        known[lsid] = now_ms
        if now_ms - self._swept_ms > 60_000:
            self.sweep(now_ms)

    def end(self, lsids: Iterable[bytes]) -> None:
        """End sessions; those that are not known are no mistake."""
        for lsid in lsids:
            if self._used_ms.pop(lsid, None) is not None:
                for tell in self.ended:
                    tell(lsid)

    def all(self) -> list[bytes]:
        """Return the ids of the sessions that are known."""
        return list(self._used_ms)

    def known(self) -> list[tuple[bytes, int]]:
        """Return the ids of the sessions that are known and when they were last used."""
        return list(self._used_ms.items())

    def sweep(self, now_ms: int) -> None:
        """End the sessions that nobody has used for too long."""
        self._swept_ms = now_ms
        last = now_ms - TIMEOUT_MINUTES * 60_000
        self.end([lsid for lsid, used_ms in list(self._used_ms.items()) if used_ms < last])
