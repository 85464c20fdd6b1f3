"""Which index finds a node of a pattern."""

from __future__ import annotations

from enum import Enum
from typing import Literal

from fivefold.catalog.containers import GraphIndex
from fivefold.languages.cypher.lower.conditions import Among, Compare, Conditions, OfKind
from fivefold.models.graph.vocabulary import Vocabulary


class How(Enum):
    """What an index is asked for, the best first."""

    EQUAL = 0
    AMONG = 1
    RANGE = 2


Found = (
    tuple[GraphIndex, list[Compare], Literal[How.EQUAL, How.RANGE]]
    | tuple[GraphIndex, Among, Literal[How.AMONG]]
)
"""An index, the conditions that it takes over, and how it is asked."""


def index_of(name: str, conditions: Conditions, vocabulary: Vocabulary) -> Found | None:
    """Return the index that finds a node best, None if none does."""
    if not any(isinstance(one, OfKind) and one.kinds for one in conditions.of(name)):
        return None
    compared: dict[str, list[Compare]] = {}
    listed: dict[str, Among] = {}
    for one in conditions.of(name):
        if isinstance(one, Compare):
            compared.setdefault(one.key, []).append(one)
        elif isinstance(one, Among):
            listed[one.key] = one
    if not compared and not listed:
        return None
    best: Found | None = None
    for index in vocabulary.graph.indexes:
        held = vocabulary.kinds_with(index.label)
        if index.relationship or not _holds(held, name, conditions):
            continue
        found = _asked(index, compared, listed)
        if found is not None and (best is None or _grade(found) < _grade(best)):
            best = found
    return best


def _asked(
    index: GraphIndex, compared: dict[str, list[Compare]], listed: dict[str, Among]
) -> Found | None:
    """Return how an index is asked about conditions on properties, None if it is not."""
    equal = [
        next((one for one in compared.get(key, ()) if one.op == "="), None)
        for key in index.properties
    ]
    if all(equal):
        return index, [one for one in equal if one is not None], How.EQUAL
    if len(index.properties) > 1:
        return None
    (key,) = index.properties
    if key in listed:
        return index, listed[key], How.AMONG
    ranged = [one for one in compared.get(key, ()) if one.op != "="]
    return (index, ranged, How.RANGE) if ranged else None


def _grade(found: Found) -> tuple[int, bool]:
    """Return what is less the fewer nodes are likely to be found."""
    index, _, how = found
    return how.value, not index.unique


def _holds(held: frozenset[int], name: str, conditions: Conditions) -> bool:
    """Say whether these kinds are all that a node may be of."""
    return any(
        isinstance(one, OfKind) and held.issuperset(one.kinds) for one in conditions.of(name)
    )
