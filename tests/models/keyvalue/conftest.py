"""A key space over a store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fivefold.catalog.changes import Change, CreateContainer, CreateNamespace
from fivefold.models.keyvalue import layout
from fivefold.models.keyvalue.fixed import Statements
from fivefold.models.keyvalue.space import KeySpace
from fivefold.stores.contract import Connection
from fivefold.stores.sqlite.store import SqliteStore


def make_space(store: SqliteStore, connection: Connection, number: int) -> KeySpace:
    """Return the key space of a database, made with its tables."""
    changes: list[Change] = [CreateNamespace(layout.namespace(number))]
    changes += [CreateContainer(each, layout.BOUND) for each in layout.containers(number)]
    for change in changes:
        connection.change_schema(change, connection.load_catalog())
    return KeySpace(connection, Statements(store.prepare, number), exists=True)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    """An empty store."""
    made = SqliteStore(str(tmp_path / "store.db"))
    yield made
    made.close()


@pytest.fixture
def connection(store: SqliteStore) -> Iterator[Connection]:
    """A connection with a write transaction open."""
    made = store.connect()
    made.begin(write=True)
    yield made
    made.close()


@pytest.fixture
def space(store: SqliteStore, connection: Connection) -> KeySpace:
    """The key space of database 0."""
    return make_space(store, connection, 0)
