"""Which index finds a node of a pattern."""

from __future__ import annotations

from fivefold.catalog.containers import GraphIndex
from fivefold.languages.cypher.lower.conditions import Compare, Conditions, OfKind
from fivefold.models.graph.vocabulary import Vocabulary

Found = tuple[GraphIndex, list[Compare], bool]
"""An index, the conditions that it takes over, and whether they are equality."""


def index_of(name: str, conditions: Conditions, vocabulary: Vocabulary) -> Found | None:
    """Return the index that finds a node best, None if none does."""
    if not any(isinstance(one, OfKind) and one.kinds for one in conditions.of(name)):
        return None
    compared: dict[str, list[Compare]] = {}
    for one in conditions.of(name):
        if isinstance(one, Compare):
            compared.setdefault(one.key, []).append(one)
    if not compared:
        return None
    best: Found | None = None
    for index in vocabulary.graph.indexes:
        held = vocabulary.kinds_with(index.label)
        if index.relationship or not _holds(held, name, conditions):
            continue
        equal = [
            next((one for one in compared.get(key, ()) if one.op == "="), None)
            for key in index.properties
        ]
        if all(equal):
            if best is None or not best[2] or index.unique:
                best = (index, [one for one in equal if one is not None], True)
        elif len(index.properties) == 1 and best is None:
            ranged = [one for one in compared.get(index.properties[0], ()) if one.op != "="]
            if ranged:
                best = (index, ranged, False)
    return best


def _holds(held: frozenset[int], name: str, conditions: Conditions) -> bool:
    """Say whether these kinds are all that a node may be of."""
    return any(
        isinstance(one, OfKind) and held.issuperset(one.kinds) for one in conditions.of(name)
    )
