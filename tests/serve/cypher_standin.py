"""An engine of a few queries, for tests of the serving alone: each tells what it does.

ROWS n          n rows of a number and a text, read one by one
NOW x           one row with the parameter x, on the loop
ECHO x          the same on a thread
WRITE x         counts a node, returns nothing; CONFLICT after it fails the first ``conflicts``
SLEEP           runs until it is interrupted
WAIT ROWS n     as ROWS, but every row after the first waits until ``gate`` is open
FAIL n          n rows, then an error
WARN            one row and notifications
EXPLAIN         a plan
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from fivefold.engine.session import MustWait, Session
from fivefold.errors import Conflict, FivefoldError
from fivefold.languages.cypher.graph import Notification, Statistics
from fivefold.serve.connection import canceled
from fivefold.values.graph.faults import fault

INTERRUPT_SECONDS_MAX = 30.0

WARNINGS = [
    Notification(
        "Neo.ClientNotification.Statement.UnknownLabelWarning",
        "The provided label is not in the database.",
        "One of the labels in your query is not available in the database",
        "WARNING",
        "UNRECOGNIZED",
        5,
        "01N50",
    ),
    Notification(
        "Neo.ClientNotification.Statement.CartesianProduct",
        "This query builds a cartesian product.",
        "It may produce a large amount of data",
        "INFORMATION",
        "PERFORMANCE",
        gql="03N90",
    ),
]

PLAN = {"operatorType": "AllNodesScan@neo4j", "args": {}, "identifiers": ["n"], "children": []}


class World:
    """What all lines of one test share."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.conflicts = 0
        self.committed: list[Any] = []
        self.lines: list[StandIn] = []
        self.fetched = 0
        self.running = threading.Event()  # set when SLEEP has begun

    def line(self, session: Session) -> StandIn:
        made = StandIn(self, session)
        self.lines.append(made)
        return made


class Answer:
    """See ``serve.neo4j.session.Result``."""

    def __init__(self, line: StandIn, kind: str, columns: Sequence[str], rows: Iterator[Any]):
        self.columns = columns
        self.database = line.database or "neo4j"
        self.graph = "stand-in"
        self.kind = kind
        self.statistics = Statistics()
        self.notifications: Sequence[Notification] = ()
        self.plan: Mapping[str, Any] | None = None
        self.profile: Mapping[str, Any] | None = None
        self.ready = False
        self._line = line
        self._rows = rows

    def fetch(self, rows_max: int) -> list[Any]:
        try:
            rows = list(islice(self._rows, rows_max))
        except FivefoldError:
            self._line.rollback()
            raise
        self._line.world.fetched += len(rows)
        if len(rows) < rows_max:
            self._line.ended()
        return rows

    def close(self) -> None:
        self._rows = iter(())
        self._line.closed_results += 1
        if not self._line.inside:
            self._line.rollback()


class StandIn:
    """See ``serve.neo4j.session.Line``."""

    def __init__(self, world: World, session: Session) -> None:
        self.world = world
        self.session = session
        self.database: str | None = None
        self.deadline: float | None = None
        self.written: list[Any] = []
        self.inside = False
        self.reads_only = False
        self.interrupted = threading.Event()
        self.closed = False
        self.closed_results = 0

    def check(self, database: str | None) -> str:
        if database not in (None, "neo4j", "movies", "system"):
            raise fault("DatabaseNotFound", f"Graph not found: {database}")
        return database or "neo4j"

    def writes(self, query: str, database: str | None, *, inline: bool = False) -> bool:
        if inline and not query.startswith("NOW"):
            raise MustWait(for_writer=False)
        return query.startswith("WRITE")

    def run(
        self,
        query: str,
        parameters: Mapping[str, Any],
        database: str | None,
        *,
        reads_only: bool = False,
        inline: bool = False,
    ) -> Answer:
        word, _, rest = query.partition(" ")
        if inline and word != "NOW":
            raise MustWait(for_writer=False)
        if not self.inside:
            self.database = self.check(database)
            if word == "WRITE":
                self.session.begin()
        try:
            return self._run(word, rest, parameters, reads_only or self.reads_only)
        except FivefoldError:
            self.rollback()
            raise

    def _run(self, word: str, rest: str, parameters: Mapping[str, Any], reads_only: bool) -> Answer:
        self.interrupted.clear()
        if word in ("ROWS", "WAIT", "FAIL"):
            return Answer(self, "r", ["n", "text"], self._rows(word, int(rest.split()[-1])))
        if word in ("ECHO", "NOW"):
            answer = Answer(self, "r", [rest], iter([[parameters[rest]]]))
            answer.ready = word == "NOW"
            return answer
        if word == "SLEEP":
            self.world.running.set()
            if self.interrupted.wait(INTERRUPT_SECONDS_MAX):
                raise canceled()
        if word == "WARN":
            answer = Answer(self, "r", ["n"], iter([[1]]))
            answer.notifications = WARNINGS
            return answer
        if word == "EXPLAIN":
            answer = Answer(self, "r", [], iter(()))
            answer.plan = PLAN
            return answer
        if word == "WRITE":
            if reads_only:
                raise fault("AccessMode", "Writing in read access mode not allowed")
            if rest.endswith("CONFLICT") and self.world.conflicts:
                self.world.conflicts -= 1
                raise Conflict("somebody was first")
            self.written.append(rest)
            answer = Answer(self, "w", [], iter(()))
            answer.statistics = Statistics(nodes_created=1, labels_added=2)
            return answer
        raise fault("UnexpectedSyntax", f"Invalid input '{word}'", at=0)

    def _rows(self, word: str, count: int) -> Iterator[Any]:
        for number in range(count):
            if word == "WAIT" and number:
                self.world.gate.wait(INTERRUPT_SECONDS_MAX)
            if self.interrupted.is_set():
                raise canceled()
            yield [number, f"row {number}"]
        if word == "FAIL":
            raise fault("DivisionByZero", "/ by zero")

    def begin(self, database: str | None, *, reads_only: bool = False) -> None:
        self.database, self.inside, self.reads_only = database, True, reads_only
        self.session.begin()

    def ended(self) -> None:
        if not self.inside:
            self.commit()

    def commit(self) -> None:
        self.world.committed += self.written
        self._end()
        self.session.commit()

    def rollback(self) -> None:
        self._end()
        self.session.rollback()

    def _end(self) -> None:
        self.written, self.inside, self.reads_only = [], False, False

    def interrupt(self) -> None:
        self.interrupted.set()

    def close(self) -> None:
        self.rollback()
        self.closed = True
