"""What the kit is run over."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


class Refused(Exception):
    """A query raised an error: the kit's words for it, and the message it had."""

    def __init__(self, type: str, phase: str, detail: str, message: str) -> None:
        super().__init__(f"{type} at {phase}: {detail} ({message})")
        self.type = type
        self.phase = phase
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Answer:
    """A query's columns and rows; entities and temporal values as the classes of ``values``."""

    columns: tuple[str, ...]
    rows: Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that the kit counts of a graph.

    Nodes and relationships by their ids, properties as (entity's id, key, form of the value), the
    labels in use.
    """

    nodes: frozenset[Hashable] = frozenset()
    relationships: frozenset[Hashable] = frozenset()
    properties: frozenset[Hashable] = frozenset()
    labels: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class GivenProcedure:
    """A procedure that a scenario needs: its answer is those rows whose inputs are the arguments.

    ``inputs`` and ``outputs`` are pairs of a name and a type such as ``INTEGER?``.
    """

    name: str
    inputs: tuple[tuple[str, str], ...]
    outputs: tuple[tuple[str, str], ...]
    rows: tuple[Mapping[str, Any], ...]


class Backend(Protocol):
    """A door to a graph."""

    def clear(self) -> None:
        """Make the graph empty, and forget procedures."""
        ...

    def add_procedure(self, procedure: GivenProcedure) -> None: ...

    def run(self, query: str, parameters: Mapping[str, Any]) -> Answer:
        """Run a query in a transaction of its own; raises Refused."""
        ...

    def snapshot(self) -> Snapshot: ...
