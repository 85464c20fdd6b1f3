"""What SQL sees of a column family: a view of its rows, without what is kept beside them.

A row of which something has expired is not seen before it is reclaimed.
"""

from __future__ import annotations

from fivefold.catalog.containers import Column as Shown
from fivefold.catalog.containers import Model, View
from fivefold.languages.cql.tables import ColumnFamily
from fivefold.models.widecolumn import layout
from fivefold.values.cql.shown import shown

_EXPIRES = layout.quoted(layout.EXPIRES)
_UNEXPIRED = f" WHERE {_EXPIRES} IS NULL OR {_EXPIRES} > CAST(extract(epoch FROM now()) AS bigint)"


def view(family: ColumnFamily) -> View:
    """Return the view that is the column family in the catalog."""
    columns = [column for column in family.columns if column.kind != "static"]
    seen = [
        shown(column.codec, layout.quoted(column.name), key=column.kind == "clustering")
        for column in columns
    ]
    parts = ", ".join(
        [
            f"{text} AS {layout.quoted(column.name)}"
            for (text, _), column in zip(seen, columns, strict=True)
        ]
    )
    table = f"{layout.quoted(family.keyspace)}.{layout.quoted(layout.rows_name(family.name))}"
    return View(
        family.keyspace,
        family.name,
        f"SELECT {parts} FROM {table}{'' if family.is_counter else _UNEXPIRED}",
        tuple(Shown(column.name, type) for (_, type), column in zip(seen, columns, strict=True)),
        model=Model.WIDECOLUMN,
        family=family.family,
    )
