"""A graph as one unit's catalog has it, and what it takes to have the catalog know more."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import replace

from fivefold.catalog.containers import Graph, View
from fivefold.errors import Unsupported
from fivefold.languages.unit import NeedsChange, Unit
from fivefold.models.graph import layout
from fivefold.models.graph.records import Plans
from fivefold.models.graph.vocabulary import Vocabulary


class Opened:
    """What was made of a graph under one catalog."""

    __slots__ = ("asks", "graph", "plans", "vocabulary")

    def __init__(self, unit: Unit, namespace: str, graph: Graph) -> None:
        self.graph = graph
        self.asks = any(one.kind != "unique" for one in graph.constraints)
        """Some constraint asks for more than that keys are unique, which indexes see to."""
        self.vocabulary = Vocabulary(graph)
        self.plans = Plans(unit.prepare, namespace, graph, numbered=unit.numbered)


def find(unit: Unit, namespace: str) -> Opened | None:
    """Return a graph, None if nothing was ever written to it. Raises Unsupported."""
    container = unit.catalog.find(namespace, layout.NODES)
    if container is None:
        return None
    if not isinstance(container, View) or container.graph is None:
        raise Unsupported(
            f'the database "{namespace}" has no graph, for its container "{layout.NODES}" belongs'
            f" to the {container.model.value} model",
            hint="Use another database for the graph.",
        )
    graph = container.graph
    return unit.remember(("graph", namespace), lambda: Opened(unit, namespace, graph))


def needed(unit: Unit, namespace: str, new: Graph) -> NeedsChange:
    """Return what asks for a graph to be as described, whether it is there or not."""
    found = find(unit, namespace)
    if found is None:
        space = namespace not in unit.catalog.namespaces
        return NeedsChange(layout.made(namespace, new, unit.document, space=space))
    return NeedsChange(layout.described(namespace, found.graph, new, unit.document))


def fresh() -> Graph:
    """Return a graph without anything in it."""
    return Graph(uuid.uuid4().hex)


def declare(
    unit: Unit, namespace: str, kinds: Iterable[frozenset[str]], types: Iterable[str]
) -> None:
    """Have the graph know these sets of labels and types. Raises NeedsChange if it does not yet."""
    found = find(unit, namespace)
    graph = fresh() if found is None else found.graph
    known = set(map(frozenset, graph.kinds))
    new_kinds = [tuple(sorted(kind)) for kind in dict.fromkeys(kinds) if kind not in known]
    new_types = [name for name in dict.fromkeys(types) if name not in graph.types]
    if new_kinds or new_types or found is None:
        raise needed(
            unit,
            namespace,
            replace(
                graph,
                kinds=(*graph.kinds, *new_kinds),
                types=(*graph.types, *new_types),
            ),
        )


def declare_special(unit: Unit, namespace: str) -> NeedsChange:
    """Return what has the graph know that it holds special values; see ``values.graph.storage``."""
    found = find(unit, namespace)
    graph = fresh() if found is None else found.graph
    return needed(unit, namespace, replace(graph, special=True))
