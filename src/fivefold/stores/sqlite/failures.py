"""SQLite's errors as fivefold's own, with the constraint, the key and the row named.

SQLite says which columns were not unique but not their values, and of a foreign key not even
its name. Both are found out after the fact: the refused statement is run again inside a
savepoint under temporary triggers that catch the rows, then undone (``Capture``). That costs
under a millisecond and only where a statement failed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import apsw

from fivefold.catalog.containers import ForeignKey, Table
from fivefold.errors import (
    Conflict,
    FivefoldError,
    Internal,
    InvalidState,
    InvalidValue,
    Limit,
    Unavailable,
    Unsupported,
    Violation,
)
from fivefold.plan.statement import Prepared
from fivefold.stores.sqlite import capture, doubles
from fivefold.stores.sqlite.names import null_index_name, rowid_key, table_name
from fivefold.values.types import Stored

if TYPE_CHECKING:
    from fivefold.stores.sqlite.connection import SqliteConnection

CORRUPT_HINT = "Restore the file from a backup; keep this one for a look at what is left."
RESTART_HINT = "Run the whole transaction again."


def guarded(connection: apsw.Connection, text: str, path: str) -> None:
    """Run set-up text; errors become ours."""
    try:
        connection.execute(text).fetchall()
    except apsw.Error as error:
        raise translate(error, path) from None


def unexpected(error: Exception) -> Internal:
    """Return the error for a fault in a function of ours; its cause is for the log."""
    return Internal(f"a function failed: {type(error).__name__}: {error}")


def translate(error: apsw.Error, path: str) -> FivefoldError:
    """Return the error that a caller can act on, for anything but a constraint's refusal."""
    match error:
        case apsw.BusyError() if _extended(error) == apsw.SQLITE_BUSY_SNAPSHOT:
            return Conflict(
                "could not serialize access due to concurrent update",
                "serialization_failure",
                hint=RESTART_HINT,
            )
        case apsw.BusyError() | apsw.LockedError():
            return Conflict(
                "another transaction is writing", "lock_not_available", hint="Try again."
            )
        case apsw.InterruptError():  # in BEGIN and the like, which no deadline ends
            return interrupted(timed_out=False)
        case apsw.AbortError() | apsw.CursorClosedError():
            return InvalidState(
                "the rows that were still to be read went with their transaction",
                "invalid_transaction_state",
            )
        case apsw.NotADBError():
            return Unavailable(
                f'"{path}" is not a fivefold or SQLite database',
                "not_a_store",
                hint="Name a database file, or a file that does not exist yet.",
            )
        case apsw.CorruptError():
            return Unavailable(f'"{path}" is damaged: {error}', "store_corrupt", hint=CORRUPT_HINT)
        case apsw.FullError():
            return Limit(f'no space left for "{path}"', "disk_full", hint="Free some, then go on.")
        case apsw.ReadOnlyError() | apsw.PermissionsError():
            return Unavailable(
                f'"{path}" may not be written', "io_error", hint="Check the permissions."
            )
        case apsw.IOError() | apsw.CantOpenError():
            return Unavailable(f'"{path}" cannot be read or written: {error}', "io_error")
        case apsw.NoMemError():
            return Limit("out of memory", "out_of_memory")
        case apsw.TooBigError():
            return Limit("a value is larger than 1,000,000,000 bytes", "program_limit_exceeded")
        case apsw.MismatchError():
            return InvalidValue("a value does not fit its column", "invalid_parameter_value")
        case apsw.SQLError() if "integer overflow" in str(error):
            return InvalidValue("bigint out of range", "numeric_value_out_of_range")
        case apsw.SQLError() if "offset must be a non-negative" in str(error):
            return _frame_offset(str(error))
        case apsw.SQLError() if "ON CONFLICT clause does not match" in str(error):
            return Unsupported(
                "ON CONFLICT with another condition than the index has is not supported",
                hint="Write the condition just as CREATE INDEX has it.",
            )
        case apsw.SQLError() if "too many" in str(error) or "too large" in str(error):
            return Limit(str(error), "statement_too_complex")
    return Internal(f"the store refused a statement: {error}")


