"""A client's statements: QUERY, PREPARE, EXECUTE and BATCH, as many at a time as it likes.

What was brief when it ran last is run on the loop, in the open group; what writes while another
has the writer's place waits for it without keeping others waiting; all else goes to threads. So
answers come in the order in which they are ready, which is what streams are for.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from fivefold.engine.session import MustWait
from fivefold.engine.writer import busy
from fivefold.errors import FivefoldError
from fivefold.languages.cql.results import Options, Parameters
from fivefold.serve.cassandra.known import Known
from fivefold.serve.cassandra.results import Said, say
from fivefold.serve.cassandra.session import Line, Statement
from fivefold.serve.cassandra.tracing import Trace, trace_of
from fivefold.serve.cassandra.workers import Job, Workers, unexpected
from fivefold.wire.cassandra import encode
from fivefold.wire.cassandra import messages as m

if TYPE_CHECKING:
    from fivefold.serve.cassandra.connection import CassandraConnection

BRIEF_SECONDS = 0.002
"""What a statement may take on the loop, if it is to be tried there again."""

TRIES = 3
"""How often one that was brief on a thread may take longer on the loop before it goes back: the
machine may have had something else to do."""

BATCH_INLINE_MAX = 32
"""Statements of a batch that is tried on the loop: about a millisecond's work."""

IN_FLIGHT_MAX = 1_024
"""Statements of one client that wait or run; with so many it is not read from until half of them
are answered. Drivers have at most 32,768 on a connection, and mostly 1,024 or 2,048."""

Request: TypeAlias = m.Query | m.Prepare | m.Execute | m.Batch


