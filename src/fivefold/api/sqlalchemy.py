"""SQLAlchemy over the embedded file: ``create_engine("fivefold:///shop.db")``.

To SQLAlchemy it is PostgreSQL (``dialect.name`` is "postgresql", so that its types, its ``insert``
with ON CONFLICT and variants of types for it are understood) behind another driver: fivefold's own
PEP 249 module, in this process. All connections of a process to one file share one open
database. Install ``fivefold[sqlalchemy]``.

Source: SQLAlchemy's README.dialects.rst, and the documentation of ``Dialect``.
"""

from __future__ import annotations

import decimal
import itertools
import threading
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

from sqlalchemy import types as sqltypes
from sqlalchemy.dialects.postgresql import ARRAY, INTERVAL, JSON, JSONB
from sqlalchemy.dialects.postgresql.base import PGDialect, PGExecutionContext
from sqlalchemy.dialects.postgresql.json import JSONPathType
from sqlalchemy.dialects.postgresql.pg_catalog import INT2VECTOR, OIDVECTOR
from sqlalchemy.engine import URL, processors
from sqlalchemy.exc import ArgumentError

from fivefold.api import dbapi
from fivefold.api.database import Database
from fivefold.values.python import Json, Jsonb, Loads

FLOATS = ("real", "double precision")


class _Decimals(sqltypes.NumericCommon[Any]):
    """The driver gives Decimal for numeric and float for floats, and takes both."""

    def bind_processor(self, dialect: Any) -> None:
        return None

    def result_processor(self, dialect: Any, coltype: Any) -> Callable[[Any], Any] | None:
        is_float = coltype in FLOATS
        if self.asdecimal:
            if not is_float:
                return None
            scale = self._effective_decimal_return_scale
            return processors.to_decimal_processor_factory(decimal.Decimal, scale)
        return None if is_float else processors.to_float


class _Numeric(_Decimals, sqltypes.Numeric[Any]):
    pass


class _Float(_Decimals, sqltypes.Float[Any]):
    pass


class _Vector:
    """The driver gives the catalogs' vectors as texts, as psycopg does."""

    def result_processor(self, dialect: Any, coltype: Any) -> Callable[[Any], Any]:
        return lambda value: None if value is None else [int(part) for part in value.split()]


class _Int2Vector(_Vector, INT2VECTOR):
    pass


class _OidVector(_Vector, OIDVECTOR):
    pass


class _Json(JSON):
    def bind_processor(self, dialect: Any) -> Callable[[Any], Any]:
        return _wrapping(self, dialect, Json)


class _Jsonb(JSONB):
    def bind_processor(self, dialect: Any) -> Callable[[Any], Any]:
        return _wrapping(self, dialect, Jsonb)


class _JsonPath(JSONPathType):
    pass


class _JsonIntIndex(sqltypes.JSON.JSONIntIndexType):
    __visit_name__ = "json_int_index"
    render_bind_cast = True


class _JsonStrIndex(sqltypes.JSON.JSONStrIndexType):
    __visit_name__ = "json_str_index"
    render_bind_cast = True


def _wrapping(type_: Any, dialect: Any, wrap: Callable[[Any], object]) -> Callable[[Any], Any]:
    """Say of what kind a value is; a serializer of the user's own has made a text of it."""
    custom = dialect._json_serializer
    made: Callable[[Any], Any] = type_._make_bind_processor(None, custom or wrap)
    return made


def _cast_in_text(base: type) -> type:
    """Return a type whose parameters stand in a cast: the statement alone need not say it."""
    return type(f"_{base.__name__}", (base,), {"render_bind_cast": True, "__doc__": None})


_CAST = (
    sqltypes.String, sqltypes.Date, sqltypes.DateTime, sqltypes.Time, sqltypes.Integer,
    sqltypes.SmallInteger, sqltypes.BigInteger, sqltypes.Boolean, INTERVAL, ARRAY,
)  # fmt: skip


_numbers = itertools.count(1)


class _ExecutionContext(PGExecutionContext):
    def create_server_side_cursor(self) -> Any:
        return self._dbapi_connection.cursor(f"sqlalchemy_{next(_numbers)}")


