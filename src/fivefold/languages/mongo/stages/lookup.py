"""$lookup and $graphLookup.

A $lookup by equality of a field reads the other collection once and keeps it by the field's values,
if there is no index for it and it fits in the memory of a stage; otherwise it asks for each
document. Source: manual 7.0, "$lookup (aggregation)", "$graphLookup (aggregation)"; numbers and
texts of errors as in MongoDB 7.0.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bson.int64 import Int64

from fivefold.languages.mongo.accumulators.base import rough_size
from fivefold.languages.mongo.expressions.compile import compile_term
from fivefold.languages.mongo.expressions.names import check_variable
from fivefold.languages.mongo.expressions.terms import Term
from fivefold.languages.mongo.match.tree import In, Node
from fivefold.languages.mongo.sorting import field_path
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import MISSING, NAMES, Document, kind_of
from fivefold.values.documents.order import hash_key
from fivefold.values.documents.paths import values_at
from fivefold.values.documents.text import shown

from .base import Site, Stages
from .context import Context
from .match import Match, match_of
from .passing import put

ASKED_FIRST = 8
"""So many documents look for their partners one by one before the other collection is read whole.
"""


@dataclass(frozen=True, slots=True)
class Lookup:
    """$lookup: ``into`` gets the partners of each document.

    With ``local`` and ``foreign`` those whose field equals this one's, of them what ``pipeline``
    leaves. ``let`` are variables for the pipeline. ``name`` is empty if the pipeline has documents
    of its own.
    """

    namespace: str
    name: str
    into: tuple[str, ...]
    local: tuple[str, ...] | None = None
    foreign: tuple[str, ...] | None = None
    let: tuple[tuple[str, Term], ...] = ()
    pipeline: Stages = ()

    def run(self, documents: Iterator[Document], context: Context) -> Iterator[Document]:
        partners = _Partners(self, context)
        into = self.into
        if len(into) == 1:
            (name,) = into
            for document in documents:
                yield {**document, name: partners.of(document)}
        else:
            for document in documents:
                yield put(document, into, partners.of(document))


Table = dict[Any, list[tuple[int, Document]]]
"""Documents and their places by the hash keys of a field's values."""


class _Partners:
    """Finds the partners of documents, each way as long as it is the better one."""

    def __init__(self, lookup: Lookup, context: Context) -> None:
        self._lookup, self._context = lookup, context
        self._asked = 0
        self._table: Table | None = None
        self._too_large = lookup.local is None or lookup.foreign is None
        if not self._too_large:
            assert lookup.foreign is not None
            path = ".".join(lookup.foreign)
            self._too_large = context.indexed(lookup.namespace, lookup.name, path)

    def of(self, document: Document) -> list[Document]:
        lookup, context = self._lookup, self._context
        variables = context.variables
        if lookup.let:
            bound = {name: term.run(document, variables) for name, term in lookup.let}
            variables = {**variables, **bound}
        context.check()
        if lookup.local is None:
            return list(self._ask(lookup.pipeline, variables))
        values = local_values(document, lookup.local)
        self._asked += 1
        if not self._too_large and self._table is None and self._asked > ASKED_FIRST:
            self._table = self._read_all()
        if self._table is None:
            assert lookup.foreign is not None
            wanted = Match({}, equal_to(lookup.foreign, values))
            return list(self._ask((wanted, *lookup.pipeline), variables))
        found = self._found(values)
        if lookup.pipeline:
            rest: Iterator[Document] = iter(found)
            inner = context.inner(variables)
            for stage in lookup.pipeline:
                rest = stage.run(rest, inner)
            return list(rest)
        return found

    def _ask(self, pipeline: Stages, variables: dict[str, Any]) -> Iterator[Document]:
        lookup, context = self._lookup, self._context
        if lookup.name:
            return context.read(lookup.namespace, lookup.name, pipeline, variables)
        documents: Iterator[Document] = iter(())
        inner = context.inner(variables)
        for stage in pipeline:
            documents = stage.run(documents, inner)
        return documents

    def _read_all(self) -> Table | None:
        """Return the other collection by the field's values; None if it is too large."""
        lookup, context = self._lookup, self._context
        assert lookup.foreign is not None
        table: Table = {}
        size = 0
        everything = context.read(lookup.namespace, lookup.name, (), context.variables)
        for place, document in enumerate(everything):
            size += rough_size(document)
            if size > context.memory_bytes_max:
                self._too_large = True
                return None
            for key in foreign_keys(document, lookup.foreign):
                table.setdefault(key, []).append((place, document))
        return table

    def _found(self, values: list[Any]) -> list[Document]:
        """Return the documents of the table with any of the values, in their own order."""
        assert self._table is not None
        if len(values) == 1:
            return [document for _, document in self._table.get(hash_key(values[0]), ())]
        found: dict[int, Document] = {}
        for value in values:
            for place, document in self._table.get(hash_key(value), ()):
                found[place] = document
        return [found[place] for place in sorted(found)]


