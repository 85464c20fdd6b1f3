"""What must hold of all filters and documents."""

from __future__ import annotations

from typing import Any

from bson.max_key import MaxKey
from bson.min_key import MinKey
from bson.regex import Regex
from hypothesis import given, settings
from hypothesis import strategies as st

from fivefold.languages.mongo.match import matcher, matcher_with_position, parse_filter
from fivefold.values.documents.codec import decode, encode
from fivefold.values.documents.kinds import Document
from fivefold.values.documents.order import compare, is_nan, rank_of
from fivefold.values.documents.paths import parse_path, values_at, values_with_offsets
from tests.languages.mongo.strategies import FIELDS, FILTERS, OPERATORS, PATHS, VALUES

CHECKED = settings(derandomize=True, max_examples=100, deadline=None)


def matches(filter: Document, document: Document) -> bool:
    return matcher(parse_filter(filter))(document)


@CHECKED
@given(FILTERS, FIELDS)
def test_the_logical_operators(filter: Document, document: Document) -> None:
    found = matches(filter, document)
    assert matches({"$nor": [filter]}, document) is not found
    assert matches({"$or": [filter]}, document) is found
    assert matches({"$and": [filter, filter]}, document) is found
    assert matches({"$nor": [{"$nor": [filter]}]}, document) is found
    assert matches({"$or": [filter, {"$nor": [filter]}]}, document) is True
    assert matcher_with_position(parse_filter(filter))(document)[0] is found


@CHECKED
@given(PATHS, OPERATORS, FIELDS)
def test_not_is_the_negation(path: str, operators: Document, document: Document) -> None:
    found = matches({path: operators}, document)
    assert matches({path: {"$not": operators}}, document) is not found
    if "$regex" not in operators:  # its $options do not stand alone
        alone = [matches({path: {name: value}}, document) for name, value in operators.items()]
        assert found is all(alone)


@CHECKED
@given(PATHS, VALUES.filter(lambda value: not _special(value)), FIELDS)
def test_comparisons_agree_with_one_another(path: str, value: Any, document: Document) -> None:
    equal = matches({path: {"$eq": value}}, document)
    assert matches({path: {"$ne": value}}, document) is not equal
    assert matches({path: {"$in": [value]}}, document) is equal
    assert matches({path: {"$nin": [value]}}, document) is not equal
    assert matches({path: {"$all": [value]}}, document) is equal
    if equal:
        assert matches({path: {"$gte": value}}, document)
        assert matches({path: {"$lte": value}}, document)
    below = matches({path: {"$lt": value}}, document)
    assert matches({path: {"$lte": value}}, document) is (below or equal)
    above = matches({path: {"$gt": value}}, document)
    assert matches({path: {"$gte": value}}, document) is (above or equal)


def _special(value: Any) -> bool:
    """Not to be given to $gt or $in: regular expressions, documents of operators."""
    return isinstance(value, Regex) or (
        isinstance(value, dict) and next(iter(value), "").startswith("$")
    )


@CHECKED
@given(PATHS, VALUES.filter(lambda value: not _special(value)), FIELDS)
def test_a_comparison_by_the_order_of_values(path: str, value: Any, document: Document) -> None:
    if isinstance(value, MinKey | MaxKey) or is_nan(value):
        return  # these compare with other types, or not at all
    reached = values_at(document, parse_path(path))
    same_type = [each for each in reached if rank_of(each) == rank_of(value)]
    plain = [each for each in same_type if not is_nan(each)]
    expected = any(compare(each, value) == 0 for each in same_type)
    assert matches({path: {"$eq": value}}, document) is expected
    greater = any(compare(each, value) > 0 for each in plain)
    assert matches({path: {"$gt": value}}, document) is greater


@CHECKED
@given(FILTERS, FIELDS)
def test_what_was_stored_matches_as_what_was_given(filter: Document, document: Document) -> None:
    stored = decode(encode(document))
    sent = decode(encode(filter))
    assert matches(sent, stored) is matches(filter, document)


@CHECKED
@given(PATHS, FIELDS)
def test_both_walks_reach_the_same(path: str, document: Document) -> None:
    names = parse_path(path)
    with_offsets = list(values_with_offsets(document, names))
    reached = values_at(document, names)
    assert len(reached) == len(with_offsets)
    assert all(one is other for one, (other, _) in zip(reached, with_offsets, strict=True))


@settings(derandomize=True, max_examples=100, deadline=None)
@given(st.lists(FIELDS, min_size=1, max_size=4), OPERATORS)
def test_a_position_is_that_of_an_element_that_matches(
    elements: list[Document], operators: Document
) -> None:
    document = {"a": elements}
    filter = {"a": {"$elemMatch": {"b": operators}}}
    found, position = matcher_with_position(parse_filter(filter))(document)
    hits = [at for at, each in enumerate(elements) if matches({"b": operators}, each)]
    assert found is bool(hits)
    assert position == (hits[0] if hits else None)
