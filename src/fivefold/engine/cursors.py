"""Server-side cursors: DECLARE, FETCH, MOVE, CLOSE.

A cursor's rows are those of the moment it was declared. They are read as they are asked for;
going back means to read them again, all of them this time. That gives the same rows while
nobody writes in this transaction, and before somebody does the session has every cursor
``settle``: what it may still be asked for is read then. A cursor WITH HOLD settles at the commit.

Source: PostgreSQL manual, "DECLARE", "FETCH"; how it moves is told step by step in
``DoPortalRunFetch`` of src/backend/tcop/pquery.c.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from fivefold.engine.plans import Plan
from fivefold.engine.results import Result
from fivefold.engine.streams import Stream
from fivefold.errors import InvalidState, InvalidStatement
from fivefold.languages.sql import commands as c
from fivefold.values.types import Row, Stored

if TYPE_CHECKING:
    from fivefold.engine.sql import SqlSession

Moved = tuple[list[Row], int]
"""The rows that were met, and how many; a MOVE counts them only."""


class Cursor:
    """One cursor. ``depth`` is the number of savepoints set when it was declared."""

    def __init__(
        self,
        command: c.Declare,
        plan: Plan,
        stream: Stream,
        read: Callable[[], list[Row]],
        depth: int,
    ) -> None:
        self.command = command
        self.plan = plan
        self.depth = depth
        self.held = False  # its transaction is over
        self.failed = False  # a FETCH met an error: there are no more
        self.stream = stream
        self.scrolls = command.scroll is not False and not command.query.locks
        self._read = read  # reads all its rows once more
        self._rows: list[Row] | None = None  # all of them, once they were needed
        self._at = 0  # the number of the row it stands on; 0: before the first
        self._ended = False  # it stands behind the last, whose number is ``_at``

    def settle(self) -> None:
        """Read what may still be asked for, before others change it."""
        if self.scrolls:
            self._all()
        else:
            self.stream.settle()

    def close(self) -> None:
        """Give up the rows."""
        self.stream.close()
        self._rows = None

    def _all(self) -> list[Row]:
        if self._rows is None:
            self._rows = self._read()
            self.stream.close()
        return self._rows

    # Steps: both ways, and to the start

    def _forward(self, count: int | None, keep: bool) -> Moved:
        if self._ended:
            return [], 0
        rows: list[Row] = []
        if self._rows is not None:
            rows = self._rows[self._at : None if count is None else self._at + count]
            met = len(rows)
        elif keep:
            rows = list(islice(self.stream, count))
            met = len(rows)
        else:
            met = sum(1 for _ in islice(self.stream, count))
        self._at += met
        self._ended = count is None or met < count
        return (rows if keep else []), met

    def _backward(self, count: int | None, keep: bool) -> Moved:
        if not self.scrolls:
            raise InvalidState(
                "cursor can only scan forward",
                "object_not_in_prerequisite_state",
                hint="Declare it with SCROLL option to enable backward scan.",
            )
        end = self._at if self._ended else max(self._at - 1, 0)
        start = 0 if count is None else max(end - count, 0)
        rows = self._all()[start:end][::-1]
        reached_start = count is None or len(rows) < count
        self._at = 0 if reached_start else start + 1
        self._ended = False
        return (rows if keep else []), len(rows)

    def _rewind(self) -> None:
        if self._at == 0 and not self._ended:
            return
        if not self.scrolls:
            self._backward(0, False)
        self._all()
        self._at, self._ended = 0, False

    # FETCH and MOVE

    def move(self, direction: str, count: int | None, *, keep: bool) -> Moved:
        """Move as FETCH says; ``keep`` says whether the rows are wanted."""
        if direction == "first":
            return self._absolute(1, keep)
        if direction == "last":
            return self._absolute(-1, keep)
        if direction == "absolute":
            return self._absolute(count or 0, keep)
        if direction == "relative":
            return self._relative(count or 0, keep)
        if count is not None and count < 0:
            direction, count = ("backward" if direction == "forward" else "forward"), -count
        if count == 0:
            return self._same(keep)
        return (self._forward if direction == "forward" else self._backward)(count, keep)

    def _absolute(self, count: int, keep: bool) -> Moved:
        if count > 0:
            at = self._at + self._ended
            if count <= at:
                self._rewind()
                at = 0
            if count > at + 1:
                self._forward(count - at - 1, False)
            return self._forward(1, keep)
        if count == 0:
            self._rewind()
            return [], 0
        self._forward(None, False)
        if count < -1:
            self._backward(-count - 1, False)
        return self._backward(1, keep)

    def _relative(self, count: int, keep: bool) -> Moved:
        if count == 0:
            return self._same(keep)
        step = self._forward if count > 0 else self._backward
        if abs(count) > 1:
            step(abs(count) - 1, False)
        return step(1, keep)

    def _same(self, keep: bool) -> Moved:
        """Fetch the row it stands on once more."""
        if self._at == 0 or self._ended:
            return [], 0
        if keep:
            self._backward(1, False)
            return self._forward(1, True)
        return [], 1


# -- the commands ----------------------------------------------------------------------------------


def declare(
    session: SqlSession, plan: Plan, command: c.Declare, values: Sequence[Stored]
) -> Result:
    """Open a cursor."""
    if command.name in session.reading.cursors:
        raise InvalidStatement(f'cursor "{command.name}" already exists', "duplicate_cursor")
    if plan.writes:
        session.check_writable("SELECT FOR UPDATE")
    opened = not session.session.open
    if opened:
        if not command.hold:
            raise InvalidState(
                "DECLARE CURSOR can only be used in transaction blocks", "no_active_transaction"
            )
        session.begin_implicit()
    try:
        session.reading.cursors[command.name] = _open(session, plan, command, values)
        if opened:
            session.end(commit=True)
    except BaseException:
        if opened and session.session.open:
            session.end(commit=False)
        raise
    return Result(command.tag)


def _open(session: SqlSession, plan: Plan, command: c.Declare, values: Sequence[Stored]) -> Cursor:
    if plan.writes:  # FOR UPDATE: nobody else writes from now on
        session.session.perform(lambda connection: None, write=True, version=plan.version)
    stream = session.open_stream(plan, values)

    def read() -> list[Row]:
        # Within the same snapshot, and before anything was written since.
        return list(session.read_rows(plan, values))

    return Cursor(command, plan, stream, read, session.depth)


def find(session: SqlSession, name: str) -> Cursor:
    """Return a cursor. Raises InvalidStatement if there is none of that name."""
    cursor = session.reading.cursors.get(name)
    if cursor is None:
        raise InvalidStatement(f'cursor "{name}" does not exist', "invalid_cursor_name")
    return cursor


def fetch(session: SqlSession, plan: Plan, command: c.Fetch, _: Sequence[Stored]) -> Result:
    """Move a cursor, and return the rows that were met."""
    cursor = find(session, command.name)
    if cursor.failed:
        raise InvalidState(
            f'portal "{command.name}" cannot be run', "object_not_in_prerequisite_state"
        )
    cursor.failed = True
    keep = not command.move
    if cursor.held:
        rows, count = cursor.move(command.direction, command.count, keep=keep)
    else:
        with session.within(session.deadline()):
            rows, count = cursor.move(command.direction, command.count, keep=keep)
    cursor.failed = False
    if command.move:
        return Result(command.tag, count=count)
    binary = cursor.command.binary
    return Result(command.tag, cursor.plan.outputs, rows, count, plan=cursor.plan, binary=binary)


def close(session: SqlSession, plan: Plan, command: c.CloseCursor, _: Sequence[Stored]) -> Result:
    """Close a cursor, or all."""
    names = list(session.reading.cursors) if command.name is None else [command.name]
    for name in names:
        find(session, name)
        session.reading.close_cursor(name)
    return Result(command.tag)
