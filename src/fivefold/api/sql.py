"""The SQL door of one session: Python's parameters in, Python's objects out."""

from __future__ import annotations

from fivefold.api.parameters import Parameters, bind
from fivefold.api.result import Result
from fivefold.engine.session import Session
from fivefold.engine.sql import SqlSession
from fivefold.values.python import Loads


class SqlDoor:
    """Runs SQL in a session. ``session`` is the SQL side of it; ``loads`` reads JSON, if given."""

    __slots__ = ("_loads", "session")

    def __init__(self, transactions: Session, loads: Loads | None = None) -> None:
        self.session = SqlSession(transactions)
        self._loads = loads

    def run(self, text: str, parameters: Parameters = ()) -> Result:
        """Run one statement. Raises FivefoldError."""
        if not parameters:
            return Result(self.session.execute(text), self._loads)
        converted, values, types = bind(text, parameters)
        result = self.session.execute(converted, values, types, as_texts=None in types)
        return Result(result, self._loads)
