"""The system catalogs for a session: rows for the store, names for what its queries show."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from fivefold.languages.sql.system.catalog import System, row, system_for, table_of
from fivefold.plan.statement import Statement
from fivefold.stores.contract import Connection
from fivefold.values.datetimes import moment_text
from fivefold.values.types import Row, Stored

if TYPE_CHECKING:
    from fivefold.engine.sql import SqlSession


def system_of(session: SqlSession) -> System:
    """Return the system catalogs as the session's next statement sees them."""
    catalog = session.session.snapshot.view(session.prefix)
    return system_for(catalog, session.database, session.user)


def provide(session: SqlSession, connection: Connection, statement: Statement) -> None:
    """Have the connection find the rows of the system relations that the statement names."""
    system = system_of(session)
    for namespace, name in statement.system:
        key = name if namespace == "pg_catalog" else f"{namespace}.{name}"
        maker = _OF_SESSION.get(key)
        rows = system.rows(key) if maker is None else tuple(maker(session))
        connection.provide(table_of(key), rows, rows)


# -- what only the session knows ------------------------------------------------------------------


def _settings(session: SqlSession) -> Iterator[Row]:
    settings = session.settings
    for name, value in sorted(settings.values.items()):
        yield row(
            "pg_settings",
            name=settings.shown(name),
            setting=value,
            category="Ungrouped",
            short_desc="",
            context="user",
            vartype="bool" if value in ("on", "off") else "string",
            source="session",
            boot_val=value,
            reset_val=value,
            pending_restart=0,
        )


def _activity(session: SqlSession) -> Iterator[Row]:
    context = session.context
    moment = moment_text(context.statement_utc.replace(tzinfo=None)) + "+00"
    yield row(
        "pg_stat_activity",
        datname=session.database,
        pid=context.process_id,
        usesysid=10,
        usename=session.user,
        application_name=session.settings.values.get("application_name", ""),
        query_start=moment,
        state="active",
        query="",
        backend_type="client backend",
    )


def _prepared(session: SqlSession) -> Iterator[Row]:
    for name, known in session.prepared.items():
        yield row(
            "pg_prepared_statements",
            name=name,
            statement=known.text,
            parameter_types="[]",
            from_sql=1,
            generic_plans=0,
            custom_plans=0,
        )


_OF_SESSION: dict[str, Callable[[SqlSession], Iterable[Row]]] = {
    "pg_settings": _settings,
    "pg_stat_activity": _activity,
    "pg_prepared_statements": _prepared,
}


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
