"""An embedded database of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import fivefold
from fivefold.api.database import Database


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    """A database in a file, with the table t (a integer primary key, b text)."""
    with fivefold.open(tmp_path / "shop.db", durability="off") as made:
        made.sql("CREATE TABLE t (a integer PRIMARY KEY, b text)")
        yield made
