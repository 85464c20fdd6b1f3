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


EXPRESSIONS: list[tuple[Any, list[int]]] = [
    ({"$gt": ["$spent", "$budget"]}, [1]),
    ({"$and": [{"$gt": ["$spent", 100]}, {"$lt": ["$budget", 400]}]}, [3]),
    ("$spent", [1, 2, 3]),
    ("$nothing", []),
    (True, [1, 2, 3]),
    (0, []),
    ({"$eq": ["$$ROOT.budget", 400]}, [1]),
    ({"$eq": ["$budget", "$$limit"]}, [1]),
]


@pytest.mark.parametrize(("expression", "found"), EXPRESSIONS, ids=str)
def test_expressions(expression: Any, found: list[int]) -> None:
    documents = [
        {"_id": 1, "budget": 400, "spent": 450},
        {"_id": 2, "budget": 100, "spent": 100},
        {"_id": 3, "budget": 300, "spent": 200},
    ]
    node = parse_filter({"$expr": expression}, ["limit"])
    match = matcher(node, {"limit": 400})
    assert [each["_id"] for each in documents if match(each)] == found


def test_a_variable_that_is_not_there() -> None:
    with pytest.raises(FivefoldError, match="Use of undefined variable: limit"):
        parse_filter({"$expr": "$$limit"})


def test_a_share_of_the_documents() -> None:
    match = matcher(parse_filter({"$sampleRate": 0.5}))
    assert 300 < sum(match({"_id": at}) for at in range(1000)) < 700
