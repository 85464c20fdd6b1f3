"""FOR UPDATE and its like: what is kept, and what is refused because it would not be heard."""

from __future__ import annotations

import pytest

from fivefold.errors import Unsupported
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


@pytest.mark.parametrize("option", ["NOWAIT", "SKIP LOCKED", "OF t"])
def test_options_that_would_not_be_heard_are_refused(option: str) -> None:
    text = f"SELECT id FROM t FOR UPDATE {option}"
    with pytest.raises(Unsupported) as caught:
        lower(text, CONTEXT)
    assert caught.value.message == f"{option.removesuffix(' t')} is not supported"
    assert caught.value.hint is not None
    assert caught.value.position == text.index(option) + 1
