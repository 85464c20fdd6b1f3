"""Errors as Cassandra's clients know them: a number, a message, and what belongs to the number.

An error that CQL raises has its number (``FivefoldError.number``, see ``values/cql/faults.py``).
What comes from below, the stores' conflicts and limits, has a code of fivefold's only: ``NUMBERS``
says which of Cassandra's comes nearest.

Source: native_protocol_v5.spec, section 9; v3 and v4 for what they know less of.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping

from fivefold.errors import CODES, FivefoldError, Internal, ProtocolFault
from fivefold.values.cql import faults
from fivefold.wire.cassandra.encode import short_bytes, string, strings

_BY_KIND = {
    "InvalidStatement": faults.INVALID,
    "InvalidValue": faults.INVALID,
    "Violation": faults.INVALID,
    "Conflict": faults.WRITE_TIMEOUT,
    "InvalidState": faults.INVALID,
    "Denied": faults.UNAUTHORIZED,
    "Limit": faults.INVALID,
    "Unsupported": faults.INVALID,
    "Unavailable": faults.UNAVAILABLE,
    "ProtocolFault": faults.PROTOCOL,
    "Internal": faults.SERVER,
}

_BY_CODE = {
    "syntax_error": faults.SYNTAX,
    "invalid_password": faults.BAD_CREDENTIALS,
    "invalid_authorization": faults.BAD_CREDENTIALS,
    "query_canceled": faults.READ_TIMEOUT,
    "statement_timeout": faults.READ_TIMEOUT,
    "idle_transaction_timeout": faults.SERVER,
    "too_many_connections": faults.OVERLOADED,
    "out_of_memory": faults.OVERLOADED,
    "disk_full": faults.SERVER,
    "store_corrupt": faults.SERVER,
    "io_error": faults.SERVER,
    "closed": faults.SERVER,
}

NUMBERS: dict[str, int] = {
    code: _BY_CODE.get(code, _BY_KIND[kind.__name__]) for code, kind in CODES.items()
}
"""Cassandra's number for each code of ``errors.CODES``."""

OLDER: Mapping[int, Mapping[int, int]] = {
    3: {
        faults.READ_FAILURE: faults.READ_TIMEOUT,
        faults.WRITE_FAILURE: faults.WRITE_TIMEOUT,
        faults.FUNCTION_FAILURE: faults.INVALID,
    }
}
"""What versions call numbers that they do not know."""

_int = struct.Struct(">i").pack
_short = struct.Struct(">H").pack
_level_of_nodes = struct.Struct(">Hii").pack

_NODES = 1
"""How many nodes there are; of those that were needed none has answered."""


def _unavailable(error: FivefoldError, consistency: int, version: int) -> bytes:
    return _level_of_nodes(consistency, _NODES, 0)


def _write_timeout(error: FivefoldError, consistency: int, version: int) -> bytes:
    return _level_of_nodes(consistency, 0, _NODES) + string("SIMPLE")


def _read_timeout(error: FivefoldError, consistency: int, version: int) -> bytes:
    return _level_of_nodes(consistency, 0, _NODES) + b"\0"


def _no_reasons(version: int) -> bytes:
    """Return a number of failures before version 5, a map of their reasons from there on."""
    return _int(0)


def _read_failure(error: FivefoldError, consistency: int, version: int) -> bytes:
    return _level_of_nodes(consistency, 0, _NODES) + _no_reasons(version) + b"\0"


def _write_failure(error: FivefoldError, consistency: int, version: int) -> bytes:
    return _level_of_nodes(consistency, 0, _NODES) + _no_reasons(version) + string("SIMPLE")


def _function_failure(error: FivefoldError, consistency: int, version: int) -> bytes:
    facts = error.facts
    types = facts.get("types", ())
    assert isinstance(types, tuple)
    return (
        string(str(facts.get("keyspace", "")))
        + string(str(facts.get("function", "")))
        + strings(types)
    )


def _already_exists(error: FivefoldError, consistency: int, version: int) -> bytes:
    facts = error.facts
    return string(str(facts.get("keyspace", ""))) + string(str(facts.get("table", "")))


def _unprepared(error: FivefoldError, consistency: int, version: int) -> bytes:
    id = error.facts.get("id", b"")
    assert isinstance(id, bytes)
    return short_bytes(id)


FIELDS: Mapping[int, Callable[[FivefoldError, int, int], bytes]] = {
    faults.UNAVAILABLE: _unavailable,
    faults.WRITE_TIMEOUT: _write_timeout,
    faults.READ_TIMEOUT: _read_timeout,
    faults.READ_FAILURE: _read_failure,
    faults.WRITE_FAILURE: _write_failure,
    faults.FUNCTION_FAILURE: _function_failure,
    faults.ALREADY_EXISTS: _already_exists,
    faults.UNPREPARED: _unprepared,
}
"""What follows the message, by the number: of an error, a consistency and a version."""


def number_of(error: FivefoldError, version: int) -> int:
    """Return Cassandra's number of an error."""
    number = NUMBERS[error.code] if error.number is None else error.number
    return OLDER.get(version, {}).get(number, number)


def is_fatal(error: FivefoldError) -> bool:
    """Say whether the connection ends with an error: a fault of the protocol is a message's own."""
    return error.code in ("shutting_down", "too_many_connections")


def encode_error(error: FivefoldError, consistency: int, version: int) -> bytes:
    """Return the body of ERROR; ``consistency`` is what the statement asked for."""
    number = number_of(error, version)
    if isinstance(error, Internal):
        message = "the server failed at this request: its log says how"
    else:
        message = error.message
        if error.hint and not isinstance(error, ProtocolFault):
            message = f"{message}. {error.hint}"
    fields = FIELDS.get(number)
    body = _int(number) + string(message)
    return body if fields is None else body + fields(error, consistency, version)
