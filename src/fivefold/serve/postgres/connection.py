"""One PostgreSQL client: start-up, the simple protocol, and the turn of messages.

The machine (``wire/postgres/machine.py``) knows what may come; here every message is handed to its
handler, one at a time. A statement that is short runs on the loop; any other stops the
connection and goes to a worker thread (``_on_worker``), where a large result is read in batches
with the client's pace.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from fivefold.catalog.catalog import missing_database
from fivefold.engine.plans import Plan
from fivefold.engine.results import PreparedText, Result
from fivefold.engine.session import MustWait, StalePlan
from fivefold.engine.settings import SETTINGS, duration_ms
from fivefold.engine.sql import REPLANS_MAX, SqlSession
from fivefold.errors import (
    Conflict,
    FivefoldError,
    InvalidState,
    Limit,
    ProtocolFault,
    Unavailable,
    Unsupported,
)
from fivefold.languages.sql import commands as c
from fivefold.languages.sql.parse.statements import parse
from fivefold.serve.connection import ClientConnection
from fivefold.serve.limits import MESSAGES_TURN, STARTUP_SECONDS
from fivefold.serve.postgres.copy.input import CopyInput
from fivefold.serve.postgres.extended import Extended
from fivefold.serve.postgres.reading import Job, Reader, check_same
from fivefold.serve.postgres.results import complete, notices, offset_error, shown
from fivefold.values.types import Row
from fivefold.wire.postgres import encode
from fivefold.wire.postgres import messages as m
from fivefold.wire.postgres.decode import decode_text
from fivefold.wire.postgres.errors import encode_error, is_fatal
from fivefold.wire.postgres.machine import Phase, PostgresMachine

if TYPE_CHECKING:
    import asyncio
    from datetime import datetime

    from fivefold.serve.server import Server
    from fivefold.stores.contract import Answer

T = TypeVar("T")

_READY: dict[str, bytes] = {
    "I": encode.READY_IDLE,
    "T": encode.READY_IN_TRANSACTION,
    "E": encode.READY_FAILED,
}


class PostgresConnection(ClientConnection):
    """One client of PostgreSQL's protocol."""

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self.machine = PostgresMachine()
        self.sql = SqlSession(self.session)
        self.extended = extended = Extended(self)
        self._handlers: dict[type, Callable[[Any], None]] = {
            m.Parse: extended.parse,
            m.Bind: extended.bind,
            m.Describe: extended.describe,
            m.Execute: extended.execute,
            m.Close: extended.close,
            m.Sync: extended.sync,
            **{kind: partial(handler, self) for kind, handler in _HANDLERS.items()},
        }
        self.asked: str | PreparedText = ""  # the last statement
        self.started: datetime | None = None
        self.heard = self.loop.time()  # when the client last sent something
        self.process_id = server.next_id()
        self.secret = secrets.token_bytes(4)
        self.copying: CopyInput | None = None
        self._texts: list[tuple[str, int]] = []  # what is left of a Query, with offsets
        self._waited: tuple[Plan, Row] | None = None  # of the first of them, if it had to wait
        self._ahead: m.Message | None = None  # read already, handled next
        self._starved = False  # what is ahead needs more input
        self._timer: asyncio.TimerHandle | None = None  # start-up, or idle in a transaction
        self._idle_since: float | None = None  # the loop's time when all that came was handled
        self._idle_limit = ""  # the setting, and what it means
        self._idle_seconds = 0.0
        self._refusal: FivefoldError | None = None  # to be said once the client has said its part

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop."""
        super().connection_made(transport)
        self._timer = self.loop.call_later(STARTUP_SECONDS, self.abort)

    # Messages

    def receive(self, data: bytes) -> None:
        """Handle all messages that became whole."""
        if data:
            self.heard = self.loop.time()
            self.machine.feed(data)
        left = MESSAGES_TURN
        try:
            self._starved = False
            while not (self.busy or self._closing or self._starved):
                message = self._ahead
                if message is None:
                    if left > 0 and self.extended.exchange(self.machine):
                        self._idle_since = None
                        left -= 4
                        continue
                    message = self.machine.next_message()
                else:
                    self._ahead = None
                if message is None:
                    if self.session.open:
                        self._watch_idle()
                    return
                self._idle_since = None
                left -= 1
                if left < 0:
                    self._ahead = message
                    self.busy = True
                    self.loop.call_soon(self._next_turn)
                    return
                handler = self._handlers.get(type(message))
                if handler is None:
                    self._refuse_message(message)
                else:
                    handler(message)
        except ProtocolFault as error:
            self.refuse(error)

    def _next_turn(self) -> None:
        self.busy = False
        self.resume_input()

    def peek(self) -> m.Message | None:
        """Return the next message without handling it, or None if it has not come yet."""
        if self._ahead is None:
            self._ahead = self.machine.next_message()
        return self._ahead

    def hold(self, message: m.Message) -> None:
        """Handle ``message`` again once more input has come."""
        self._ahead = message
        self._starved = True

    # Start-up

    def _encryption(self, message: m.EncryptionRequest) -> None:
        self.out.append(self.machine.refuse_encryption())

    def _cancel(self, message: m.CancelRequest) -> None:
        self.server.cancel(message.process_id, message.secret)
        self.close()

    def _startup(self, message: m.Startup) -> None:
        self._stop_timer()
        if self._refusal is not None:
            self.refuse(self._refusal)
            return
        if message.minor or message.options:
            self.out.append(encode.negotiate_protocol_version(message.options))
        parameters = dict(message.parameters)
        user = parameters.pop("user", "")
        if not user:
            raise ProtocolFault("no PostgreSQL user name specified in startup packet")
        database = parameters.pop("database", "") or user
        if parameters.pop("replication", "false") not in ("false", "off", "no", "0"):
            self.refuse(Unsupported("replication connections are not supported"))
            return
        self.sql = SqlSession(self.session, user, database)
        # libpq names the user where no database was asked for, and a plain `psql` should work.
        if not self.sql.prefix and database not in self.sql.main_names:
            self.refuse(missing_database(database))
            return
        self.sql.context.process_id = self.process_id
        self.sql.context.signal = self.server.signal
        self.sql.peers = self.server.activities
        self.started = self.sql.engine.clock.now_utc()
        try:
            self._apply_startup(parameters)
        except FivefoldError as error:
            self.refuse(error)
            return
        self.out.append(self.machine.welcome())
        for name, setting in SETTINGS.items():
            if setting.reported:
                self.out.append(
                    encode.parameter_status(setting.shown, self.sql.settings.values[name])
                )
        self.sql.settings.changed.clear()
        self.out.append(encode.backend_key_data(self.process_id, self.secret))
        self.ready()

    def _apply_startup(self, parameters: dict[str, str]) -> None:
        settings = self.sql.settings
        for name, value in _options(parameters.pop("options", "")):
            settings.set(name, value)
        for name, value in parameters.items():
            if not name.startswith("_pq_."):
                settings.set(name, value)
        settings.defaults.update(settings.values)

    # The simple protocol

    def _query(self, message: m.Query) -> None:
        self.extended.drop_unnamed()
        try:
            text = decode_text(message.text, "utf-8")
            self.asked = text
            self._texts = [(text, 0)] if _is_one(text) else _split(text)
        except FivefoldError as error:
            self.failed(error)
            return
        if not self._texts:
            self.out.append(encode.EMPTY_QUERY_RESPONSE)
            self.ready()
            return
        if len(self._texts) > 1:
            self.sql.begin_implicit()
        self._next_text()

    def _next_text(self) -> None:
        """Run what is left of a Query, then say ReadyForQuery."""
        while self._texts:
            text, offset = self._texts[0]
            try:
                if not self._run_text(text, offset):
                    return
            except FivefoldError as error:
                self.failed(offset_error(error, offset))
                return
            self._texts.pop(0)
            if self._texts and not self.session.open:
                self.sql.begin_implicit()
        self._end_query()

    def _end_query(self) -> None:
        try:
            self.sql.end_implicit()
        except FivefoldError as error:
            self.failed(error)
            return
        self.ready()

    def _run_text(self, text: str, offset: int) -> bool:
        """Run one statement; False says that the connection waits and goes on by itself."""
        for _ in range(REPLANS_MAX):
            try:
                planned, self._waited = self._waited, None
                plan, literals = planned or self.sql.plan_given(text, 0)
                command = plan.command
                if isinstance(command, c.CopyIn):
                    self.begin_copy(plan)
                    return False
                if isinstance(command, c.Empty):
                    self.out.append(encode.EMPTY_QUERY_RESPONSE)
                    return True
                if isinstance(command, c.CopyOut) and not self.sql.failed:
                    raise MustWait(for_writer=False)
                result = self.sql.run(plan, literals, inline=True)
            except StalePlan:
                continue
            except MustWait as wait:
                self._texts.pop(0)
                self._wait_for_text(text, offset, plan, literals, wait)
                return False
            except FivefoldError:
                self.sql.fail()
                raise
            self.put_result(result, ())
            return True
        raise AssertionError("the catalog never stands still")

    def _wait_for_text(
        self, text: str, offset: int, plan: Plan, literals: Row, wait: MustWait
    ) -> None:
        def then(error: FivefoldError | None) -> None:
            if error is not None:
                self.failed(offset_error(error, offset))
            else:
                self._next_text()

        if wait.for_writer:
            self._texts.insert(0, (text, offset))
            self._waited = (plan, literals)
            self.wait(self._next_text, self.waited_in_vain)
        else:
            self.run_on_worker(Job(text, plan, literals=literals), then)

    # Statements on a worker thread

    def run_on_worker(self, job: Job, then: Callable[[FivefoldError | None], None]) -> None:
        """Run a statement elsewhere, put its answer into ``out``, then call ``then``.

        That is on a line of the loop's, if the store is in another process and one is enough and
        free, and on worker threads otherwise.
        """
        if self.session.in_process or not self._on_line(job, then):
            self._on_threads(job, then)

    def _on_line(self, job: Job, then: Callable[[FivefoldError | None], None]) -> bool:
        sql, plan = self.sql, job.plan
        if not sql.fits_line(plan):
            return False

        def answered(found: Answer | FivefoldError) -> None:
            if isinstance(found, Conflict) and found.code == "serialization_failure":
                job.stale = True
                self._on_threads(job, then)
            elif isinstance(found, FivefoldError):
                then(found)
            else:
                self.put_result(sql.answered(plan, found), job.formats, describe=job.describe)
                then(None)

        values = (*job.values, *job.literals)
        try:
            return self.run_on_line(lambda line: sql.send(line, plan, values), answered)
        except FivefoldError as error:
            then(error)
            return True

    def _on_threads(self, job: Job, then: Callable[[FivefoldError | None], None]) -> None:
        async def run() -> None:
            try:
                command = job.plan.command
                if isinstance(command, c.CopyOut) or (
                    isinstance(command, c.Query) and not (job.plan.writes or job.plan.point)
                ):
                    await self._read_on_worker(job)
                else:
                    await self._execute_on_worker(job)
            except FivefoldError as error:
                then(error)
                return
            then(None)

        self.settle()
        self.start_task(run())

    async def _execute_on_worker(self, job: Job) -> None:
        def work() -> Result:
            if job.stale:
                self.session.renew()
            if job.describe:
                return self.sql.execute(job.text, job.values, job.types)
            job.renew(self.sql)
            result = self.sql.execute(job.text, job.values, job.types)
            if job.plan.point and not job.plan.writes and result.plan is not None:
                check_same(job.plan, result.plan)
            return result

        write = self.sql.writes(job.plan)
        waits = job.plan.waits
        result = _raised(await self.on_worker(lambda: _caught(work), write=write, waits=waits))
        self.put_result(result, job.formats, describe=job.describe)

    async def _read_on_worker(self, job: Job) -> None:
        """Send a query's rows batch by batch, each when the client has taken the one before."""
        opened = not self.session.open
        if opened:
            self.sql.begin_implicit()
        reader = Reader(self.sql, job)
        reader.begin()
        write, waits = job.plan.writes, job.plan.waits

        def read() -> FivefoldError | None:
            return _caught(reader.read)

        try:
            while reader.more:
                _raised(await self.on_worker(read, write=write, waits=waits))
                self.out.append(reader.data)
                if reader.more:
                    self.flush()
                    await self.drained()
                    if self.transport is None:
                        return
            self.report_settings()
            self.out.append(reader.complete())
        except FivefoldError:
            self.sql.fail()
            raise
        finally:
            reader.close()
            if opened:
                self.sql.end_implicit()
                self.session.rest()

    # COPY FROM

    def begin_copy(self, plan: Plan) -> None:
        """Ask the client for the data of a COPY FROM."""
        assert isinstance(plan.command, c.CopyIn)
        self.sql.check_allowed(plan)
        self.sql.check_writable("COPY FROM")
        if plan.command.options.freeze and not self.session.open:
            raise _no_freeze()
        self.sql.begin_implicit()
        self.copying = CopyInput(self.sql, plan)
        self.machine.begin_copy_in()
        form = int(plan.command.options.format is c.Format.BINARY)
        self.out.append(encode.copy_in_response(form, (form,) * len(plan.command.columns)))

    def _copy_data(self, message: m.CopyData) -> None:
        assert self.copying is not None
        if self.copying.take(message.data):
            self.settle()
            self.start_task(self._copy_on_worker(last=False))

    def _copy_done(self, message: m.CopyDone) -> None:
        self.settle()
        self.start_task(self._copy_on_worker(last=True))

    def _copy_fail(self, message: m.CopyFail) -> None:
        self._end_copy(Limit(f"COPY from stdin failed: {message.reason}", "query_canceled"))

    async def _copy_on_worker(self, *, last: bool) -> None:
        copying = self.copying
        assert copying is not None
        try:
            _raised(await self.on_worker(lambda: _caught(lambda: copying.work(last)), write=True))
        except FivefoldError as error:
            self._end_copy(error)
            return
        if last:
            self._end_copy(None)

    def _end_copy(self, error: FivefoldError | None) -> None:
        copying, self.copying = self.copying, None
        assert copying is not None
        try:
            if error is not None:
                self.sql.fail()
                raise error
            if len(self._texts) <= 1:
                self.sql.end_implicit()  # psycopg takes one answer, and the commit may be refused
        except FivefoldError as refused:
            self.failed(refused)
            return
        self.out.append(encode.command_complete(f"COPY {copying.rows}"))
        if self._texts:
            self._texts.pop(0)
            self._next_text()

    # Answers

    def put_result(
        self, result: Result, formats: tuple[int, ...], *, describe: bool = True
    ) -> None:
        """Put a whole result into ``out``."""
        out = self.out
        if result.notices:
            out.append(notices(result.notices))
        rows = result.rows
        assert isinstance(rows, list)
        if result.outputs is not None:
            if result.binary and not formats:
                formats = (1,)
            made = shown(result.plan, result.outputs, formats, self.sql.settings)
            if describe:
                out.append(made.description)
            out.extend(map(made.row, rows))
        self.report_settings()
        out.append(complete(result, len(rows)))

    def report_settings(self) -> None:
        """Tell the client of settings that changed."""
        settings = self.sql.settings
        for name in settings.changed:
            self.out.append(encode.parameter_status(SETTINGS[name].shown, settings.values[name]))
        settings.changed.clear()

    def ready(self) -> None:
        """Say ReadyForQuery."""
        if self.sql.settings.changed:
            self.report_settings()
        if not self.session.open:
            self.extended.drop_portals()
        self.out.append(_READY[self.sql.status])

    def _watch_idle(self) -> None:
        """Set a time by which a client that has a transaction open must say something whole.

        A timer that runs stays: it looks again when it is due, which costs less than a new one
        for each message.
        """
        if self._idle_since is None:  # else what came was not a whole message
            self._idle_since = self.loop.time()
        limit = self.sql.settings.values["idle_in_transaction_session_timeout"]
        if limit is not self._idle_limit:
            self._stop_timer()
            self._idle_limit = limit
            self._idle_seconds = duration_ms(limit) / 1000
        if self._timer is None and self._idle_seconds:
            self._timer = self.loop.call_later(self._idle_seconds, self._idle_too_long)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _idle_too_long(self) -> None:
        self._timer = None
        if self._idle_since is None or self.busy or not self.session.open:
            return
        left = self._idle_since + self._idle_seconds - self.loop.time()
        if left > 0:
            self._timer = self.loop.call_later(left, self._idle_too_long)
            return
        self.sql.end(commit=False)
        self.refuse(
            Limit(
                "terminating connection due to idle-in-transaction timeout",
                "idle_transaction_timeout",
            )
        )

    def failed(self, error: FivefoldError) -> None:
        """Answer an error, and skip or end what it belongs to."""
        self._texts = []
        self._ahead = None
        due = self.machine.fail()
        if self.sql.implicit:
            self.sql.fail()
            try:
                self.sql.end_implicit()
            except FivefoldError as second:
                error = second
        self.out.append(encode_error(error))
        if is_fatal(error):
            self.close()
        elif due:
            self.ready()

    def waited_in_vain(self, error: FivefoldError) -> None:
        """Answer a statement that did not get the writer's place."""
        self._waited = None
        self.sql.fail()
        self.failed(error)

    def _refuse_message(self, message: m.Message) -> None:
        self.failed(
            Unsupported(
                f"{type(message).__name__} is not supported", hint="Use SQL for it: SELECT f(…)."
            )
        )

    def refuse(self, error: FivefoldError) -> None:
        """Say a fatal error and close."""
        if self.machine.phase is Phase.STARTUP:
            # Closing on a client that is about to speak would lose the answer on its way.
            self._refusal = error
            return
        self.out.append(encode_error(error, fatal=True))
        self.close()

    def shut_down(self) -> None:
        """Say that the server stops, and close."""
        if self.machine.phase is Phase.READY and not self.busy:
            self.refuse(
                Unavailable("terminating connection due to administrator command", "shutting_down")
            )
        else:
            self.abort()

    def terminate(self) -> None:
        """End the session because another asked for it; what it does now is given up."""
        self.cancel()
        self.shut_down()

    def group_failed(self, error: FivefoldError) -> None:
        """The commit failed for all: what was answered is taken back, the client told to go."""
        self.refuse(error)

    def connection_lost(self, error: Exception | None) -> None:
        """Called by the loop."""
        self._stop_timer()
        super().connection_lost(error)

    def end_session(self) -> None:
        """Give back what the client held; it is gone."""
        if not self.sql.planner.has_temporary:
            self.sql.close()
            return
        # To drop its tables is to wait for the writer's place.
        self.server.ending(self.sql.close)

    def _flush(self, message: m.Flush) -> None:
        self.settle()

    def _terminate(self, message: m.Terminate) -> None:
        self.close()