def local_values(document: Document, path: tuple[str, ...]) -> list[Any]:
    """Return what a local field is compared by: its value, or each element of an array; null if
    missing.
    """
    if len(path) == 1:
        value = document.get(path[0])
        return value if isinstance(value, list) else [value]
    found = []
    for value in values_at(document, path):
        if isinstance(value, list):
            continue  # its elements are among the values
        found.append(None if value is MISSING else value)
    return found


def foreign_keys(document: Document, path: tuple[str, ...]) -> set[Any]:
    """Return the hash keys of all that a value can equal to find the document."""
    return {hash_key(value) for value in values_at(document, path)}


def equal_to(path: tuple[str, ...], values: list[Any]) -> Node:
    """Return the filter for documents with any of the values."""
    return In(path, tuple(values))


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


_LOOKUP_FIELDS = ("from", "localField", "foreignField", "as", "let", "pipeline")


def parse_lookup(value: Any, site: Site) -> Stages:
    if not isinstance(value, dict):
        kind = NAMES[kind_of(value)]
        raise fault(9, f"the $lookup stage specification must be an object, but found {kind}")
    for name, each in value.items():
        if name not in _LOOKUP_FIELDS:
            raise fault(9, f"unknown argument to $lookup: {name}")
        if name in ("localField", "foreignField", "as") and not isinstance(each, str):
            raise fault(
                9,
                f"$lookup argument '{name}: {shown(each)}' must be a string, is type "
                + NAMES[kind_of(each)],
            )
    namespace, name = _from(value, "$lookup", site)
    if "as" not in value:
        raise fault(9, "must specify 'as' field for a $lookup")
    let = _let(value.get("let", {}), site)
    local, foreign = value.get("localField"), value.get("foreignField")
    pipeline: Stages = ()
    if "pipeline" in value:
        if (local is None) != (foreign is None):
            raise fault(
                9,
                "$lookup requires both or neither of 'localField' and 'foreignField' to be "
                "specified",
            )
        pipeline = site.pipeline(value["pipeline"], "$lookup", *[each for each, _ in let])
    elif local is None or foreign is None:
        raise fault(
            9,
            "$lookup requires either 'pipeline' or both 'localField' and 'foreignField' to be "
            "specified",
        )
    elif "let" in value:
        raise fault(
            9,
            "$lookup with a 'let' argument must also specify 'pipeline'",
        )
    if not name and not _brings_documents(pipeline):
        raise fault(9, "must specify 'pipeline' when 'from' is empty")
    return (
        Lookup(
            namespace,
            name,
            field_path(value["as"]),
            None if local is None else field_path(local),
            None if foreign is None else field_path(foreign),
            let,
            pipeline,
        ),
    )


def _brings_documents(pipeline: Stages) -> bool:
    return bool(pipeline) and type(pipeline[0]).__name__ == "Documents"


def _from(value: Document, stage: str, site: Site) -> tuple[str, str]:
    """Return (database, collection); an empty collection if a pipeline is to bring documents."""
    name = value.get("from")
    if name is None and "from" not in value:
        if stage == "$lookup" and "pipeline" in value:
            return site.namespace, ""
        raise fault(9, "missing 'from' option to $lookup stage specification")
    if not isinstance(name, str):
        kind = NAMES[kind_of(name)]
        if isinstance(name, dict):
            raise fault(
                115,
                f"{stage} from another database ({shown(name)}) is not supported; name a "
                f"collection "
                "of this one",
            )
        raise fault(9, f"{stage} argument 'from' must be a string, is type {kind}")
    if not name:
        raise fault(73, f"Invalid namespace specified '{site.namespace}.'")
    return site.namespace, name


def _let(value: Any, site: Site) -> tuple[tuple[str, Term], ...]:
    if not isinstance(value, dict):
        kind = NAMES[kind_of(value)]
        raise fault(9, f"$lookup argument 'let: {shown(value)}' must be an object, is type {kind}")
    for name in value:
        check_variable(name, user=True)
    return tuple([(name, compile_term(each, site.scope)) for name, each in value.items()])


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
    namespace, name = _from(value, "$graphLookup", site)
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