def _frame_offset(said: str) -> InvalidValue:
    """Return the error of a window's frame; constants were looked at when it was rendered."""
    if said.endswith("number"):
        message = "invalid preceding or following size in window function"
    else:
        message = f"{said.partition(' must')[0]} must not be negative"
    return InvalidValue(message, "invalid_preceding_or_following_size")


def _extended(error: apsw.Error) -> int:
    """Return SQLite's extended result code, which apsw sets on the errors of SQLite itself."""
    return int(getattr(error, "extendedresult", 0))


def schema_changed() -> Conflict:
    """Return the error of a statement whose tables were altered after it was prepared."""
    return Conflict(
        "the schema was changed by another session", "serialization_failure", hint=RESTART_HINT
    )


def interrupted(timed_out: bool) -> Limit:
    """Return the error of a statement that was ended by its deadline or by a cancel request."""
    if timed_out:
        return Limit("canceling statement due to statement timeout", "statement_timeout")
    return Limit("canceling statement due to user request", "query_canceled")


def constraint(
    connection: SqliteConnection,
    error: apsw.ConstraintError | apsw.MismatchError,
    prepared: Prepared,
    parameters: Sequence[Stored],
) -> FivefoldError:
    """Return the violation that made SQLite refuse a statement."""
    target = prepared.statement.target
    if target is None:
        return Violation(str(error), "integrity_violation")
    seen = capture.Capture(connection, prepared.text, parameters)
    refusing = _refusing(connection, target, str(error))
    match _extended(error):
        case apsw.SQLITE_MISMATCH:
            return _null_key(target, seen)
        case apsw.SQLITE_CONSTRAINT_UNIQUE | apsw.SQLITE_CONSTRAINT_PRIMARYKEY:
            return _unique(refusing, str(error), seen)
        case apsw.SQLITE_CONSTRAINT_ROWID:
            return _unique(refusing, str(error), seen)
        case apsw.SQLITE_CONSTRAINT_NOTNULL:
            return _not_null(refusing, str(error), seen)
        case apsw.SQLITE_CONSTRAINT_CHECK:
            return _check(refusing, str(error), seen)
        case apsw.SQLITE_CONSTRAINT_FOREIGNKEY | apsw.SQLITE_CONSTRAINT_TRIGGER:
            # RESTRICT is carried out by a trigger of SQLite's own; no other refuses rows.
            catalog = connection.load_catalog()
            double = seen.afterwards(doubles.at_once, catalog)
            if double is not None:
                return double
            found = seen.broken_reference(target, catalog)
            if found is not None:
                return reference_broken(*found)
            return Violation("a foreign key refused the change", "foreign_key_violation")
    return Violation(str(error), "integrity_violation")


def _refusing(connection: SqliteConnection, target: Table, message: str) -> Table:
    """Return the table whose row was refused: the statement's, or one that an action changed."""
    if _refuses(target, message):
        return target
    catalog = connection.load_catalog()
    reached = [target]
    for table in reached:
        for child in catalog.referrers(table):
            if child not in reached:
                if _refuses(child, message):
                    return child
                reached.append(child)
    return target


def _refuses(table: Table, message: str) -> bool:
    """Say whether SQLite's message is about a constraint of the table."""
    kind, _, said = message.partition(" constraint failed: ")
    if kind == "CHECK":
        fully = (key.name for key in table.foreign_keys if key.match_full)
        return said in (*(check.name for check in table.checks), *fully)
    return table.column(_failed_columns(table, message)[0]) is not None


def at_commit(connection: SqliteConnection, error: apsw.Error) -> FivefoldError:
    """Return why a commit failed: a deferred foreign key, or something of the store's own."""
    if not isinstance(error, apsw.ConstraintError):
        return translate(error, str(connection.store.path))
    return deferred(connection)


def deferred(connection: SqliteConnection) -> FivefoldError:
    """Return which constraint, not yet checked, is broken."""
    catalog = connection.load_catalog()
    double = doubles.anywhere(connection.raw, catalog)
    if double is not None:
        return double
    found = capture.broken_anywhere(connection.raw, catalog)
    if found is None:
        return Violation("a deferred foreign key refused the commit", "foreign_key_violation")
    return reference_broken(*found)


def _failed_columns(target: Table, message: str) -> tuple[str, ...]:
    """Take the columns out of 'UNIQUE constraint failed: t.a, t.b'."""
    prefix = table_name(target.namespace, target.name) + "."
    _, _, listed = message.partition(": ")
    return tuple(part.removeprefix(prefix) for part in listed.split(", "))


