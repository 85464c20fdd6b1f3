"""How much room collections take: of the documents exactly, of the tables as the store tells."""

from __future__ import annotations

from dataclasses import dataclass, field

from fivefold.catalog.containers import Table, View
from fivefold.languages.mongo.databases import collections_of, tables_of
from fivefold.languages.unit import Unit
from fivefold.models.document import layout
from fivefold.models.document.layout import Fixed


@dataclass(slots=True)
class Sizes:
    """A collection's figures, in bytes. ``indexes`` are those of its indexes, by their names."""

    count: int = 0
    documents: int = 0
    storage: int = 0
    indexes: dict[str, int] = field(default_factory=dict)

    @property
    def total_index(self) -> int:
        """Return the bytes of all indexes."""
        return sum(self.indexes.values())


def counted(unit: Unit, view: View) -> tuple[int, int]:
    """Return how many documents a collection has, and their bytes as BSON."""
    fixed = Fixed(view.namespace, view.name)
    text = "SELECT count(*), coalesce(sum(length(bson)), 0) FROM {d}"
    statement = fixed.read(text, "", "n n", point=False)
    prepared = unit.remember(("sizes", view.namespace, view.name), lambda: unit.prepare(statement))
    ((count, size),) = unit.runner.run(prepared)
    return int(count), int(size)


def sizes_of(unit: Unit, view: View) -> Sizes:
    """Return a collection's figures; a view has none."""
    collection = view.collection
    assert collection is not None
    if collection.source is not None:
        return Sizes()
    first, *others = tables_of(unit, view)
    count, size = counted(unit, view)
    storage, of_id = unit.runner.sizes((first.namespace, first.name))
    indexes = {layout.ID_INDEX: of_id}
    for index, table in zip(collection.indexes, others, strict=True):
        indexes[index.name] = sum(unit.runner.sizes((table.namespace, table.name)))
    return Sizes(count, size, storage, indexes)


def database_bytes(unit: Unit, database: str) -> int:
    """Return the bytes of all tables that a database shows as collections."""
    total = 0
    for one in collections_of(unit.catalog, database):
        tables: list[Table] = [one] if isinstance(one, Table) else list(tables_of(unit, one))
        total += sum(sum(unit.runner.sizes((each.namespace, each.name))) for each in tables)
    return total
