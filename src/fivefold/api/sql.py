"""The SQL door of one session: Python's parameters in, Python's objects out."""

from __future__ import annotations

from fivefold.api.parameters import Parameters, bind
from fivefold.api.result import Result
from fivefold.engine.session import Session
from fivefold.engine.sql import SqlSession


class SqlDoor:
    """Runs SQL in a session. ``session`` is the SQL side of it."""

    __slots__ = ("session",)

    def __init__(self, transactions: Session) -> None:
        self.session = SqlSession(transactions)

    def run(self, text: str, parameters: Parameters = ()) -> Result:
        """Run one statement. Raises FivefoldError."""
        if not parameters:
            return Result(self.session.execute(text))
        converted, values, types = bind(text, parameters)
        return Result(self.session.execute(converted, values, types))
