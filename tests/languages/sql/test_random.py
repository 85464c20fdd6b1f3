"""Random schemas, rows and queries on fivefold and on a real PostgreSQL: one answer.

FIVEFOLD_RANDOM_EXAMPLES=5000 in the environment asks for more of them.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import fivefold
from fivefold.errors import FivefoldError
from fivefold.wire.postgres.errors import SQLSTATES
from tests import servers
from tests.conftest import empty_store
from tests.languages.sql.grammar import example

EXAMPLES_USUAL = 60
EXAMPLES = int(os.environ.get("FIVEFOLD_RANDOM_EXAMPLES", EXAMPLES_USUAL))
QUERIES = 6
Peer = psycopg.Connection[tuple[Any, ...]]
Answer = tuple[str, object]


@pytest.fixture(scope="module")
def peer(postgres_server: servers.Server) -> Iterator[Peer]:
    with (
        servers.fresh_database(postgres_server.url) as url,
        psycopg.connect(url, autocommit=True, prepare_threshold=None) as connection,
    ):
        connection.execute("SET jit = off")  # its compiler takes longer than these queries
        yield connection


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[fivefold.Database]:
    path: Path = tmp_path_factory.mktemp("random") / "r.db"
    with empty_store(str(path)) as url, fivefold.open(url, durability="off") as opened:
        yield opened


class Undo(Exception):
    """Ends a transaction without a trace."""


def theirs(peer: Peer, text: str) -> Answer:
    try:
        with peer.transaction():
            cursor = peer.execute(text)
            return "rows", answer(cursor.fetchall(), text)
    except psycopg.Error as error:
        return "error", error.sqlstate


def ours(tx: fivefold.Transaction, text: str) -> Answer:
    try:
        with tx.savepoint():
            return "rows", answer(tx.sql(text).fetchall(), text)
    except FivefoldError as error:
        return "error", SQLSTATES[error.code]


def answer(rows: list[tuple[Any, ...]], text: str) -> object:
    """Rows as texts: in order where the whole query has one, counted otherwise."""
    shown = [tuple(map(repr, row)) for row in rows]
    ordered = " ORDER BY 1" in text.rpartition(")")[2]
    return shown if ordered else Counter(shown)


@settings(
    max_examples=EXAMPLES,
    derandomize=EXAMPLES == EXAMPLES_USUAL,
    deadline=None,
    database=None,
    phases=(Phase.explicit, Phase.generate),  # a seed has no simpler one
)
@given(seed=st.integers(0, 2**64))
def test_one_answer(peer: Peer, db: fivefold.Database, seed: int) -> None:
    statements, queries = example(seed, QUERIES)
    try:
        with peer.transaction(), db.transaction() as tx:
            for text in statements:
                peer.execute(text)
                tx.sql(text)
            for text in queries:
                expected, found = theirs(peer, text), ours(tx, text)
                assert found == expected, "\n".join([*statements, text])
            raise Undo
    except Undo:
        pass
