"""Which element of an array made a filter true: manual, "$ (update)", "$ (projection)"."""

from __future__ import annotations

import re

import pytest

from fivefold.errors import FivefoldError
from fivefold.languages.mongo.match import matcher, matcher_with_position, parse_filter
from fivefold.languages.mongo.match.tree import (
    Always,
    And,
    Compare,
    ElemMatch,
    ElemMatchValue,
    Exists,
    In,
    Node,
    Not,
    Or,
    Regex,
)
from fivefold.values.documents.kinds import Document

POSITIONS: list[tuple[Document, Document, tuple[bool, int | None]]] = [
    ({"grades": 80}, {"grades": [85, 80, 80]}, (True, 1)),
    ({"grades": {"$gte": 82}}, {"grades": [80, 85, 90]}, (True, 1)),
    ({"grades": {"$gte": 100}}, {"grades": [80, 85, 90]}, (False, None)),
    ({"grades.grade": 85}, {"grades": [{"grade": 80}, {"grade": 85}]}, (True, 1)),
    (
        {"grades": {"$elemMatch": {"grade": {"$lte": 90}, "mean": {"$gt": 80}}}},
        {"grades": [{"grade": 90, "mean": 75}, {"grade": 85, "mean": 90}]},
        (True, 1),
    ),
    ({"a": {"$elemMatch": {"$gt": 1, "$lt": 3}}}, {"a": [0, 5, 2]}, (True, 2)),
    ({"a": 1}, {"a": 1}, (True, None)),
    ({"a": [1, 2]}, {"a": [1, 2]}, (True, None)),
    ({"a": [1, 2]}, {"a": [0, [1, 2]]}, (True, 1)),
    ({"a.1": 5}, {"a": [0, 5]}, (True, None)),
    ({"a.1.b": 5}, {"a": [0, {"b": [4, 5]}]}, (True, 1)),
    ({"a.b": 5}, {"a": [{"b": [1]}, {"b": [3, 5]}]}, (True, 1)),
    ({"a": 2, "b": 7}, {"a": [1, 2], "b": [7]}, (True, 0)),
    ({"a": 2, "b": 7}, {"a": [1, 2], "b": 7}, (True, 1)),
    ({"a": 2, "b": 8}, {"a": [1, 2], "b": 7}, (False, None)),
    ({"$or": [{"a": 9}, {"a": 2}]}, {"a": [1, 2]}, (True, 1)),
    ({"a": {"$ne": 5}}, {"a": [1, 2]}, (True, None)),
    ({"a": {"$not": {"$gt": 5}}}, {"a": [1, 2]}, (True, None)),
    ({"a": {"$in": [2, 3]}}, {"a": [1, 2]}, (True, 1)),
    ({"a": {"$all": [1, 2]}}, {"a": [1, 2]}, (True, 1)),
    ({"a": {"$size": 2}}, {"a": [1, 2]}, (True, None)),
    ({"a": re.compile("^b")}, {"a": ["a", "b"]}, (True, 1)),
    ({"a": {"$type": "string"}}, {"a": [1, "b"]}, (True, 1)),
    ({"a.b": None}, {"a": [{"b": 1}, {}]}, (True, 1)),
    ({}, {"a": [1]}, (True, None)),
]


@pytest.mark.parametrize(
    ("filter", "document", "found"), POSITIONS, ids=[str(p[0]) for p in POSITIONS]
)
def test_positions(filter: Document, document: Document, found: tuple[bool, int | None]) -> None:
    assert matcher_with_position(parse_filter(filter))(document) == found


A = Compare(("a",), "$eq", 1)
B = Compare(("b", "c"), "$gt", 2)

TREES: list[tuple[Document, Node]] = [
    ({}, Always(True)),
    ({"$comment": "x"}, Always(True)),
    ({"a": 1}, A),
    ({"$and": [{"a": 1}]}, A),
    ({"a": 1, "b.c": {"$gt": 2}}, And((A, B))),
    ({"$and": [{"a": 1}, {"$and": [{"b.c": {"$gt": 2}}, {}]}]}, And((A, B))),
    ({"$or": [{"a": 1}]}, Or((A,))),
    ({"a": {"$ne": 1}}, Not(A)),
    ({"a": {"$not": {"$eq": 1}}}, Not(A)),
    ({"a": {"$nin": [1]}}, Not(In(("a",), (1,)))),
    ({"a": {"$exists": False}}, Not(Exists(("a",)))),
    ({"a": {"$all": [1, re.compile("x", re.I)]}}, And((A, Regex(("a",), "x", "iu")))),
    ({"a": {"$all": []}}, Always(False)),
    ({"a": {"$elemMatch": {"a": 1}}}, ElemMatch(("a",), A)),
    ({"a": {"$elemMatch": {"$gt": 1}}}, ElemMatchValue(("a",), Compare((), "$gt", 1))),
]


@pytest.mark.parametrize(("filter", "tree"), TREES, ids=[str(t[0]) for t in TREES])
def test_trees_are_canonical(filter: Document, tree: Node) -> None:
    assert parse_filter(filter) == tree


def test_patterns_of_bytes() -> None:
    assert parse_filter({"a": re.compile(b"x")}) == Regex(("a",), "x")
    with pytest.raises(FivefoldError, match="Regular expression is not valid UTF-8"):
        parse_filter({"a": re.compile(b"\xff")})


def test_filters_too_deep() -> None:
    filter: Document = {"a": 1}
    for _ in range(190):
        filter = {"$nor": [filter]}
    assert matcher(parse_filter(filter))({"a": 1})
    for _ in range(20):
        filter = {"$nor": [filter]}
    with pytest.raises(FivefoldError, match="filters within filters are too many"):
        parse_filter(filter)
    operators: Document = {"$gt": 1}
    for _ in range(300):
        operators = {"$not": operators}
    with pytest.raises(FivefoldError, match="filters within filters are too many"):
        parse_filter({"a": operators})
