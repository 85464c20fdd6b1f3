"""FOR UPDATE and its like: what a query says of them."""

from __future__ import annotations

import pytest

from fivefold.languages.sql.commands import Query
from fivefold.languages.sql.lower import lower
from tests.languages.sql.world import CONTEXT


@pytest.mark.parametrize("words", ["UPDATE", "NO KEY UPDATE", "SHARE", "KEY SHARE"])
def test_a_query_says_that_it_locks(words: str) -> None:
    found = lower(f"SELECT id FROM t FOR {words}", CONTEXT)
    assert isinstance(found, Query)
    assert found.locks


def test_others_do_not() -> None:
    found = lower("SELECT id FROM t", CONTEXT)
    assert isinstance(found, Query)
    assert not found.locks


@pytest.mark.parametrize(
    ("option", "nowait"),
    [("NOWAIT", True), ("SKIP LOCKED", False), ("OF t", False), ("OF t NOWAIT", True)],
)
def test_options_are_heard(option: str, nowait: bool) -> None:
    found = lower(f"SELECT id FROM t FOR UPDATE {option}", CONTEXT)
    assert isinstance(found, Query)
    assert (found.locks, found.strength, found.nowait) == (True, "UPDATE", nowait)
