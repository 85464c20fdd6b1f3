"""What rows keep of columns that are dropped: the times of their cells, which are taken out."""

from __future__ import annotations

import json
from collections.abc import Collection

from fivefold.languages.cql.schema.families import resolve
from fivefold.languages.cql.tables import Column, ColumnFamily
from fivefold.languages.unit import Unit
from fivefold.models.widecolumn import layout
from fivefold.plan.statement import Effort
from fivefold.values.types import BYTEA, INT8, TEXT, Type


def forget(unit: Unit, keyspace: str, name: str, columns: Collection[str]) -> None:
    """Take columns out of what the rows of a table keep of their cells' times.

    Otherwise one that is added again under the name of such a column would have its times.
    """
    family = resolve(unit.catalog, keyspace, name)
    if family.is_counter:
        return
    _forget(unit, family, layout.rows_name(name), (*family.partition, *family.clustering), columns)
    if family.static:
        _forget(unit, family, layout.static_name(name), family.partition, columns)


def _forget(
    unit: Unit,
    family: ColumnFamily,
    table: str,
    key: tuple[Column, ...],
    columns: Collection[str],
) -> None:
    containers = {"t": (family.keyspace, table)}
    names = [layout.TOKEN, *(column.name for column in key)]
    types: list[Type] = [INT8, *map(_type, key)]
    cells = layout.quoted(layout.CELLS)
    read = layout.statement(
        f"SELECT {', '.join(map(_named, names))}, {cells} FROM {{t}} WHERE {cells} IS NOT NULL",
        containers,
        (),
        [*zip(names, types, strict=True), (layout.CELLS, TEXT)],
        effort=Effort.SCAN,
    )
    write = layout.statement(
        f"UPDATE {{t}} SET {cells} = ? WHERE "
        + " AND ".join([f"{_named(each)} = ?" for each in names]),
        containers,
        [TEXT, *types],
        writes=True,
    )
    changes = []
    for *place, text in unit.runner.run(unit.prepare(read)):
        kept = json.loads(text)
        if not kept.keys().isdisjoint(columns):
            left = {one: times for one, times in kept.items() if one not in columns}
            changes.append((json.dumps(left, separators=(",", ":")) if left else None, *place))
    if changes:
        unit.runner.run_many(unit.prepare(write), changes)


def _named(name: str) -> str:
    return layout.quoted(name).replace("{", "{{").replace("}", "}}")


def _type(column: Column) -> Type:
    by_bytes = column.kind == "clustering" and not column.codec.ordered
    return BYTEA if by_bytes else column.codec.store
