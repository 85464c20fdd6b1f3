"""Functions of the session, of sequences and of the server (PostgreSQL 15 manual, 9.17, 9.26)."""

from __future__ import annotations

from fivefold.languages.sql.signatures import Form, Function, Volatility, functions

_STABLE = """
version() -> text
current_user() -> name
session_user() -> name
user() -> name
current_role() -> name
current_catalog() -> name
current_database() -> name
current_schema() -> name
current_schemas(bool) -> name[]
pg_typeof(any) -> regtype
pg_backend_pid() -> int4
pg_client_encoding() -> name
pg_is_in_recovery() -> bool
pg_postmaster_start_time() -> timestamptz
current_setting(text|text,bool) -> text
inet_server_port() -> int4
txid_current() -> int8
num_nulls(variadic any) -> int4
enum_first(anyenum) -> anyenum
enum_last(anyenum) -> anyenum
enum_range(anyenum|anyenum,anyenum) -> anyarray
num_nonnulls(variadic any) -> int4
pg_column_size(any) -> int4
"""
_VOLATILE = """
nextval(regclass) -> int8
currval(regclass) -> int8
setval(regclass,int8|regclass,int8,bool) -> int8
lastval() -> int8
gen_random_uuid() -> uuid
set_config(text,text,bool) -> text
pg_advisory_unlock_all() -> void
pg_advisory_lock(int8|int4,int4) -> void
pg_advisory_lock_shared(int8|int4,int4) -> void
pg_advisory_xact_lock(int8|int4,int4) -> void
pg_advisory_xact_lock_shared(int8|int4,int4) -> void
pg_try_advisory_lock(int8|int4,int4) -> bool
pg_try_advisory_lock_shared(int8|int4,int4) -> bool
pg_try_advisory_xact_lock(int8|int4,int4) -> bool
pg_try_advisory_xact_lock_shared(int8|int4,int4) -> bool
pg_advisory_unlock(int8|int4,int4) -> bool
pg_advisory_unlock_shared(int8|int4,int4) -> bool
pg_cancel_backend(int4) -> bool
pg_terminate_backend(int4|int4,int8) -> bool
"""

WAITING = frozenset(
    {"pg_sleep", "pg_sleep_for", "pg_sleep_until", "pg_advisory_lock", "pg_advisory_lock_shared"}
    | {"pg_advisory_xact_lock", "pg_advisory_xact_lock_shared"}
    | {"pg_try_advisory_xact_lock", "pg_try_advisory_xact_lock_shared"}
)
"""Functions that may wait, or hold what ends with the statement's transaction."""

FUNCTIONS: tuple[Function, ...] = (
    *functions(Form.SCALAR, Volatility.STABLE, _STABLE),
    *functions(Form.SCALAR, Volatility.VOLATILE, _VOLATILE),
)
