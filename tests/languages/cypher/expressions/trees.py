"""Small words for trees of expressions, and their values."""

from __future__ import annotations

from typing import Any

import pytest

from fivefold.errors import FivefoldError
from fivefold.languages.cypher import tree
from fivefold.languages.cypher.expressions import compile_expression
from fivefold.languages.cypher.graph import Run, Statistics
from fivefold.languages.cypher.parse import parse
from fivefold.values.graph.temporal import DateTime


def expression(value: Any) -> tree.Expression:
    """A tree for a value: trees are as they are, lists and maps may hold some."""
    if isinstance(value, tree.Expression):
        return value
    if isinstance(value, (list, tuple)):
        return tree.ListLiteral(tuple(map(expression, value)))
    if isinstance(value, dict):
        return tree.MapLiteral(tuple((key, expression(one)) for key, one in value.items()))
    if value is None or isinstance(value, (bool, int, float, str)):
        return tree.Literal(value)
    raise AssertionError(value)


def run(graph: Any = None, **parameters: Any) -> Run:
    return Run(graph, parameters, DateTime(0, 0), Statistics())


def value_of(value: Any, row: dict[str, Any] | None = None, execution: Run | None = None) -> Any:
    """The value of an expression in one row."""
    return compile_expression(expression(value))(row or {}, execution or run())


def parsed(text: str) -> tree.Expression:
    """The tree of an expression's text."""
    query = parse(f"RETURN {text}").body
    assert isinstance(query, tree.Query)
    (clause,) = query.clauses
    assert isinstance(clause, tree.Return)
    return clause.projection.items[0].expression


def evaluate(text: str, **row: Any) -> Any:
    """The value of an expression's text in one row."""
    return value_of(parsed(text), row)


def details(text: str, **row: Any) -> tuple[object, object]:
    """The type and the detail of the fault that evaluating a text raises."""
    with pytest.raises(FivefoldError) as caught:
        evaluate(text, **row)
    assert caught.value.facts["phase"] == "runtime"
    return caught.value.facts["type"], caught.value.facts["detail"]


def operate(op: str, left: Any, right: Any) -> Any:
    """The value of an operator: of values of any type, which come in variables."""
    made = tree.Binary(op, tree.Variable("left"), tree.Variable("right"))
    return value_of(made, {"left": left, "right": right})


def apply(name: str, *arguments: Any, execution: Run | None = None) -> Any:
    """The value of a function: of values of any type, which come in variables."""
    row = {f"argument {place}": value for place, value in enumerate(arguments)}
    return value_of(tree.Call(name, tuple(map(tree.Variable, row))), row, execution)
