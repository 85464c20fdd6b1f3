"""A catalog's objects with their oids, as the system relations count them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from fivefold.catalog.catalog import Catalog
from fivefold.catalog.containers import (
    Column,
    EnumType,
    Index,
    IndexPart,
    Key,
    Sequence,
    Table,
    View,
)
from fivefold.catalog.oids import Of, Oids
from fivefold.languages.sql.system import definitions

TEMPORARY = "pg_temp_"


@dataclass(frozen=True, slots=True)
class Relation:
    """One row of pg_class. An index's ``container`` is its table; ``columns`` are empty then.

    ``kind`` is relkind: r table, m materialized view, v view, S sequence, i index.
    """

    oid: int
    namespace: str
    name: str
    kind: str
    container: Table | View | Sequence
    columns: tuple[Column, ...] = ()
    index: Index | None = None
    key: Key | None = None  # the constraint that an index carries out


@dataclass(frozen=True, slots=True)
class Objects:
    """Everything in one catalog that has an oid."""

    relations: dict[tuple[str, str], Relation] = field(default_factory=dict)
    by_oid: dict[int, Relation] = field(default_factory=dict)
    namespaces: dict[str, int] = field(default_factory=dict)
    namespace_names: dict[int, str] = field(default_factory=dict)
    enums: dict[int, EnumType] = field(default_factory=dict)
    types: dict[tuple[str, str], int] = field(default_factory=dict)

    def own(self, *kinds: str) -> Iterator[Relation]:
        """Yield the database's own relations of these kinds, of all if none is given."""
        for relation in self.relations.values():
            if not kinds or relation.kind in kinds:
                yield relation


def gather(catalog: Catalog) -> Objects:
    """Return the objects of a catalog."""
    found = Objects()
    namespaces = Oids(Of.NAMESPACE)
    for name in (*definitions.NAMESPACES, "pg_toast", *sorted(catalog.namespaces)):
        oid = namespaces.add(name)
        found.namespaces[name] = oid
        found.namespace_names[oid] = name
    oids, types = Oids(Of.RELATION), Oids(Of.TYPE)
    containers = sorted(catalog.containers.items(), key=lambda item: item[0])
    for key, container in containers:
        if isinstance(container, EnumType):
            found.enums[types.add(*key)] = container
            found.types[key] = types.add(*key)
            found.types[key[0], f"_{key[1]}"] = types.add(key[0], f"_{key[1]}")
    for key, container in containers:
        if isinstance(container, EnumType):
            continue
        if not isinstance(container, Sequence):
            found.types[key] = types.add(*key)
            found.types[key[0], f"_{key[1]}"] = types.add(key[0], f"_{key[1]}")
        _add(found, _relation(oids.add(*key), container))
        if isinstance(container, Table):
            for index, constraint in indexes_of(container):
                oid = oids.add(container.namespace, index.name)
                made = Relation(
                    oid, container.namespace, index.name, "i", container, (), index, constraint
                )
                _add(found, made)
    return found


def _add(found: Objects, relation: Relation) -> None:
    found.relations[relation.namespace, relation.name] = relation
    found.by_oid[relation.oid] = relation


def _relation(oid: int, container: Table | View | Sequence) -> Relation:
    if isinstance(container, Sequence):
        return Relation(oid, container.namespace, container.name, "S", container)
    kind = "v"
    if isinstance(container, Table):
        kind = "r" if container.query is None else "m"
    return Relation(oid, container.namespace, container.name, kind, container, container.columns)


def indexes_of(table: Table) -> Iterator[tuple[Index, Key | None]]:
    """Yield a table's indexes; those of its keys as if they had been made by themselves."""
    for key in table.keys:
        parts = tuple(IndexPart(column) for column in key.columns)
        made = Index(
            key.name,
            parts,
            unique=True,
            include=key.include,
            nulls_not_distinct=key.nulls_not_distinct,
        )
        yield made, key
    for index in table.indexes:
        yield index, None


def part_column(table: Table, part: IndexPart) -> Column | None:
    """Return the column that an index's part is, None if it is an expression."""
    return table.column(part.expression)
