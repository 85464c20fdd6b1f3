"""SQL through the PostgreSQL store answers as the same SQL said to PostgreSQL itself.

What the binder resolved and the renderer wrote again must mean what it meant.
"""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from fivefold.engine.engine import Engine
from fivefold.engine.session import Session
from fivefold.engine.sql import SqlSession
from fivefold.errors import FivefoldError
from fivefold.stores.open import open_store
from fivefold.values.text import output
from tests.servers import Server, fresh_database
from tests.stores.sqlite.shop import POSTGRES_TABLES, ROWS, TextRow
from tests.stores.sqlite.test_render_like_postgres import (
    STATEMENTS,
    Answer,
    _Text,
    answer_of_postgres,
)


@pytest.fixture(scope="module")
def url(postgres_server: Server) -> Iterator[str]:
    with fresh_database(postgres_server.url) as found:
        yield found


@pytest.fixture(scope="module")
def peer(url: str) -> Iterator[psycopg.Connection[TextRow]]:
    with psycopg.connect(url, autocommit=True) as found:
        for oid in range(16, 4000):
            found.adapters.register_loader(oid, _Text)
        found.execute(f"SET timezone = 'UTC'; {POSTGRES_TABLES}".encode())
        for row in ROWS:
            found.execute(row.encode())
        yield found


@pytest.fixture(scope="module")
def ours(url: str, peer: psycopg.Connection[TextRow]) -> Iterator[SqlSession]:
    engine = Engine(open_store(url))
    yield SqlSession(Session(engine))
    engine.close()


def answer_of_ours(sql: SqlSession, text: str) -> Answer:
    sql.execute("BEGIN")
    try:
        result = sql.execute(text)
        shows = [output(one.type) for one in result.outputs or ()]
        return [
            tuple(
                None if value is None else show(value)
                for show, value in zip(shows, row, strict=True)
            )
            for row in result.rows
        ]
    except FivefoldError as error:
        return error.code, error.message
    finally:
        sql.execute("ROLLBACK")


@pytest.mark.parametrize("text", STATEMENTS)
def test_answers_as_postgres_does(
    text: str, ours: SqlSession, peer: psycopg.Connection[TextRow]
) -> None:
    wanted = answer_of_postgres(peer, text)
    got = answer_of_ours(ours, text)
    if isinstance(wanted, list) and isinstance(got, list) and "ORDER BY" not in text:
        assert sorted(got, key=str) == sorted(wanted, key=str)
    else:
        assert got == wanted
