"""The SQL commands that are no queries: one function each, and one table of them.

Each takes the session, its plan, the command and the parameters. What they share of the session
(``engine/sql.py``) is its transaction, its settings and its prepared statements.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from fivefold.engine import temporary
from fivefold.engine.plans import Plan
from fivefold.engine.results import PreparedText, Result
from fivefold.errors import InvalidState, InvalidStatement, Unsupported
from fivefold.languages.sql import commands as c
from fivefold.plan.statement import Output, Statement
from fivefold.stores.contract import Connection
from fivefold.values.types import TEXT, Row, Stored

if TYPE_CHECKING:
    from fivefold.engine.sql import SqlSession

Values = Sequence[Stored]


def truncate(session: SqlSession, plan: Plan, command: c.Truncate, _: Values) -> Result:
    """Empty tables, and start their sequences again if asked."""
    session.check_writable(command.tag)

    def work(connection: Connection) -> None:
        session.use(connection)
        connection.truncate(command.tables, plan.prepared)
        for sequence in command.restarts:
            connection.restart(sequence)

    session.session.perform(session.limited(work), write=True, several=True, version=plan.version)
    return Result(command.tag)


def schema(session: SqlSession, plan: Plan, command: c.Schema, _: Values) -> Result:
    """Change the schema, and fill what CREATE TABLE AS made."""
    session.check_writable(command.tag)
    if not command.changes:
        return Result(command.tag, notices=command.notices)
    if command.on_commit:
        temporary.note(session, command.changes, command.on_commit)
    if command.fill is None and command.empty is None:
        session.session.change_schema(command.changes, plan.version)
        return Result(command.tag, notices=command.notices)
    opened = not session.session.open
    if opened:
        session.begin_implicit()
    try:
        session.session.change_schema(command.changes, plan.version)
        if command.empty is not None:
            _fill(session, command.empty)
        count = None if command.fill is None else _fill(session, command.fill)
    except BaseException:
        if opened:
            session.end(commit=False)
        raise
    if opened:
        session.end(commit=True)
    shown = count if command.tag == "SELECT" else None
    return Result(command.tag, count=shown, notices=command.notices)


def with_temporary(
    session: SqlSession, plan: Plan, command: c.WithTemporary, values: Values
) -> Result:
    """Make room for what is temporary, then run the statement that wants it."""
    session.check_writable(command.tag)
    temporary.make(session)
    return session.execute(command.text, values)


def several(session: SqlSession, plan: Plan, command: c.Several, _: Values) -> Result:
    """Run the statements that one stands for, in a transaction."""
    from fivefold.languages.sql.bind.relations import quoted_name

    session.check_writable(command.tag)
    opened = not session.session.open
    if opened:
        session.begin_implicit()
    notices: list[c.Notice] = []
    path = session.settings.values["search_path"]
    try:
        for number, text in enumerate(command.texts):
            if number == 1 and command.schema is not None:
                own = quoted_name(command.schema)
                _look_in(session, f"{own}, {path}" if path else own)
            notices += session.execute(text).notices
        if command.schema is not None:
            _look_in(session, path)
    except BaseException:
        if opened:
            session.end(commit=False)
        raise
    if opened:
        session.end(commit=True)
    return Result(command.tag, notices=tuple(notices))


def _look_in(session: SqlSession, path: str) -> None:
    found = path or "''"
    session.execute(f"SET LOCAL search_path = {found}")


def database(session: SqlSession, plan: Plan, command: c.Database, _: Values) -> Result:
    """Make or drop a database."""
    from fivefold.engine.databases import carry_out

    return carry_out(session, command)


def _fill(session: SqlSession, statement: Statement) -> int:
    prepared = session.engine.store.prepare(statement)

    def work(connection: Connection) -> int:
        session.use(connection, prepared.statement)
        connection.run(prepared)
        return connection.changes()

    return session.session.perform(session.limited(work), write=True)


def begin(session: SqlSession, plan: Plan, command: c.Begin, _: Values) -> Result:
    """Open a transaction."""
    notices: tuple[c.Notice, ...] = ()
    if session.session.open and not session.implicit:
        notice = "there is already a transaction in progress"
        notices = (c.Notice(notice, "WARNING", "active_transaction"),)
    elif session.implicit:
        session.implicit = False
    else:
        session.begin()
    _set_modes(session, command.isolation, command.read_only, command.deferrable)
    return Result(command.tag, notices=notices)


def commit(session: SqlSession, plan: Plan, command: c.Commit, _: Values) -> Result:
    """Commit; a failed transaction is rolled back, and the tag says so."""
    if not session.session.open or session.implicit:
        return _no_transaction(session, command, commit=True)
    tag = "ROLLBACK" if session.failed else command.tag
    _end(session, command, commit=not session.failed)
    return Result(tag)


def _end(session: SqlSession, command: c.Commit | c.Rollback, *, commit: bool) -> None:
    """End the transaction; with AND CHAIN the next one begins in the same modes."""
    isolation, read_only = session.isolation, session.read_only
    session.end(commit=commit)
    if command.chain:
        session.begin()
        _set_modes(session, isolation, read_only, None)


def rollback(session: SqlSession, plan: Plan, command: c.Rollback, _: Values) -> Result:
    """Roll back."""
    if not session.session.open or session.implicit:
        return _no_transaction(session, command, commit=False)
    _end(session, command, commit=False)
    return Result(command.tag)


def _no_transaction(session: SqlSession, command: c.Commit | c.Rollback, *, commit: bool) -> Result:
    if command.chain:
        raise InvalidState(
            f"{command.tag} AND CHAIN can only be used in transaction blocks",
            "no_active_transaction",
        )
    if session.implicit:
        session.end(commit=commit)
    notice = c.Notice("there is no transaction in progress", "WARNING", "no_active_transaction")
    return Result(command.tag, notices=(notice,))


def _in_block(session: SqlSession, what: str) -> None:
    if not session.session.open or session.implicit:
        raise InvalidState(
            f"{what} can only be used in transaction blocks", "no_active_transaction"
        )


def savepoint(session: SqlSession, plan: Plan, command: c.Savepoint, _: Values) -> Result:
    """Mark a place inside the transaction."""
    _in_block(session, "SAVEPOINT")
    session.savepoint(command.name)
    return Result(command.tag)


def release(session: SqlSession, plan: Plan, command: c.Release, _: Values) -> Result:
    """Forget a savepoint."""
    _in_block(session, "RELEASE SAVEPOINT")
    session.release(command.name)
    return Result(command.tag)


def rollback_to(
    session: SqlSession, plan: Plan, command: c.RollbackTo, _: Sequence[Stored]
) -> Result:
    """Undo what came after a savepoint, a failure too."""
    _in_block(session, "ROLLBACK TO SAVEPOINT")
    session.rollback_to(command.name)
    return Result(command.tag)


def set_(session: SqlSession, plan: Plan, command: c.Set, _: Values) -> Result:
    """Set a setting."""
    notices: tuple[c.Notice, ...] = ()
    if command.local and not session.session.open:
        notice = "SET LOCAL can only be used in transaction blocks"
        return Result(command.tag, notices=(c.Notice(notice, "WARNING", "no_active_transaction"),))
    # These are the transaction's own, and gone with it.
    own = command.name.startswith("transaction_")
    if own and session.session.open and command.value is not None:
        _set_mode(session, command.name, command.value)
    session.settings.set(command.name, command.value, local=command.local or own)
    if own and not session.session.open:
        session.settings.set(command.name, None)
    session.planner.forget()
    return Result(command.tag, notices=notices)


def _set_mode(session: SqlSession, name: str, value: str) -> None:
    """Set a mode of the transaction by the name of its setting."""
    if name == "transaction_isolation":
        _set_modes(session, value.lower(), None, None)
        return
    wanted = value.lower() in ("on", "true", "yes", "1")
    if name == "transaction_read_only":
        _set_modes(session, None, wanted, None)
    else:
        _set_modes(session, None, None, wanted)


def set_transaction(
    session: SqlSession, plan: Plan, command: c.SetTransaction, _: Sequence[Stored]
) -> Result:
    """Set the transaction's access mode, or the session's default."""
    if command.session:
        if command.isolation is not None:
            session.settings.set("default_transaction_isolation", command.isolation)
        if command.read_only is not None:
            value = "on" if command.read_only else "off"
            session.settings.set("default_transaction_read_only", value)
        if command.deferrable is not None:
            value = "on" if command.deferrable else "off"
            session.settings.set("default_transaction_deferrable", value)
        return Result(command.tag)
    if not session.session.open:
        notice = "SET TRANSACTION can only be used in transaction blocks"
        return Result(command.tag, notices=(c.Notice(notice, "WARNING", "no_active_transaction"),))
    _set_modes(session, command.isolation, command.read_only, command.deferrable)
    return Result(command.tag)


def _set_modes(
    session: SqlSession, isolation: str | None, read_only: bool | None, deferrable: bool | None
) -> None:
    """Set the modes of the open transaction; what a query has relied on cannot change."""
    inner, queried = session.depth > 0, session.session.started
    if isolation is not None:
        if isolation != session.isolation:
            what = "SET TRANSACTION ISOLATION LEVEL must"
            if inner:
                raise _too_late(f"{what} not be called in a subtransaction")
            if queried:
                raise _too_late(f"{what} be called before any query")
        session.isolation = isolation
        session.settings.set("transaction_isolation", isolation, local=True)
    if read_only is not None:
        if session.read_only and not read_only:
            if inner:
                raise _too_late(
                    "cannot set transaction read-write mode inside a read-only transaction"
                )
            if queried:
                raise _too_late("transaction read-write mode must be set before any query")
        session.read_only = read_only
    if deferrable is not None:
        what = "SET TRANSACTION [NOT] DEFERRABLE"
        if inner:
            raise _too_late(f"{what} cannot be called within a subtransaction")
        if queried:
            raise _too_late(f"{what} must be called before any query")
        session.settings.set("transaction_deferrable", "on" if deferrable else "off", local=True)


def _too_late(message: str) -> InvalidState:
    return InvalidState(message, "active_transaction")


def reset(session: SqlSession, plan: Plan, command: c.Reset, _: Values) -> Result:
    """Set a setting, or all, to the default."""
    if command.name == "all":
        session.settings.reset_all()
    else:
        session.settings.set(command.name, None)
    session.planner.forget()
    return Result(command.tag)


def show(session: SqlSession, plan: Plan, command: c.Show, _: Values) -> Result:
    """Return the value of a setting, or of all."""
    if command.name == "all":
        outputs = (Output("name", TEXT), Output("setting", TEXT), Output("description", TEXT))
        rows: list[Row] = [(name, value, "") for name, value in session.settings.all()]
        return Result(command.tag, outputs, rows)
    value = session.settings.get(command.name)
    if command.name == "transaction_read_only" and session.session.open:
        value = "on" if session.read_only else "off"
    return Result(command.tag, (Output(session.settings.shown(command.name), TEXT),), [(value,)])


def discard(session: SqlSession, plan: Plan, command: c.Discard, _: Values) -> Result:
    """Forget what the session made."""
    if command.what == "all":
        if session.session.open:
            raise InvalidState(
                "DISCARD ALL cannot run inside a transaction block", "active_transaction"
            )
        session.settings.reset_all()
        session.prepared.clear()
        session.reading.close_cursors()
        if session.session.locks is not None:
            session.session.locks.unlock_all()
    if command.what in ("all", "temp", "temporary"):
        temporary.drop_all(session)
    if command.what in ("all", "sequences"):
        session.forget_sequences()
    session.planner.forget()
    return Result(command.tag)


def prepare(session: SqlSession, plan: Plan, command: c.Prepare, _: Values) -> Result:
    """Prepare a statement by name."""
    if command.name in session.prepared:
        raise InvalidStatement(
            f'prepared statement "{command.name}" already exists',
            "duplicate_prepared_statement",
        )
    session.plan(command.text, command.types)
    session.prepared[command.name] = PreparedText(command.text, command.types)
    return Result(command.tag)


def execute(session: SqlSession, plan: Plan, command: c.Execute, _: Values) -> Result:
    """Run a prepared statement."""
    known = session.find_prepared(command.name)
    return session.execute(known.text, arguments(session, known, command), known.types)


def arguments(session: SqlSession, known: PreparedText, command: c.Execute) -> Values:
    """Return the values that EXECUTE gives to the parameters of a prepared statement."""
    # Their types are those that the prepared statement found for its parameters.
    types = session.plan(known.text, known.types)[0].types
    if len(types) != len(command.arguments):
        raise InvalidStatement(
            f'wrong number of parameters for prepared statement "{command.name}"',
            "syntax_error",
            detail=f"Expected {len(types)} parameters but got {len(command.arguments)}.",
        )
    if not types:
        return ()
    listed = ", ".join(
        f"CAST(({text}) AS {type_})" for text, type_ in zip(command.arguments, types, strict=True)
    )
    return next(iter(session.execute(f"SELECT {listed}").rows))


def explain(session: SqlSession, plan: Plan, command: c.Explain, values: Values) -> Result:
    """Explain a statement."""
    from fivefold.engine.explaining import explain

    return explain(session, plan, command, values)


def deallocate(
    session: SqlSession, plan: Plan, command: c.Deallocate, _: Sequence[Stored]
) -> Result:
    """Forget a prepared statement, or all."""
    if command.name is None:
        session.prepared.clear()
    else:
        session.find_prepared(command.name)
        del session.prepared[command.name]
    return Result(command.tag)


def nothing(
    session: SqlSession, plan: Plan, command: c.Nothing | c.Empty, _: Sequence[Stored]
) -> Result:
    """Answer what asks for nothing here."""
    return Result(command.tag, notices=getattr(command, "notices", ()))


def unsupported(session: SqlSession, plan: Plan, command: c.Command, _: Values) -> Result:
    """Refuse what fivefold does not do yet."""
    word, hint = _NOT_YET[type(command)]
    raise Unsupported(f"{word} is not supported yet", hint=hint)


_SHARED = ("ACCESS SHARE", "ROW SHARE")


def lock_tables(session: SqlSession, plan: Plan, command: c.LockTables, _: Values) -> Result:
    """Lock tables: where one writes at a time, by taking the writer's place."""
    if not session.session.open:
        raise InvalidState(
            "LOCK TABLE can only be used in transaction blocks", "no_active_transaction"
        )
    names = [(one.namespace, one.name) for one in command.tables]

    def work(connection: Connection) -> None:
        connection.lock(names, command.mode, nowait=command.nowait)

    write = command.mode not in _SHARED
    perform = session.session.perform
    limited = session.limited(work)
    if command.nowait:
        with session.not_waiting(f'relation "{command.tables[0].name}"'):
            perform(limited, write=write, version=plan.version)
    else:
        perform(limited, write=write, version=plan.version)
    return Result(command.tag)


