"""System relations: temporary tables whose rows are given, not stored.

They lie in SQLite's own temporary database of one connection: nothing of them reaches the file,
and they can be filled while the file is being read. SQLite indexes a join's inner table by itself,
so only the column that names a row, always the first, has an index that stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fivefold.catalog.containers import Table
from fivefold.stores.sqlite.names import quote, table_name
from fivefold.values.types import Row

if TYPE_CHECKING:
    from fivefold.stores.sqlite.connection import SqliteConnection

_STEP = "fivefold_provide"


def fill(connection: SqliteConnection, relation: Table, rows: Sequence[Row]) -> None:
    """Have the temporary table of a relation hold exactly these rows."""
    name = table_name(relation.namespace, relation.name)
    table = f"temp.{quote(name)}"
    columns = [quote(column.name) for column in relation.columns]
    execute = connection.raw.execute
    connection.savepoint(_STEP)
    try:
        execute(f"CREATE TABLE IF NOT EXISTS {table} ({', '.join(columns)})")
        execute(
            f"CREATE INDEX IF NOT EXISTS temp.{quote(name + ' by ' + relation.columns[0].name)}"
            f" ON {quote(name)} ({columns[0]})"
        )
        execute(f"DELETE FROM {table}")
        marks = ", ".join("?" * len(columns))
        connection.raw.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
    except BaseException:
        if connection.in_transaction:
            connection.rollback_to(_STEP)
            connection.release(_STEP)
        raise
    connection.release(_STEP)
