"""PEP 249: ``fivefold.connect`` and what belongs to it.

Source: peps.python.org/pep-0249. A transaction begins with the first statement and ends with
``commit`` or ``rollback``; ``autocommit`` may be set to True outside one.
"""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Any, Self

from fivefold import errors as kinds
from fivefold.api.database import Database, open_database
from fivefold.api.parameters import Parameters, convert
from fivefold.api.result import Description, Result
from fivefold.api.sql import SqlDoor
from fivefold.engine.session import Session
from fivefold.errors import FivefoldError
from fivefold.values.python import Loads

apilevel = "2.0"
threadsafety = 1
paramstyle = "pyformat"

Date = datetime.date
Time = datetime.time
Timestamp = datetime.datetime
DateFromTicks = datetime.date.fromtimestamp
TimestampFromTicks = datetime.datetime.fromtimestamp
Binary = bytes


def TimeFromTicks(ticks: float) -> datetime.time:
    """Return the local time of day at a Unix time."""
    return datetime.datetime.fromtimestamp(ticks).time()


class _Types(frozenset[str]):
    """A PEP 249 type object: equal to each of the type names in it, whatever their modifiers."""

    def __eq__(self, other: object) -> bool:
        if isinstance(other, str):
            return re.sub(r"\(.*?\)", "", other) in self
        return frozenset.__eq__(self, other)

    __hash__ = frozenset.__hash__


STRING = _Types({"text", "character varying", "character", "name", "uuid", "json", "jsonb"})
BINARY = _Types({"bytea"})
NUMBER = _Types({"smallint", "integer", "bigint", "numeric", "real", "double precision"})
DATETIME = _Types(
    {"date", "time without time zone", "timestamp without time zone", "timestamp with time zone"}
)
ROWID = _Types({"oid"})


class Warning(Exception):
    """PEP 249's Warning; fivefold raises none."""


class Error(Exception):
    """Base of the errors; ``cause`` is fivefold's own, ``code`` its stable code."""

    def __init__(self, message: str, cause: FivefoldError | None = None) -> None:
        super().__init__(message)
        self.cause = cause
        self.code = None if cause is None else cause.code


class InterfaceError(Error):
    """The interface was used wrongly."""


class DatabaseError(Error):
    """The database refused."""


class DataError(DatabaseError):
    """A value does not fit."""


class OperationalError(DatabaseError):
    """The database cannot now: a conflict, a limit, a store that is away."""


class IntegrityError(DatabaseError):
    """A constraint refused the change."""


class InternalError(DatabaseError):
    """The session is in a state in which this cannot be done, or fivefold is at fault."""


class ProgrammingError(DatabaseError):
    """The statement is wrong."""


class NotSupportedError(DatabaseError):
    """fivefold does not do this."""


_CLASSES: dict[type[FivefoldError], type[Error]] = {
    kinds.InvalidStatement: ProgrammingError,
    kinds.InvalidValue: DataError,
    kinds.Violation: IntegrityError,
    kinds.Conflict: OperationalError,
    kinds.InvalidState: InternalError,
    kinds.Denied: OperationalError,
    kinds.Limit: OperationalError,
    kinds.Unsupported: NotSupportedError,
    kinds.Unavailable: OperationalError,
    kinds.ProtocolFault: OperationalError,
    kinds.Internal: InternalError,
}


def translate(error: FivefoldError) -> Error:
    """Return PEP 249's error for one of fivefold's."""
    message = error.message
    if error.detail:
        message += f"\nDETAIL: {error.detail}"
    if error.hint:
        message += f"\nHINT: {error.hint}"
    return _CLASSES[type(error)](message, error)


