"""Stages that bring other documents in: $unionWith, $documents, $facet, and what tells statistics.

Source: manual 7.0, the pages of these stages; numbers and texts of errors as in MongoDB 7.0.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from fivefold.languages.mongo.expressions.compile import compile_term
from fivefold.languages.mongo.expressions.terms import Term
from fivefold.languages.unit import watched
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import NAMES, Document, kind_of
from fivefold.values.documents.text import shown

from .base import Site, Stages
from .context import Context
from .spilling import Meter, Spool


@dataclass(frozen=True, slots=True)
class UnionWith:
    """$unionWith: the documents that came, then those of a pipeline over another collection.

    ``name`` is empty if the pipeline brings its own documents.
    """

    namespace: str
    name: str
    pipeline: Stages

    def run(self, documents: Iterator[Document], context: Context) -> Iterator[Document]:
        return chain(documents, self._others(context))

    def _others(self, context: Context) -> Iterator[Document]:
        if self.name:
            yield from context.read(self.namespace, self.name, self.pipeline, context.variables)
            return
        documents: Iterator[Document] = iter(())
        for stage in self.pipeline:
            documents = stage.run(documents, context)
        yield from documents


@dataclass(frozen=True, slots=True)
class Documents:
    """$documents: what an expression lists."""

    expression: Any
    term: Term = field(repr=False)

    def run(self, documents: Iterator[Document], context: Context) -> Iterator[Document]:
        listed = self.term.run({}, context.variables)
        if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
            raise fault(
                5858203,
                "an array is expected: $documents "
                "needs an "
                f"array of objects, but found: {shown(listed)}",
            )
        return iter(listed)


@dataclass(frozen=True, slots=True)
class Facet:
    """$facet: one document with what each of several pipelines gives over the same documents."""

    facets: tuple[tuple[str, Stages], ...]

    def run(self, documents: Iterator[Document], context: Context) -> Iterator[Document]:
        spool = Spool("$facet", context)
        for document in documents:
            spool.add(document)
        result: Document = {}
        meter = Meter(context)
        meter.bytes_max = context.memory_bytes_max  # one document cannot go to the disk
        for name, pipeline in self.facets:
            found: Iterator[Document] = watched(iter(spool), context.check)
            for stage in pipeline:
                found = stage.run(found, context)
            listed = result[name] = []
            for document in found:
                listed.append(document)
                if meter.add(document):
                    raise fault(
                        4031700,
                        f"document constructed by $facet is {meter.bytes} bytes, which exceeds "
                        f"the limit of {meter.bytes_max} bytes",
                    )
            context.check()
        yield result


@dataclass(frozen=True, slots=True)
class Statistics:
    """A stage that tells of the server or the collection: the context knows what."""

    stage: str
    options: Document

    def run(self, documents: Iterator[Document], context: Context) -> Iterator[Document]:
        return context.statistics(self.stage, self.options)


def parse_union_with(value: Any, site: Site) -> Stages:
    if isinstance(value, str):
        return (UnionWith(site.namespace, value, ()),)
    if not isinstance(value, dict):
        kind = NAMES[kind_of(value)]
        raise fault(
            9,
            "the $unionWith stage specification must be an object or string, but found " + kind,
        )
    for name in value:
        if name not in ("coll", "pipeline"):
            raise fault(40415, f"BSON field '$unionWith.{name}' is an unknown field.")
    pipeline = site.pipeline(value.get("pipeline", []), "$unionWith")
    name = value.get("coll", "")
    if "coll" in value and not isinstance(name, str):
        kind = NAMES[kind_of(name)]
        raise fault(
            14,
            f"BSON field '$unionWith.coll' is the wrong type '{kind}', expected type 'string'",
        )
    if not name and not (pipeline and isinstance(pipeline[0], Documents)):
        raise fault(
            9,
            "$unionWith stage without explicit collection must have a pipeline with $documents as "
            "first stage",
        )
    return (UnionWith(site.namespace, name, pipeline),)


def parse_documents(value: Any, site: Site) -> Stages:
    term = compile_term(value, site.scope)
    if not isinstance(value, list | str | dict):
        raise fault(5858202, "$documents must be an array or an expression that gives one")
    return (Documents(value, term),)


def parse_facet(value: Any, site: Site) -> Stages:
    if not isinstance(value, dict) or not value:
        kind = "an empty object" if value == {} else NAMES[kind_of(value)]
        raise fault(
            40169,
            "the $facet specification must be a non-empty object, but found: "
            + (shown(value) if kind != "an empty object" else "{}"),
        )
    facets = []
    for name, pipeline in value.items():
        if name.startswith("$"):
            raise fault(
                16410,
                "FieldPath field names may not start with '$'. Consider using "
                "$getField or $setField.",
            )
        if "." in name:
            raise fault(16412, f"FieldPath field names may not contain '.'. Found: {name}")
        if not isinstance(pipeline, list):
            raise fault(
                40170,
                f"arguments to $facet must be arrays, {name} is type {NAMES[kind_of(pipeline)]}",
            )
        for each in pipeline:
            if not isinstance(each, dict):
                raise fault(
                    40171,
                    f"elements of arrays in $facet spec must be non-empty objects, {name} argument "
                    f"contained an element of type {NAMES[kind_of(each)]}: {shown(each)}",
                )
        facets.append((name, site.pipeline(pipeline, "$facet")))
    return (Facet(tuple(facets)),)


def parse_statistics(stage: str) -> Any:
    """Return the parser of a stage that the context runs."""

    def parse(value: Any, site: Site) -> Stages:
        if not isinstance(value, dict):
            kind = NAMES[kind_of(value)]
            raise fault(9, f"The {stage} stage specification must be an object. Found {kind}")
        return (Statistics(stage, value),)

    return parse
