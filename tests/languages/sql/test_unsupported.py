"""What PostgreSQL has and fivefold has not is refused in so many words, and with a way round it."""

from __future__ import annotations

from pathlib import Path

import pytest

import fivefold
from fivefold.errors import FivefoldError, Unsupported
from fivefold.languages.sql import instead

STATEMENTS = Path(__file__).with_name("unsupported.txt").read_text().splitlines()


@pytest.fixture(scope="module")
def database() -> fivefold.Database:
    made = fivefold.open(":memory:")
    made.sql("CREATE TABLE t (id int PRIMARY KEY, n int)")
    made.sql("CREATE TABLE u (id int PRIMARY KEY, n int)")
    return made


@pytest.mark.parametrize("text", STATEMENTS)
def test_it_is_named_and_something_else_offered(database: fivefold.Database, text: str) -> None:
    with pytest.raises(FivefoldError) as caught:
        database.sql(text)
    error = caught.value
    assert isinstance(error, Unsupported), error
    assert error.message.rstrip("x").count(" ") >= 1
    assert error.position is not None
    assert 1 <= error.position <= len(text)
    assert error.hint
    assert error.hint != instead._ELSE, error.message
