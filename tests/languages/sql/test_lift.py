"""Literals are lifted, and put back they give the same statement."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fivefold.languages.sql import commands
from fivefold.languages.sql.lift import lift, positions
from fivefold.languages.sql.lower import lower
from tests.languages.sql.world import CONTEXT

CASES = [
    ("SELECT 1", "SELECT \x02", ("1",)),
    ("SELECT 3000000000, 1.5, .5", "SELECT \x03, \x04, \x04", ("3000000000", "1.5", ".5")),
    ("SELECT 'it''s', a1, $1", "SELECT \x01, a1, $1", ("it's",)),
    ("SELECT E'a\\'b', 'c' -- 5", "SELECT E'a\\'b', \x01 -- 5", ("c",)),
    ('SELECT "a 1", $$ 2 $$, 3', 'SELECT "a 1", $$ 2 $$, \x02', ("3",)),
]  # fmt: skip


@pytest.mark.parametrize(("text", "key", "literals"), CASES)
def test_lifts(text: str, key: str, literals: tuple[str, ...]) -> None:
    assert lift(text) == (key, literals)
    assert len(positions(text)) == len(literals)


@pytest.mark.parametrize("text", ["SELECT /* 1 */ 2", "SELECT 'a'\n 'b'"])
def test_gives_up(text: str) -> None:
    assert lift(text) is None


LITERALS = st.one_of(
    st.integers(0, 2**70).map(str),
    st.decimals(0, 1000, places=2).map(str),
    st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=8).map(
        lambda text: "'" + text.replace("'", "''") + "'"
    ),
)


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.lists(LITERALS, min_size=1, max_size=4))
def test_put_back_they_are_the_text(literals: list[str]) -> None:
    text = "SELECT " + ", ".join(literals) + " FROM t WHERE id = 5"
    lifted = lift(text)
    assert lifted is not None
    assert len(lifted[1]) == len(literals) + 1
    for at, literal in zip(positions(text), [*literals, "5"], strict=True):
        assert text.startswith(literal, at)


def test_same_key_means_same_statement() -> None:
    one = lower("SELECT n + 1, 'a' || name FROM t WHERE id = 7 ORDER BY 1", CONTEXT)
    other = lower("SELECT n + 2, 'b' || name FROM t WHERE id = 8 ORDER BY 1", CONTEXT)
    assert isinstance(one, commands.Query)
    assert isinstance(other, commands.Query)
    assert one.statement == other.statement
    assert one.pinned == other.pinned == (3,)
    assert [literal.index for literal in one.lifted] == [0, 1, 2]
