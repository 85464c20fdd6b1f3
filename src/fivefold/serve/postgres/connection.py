"""One PostgreSQL client: the turn of its messages, and its statements on worker threads.

The machine (``wire/postgres/machine.py``) knows what may come; here every message is handed to its
handler, one at a time. A statement that is short runs on the loop; any other stops the
connection and goes to a worker thread (``run_on_worker``), where a large result is read in batches
with the client's pace.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from fivefold.engine.plans import Plan
from fivefold.engine.results import PreparedText, Result
from fivefold.engine.settings import SETTINGS
from fivefold.engine.sql import SqlSession
from fivefold.errors import (
    Conflict,
    Denied,
    FivefoldError,
    InvalidState,
    Limit,
    ProtocolFault,
    Unavailable,
    Unsupported,
)
from fivefold.languages.sql import commands as c
from fivefold.serve.connection import ClientConnection
from fivefold.serve.limits import MESSAGES_TURN
from fivefold.serve.postgres import startup
from fivefold.serve.postgres.copy.input import CopyInput
from fivefold.serve.postgres.extended import Extended
from fivefold.serve.postgres.idle import IdleWatch
from fivefold.serve.postgres.reading import Job, Reader, check_same
from fivefold.serve.postgres.results import complete, notices, shown
from fivefold.serve.postgres.simple import Simple
from fivefold.wire.postgres import encode
from fivefold.wire.postgres import messages as m
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
        self.machine.message_bytes_max = self.request_bytes(self.machine.message_bytes_max)
        self.sql = SqlSession(self.session)
        self.simple = Simple(self)
        self.extended = extended = Extended(self)
        self._handlers: dict[type, Callable[[Any], None]] = {
            m.Query: self.simple.query,
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
        self.login: startup.Login | None = None  # while the client proves its password
        self._ahead: m.Message | None = None  # read already, handled next
        self._starved = False  # what is ahead needs more input
        self._idle = IdleWatch(self)
        self._encrypted = False
        self._refusal: FivefoldError | None = None  # to be said once the client has said its part

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop."""
        super().connection_made(transport)
        self._idle.await_startup()

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
                        self._idle.since = None
                        left -= 4
                        if self.machine.has_more:
                            continue
                        if self.session.open and not self.busy:
                            self._idle.watch()
                        return
                    message = self.machine.next_message()
                else:
                    self._ahead = None
                if message is None:
                    if self.session.open:
                        self._idle.watch()
                    return
                self._idle.since = None
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

    # The ends of a session

    def _encryption(self, message: m.EncryptionRequest) -> None:
        tls = self.server.tls
        if tls is None or message.kind != "tls":
            self.out.append(self.machine.refuse_encryption())
            return
        self.out.append(self.machine.accept_encryption())
        self._encrypted = True
        self.encrypt(tls.context)

    def _cancel(self, message: m.CancelRequest) -> None:
        self.server.cancel(message.process_id, message.secret)
        self.close()

    def _startup(self, message: m.Startup) -> None:
        if self._refusal is not None:
            self._idle.stop()
            self.refuse(self._refusal)
        elif self.server.tls is not None and not self._encrypted:
            self.refuse(_unencrypted())
        else:
            startup.begin(self, message)
            if self.login is None:
                self._idle.stop()

    def _sasl_initial(self, message: m.SaslInitial) -> None:
        assert self.login is not None
        self.login.begin(message)

    def _sasl_response(self, message: m.SaslResponse) -> None:
        self._idle.stop()
        assert self.login is not None
        self.login.finish(message)

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
            if self.simple.is_last:
                self.sql.end_implicit()  # psycopg takes one answer, and the commit may be refused
        except FivefoldError as refused:
            self.failed(refused)
            return
        self.out.append(encode.command_complete(f"COPY {copying.rows}"))
        self.simple.copied()

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

    def failed(self, error: FivefoldError) -> None:
        """Answer an error, and skip or end what it belongs to."""
        self.simple.forget()
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
        self._idle.stop()
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


def _unencrypted() -> Denied:
    return Denied(
        "this server takes encrypted connections only",
        "invalid_authorization",
        hint="Connect with sslmode=require.",
    )


def _no_freeze() -> InvalidState:
    return InvalidState(
        "cannot perform COPY FREEZE because the table was not created or truncated in the "
        "current subtransaction",
        "object_not_in_prerequisite_state",
    )


_Handler = Callable[[PostgresConnection, Any], None]

_HANDLERS: dict[type, _Handler] = {
    m.EncryptionRequest: PostgresConnection._encryption,
    m.CancelRequest: PostgresConnection._cancel,
    m.Startup: PostgresConnection._startup,
    m.SaslInitial: PostgresConnection._sasl_initial,
    m.SaslResponse: PostgresConnection._sasl_response,
    m.CopyData: PostgresConnection._copy_data,
    m.CopyDone: PostgresConnection._copy_done,
    m.CopyFail: PostgresConnection._copy_fail,
    m.Terminate: PostgresConnection._terminate,
    m.Flush: PostgresConnection._flush,
}
