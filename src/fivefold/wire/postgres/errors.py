"""The one table from `fivefold.errors.CODES` to SQLSTATE, and errors as messages.

Source: PostgreSQL manual, appendix A, "PostgreSQL Error Codes": where a code is the name of a
condition there, its SQLSTATE; otherwise the nearest, with the reason beside it.
"""

from __future__ import annotations

from fivefold.errors import FivefoldError, Internal
from fivefold.wire.postgres import encode
from fivefold.wire.postgres.messages import Fields

SQLSTATES: dict[str, str] = {
    # InvalidStatement
    "syntax_error": "42601",
    "undefined_table": "42P01",
    "undefined_column": "42703",
    "undefined_function": "42883",
    "undefined_object": "42704",
    "undefined_parameter": "42P02",
    "undefined_namespace": "3F000",  # invalid_schema_name
    "undefined_database": "3D000",  # invalid_catalog_name
    "ambiguous_column": "42702",
    "ambiguous_alias": "42P09",
    "ambiguous_function": "42725",
    "ambiguous_parameter": "42P08",
    "indeterminate_datatype": "42P18",
    "duplicate_table": "42P07",
    "duplicate_column": "42701",
    "duplicate_object": "42710",
    "duplicate_namespace": "42P06",  # duplicate_schema
    "reserved_name": "42939",
    "invalid_grant_operation": "0LP01",
    "invalid_schema_definition": "42P15",
    "duplicate_database": "42P04",
    "duplicate_alias": "42712",
    "duplicate_cursor": "42P03",
    "duplicate_prepared_statement": "42P05",
    "invalid_prepared_statement": "26000",  # invalid_sql_statement_name: there is none of it
    "invalid_cursor_name": "34000",
    "invalid_cursor_definition": "42P11",
    "datatype_mismatch": "42804",
    "cannot_coerce": "42846",
    "wrong_object_type": "42809",
    "grouping_error": "42803",
    "windowing_error": "42P20",
    "invalid_recursion": "42P19",
    "invalid_foreign_key": "42830",
    "invalid_column_reference": "42P10",
    "invalid_column_definition": "42611",
    "invalid_table_definition": "42P16",
    "invalid_object_definition": "42P17",
    "generated_always": "428C9",
    "dependent_objects_still_exist": "2BP01",
    "cardinality_violation": "21000",
    "too_many_columns": "54011",
    "too_many_arguments": "54023",
    "wrong_argument_count": "42883",  # PostgreSQL: no function with these arguments
    "wrong_parameter_count": "08P01",  # protocol_violation, which here ends no connection
    "script_error": "38000",  # external_routine_exception
    "unknown_command": "42601",  # no such word: a syntax error to SQL
    # InvalidValue
    "invalid_parameter_value": "22023",
    "data_exception": "22000",
    "invalid_text_representation": "22P02",
    "invalid_binary_representation": "22P03",
    "invalid_datetime_format": "22007",
    "datetime_field_overflow": "22008",
    "interval_field_overflow": "22015",
    "numeric_value_out_of_range": "22003",
    "division_by_zero": "22012",
    "invalid_argument_for_logarithm": "2201E",
    "invalid_argument_for_power_function": "2201F",
    "string_data_right_truncation": "22001",
    "substring_error": "22011",
    "invalid_preceding_or_following_size": "22013",
    "invalid_argument_for_ntile_function": "22014",
    "invalid_argument_for_nth_value_function": "22016",
    "invalid_row_count_in_limit_clause": "2201W",
    "invalid_row_count_in_result_offset_clause": "2201X",
    "invalid_regular_expression": "2201B",
    "invalid_escape_sequence": "22025",
    "invalid_use_of_escape_character": "2200C",
    "invalid_argument_for_width_bucket": "2201G",
    "invalid_value_syntax": "42601",  # a format or an escape that a function reads
    "character_not_in_repertoire": "22021",
    "untranslatable_character": "22P05",
    "null_value_not_allowed": "22004",
    "array_subscript_error": "2202E",
    "invalid_json": "22P02",  # as PostgreSQL's own json types answer
    "bad_copy_format": "22P04",
    "sequence_limit_exceeded": "2200H",  # sequence_generator_limit_exceeded
    "wrong_value_kind": "42809",  # wrong_object_type: a list where a string was meant
    # Violation
    "integrity_violation": "23000",
    "unique_violation": "23505",
    "foreign_key_violation": "23503",
    "not_null_violation": "23502",
    "check_violation": "23514",
    "with_check_option_violation": "44000",
    "restrict_violation": "23001",
    # Conflict
    "serialization_failure": "40001",
    "lock_not_available": "55P03",
    "deadlock_detected": "40P01",
    # InvalidState
    "invalid_transaction_state": "25000",
    "in_failed_transaction": "25P02",
    "active_transaction": "25001",
    "object_in_use": "55006",
    "no_active_transaction": "25P01",
    "read_only_transaction": "25006",
    "invalid_savepoint": "3B001",
    "object_not_in_prerequisite_state": "55000",
    "cant_change_runtime_param": "55P02",
    "closed": "08003",  # connection_does_not_exist
    # Denied
    "insufficient_privilege": "42501",
    "invalid_password": "28P01",
    "invalid_authorization": "28000",
    # Limit
    "program_limit_exceeded": "54000",
    "statement_too_complex": "54001",
    "query_canceled": "57014",
    "statement_timeout": "57014",  # PostgreSQL cancels the query then
    "idle_transaction_timeout": "25P03",
    "too_many_connections": "53300",
    "disk_full": "53100",
    "out_of_memory": "53200",
    # Unsupported
    "feature_not_supported": "0A000",
    # Unavailable
    "store_locked": "55006",  # object_in_use, by another process
    "store_corrupt": "XX001",  # data_corrupted
    "not_a_store": "58000",  # system_error: what lies outside of PostgreSQL is not as it must be
    "store_unreachable": "08001",  # sqlclient_unable_to_establish_sqlconnection
    "io_error": "58030",
    "shutting_down": "57P01",  # admin_shutdown
    # ProtocolFault, Internal
    "protocol_violation": "08P01",
    "internal_error": "XX000",
}

