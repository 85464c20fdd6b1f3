"""From errors to the numbers, names and documents that MongoDB's clients act upon.

An error that MongoDB's language raises has its number (``FivefoldError.number``). What comes from
below, the stores' conflicts and limits, has a code of fivefold's only: ``NUMBERS`` says which of
MongoDB's comes nearest.

Source: MongoDB manual 7.0, "Error Codes"; labels: the drivers' specifications "Transactions"
("Error Labels") and "Retryable Writes" ("RetryableWriteError").
"""

from __future__ import annotations

from typing import Any

from fivefold.errors import CODES, FivefoldError, Internal
from fivefold.values.documents.faults import name_of

_NOT_BAD_VALUE = {
    # InvalidStatement
    "syntax_error": 9,
    "undefined_table": 26,
    "undefined_namespace": 26,
    "undefined_database": 26,
    "undefined_function": 168,
    "duplicate_table": 48,
    "duplicate_namespace": 48,
    "duplicate_database": 48,
    "duplicate_object": 68,
    "reserved_name": 73,
    "invalid_cursor_name": 43,
    "datatype_mismatch": 14,
    "wrong_object_type": 166,  # mostly a view or a table, where a collection is wanted
    "dependent_objects_still_exist": 20,
    "unknown_command": 59,
    # InvalidValue
    "numeric_value_out_of_range": 15,
    "invalid_json": 22,
    "null_value_not_allowed": 14,
    "wrong_value_kind": 14,
    # Violation
    "integrity_violation": 121,
    "unique_violation": 11000,
    "foreign_key_violation": 121,
    "not_null_violation": 121,
    "check_violation": 121,
    "with_check_option_violation": 121,
    "restrict_violation": 121,
    # Conflict
    "serialization_failure": 112,
    "lock_not_available": 112,
    "deadlock_detected": 112,
    # InvalidState
    "invalid_transaction_state": 20,
    "in_failed_transaction": 251,  # the transaction is over; the client runs it again
    "active_transaction": 263,
    "object_in_use": 117,
    "no_active_transaction": 251,
    "read_only_transaction": 20,
    "invalid_savepoint": 251,
    "object_not_in_prerequisite_state": 20,
    "cant_change_runtime_param": 20,
    "closed": 91,
    # Denied
    "insufficient_privilege": 13,
    "invalid_password": 18,
    "invalid_authorization": 18,
    # Limit
    "program_limit_exceeded": 146,
    "statement_too_complex": 146,
    "query_canceled": 11601,
    "statement_timeout": 50,
    "idle_transaction_timeout": 251,
    "too_many_connections": 365,
    "disk_full": 14031,
    "out_of_memory": 146,
    # Unsupported
    "feature_not_supported": 238,
    # Unavailable: the names of what clients try again
    "store_locked": 112,
    "store_corrupt": 301,
    "not_a_store": 301,
    "store_unreachable": 6,
    "io_error": 8,
    "shutting_down": 91,
    # The rest
    "protocol_violation": 17,
    "internal_error": 1,
}

NUMBERS: dict[str, int] = {code: _NOT_BAD_VALUE.get(code, 2) for code in CODES}
"""Code -> number. A code that is added to ``CODES`` is BadValue unless it is named above."""

TRANSIENT = frozenset({24, 112, 246, 251})
"""What ends a transaction that may succeed if it is run again from its start."""

RETRIABLE = frozenset({6, 7, 89, 91, 134, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436})
"""Not now, but perhaps in a moment: the state of the server, and nothing that the client said."""


def number_of(error: FivefoldError) -> int:
    """Return MongoDB's number of an error."""
    return NUMBERS[error.code] if error.number is None else error.number


def message_of(error: FivefoldError) -> str:
    """Return what the client is told in words; of a fault of ours, no more than that it is one."""
    if isinstance(error, Internal):
        return "internal error"
    parts = (error.message, error.detail, error.hint)
    return "; ".join(part for part in parts if part)


def labels_of(error: FivefoldError, *, inside: bool = False, retryable: bool = False) -> list[str]:
    """Return the labels by which drivers know what to run again.

    ``inside``: it was raised in a transaction; ``retryable``: by a retryable write, or by a
    transaction's commit.
    """
    number = number_of(error)
    labels = []
    if inside and (number in TRANSIENT or number in RETRIABLE):
        labels.append("TransientTransactionError")
    if retryable and number in RETRIABLE:
        labels.append("RetryableWriteError")
    return labels


def write_error(index: int, error: FivefoldError) -> dict[str, Any]:
    """Return the entry of a reply's ``writeErrors`` for the statement of that index, from 0."""
    number = number_of(error)
    return {"index": index, "code": number, "errmsg": message_of(error), **error.facts}


def error_reply(
    error: FivefoldError, *, inside: bool = False, retryable: bool = False
) -> dict[str, Any]:
    """Return the reply of a command that failed."""
    number = number_of(error)
    reply: dict[str, Any] = {"ok": 0.0, "errmsg": message_of(error), "code": number}
    reply["codeName"] = name_of(number)
    reply.update(error.facts)
    labels = labels_of(error, inside=inside, retryable=retryable)
    if labels:
        reply["errorLabels"] = labels
    return reply
