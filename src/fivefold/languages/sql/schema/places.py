"""Where new containers go, and what else schema statements ask of the catalog."""

from __future__ import annotations

from fivefold.catalog.catalog import Catalog, missing_container
from fivefold.catalog.containers import Container, EnumType, Table
from fivefold.errors import Denied, InvalidStatement, Unsupported
from fivefold.languages.sql.bind import relations
from fivefold.languages.sql.bind.state import Context, NeedsTemporary, State
from fivefold.languages.sql.commands import Notice
from fivefold.languages.sql.definitions import Names


def place(context: Context, name: Names, at: int, *, relation: bool = True) -> tuple[str, str]:
    """Return (namespace, name) for a new container; a relation may not have a type's name."""
    found = _place(context, name, at)
    if relation and isinstance(context.catalog.find(*found), EnumType):
        raise InvalidStatement(
            f'type "{found[1]}" already exists',
            "duplicate_object",
            hint="A relation has an associated type of the same name, so you must use a name that "
            "doesn't conflict with any existing type.",
        )
    return found


def _place(context: Context, name: Names, at: int) -> tuple[str, str]:
    if len(name) > 2:
        raise InvalidStatement(f"improper relation name: {'.'.join(name)}", position=at + 1)
    if len(name) == 2 and name[0] == "pg_temp":
        if context.temporary is None:
            raise NeedsTemporary
        return context.temporary, name[1]
    if len(name) == 2:
        if name[0] == "pg_catalog":
            raise Denied(
                f'permission denied to create "{".".join(name)}"',
                "insufficient_privilege",
                detail="System catalog modifications are currently disallowed.",
            )
        if name[0] not in context.catalog.namespaces:
            raise missing_namespace(name[0], None if at < 0 else at)
        return name[0], name[1]
    for namespace in context.search_path:
        if namespace in context.catalog.namespaces and namespace != context.temporary:
            return namespace, name[0]
    raise InvalidStatement(
        "no schema has been selected to create in", "undefined_namespace", position=at + 1
    )


def missing_namespace(name: str, at: int | None = None) -> InvalidStatement:
    return InvalidStatement(
        f'schema "{name}" does not exist',
        "undefined_namespace",
        position=None if at is None else at + 1,
    )


def no_columns(at: int | None = None) -> Unsupported:
    return Unsupported(
        "a table without columns is not supported",
        hint="SQLite needs at least one column.",
        position=None if at is None else at + 1,
    )


def exists_error(name: str) -> InvalidStatement:
    return InvalidStatement(f'relation "{name}" already exists', "duplicate_table")


def exists_notice(name: str) -> Notice:
    return Notice(f'relation "{name}" already exists, skipping', code="duplicate_table")


def is_taken(catalog: Catalog, namespace: str, name: str) -> bool:
    """Say whether a relation or an index has the name."""
    if catalog.find(namespace, name) is not None:
        return True
    return find_index(catalog, namespace, name) is not None


def find_index(catalog: Catalog, namespace: str, name: str) -> Table | None:
    """Return the table with an index (or a key) of that name."""
    for table in catalog.tables():
        if table.namespace == namespace and (
            any(index.name == name for index in table.indexes)
            or any(key.name == name for key in table.keys)
        ):
            return table
    return None


def find(context: Context, name: Names, at: int) -> Container | None:
    return relations.find(State(context), name, at)


def require_table(context: Context, name: Names, at: int) -> Table:
    """Return a table to be changed; PostgreSQL gives no position here."""
    found = find(context, name, at)
    if found is None:
        raise missing_container(".".join(name))
    if not isinstance(found, Table):
        raise InvalidStatement(f'"{found.name}" is not a table', "wrong_object_type")
    return found


def find_index_named(context: Context, name: Names) -> Table | None:
    """Return the table with the index that a name finds along the search path."""
    for namespace in context.search_path if len(name) == 1 else name[:1]:
        table = find_index(context.catalog, namespace, name[-1])
        if table is not None:
            return table
    return None
