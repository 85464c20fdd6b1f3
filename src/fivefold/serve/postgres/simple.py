"""The simple protocol: a Query of one statement or several, which are one transaction then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fivefold.engine.plans import Plan
from fivefold.engine.session import MustWait, StalePlan
from fivefold.engine.sql import REPLANS_MAX
from fivefold.errors import FivefoldError
from fivefold.languages.sql import commands as c
from fivefold.languages.sql.parse.statements import parse
from fivefold.serve.postgres.reading import Job
from fivefold.serve.postgres.results import offset_error
from fivefold.values.types import Row
from fivefold.wire.postgres import encode
from fivefold.wire.postgres import messages as m
from fivefold.wire.postgres.decode import decode_text

if TYPE_CHECKING:
    from fivefold.serve.postgres.connection import PostgresConnection


class Simple:
    """What is left to do of one connection's Query."""

    def __init__(self, connection: PostgresConnection) -> None:
        self.connection = connection
        self._texts: list[tuple[str, int]] = []  # the statements left, with their offsets
        self._waited: tuple[Plan, Row] | None = None  # of the first of them, if it had to wait

    @property
    def is_last(self) -> bool:
        """Say whether nothing is left behind the statement that is running."""
        return len(self._texts) <= 1

    def query(self, message: m.Query) -> None:
        """Run the statements of a Query."""
        connection = self.connection
        connection.extended.drop_unnamed()
        try:
            text = decode_text(message.text, "utf-8")
            connection.asked = text
            self._texts = [(text, 0)] if _is_one(text) else _split(text)
        except FivefoldError as error:
            connection.failed(error)
            return
        if not self._texts:
            connection.out.append(encode.EMPTY_QUERY_RESPONSE)
            connection.ready()
            return
        if len(self._texts) > 1:
            connection.sql.begin_implicit()
        self._next()

    def copied(self) -> None:
        """Go on behind a COPY FROM, if it came in a Query."""
        if self._texts:
            self._texts.pop(0)
            self._next()

    def forget(self) -> None:
        """Give up what is left."""
        self._texts = []
        self._waited = None

    def _next(self) -> None:
        """Run what is left, then say ReadyForQuery."""
        connection = self.connection
        while self._texts:
            text, offset = self._texts[0]
            try:
                if not self._run(text, offset):
                    return
            except FivefoldError as error:
                connection.failed(offset_error(error, offset))
                return
            self._texts.pop(0)
            if self._texts and not connection.session.open:
                connection.sql.begin_implicit()
        try:
            connection.sql.end_implicit()
        except FivefoldError as error:
            connection.failed(error)
            return
        connection.ready()

    def _run(self, text: str, offset: int) -> bool:
        """Run one statement; False says that the connection waits and goes on by itself."""
        connection, sql = self.connection, self.connection.sql
        for _ in range(REPLANS_MAX):
            try:
                planned, self._waited = self._waited, None
                plan, literals = planned or sql.plan_given(text, 0)
                command = plan.command
                if isinstance(command, c.CopyIn):
                    connection.begin_copy(plan)
                    return False
                if isinstance(command, c.Empty):
                    connection.out.append(encode.EMPTY_QUERY_RESPONSE)
                    return True
                if isinstance(command, c.CopyOut) and not sql.failed:
                    raise MustWait(for_writer=False)
                result = sql.run(plan, literals, inline=True)
            except StalePlan:
                continue
            except MustWait as wait:
                self._wait(text, offset, plan, literals, wait)
                return False
            except FivefoldError:
                sql.fail()
                raise
            connection.put_result(result, ())
            return True
        raise AssertionError("the catalog never stands still")

    def _wait(self, text: str, offset: int, plan: Plan, literals: Row, wait: MustWait) -> None:
        connection = self.connection

        def then(error: FivefoldError | None) -> None:
            if error is not None:
                connection.failed(offset_error(error, offset))
            else:
                self._next()

        if wait.for_writer:
            self._waited = (plan, literals)
            connection.wait(self._next, connection.waited_in_vain)
        else:
            self._texts.pop(0)
            connection.run_on_worker(Job(text, plan, literals=literals), then)


def _split(text: str) -> list[tuple[str, int]]:
    """Return the statements of a text and where each begins; none for a text without any."""
    return [
        (each.text[each.start : each.end], each.start)
        for each in parse(text)
        if not isinstance(each.node, c.Empty)
    ]


def _is_one(text: str) -> bool:
    """Say, quickly, that a text is one statement: it has no semicolon but at its end."""
    at = text.find(";")
    return (at < 0 or not text[at + 1 :].strip()) and bool(text.strip(" \t\r\n;"))
