"""SET NULL and SET DEFAULT of some of a foreign key's columns: what SQLite's own actions cannot do.

SQLite sets all columns of a key or none. A key that names those to be set has no action of its own
here, but a trigger of the table that it refers to, which sets them when a row there is deleted;
SQLite then finds nothing that refers to the row, or refuses the statement. The trigger belongs to
the key, and is made anew whenever one of the two tables gets another shape.
"""

from __future__ import annotations

import apsw

from fivefold.catalog.containers import Action, ForeignKey, Table
from fivefold.stores.sqlite.ddl import plain_default
from fivefold.stores.sqlite.names import index_name, quote, table_name

_MARK = ":actions"  # at the end of a trigger's name


def watch(raw: apsw.Connection, table: Table) -> None:
    """Make the triggers of a table's foreign keys."""
    for key in table.foreign_keys:
        if key.on_delete_columns:
            raw.execute(f"CREATE TRIGGER {_name(table, key)} {_trigger(table, key)}")


def unwatch(raw: apsw.Connection, table: Table) -> None:
    """Take the triggers of a table's foreign keys away."""
    for key in table.foreign_keys:
        if key.on_delete_columns:
            raw.execute(f"DROP TRIGGER IF EXISTS {_name(table, key)}")


def put_away(raw: apsw.Connection, table: Table) -> list[str]:
    """Take away the triggers of keys that refer to a table, and return their texts."""
    rows = raw.execute(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ?"
        " AND substr(name, -length(?2)) = ?2",
        (table_name(table.namespace, table.name), _MARK),
    ).fetchall()
    for name, _ in rows:
        raw.execute(f"DROP TRIGGER {quote(str(name))}")
    return [str(text) for _, text in rows]


def _name(table: Table, key: ForeignKey) -> str:
    return quote(index_name(table.namespace, f"{table.name}.{key.name}") + _MARK)


def _trigger(table: Table, key: ForeignKey) -> str:
    child, parent = table_name(table.namespace, table.name), table_name(*key.target)
    values = ", ".join(f"{quote(name)} = {_value(table, key, name)}" for name in _set(key))
    refers = " AND ".join(
        f"{quote(own)} = old.{quote(other)}"
        for own, other in zip(key.columns, key.target_columns, strict=True)
    )
    return (
        f"AFTER DELETE ON {quote(parent)}"
        f" BEGIN UPDATE {quote(child)} SET {values} WHERE {refers}; END"
    )


def _set(key: ForeignKey) -> tuple[str, ...]:
    return tuple(name for name in key.columns if name in key.on_delete_columns)


def _value(table: Table, key: ForeignKey, name: str) -> str:
    column = table.column(name)
    assert column is not None
    default = plain_default(column) if key.on_delete is Action.SET_DEFAULT else None
    return "NULL" if default is None else default