class Statements:
    """The statements of one connection."""

    __slots__ = ("_connection", "_engine", "_known", "_parked", "_timer", "_traces", "workers")

    def __init__(self, connection: CassandraConnection) -> None:
        self.workers = Workers(connection)
        self._connection = connection
        self._engine = connection.server.engine
        self._known = connection.hub.known
        self._parked: list[Request] = []  # until the group may write
        self._timer: asyncio.TimerHandle | None = None
        self._traces: dict[Request, Trace] = {}

    @property
    def in_flight(self) -> int:
        """Return how many statements wait or run."""
        return len(self._parked) + self.workers.count

    def close(self) -> None:
        """End all of them: the client is gone."""
        self._stop_waiting()
        self._parked.clear()
        self._traces.clear()
        self.workers.close()

    # From a request to its answer

    def handle(self, request: Request) -> None:
        """Run a statement, now or as soon as may be."""
        if request.traced:
            connection = self._connection
            known = connection.line.prepared(request.id) if isinstance(request, m.Execute) else None
            ends = connection.client[0], connection.node[0]
            self._traces[request] = trace_of(request, known, *ends)
        self._attempt(request)

    def _attempt(self, request: Request) -> None:
        try:
            said = _RUNNERS[request.__class__](self, request, self._connection.line, True)
        except MustWait as wait:
            if wait.for_writer:
                self._park(request)
            else:
                self._to_thread(request)
        except FivefoldError as error:
            self._fail(request, error)
        except Exception as error:  # a fault of ours: the others of this client go on
            self._fail(request, unexpected(error))
        else:
            self._answer(request, said)

    def _answer(self, request: Request, said: Said) -> None:
        connection = self._connection
        if said.keyspace is not None:
            connection.line.keyspace = said.keyspace
        trace = self._ended(request, said) if self._traces else None
        connection.answer(request.stream, m.Opcode.RESULT, said.body, said.warnings, trace)
        if said.changed:
            connection.hub.events.look()

    def _fail(self, request: Request, error: FivefoldError) -> None:
        trace = self._ended(request, None) if self._traces else None
        consistency = 1 if isinstance(request, m.Prepare) else request.parameters.consistency
        self._connection.fail(request.stream, error, consistency, trace)

    def _ended(self, request: Request, said: Said | None) -> bytes | None:
        """Keep the trace of what is answered now; return its id."""
        trace = self._traces.pop(request, None)
        if trace is None:
            return None
        if said is not None and said.rows >= 0:
            trace.note(f"Read {said.rows} live rows")
        trace.end()
        self._connection.hub.traces.add(trace)
        return trace.id.bytes

    # Waiting

    def _park(self, request: Request) -> None:
        """Try again when the group may write, or tell that it has waited for too long."""
        self._parked.append(request)
        if self._timer is None:
            connection = self._connection
            connection.group.park(self._resume)
            seconds = connection.session.wait_seconds
            self._timer = connection.loop.call_later(seconds, self._give_up)

    def _give_up(self) -> None:
        self._connection.group.give_up(self._resume, busy())

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._connection.group.unpark(self._resume)

    def _resume(self, error: FivefoldError | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        parked, self._parked = self._parked, []
        for request in parked:
            if error is None:
                self._attempt(request)
            else:
                self._fail(request, error)
        self._connection.relieved()

    def _to_thread(self, request: Request) -> None:
        trace = self._traces.get(request)

        def work(line: Line) -> Said | FivefoldError:
            if trace is not None:
                trace.note("Executing on a thread of its own")
            try:
                return _RUNNERS[request.__class__](self, request, line, False)
            except FivefoldError as error:
                return error

        def then(found: Said | FivefoldError) -> None:
            if isinstance(found, Said):
                self._answer(request, found)
            else:
                self._fail(request, found)
            self._connection.relieved()

        self.workers.submit(
            Job(
                lambda: self._writes(request, self._connection.line, True),
                lambda line: bool(self._writes(request, line, False)),
                work,
                then,
            )
        )

    def _writes(self, request: Request, line: Line, inline: bool) -> bool | None:
        """Say whether a request may write; None: that takes too long to find out here."""
        if isinstance(request, m.Prepare):
            return False
        if isinstance(request, m.Batch):
            return True
        statement: Statement
        if isinstance(request, m.Execute):
            statement, space = line.prepared(request.id), None
            if statement is None:
                return False
        else:
            statement, space = request.text, request.parameters.keyspace
        try:
            return line.writes(statement, space, inline=inline)
        except MustWait:
            return None

    # What requests mean

    def _query(self, request: m.Query, line: Line, inline: bool) -> Said:
        parameters = request.parameters
        text, space = request.text, parameters.keyspace
        if parameters.values:
            return self._run(self._understood(text, space, line, inline), request, line, inline)
        brief = ("cassandra brief", space or line.keyspace, text)
        lasting = self._engine.lasting
        if inline and not lasting.get(brief):
            raise MustWait(for_writer=False)
        began = _clock(inline)
        result = line.run(text, (), _options(parameters), keyspace=space, inline=inline)
        said = say(result, self._connection.machine.version, None, parameters.skip_metadata)
        if _clock(inline) - began > BRIEF_SECONDS:
            lasting.put(brief, lasting.get(brief, 1) - 1 if inline else 0)
        elif not inline and not said.changed:
            lasting.put(brief, TRIES)
        return said

    def _understood(self, text: str, space: str | None, line: Line, inline: bool) -> Known:
        """Return a statement that comes as a text with values; remembered under its catalog."""
        key = ("cassandra text", space or line.keyspace, text)
        catalog = self._engine.snapshot
        found: Known | None = catalog.plans.get(key)
        if found is None:
            found = Known(line.prepare(text, space, inline=inline), catalog)
            catalog.plans.put(key, found)
        return found

    def _prepare(self, request: m.Prepare, line: Line, inline: bool) -> Said:
        catalog = self._engine.snapshot
        prepared = line.prepare(request.text, request.keyspace, inline=inline)
        known = self._known.add(prepared, catalog)
        version = self._connection.machine.version
        shape = known.shape(version)
        metadata = None if shape is None else shape.metadata
        body = encode.prepared(
            *(prepared.id, prepared.parameters, prepared.partition, metadata, version)
        )
        return Said(body)

    def _execute(self, request: m.Execute, line: Line, inline: bool) -> Said:
        known = self._known.find(request.id, line, self._engine.snapshot, inline=inline)
        return self._run(known, request, line, inline)

    def _run(self, known: Known, request: m.Execute | m.Query, line: Line, inline: bool) -> Said:
        if inline and not known.brief:
            raise MustWait(for_writer=False)
        parameters = request.parameters
        began = _clock(inline)
        asked = "execute" if isinstance(request, m.Execute) else "query"
        values = known.read(parameters.values, parameters.names, asked)
        result = line.run(known.prepared, values, _options(parameters), inline=inline)
        metadata_id = request.metadata_id if isinstance(request, m.Execute) else None
        version = self._connection.machine.version
        said = say(result, version, known, parameters.skip_metadata, metadata_id)
        if _clock(inline) - began > BRIEF_SECONDS:
            known.brief = known.brief - 1 if inline else 0
        elif not inline:
            known.brief = TRIES
        return said

    def _batch(self, request: m.Batch, line: Line, inline: bool) -> Said:
        if inline and len(request.statements) > BATCH_INLINE_MAX:
            raise MustWait(for_writer=False)
        catalog, space = self._engine.snapshot, request.parameters.keyspace
        statements: list[tuple[Statement, Parameters]] = []
        for what, values in request.statements:
            if isinstance(what, bytes):
                known = self._known.find(what, line, catalog, inline=inline)
            elif values:
                known = self._understood(what, space, line, inline)
            else:
                statements.append((what, ()))
                continue
            statements.append((known.prepared, known.read(values, None, "batch")))
        options = _options(request.parameters)
        result = line.batch(request.kind, statements, options, keyspace=space, inline=inline)
        return say(result, self._connection.machine.version, None)


_RUNNERS: Mapping[type, Callable[[Statements, Any, Line, bool], Said]] = {
    m.Query: Statements._query,
    m.Prepare: Statements._prepare,
    m.Execute: Statements._execute,
    m.Batch: Statements._batch,
}


def _clock(inline: bool) -> float:
    """Return seconds: of the loop's time, or of the thread's own work while others work too."""
    return time.perf_counter() if inline else time.thread_time()


def _options(parameters: m.Parameters) -> Options:
    serial = parameters.serial_consistency
    return Options(
        parameters.page_size,
        parameters.paging,
        parameters.timestamp,
        parameters.now_s,
        parameters.consistency,
        8 if serial is None else serial,
    )
