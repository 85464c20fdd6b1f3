"""SQL as scripts run it: rows as ``psql -A`` shows them, then the tag; notices before both.

Every named session is a client of its own over one embedded engine. Nobody can wait in a script, so
a write that would have to wait for another session's is refused at once.
"""

from __future__ import annotations

import fivefold.engine.session as engine_session
from fivefold.engine.clock import DrivenClock
from fivefold.engine.engine import Engine
from fivefold.engine.results import Result, full_tag
from fivefold.engine.session import Session
from fivefold.engine.sql import SqlSession
from fivefold.errors import FivefoldError
from fivefold.stores.contract import Durability
from fivefold.stores.open import open_store
from fivefold.values.text import output

NULL = "∅"


class PostgresInterpreter:
    """The interpreter of tests/scripts/postgres. The tag ``position`` shows an error's place."""

    def __init__(self, url: str) -> None:
        if url.startswith("postgresql:"):
            url += f"{'&' if '?' in url else '?'}options=-c%20lock_timeout%3D1"
        self._engine = Engine(open_store(url, Durability.OFF), DrivenClock())
        self._sessions: dict[str, SqlSession] = {}
        self._wait_seconds = engine_session.WRITER_WAIT_SECONDS
        engine_session.WRITER_WAIT_SECONDS = 0.0

    def run(self, session_name: str, statement: str, tags: frozenset[str]) -> str:
        """Run one statement; see ``tests.scripting.Interpreter``."""
        session = self._sessions.get(session_name)
        if session is None:
            session = SqlSession(Session(self._engine), "ada", "shop")
            self._sessions[session_name] = session
        try:
            return show(session.execute(statement), session)
        except FivefoldError as error:
            if "position" in tags and error.position is not None:
                error.hint = f"{error.hint or ''} (at {statement[error.position - 1 :]!r})".strip()
            raise

    def close(self) -> None:
        """Close the sessions and the store."""
        engine_session.WRITER_WAIT_SECONDS = self._wait_seconds
        for session in self._sessions.values():
            session.close()
        self._engine.close()


def show(result: Result, session: SqlSession) -> str:
    """Return notices, heading, rows and tag, a line each."""
    lines = [f"{notice.severity}: {notice.message}" for notice in result.notices]
    rows = list(result.rows)
    if result.outputs is not None:
        writers = [output(each.type, zone=session.settings.zone) for each in result.outputs]
        lines.append("|".join(each.name for each in result.outputs))
        for row in rows:
            shown = (
                NULL if value is None else write(value)
                for write, value in zip(writers, row, strict=True)
            )
            lines.append("|".join(shown))
    lines.append(full_tag(result, len(rows)))
    return "\n".join(lines)
