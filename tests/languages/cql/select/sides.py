"""Two sides that answer SELECTs: ours, and the real Cassandra."""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any, Protocol

from fivefold.api.database import Database
from fivefold.engine.cql import CqlSession
from fivefold.engine.session import Session
from fivefold.errors import FivefoldError
from fivefold.languages.cql.results import Options, Rows
from fivefold.values.cql.codecs import codec_of
from fivefold.values.cql.names import type_text

from .shapes import Value


class Failure(Exception):
    """A statement was refused, with Cassandra's words."""


@dataclass(frozen=True)
class Answer:
    """Rows; ``columns`` are names with types, ``paging`` the state that the next page has."""

    columns: list[str]
    rows: list[tuple[Value, ...]]
    paging: bytes | None = None
    warnings: tuple[str, ...] = ()


class Side(Protocol):
    """Runs statements."""

    def run(self, text: str, size: int | None = None, paging: bytes | None = None) -> Answer:
        """Run one. Raises Failure."""
        ...


def alike(value: Any) -> Value:
    """Return a value of either side in one form: see ``shapes.Value``."""
    if isinstance(value, Mapping):
        return tuple((alike(key), alike(one)) for key, one in sorted(value.items()))
    if isinstance(value, list | tuple):
        return tuple(map(alike, value))
    if isinstance(value, Set):
        return frozenset(map(alike, value))
    if type(value).__name__ == "SortedSet":
        return frozenset(map(alike, value))
    return value


class Ours:
    """A session of a store of our own. ``again`` begins another one."""

    def __init__(self, database: Database, keyspace: str) -> None:
        self.database = database
        self.keyspace = keyspace
        self._session = CqlSession(Session(database.engine))

    def again(self) -> None:
        """Go on in another session."""
        self._session.close()
        self._session = CqlSession(Session(self.database.engine))

    def close(self) -> None:
        """Leave it."""
        self._session.close()

    def run(self, text: str, size: int | None = None, paging: bytes | None = None) -> Answer:
        """Run a statement. Raises Failure."""
        try:
            found = self._session.run(text, (), Options(size, paging), keyspace=self.keyspace)
        except FivefoldError as error:
            raise Failure(str(error)) from error
        if not isinstance(found, Rows):
            return Answer([], [])
        columns = [f"{column.name} {_thawed(type_text(column.type))}" for column in found.columns]
        show = [codec_of(column.type).to_program for column in found.columns]
        rows = [
            tuple(
                None if value is None else alike(shown(value))
                for value, shown in zip(row, show, strict=True)
            )
            for row in found.rows
        ]
        return Answer(columns, rows, found.paging, tuple(found.warnings))


class Judge:
    """A real Cassandra, at ``host:port``."""

    def __init__(self, address: str, keyspace: str) -> None:
        from cassandra.cluster import Cluster
        from cassandra.query import tuple_factory

        host, _, port = address.partition(":")
        self._cluster = Cluster([host], port=int(port or 9042))
        self._session = self._cluster.connect()
        self._session.row_factory = tuple_factory
        self._session.default_fetch_size = None
        self.keyspace = keyspace

    def use(self) -> None:
        """Use the keyspace."""
        self._session.set_keyspace(self.keyspace)

    def close(self) -> None:
        """Leave it."""
        self._cluster.shutdown()

    def run(self, text: str, size: int | None = None, paging: bytes | None = None) -> Answer:
        """Run a statement. Raises Failure."""
        from cassandra import DriverException
        from cassandra.protocol import ErrorMessage
        from cassandra.query import SimpleStatement

        statement = SimpleStatement(text, fetch_size=size)
        try:
            future = self._session.execute_async(statement, timeout=60, paging_state=paging)
            found = future.result()
        except (DriverException, ErrorMessage) as error:
            message = str(error)
            inner = re.search(r'message="(.*)"\]?$', message, re.DOTALL)
            raise Failure(inner[1] if inner else message) from error
        if not found.column_names:
            return Answer([], [])
        columns = [
            f"{name} {_thawed(type_.cql_parameterized_type())}"
            for name, type_ in zip(found.column_names, found.column_types, strict=True)
        ]
        rows = [tuple(map(alike, row)) for row in found.current_rows]
        return Answer(columns, rows, found.paging_state, tuple(future.warnings or ()))


def _thawed(type_: str) -> str:
    """Return a type's name without frozen, which the protocol does not tell."""
    while "frozen<" in type_:
        type_ = re.sub(r"frozen<((?:[^<>]|<(?:[^<>]|<[^<>]*>)*>)*)>", r"\1", type_)
    return type_.replace("varchar", "text")
