"""Which databases and collections there are to see, and the changes by which they go or move.

A namespace is a database as soon as it holds something that can be read as a collection: one of
documents, a view of MongoDB's, a table of another model. The tables that collections lie in are not
shown, nor are the databases of PostgreSQL's clients beside the main one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from fivefold.catalog.catalog import DEFAULT_NAMESPACE, Catalog
from fivefold.catalog.changes import (
    AlterTable,
    Change,
    CreateContainer,
    CreateNamespace,
    DropContainer,
    DropNamespace,
)
from fivefold.catalog.containers import Collection, Container, Model, Table, View
from fivefold.errors import FivefoldError
from fivefold.languages.mongo.collections import Name, table
from fivefold.languages.mongo.namespaces import check_database
from fivefold.languages.unit import Unit
from fivefold.models.document import layout
from fivefold.values.documents.faults import fault

_TEMPORARY = ("pg_temp_", "fivefold_temp_")  # begins the namespaces of temporary tables


def collection_of(container: Container | None) -> Collection | None:
    """Return what makes a container a collection of documents, or a view of them."""
    return container.collection if isinstance(container, View) else None


def is_shown(container: Container) -> bool:
    """Say whether a container is a collection to MongoDB's clients."""
    if isinstance(container, View):
        return container.collection is not None
    return isinstance(container, Table) and container.model is not Model.DOCUMENT


def collections_of(catalog: Catalog, database: str) -> list[Table | View]:
    """Return what a database shows as its collections, by name."""
    shown = [
        one
        for (namespace, _), one in catalog.containers.items()
        if namespace == database and isinstance(one, Table | View) and is_shown(one)
    ]
    return sorted(shown, key=lambda one: one.name)


def databases(catalog: Catalog) -> list[str]:
    """Return the names of the databases, sorted."""
    names = {name for (name, _), one in catalog.containers.items() if is_shown(one)}
    return sorted(name for name in names if _is_database(name))


def _is_database(name: str) -> bool:
    if name.startswith(_TEMPORARY):
        return False
    try:
        check_database(name)
    except FivefoldError:
        return False  # no client can ask for it
    return True


def tables_of(unit: Unit, view: View) -> Iterator[Table]:
    """Yield the tables that a collection lies in, that of its documents first."""
    collection = view.collection
    assert collection is not None
    if collection.source is not None:
        return
    namespace, own = view.namespace, view.name
    yield table(unit, namespace, layout.documents_name(own))
    for index in collection.indexes:
        yield table(unit, namespace, layout.index_table_name(own, index.name))


def dropped(unit: Unit, view: View) -> list[Change]:
    """Return the changes by which a collection goes."""
    return [DropContainer(view), *map(DropContainer, tables_of(unit, view))]


def database_dropped(unit: Unit, database: str) -> list[Change]:
    """Return the changes by which a database goes. Raises 20 if it holds what is not documents'."""
    catalog = unit.catalog
    inside = [one for (namespace, _), one in catalog.containers.items() if namespace == database]
    for one in inside:
        if one.model is not Model.DOCUMENT:
            raise fault(
                20,
                f"the database {database} holds {one.name}, of the {one.model} model: drop the"
                " collections one by one, or use DROP SCHEMA",
            )
    views = [one for one in inside if isinstance(one, View)]
    others = [one for one in inside if not isinstance(one, View)]
    changes: list[Change] = list(map(DropContainer, (*views, *others)))
    if database != DEFAULT_NAMESPACE and database in catalog.namespaces:
        changes.append(DropNamespace(database))
    return changes


def moved(unit: Unit, view: View, name: Name) -> list[Change]:
    """Return the changes that give a collection another name, perhaps in another database."""
    collection = view.collection
    assert collection is not None
    namespace, own = name
    old = list(tables_of(unit, view))
    new = [
        layout.documents(namespace, own, unit.document),
        *(layout.index_table(namespace, own, index) for index in collection.indexes),
    ]
    changes: list[Change] = []
    if namespace not in unit.catalog.namespaces:
        changes.append(CreateNamespace(namespace))
    changes += [AlterTable(before, after) for before, after in zip(old, new, strict=True)]
    changes.append(DropContainer(view))
    changes.append(CreateContainer(layout.view(namespace, own, collection, unit.document)))
    return changes


def described(view: View, **changes: object) -> View:
    """Return a collection with other options."""
    assert view.collection is not None
    return replace(view, collection=replace(view.collection, **changes))  # type: ignore[arg-type]
