"""What SQL sees of a column family: a view of its rows, without what is kept beside them."""

from __future__ import annotations

from fivefold.catalog.containers import Column as Shown
from fivefold.catalog.containers import Model, View
from fivefold.languages.cql.tables import ColumnFamily
from fivefold.models.widecolumn import layout


def view(family: ColumnFamily) -> View:
    """Return the view that is the column family in the catalog."""
    columns = [column for column in family.columns if column.kind != "static"]
    parts = ", ".join([layout.quoted(column.name) for column in columns])
    table = f"{layout.quoted(family.keyspace)}.{layout.quoted(layout.rows_name(family.name))}"
    return View(
        family.keyspace,
        family.name,
        f"SELECT {parts} FROM {table}",
        tuple(Shown(column.name, column.codec.store) for column in columns),
        model=Model.WIDECOLUMN,
        family=family.family,
    )
