"""One person's line to the graphs: what a shell needs beyond ``db.cypher``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fivefold.api.graph.result import Result
from fivefold.api.graph.values import parameters_of
from fivefold.engine.cypher import CypherSession
from fivefold.engine.session import Session

if TYPE_CHECKING:
    from fivefold.api.database import Database


class Client:
    """Runs queries, and transactions over several of them. ``interrupt`` fits any thread."""

    def __init__(self, database: Database) -> None:
        self._session = CypherSession(Session(database.engine, user=database.user))
        self.check = self._session.check
        self.begin = self._session.begin
        self.commit = self._session.commit
        self.rollback = self._session.rollback
        self.interrupt = self._session.interrupt
        self.close = self._session.close

    @property
    def open(self) -> bool:
        """Say whether a transaction is open."""
        return self._session.inside

    def run(self, query: str, parameters: Mapping[str, Any], database: str) -> Result:
        """Run a query and return all its records. Raises FivefoldError."""
        return Result(self._session.run(query, parameters_of(parameters), database, stream=False))
