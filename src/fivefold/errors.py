"""What can go wrong, in few kinds, named for what the caller can do about it.

A kind says how to react (fix the statement, fix the data, try again, ask somebody); its
``code`` says exactly what happened. Codes are stable, lower-case and follow the condition
names of PostgreSQL's appendix A where one exists. Nothing else leaves a room: each wire room
maps every code of ``CODES`` to its protocol's number in one table, which a test proves complete.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar


class FivefoldError(Exception):
    """Base of all errors; ``str(error)`` is a sentence for people.

    ``position`` counts characters of the statement's text from 1. ``namespace``,
    ``container``, ``column``, ``constraint`` and ``type_name`` name what was hurt; ``context`` says
    where in data that were sent, as ``COPY t, line 3``.
    """

    codes: ClassVar[tuple[str, ...]] = ()
    retry: ClassVar[bool] = False

    number: int | None = None
    """What the language that raised it calls it, where that tells more errors apart than codes."""
    facts: Mapping[str, object] = MappingProxyType({})
    """What goes beside the number, by the names that the language has for it."""

    def __init__(
        self,
        message: str,
        code: str | None = None,
        *,
        detail: str | None = None,
        hint: str | None = None,
        position: int | None = None,
        namespace: str | None = None,
        container: str | None = None,
        column: str | None = None,
        constraint: str | None = None,
        type_name: str | None = None,
        context: str | None = None,
    ) -> None:
        super().__init__(message)
        self.code = self.codes[0] if code is None else code
        assert self.code in self.codes, (type(self).__name__, self.code)
        self.message = message
        self.detail = detail
        self.hint = hint
        self.position = position
        self.namespace = namespace
        self.container = container
        self.column = column
        self.constraint = constraint
        self.type_name = type_name
        self.context = context


class InvalidStatement(FivefoldError):
    """The statement cannot be understood: change its text."""

    codes = (
        "syntax_error",
        "undefined_table",
        "undefined_column",
        "undefined_function",
        "undefined_object",
        "undefined_parameter",
        "undefined_namespace",
        "undefined_database",
        "ambiguous_column",
        "ambiguous_alias",
        "ambiguous_function",
        "ambiguous_parameter",
        "indeterminate_datatype",
        "duplicate_table",
        "duplicate_column",
        "duplicate_object",
        "duplicate_namespace",
        "reserved_name",
        "invalid_grant_operation",
        "invalid_schema_definition",
        "duplicate_database",
        "duplicate_alias",
        "duplicate_cursor",
        "duplicate_prepared_statement",
        "invalid_prepared_statement",
        "invalid_cursor_name",
        "invalid_cursor_definition",
        "datatype_mismatch",
        "cannot_coerce",
        "wrong_object_type",
        "grouping_error",
        "windowing_error",
        "invalid_recursion",
        "invalid_foreign_key",
        "invalid_column_reference",
        "invalid_column_definition",
        "invalid_table_definition",
        "invalid_object_definition",
        "generated_always",
        "dependent_objects_still_exist",
        "cardinality_violation",
        "too_many_columns",
        "too_many_arguments",
        "wrong_argument_count",
        "wrong_parameter_count",
        "unknown_command",
        "script_error",
    )


class InvalidValue(FivefoldError):
    """The data does not fit its type or operation: change the value."""

    codes = (
        "invalid_parameter_value",
        "invalid_text_representation",
        "data_exception",
        "invalid_binary_representation",
        "invalid_datetime_format",
        "datetime_field_overflow",
        "interval_field_overflow",
        "numeric_value_out_of_range",
        "division_by_zero",
        "invalid_argument_for_logarithm",
        "invalid_argument_for_power_function",
        "string_data_right_truncation",
        "substring_error",
        "invalid_preceding_or_following_size",
        "invalid_argument_for_ntile_function",
        "invalid_argument_for_nth_value_function",
        "invalid_row_count_in_limit_clause",
        "invalid_row_count_in_result_offset_clause",
        "invalid_regular_expression",
        "invalid_escape_sequence",
        "invalid_use_of_escape_character",
        "invalid_argument_for_width_bucket",
        "invalid_value_syntax",
        "character_not_in_repertoire",
        "untranslatable_character",
        "null_value_not_allowed",
        "array_subscript_error",
        "invalid_json",
        "bad_copy_format",
        "sequence_limit_exceeded",
        "wrong_value_kind",
    )


class Violation(FivefoldError):
    """A constraint of the data refused the change; nothing of the statement was kept."""

    codes = (
        "integrity_violation",
        "unique_violation",
        "foreign_key_violation",
        "not_null_violation",
        "check_violation",
        "with_check_option_violation",
        "restrict_violation",
    )


class Conflict(FivefoldError):
    """Another transaction came first: run the whole transaction again."""

    codes = ("serialization_failure", "lock_not_available", "deadlock_detected")
    retry = True


class InvalidState(FivefoldError):
    """The session is not in a state in which this can be done: begin, commit or roll back first."""

    codes = (
        "invalid_transaction_state",
        "in_failed_transaction",
        "active_transaction",
        "object_in_use",
        "no_active_transaction",
        "read_only_transaction",
        "invalid_savepoint",
        "object_not_in_prerequisite_state",
        "cant_change_runtime_param",
        "closed",
    )


class Denied(FivefoldError):
    """This user may not do that: log in, or ask for the privilege."""

    codes = ("insufficient_privilege", "invalid_password", "invalid_authorization")


class Limit(FivefoldError):
    """A named limit was reached: do less at once, or raise the limit."""

    codes = (
        "program_limit_exceeded",
        "statement_too_complex",
        "query_canceled",
        "statement_timeout",
        "idle_transaction_timeout",
        "too_many_connections",
        "disk_full",
        "out_of_memory",
    )


class Unsupported(FivefoldError):
    """fivefold does not do this; the message names what to use instead."""

    codes = ("feature_not_supported",)


class Unavailable(FivefoldError):
    """The store cannot be used now or at all: the message says why and what to do."""

    codes = (
        "store_locked",
        "store_corrupt",
        "not_a_store",
        "store_unreachable",
        "io_error",
        "shutting_down",
    )


class ProtocolFault(FivefoldError):
    """The peer broke the wire protocol: the connection is answered and closed."""

    codes = ("protocol_violation",)


class Internal(FivefoldError):
    """A belief of fivefold's own proved false: please report it."""

    codes = ("internal_error",)


KINDS: tuple[type[FivefoldError], ...] = (
    InvalidStatement,
    InvalidValue,
    Violation,
    Conflict,
    InvalidState,
    Denied,
    Limit,
    Unsupported,
    Unavailable,
    ProtocolFault,
    Internal,
)

CODES: dict[str, type[FivefoldError]] = {code: kind for kind in KINDS for code in kind.codes}
