"""Errors as Neo4j's clients know them: status codes, and the GQLSTATUS of version 5.7.

An error that Cypher raises has its status (``facts["status"]``, see ``values/graph/faults.py``).
What comes from below, the stores' conflicts and limits, has a code of fivefold's only: ``STATUSES``
says which of Neo4j's comes nearest. Clients run a transaction again for ``Neo.TransientError``.

Source: Neo4j Status Codes 5: "List of legacy server error codes", "List of all GQLSTATUS server
error codes"; Bolt manual, FAILURE.
"""

from __future__ import annotations

from typing import Any

from fivefold.errors import CODES, FivefoldError, Internal, ProtocolFault, Unavailable
from fivefold.wire.neo4j.messages import Version

_CLIENT = "Neo.ClientError."
_TRANSIENT = "Neo.TransientError."
_DATABASE = "Neo.DatabaseError."

_BY_KIND = {
    "InvalidStatement": f"{_CLIENT}Statement.SemanticError",
    "InvalidValue": f"{_CLIENT}Statement.ArgumentError",
    "Violation": f"{_CLIENT}Schema.ConstraintValidationFailed",
    "Conflict": f"{_TRANSIENT}Transaction.Outdated",
    "InvalidState": f"{_CLIENT}Transaction.Terminated",
    "Denied": f"{_CLIENT}Security.Forbidden",
    "Limit": f"{_CLIENT}Statement.UnsupportedOperationError",
    "Unsupported": f"{_CLIENT}Statement.UnsupportedOperationError",
    "Unavailable": f"{_TRANSIENT}General.DatabaseUnavailable",
    "ProtocolFault": f"{_CLIENT}Request.Invalid",
    "Internal": f"{_DATABASE}General.UnknownError",
}

_BY_CODE = {
    "syntax_error": f"{_CLIENT}Statement.SyntaxError",
    "undefined_database": f"{_CLIENT}Database.DatabaseNotFound",
    "undefined_parameter": f"{_CLIENT}Statement.ParameterMissing",
    "duplicate_database": f"{_CLIENT}Database.ExistingDatabaseFound",
    "numeric_value_out_of_range": f"{_CLIENT}Statement.ArithmeticError",
    "division_by_zero": f"{_CLIENT}Statement.ArithmeticError",
    "wrong_value_kind": f"{_CLIENT}Statement.TypeError",
    "lock_not_available": f"{_TRANSIENT}Transaction.LockAcquisitionTimeout",
    "deadlock_detected": f"{_TRANSIENT}Transaction.DeadlockDetected",
    "no_active_transaction": f"{_CLIENT}Transaction.TransactionNotFound",
    "read_only_transaction": f"{_CLIENT}Statement.AccessMode",
    "invalid_password": f"{_CLIENT}Security.Unauthorized",
    "invalid_authorization": f"{_CLIENT}Security.Unauthorized",
    "statement_timeout": f"{_CLIENT}Transaction.TransactionTimedOutClientConfiguration",
    "idle_transaction_timeout": f"{_CLIENT}Transaction.TransactionTimedOut",
    "too_many_connections": f"{_TRANSIENT}Request.NoThreadsAvailable",
    "query_canceled": f"{_CLIENT}Transaction.Terminated",
    "out_of_memory": f"{_TRANSIENT}General.MemoryPoolOutOfMemoryError",
    "disk_full": f"{_DATABASE}Transaction.TransactionLogError",
    "store_corrupt": f"{_DATABASE}General.StorageDamageDetected",
    "io_error": f"{_DATABASE}General.UnknownError",
}

STATUSES: dict[str, str] = {
    code: _BY_CODE.get(code, _BY_KIND[kind.__name__]) for code, kind in CODES.items()
}
"""Neo4j's status for each code of ``errors.CODES``."""

_GENERAL = ("50N42", "error: general processing exception - unexpected error")
_SYNTAX = "error: syntax error or access rule violation"
_DATA = "error: data exception"
_STATE = "error: invalid transaction state"

