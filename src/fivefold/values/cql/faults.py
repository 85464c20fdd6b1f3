"""What can be wrong with a statement of CQL.

Source: section 9, "Error codes", of the native protocol's specification, version 5. The messages
are Cassandra's.
"""

from __future__ import annotations

from fivefold.errors import Denied, FivefoldError, InvalidStatement, InvalidValue

SERVER = 0x0000
PROTOCOL = 0x000A
BAD_CREDENTIALS = 0x0100
UNAVAILABLE = 0x1000
OVERLOADED = 0x1001
IS_BOOTSTRAPPING = 0x1002
TRUNCATE = 0x1003
WRITE_TIMEOUT = 0x1100
READ_TIMEOUT = 0x1200
READ_FAILURE = 0x1300
FUNCTION_FAILURE = 0x1400
WRITE_FAILURE = 0x1500
SYNTAX = 0x2000
UNAUTHORIZED = 0x2100
INVALID = 0x2200
CONFIGURATION = 0x2300
ALREADY_EXISTS = 0x2400
UNPREPARED = 0x2500


def syntax(message: str, position: int | None = None) -> FivefoldError:
    """Return a syntax error; ``position`` counts characters of the text from 0."""
    at = None if position is None else position + 1
    error = InvalidStatement(message, "syntax_error", position=at)
    error.number = SYNTAX
    return error


def invalid(message: str, code: str = "wrong_object_type") -> FivefoldError:
    """Return the error for what is understood, and wrong (the code is one of InvalidStatement)."""
    error = InvalidStatement(message, code)
    error.number = INVALID
    return error


def invalid_value(message: str, code: str = "invalid_parameter_value") -> FivefoldError:
    """Return the error for a value that does not fit (the code is one of InvalidValue)."""
    error = InvalidValue(message, code)
    error.number = INVALID
    return error


def configuration(message: str) -> FivefoldError:
    """Return the error for options of a schema that do not go together."""
    error = InvalidStatement(message, "invalid_object_definition")
    error.number = CONFIGURATION
    return error


def already_exists(message: str, keyspace: str, table: str = "") -> FivefoldError:
    """Return the error for a keyspace, or a table, that is there."""
    code = "duplicate_table" if table else "duplicate_namespace"
    error = InvalidStatement(message, code)
    error.number = ALREADY_EXISTS
    error.facts = {"keyspace": keyspace, "table": table}
    return error


def function_failed(
    message: str, keyspace: str, name: str, types: tuple[str, ...]
) -> FivefoldError:
    """Return the error of a function that was called."""
    error = InvalidValue(message, "data_exception")
    error.number = FUNCTION_FAILURE
    error.facts = {"keyspace": keyspace, "function": name, "types": types}
    return error


def unauthorized(message: str) -> FivefoldError:
    """Return the error for what is not allowed."""
    error = Denied(message)
    error.number = UNAUTHORIZED
    return error


def unprepared(id: bytes) -> FivefoldError:
    """Return the error for the id of a statement that is not prepared here: prepare it again."""
    error = InvalidStatement(
        f"Prepared query with ID {id.hex()} not found (either the query was not prepared on this"
        " host (maybe the host has been restarted?) or you have prepared too many queries and it"
        " has been evicted from the internal cache)",
        "invalid_prepared_statement",
    )
    error.number = UNPREPARED
    error.facts = {"id": id}
    return error
