"""How large things are in the file: pages of B-trees, counted by SQLite's own table ``dbstat``.

Source: the SQLite documentation, "The DBSTAT Virtual Table". Its pages are read one by one, so a
large table takes a moment.
"""

from __future__ import annotations

from collections.abc import Callable

import apsw

from fivefold.errors import InvalidValue
from fivefold.stores.sqlite.context import Context
from fivefold.stores.sqlite.functions.table import Entry, Needs
from fivefold.stores.sqlite.names import table_name

_FORKS = ("main", "fsm", "vm", "init")
_OWN = "SELECT total(pgsize) FROM dbstat('main', 1) WHERE name = ?"
_INDEXES = """
SELECT total(pgsize) FROM dbstat('main', 1)
WHERE name IN (SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = ?)
"""
_GLOBAL_TABLESPACE = (1664, "pg_global")


def _bytes(
    connection: apsw.Connection, context: Context, oid: int | None, *questions: str
) -> int | None:
    """Return what the questions add up to for a relation; null if there is none of that oid."""
    found = None if oid is None or context.system is None else context.system().relation_name(oid)
    if found is None:
        return None
    name = table_name(context.prefix + found[0], found[1])
    return sum(int(_asked(connection, question, name)) for question in questions)


def own_bytes(connection: apsw.Connection, name: str) -> int:
    """Return the bytes of a table of the file, without its indexes."""
    return int(_asked(connection, _OWN, name))


def index_bytes(connection: apsw.Connection, name: str) -> int:
    """Return the bytes of the indexes of a table of the file."""
    return int(_asked(connection, _INDEXES, name))


def _asked(connection: apsw.Connection, question: str, *values: str) -> float:
    answer: float = connection.execute(question, values).get
    return answer


def relation_size(
    connection: apsw.Connection, context: Context, oid: int | None, fork: str | None = "main"
) -> int | None:
    """Return the bytes of a table without its indexes, or of an index; forks have none."""
    if fork is None:
        return None
    if fork not in _FORKS:
        raise InvalidValue(
            "invalid fork name",
            "invalid_parameter_value",
            hint='Valid fork names are "main", "fsm", "vm", and "init".',
        )
    size = _bytes(connection, context, oid, _OWN)
    return size if fork == "main" or size is None else 0


def _of(*questions: str) -> Callable[[apsw.Connection, Context, int | None], int | None]:
    return lambda connection, context, oid: _bytes(connection, context, oid, *questions)


def database_size(
    connection: apsw.Connection, context: Context, what: int | str | None
) -> int | None:
    """Return the bytes of the file, which holds all databases."""
    if what is None:
        return None
    if what in _GLOBAL_TABLESPACE:
        return 0
    pages: int = connection.execute("PRAGMA main.page_count").get
    size: int = connection.execute("PRAGMA main.page_size").get
    return pages * size


def sequence_last_value(
    connection: apsw.Connection, context: Context, oid: int | None
) -> int | None:
    """Return what a sequence gave last, to anybody; null if it gave nothing yet."""
    found = None if oid is None or context.system is None else context.system().relation_name(oid)
    if found is None:
        return None
    value: int | None = connection.execute(
        "SELECT last_value FROM fivefold_sequences WHERE namespace = ? AND name = ? AND is_called",
        (context.prefix + found[0], found[1]),
    ).get
    return value


FUNCTIONS: tuple[Entry, ...] = tuple(
    Entry(name, -1, function, deterministic=False, needs=Needs.CONNECTION)
    for name, function in {
        "ff_pg_relation_size": relation_size,
        "ff_pg_table_size": _of(_OWN),
        "ff_pg_indexes_size": _of(_INDEXES),
        "ff_pg_total_relation_size": _of(_OWN, _INDEXES),
        "ff_pg_database_size": database_size,
        "ff_pg_tablespace_size": database_size,
        "ff_pg_sequence_last_value": sequence_last_value,
    }.items()
)
