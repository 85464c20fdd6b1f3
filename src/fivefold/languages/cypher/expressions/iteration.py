"""What walks a list with a variable of its own: comprehensions, quantifiers, reduce."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from fivefold.languages.cypher import tree
from fivefold.languages.cypher.expressions.compiler import Compiler, Evaluate
from fivefold.languages.cypher.graph import Row, Run
from fivefold.values.graph.faults import fault
from fivefold.values.graph.types import word_of

WATCHED_EVERY = 256
"""After how many elements it is seen whether time is up: some 0.1 ms of what is done for each."""


def _watched(elements: list[Any], check: Callable[[], None]) -> Iterator[Any]:
    for at in range(0, len(elements), WATCHED_EVERY):
        check()
        yield from elements[at : at + WATCHED_EVERY]


def _elements(value: Any, at: int, run: Run) -> Iterable[Any]:
    """Return what is to be walked, which may take long: whoever walks it can be interrupted."""
    if type(value) is list:
        if len(value) > WATCHED_EVERY:
            return _watched(value, run.check)
        run.check()  # lists in lists are long as well
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
        for element in _elements(value, at, run):
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

        return judge(_elements(value, at, run), holds)

    return evaluate


Holds = Callable[[Any], Any]


def _all(elements: Iterable[Any], holds: Holds) -> bool | None:
    answer: bool | None = True
    for element in elements:
        held = holds(element)
        if held is False:
            return False
        if held is None:
            answer = None
    return answer


def _any(elements: Iterable[Any], holds: Holds) -> bool | None:
    answer: bool | None = False
    for element in elements:
        held = holds(element)
        if held is True:
            return True
        if held is None:
            answer = None
    return answer


def _none(elements: Iterable[Any], holds: Holds) -> bool | None:
    found = _any(elements, holds)
    return None if found is None else not found


def _single(elements: Iterable[Any], holds: Holds) -> bool | None:
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


_QUANTIFIERS: dict[str, Callable[[Iterable[Any], Holds], bool | None]] = {
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
        for element in _elements(value, at, run):
            inner[variable] = element
            inner[accumulator] = body(inner, run)
        return inner[accumulator]

    return evaluate


COMPILE: dict[type[tree.Expression], Callable[[Any, Compiler], Evaluate]] = {
    tree.ListComprehension: _comprehension,
    tree.Quantifier: _quantifier,
    tree.Reduce: _reduce,
}
