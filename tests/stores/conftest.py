"""Both stores, one after the other, under checks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from fivefold.stores.checked import checked
from fivefold.stores.contract import Connection, Store
from fivefold.stores.open import open_store
from tests.servers import Server, fresh_database

RESET = """
DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT nspname FROM pg_namespace
        WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
    LOOP EXECUTE format('DROP SCHEMA %I CASCADE', name); END LOOP;
    CREATE SCHEMA public;
END $$
"""


@pytest.fixture(scope="session")
def stores_database(postgres_server: Server) -> Iterator[str]:
    with fresh_database(postgres_server.url) as url:
        yield url


@pytest.fixture
def postgres_url(stores_database: str) -> str:
    """An empty database, emptied before each test: a third of the time of making one."""
    with psycopg.connect(stores_database, autocommit=True) as connection:
        connection.execute(RESET)
    return stores_database


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where an empty store may be opened."""
    if request.param == "sqlite":
        return str(tmp_path / "store.db")
    found: str = request.getfixturevalue("postgres_url")
    return found


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = checked(open_store(url))
    yield opened
    opened.close()


@pytest.fixture
def first(store: Store) -> Iterator[Connection]:
    connection = store.connect()
    yield connection
    connection.close()


@pytest.fixture
def second(store: Store) -> Iterator[Connection]:
    connection = store.connect()
    yield connection
    connection.close()
