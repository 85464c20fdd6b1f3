"""SELECT of no columns has rows without values, here as in PostgreSQL."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

import fivefold
from fivefold.api.serving import Serving
from tests.servers import Server

QUERIES = [
    "SELECT",
    "SELECT FROM generate_series(1, 3)",
    "SELECT FROM generate_series(1, 3) AS n WHERE n > 3",
    "SELECT UNION ALL SELECT",
]


@pytest.mark.parametrize("text", QUERIES)
def test_beside_postgresql(text: str, server: Serving, postgres_server: Server) -> None:
    assert heard(server.urls["postgres"], text) == heard(postgres_server.url, text)


def heard(url: str, text: str) -> list[object]:
    """What comes in each way to ask."""
    with psycopg.connect(url, autocommit=True) as db:
        found: list[object] = [db.execute(text).fetchall()]
        found.append(db.execute(text, prepare=True).fetchall())
        found.append(db.cursor(binary=True).execute(text).fetchall())
        found.append(list(db.cursor().stream(text)))
        with db.cursor().copy(f"COPY ({text}) TO STDOUT") as copy:
            found.append([bytes(piece) for piece in copy])
    return found


def test_in_process() -> None:
    with fivefold.open(":memory:") as db:
        rows: list[Any] = list(db.sql("SELECT FROM generate_series(1, 3)"))
    assert rows == [(), (), ()]
