"""Statements that write, one after the other, and what a real Cassandra 5.0.5 answered.

``answers.txt`` has chapters, each with a keyspace of its own. A line that begins with ``> `` is a
statement, what follows is the answer: nothing, a line of columns' names and a line for each row, or
``! `` and the error's words. With ``FIVEFOLD_CASSANDRA_JUDGE=host:port`` the same is asked there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import empty_store

from .rig import Failure, Judge, Ours, Side, make

KEYSPACE = "lww_answers"
ADDRESS = os.environ.get("FIVEFOLD_CASSANDRA_JUDGE", "")
CHAPTERS = dict(
    part.split("\n", 1)
    for part in (Path(__file__).parent / "answers.txt").read_text("utf-8").split("\n# ")[1:]
)


def answer(side: Side, text: str) -> list[str]:
    """Run a statement; return its answer's lines."""
    try:
        names, rows = side.run(text)
    except Failure as failure:
        return [f"! {failure}"]
    if not names:
        return []
    return [" | ".join(line) for line in (names, *([str(one) for one in row] for row in rows))]


def statements(chapter: str) -> Iterator[tuple[str, list[str]]]:
    """Yield statements with their answers."""
    for part in ("\n" + CHAPTERS[chapter].strip("\n")).split("\n> ")[1:]:
        text, *lines = part.split("\n")
        yield text, [line for line in lines if line]


def told(side: Side, chapter: str) -> str:
    """Return a chapter as a side has it."""
    make(side, KEYSPACE)
    return "\n".join(
        line for text, _ in statements(chapter) for line in (f"> {text}", *answer(side, text))
    )


def expected(chapter: str) -> str:
    """Return a chapter as the file has it."""
    return "\n".join(line for text, lines in statements(chapter) for line in (f"> {text}", *lines))


@pytest.fixture(scope="module")
def side(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ours]:
    with empty_store(str(tmp_path_factory.mktemp("answers") / "store.db")) as url:
        found = Ours(url, KEYSPACE)
        yield found
        found.database.close()


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_answers(side: Ours, chapter: str) -> None:
    assert told(side, chapter) == expected(chapter)


@pytest.mark.skipif(not ADDRESS, reason="FIVEFOLD_CASSANDRA_JUDGE is not set")
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_cassandra_answers_so(chapter: str) -> None:
    judge = Judge(ADDRESS, KEYSPACE)
    try:
        assert told(judge, chapter) == expected(chapter)
        judge.run(f"DROP KEYSPACE {KEYSPACE}")
    finally:
        judge.close()


def test_deleted_counters_begin_again(side: Ours) -> None:
    make(side, KEYSPACE)
    add = "UPDATE counters SET n = n + 5, z = z + 1 WHERE pk = 1 AND c = 1"
    for delete in (
        "DELETE n, z FROM counters WHERE pk = 1 AND c = 1",
        "DELETE FROM counters WHERE pk = 1",
    ):
        side.run(add)
        side.run(delete)
        assert side.run("SELECT * FROM counters")[1] == []
        side.run(add)
        assert side.run("SELECT n, z FROM counters")[1] == [(5, 1)]
        side.run("TRUNCATE counters")
