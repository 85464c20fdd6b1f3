"""The extended protocol: statements, portals, and the transaction that a Sync ends.

Statements between two Syncs are one transaction. Nearly always there is one, followed at once by
its Sync; then it runs as any autocommit statement. To tell, an Execute outside a transaction waits
for the message behind it, which the protocol promises (nothing is due before a Flush or Sync).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import tzinfo
from typing import TYPE_CHECKING

from fivefold.catalog.catalog import Catalog
from fivefold.engine.plans import Plan
from fivefold.engine.results import PreparedText, Result
from fivefold.engine.session import MustWait, StalePlan
from fivefold.errors import Conflict, FivefoldError, InvalidState, InvalidStatement, InvalidValue
from fivefold.languages.sql import commands as c
from fivefold.serve.postgres.reading import Job, Reader, check_same
from fivefold.serve.postgres.results import Formats, complete, shown
from fivefold.values.text import Clock, as_is, parser
from fivefold.values.types import TEXTS, Kind, Row, Stored, Type
from fivefold.wire.postgres import encode
from fivefold.wire.postgres import messages as m
from fivefold.wire.postgres.binary import binary_input
from fivefold.wire.postgres.decode import decode_text, spread_formats
from fivefold.wire.postgres.types import oid_of, type_of

if TYPE_CHECKING:
    from fivefold.serve.postgres.connection import PostgresConnection
    from fivefold.serve.postgres.results import Shown
    from fivefold.stores.contract import Answer
    from fivefold.wire.postgres.machine import PostgresMachine

Decoder = Callable[[bytes], Stored]


class Bound:
    """What was made of a prepared statement for one catalog and one choice of settings."""

    __slots__ = ("context", "decoders", "literals", "plan")

    def __init__(self, plan: Plan, literals: Row, context: object) -> None:
        self.plan = plan
        self.literals = literals
        self.context = context
        self.decoders: dict[Formats, list[Decoder]] = {}


class Portal:
    """A statement with its parameters, ready to run; ``reader`` if it has begun to give rows."""

    __slots__ = ("bound", "done", "formats", "reader", "statement", "values")

    def __init__(
        self,
        statement: PreparedText,
        bound: Bound,
        values: tuple[Stored, ...],
        formats: Formats,
    ) -> None:
        self.statement = statement
        self.bound = bound
        self.values = values
        self.formats = formats
        self.reader: Reader | None = None
        self.done = False


class Extended:
    """The statements and portals of one connection."""

    def __init__(self, connection: PostgresConnection) -> None:
        self.connection = connection
        self._portals: dict[str, Portal] = {}
        self._conflicted = False  # the exchange that comes next: a thread is to run it again

    # Parse, Bind, Describe, Close

    def parse(self, message: m.Parse) -> None:
        """Prepare a statement, by name or as the unnamed one."""
        connection, sql = self.connection, self.connection.sql
        try:
            text = decode_text(message.text, "utf-8")
            catalog = sql.session.snapshot.catalog
            types = tuple(_declared(oid, catalog) for oid in message.parameter_types)
            if message.statement and message.statement in sql.prepared:
                raise InvalidStatement(
                    f'prepared statement "{message.statement}" already exists',
                    "duplicate_prepared_statement",
                )
            statement = PreparedText(text, types)
            sql.check_allowed(self._bind_plan(statement).plan)
        except FivefoldError as error:
            sql.fail()
            connection.failed(error)
            return
        sql.prepared[message.statement] = statement
        connection.out.append(encode.PARSE_COMPLETE)

    def _bind_plan(self, statement: PreparedText) -> Bound:
        sql = self.connection.sql
        plan, literals = sql.plan(statement.text, statement.types)
        bound = statement.bound = Bound(plan, literals, sql.planner.mark())
        return bound

    def _current(self, statement: PreparedText) -> Bound:
        bound = statement.bound
        if not isinstance(bound, Bound) or bound.context is not self.connection.sql.planner.mark():
            return self._bind_plan(statement)
        return bound

    def bind(self, message: m.Bind) -> None:
        """Make a portal."""
        connection, sql = self.connection, self.connection.sql
        try:
            statement = sql.prepared.get(message.statement)
            if statement is None:
                statement = sql.find_prepared(message.statement)
            bound = self._current(statement)
            if sql.failed:
                sql.check_allowed(bound.plan)
            values = self._values(bound, message)
            if message.portal and (
                message.portal in self._portals or message.portal in sql.reading.cursors
            ):
                raise InvalidStatement(
                    f'cursor "{message.portal}" already exists', "duplicate_cursor"
                )
        except FivefoldError as error:
            sql.fail()
            connection.failed(error)
            return
        self._portals[message.portal] = Portal(statement, bound, values, message.result_formats)
        connection.out.append(encode.BIND_COMPLETE)

    def _values(self, bound: Bound, message: m.Bind) -> tuple[Stored, ...]:
        """Return the parameters of a Bind in stored form."""
        decoders = bound.decoders.get(message.parameter_formats)
        if decoders is None:
            sql = self.connection.sql
            decoders = _decoders(bound.plan, message.parameter_formats, sql.settings.zone, sql.now)
            bound.decoders[message.parameter_formats] = decoders
        if len(decoders) != len(message.parameters):
            raise _wrong_count(message, len(decoders))
        return tuple(
            [
                None if raw is None else decode(raw)
                for decode, raw in zip(decoders, message.parameters, strict=True)
            ]
        )

    def describe(self, message: m.Describe) -> None:
        """Say what a statement takes and gives, or what a portal gives."""
        connection, sql = self.connection, self.connection.sql
        try:
            if message.kind == "statement":
                bound = self._current(sql.find_prepared(message.name))
                formats: Formats = ()
                types = bound.plan.types
                connection.out.append(encode.parameter_description([oid_of(t) for t in types]))
            else:
                cursor = sql.reading.cursors.get(message.name)
                if cursor is not None:
                    form = (1,) if cursor.command.binary else ()
                    told = shown(cursor.plan, cursor.plan.outputs or (), form, sql.settings)
                    connection.out.append(told.description)
                    return
                portal = self._find(message.name)
                bound, formats = portal.bound, portal.formats
            outputs = sql.outputs_of(bound.plan)
            if outputs is None:
                connection.out.append(encode.NO_DATA)
            else:
                # What EXECUTE and FETCH give depends on what they name at the moment.
                plan = bound.plan if bound.plan.outputs is outputs else None
                made = shown(plan, outputs, formats, sql.settings)
                connection.out.append(made.description)
        except FivefoldError as error:
            sql.fail()
            connection.failed(error)

    def close(self, message: m.Close) -> None:
        """Forget a statement or a portal; it is no error if there is none."""
        if message.kind == "statement":
            self.connection.sql.prepared.pop(message.name, None)
        else:
            self._drop_portal(message.name)
        self.connection.out.append(encode.CLOSE_COMPLETE)

    def _drop_portal(self, name: str) -> None:
        if name and name in self.connection.sql.reading.cursors:
            self.connection.sql.reading.close_cursor(name)
        portal = self._portals.pop(name, None)
        if portal is not None and portal.reader is not None:
            portal.reader.close()

    def drop_portals(self) -> None:
        """Forget all portals: they live as long as their transaction, which has ended."""
        self._portals.clear()

    def drop_unnamed(self) -> None:
        """Forget the unnamed statement and portal, as a simple Query does."""
        self.connection.sql.prepared.pop("", None)
        if self._portals:
            self._drop_portal("")

    def _find(self, name: str) -> Portal:
        portal = self._portals.get(name)
        if portal is None:
            raise InvalidStatement(f'portal "{name}" does not exist', "invalid_cursor_name")
        return portal

    # A whole exchange

    def exchange(self, machine: PostgresMachine) -> bool:
        """Run a prepared statement by key whose Bind to Sync have all come; False if none has.

        This is the path of nearly every query of a driver that prepares, and of the BEGIN and
        COMMIT around. Whatever is out of the ordinary is left to the messages' own handlers:
        nothing has been taken then.
        """
        connection, sql = self.connection, self.connection.sql
        session = sql.session
        if session.open and (sql.status != "T" or not session.in_process):
            return False
        found = machine.peek_exchange()
        if found is None:
            return False
        message, described = found
        statement = sql.prepared.get(message.statement)
        if statement is None or sql.settings.changed:
            return False
        try:
            bound = self._current(statement)
            plan = bound.plan
            if not plan.point if type(plan.command) is c.Query else not _is_frame(plan):
                return False
            values = self._values(bound, message) + bound.literals
            made = None
            if plan.outputs is not None:
                made = shown(plan, plan.outputs, message.result_formats, sql.settings)
        except FivefoldError:
            return False
        connection.asked = statement
        out = connection.out
        head = encode.BIND_COMPLETE
        if described:
            head += encode.NO_DATA if made is None else made.description
        if not session.in_process:
            return self._exchange_on_line(machine, plan, values, head, made)
        try:
            result = sql.run(plan, values, inline=True)
        except StalePlan:
            return False
        except MustWait as wait:
            if not wait.for_writer:
                return False
            # Then it is looked at again, and answered in one piece.
            connection.wait(_nothing, lambda error: self._refuse_exchange(machine, head, error))
            return True
        except FivefoldError as error:
            self._refuse_exchange(machine, head, error)
            return True
        machine.take_exchange()
        if type(plan.command) is not c.Query:
            out.append(head)
            connection.put_result(result, ())
            connection.ready()
            return True
        if session.open:  # there is a portal until the transaction ends, though it has no more rows
            portal = self._portals[""] = Portal(statement, bound, values, message.result_formats)
            portal.done = True
        self._answer_exchange(head, made, result)
        return True

    def _refuse_exchange(self, machine: PostgresMachine, head: bytes, error: FivefoldError) -> None:
        machine.take_exchange()
        self.connection.out.append(head)
        self.connection.sql.fail()
        self.connection.failed(error)

    def _answer_exchange(self, head: bytes, made: Shown | None, result: Result) -> None:
        connection, rows = self.connection, result.rows
        out = connection.out
        assert isinstance(rows, list)
        out.append(head)
        if made is not None:
            for row in rows:
                out.append(made.row(row))
        ready = encode.READY_IN_TRANSACTION if connection.session.open else encode.READY_IDLE
        out.append(complete(result, len(rows)) + ready)

    def _exchange_on_line(
        self, machine: PostgresMachine, plan: Plan, values: Row, head: bytes, made: Shown | None
    ) -> bool:
        connection, sql = self.connection, self.connection.sql
        if self._conflicted or not sql.fits_line(plan):
            self._conflicted = False
            return False

        def answered(found: Answer | FivefoldError) -> None:
            if isinstance(found, Conflict) and found.code == "serialization_failure":
                self._conflicted = True  # it is still to be taken, by the messages' handlers
                connection.start_task(self._renew())
                return
            if isinstance(found, FivefoldError):
                self._refuse_exchange(machine, head, found)
            else:
                machine.take_exchange()
                self._answer_exchange(head, made, sql.answered(plan, found))

        try:
            return connection.run_on_line(lambda line: sql.send(line, plan, values), answered)
        except FivefoldError:
            return False

    async def _renew(self) -> None:
        connection = self.connection

        def work() -> None:
            with suppress(FivefoldError):  # who runs the statement will hear of it
                connection.session.renew()

        await connection.on_worker(work, write=False)

    # Execute and Sync

    def execute(self, message: m.Execute) -> None:
        """Run a portal, or go on with one that gave a part of its rows."""
        connection, sql = self.connection, self.connection.sql
        portal = self._portals.get(message.portal)
        try:
            if portal is None:
                portal = self._find(message.portal)
            connection.asked = portal.statement
            if portal.done:
                self._execute_again(portal, message.portal)
                return
            if not sql.session.open:
                if isinstance(portal.bound.plan.command, c.CopyIn):
                    # Its Sync may be here already; it is for the machine to pass over.
                    portal.done = True
                    connection.begin_copy(portal.bound.plan)
                    return
                ahead = connection.peek()
                if ahead is None:
                    connection.hold(message)
                    return
                if type(ahead) is not m.Sync or message.rows_max:
                    sql.begin_implicit()
            if message.rows_max:
                self._execute_part(portal, message.rows_max)
                return
            portal.done = True
            self._execute_all(portal)
        except FivefoldError as error:
            sql.fail()
            connection.failed(error)

    def _execute_again(self, portal: Portal, name: str) -> None:
        """Answer for a portal that has given all it had."""
        command = portal.bound.plan.command
        if not isinstance(command, c.Query) or portal.bound.plan.writes:
            raise InvalidState(f'portal "{name}" cannot be run', "object_not_in_prerequisite_state")
        self.connection.out.append(encode.command_complete(f"{command.tag} 0"))

    def _execute_all(self, portal: Portal) -> None:
        connection, sql = self.connection, self.connection.sql
        bound, statement = portal.bound, portal.statement
        plan = bound.plan
        if isinstance(plan.command, c.CopyIn):
            connection.begin_copy(plan)
            return
        try:
            if isinstance(plan.command, c.CopyOut) and not sql.failed:
                raise MustWait(for_writer=False)
            values = portal.values + bound.literals if bound.literals else portal.values
            result = sql.run(plan, values, inline=True)
        except StalePlan:
            portal.bound = self._bind_plan(statement)
            check_same(plan, portal.bound.plan)
            self._execute_all(portal)
            return
        except MustWait as wait:
            if wait.for_writer:
                connection.wait(lambda: self._again(portal), connection.waited_in_vain)
            else:
                connection.run_on_worker(self._job(portal), self._done)
            return
        if isinstance(plan.command, c.Empty):
            connection.out.append(encode.EMPTY_QUERY_RESPONSE)
            return
        if result.outputs is None or result.plan is None or sql.settings.changed:
            connection.put_result(result, portal.formats, describe=False)
            return
        rows = result.rows
        assert isinstance(rows, list)
        made = shown(plan, result.outputs, portal.formats, sql.settings)
        for row in rows:
            connection.out.append(made.row(row))
        connection.out.append(complete(result, len(rows)))

    def _again(self, portal: Portal) -> None:
        try:
            self._execute_all(portal)
        except FivefoldError as error:
            self._done(error)

    def _job(self, portal: Portal) -> Job:
        bound, statement = portal.bound, portal.statement
        return Job(
            statement.text,
            bound.plan,
            statement.types,
            portal.values,
            bound.literals,
            portal.formats,
            describe=False,
        )

    def _done(self, error: FivefoldError | None) -> None:
        if error is not None:
            self.connection.sql.fail()
            self.connection.failed(error)

    def _execute_part(self, portal: Portal, rows_max: int) -> None:
        """Give at most ``rows_max`` rows; the portal keeps its place until the transaction ends."""
        connection = self.connection
        plan = portal.bound.plan
        if plan.writes or not isinstance(plan.command, c.Query) or connection.sql.failed:
            portal.done = True
            self._execute_all(portal)
            return
        if portal.reader is None:
            portal.reader = Reader(connection.sql, self._job(portal))
        reader = portal.reader
        reader.begin()

        async def run() -> None:
            def read() -> FivefoldError | None:
                try:
                    reader.read(rows_max)
                except FivefoldError as error:
                    return error
                return None

            failure = await connection.on_worker(read, write=False)
            if failure is not None:
                self._done(failure)
                return
            connection.out.append(reader.data)
            portal.done = not reader.more
            ending = encode.PORTAL_SUSPENDED if reader.more else reader.complete()
            connection.out.append(ending)

        connection.settle()
        connection.start_task(run())

    def sync(self, message: m.Sync) -> None:
        """End the implicit transaction and say ReadyForQuery."""
        connection, sql = self.connection, self.connection.sql
        if sql.implicit:
            try:
                sql.end_implicit()
            except FivefoldError as error:
                connection.failed(error)
                return
        connection.ready()


def _is_frame(plan: Plan) -> bool:
    """Say whether it is a plain BEGIN or COMMIT, which as a rule have nothing to wait for."""
    return type(plan.command) is c.Begin or type(plan.command) is c.Commit


def _nothing() -> None:
    """Do nothing when the writer's place has come: what waits is the next to be read."""


