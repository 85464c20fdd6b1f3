"""PostgreSQL's errors as fivefold's own: the same words, the constraint and the row kept."""

from __future__ import annotations

import psycopg
from psycopg import errors

from fivefold.errors import (
    CODES,
    Conflict,
    FivefoldError,
    Internal,
    InvalidState,
    Limit,
    Unavailable,
    Violation,
)

# SQLSTATE -> our code (PostgreSQL manual, appendix A); what is not here goes by its class, below.
_CODES = dict(
    line.split()
    for line in """
    22000 invalid_parameter_value
    22001 string_data_right_truncation
    22003 numeric_value_out_of_range
    22004 null_value_not_allowed
    22007 invalid_datetime_format
    22008 datetime_field_overflow
    22009 invalid_parameter_value
    22011 substring_error
    22013 invalid_preceding_or_following_size
    22014 invalid_argument_for_ntile_function
    22016 invalid_argument_for_nth_value_function
    2201W invalid_row_count_in_limit_clause
    2201X invalid_row_count_in_result_offset_clause
    22012 division_by_zero
    22015 interval_field_overflow
    2201B invalid_regular_expression
    2201G invalid_argument_for_width_bucket
    2201E invalid_argument_for_logarithm
    2201F invalid_argument_for_power_function
    22021 character_not_in_repertoire
    22023 invalid_parameter_value
    22025 invalid_escape_sequence
    2200C invalid_use_of_escape_character
    2202E array_subscript_error
    22030 invalid_json
    22032 invalid_json
    22P02 invalid_text_representation
    22P03 invalid_binary_representation
    22P04 bad_copy_format
    22P05 untranslatable_character
    2200H sequence_limit_exceeded
    21000 cardinality_violation
    23000 integrity_violation
    23001 restrict_violation
    23502 not_null_violation
    23503 foreign_key_violation
    23505 unique_violation
    23514 check_violation
    44000 with_check_option_violation
    23P01 integrity_violation
    25006 read_only_transaction
    2BP01 dependent_objects_still_exist
    40001 serialization_failure
    40P01 serialization_failure
    42501 insufficient_privilege
    42601 syntax_error
    42602 syntax_error
    42611 invalid_column_definition
    42622 syntax_error
    42701 duplicate_column
    42702 ambiguous_column
    42703 undefined_column
    42704 undefined_object
    42710 duplicate_object
    42712 duplicate_alias
    42723 duplicate_object
    42725 ambiguous_function
    42803 grouping_error
    42804 datatype_mismatch
    42809 wrong_object_type
    42830 invalid_foreign_key
    42846 cannot_coerce
    42883 undefined_function
    42939 reserved_name
    42P15 invalid_schema_definition
    42P01 undefined_table
    42P06 duplicate_namespace
    42P07 duplicate_table
    42P02 undefined_parameter
    42P08 ambiguous_parameter
    42P09 ambiguous_alias
    42P10 invalid_column_reference
    42P16 invalid_table_definition
    42P17 invalid_object_definition
    42P18 indeterminate_datatype
    42P19 invalid_recursion
    42P20 windowing_error
    428C9 generated_always
    3F000 undefined_namespace
    0A000 feature_not_supported
    53100 disk_full
    53200 out_of_memory
    53300 store_unreachable
    54000 program_limit_exceeded
    54001 statement_too_complex
    54011 too_many_columns
    54023 too_many_arguments
    55000 object_not_in_prerequisite_state
    55006 object_in_use
    55P02 cant_change_runtime_param
    55P03 lock_not_available
    57014 query_canceled
    57P01 store_unreachable
    57P02 store_unreachable
    57P03 store_unreachable
    58030 io_error
    XX001 store_corrupt
    XX002 store_corrupt
    """.strip().splitlines()
)

RETRY_HINT = "Run the whole transaction again."
LOST_HINT = "Check that the server runs and can be reached, then try again."
_TIMED_OUT = "due to statement timeout"

