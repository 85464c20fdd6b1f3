"""A collection as one unit's catalog has it: its options, its shape, its statements."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace

from fivefold.catalog.changes import Change, CreateContainer, CreateNamespace, Describe
from fivefold.catalog.containers import Collection, DocumentIndex, Model, Table, View
from fivefold.languages.mongo.namespaces import check_new_collection
from fivefold.languages.unit import NeedsChange, Unit
from fivefold.models.document import layout
from fivefold.models.document.indexes import Keys
from fivefold.models.document.keys import key_of
from fivefold.models.document.records import Entry, Plans, Records
from fivefold.models.document.shadow import NUL, shadow
from fivefold.models.document.shape import Foreign, Paths, Shape
from fivefold.values.documents.codec import decode, from_json
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import Document

Name = tuple[str, str]
"""(database, collection)."""


class Opened:
    """What was made of a collection under one catalog: it changes with every change of schema."""

    __slots__ = ("collection", "name", "plans", "shape", "takes_all", "view")

    def __init__(self, unit: Unit, view: View, collection: Collection) -> None:
        self.view = view
        self.collection = collection
        self.name: Name = (view.namespace, view.name)
        self.shape = Shape(collection.shape)
        self.takes_all = (  # has no validator, and is not capped
            collection.validator is None
            and collection.capped_bytes is None
            and collection.capped_documents is None
        )
        self.plans = Plans(
            unit.prepare,
            *self.name,
            [keys_of(index) for index in collection.indexes],
            unit.document,
            numbered=unit.numbered,
        )

    @property
    def full_name(self) -> str:
        """Return "database.collection"."""
        return ".".join(self.name)

    def records(self, unit: Unit) -> Records:
        """Return its documents in a unit's transaction."""
        return Records(unit.runner, self.plans, unit.stamp)

    def described(self, **changes: object) -> Describe:
        """Return the change that gives it other options."""
        changed = replace(self.collection, **changes)  # type: ignore[arg-type]  # by name
        return Describe(self.view, replace(self.view, collection=changed))


def keys_of(index: DocumentIndex) -> Keys:
    """Return an index's way from documents to keys."""
    if index.partial is None:
        return Keys(index)
    from fivefold.languages.mongo.match import matcher, parse_filter

    return Keys(index, matcher(parse_filter(from_json(index.partial))))


def find(unit: Unit, name: Name) -> Opened | None:
    """Return a collection of documents, None if there is none. Raises 166 for what is another."""
    container = unit.catalog.find(*name)
    if container is None:
        return None
    if not isinstance(container, View) or container.collection is None:
        raise not_a_collection(name, container.model)
    collection = container.collection
    if collection.source is not None:
        raise fault(166, f"Namespace {'.'.join(name)} is a view, not a collection")
    return unit.remember(("collection", *name), lambda: Opened(unit, container, collection))


def is_stored(unit: Unit, name: Name) -> bool:
    """Say whether a name is that of a collection with documents of its own."""
    container = unit.catalog.find(*name)
    return (
        isinstance(container, View)
        and container.collection is not None
        and container.collection.source is None
    )


def not_a_collection(name: Name, model: Model) -> Exception:
    """Return the error for a name that another model has."""
    return fault(
        166,
        f"{'.'.join(name)} is not a collection of documents but of the {model} model: "
        "use its own language to change it",
    )


def made(unit: Unit, name: Name, collection: Collection) -> tuple[Change, ...]:
    """Return the changes that make a collection, with its database if need be."""
    namespace, own = name
    check_new_collection(namespace, own)
    changes: list[Change] = []
    if namespace not in unit.catalog.namespaces:
        changes.append(CreateNamespace(namespace))
    if collection.source is None:
        changes.append(CreateContainer(layout.documents(namespace, own, unit.document)))
        changes += [
            CreateContainer(layout.index_table(namespace, own, index))
            for index in collection.indexes
        ]
    changes.append(CreateContainer(layout.view(namespace, own, collection, unit.document)))
    return tuple(changes)


def new_collection(shape: Paths | None = None) -> Collection:
    """Return a collection without options."""
    return Collection(uuid=uuid.uuid4().hex, shape=() if shape is None else tuple(shape.items()))


def needed(unit: Unit, name: Name, shape: Paths | None = None) -> Opened:
    """Return a collection to be written to. Raises NeedsChange if there is none yet."""
    found = find(unit, name)
    if found is None:
        check_new_collection(*name)
        raise NeedsChange(made(unit, name, new_collection(shape)))
    return found


Normalize = Callable[[Document], Document]


def entry_of(raw: bytes, document: Document, shape: Shape, grown: Paths) -> Entry:
    """Return a document, which has its ``_id``, as it is stored; ``grown`` gets what is new."""
    known = known_entry(raw, document, shape)
    if known is not None:
        return known
    before = len(grown)
    try:
        plain = shape.examine(document, grown)
    except Foreign:
        document = decode(raw)
        plain = shape.examine(document, grown)
    if plain and len(grown) == before == 0:
        shape.learn(document)
    return Entry(key_of(document["_id"]), raw, shadow(document, plain=plain), document)


def known_entry(raw: bytes, document: Document, shape: Shape) -> Entry | None:
    """Return likewise a document whose like is there, None if it may be another."""
    if not shape.knows(document):
        return None
    try:
        text = shadow(document, plain=True)
    except ValueError:  # a number that is not finite
        return None
    return None if NUL in text else Entry(key_of(document["_id"]), raw, text, document)


def tables_of(opened: Opened) -> list[str]:
    """Return the names of the tables that hold a collection."""
    own = opened.name[1]
    return [
        layout.documents_name(own),
        *(layout.index_table_name(own, index.name) for index in opened.collection.indexes),
    ]


def table(unit: Unit, namespace: str, name: str) -> Table:
    """Return a table of the catalog that has to be there."""
    found = unit.catalog.find(namespace, name)
    assert isinstance(found, Table), (namespace, name)
    return found