def _declared(oid: int, catalog: Catalog) -> Type | None:
    if oid == 0:
        return None
    found = type_of(oid) or catalog.enum_of(oid)
    if found is None:
        raise InvalidStatement(f"type with OID {oid} does not exist", "undefined_object")
    return None if found.kind is Kind.UNKNOWN else found


def _decoders(plan: Plan, formats: Formats, zone: tzinfo, now: Clock) -> list[Decoder]:
    types = plan.types
    each = spread_formats(formats, len(types), "parameter")
    return [
        binary_input(type_) if form else _text_decoder(type_, zone, now)
        for type_, form in zip(types, each, strict=True)
    ]


def _text_decoder(type_: Type, zone: tzinfo, now: Clock) -> Decoder:
    parse = parser(type_, zone, now)
    checks_zeros = type_.kind in TEXTS or parse is as_is

    def decode(raw: bytes) -> Stored:
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            raise _not_utf8(raw) from None
        if checks_zeros and "\0" in text:
            raise _not_utf8(b"\0")
        return parse(text)

    return decode


def _not_utf8(raw: bytes) -> InvalidValue:
    shown_bytes = " ".join(f"0x{byte:02x}" for byte in raw[:4])
    return InvalidValue(
        f'invalid byte sequence for encoding "UTF8": {shown_bytes}', "character_not_in_repertoire"
    )


def _wrong_count(message: m.Bind, wanted: int) -> InvalidStatement:
    return InvalidStatement(
        f"bind message supplies {len(message.parameters)} parameters, but prepared statement "
        f'"{message.statement}" requires {wanted}',
        "wrong_parameter_count",
    )
