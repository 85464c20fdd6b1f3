"""$setWindowFields, and $fill, which stands for it.

Documents are sorted by partition and within it, on disk if they are many; of one partition only
what its functions look at is held in memory.
Source: manual 7.0, "$setWindowFields (aggregation)", "$fill (aggregation)".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fivefold.languages.mongo.expressions.compile import compile_term
from fivefold.languages.mongo.expressions.terms import Term
from fivefold.languages.mongo.sorting import Sorting, field_path, parse_sort
from fivefold.languages.mongo.windows.frames import Partition
from fivefold.languages.mongo.windows.table import WindowField, parse_window_field
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import MISSING, NAMES, Document, kind_of
from fivefold.values.documents.order import hash_key, sort_key
from fivefold.values.documents.text import shown

from .base import Site, Stages
from .context import Context
from .passing import put
from .spilling import Spool, sorted_documents

STAGE = "$setWindowFields"


@dataclass(frozen=True, slots=True)
class SetWindowFields:
    """$setWindowFields."""

    partition_by: Any
    term: Term | None
    sorting: Sorting | None
    fields: tuple[WindowField, ...]

    def run(self, documents: Iterator[Document], context: Context) -> Iterator[Document]:
        last: Any = None
        spool = Spool(STAGE, context)
        for document in self._sorted(documents, context):
            key = self._partition_key(document, context)
            if spool.count and key != last:
                yield from self._filled(spool, context)
                spool = Spool(STAGE, context)
            last = key
            spool.add(document)
        if spool.count:
            yield from self._filled(spool, context)

    def _sorted(self, documents: Iterator[Document], context: Context) -> Iterator[Document]:
        sorting, term = self.sorting, self.term
        if term is None and sorting is None:
            return documents
        if term is None:
            assert sorting is not None
            return sorted_documents(documents, sorting.key, context, stage=STAGE)
        run, variables = term.run, context.variables
        inner = sorting.key if sorting is not None else lambda _document: 0

        def key(document: Document) -> Any:
            value = run(document, variables)
            if isinstance(value, list):
                raise fault(
                    14, "An expression used to partition cannot evaluate to value of type array"
                )
            return (sort_key(value), inner(document))

        return sorted_documents(documents, key, context, stage=STAGE)

    def _partition_key(self, document: Document, context: Context) -> Any:
        return None if self.term is None else hash_key(self.term.run(document, context.variables))

    def _filled(self, spool: Spool, context: Context) -> Iterator[Document]:
        partition = Partition(spool, self.sorting, context.variables)
        results = [field.results(partition) for field in self.fields]
        paths = [field.path for field in self.fields]
        for place, (document, *values) in enumerate(zip(spool, *results, strict=True)):
            if not place & 255:
                context.check()
            found = document
            for path, value in zip(paths, values, strict=True):
                found = put(found, path, MISSING if value is MISSING else value)
            yield found


def parse_set_window_fields(value: Any, site: Site) -> Stages:
    if not isinstance(value, dict):
        raise fault(
            9,
            "the $setWindowFields stage specification must be an object, found "
            + NAMES[kind_of(value)],
        )
    for name in value:
        if name not in ("partitionBy", "sortBy", "output"):
            raise fault(40415, f"BSON field '$setWindowFields.{name}' is an unknown field.")
    if "output" not in value:
        raise fault(40414, "BSON field '$setWindowFields.output' is missing but a required field")
    output = value["output"]
    if not isinstance(output, dict):
        raise fault(
            14,
            f"BSON field '$setWindowFields.output' is the wrong type '{NAMES[kind_of(output)]}', "
            "expected type 'object'",
        )
    sorting = parse_sort(value["sortBy"]) if value.get("sortBy") else None
    term = None
    if value.get("partitionBy") is not None:
        term = compile_term(value["partitionBy"], site.scope)
        if term.fixed:
            term = None
    fields = tuple(
        [
            parse_window_field(field_path(name), each, sorting, site.scope)
            for name, each in output.items()
        ]
    )
    return (SetWindowFields(value.get("partitionBy"), term, sorting, fields),)


def parse_fill(value: Any, site: Site) -> Stages:
    """Return the $setWindowFields and $addFields that $fill stands for."""
    if not isinstance(value, dict):
        raise fault(
            9, f"The $fill stage specification must be an object, found {NAMES[kind_of(value)]}"
        )
    for name in value:
        if name not in ("partitionBy", "partitionByFields", "sortBy", "output"):
            raise fault(40415, f"BSON field '$fill.{name}' is an unknown field.")
    if "output" not in value:
        raise fault(40414, "BSON field '$fill.output' is missing but a required field")
    if "partitionBy" in value and "partitionByFields" in value:
        raise fault(
            6050204, "Maximum one of 'partitionBy' and 'partitionByFields can be specified in $fill"
        )
    windows, settings = _fillings(value["output"], "sortBy" in value)
    pipeline: list[Document] = []
    if windows:
        stage: Document = {"output": windows}
        if "sortBy" in value:
            stage["sortBy"] = value["sortBy"]
        by = _partition_by(value)
        if by is not None:
            stage["partitionBy"] = by
        pipeline.append({"$setWindowFields": stage})
    if settings:
        pipeline.append({"$addFields": settings})
    return site.parse(pipeline, site)


def _fillings(output: Any, sorted_too: bool) -> tuple[Document, Document]:
    """Return the output of a $setWindowFields and the fields of an $addFields."""
    if not isinstance(output, dict) or not output:
        raise fault(6050203, "$fill requires at least one output field to be specified")
    windows: Document = {}
    settings: Document = {}
    for name, how in output.items():
        if not isinstance(how, dict) or len(how) != 1:
            raise fault(
                6050200, f"Maximum one of 'value' or 'method' must be specified, found {shown(how)}"
            )
        ((kind, given),) = how.items()
        if kind == "value":
            settings[name] = {"$ifNull": [f"${name}", given]}
        elif kind == "method" and given == "locf":
            windows[name] = {"$locf": f"${name}"}
        elif kind == "method" and given == "linear":
            if not sorted_too:
                raise fault(605001, "$linearFill must be specified with a top level sortBy")
            windows[name] = {"$linearFill": f"${name}"}
        elif kind == "method":
            raise fault(6050202, f"Method must be either 'linear' or 'locf', found {shown(given)}")
        else:
            raise fault(40415, f"BSON field '$fill.output.{kind}' is an unknown field.")
    return windows, settings


def _partition_by(value: Document) -> Any:
    if "partitionByFields" not in value:
        return value.get("partitionBy")
    names = value["partitionByFields"]
    if not isinstance(names, list):
        raise fault(
            14,
            "BSON field '$fill.partitionByFields' is the wrong type "
            f"'{NAMES[kind_of(names)]}', expected type 'array'",
        )
    by: Document = {}
    for name in names:
        if not isinstance(name, str):
            raise fault(14, "$fill's partitionByFields must be strings")
        by = put(by, field_path(name), f"${name}")
    return by or None
