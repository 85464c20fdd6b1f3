"""What a compiled query is made of: operators, in pipelines, that make rows of rows.

An operator gets an iterator of rows and gives one; nothing of an execution stays in it. Its name
and ``details`` are what EXPLAIN shows, in Neo4j's words (Cypher Manual, "Operators in detail").

*Visibility.* A clause sees the graph as all clauses before it have left it, for all rows
(openCypher 9, "Visibility of updates"). Rows flow one by one only while nobody can tell the
difference: an operator says whether it ``reads`` the graph and whether it ``writes``, and
``with_barriers`` puts ``Eager`` wherever rows must wait for each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final, TypeVar

from fivefold.languages.cypher.graph import Row, Run
from fivefold.values.graph.faults import fault

T = TypeVar("T")

ROWS: Final = 1_000
"""For how many rows the graph is asked together."""

VALUES_HELD_MAX: Final = 50_000_000
"""How many values (rows times columns) one operator may hold: some gigabytes of memory."""


class Operator:
    """One step of a plan.

    ``columns`` are the variables that rows have after it, as far as they are meant to be seen.
    ``inner`` are pipelines that it runs for its rows. ``number`` is its place in the plan, and -1
    for what is not counted.
    """

    name = ""
    reads = False
    """It looks into the graph, or at what entities hold."""
    writes = False
    """It changes the graph."""
    eager = False
    """It takes all its input before its first row leaves."""
    stops_early = False
    """It may leave rows untaken, all of them too."""
    after_writing = False
    """Others before it write: it takes at least a row, so that they do."""

    def __init__(self, columns: Iterable[str] = ()) -> None:
        self.columns = tuple(columns)
        self.number = -1

    def rows(self, input: Iterator[Row], run: Run) -> Iterator[Row]:
        raise NotImplementedError(self.name)

    def foresee(self, rows: Sequence[Row], run: Run) -> None:
        """Have at hand what ``rows`` will ask of the graph for these, if it can be had together."""

    @property
    def details(self) -> str:
        """Return what EXPLAIN tells of it beside its name."""
        return ""

    @property
    def inner(self) -> tuple[Pipeline, ...]:
        """Return the pipelines that it runs for its rows."""
        return ()


class Pipeline:
    """Operators, each of which takes the rows of the one before it."""

    def __init__(self, operators: Iterable[Operator], columns: Iterable[str] = ()) -> None:
        self.operators = tuple(operators)
        self.columns = tuple(columns)

    @property
    def reads(self) -> bool:
        return any(operator.reads for operator in self.operators)

    @property
    def writes(self) -> bool:
        return any(operator.writes for operator in self.operators)

    def rows(self, input: Iterator[Row], run: Run) -> Iterator[Row]:
        """Run it. Rows that come out have at least ``columns``."""
        profile = run.profile
        if profile is None:
            for operator in self.operators:
                input = operator.rows(input, run)
            return input
        for operator in self.operators:
            input = operator.rows(input, run)
            if operator.number >= 0:
                input = profile.of(operator.number, input)
        return input

    def foresee(self, rows: Sequence[Row], run: Run) -> None:
        """Let the first operator prepare for rows that are about to come one by one."""
        self.operators[0].foresee(rows, run)

    def for_row(self, row: Row, run: Run) -> Iterator[Row]:
        """Run it for one row."""
        return self.rows(iter((row,)), run)


def held(rows: Iterable[Any], width: int) -> Iterator[Any]:
    """Pass on rows (or values) that somebody keeps. Raises fault MemoryLimit past what it may."""
    for count, row in enumerate(rows):
        check_held(count, width)
        yield row


def check_held(count: int, width: int) -> None:
    """Raise fault MemoryLimit if so many rows of so many values are more than may be held."""
    if count * width > VALUES_HELD_MAX:
        raise fault(
            "MemoryLimit",
            "The allocation of an extra row would use more than the limit of"
            f" {VALUES_HELD_MAX} values for one operator.",
            hint="Let the query keep less at a time: with LIMIT, or in several queries.",
        )


def batches(rows: Iterator[T], most: int) -> Iterator[list[T]]:
    """Yield what comes in lists: a single one first, then twice as many each time up to ``most``.

    So whoever wants few rows gets them soon.
    """
    size = 1
    while some := [*islice(rows, size)]:
        yield some
        size = min(2 * size, most)


class Eager(Operator):
    """All rows come in before the first goes out."""

    name = "Eager"
    eager = True

    def rows(self, input: Iterator[Row], run: Run) -> Iterator[Row]:
        kept = list(held(input, len(self.columns)))
        kept.reverse()
        while kept:
            yield kept.pop()


class Argument(Operator):
    """The row that comes from outside; with nothing in it, the one empty row."""

    name = "Argument"

    def rows(self, input: Iterator[Row], run: Run) -> Iterator[Row]:
        for row in input:
            run.memory[self] = row
            yield row

    def given(self, run: Run) -> Row:
        """Return the row that came last."""
        row: Row = run.memory.get(self, {})
        return row

    @property
    def details(self) -> str:
        return ", ".join(self.columns)


def with_barriers(operators: Sequence[Operator], *, ends: bool = True) -> list[Operator]:
    """Put Eager where an operator could see what another has written, or has yet to write.

    Nobody sees the rows after the last operator if it ``ends`` there; otherwise all writing is
    done before the first of them leaves.
    """
    placed: list[Operator] = []
    written = False
    reading = writing = False  # since the last barrier
    for operator in operators:
        if (reading and operator.writes) or (writing and (operator.reads or operator.stops_early)):
            placed.append(Eager(placed[-1].columns))
            reading = writing = False
        operator.after_writing = written
        written = written or operator.writes
        placed.append(operator)
        if operator.eager:
            reading = writing = False
        else:
            reading, writing = reading or operator.reads, writing or operator.writes
    if writing and not ends:
        placed.append(Eager(placed[-1].columns))
    return placed