def upkeep(session: SqlSession, plan: Plan, command: c.Upkeep, _: Values) -> Result:
    """Count what tables and indexes hold, so that the store plans by it."""
    if command.vacuum and session.session.open:
        raise InvalidState("VACUUM cannot run inside a transaction block", "active_transaction")
    names = [(one.namespace, one.name) for one in command.tables]

    def work(connection: Connection) -> None:
        session.use(connection)
        connection.analyze(names)

    if names:
        session.check_writable(command.tag)
        session.session.perform(session.limited(work), write=True, version=plan.version)
    return Result(command.tag, notices=command.notices)


def set_constraints(
    session: SqlSession, plan: Plan, command: c.SetConstraints, _: Values
) -> Result:
    """Say when foreign keys are checked, for the rest of the transaction."""
    if not session.session.open:
        notice = "SET CONSTRAINTS can only be used in transaction blocks"
        return Result(command.tag, notices=(c.Notice(notice, "WARNING", "no_active_transaction"),))

    def work(connection: Connection) -> None:
        session.use(connection)
        catalog = session.session.snapshot.catalog
        checks = connection.set_constraints(command.names, command.deferred, catalog)
        session.session.checks = checks

    session.session.perform(session.limited(work), write=False, version=plan.version)
    return Result(command.tag)