def _caught(work: Callable[[], T]) -> T | FivefoldError:
    """Run ``work`` on a thread; its error comes back as a value, as ``on_worker`` wants."""
    try:
        return work()
    except FivefoldError as error:
        return error


def _raised(found: T | FivefoldError) -> T:
    if isinstance(found, FivefoldError):
        raise found
    return found


def _no_freeze() -> InvalidState:
    return InvalidState(
        "cannot perform COPY FREEZE because the table was not created or truncated in the "
        "current subtransaction",
        "object_not_in_prerequisite_state",
    )


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


def _options(text: str) -> list[tuple[str, str]]:
    """Take the settings out of the start-up parameter ``options``: '-c name=value …'."""
    words = text.replace("\\ ", "\0").split()
    found = []
    for at, word in enumerate(words):
        if word == "-c" and at + 1 < len(words):
            word = words[at + 1]
        elif word.startswith("-c"):
            word = word[2:]
        elif word.startswith("--"):
            word = word[2:].replace("-", "_")
        else:
            continue
        name, _, value = word.partition("=")
        found.append((name, value.replace("\0", " ")))
    return found


_Handler = Callable[[PostgresConnection, Any], None]

_HANDLERS: dict[type, _Handler] = {
    m.EncryptionRequest: PostgresConnection._encryption,
    m.CancelRequest: PostgresConnection._cancel,
    m.Startup: PostgresConnection._startup,
    m.Query: PostgresConnection._query,
    m.CopyData: PostgresConnection._copy_data,
    m.CopyDone: PostgresConnection._copy_done,
    m.CopyFail: PostgresConnection._copy_fail,
    m.Terminate: PostgresConnection._terminate,
    m.Flush: PostgresConnection._flush,
}