class Connection:
    """A PEP 249 connection: one session over an open database.

    ``on_close`` is called once, when it has been closed; ``loads`` reads JSON instead of Python's.
    """

    Warning = Warning
    Error = Error
    InterfaceError = InterfaceError
    DatabaseError = DatabaseError
    DataError = DataError
    OperationalError = OperationalError
    IntegrityError = IntegrityError
    InternalError = InternalError
    ProgrammingError = ProgrammingError
    NotSupportedError = NotSupportedError

    def __init__(
        self,
        database: Database,
        on_close: Callable[[], None] | None = None,
        loads: Loads | None = None,
    ) -> None:
        self._session = Session(database.engine, user=database.user)
        self._door = SqlDoor(self._session, loads)
        self._on_close = on_close
        self.closed = False
        self.autocommit = False

    @property
    def in_transaction(self) -> bool:
        """Say whether a transaction is open."""
        return self._session.open

    def cursor(self, name: str | None = None) -> Cursor:
        """Return a new cursor; one with a name reads rows as they are fetched (streaming.py)."""
        self._check_open()
        if name is None:
            return Cursor(self)
        from fivefold.api.streaming import StreamingCursor

        return StreamingCursor(self, name)

    def forget(self, cursor: str) -> None:
        """Close SQL's cursor of that name, if there is one."""
        if cursor in self._door.session.reading.cursors:
            self._door.session.reading.close_cursor(cursor)

    def run(self, text: str, parameters: Parameters | None) -> Result:
        """Run one statement, beginning a transaction if none is open.

        Without parameters the text is taken as it is; with none in them, a percent sign is ``%%``.
        """
        self._check_open()
        try:
            if not self.autocommit and not self._session.open:
                self._door.session.begin()
            if parameters is None:
                return self._door.run(text)
            return self._door.run(text if parameters else convert(text)[0], parameters)
        except FivefoldError as error:
            raise translate(error) from error

    def commit(self) -> None:
        """Commit; nothing happens if no transaction is open."""
        self._end(commit=True)

    def rollback(self) -> None:
        """Roll back; nothing happens if no transaction is open."""
        self._end(commit=False)

    def _end(self, *, commit: bool) -> None:
        self._check_open()
        if not self._session.open:
            return
        failed = self._door.session.failed
        try:
            self._door.session.end(commit=commit and not failed)
        except FivefoldError as error:
            raise translate(error) from error
        if commit and failed:
            raise InternalError("a statement failed in this transaction: it was rolled back")

    def _check_open(self) -> None:
        if self.closed:
            raise InterfaceError("the connection is closed")

    def close(self) -> None:
        """Roll back what is open; a database that ``connect`` opened is closed too."""
        if not self.closed:
            self.closed = True
            self._session.close()
            if self._on_close is not None:
                self._on_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Commit, or roll back after an exception; the connection stays open, as in sqlite3."""
        if kind is None:
            self.commit()
        else:
            self.rollback()


class Cursor:
    """A PEP 249 cursor."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.arraysize = 1
        self._result: Result | None = None
        self._changed = -1
        self._closed = False

    @property
    def description(self) -> list[Description] | None:
        """Return the columns of the last statement's rows, or None."""
        return None if self._result is None else self._result.description

    @property
    def rowcount(self) -> int:
        """Return the rows changed or returned by the last statement, or -1."""
        return self._changed

    def execute(self, operation: str, parameters: Parameters | None = None) -> Self:
        """Run one statement. A percent sign in it is ``%%``, unless no parameters are given."""
        self._check_open()
        self._result, self._changed = None, -1
        self._result = self.connection.run(operation, parameters)
        self._changed = self._result.rowcount
        return self

    def executemany(self, operation: str, seq_of_parameters: Sequence[Parameters]) -> Self:
        """Run one statement for each set of parameters."""
        changed = 0
        for parameters in seq_of_parameters:
            self.execute(operation, parameters)
            changed += max(self._changed, 0)
        self._changed = changed
        return self

    def _rows(self) -> Result:
        self._check_open()
        if self._result is None or self._result.description is None:
            raise ProgrammingError("the last statement returned no rows to fetch")
        return self._result

    def fetchone(self) -> tuple[Any, ...] | None:
        """Return the next row, or None."""
        return self._rows().fetchone()

    def fetchmany(self, size: int | None = None) -> list[tuple[Any, ...]]:
        """Return the next rows, ``arraysize`` of them unless told."""
        return self._rows().fetchmany(self.arraysize if size is None else size)

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Return all rows that are left."""
        return self._rows().fetchall()

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return iter(self._rows())

    def setinputsizes(self, sizes: Sequence[object]) -> None:
        """Do nothing: sizes need not be told beforehand."""

    def setoutputsize(self, size: int, column: int | None = None) -> None:
        """Do nothing: sizes need not be told beforehand."""

    def _check_open(self) -> None:
        if self._closed:
            raise InterfaceError("the cursor is closed")
        self.connection._check_open()

    def close(self) -> None:
        """Close the cursor."""
        self._closed = True
        self._result = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def opened(path: str | os.PathLike[str], **options: Any) -> Database:
    """Open a database as ``fivefold.open`` does. Raises Error."""
    try:
        return open_database(path, **options)
    except FivefoldError as error:
        raise translate(error) from error


def connect(path: str | os.PathLike[str], **options: Any) -> Connection:
    """Open a database and return a PEP 249 connection; options are those of ``fivefold.open``."""
    database = opened(path, **options)
    return Connection(database, database.close)
