"""Three-valued logic against a model: what holds whatever the nulls turn out to be."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from fivefold.errors import FivefoldError
from fivefold.languages.cypher import tree
from tests.languages.cypher.expressions.trees import expression, operate, value_of

VALUES = (True, False, None)
CONNECTIVES: dict[str, Callable[[bool, bool], bool]] = {
    "and": lambda one, two: one and two,
    "or": lambda one, two: one or two,
    "xor": lambda one, two: one is not two,
}


def model(op: str, one: bool | None, two: bool | None) -> bool | None:
    """Null unless every choice of true or false for the nulls gives one answer."""
    choices = itertools.product(
        *[(True, False) if value is None else (value,) for value in (one, two)]
    )
    answers = {CONNECTIVES[op](*choice) for choice in choices}
    return answers.pop() if len(answers) == 1 else None


@pytest.mark.parametrize("op", CONNECTIVES)
@pytest.mark.parametrize("one", VALUES)
@pytest.mark.parametrize("two", VALUES)
def test_connectives(op: str, one: bool | None, two: bool | None) -> None:
    assert operate(op, one, two) is model(op, one, two)


def test_not() -> None:
    negated = [value_of(tree.Unary("not", expression(value))) for value in VALUES]
    assert negated == [False, True, None]


@pytest.mark.parametrize(
    ("op", "one", "two"),
    [("and", 1, True), ("and", True, "x"), ("or", False, []), ("xor", 1.0, None), ("or", {}, None)],
)
def test_conditions_are_booleans(op: str, one: object, two: object) -> None:
    with pytest.raises(FivefoldError) as caught:
        operate(op, one, two)
    assert caught.value.facts["detail"] == "InvalidArgumentType"
    assert caught.value.facts["type"] == "TypeError"


def test_what_is_decided_is_not_looked_at_further() -> None:
    assert operate("and", False, 1) is False
    assert operate("or", True, 1) is True