# A statement that was prepared from a catalog cannot name what does not exist: if it does, the
# schema has changed in between.
STALE = frozenset({"42P01", "42703", "42883", "42704", "3F000"})


def translate(error: psycopg.Error) -> FivefoldError:
    """Return the error that a caller can act on."""
    diagnosis = error.diag
    state = error.sqlstate
    message = diagnosis.message_primary or ""
    if state == "22P02" and REFUSED in message:
        return _refused_by_view(message)
    if state is None:
        return _without_state(error)
    code = _CODES.get(state)
    if code == "query_canceled" and _TIMED_OUT in str(diagnosis.message_primary):
        code = "statement_timeout"
    if code is None:
        code = _by_class(state)
    kind = CODES[code]
    hint = diagnosis.message_hint
    if kind is Conflict and hint is None:
        hint = RETRY_HINT
    elif kind is Unavailable and hint is None:
        hint = LOST_HINT
    return kind(
        diagnosis.message_primary or str(error),
        code,
        detail=diagnosis.message_detail,
        hint=hint,
        namespace=diagnosis.schema_name,
        container=diagnosis.table_name,
        column=diagnosis.column_name,
        constraint=diagnosis.constraint_name,
        type_name=diagnosis.datatype_name,
    )


REFUSED = "fivefold: refused by "
"""Begins what a row is cast from that WITH CHECK OPTION refuses: see render.check_option."""


def _refused_by_view(message: str) -> FivefoldError:
    name, _, row = message.partition(REFUSED)[2].rpartition('"')[0].partition("\n")
    return Violation(
        f'new row violates check option for view "{name}"',
        "with_check_option_violation",
        detail=f"Failing row contains ({row}).",
    )


def _by_class(state: str) -> str:
    match state[:2]:
        case "08" | "57":
            return "store_unreachable"
        case "22":
            return "invalid_parameter_value"
        case "23":
            return "integrity_violation"
        case "25":
            return "invalid_transaction_state"
        case "28":
            return "invalid_authorization"
        case "53":
            return "out_of_memory"
        case "54":
            return "program_limit_exceeded"
        case "58":
            return "io_error"
    return "internal_error"


def _without_state(error: psycopg.Error) -> FivefoldError:
    """Translate what psycopg or libpq says by itself: mostly that the line is broken."""
    if isinstance(error, psycopg.OperationalError):
        first = str(error).strip().splitlines()[0] if str(error).strip() else "connection lost"
        return Unavailable(
            f"PostgreSQL cannot be reached: {first}", "store_unreachable", hint=LOST_HINT
        )
    if isinstance(error, psycopg.DataError):
        kind = CODES["character_not_in_repertoire"]
        return kind(str(error), "character_not_in_repertoire")
    return Internal(f"the store refused a statement: {error}")


def schema_changed() -> Conflict:
    """Return the error of a statement whose tables were altered after it was prepared."""
    return Conflict(
        "the schema was changed by another session", "serialization_failure", hint=RETRY_HINT
    )


def is_cached_plan(error: psycopg.Error) -> bool:
    """Say whether a statement has to be prepared anew, for its columns are others by now."""
    return isinstance(error, errors.FeatureNotSupported) and "cached plan" in str(error)


def timed_out() -> Limit:
    """Return the error of a statement whose deadline has passed."""
    return Limit("canceling statement due to statement timeout", "statement_timeout")


def interrupted() -> Limit:
    """Return the error of a statement that was ended by a cancel request."""
    return Limit("canceling statement due to user request", "query_canceled")


def stream_ended() -> InvalidState:
    """Return the error of going on to read what a transaction read that has ended."""
    return InvalidState(
        "the rows that were still to be read went with their transaction",
        "invalid_transaction_state",
    )


def failed_transaction() -> InvalidState:
    """Return the error of a commit that PostgreSQL turned into a rollback."""
    return InvalidState(
        "the transaction had failed and was rolled back", "in_failed_transaction", hint=RETRY_HINT
    )
