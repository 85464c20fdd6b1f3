"""Both stores, one after the other, under checks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fivefold.stores.checked import checked
from fivefold.stores.contract import Connection, Store
from fivefold.stores.open import open_store


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
