"""What stages ask of whoever runs them: the wall between the language and the engine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from fivefold.values.documents.kinds import Document

if TYPE_CHECKING:
    from .base import Stage

MEMORY_BYTES_MAX = 100 * 1024 * 1024
"""What a stage may hold in memory (manual, "Aggregation Pipeline Limits")."""


@dataclass(frozen=True, slots=True)
class Target:
    """A collection that $out or $merge writes to."""

    namespace: str
    name: str


class Partners(Protocol):
    """A collection's documents by the values of one of its fields."""

    def found(self, wanted: Sequence[Sequence[Any]]) -> Iterator[list[Document]]:
        """Yield, for each of several lists of values, the documents that have any of them."""
        ...


class Context(Protocol):
    """Who runs a pipeline.

    ``variables`` are those that expressions see: NOW at least, and what the command's ``let`` or a
    $lookup's binds. ``memory_bytes_max`` bounds what one stage holds.
    """

    variables: dict[str, Any]
    allow_disk_use: bool
    memory_bytes_max: int

    def check(self) -> None:
        """Raise if the command was interrupted or has run too long; called every few documents."""
        ...

    def read(
        self,
        namespace: str,
        name: str,
        pipeline: tuple[Stage, ...],
        variables: dict[str, Any],
    ) -> Iterator[Document]:
        """Yield what a pipeline gives over a collection or view; nothing if there is none."""
        ...

    def inner(self, variables: dict[str, Any]) -> Context:
        """Return the context with these variables instead, for pipelines over what is at hand."""
        ...

    def partners(self, namespace: str, name: str, path: tuple[str, ...]) -> Partners | None:
        """Return the way to a collection's documents by a field; None if each has to be read."""
        ...

    def replace(self, target: Target, documents: Iterator[Document]) -> None:
        """Put the documents in place of all of a collection, keeping its indexes ($out)."""
        ...

    def unique(self, target: Target, fields: Sequence[str]) -> bool:
        """Tell whether a unique index has exactly these fields; {_id} always has one."""
        ...

    def find(self, target: Target, key: Document) -> Document | None:
        """Return the document whose fields equal these ($merge)."""
        ...

    def insert(self, target: Target, document: Document) -> None:
        """Insert a document; one without _id is given one ($merge)."""
        ...

    def update(self, target: Target, old: Document, new: Document) -> None:
        """Put a document in another's place ($merge)."""
        ...

    def statistics(self, stage: str, options: Document) -> Iterator[Document]:
        """Yield what $collStats, $indexStats, $currentOp, $listSessions… tell."""
        ...