# Errors after which PostgreSQL closes the connection, and clients expect it to.
_FATAL = frozenset(
    {
        "invalid_password",
        "invalid_authorization",
        "idle_transaction_timeout",
        "too_many_connections",
        "shutting_down",
        "protocol_violation",
    }
)


def is_fatal(error: FivefoldError) -> bool:
    """Say whether the connection is to be closed after this error, whenever it happens."""
    return error.code in _FATAL


def error_fields(error: FivefoldError, *, fatal: bool = False) -> Fields:
    """Return the error as fields; `fatal` says that the connection is closed in any case.

    A belief of our own that proved false is not described to strangers.
    """
    severity = "FATAL" if fatal or is_fatal(error) else "ERROR"
    if isinstance(error, Internal):
        return Fields(severity, SQLSTATES[error.code], "internal error")
    return Fields(
        severity,
        SQLSTATES[error.code],
        error.message,
        error.detail,
        error.hint,
        error.position,
        # Of a database beside the main one the store's name is d/s: clients know s.
        error.namespace and error.namespace.rpartition("/")[2],
        error.container,
        error.column,
        error.type_name,
        error.constraint,
        error.context,
    )


def encode_error(error: FivefoldError, *, fatal: bool = False) -> bytes:
    """Return the ErrorResponse."""
    return encode.error_response(error_fields(error, fatal=fatal))


def encode_notice(message: str, sqlstate: str = "00000", severity: str = "NOTICE") -> bytes:
    """Return a NoticeResponse; severities are WARNING, NOTICE, DEBUG, INFO and LOG."""
    return encode.notice_response(Fields(severity, sqlstate, message))