class FivefoldDialect(PGDialect):
    """The dialect behind ``fivefold:///path`` and ``fivefold:///:memory:``.

    The URL's query gives the options of ``fivefold.open``: ``?durability=normal``.
    """

    driver = "fivefold"
    supports_statement_cache = True
    supports_server_side_cursors = True
    execution_ctx_cls = _ExecutionContext
    supports_sane_multi_rowcount = True
    supports_native_json_serialization = False
    supports_native_json_deserialization = True
    dialect_injects_custom_json_deserializer = True
    default_paramstyle = "pyformat"

    colspecs = {  # noqa: RUF012  # SQLAlchemy's own way to say it
        **PGDialect.colspecs,
        **{base: _cast_in_text(base) for base in _CAST},
        sqltypes.Interval: _cast_in_text(INTERVAL),
        sqltypes.ARRAY: _cast_in_text(ARRAY),
        sqltypes.Numeric: _Numeric,
        sqltypes.Float: _Float,
        sqltypes.JSON: _Json,
        sqltypes.JSON.JSONPathType: _JsonPath,
        sqltypes.JSON.JSONIntIndexType: _JsonIntIndex,
        sqltypes.JSON.JSONStrIndexType: _JsonStrIndex,
        JSON: _Json,
        JSONB: _Jsonb,
        INT2VECTOR: _Int2Vector,
        OIDVECTOR: _OidVector,
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._databases = _Databases()

    @classmethod
    def import_dbapi(cls) -> ModuleType:
        """Return the PEP 249 module."""
        return dbapi

    def create_connect_args(self, url: URL) -> tuple[Sequence[Any], dict[str, Any]]:
        """Return the path, and the options of ``fivefold.open``. Raises ArgumentError."""
        if url.host or url.username or url.port:
            raise ArgumentError("write fivefold:///shop.db, or fivefold:////absolute/shop.db")
        if not url.database:
            raise ArgumentError("which file? write fivefold:///shop.db or fivefold:///:memory:")
        return [url.database], dict(url.query)

    def connect(self, *arguments: Any, **options: Any) -> Any:
        """Return a new connection to the database, which is opened by the first."""
        return self._databases.connect(arguments[0], options, self._json_deserializer)

    def get_isolation_level_values(self, dbapi_conn: Any) -> Any:
        """Return the names of PostgreSQL's levels, and AUTOCOMMIT."""
        return ("AUTOCOMMIT", *super().get_isolation_level_values(dbapi_conn))

    def set_isolation_level(self, dbapi_connection: Any, level: str) -> None:
        """Set the level that transactions ask for; all are served as serializable."""
        dbapi_connection.autocommit = level == "AUTOCOMMIT"
        if level != "AUTOCOMMIT":
            super().set_isolation_level(dbapi_connection, level)

    def get_isolation_level(self, dbapi_connection: Any) -> Any:
        """Return the level that transactions ask for."""
        was_open = dbapi_connection.in_transaction
        level = super().get_isolation_level(dbapi_connection)
        if not was_open:
            dbapi_connection.rollback()
        return level

    def detect_autocommit_setting(self, dbapi_connection: Any) -> bool:
        """Say whether each statement commits by itself."""
        return bool(dbapi_connection.autocommit)

    def set_readonly(self, connection: Any, value: bool) -> None:
        """Have the transactions that follow refuse to write, or not."""
        mode = "READ ONLY" if value else "READ WRITE"
        _set_session(connection, mode)

    def get_readonly(self, connection: Any) -> bool:
        """Say whether transactions refuse to write."""
        return _shown(connection, "default_transaction_read_only") == "on"

    def set_deferrable(self, connection: Any, value: bool) -> None:
        """Have the transactions that follow be deferrable, or not."""
        _set_session(connection, "DEFERRABLE" if value else "NOT DEFERRABLE")

    def get_deferrable(self, connection: Any) -> bool:
        """Say whether transactions are deferrable."""
        return _shown(connection, "default_transaction_deferrable") == "on"

    def is_disconnect(self, e: Any, connection: Any, cursor: Any) -> bool:
        """Say whether an error means that the connection is of no use any more."""
        return connection is not None and bool(connection.closed)


def _set_session(connection: dbapi.Connection, mode: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET SESSION CHARACTERISTICS AS TRANSACTION {mode}")
    connection.commit()


def _shown(connection: dbapi.Connection, setting: str) -> str:
    was_open = connection.in_transaction
    with connection.cursor() as cursor:
        row = cursor.execute(f"SHOW {setting}").fetchone()
    if not was_open:
        connection.rollback()
    return "" if row is None else str(row[0])


class _Databases:
    """The databases one engine has open: a file while it has connections, memory for good."""

    def __init__(self) -> None:
        self._open: dict[str, tuple[Database, int]] = {}
        self._lock = threading.Lock()

    def connect(self, path: str, options: dict[str, Any], loads: Loads | None) -> dbapi.Connection:
        with self._lock:
            database, count = self._open.get(path) or (dbapi.opened(path, **options), 0)
            connection = dbapi.Connection(database, lambda: self._closed(path), loads)
            self._open[path] = database, count + 1
        return connection

    def _closed(self, path: str) -> None:
        with self._lock:
            database, count = self._open[path]
            if count > 1 or path == ":memory:":
                self._open[path] = database, count - 1
                return
            del self._open[path]
        database.close()
