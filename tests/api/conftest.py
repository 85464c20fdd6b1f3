"""An embedded database of the test's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import fivefold
from fivefold.api.database import Database


@pytest.fixture
def db(store_url: str) -> Iterator[Database]:
    """A database in a store of the test's own, with the table t (a integer primary key, b text)."""
    with fivefold.open(store_url, durability="off") as made:
        made.sql("CREATE TABLE t (a integer PRIMARY KEY, b text)")
        yield made
