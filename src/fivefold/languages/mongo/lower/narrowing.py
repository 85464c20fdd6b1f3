"""What a filter behind $unwind asks of the documents before it.

``{$unwind: "$items"}, {$match: {"items.sku": "A"}}`` leaves something only of documents that
``{"items.sku": "A"}`` matches: so they alone have to be read, by an index perhaps. That is so where
the filter wants some value to be there, and an element stands for itself: it is no array.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fivefold.languages.mongo.collections import Opened
from fivefold.languages.mongo.finding import Query
from fivefold.languages.mongo.lower.bounds import conjuncts
from fivefold.languages.mongo.match.tree import Compare, In, Node, Or, Regex, all_of
from fivefold.languages.mongo.stages.base import Stages
from fivefold.languages.mongo.stages.match import Match
from fivefold.languages.mongo.stages.passing import Unwind
from fivefold.models.document import bits
from fivefold.models.document.bits import SEPARATOR
from fivefold.values.documents.kinds import Kind, kind_of


def narrowed(opened: Opened, query: Query, rest: Stages) -> Query:
    """Return a query for all documents of which the stages leave something."""
    if query.skip or query.limit is not None or len(rest) < 2 or not isinstance(rest[0], Unwind):
        return query
    unwind, asked = rest[0], list[Node]()
    path = SEPARATOR.join((*unwind.path, bits.ELEMENTS))
    if opened.shape.bits(path) & (bits.ARRAY | bits.DEEP):
        return query
    for stage in rest[1:]:
        if not isinstance(stage, Match):
            break
        asked += [one for one in conjuncts(stage.node) if _is_of_elements(one, unwind)]
    return replace(query, filter=all_of([query.filter, *asked])) if asked else query


def _is_of_elements(node: Node, unwind: Unwind) -> bool:
    """Say whether a filter that matches an element's document matches the one that it is from."""
    if isinstance(node, Or):
        return all(_is_of_elements(one, unwind) for one in node.nodes)
    if not isinstance(node, Compare | In | Regex):
        return False
    if any(step.isdigit() for step in node.path):
        return False
    if unwind.index is not None:
        shared = min(len(unwind.index), len(node.path))
        if node.path[:shared] == unwind.index[:shared]:
            return False
    if node.path[: len(unwind.path)] != unwind.path:
        return False
    values = (
        node.values if isinstance(node, In) else (node.value,) if isinstance(node, Compare) else ()
    )
    return all(map(_is_something, values))


_NOT_SO = (Kind.NULL, Kind.MIN_KEY, Kind.MAX_KEY, Kind.ARRAY)


def _is_something(value: Any) -> bool:
    """Say whether a value cannot be equal to what is missing, and is no array itself."""
    return kind_of(value) not in _NOT_SO
