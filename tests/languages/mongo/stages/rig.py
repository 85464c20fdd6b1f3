"""Collections in memory, and pipelines run over them: what the engine is to stages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bson.objectid import ObjectId

from fivefold.errors import FivefoldError
from fivefold.languages.mongo.match import matcher
from fivefold.languages.mongo.match.tree import In
from fivefold.languages.mongo.pipeline import optimized, parse_pipeline, run
from fivefold.languages.mongo.stages.base import Stages
from fivefold.languages.mongo.stages.context import MEMORY_BYTES_MAX, Partners, Target
from fivefold.values.documents.order import equal
from fivefold.values.documents.paths import get

Document = dict[str, Any]
NOW = datetime(2024, 5, 6, 7, 8, 9)


@dataclass
class Asking:
    """Partners as $in finds them, for each document by itself."""

    held: list[Document]
    path: tuple[str, ...]

    def found(self, wanted: Sequence[Sequence[Any]]) -> Iterator[list[Document]]:
        for values in wanted:
            yield list(filter(matcher(In(self.path, tuple(values))), self.held))


@dataclass
class Collections:
    """A context over lists of documents by name."""

    held: dict[str, list[Document]] = field(default_factory=dict)
    indexes: set[tuple[str, str]] = field(default_factory=set)
    variables: dict[str, Any] = field(default_factory=lambda: {"NOW": NOW})
    allow_disk_use: bool = True
    memory_bytes_max: int = MEMORY_BYTES_MAX
    reads: int = 0

    def check(self) -> None:
        pass

    def read(
        self, namespace: str, name: str, pipeline: Stages, variables: dict[str, Any]
    ) -> Iterator[Document]:
        assert namespace == "shop"
        self.reads += 1
        return run(pipeline, iter(self.held.get(name, [])), self.inner(variables))

    def inner(self, variables: dict[str, Any]) -> Collections:
        return replace(self, variables=variables)

    def partners(self, namespace: str, name: str, path: tuple[str, ...]) -> Partners | None:
        indexed = (name, ".".join(path)) in self.indexes
        return Asking(self.held.get(name, []), path) if indexed else None

    def replace(self, target: Target, documents: Iterator[Document]) -> None:
        self.held[target.name] = [self._identified(document) for document in documents]

    def unique(self, target: Target, fields: Sequence[str]) -> bool:
        return (target.name, "+".join(fields)) in self.indexes

    def find(self, target: Target, key: Document) -> Document | None:
        for document in self.held.get(target.name, []):
            if all(equal(get(document, tuple(name.split("."))), key[name]) for name in key):
                return document
        return None

    def insert(self, target: Target, document: Document) -> None:
        self.held.setdefault(target.name, []).append(self._identified(document))

    def update(self, target: Target, old: Document, new: Document) -> None:
        held = self.held[target.name]
        held[[each is old for each in held].index(True)] = new

    def statistics(self, stage: str, options: Document) -> Iterator[Document]:
        yield {"stage": stage, **options}

    def _identified(self, document: Document) -> Document:
        return document if "_id" in document else {"_id": ObjectId(), **document}


def aggregate(
    documents: Sequence[Document],
    *pipeline: Document,
    context: Collections | None = None,
    plain: bool = False,
) -> list[Document]:
    """Return what a pipeline gives over documents, optimized and as it stands (the same)."""
    stages = parse_pipeline(pipeline, "shop")
    if not plain:
        stages = optimized(stages)
    return list(run(stages, iter(documents), context or Collections()))


def refused(*pipeline: Any, documents: Sequence[Document] = ()) -> FivefoldError | None:
    """Return the error of a pipeline."""
    try:
        aggregate(documents, *pipeline)
    except FivefoldError as error:
        return error
    return None
