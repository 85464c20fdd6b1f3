"""What hangs on a thing that is to go: refused, or with CASCADE gone as well.

Source: the PostgreSQL manual, 5.14 "Dependency Tracking"; the words are those of its messages.
"""

from __future__ import annotations

from fivefold.catalog.containers import Container, ForeignKey, Table
from fivefold.errors import InvalidStatement
from fivefold.languages.sql.bind.state import Context
from fivefold.languages.sql.commands import Notice
from fivefold.languages.sql.schema import stored
from fivefold.languages.sql.schema.texts import quoted

HINT = "Use DROP ... CASCADE to drop the dependent objects too."

Dependent = tuple[str, str]
"""(what depends, on what), both as messages show them."""


def shown(context: Context, container: Container) -> str:
    """Return ``table t``, with its schema where the search path does not lead to it."""
    return f"{stored.kind(container)} {shown_name(context, container)}"


def shown_name(context: Context, container: Container) -> str:
    """Return a container's name, with its schema where the search path does not lead to it."""
    found = context.catalog.search(context.search_path, container.name)
    if found is not None and found.namespace == container.namespace:
        return quoted(container.name)
    return f"{quoted(container.namespace)}.{quoted(container.name)}"


def shown_key(context: Context, key: ForeignKey, table: Table) -> str:
    """Return ``constraint k on table t``."""
    return f"constraint {quoted(key.name)} on {shown(context, table)}"


def reading(
    context: Context,
    container: Container,
    on: str,
    readers: list[stored.Reader] | None = None,
    going: list[Container] | None = None,
) -> list[tuple[Container, Dependent]]:
    """Return the views that read ``container``, and those that read them, parents first.

    ``on`` is how messages show what they depend on; ``going`` are left out.
    """
    found: list[tuple[Container, Dependent]] = []
    seen = [] if going is None else going
    for reader in stored.readers(context, container) if readers is None else readers:
        if reader.view in seen:
            continue
        seen.append(reader.view)
        name = shown(context, reader.view)
        found.append((reader.view, (name, on)))
        found += reading(context, reader.view, name, None, seen)
    return found


def refuse_or_tell(what: str, found: list[Dependent], cascade: bool, notices: list[Notice]) -> None:
    """Raise InvalidStatement if something depends on ``what``; with CASCADE tell that it goes."""
    if not found:
        return
    if not cascade:
        raise InvalidStatement(
            f"cannot drop {what} because other objects depend on it",
            "dependent_objects_still_exist",
            detail="\n".join(f"{one} depends on {on}" for one, on in found),
            hint=HINT,
        )
    tell(found, notices)


def tell(found: list[Dependent], notices: list[Notice]) -> None:
    """Add the notice of what goes along."""
    if len(found) == 1:
        notices.append(Notice(f"drop cascades to {found[0][0]}"))
    elif found:
        detail = "\n".join(f"drop cascades to {one}" for one, _ in found)
        notices.append(Notice(f"drop cascades to {len(found)} other objects", detail=detail))
