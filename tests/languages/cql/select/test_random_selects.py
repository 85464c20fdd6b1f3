"""Random SELECTs of random tables beside plain reading of all rows, whole and in pages.

FIVEFOLD_SELECT_TABLES=n in the environment: so many tables, 60 queries of each, otherwise few. With
FIVEFOLD_CASSANDRA_JUDGE=host:port the same go to a real Cassandra too, whose answers must be ours.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from random import Random

import pytest

from fivefold.api.database import open_database
from fivefold.stores.contract import Durability

from .queries import Query, expanded, random_query
from .shapes import random_table
from .sides import Answer, Failure, Judge, Ours

TABLES = int(os.environ.get("FIVEFOLD_SELECT_TABLES", "12"))
FIRST = int(os.environ.get("FIVEFOLD_SELECT_FIRST", "0"))
QUERIES = 60
JUDGE = os.environ.get("FIVEFOLD_CASSANDRA_JUDGE")
KEYSPACE = "cread_random"
CREATE = (
    f"CREATE KEYSPACE IF NOT EXISTS {KEYSPACE} WITH replication ="
    " {'class': 'SimpleStrategy', 'replication_factor': 1}"
)


@pytest.fixture
def ours(store_url: str) -> Iterator[Ours]:
    with open_database(store_url, durability=Durability.OFF) as database:
        database.cql(CREATE)
        side = Ours(database, KEYSPACE)
        yield side
        side.close()


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge | None]:
    if JUDGE is None:
        yield None
        return
    side = Judge(JUDGE, KEYSPACE)
    side.run(CREATE)
    side.use()
    yield side
    side.run(f"DROP KEYSPACE {KEYSPACE}")
    side.close()


def pages(side: Ours, query: Query, random: Random) -> list[tuple[object, ...]]:
    """Return the rows of all pages, of some size."""
    rows: list[tuple[object, ...]] = []
    size = random.choice((1, 1, 2, 3, 5, 50))
    paging: bytes | None = None
    for _ in range(1000):
        page = side.run(query.text, size, paging)
        assert len(page.rows) <= size, query.text
        rows += page.rows
        paging = page.paging
        if paging is None:
            return rows
        if random.random() < 0.2:
            side.again()
    raise AssertionError(f"its pages do not end: {query.text}")


def outcome(side: Ours | Judge, text: str) -> Answer | str:
    try:
        return side.run(text)
    except Failure as failure:
        return str(failure)


@pytest.mark.parametrize("seed", range(FIRST, FIRST + TABLES))
def test_selects(ours: Ours, judge: Judge | None, seed: int) -> None:
    random = Random(seed)
    table = random_table(f"t{seed}", random)
    statements = list(table.statements())
    for text in statements:
        ours.run(text)
    if judge is not None:
        judge.run(f"DROP TABLE IF EXISTS {table.name}")
        for text in statements:
            judge.run(text)
    seen: Counter[bool] = Counter()
    problems = []
    for _ in range(QUERIES):
        query = random_query(table, random)
        found = outcome(ours, query.text)
        seen[isinstance(found, Answer)] += 1
        if isinstance(found, Answer):
            wanted = expanded(query).answer()
            if found.rows != wanted:
                problems.append((query.text, "model", found.rows, wanted))
            with suppress(Failure):
                glued = pages(ours, query, random)
                if glued != wanted:
                    problems.append((query.text, "pages", glued, wanted))
        if judge is not None:
            told = outcome(judge, query.text)
            if not same(found, told):
                problems.append((query.text, "judge", found, told))
    if judge is not None:
        judge.run(f"DROP TABLE {table.name}")
    assert not problems, "\n".join(
        "\n  ".join(map(str, problem)) for problem in [statements, *problems]
    )
    assert seen[True] > QUERIES // 4


def same(found: Answer | str, told: Answer | str) -> bool:
    """Say whether two outcomes are the same, but for paging states."""
    if isinstance(found, str) or isinstance(told, str):
        return found == told
    return (found.columns, found.rows, found.warnings) == (told.columns, told.rows, told.warnings)