GQL: dict[str, tuple[str, str]] = {
    f"{_CLIENT}Statement.SyntaxError": ("42001", f"{_SYNTAX} - invalid syntax"),
    f"{_CLIENT}Statement.SemanticError": ("42000", _SYNTAX),
    f"{_CLIENT}Statement.AccessMode": ("42N02", f"{_SYNTAX} - writing in read access mode"),
    f"{_CLIENT}Procedure.ProcedureNotFound": (
        "42N08",
        f"{_SYNTAX} - no such procedure or function",
    ),
    f"{_CLIENT}Database.DatabaseNotFound": ("42N00", f"{_SYNTAX} - no such database"),
    f"{_CLIENT}Security.Unauthorized": ("42NFF", f"{_SYNTAX} - permission/access denied"),
    f"{_CLIENT}Security.Forbidden": ("42NFF", f"{_SYNTAX} - permission/access denied"),
    f"{_CLIENT}Statement.ParameterMissing": ("42N51", f"{_SYNTAX} - invalid parameter"),
    f"{_CLIENT}Statement.TypeError": ("22G03", f"{_DATA} - invalid value type"),
    f"{_CLIENT}Statement.ArgumentError": ("22000", _DATA),
    f"{_CLIENT}Statement.ArithmeticError": ("22000", _DATA),
    f"{_CLIENT}Statement.EntityNotFound": (
        "25N13",
        f"{_STATE} - cannot access entity after removal",
    ),
    f"{_CLIENT}Schema.ConstraintValidationFailed": ("22000", _DATA),
    f"{_CLIENT}Transaction.TransactionNotFound": (
        "25N04",
        f"{_STATE} - specified transaction does not exist",
    ),
    f"{_CLIENT}Transaction.Terminated": (
        "25N05",
        f"{_STATE} - transaction terminated or closed",
    ),
    f"{_CLIENT}Transaction.TransactionTimedOut": (
        "25N05",
        f"{_STATE} - transaction terminated or closed",
    ),
    f"{_CLIENT}Transaction.TransactionTimedOutClientConfiguration": (
        "25N05",
        f"{_STATE} - transaction terminated or closed",
    ),
    f"{_CLIENT}Request.Invalid": ("08N06", "error: connection exception - protocol error"),
    f"{_TRANSIENT}Transaction.Outdated": ("25N11", f"{_STATE} - conflicting transaction state"),
    f"{_TRANSIENT}General.DatabaseUnavailable": (
        "08N09",
        "error: connection exception - database unavailable",
    ),
}
"""GQLSTATUS and its description for a status; ``_GENERAL`` for others, as Neo4j has it."""

CLASSES = {"Client": "CLIENT_ERROR", "Transient": "TRANSIENT_ERROR", "Database": "DATABASE_ERROR"}


def status_of(error: FivefoldError) -> str:
    """Return Neo4j's status of an error."""
    return str(error.facts.get("status") or STATUSES[error.code])


def is_fatal(error: FivefoldError) -> bool:
    """Say whether the connection ends with an error."""
    if isinstance(error, Unavailable):
        return error.code == "shutting_down"
    return isinstance(error, ProtocolFault)


def failure(error: FivefoldError, version: Version, query: str | None = None) -> dict[str, Any]:
    """Return the metadata of a FAILURE; ``query`` is what the error's position counts in.

    ``diagnostic_record`` came with 5.7; it is said to older clients as well, who ignore it. Its
    names that begin with an underscore are a server's own: ``_detail`` is the reason by which the
    openCypher Technology Compatibility Kit tells errors apart, with its ``_type`` and ``_phase``.
    """
    if isinstance(error, Internal):
        message = "the server failed at this request: its log says how"
    else:
        message = worded(error, query)
    status = status_of(error)
    record: dict[str, Any] = {
        "OPERATION": "",
        "OPERATION_CODE": "0",
        "CURRENT_SCHEMA": "/",
        "_classification": CLASSES[status.split(".")[1].removesuffix("Error")],
    }
    if error.position is not None and query is not None:
        record["_position"] = position(query, error.position - 1)
    for name in ("detail", "type", "phase"):
        if name in error.facts:
            record[f"_{name}"] = error.facts[name]
    if version < (5, 7):
        return {"code": status, "message": message, "diagnostic_record": record}
    gql, description = GQL.get(status, _GENERAL)
    return {
        "neo4j_code": status,
        "message": message,
        "gql_status": gql,
        "description": f"{description}. {message}",
        "diagnostic_record": record,
    }


def position(query: str, offset: int) -> dict[str, int]:
    """Return where a character of a query is, as notifications and errors say it."""
    before = query[:offset]
    return {
        "offset": offset,
        "line": before.count("\n") + 1,
        "column": offset - (before.rfind("\n") + 1) + 1,
    }


def worded(error: FivefoldError, query: str | None) -> str:
    """Return an error's message as Neo4j shows it, with the line of the query that it is about."""
    message = error.message
    if error.hint:
        message = f"{message}. {error.hint}"
    if query is None or error.position is None:
        return message
    at = position(query, error.position - 1)
    line = query.split("\n")[at["line"] - 1].rstrip("\r")
    where = f"(line {at['line']}, column {at['column']} (offset: {at['offset']}))"
    return f'{message} {where}\n"{line}"\n{" " * at["column"]}^'
