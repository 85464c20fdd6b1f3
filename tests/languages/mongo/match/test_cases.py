"""Every case of ``cases/query.py``: what a filter finds, and what is refused with which words."""

from __future__ import annotations

from typing import Any

import pytest

from fivefold.errors import FivefoldError
from fivefold.languages.mongo.match import matcher, matcher_with_position, parse_filter
from fivefold.values.documents.codec import decode, encode
from fivefold.values.documents.kinds import Document
from tests.languages.mongo.cases.query import ERRORS, TOPICS, Topic

CASES = [
    pytest.param(topic, filter, found, id=f"{topic.page.split(':')[0]}-{at}")
    for topic in TOPICS
    for at, (filter, found) in enumerate(topic.cases)
]


@pytest.mark.parametrize(("topic", "filter", "found"), CASES)
def test_what_a_filter_finds(topic: Topic, filter: Document, found: list[Any]) -> None:
    stored = {name: decode(encode(document)) for name, document in topic.documents.items()}
    for sent in (filter, decode(encode(filter))):
        match = matcher(parse_filter(sent))
        assert [name for name, document in stored.items() if match(document)] == found
        finder = matcher_with_position(parse_filter(sent))
        assert [name for name, document in stored.items() if finder(document)[0]] == found


@pytest.mark.parametrize(("filter", "number", "words"), ERRORS, ids=[str(e[0]) for e in ERRORS])
def test_what_is_no_filter(filter: Document, number: int, words: str) -> None:
    with pytest.raises(FivefoldError) as caught:
        parse_filter(filter)
    assert caught.value.number == number
    assert str(caught.value).startswith(words)


def test_there_are_enough_of_them() -> None:
    assert len(CASES) + len(ERRORS) >= 250
