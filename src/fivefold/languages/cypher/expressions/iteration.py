"""What walks a list with a variable of its own: comprehensions, quantifiers, reduce."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fivefold.languages.cypher import tree
from fivefold.languages.cypher.expressions.compiler import Compiler, Evaluate
from fivefold.languages.cypher.graph import Row, Run
from fivefold.values.graph.faults import fault
from fivefold.values.graph.types import word_of


def _elements(value: Any, at: int) -> list[Any]:
    if type(value) is list:
        return value
    raise fault(
        "InvalidArgumentType",
        f"Type mismatch: expected List but was {word_of(value)}",
        type="TypeError",
        at=at,
    )


def _comprehension(expression: tree.ListComprehension, compiler: Compiler) -> Evaluate:
    variable, at = expression.variable, expression.at
    source = compiler.part(expression.source)
    where = compiler.part(expression.where) if expression.where else None
    body = compiler.part(expression.body) if expression.body else None

    def evaluate(row: Row, run: Run) -> Any:
        value = source(row, run)
        if value is None:
            return None
        # One row for all elements: nothing that is computed from it keeps it.
        inner, made = row.copy(), []
        for element in _elements(value, at):
            inner[variable] = element
            if where is None or where(inner, run) is True:
                made.append(element if body is None else body(inner, run))
        return made

    return evaluate


def _quantifier(expression: tree.Quantifier, compiler: Compiler) -> Evaluate:
    variable, at = expression.variable, expression.at
    source, where = compiler.part(expression.source), compiler.part(expression.where)
    judge = _QUANTIFIERS[expression.kind]

    def evaluate(row: Row, run: Run) -> Any:
        value = source(row, run)
        if value is None:
            return None
        inner = row.copy()

        def holds(element: Any) -> Any:
            inner[variable] = element
            return where(inner, run)

        return judge(_elements(value, at), holds)

    return evaluate


Holds = Callable[[Any], Any]


def _all(elements: list[Any], holds: Holds) -> bool | None:
    answer: bool | None = True
    for element in elements:
        held = holds(element)
        if held is False:
            return False
        if held is None:
            answer = None
    return answer


def _any(elements: list[Any], holds: Holds) -> bool | None:
    answer: bool | None = False
    for element in elements:
        held = holds(element)
        if held is True:
            return True
        if held is None:
            answer = None
    return answer


def _none(elements: list[Any], holds: Holds) -> bool | None:
    found = _any(elements, holds)
    return None if found is None else not found


def _single(elements: list[Any], holds: Holds) -> bool | None:
    """Return whether one element holds; two that do decide whatever else is unknown."""
    found = unknown = False
    for element in elements:
        held = holds(element)
        if held is True:
            if found:
                return False
            found = True
        elif held is None:
            unknown = True
    return None if unknown else found


_QUANTIFIERS: dict[str, Callable[[list[Any], Holds], bool | None]] = {
    "all": _all,
    "any": _any,
    "none": _none,
    "single": _single,
}


def _reduce(expression: tree.Reduce, compiler: Compiler) -> Evaluate:
    accumulator, variable, at = expression.accumulator, expression.variable, expression.at
    initial, source = compiler.part(expression.initial), compiler.part(expression.source)
    body = compiler.part(expression.body)

    def evaluate(row: Row, run: Run) -> Any:
        value = source(row, run)
        if value is None:
            return None
        inner = row.copy()
        inner[accumulator] = initial(row, run)
        for element in _elements(value, at):
            inner[variable] = element
            inner[accumulator] = body(inner, run)
        return inner[accumulator]

    return evaluate


COMPILE: dict[type[tree.Expression], Callable[[Any, Compiler], Evaluate]] = {
    tree.ListComprehension: _comprehension,
    tree.Quantifier: _quantifier,
    tree.Reduce: _reduce,
}
