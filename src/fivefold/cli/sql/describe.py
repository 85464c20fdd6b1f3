r"""What ``\d`` and ``\dt`` show: the catalog's containers, and one's columns and constraints."""

from __future__ import annotations

from fivefold import Database
from fivefold.cli.sql.complete import Names, quoted

LIST_COLUMNS = ("Schema", "Name", "Type")
COLUMN_COLUMNS = ("Column", "Type", "Nullable", "Default")


def refresh(database: Database) -> None:
    """Have the functions below see what other processes have changed."""
    engine = database.engine
    connection = engine.lease()
    try:
        engine.refresh(connection)
    finally:
        engine.give_back(connection)


def names(database: Database) -> Names:
    """Return the tables and views with their columns, by the shortest name that SQL knows."""
    return {
        _sql_name(namespace, name): [
            quoted(column.name) for column in getattr(container, "columns", ())
        ]
        for (namespace, name), container in sorted(
            database.engine.snapshot.catalog.containers.items()
        )
        if hasattr(container, "columns")
    }


def listing(database: Database, kinds: tuple[str, ...]) -> list[tuple[str, str, str]]:
    """Return (schema, name, kind) of the containers of these kinds, sorted."""
    return sorted(
        (namespace, name, kind)
        for (namespace, name), container in database.engine.snapshot.catalog.containers.items()
        if (kind := type(container).__name__.lower()) in kinds
    )


def resolve(database: Database, typed: str) -> tuple[str, str] | None:
    """Return the (namespace, name) that is meant by a name with or without its namespace."""
    parts = [part.strip('"') if part[:1] == '"' else part.lower() for part in typed.split(".")]
    key = (parts[0], parts[1]) if len(parts) == 2 else ("public", parts[0])
    return key if key in database.engine.snapshot.catalog.containers else None


def columns(database: Database, key: tuple[str, str]) -> list[tuple[str, str, str, str]]:
    """Return (name, type, "not null" or "", default or "") of each column."""
    return [
        (
            column.name,
            str(column.type),
            "not null" if column.not_null else "",
            _default(column.default, column.identity and column.identity.value, column.generated),
        )
        for column in getattr(database.engine.snapshot.catalog.containers[key], "columns", ())
    ]


def constraints(database: Database, key: tuple[str, str]) -> list[str]:
    """Return a line for each key, index, check, foreign key, and table that refers to this one."""
    catalog = database.engine.snapshot.catalog
    table = next((each for each in catalog.tables() if (each.namespace, each.name) == key), None)
    if table is None:
        view = getattr(catalog.containers[key], "query", None)
        return [f"View definition: {view}"] if view else []
    lines = []
    for unique in table.keys:
        kind = "PRIMARY KEY" if unique.primary else "UNIQUE"
        lines.append(f'{kind} "{unique.name}" ({_list(unique.columns)})')
    for index in table.indexes:
        kind = "UNIQUE INDEX" if index.unique else "INDEX"
        parts = ", ".join(
            part.expression + (" DESC" if part.descending else "") for part in index.parts
        )
        where = f" WHERE {index.where}" if index.where else ""
        lines.append(f'{kind} "{index.name}" ({parts}){where}')
    lines += [f'CHECK "{check.name}" ({check.expression})' for check in table.checks]
    for foreign in table.foreign_keys:
        lines.append(
            f'FOREIGN KEY "{foreign.name}" ({_list(foreign.columns)}) REFERENCES '
            f"{_sql_name(*foreign.target)}({_list(foreign.target_columns)})"
        )
    referrers = sorted(_sql_name(each.namespace, each.name) for each in catalog.referrers(table))
    if referrers:
        lines.append(f"Referenced by: {', '.join(referrers)}")
    return lines


def _default(default: str | None, identity: str | None, generated: str | None) -> str:
    if generated:
        return f"generated always as ({generated}) stored"
    if identity and identity != "serial":
        return f"generated {identity} as identity"
    return default or ("serial" if identity else "")


def _list(words: tuple[str, ...]) -> str:
    return ", ".join(map(quoted, words))


def _sql_name(namespace: str, name: str) -> str:
    return quoted(name) if namespace == "public" else f"{quoted(namespace)}.{quoted(name)}"
