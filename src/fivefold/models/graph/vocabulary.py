"""The numbers that stand for labels and types in a graph's rows."""

from __future__ import annotations

from collections.abc import Iterable

from fivefold.catalog.containers import Graph


class Vocabulary:
    """What the labels and types of one graph are called in its rows."""

    __slots__ = ("_kinds", "_kinds_with", "_types", "graph", "labels")

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.labels = tuple(map(frozenset, graph.kinds))
        """The labels of each kind, by its number."""
        self._kinds = {labels: number for number, labels in enumerate(self.labels)}
        self._types = {name: number for number, name in enumerate(graph.types)}
        self._kinds_with: dict[str, frozenset[int]] = {}

    def kind(self, labels: frozenset[str]) -> int | None:
        """Return the number of a set of labels, None if no node ever had exactly these."""
        return self._kinds.get(labels)

    def kinds_with(self, label: str) -> frozenset[int]:
        """Return the kinds of nodes that have a label."""
        found = self._kinds_with.get(label)
        if found is None:
            found = frozenset(
                number for number, labels in enumerate(self.labels) if label in labels
            )
            self._kinds_with[label] = found
        return found

    def kinds_with_all(self, labels: Iterable[str]) -> list[int]:
        """Return the kinds that have all of these labels, rising."""
        wanted = frozenset(labels)
        return [number for number, known in enumerate(self.labels) if wanted <= known]

    def type(self, name: str) -> int | None:
        """Return the number of a type of relationships."""
        return self._types.get(name)

    def types(self, names: Iterable[str]) -> list[int]:
        """Return the numbers of those of these types that were ever used."""
        return [self._types[name] for name in dict.fromkeys(names) if name in self._types]
