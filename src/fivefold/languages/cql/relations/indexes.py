"""Which restrictions an index answers."""

from __future__ import annotations

from fivefold.catalog.containers import FamilyIndex
from fivefold.languages.cql.relations.records import Containing, Equal, Restriction
from fivefold.languages.cql.tables import ColumnFamily


def supporting(family: ColumnFamily, restriction: Restriction) -> FamilyIndex | None:
    """Return an index that answers a restriction, all parts of it, if there is one."""
    if not family.indexes:
        return None
    names = {column.name for column in restriction.columns}
    for index in family.indexes:
        if index.column in names and _answers(index, restriction):
            return index
    return None


def _answers(index: FamilyIndex, restriction: Restriction) -> bool:
    if isinstance(restriction, Equal):
        return index.target in {"values", "full"}
    if not isinstance(restriction, Containing):
        return False
    return any(
        index.target
        == ("values" if part.key is None else "keys" if part.value is None else "entries")
        for part in restriction.parts
    )
