"""$graphLookup.

Source: manual 7.0, "$graphLookup (aggregation)"; numbers and texts of errors as in MongoDB 7.0.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bson.int64 import Int64

from fivefold.languages.mongo.accumulators.base import rough_size
from fivefold.languages.mongo.expressions.compile import compile_term
from fivefold.languages.mongo.expressions.terms import Term
from fivefold.languages.mongo.sorting import field_path
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import MISSING, NAMES, Document, kind_of
from fivefold.values.documents.order import hash_key
from fivefold.values.documents.paths import values_at
from fivefold.values.documents.text import shown

from .base import Site, Stages
from .context import Context
from .equality import equal_to
from .lookup import source_of
from .match import Match, match_of
from .passing import put


@dataclass(frozen=True, slots=True)
class GraphLookup:
    """$graphLookup: all that can be reached from ``start``, from ``source`` to ``target`` fields.

    MongoDB calls them connectFromField and connectToField. Breadth first, each document once.
    """

    namespace: str
    name: str
    start: Any
    term: Term = field(repr=False)
    source: tuple[str, ...]
    target: tuple[str, ...]
    into: tuple[str, ...]
    depth_max: int | None = None
    depth_field: tuple[str, ...] | None = None
    restrict: Match | None = None

    def run(self, documents: Iterator[Document], context: Context) -> Iterator[Document]:
        for document in documents:
            start = self.term.run(document, context.variables)
            if start is MISSING:
                start = None
            begin = start if isinstance(start, list) else [start]
            yield put(document, self.into, self._reached(begin, context))

    def _reached(self, frontier: list[Any], context: Context) -> list[Document]:
        reached: dict[Any, Document] = {}
        asked: set[Any] = set()
        size = depth = 0
        while frontier and (self.depth_max is None or depth <= self.depth_max):
            context.check()
            fresh: dict[Any, Any] = {}
            for value in frontier:
                key = hash_key(value)
                if key not in asked:
                    asked.add(key)
                    fresh[key] = value
            if not fresh:
                break
            frontier = []
            wanted = Match({}, equal_to(self.target, list(fresh.values())))
            stages: Stages = (wanted,) if self.restrict is None else (wanted, self.restrict)
            for found in context.read(self.namespace, self.name, stages, context.variables):
                key = hash_key(found.get("_id"))
                if key in reached:
                    continue
                size += rough_size(found)
                if size > context.memory_bytes_max:
                    raise fault(40099, "$graphLookup reached maximum memory consumption")
                frontier += _from_values(found, self.source)
                if self.depth_field is not None:
                    found = put(found, self.depth_field, Int64(depth))
                reached[key] = found
            depth += 1
        return list(reached.values())


def _from_values(document: Document, path: tuple[str, ...]) -> list[Any]:
    """Return where a document leads; nowhere if the field is missing."""
    return [
        value
        for value in values_at(document, path)
        if value is not MISSING and not isinstance(value, list)
    ]


_GRAPH_FIELDS = ("connectFromField", "connectToField", "depthField", "as")


def parse_graph_lookup(value: Any, site: Site) -> Stages:
    if not isinstance(value, dict):
        kind = NAMES[kind_of(value)]
        raise fault(
            40327, f"the $graphLookup stage specification must be an object, but found {kind}"
        )
    depth_max: int | None = None
    restrict: Match | None = None
    for name, each in value.items():
        if name == "startWith":
            continue
        if name == "maxDepth":
            depth_max = _depth(each)
        elif name == "restrictSearchWithMatch":
            if not isinstance(each, dict):
                raise fault(
                    40185,
                    "restrictSearchWithMatch must be an object, found " + NAMES[kind_of(each)],
                )
            restrict = match_of(each, site)
        elif name not in ("from", *_GRAPH_FIELDS):
            raise fault(40104, f"Unknown argument to $graphLookup: {name}")
        elif name != "from":
            if not isinstance(each, str):
                raise fault(
                    40103,
                    f"expected string as argument for {name}, found: {shown(each)}",
                )
            if each.startswith("$"):
                raise fault(
                    40120,
                    f"{name} should not begin with a '$', found: {each}",
                )
    missing = not all(
        each in value for each in ("from", "startWith", "connectFromField", "connectToField", "as")
    )
    if missing:
        raise fault(
            40105,
            "$graphLookup requires 'from', 'as', 'startWith', 'connectFromField', and "
            "'connectToField' to be specified.",
        )
    namespace, name = source_of(value, "$graphLookup", site)
    depth_field = value.get("depthField")
    return (
        GraphLookup(
            namespace,
            name,
            value["startWith"],
            compile_term(value["startWith"], site.scope),
            field_path(value["connectFromField"]),
            field_path(value["connectToField"]),
            field_path(value["as"]),
            depth_max,
            None if depth_field is None else field_path(depth_field),
            restrict,
        ),
    )


def _depth(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise fault(40100, "maxDepth must be numeric, found type: " + NAMES[kind_of(value)])
    if value < 0:
        raise fault(40101, f"maxDepth requires a nonnegative argument, found: {shown(value)}")
    if value != int(value):
        raise fault(40102, f"maxDepth could not be represented as a long long: {shown(value)}")
    return int(value)
