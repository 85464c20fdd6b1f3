"""The gate: a connection that first asks whether its user may."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, cast

from fivefold.catalog.catalog import Catalog
from fivefold.catalog.changes import Change, CreateContainer, CreateNamespace, SetRole
from fivefold.catalog.roles import Grant, Privilege, Role, moved
from fivefold.plan.statement import Access, Prepared, Statement
from fivefold.security.identity import Identity, is_temporary
from fivefold.stores.contract import Connection


class Guarded:
    """A store's connection for work of a role that is no superuser.

    What it does not name here does nothing to a container. Raises Denied where the connection
    would have read or changed one.
    """

    __slots__ = ("_connection", "_identity")

    def __init__(self, connection: Connection, identity: Identity) -> None:
        self._connection = connection
        self._identity = identity

    @property
    def unguarded(self) -> Connection:
        """The connection itself."""
        return self._connection

    def __getattr__(self, name: str) -> Any:
        """Return what the connection has."""
        return getattr(self._connection, name)

    def run(self, prepared: Prepared, parameters: Sequence[Any] = ()) -> Any:
        """See ``Connection``."""
        self._identity.check(prepared.statement.accesses)
        return self._connection.run(prepared, parameters)

    def stream(self, prepared: Prepared, parameters: Sequence[Any] = ()) -> Iterator[Any]:
        """See ``Connection``."""
        self._identity.check(prepared.statement.accesses)
        rows: Iterator[Any] = self._connection.stream(prepared, parameters)
        return rows

    def run_many(self, prepared: Prepared, rows: Iterable[Sequence[Any]]) -> Any:
        """See ``Connection``."""
        self._identity.check(prepared.statement.accesses)
        return self._connection.run_many(prepared, rows)

    def explain(self, prepared: Prepared, *arguments: Any, **named: Any) -> Any:
        """See ``Connection``."""
        self._identity.check(prepared.statement.accesses)
        return self._connection.explain(prepared, *arguments, **named)

    def lock(self, tables: Sequence[tuple[str, str]], mode: str, *, nowait: bool) -> None:
        """See ``Connection``."""
        self._check_all(tables, Privilege.WRITE)
        self._connection.lock(tables, mode, nowait=nowait)

    def truncate(self, tables: Sequence[Any], deletes: Sequence[Prepared]) -> None:
        """See ``Connection``."""
        self._check_all([(each.namespace, each.name) for each in tables], Privilege.WRITE)
        self._connection.truncate(tables, deletes)

    def analyze(self, tables: Sequence[tuple[str, str]]) -> None:
        """See ``Connection``."""
        self._check_all(tables, Privilege.ADMINISTER)
        self._connection.analyze(tables)

    def restart(self, sequence: Any) -> None:
        """See ``Connection``."""
        self._check_all([(sequence.namespace, sequence.name)], Privilege.WRITE)
        self._connection.restart(sequence)

    def change_schema(self, change: Change, catalog: Catalog) -> None:
        """See ``Connection``; whoever makes something administers it."""
        self._identity.check_change(change, catalog)
        self._connection.change_schema(change, catalog)
        match change:
            case CreateNamespace(name=name):
                made = Grant(Privilege.ADMINISTER, name)
            case CreateContainer(container=container):
                made = Grant(Privilege.ADMINISTER, container.namespace, container.name)
            case _:
                return
        if not is_temporary(made.namespace or ""):
            now: Catalog = self._connection.load_catalog()
            role = now.roles[self._identity.name]
            self._connection.change_schema(
                SetRole(role, replace(role, grants=(*role.grants, made))), now
            )

    def _check_all(self, names: Sequence[tuple[str, str]], privilege: Privilege) -> None:
        self._identity.check(tuple(Access(*each, privilege) for each in names))


def accesses_of(statements: Iterable[Statement]) -> tuple[Access, ...]:
    """Return what these statements do, together."""
    return tuple(dict.fromkeys(access for each in statements for access in each.accesses))


def guard(connection: Connection, identity: Identity) -> Connection:
    """Return the connection as this role may use it."""
    return cast("Connection", Guarded(connection, identity))


def bare(connection: Connection) -> Connection:
    """Return the connection itself, for what nobody asked for but follows by itself."""
    return connection.unguarded if isinstance(connection, Guarded) else connection


def regranted(before: Catalog, after: Catalog) -> Iterator[tuple[Role, Role]]:
    """Yield the roles that a change of schema leaves with grants on what is gone or renamed."""
    old, new = _names(before), _names(after)
    gone, made = old - new, new - old
    if not gone:
        return
    is_renaming = len(gone) == len(made) == 1
    renamed = {next(iter(gone)): next(iter(made))} if is_renaming else {}
    yield from moved(after.roles, frozenset(gone), renamed)


def _names(catalog: Catalog) -> set[tuple[str, str | None]]:
    return {*catalog.containers, *((name, None) for name in catalog.namespaces)}
