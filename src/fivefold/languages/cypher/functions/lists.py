"""Functions that give lists (Cypher Manual, "List functions")."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from fivefold.languages.cypher.functions.function import Function, by_name, declare, invalid
from fivefold.values.graph.entities import Entity, Node, Path, Relationship, contents_of, labels_of
from fivefold.values.graph.faults import fault
from fivefold.values.graph.types import word_of

_of: Callable[..., Function] = partial(declare, "List")

RANGE_ELEMENTS_MAX = 2**26
"""Of a list in memory, at eight bytes a place and up to 32 for a number."""


def _keys(value: Any) -> list[str]:
    if type(value) is dict:
        return list(value)
    if not isinstance(value, Entity):
        raise invalid("keys", value, "a Map, a Node or a Relationship")
    return list(contents_of(value))


def _labels(node: Any) -> list[str]:
    if not isinstance(node, Node):
        raise invalid("labels", node, "a Node")
    return sorted(labels_of(node))


def _nodes(path: Any) -> list[Node]:
    if not isinstance(path, Path):
        raise invalid("nodes", path, "a Path")
    return list(path.nodes)


def _relationships(path: Any) -> list[Relationship]:
    if not isinstance(path, Path):
        raise invalid("relationships", path, "a Path")
    return list(path.relationships)


def _range(start: Any, end: Any, step: Any = 1) -> list[int]:
    """Return the integers from ``start`` to ``end``, both included.

    Raises faults InvalidArgumentType and NumberOutOfRange.
    """
    for bound in (start, end, step):
        if type(bound) is not int:
            message = (
                f"Invalid input for function 'range()': Expected Integer, got: {word_of(bound)}"
            )
            raise fault("InvalidArgumentType", message, type="ArgumentError")
    if step == 0:
        raise fault("NumberOutOfRange", "Step argument to 'range()' cannot be zero")
    numbers = range(start, end + (1 if step > 0 else -1), step)
    if (end - start) // step >= RANGE_ELEMENTS_MAX:
        message = f"range() would have more than {RANGE_ELEMENTS_MAX} elements"
        raise fault("MemoryLimit", message)
    return list(numbers)


def _reverse(value: Any) -> Any:
    if type(value) is list or type(value) is str:
        return value[::-1]
    raise invalid("reverse", value, "a String or a List")


def _tail(values: Any) -> list[Any]:
    if type(values) is not list:
        raise invalid("tail", values, "a List")
    return values[1:]


FUNCTIONS: Final[dict[str, Function]] = by_name(
    (
        _of(
            "keys(input :: NODE | RELATIONSHIP | MAP) :: LIST<STRING>",
            "The names of all properties.",
            _keys,
        ),
        _of("labels(input :: NODE) :: LIST<STRING>", "The labels of a node.", _labels),
        _of("nodes(input :: PATH) :: LIST<NODE>", "The nodes of a path.", _nodes),
        _of(
            "range(start :: INTEGER, end :: INTEGER, [step :: INTEGER]) :: LIST<INTEGER>",
            "The integers from one to another, both included.",
            _range,
        ),
        _of(
            "relationships(input :: PATH) :: LIST<RELATIONSHIP>",
            "The relationships of a path.",
            _relationships,
        ),
        _of(
            "reverse(input :: STRING | LIST<ANY>) :: STRING | LIST<ANY>",
            "The elements or characters, last first.",
            _reverse,
        ),
        _of("tail(input :: LIST<ANY>) :: LIST<ANY>", "All elements but the first.", _tail),
    )
)
