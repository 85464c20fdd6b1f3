"""Counts of rows that are parameters: LIMIT, OFFSET, FETCH … WITH TIES, frames of windows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import fivefold
from fivefold.api.database import Database
from fivefold.errors import InvalidValue

NUMBERS = "SELECT n FROM (VALUES (1), (1), (2), (3)) AS v(n) ORDER BY n"
SUMS = "SELECT sum(n) OVER (ORDER BY n ROWS %s PRECEDING) FROM (VALUES (1), (2), (3)) AS v(n)"


@pytest.fixture
def db() -> Iterator[Database]:
    with fivefold.open(":memory:") as database:
        yield database


@pytest.mark.parametrize(
    ("text", "given", "expected"),
    [
        (f"{NUMBERS} LIMIT %s OFFSET %s", [2, 1], [1, 2]),
        (f"{NUMBERS} LIMIT %s OFFSET %s", [None, None], [1, 1, 2, 3]),
        (f"{NUMBERS} FETCH FIRST %s ROWS WITH TIES", [1], [1, 1]),
        (f"{NUMBERS} FETCH FIRST %s ROWS WITH TIES", [0], []),
        (f"{NUMBERS} FETCH FIRST %s ROWS WITH TIES", [None], [1, 1, 2, 3]),
        (SUMS, [1], [1, 3, 5]),
    ],
)
def test_a_count_may_be_a_parameter(
    text: str, given: list[object], expected: list[int], db: Database
) -> None:
    assert [row[0] for row in db.sql(text, given).fetchall()] == expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"{NUMBERS} LIMIT %s", "invalid_row_count_in_limit_clause"),
        (f"{NUMBERS} OFFSET %s", "invalid_row_count_in_result_offset_clause"),
        (f"{NUMBERS} FETCH FIRST %s ROWS WITH TIES", "invalid_row_count_in_limit_clause"),
        (SUMS, "invalid_preceding_or_following_size"),
        (SUMS.replace("ROWS", "RANGE"), "invalid_preceding_or_following_size"),
    ],
)
def test_no_count_is_negative(text: str, code: str, db: Database) -> None:
    with pytest.raises(InvalidValue) as caught:
        db.sql(text, [-1]).fetchall()
    assert caught.value.code == code
