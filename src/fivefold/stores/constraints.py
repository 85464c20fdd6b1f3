"""Which constraints SET CONSTRAINTS means: the same for every store."""

from __future__ import annotations

from fivefold.catalog.catalog import Catalog
from fivefold.catalog.containers import ForeignKey, Key, Table
from fivefold.errors import InvalidStatement


def deferrable(names: tuple[str, ...] | None, catalog: Catalog) -> list[tuple[str, str]]:
    """Return constraints, each (namespace, name); all that may be deferred for None.

    Raises InvalidStatement for a name that no constraint has, or one that cannot be deferred.
    """
    known: dict[str, list[tuple[str, bool]]] = {}
    for table in catalog.containers.values():
        if isinstance(table, Table):
            constraints: list[Key | ForeignKey] = [*table.keys, *table.foreign_keys]
            for one in constraints:
                known.setdefault(one.name, []).append((table.namespace, one.deferrable))
            for check in table.checks:
                known.setdefault(check.name, []).append((table.namespace, False))
    if names is None:
        places = [(name, *place) for name, found in known.items() for place in found]
        return [(namespace, name) for name, namespace, may in places if may]
    chosen = []
    for name in names:
        if name not in known:
            raise InvalidStatement(f'constraint "{name}" does not exist', "undefined_object")
        for namespace, may in known[name]:
            if not may:
                raise InvalidStatement(
                    f'constraint "{name}" is not deferrable', "wrong_object_type"
                )
            chosen.append((namespace, name))
    return chosen
