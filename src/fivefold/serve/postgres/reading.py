"""Reading large results in batches, on worker threads, encoded there too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from fivefold.engine.plans import Plan
from fivefold.engine.results import Result, batch
from fivefold.engine.session import StalePlan
from fivefold.engine.sql import REPLANS_MAX, SqlSession
from fivefold.errors import Unsupported
from fivefold.languages.sql import commands as c
from fivefold.serve.limits import ROWS_BATCH
from fivefold.serve.postgres.copy.binary import BinaryRows
from fivefold.serve.postgres.copy.output import OutputLines, rows_out
from fivefold.serve.postgres.results import Formats, complete, shown
from fivefold.values.types import Row, Stored, Type
from fivefold.wire.postgres import encode


@dataclass(slots=True)
class Job:
    """One statement to run: ``values`` are the user's parameters, ``literals`` the lifted ones."""

    text: str
    plan: Plan
    types: tuple[Type | None, ...] = ()
    values: tuple[Stored, ...] = ()
    literals: tuple[Stored, ...] = ()
    formats: Formats = ()
    describe: bool = True
    stale: bool = False  # the plan may be of a catalog that was

    def renew(self, sql: SqlSession) -> None:
        """Plan again. Raises Unsupported for other columns than the client was told of."""
        before = self.plan
        self.plan, self.literals = sql.plan(self.text, self.types)
        if not self.describe and self.plan is not before:
            check_same(before, self.plan)


def check_same(old: Plan, new: Plan) -> None:
    """Refuse to give other columns than the client was told of."""

    def described(plan: Plan) -> object:
        return plan.outputs and [(output.name, output.type) for output in plan.outputs]

    if described(old) != described(new):
        raise Unsupported("cached plan must not change result type")


class Reader:
    """The rows of one query, a batch at a time, inside the session's open transaction."""

    def __init__(self, sql: SqlSession, job: Job) -> None:
        self._sql = sql
        self._job = job
        self._rows: Iterator[Row] | None = None
        self._deadline: float | None = None
        self._encode: Callable[[list[Row]], bytes] | None = None
        self._result: Result | None = None
        self._lines: OutputLines | BinaryRows | None = None  # of a COPY
        self._count = 0
        self.data = b""
        self.more = True

    def begin(self) -> None:
        """Begin to count the rows and to measure the time of one Execute or Query."""
        self._count = 0
        self._deadline = self._sql.deadline()

    def read(self, rows_max: int = ROWS_BATCH) -> None:
        """Read one batch into ``data``; before the first one stands the description."""
        head = self._start() if self._encode is None else b""
        assert self._encode is not None
        assert self._rows is not None
        with self._sql.within(self._deadline):
            rows = batch(self._rows, rows_max)
        self.data = head + self._encode(rows)
        self._count += len(rows)
        self.more = len(rows) == rows_max
        if not self.more:
            self._sql.reading.end(self._rows)

    def _start(self) -> bytes:
        for _ in range(REPLANS_MAX):
            job = self._job
            try:
                self._result = self._sql.stream(job.plan, (*job.values, *job.literals))
                break
            except StalePlan:
                job.renew(self._sql)
        result = self._result
        assert result is not None, "the catalog never stands still"
        assert not isinstance(result.rows, list)
        self._rows = result.rows
        outputs, settings = result.outputs or (), self._sql.settings
        if isinstance(job.plan.command, c.CopyOut):
            options = job.plan.command.options
            lines = self._lines = rows_out(outputs, options, settings)
            self._encode = lambda rows: encode.copy_data_lines(map(lines.row, rows))
            header = encode.copy_data_lines(lines.header())
            form = int(options.format is c.Format.BINARY)
            return encode.copy_out_response(form, (form,) * len(outputs)) + header
        made = shown(job.plan, outputs, job.formats, settings)
        self._encode = lambda rows: b"".join(map(made.row, rows))
        return made.description if job.describe else b""

    def complete(self) -> bytes:
        """Return what ends the answer."""
        assert self._result is not None
        if self._lines is not None:
            rest = encode.copy_data_lines(self._lines.end())
            return rest + encode.COPY_DONE + encode.command_complete(f"COPY {self._count}")
        return complete(self._result, self._count)

    def close(self) -> None:
        """Give up the rest of the rows."""
        if self._rows is not None:
            self._sql.reading.end(self._rows)
