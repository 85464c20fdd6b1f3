"""$lookup.

By equality of a field the partners of many documents are looked for at a time: the context knows
how in a stored collection, what else there is is read once. Source: manual 7.0, "$lookup
(aggregation)"; numbers and texts of errors as in MongoDB 7.0.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from fivefold.languages.mongo.accumulators.base import rough_size
from fivefold.languages.mongo.expressions.compile import compile_term
from fivefold.languages.mongo.expressions.names import check_variable
from fivefold.languages.mongo.expressions.terms import Term
from fivefold.languages.mongo.sorting import field_path
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import NAMES, Document, kind_of
from fivefold.values.documents.order import hash_key
from fivefold.values.documents.text import shown

from .base import Site, Stages
from .context import Context
from .equality import equal_to, foreign_keys, local_values
from .match import Match
from .passing import put
from .spilling import Meter

ASKED_FIRST = 8
"""So many documents look for their partners one by one before all others are read."""

BATCH_FIRST, BATCH_MAX = 8, 512
"""Documents that look for their partners together; each batch is twice the one before."""

Table = dict[Any, list[tuple[int, Document]]]
"""Documents and their places by the hash keys of a field's values."""


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
        if self.local is None or not self.name:
            for document in documents:
                context.check()
                yield put(document, self.into, self._made(document, context))
            return
        assert self.foreign is not None
        partners = context.partners(self.namespace, self.name, self.foreign) or Gathered(
            self.namespace, self.name, self.foreign, context
        )
        for batch in _batches(documents, context):
            context.check()
            wanted = [local_values(document, self.local) for document in batch]
            for document, found in zip(batch, partners.found(wanted), strict=True):
                if self.pipeline:
                    found = self._piped(self.pipeline, found, document, context)
                yield put(document, self.into, found)

    def _piped(
        self, pipeline: Stages, found: Iterable[Document], document: Document, context: Context
    ) -> list[Document]:
        """Return what a pipeline leaves of a document's partners."""
        inner = context.inner(self._variables(document, context))
        rest: Iterator[Document] = iter(found)
        for stage in pipeline:
            rest = stage.run(rest, inner)
        return [*rest]

    def _made(self, document: Document, context: Context) -> list[Document]:
        """Return what the pipeline finds or, without a collection, makes by itself."""
        if self.name:
            variables = self._variables(document, context)
            return [*context.read(self.namespace, self.name, self.pipeline, variables)]
        pipeline = self.pipeline
        if self.local is not None:
            assert self.foreign is not None
            wanted = Match({}, equal_to(self.foreign, local_values(document, self.local)))
            pipeline = (pipeline[0], wanted, *pipeline[1:])
        return self._piped(pipeline, (), document, context)

    def _variables(self, document: Document, context: Context) -> dict[str, Any]:
        variables = context.variables
        if self.let:
            bound = {name: term.run(document, variables) for name, term in self.let}
            variables = {**variables, **bound}
        return variables


def _batches(documents: Iterator[Document], context: Context) -> Iterator[list[Document]]:
    """Yield documents that look for their partners together: a few at first, then more."""
    size = BATCH_FIRST
    meter = Meter(context)
    batch: list[Document] = []
    for document in documents:
        batch.append(document)
        if meter.add(document) or len(batch) >= size:
            yield batch
            batch = []
            meter.clear()
            size = min(2 * size, BATCH_MAX)
    if batch:
        yield batch


class Gathered:
    """Partners in what is no stored collection: a view, a table of another model.

    It is read once, and kept by the field's values, unless it has no room; then each document asks.
    """

    def __init__(self, namespace: str, name: str, path: tuple[str, ...], context: Context) -> None:
        self._source = namespace, name
        self._path, self._context = path, context
        self._asked = 0
        self._table: Table | None = None
        self._too_large = False

    def found(self, wanted: Sequence[Sequence[Any]]) -> Iterator[list[Document]]:
        """See ``Partners``."""
        for values in wanted:
            self._asked += 1
            if self._table is None and not self._too_large and self._asked > ASKED_FIRST:
                self._table = self._read_all()
            if self._table is None:
                asked = Match({}, equal_to(self._path, [*values]))
                yield [*self._read((asked,))]
            else:
                yield _of(self._table, values)

    def _read(self, pipeline: Stages) -> Iterator[Document]:
        return self._context.read(*self._source, pipeline, self._context.variables)

    def _read_all(self) -> Table | None:
        """Return the documents by the field's values; None if they are too large."""
        table: Table = {}
        size = 0
        for place, document in enumerate(self._read(())):
            size += rough_size(document)
            if size > self._context.memory_bytes_max:
                self._too_large = True
                return None
            for key in foreign_keys(document, self._path):
                table.setdefault(key, []).append((place, document))
        return table


def _of(table: Table, values: Sequence[Any]) -> list[Document]:
    """Return the documents of the table with any of the values, in their own order."""
    if len(values) == 1:
        return [document for _, document in table.get(hash_key(values[0]), ())]
    found: dict[int, Document] = {}
    for value in values:
        for place, document in table.get(hash_key(value), ()):
            found[place] = document
    return [found[place] for place in sorted(found)]


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
    namespace, name = source_of(value, "$lookup", site)
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


def source_of(value: Document, stage: str, site: Site) -> tuple[str, str]:
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