def _unique(target: Table, message: str, seen: capture.Capture) -> Violation:
    columns = _failed_columns(target, message)
    named = _of_nulls(target, message)
    if named is not None:
        columns = named[1]
    name = next((key.name for key in target.keys if key.columns == columns), None)
    if named is not None:
        name = named[0]
    if name is None:
        name = next(
            (
                index.name
                for index in target.indexes
                if index.unique
                and (
                    tuple(part.expression for part in index.parts) == columns
                    or message.endswith(f"index '{table_name(target.namespace, index.name)}'")
                )
            ),
            ", ".join(columns),
        )
    row = seen.refused_row(target)
    known = row is not None and all(column in row for column in columns)
    values = [row[column] for column in columns] if row is not None and known else None
    return capture.not_unique(target, name, columns, values)


def _of_nulls(target: Table, message: str) -> tuple[str, tuple[str, ...]] | None:
    """Return the name and columns of the key or index whose nulls were found to be equal."""
    found = [(key.name, key.columns) for key in target.keys]
    found += [
        (index.name, tuple(part.expression for part in index.parts)) for index in target.indexes
    ]
    for name, columns in found:
        if message.endswith(f"index '{table_name(target.namespace, null_index_name(name))}'"):
            return name, columns
    return None


def _not_null(target: Table, message: str, seen: capture.Capture) -> Violation:
    (column,) = _failed_columns(target, message)
    return _null_in(target, column, seen.refused_row(target))


def _null_key(target: Table, seen: capture.Capture) -> Violation:
    key = rowid_key(target)
    assert key is not None, "SQLite asks only rowids to be numbers"
    return _null_in(target, key.name, seen.row_without_key(target, key.name))


def _null_in(target: Table, column: str, row: dict[str, Stored] | None) -> Violation:
    return Violation(
        f'null value in column "{column}" of relation "{target.name}" violates not-null constraint',
        "not_null_violation",
        detail=_failing_row(target, row),
        namespace=target.namespace,
        container=target.name,
        column=column,
    )


def _check(target: Table, message: str, seen: capture.Capture) -> Violation:
    name = message.partition(": ")[2]
    if any(key.name == name and key.match_full for key in target.foreign_keys):
        return Violation(
            f'insert or update on table "{target.name}" violates foreign key constraint "{name}"',
            "foreign_key_violation",
            detail="MATCH FULL does not allow mixing of null and nonnull key values.",
            namespace=target.namespace,
            container=target.name,
            constraint=name,
        )
    return Violation(
        f'new row for relation "{target.name}" violates check constraint "{name}"',
        "check_violation",
        detail=_failing_row(target, seen.refused_row(target)),
        namespace=target.namespace,
        container=target.name,
        constraint=name,
    )


def _failing_row(target: Table, row: dict[str, Stored] | None) -> str | None:
    if row is None:
        return None
    shown = ", ".join(capture.shown(row[column.name], column.type) for column in target.columns)
    return f"Failing row contains ({shown})."


def reference_broken(
    child: Table, key: ForeignKey, values: Sequence[Stored], from_child: bool
) -> Violation:
    """Return the violation of ``key`` by ``values``, met on the child's or the parent's side."""
    types = {column.name: column.type for column in child.columns}
    shown = ", ".join(
        capture.shown(value, types[name]) for name, value in zip(key.columns, values, strict=True)
    )
    if from_child:
        message = (
            f'insert or update on table "{child.name}" violates foreign key constraint "{key.name}"'
        )
        detail = (
            f'Key ({", ".join(key.columns)})=({shown}) is not present in table "{key.target[1]}".'
        )
        container, namespace = child.name, child.namespace
    else:
        namespace, container = key.target
        message = (
            f'update or delete on table "{container}" violates foreign key constraint '
            f'"{key.name}" on table "{child.name}"'
        )
        detail = (
            f"Key ({', '.join(key.target_columns)})=({shown}) "
            f'is still referenced from table "{child.name}".'
        )
        container, namespace = child.name, child.namespace
    return Violation(
        message,
        "foreign_key_violation",
        detail=detail,
        namespace=namespace,
        container=container,
        constraint=key.name,
    )