_NOT_YET: dict[type, tuple[str, str]] = {
    c.CopyIn: ("COPY FROM STDIN outside the PostgreSQL protocol", "Use INSERT."),
    c.CopyOut: ("COPY TO STDOUT outside the PostgreSQL protocol", "Use SELECT."),
}


def cursor(session: SqlSession, plan: Plan, command: Any, values: Values) -> Result:
    """Declare a cursor, fetch from it, move it or close it."""
    from fivefold.engine import cursors

    if isinstance(command, c.Declare):
        return cursors.declare(session, plan, command, values)
    if isinstance(command, c.Fetch):
        return cursors.fetch(session, plan, command, values)
    return cursors.close(session, plan, command, values)


# Each takes the command it stands beside, which no type can say of a whole table.
HANDLERS: dict[type, Any] = {
    c.Truncate: truncate,
    c.Schema: schema,
    c.Database: database,
    c.WithTemporary: with_temporary,
    c.Several: several,
    c.Begin: begin,
    c.Commit: commit,
    c.Rollback: rollback,
    c.Savepoint: savepoint,
    c.Release: release,
    c.RollbackTo: rollback_to,
    c.SetTransaction: set_transaction,
    c.Set: set_,
    c.Reset: reset,
    c.Show: show,
    c.Discard: discard,
    c.Prepare: prepare,
    c.Execute: execute,
    c.Deallocate: deallocate,
    c.Explain: explain,
    c.LockTables: lock_tables,
    c.Upkeep: upkeep,
    c.SetConstraints: set_constraints,
    c.Declare: cursor,
    c.Fetch: cursor,
    c.CloseCursor: cursor,
    c.Nothing: nothing,
    c.Empty: nothing,
    **dict.fromkeys(_NOT_YET, unsupported),
}

MAY_WAIT = frozenset(
    {truncate, schema, several, database, with_temporary, discard, execute, explain, lock_tables}
    | {cursor, set_constraints, upkeep}
)
