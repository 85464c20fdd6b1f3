"""Giving a table another primary key, which in SQLite is the order of the rows themselves.

The rows are copied into a table of the new shape, and then the two tables change names in
``sqlite_schema``. Neither RENAME nor DROP would do: the first rewrites the foreign keys that point
here, the second sets off their actions. After the change of names nothing points at the old rows,
and they can be dropped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import apsw

from fivefold.catalog.containers import Table
from fivefold.stores.sqlite.ddl import expression_text, table_text
from fivefold.stores.sqlite.names import quote, table_name

_SPARE = "fivefold_rebuilt"

# An index that a primary key brought along is called after its table, and goes where it goes.
_EXCHANGE = """
UPDATE sqlite_schema SET
    name = CASE
        WHEN type = 'table' AND tbl_name = :name THEN :spare
        WHEN type = 'table' THEN :name
        WHEN tbl_name = :name THEN replace(name, 'autoindex_' || :name, 'autoindex_' || :spare)
        ELSE replace(name, 'autoindex_' || :spare, 'autoindex_' || :name) END,
    sql = CASE WHEN type = 'table' AND tbl_name = :name THEN :spare_text
        WHEN type = 'table' THEN :text END,
    tbl_name = CASE WHEN tbl_name = :name THEN :spare ELSE :name END
WHERE tbl_name IN (:name, :spare)
"""


def rebuild(raw: apsw.Connection, table: Table, using: Mapping[str, object]) -> None:
    """Copy the rows of a table without indexes or constraints into the shape of ``table``.

    ``using`` has the columns that are not copied as they are. Raises apsw.ConstraintError where the
    new primary key is not unique.
    """
    name = table_name(table.namespace, table.name)
    spare = replace(table, namespace="public", name=_SPARE)
    raw.execute(table_text(spare, {}, bare=True))
    columns = ", ".join(quote(column.name) for column in table.columns)
    values = ", ".join(
        expression_text(using[column.name]) if column.name in using else quote(column.name)
        for column in table.columns
    )
    raw.execute(f"INSERT INTO {quote(_SPARE)} ({columns}) SELECT {values} FROM {quote(name)}")
    _exchange(raw, name, table_text(table, {}, bare=True))
    raw.execute(f"DROP TABLE {quote(_SPARE)}")


def _exchange(raw: apsw.Connection, name: str, text: str) -> None:
    old = raw.execute(
        "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?", (name,)
    ).get
    spare_text = old.replace(quote(name), quote(_SPARE), 1)
    raw.execute("PRAGMA writable_schema = ON")
    try:
        raw.execute(
            _EXCHANGE, {"name": name, "spare": _SPARE, "spare_text": spare_text, "text": text}
        )
    finally:
        raw.execute("PRAGMA writable_schema = RESET")
    cookie = raw.execute("PRAGMA schema_version").get
    raw.execute(f"PRAGMA schema_version = {cookie + 1}")
