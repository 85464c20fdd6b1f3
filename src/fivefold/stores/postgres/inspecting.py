"""What is wrong with a database in PostgreSQL, as far as PostgreSQL lets a client look.

Its pages and indexes are its own to check: with the extension ``amcheck`` installed in the
database, each table's pages and each B-tree are looked at by it; without it only what the system
catalogs say (indexes that were not finished, constraints that were not validated). Foreign keys and
unique keys are kept by PostgreSQL itself.

Source: PostgreSQL manual, appendix F, "amcheck"; chapter 53, "pg_index", "pg_constraint".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from fivefold.catalog import codec
from fivefold.catalog.containers import Sequence as SequenceContainer
from fivefold.catalog.containers import Table
from fivefold.errors import FivefoldError
from fivefold.stores.findings import Fault, Finding
from fivefold.stores.postgres import reflect
from fivefold.stores.postgres.names import OWN_SCHEMA

if TYPE_CHECKING:
    from fivefold.stores.postgres.connection import PostgresConnection

_SAVEPOINT = "fivefold_inspect"
_OWN_OR_OTHERS = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
_UNFINISHED = (
    "SELECT n.nspname, t.relname, x.relname FROM pg_index i"
    " JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid"
    f" JOIN pg_namespace n ON n.oid = t.relnamespace WHERE NOT i.indisvalid AND {_OWN_OR_OTHERS}"
)
_UNVALIDATED = (
    "SELECT n.nspname, t.relname, c.conname FROM pg_constraint c"
    " JOIN pg_class t ON t.oid = c.conrelid JOIN pg_namespace n ON n.oid = t.relnamespace"
    f" WHERE NOT c.convalidated AND {_OWN_OR_OTHERS}"
)
_AMCHECK = (
    "SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace"
    " WHERE e.extname = 'amcheck'"
)
_TREES = (
    "SELECT n.nspname, t.relname, x.oid, x.relname FROM pg_index i"
    " JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid"
    " JOIN pg_am a ON a.oid = x.relam JOIN pg_namespace n ON n.oid = t.relnamespace"
    " WHERE a.amname = 'btree' AND x.relkind = 'i' AND x.relpersistence <> 't' AND i.indisvalid"
    f" AND {_OWN_OR_OTHERS} ORDER BY 1, 2, 4"
)
_HEAPS = (
    "SELECT n.nspname, t.relname, t.oid FROM pg_class t JOIN pg_namespace n"
    " ON n.oid = t.relnamespace WHERE t.relkind IN ('r', 'm') AND t.relpersistence <> 't'"
    f" AND {_OWN_OR_OTHERS} ORDER BY 1, 2"
)
_TABLES = f"SELECT namespace, name, definition, columns FROM {OWN_SCHEMA}.fivefold_containers"
_SEQUENCES = "SELECT schemaname, sequencename FROM pg_sequences"


def findings(connection: PostgresConnection) -> Iterator[Finding]:
    """Yield all that is wrong, inside the open transaction."""
    for namespace, table, index in _rows(connection, _UNFINISHED):
        message = f"the index {index} was not finished: REINDEX it"
        yield Finding(Fault.INDEX, message, (namespace, table))
    for namespace, table, name in _rows(connection, _UNVALIDATED):
        message = f"the constraint {name} was not validated: ALTER TABLE … VALIDATE CONSTRAINT"
        yield Finding(Fault.CONSTRAINT, message, (namespace, table))
    extension = _rows(connection, _AMCHECK)
    if extension:
        yield from _checked(connection, str(extension[0][0]))
    else:
        yield Finding(
            Fault.UNCHECKED,
            "pages and indexes: they are PostgreSQL's own, and it lets clients look at them only by"
            " the extension amcheck (CREATE EXTENSION amcheck)",
        )
    yield from _catalog(connection)


def _rows(
    connection: PostgresConnection, text: str, parameters: Sequence[Any] = ()
) -> list[tuple[Any, ...]]:
    return connection.execute(text, parameters)


def _checked(connection: PostgresConnection, schema: str) -> Iterator[Finding]:
    """Yield what amcheck finds; what it raises is what is wrong with that one index."""
    own = '"' + schema.replace('"', '""') + '"'
    heap = f"SELECT blkno, msg FROM {own}.verify_heapam($1::oid::regclass)"
    for namespace, table, oid in _rows(connection, _HEAPS):
        place = (namespace, table)
        found, error = _tried(connection, heap, oid)
        for block, message in found:
            yield Finding(Fault.PAGES, f"page {block}: {message}", place)
        if error is not None:
            yield Finding(Fault.PAGES, error, place)
    tree = f"SELECT {own}.bt_index_check($1::oid::regclass, true)"
    for namespace, table, oid, index in _rows(connection, _TREES):
        _, error = _tried(connection, tree, oid)
        if error is not None:
            yield Finding(Fault.INDEX, f"{index}: {error}", (namespace, table))


def _tried(
    connection: PostgresConnection, text: str, oid: int
) -> tuple[list[tuple[Any, ...]], str | None]:
    import psycopg

    connection.savepoint(_SAVEPOINT)
    try:
        found, error = _rows(connection, text, (oid,)), None
    except psycopg.Error as raised:
        found, error = [], str(raised).splitlines()[0]
        connection.rollback_to(_SAVEPOINT)
    connection.release(_SAVEPOINT)
    return found, error


def _catalog(connection: PostgresConnection) -> Iterator[Finding]:
    present = {(row[0], row[1]): row[2] for row in _rows(connection, reflect.TABLES)}
    sequences = {(row[0], row[1]) for row in _rows(connection, _SEQUENCES)}
    for namespace, name, definition, columns in _rows(connection, _TABLES):
        place = (str(namespace), str(name))
        try:
            container = codec.decode(str(definition))
        except FivefoldError as error:
            yield Finding(Fault.CATALOG, f"its description cannot be read: {error}", place)
            continue
        if isinstance(container, Table):
            if place not in present:
                yield Finding(Fault.CATALOG, "there is no such table in PostgreSQL", place)
            elif present[place] != columns:
                message = "the table was altered by another program than fivefold"
                yield Finding(Fault.CATALOG, message, place)
        elif isinstance(container, SequenceContainer) and place not in sequences:
            yield Finding(Fault.CATALOG, "there is no such sequence in PostgreSQL", place)
