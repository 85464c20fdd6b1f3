"""Comparison and membership: the TCK's expressions/comparison and expressions/list (IN); openCypher
9, "Comparison operators" and "IN".
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.languages.cypher.expressions.trees import details, evaluate, operate


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 = 1.0", True),
        ("1 = true", False),
        ("'1' = 1", False),
        ("null = null", None),
        ("null <> null", None),
        ("1 <> '1'", True),
        ("[1, null] = [1, null]", None),
        ("[1, null] = [2, null]", False),
        ("[1] = [1, null]", False),
        ("[[1]] = [[1.0]]", True),
        ("{a: null} = {a: null}", None),
        ("{a: 1} = {a: 1, b: null}", False),
        ("{a: 1, b: 2} = {b: 2, a: 1.0}", True),
        ("[1, 2] <> [1, 2]", False),
        ("[null] <> [1]", None),
        ("0.0 / 0.0 = 0.0 / 0.0", False),
        ("0.0 / 0.0 <> 0.0 / 0.0", True),
        ("0.0 / 0.0 < 1", False),
        ("1 < 2", True),
        ("1 < 1.5", True),
        ("2 <= 2", True),
        ("3 > 2", True),
        ("2 >= 3", False),
        ("'a' < 'b'", True),
        ("'a' < 1", None),
        ("false < true", True),
        ("true > 1", None),
        ("null < 1", None),
        ("1 >= null", None),
        ("[1, 2] < [1, 3]", True),
        ("[1] < [1, 0]", True),
        ("[1, null] < [2]", True),
        ("[1, null] >= [1, 2]", None),
        ("{a: 1} < {a: 2}", None),
        ("1 < 2 < 3", True),
        ("1 < 3 < 2", False),
        ("1 < 2 = 2 < 3", True),
        ("3 > 2 > null", None),
        ("1 IN [1, 2]", True),
        ("3 IN [1, 2]", False),
        ("3 IN [1, null]", None),
        ("1 IN [1, null]", True),
        ("null IN [1]", None),
        ("null IN []", False),
        ("1 IN null", None),
        ("[1] IN [[1, null]]", False),
        ("[1] IN [[null]]", None),
        ("[1, 2] IN [1, 2]", False),
        ("[1, 2] IN [1, [1, 2]]", True),
        ("1 IN [1.0]", True),
        ("1 IN [true, '1']", False),
        ("'abc' STARTS WITH 'ab'", True),
        ("'abc' ENDS WITH ''", True),
        ("'abc' CONTAINS 'd'", False),
        ("'abc' STARTS WITH null", None),
        ("null CONTAINS 'a'", None),
        ("1 ENDS WITH 'a'", None),
        ("'a' CONTAINS 1", None),
        ("['a'] CONTAINS 'a'", None),
        ("null IS NULL", True),
        ("1 IS NULL", False),
        ("null IS NOT NULL", False),
        ("1 IS :: INTEGER", True),
        ("null IS :: INTEGER", True),
        ("null IS :: INTEGER NOT NULL", False),
        ("1 IS NOT :: STRING", True),
        ("[1, 'a'] IS :: LIST<INTEGER | STRING>", True),
    ],
)
def test_answers(text: str, value: Any) -> None:
    assert evaluate(text) is value
    # What is constant is folded; variables are compared as rows come.
    if " IN " in text:
        one, many = text.split(" IN ")
        assert evaluate("one IN many", one=evaluate(one), many=evaluate(many)) is value


def test_in_wants_a_list() -> None:
    assert details("1 IN many", many="abc") == ("TypeError", "InvalidArgumentType")
    assert details("1 IN many", many={"a": 1}) == ("TypeError", "InvalidArgumentType")


scalars = st.none() | st.booleans() | st.integers(-2, 2) | st.floats(-2, 2) | st.text(max_size=2)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2)
    ),
    max_leaves=5,
)


@given(values, values)
def test_operators_agree(one: Any, two: Any) -> None:
    equal, unequal = operate("=", one, two), operate("<>", one, two)
    assert unequal is (None if equal is None else not equal)
    assert operate("=", two, one) is equal
    assert operate(">", one, two) is operate("<", two, one)
    assert operate(">=", one, two) is operate("<=", two, one)
    assert operate("in", one, [two]) is equal


@given(values, st.lists(values, max_size=4))
def test_in_is_a_chain_of_or(one: Any, many: list[Any]) -> None:
    answers = [operate("=", one, other) for other in many]
    expected = True if True in answers else None if None in answers else False
    assert operate("in", one, many) is expected
