"""The system catalogs for a session: rows for the store, names for what its queries show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from fivefold.languages.sql.system.catalog import System, system_for, table_of
from fivefold.plan.statement import Statement
from fivefold.stores.contract import Connection
from fivefold.values.types import Row, Stored

if TYPE_CHECKING:
    from fivefold.engine.sql import SqlSession

OF_SESSION = frozenset(
    {"pg_settings", "pg_stat_activity", "pg_locks", "pg_prepared_statements", "pg_cursors"}
    | {"pg_timezone_names", "pg_timezone_abbrevs", "pg_sequences"}
)
"""System relations that tell of the session, or of the moment: engine/system_rows.py."""


def system_of(session: SqlSession) -> System:
    """Return the system catalogs as the session's next statement sees them."""
    catalog = session.session.snapshot.view(session.prefix)
    identity = session.session.identity
    if identity is not None:
        catalog = identity.known(catalog, session.prefix)
    return system_for(catalog, session.database, session.user)


def provide(session: SqlSession, connection: Connection, statement: Statement) -> None:
    """Have the connection find the rows of the system relations that the statement names."""
    system = system_of(session)
    for namespace, name in statement.system:
        key = name if namespace == "pg_catalog" else f"{namespace}.{name}"
        if key in OF_SESSION:
            from fivefold.engine.system_rows import MAKERS

            rows = tuple(MAKERS[key](session, connection))
        else:
            rows = system.rows(key)
        connection.provide(table_of(key), rows, rows)


# -- names for oids -------------------------------------------------------------------------------


class Reference(int):
    """An oid that is shown as the name of what it numbers."""

    name: str

    def __str__(self) -> str:
        """Return the name."""
        return self.name


def with_names(
    session: SqlSession, named: tuple[tuple[int, str], ...], rows: Iterable[Row]
) -> Iterator[Row]:
    """Yield rows with names for the oids in the columns ``named``, by number and type.

    What a store with catalogs of its own gives is text already, and stays.
    """
    system, path = system_of(session), session.context.relation_path
    known: dict[tuple[str, int], Reference] = {}
    for each in rows:
        cells: list[Stored] = list(each)
        for at, kind in named:
            oid = cells[at]
            if isinstance(oid, int):
                found = known.get((kind, oid))
                if found is None:
                    found = known[kind, oid] = Reference(oid)
                    found.name = system.name_of(kind, oid, path)
                cells[at] = found
        yield tuple(cells)
