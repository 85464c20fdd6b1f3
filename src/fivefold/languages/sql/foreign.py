"""Containers of the other models: SQL reads them, and only their own language changes them.

Each model keeps rules in its rows that SQL does not know (a key of Redis has a kind, a version that
WATCH looks at, an expiry), so a change past them would break what they promise.
"""

from __future__ import annotations

from collections.abc import Iterator

from fivefold.catalog.changes import (
    AlterTable,
    CreateIndex,
    DropContainer,
    DropIndex,
    DropNamespace,
)
from fivefold.catalog.containers import Container, Model
from fivefold.errors import Unsupported
from fivefold.languages.sql import commands

_DOORS = {
    Model.KEYVALUE: "tx.redis, or a Redis client",
    Model.DOCUMENT: 'db.collection("{namespace}", "{name}"), or a MongoDB client',
    Model.GRAPH: "tx.cypher, or a Neo4j driver",
}


def refuse_change(container: Container, position: int | None = None) -> None:
    """Raise Unsupported, with what to use instead, for a container that is not SQL's own."""
    if container.model is Model.RELATIONAL:
        return
    namespace, name = container.namespace, container.name
    if container.model is Model.DOCUMENT:
        name = name.partition("$")[0]  # the collection that a table of documents or keys is of
    door = _DOORS.get(container.model, "its own language").format(namespace=namespace, name=name)
    raise Unsupported(
        f'SQL cannot change "{namespace}.{name}": it belongs to the {container.model.value} model',
        hint=f"Use {door}; SQL may read it.",
        position=position,
    )


def check(command: commands.Command) -> None:
    """Refuse a command other than INSERT, UPDATE and DELETE, which are looked at where bound."""
    for container in _changed(command):
        refuse_change(container)


def _changed(command: commands.Command) -> Iterator[Container]:
    match command:
        case commands.CopyIn(table=table):
            yield table
        case commands.Truncate(tables=tables):
            yield from tables
        case commands.Schema(changes=changes):
            going = {change.name for change in changes if isinstance(change, DropNamespace)}
            for change in changes:
                match change:
                    case DropContainer(container=container):
                        if not _goes_whole(container, going):
                            yield container
                    case AlterTable(old=table) | CreateIndex(table=table) | DropIndex(table=table):
                        yield table


def _goes_whole(container: Container, namespaces: set[str]) -> bool:
    """Say whether a container goes with all that belongs to it, with its schema."""
    whole = container.model in (Model.DOCUMENT, Model.GRAPH)
    return whole and container.namespace in namespaces
