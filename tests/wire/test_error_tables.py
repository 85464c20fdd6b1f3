"""Each protocol's one table of errors has every code, and says things its clients know."""

from __future__ import annotations

import psycopg.errors
import pytest

from fivefold import errors
from fivefold.values import replyerrors
from fivefold.wire.postgres import errors as postgres
from fivefold.wire.redis import errors as redis


def test_tables_are_complete() -> None:
    assert set(postgres.SQLSTATES) == set(errors.CODES)
    assert set(replyerrors.PREFIXES) == set(errors.CODES)
    assert set(replyerrors._NOT_ERR) <= set(errors.CODES)


# Names of PostgreSQL's that differ from ours; `errors.py` there says why each was chosen.
RENAMED = {
    "script_error": "external_routine_exception",
    "undefined_namespace": "invalid_schema_name",
    "undefined_database": "invalid_catalog_name",
    "duplicate_namespace": "duplicate_schema",
    "invalid_prepared_statement": "invalid_sql_statement_name",
    "wrong_argument_count": "undefined_function",
    "unknown_command": "syntax_error",
    "invalid_json": "invalid_text_representation",
    "sequence_limit_exceeded": "sequence_generator_limit_exceeded",
    "wrong_value_kind": "wrong_object_type",
    "integrity_violation": "integrity_constraint_violation",
    "in_failed_transaction": "in_failed_sql_transaction",
    "active_transaction": "active_sql_transaction",
    "no_active_transaction": "no_active_sql_transaction",
    "read_only_transaction": "read_only_sql_transaction",
    "invalid_savepoint": "invalid_savepoint_specification",
    "closed": "connection_does_not_exist",
    "invalid_authorization": "invalid_authorization_specification",
    "statement_timeout": "query_canceled",
    "idle_transaction_timeout": "idle_in_transaction_session_timeout",
    "store_locked": "object_in_use",
    "store_corrupt": "data_corrupted",
    "not_a_store": "system_error",
    "store_unreachable": "sqlclient_unable_to_establish_sqlconnection",
    "shutting_down": "admin_shutdown",
    "invalid_argument_for_width_bucket": "invalid_argument_for_width_bucket_function",
    "invalid_value_syntax": "syntax_error",
    "bad_copy_format": "bad_copy_file_format",
    "wrong_parameter_count": "protocol_violation",
}


@pytest.mark.parametrize("code", errors.CODES)
def test_sqlstates_are_those_of_postgresql(code: str) -> None:
    condition = psycopg.errors.lookup(postgres.SQLSTATES[code])
    name = RENAMED.get(code, code).replace("_", "")
    # psycopg has an underscore behind the few that are Python's own names.
    assert condition.__name__.lower().rstrip("_") == name


@pytest.mark.parametrize("code", errors.CODES)
def test_every_error_can_be_said(code: str) -> None:
    error = errors.CODES[code]("the\nmessage\0", code, position=3)
    assert redis.encode_error(error).count(b"\r\n") == 1
    fields = postgres.error_fields(error)
    assert fields.sqlstate == postgres.SQLSTATES[code]
    assert postgres.error_fields(error, fatal=True).severity == "FATAL"
    shown = "internal error" if code == "internal_error" else "the\nmessage"
    assert b"\0M%b\0" % shown.encode() in postgres.encode_error(error)


def test_internal_errors_are_not_described() -> None:
    error = errors.Internal("/secret/path", detail="more")
    assert replyerrors.error_text(error) == "ERR internal error"
    assert b"secret" not in postgres.encode_error(error)
    assert b"more" not in postgres.encode_error(error)


def test_the_whole_text_of_a_redis_error() -> None:
    said = errors.InvalidStatement("NOSCRIPT No matching script.", "undefined_object")
    assert replyerrors.error_text(said) == "NOSCRIPT No matching script."
    other = errors.InvalidStatement("SELECT is not allowed", "syntax_error")
    assert replyerrors.error_text(other) == "ERR SELECT is not allowed"


def test_which_errors_close() -> None:
    assert postgres.is_fatal(errors.ProtocolFault("x"))
    assert postgres.is_fatal(errors.Unavailable("x", "shutting_down"))
    assert not postgres.is_fatal(errors.Conflict("x"))
