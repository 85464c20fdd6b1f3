"""Pipelines over what is stored: their beginning by the store, the rest streamed.

What a pipeline begins with, as far as it filters, sorts and cuts off, is a query like find's; what
it groups is one statement if the shadow can be asked (``lower/grouping``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bson.objectid import ObjectId

from fivefold.catalog.containers import View
from fivefold.languages.mongo import collections
from fivefold.languages.mongo.collections import Name
from fivefold.languages.mongo.context import Context
from fivefold.languages.mongo.finding import Query, query_of
from fivefold.languages.mongo.lower.grouping import grouped
from fivefold.languages.mongo.lower.narrowing import narrowed
from fivefold.languages.mongo.match.tree import all_of
from fivefold.languages.mongo.pipeline import optimized, parse_pipeline, run
from fivefold.languages.mongo.sources import read
from fivefold.languages.mongo.stages.base import Stages
from fivefold.languages.mongo.stages.context import MEMORY_BYTES_MAX, Partners, Target
from fivefold.languages.mongo.stages.match import Match
from fivefold.languages.mongo.stages.passing import Limit, Skip, Sort
from fivefold.languages.mongo.stages.union import Documents, Statistics
from fivefold.languages.mongo.writing import Writer, now_of, writer
from fivefold.languages.unit import Unit, watched
from fivefold.values.documents.codec import decode, from_json
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import Document

if TYPE_CHECKING:
    from fivefold.languages.mongo.lower.joining import StoredPartners

VIEWS_DEEP_MAX = 20
"""Views that read views (manual, "Views")."""


def writes(pipeline: Any) -> bool:
    """Say whether a pipeline ends in a stage that writes."""
    if not isinstance(pipeline, list) or not pipeline:
        return False
    last = pipeline[-1]
    return isinstance(last, dict) and bool(last.keys() & {"$out", "$merge"})


class Running:
    """One run of pipelines in a unit; see ``stages.context.Context``."""

    def __init__(
        self,
        unit: Unit,
        variables: dict[str, Any],
        *,
        allow_disk_use: bool = True,
        memory_bytes_max: int = MEMORY_BYTES_MAX,
        hint: Any = None,
        depth: int = 0,
        asker: Context | None = None,
    ) -> None:
        self.unit = unit
        self.variables = variables
        self.allow_disk_use = allow_disk_use
        self.memory_bytes_max = memory_bytes_max
        self.hint = hint
        self.depth = depth
        self.asker = asker
        self.name: Name | None = None
        self.joined: list[StoredPartners] = []
        """The ways to partners that were asked for, as explain tells of them."""
        self._writers: dict[Target, Writer] = {}

    def check(self) -> None:
        """See ``stages.context.Context``."""
        self.unit.check()

    def inner(self, variables: dict[str, Any]) -> Running:
        """Return the run with other variables."""
        return self._with(variables, self.depth)

    def _with(self, variables: dict[str, Any], depth: int) -> Running:
        return Running(
            self.unit,
            variables,
            allow_disk_use=self.allow_disk_use,
            memory_bytes_max=self.memory_bytes_max,
            depth=depth,
            asker=self.asker,
        )

    def read(
        self, namespace: str, name: str, pipeline: Stages, variables: dict[str, Any]
    ) -> Iterator[Document]:
        """Yield what a pipeline gives over a collection, a view or a table."""
        context = self._with(variables, self.depth)
        return context.over((namespace, name), pipeline)

    def over(self, name: Name, stages: Stages) -> Iterator[Document]:
        """Yield what stages make of a collection's documents."""
        if stages and isinstance(stages[0], (Documents, Statistics)):
            self.name = name
            return self._run(stages, iter(()))
        container = self.unit.catalog.find(*name)
        collection = container.collection if isinstance(container, View) else None
        if collection is not None and collection.source is not None:
            if self.depth >= VIEWS_DEEP_MAX:
                raise fault(165, f"View depth too deep or view cycle detected: {'.'.join(name)}")
            assert container is not None
            first = parse_pipeline(from_json(collection.pipeline or "[]"), name[0])
            inner = self._with(self.variables, self.depth + 1)
            return inner.over((name[0], collection.source), optimized((*first, *stages)))
        query, rest = self.absorbed(name, stages)
        if rest and collection is not None:
            found = grouped(self.unit, name, query, rest)
            if found is not None:
                documents, rest = found
                return self._run(rest, documents)
            opened = collections.find(self.unit, name)
            assert opened is not None
            query = narrowed(opened, query, rest)
        items = read(self.unit, name, query, None)
        if not rest:
            return (decode(i) if isinstance(i, bytes) else i for i in items)
        items = watched(items, self.check)
        return self._run(rest, (decode(i) if isinstance(i, bytes) else i for i in items))

    def _run(self, stages: Stages, documents: Iterator[Document]) -> Iterator[Document]:
        """Yield what stages make of documents, which may be many more than came."""
        return watched(run(stages, documents, self), self.check)

    def absorbed(self, name: Name, stages: Stages) -> tuple[Query, Stages]:
        """Return the beginning of a pipeline as a query, and what comes after it."""
        query = Query(hint=self.hint, variables=self.variables)
        unsorted: tuple[Query, Stages] | None = None
        at = 0
        for at, stage in enumerate((*stages, None)):
            cut = query.skip or query.limit is not None
            if isinstance(stage, Match) and not cut:
                query = replace(query, filter=all_of([query.filter, stage.node]))
            elif isinstance(stage, Sort) and unsorted is None and not cut:
                unsorted = query, stages[at:]
                query = replace(query, sorting=stage.sorting)
            elif isinstance(stage, Skip) and query.limit is None:
                query = replace(query, skip=query.skip + stage.count)
            elif isinstance(stage, Limit):
                least = stage.count if query.limit is None else min(query.limit, stage.count)
                query = replace(query, limit=least)
            else:
                break
        if unsorted is None or query.limit is not None or self._comes_sorted(name, query):
            return query, stages[at:]
        return unsorted  # the stage has room on the disk, a query has not

    def _comes_sorted(self, name: Name, query: Query) -> bool:
        if not collections.is_stored(self.unit, name):
            return False
        opened = collections.find(self.unit, name)
        assert opened is not None
        return query.plan(self.unit, opened).ordered

    def partners(self, namespace: str, name: str, path: tuple[str, ...]) -> Partners | None:
        """Return the way to a stored collection's documents by a field."""
        from fivefold.languages.mongo.lower.joining import StoredPartners

        if not collections.is_stored(self.unit, (namespace, name)):
            return None
        opened = collections.find(self.unit, (namespace, name))
        assert opened is not None
        made = StoredPartners(self.unit, opened, path, self.memory_bytes_max)
        self.joined.append(made)
        return made

    # $out and $merge

    def _writer(self, target: Target) -> Writer:
        found = self._writers.get(target)
        if found is None:
            made = writer(self.unit, (target.namespace, target.name))
            assert made is not None
            found = self._writers[target] = made
        return found

    def replace(self, target: Target, documents: Iterator[Document]) -> None:
        """Put documents in the place of all that a collection has."""
        held = [*documents]
        into = self._writer(target)
        into.delete(query_of(None), multi=True)
        done = into.insert(held, ordered=True)
        for error in done.faults.values():
            raise error

    def unique(self, target: Target, fields: Sequence[str]) -> bool:
        """Say whether a unique index has exactly these fields."""
        opened = collections.find(self.unit, (target.namespace, target.name))
        if {*fields} == {"_id"}:
            return True
        return opened is not None and any(
            index.unique
            and index.partial is None
            and {path for path, _ in index.parts} == {*fields}
            for index in opened.collection.indexes
        )

    def find(self, target: Target, key: Document) -> Document | None:
        """Return the document with these fields."""
        for _, document, _ in self._writer(target).found(query_of(key), 1):
            return document
        return None

    def insert(self, target: Target, document: Document) -> None:
        """Insert a document."""
        if "_id" not in document:
            document = {"_id": ObjectId(), **document}
        for error in self._writer(target).insert([document], ordered=True).faults.values():
            raise error

    def update(self, target: Target, old: Document, new: Document) -> None:
        """Put a document in another's place."""
        into = self._writer(target)
        for place, before, _ in into.found(query_of({"_id": old["_id"]}), 1):
            into.put(place, before, new)

    def statistics(self, stage: str, options: Document) -> Iterator[Document]:
        """Yield what $collStats and its like tell."""
        from fivefold.languages.mongo.telling import told

        assert self.name is not None
        return told(self.unit, self.asker, self.name, stage, options)


def started(
    unit: Unit,
    variables: Document | None,
    *,
    allow_disk_use: bool = True,
    hint: Any = None,
    asker: Context | None = None,
) -> Running:
    """Return a run of pipelines, with the variables that all have; ``asker`` is the client's."""
    known = {"NOW": now_of(unit), **(variables or {})}
    return Running(unit, known, allow_disk_use=allow_disk_use, hint=hint, asker=asker)


def viewed(unit: Unit, view: View) -> Iterator[Document]:
    """Yield the documents of a view of MongoDB's."""
    return started(unit, None).over((view.namespace, view.name), ())
