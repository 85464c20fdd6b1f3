"""Temporary tables, views and sequences: containers of a namespace that one session has.

The namespace's name holds the process that made it, so that whoever opens the store next can tell
what a killed process left behind. Its session drops it when it ends.
"""

from __future__ import annotations

import itertools
import os
import re
from functools import partial
from typing import TYPE_CHECKING

from fivefold.catalog.catalog import SEPARATOR, Catalog
from fivefold.catalog.changes import (
    Change,
    CreateContainer,
    CreateNamespace,
    DropContainer,
    DropNamespace,
)
from fivefold.catalog.containers import Sequence, Table
from fivefold.plan.statement import Prepared, Statement, Template
from fivefold.stores.contract import Connection

if TYPE_CHECKING:
    from fivefold.engine.engine import Engine
    from fivefold.engine.sql import SqlSession

_NAME = re.compile(r"(?:pg|fivefold)_temp_(\d+)_(\d+)_\d+")
_numbers = itertools.count(1)


def _started(process_id: int) -> int:
    """Return when a process began, in the system's own count; 0 where that cannot be known."""
    try:
        with open(f"/proc/{process_id}/stat") as file:
            return int(file.read().rpartition(")")[2].split()[19])
    except (OSError, ValueError, IndexError):
        return 0


def new_name(engine: Engine) -> str:
    """Return a namespace's name that no other session has."""
    process_id = os.getpid()
    start = engine.store.gaps.temporary_prefix
    return f"{start}{process_id}_{_started(process_id)}_{next(_numbers)}"


def _is_left(namespace: str) -> bool:
    """Say whether a namespace belongs to a process that is gone."""
    found = _NAME.fullmatch(namespace.rpartition(SEPARATOR)[2])
    if found is None or os.name == "nt":
        return False
    process_id, started = int(found[1]), int(found[2])
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return _started(process_id) != started


def dropping(catalog: Catalog, namespaces: list[str], *, keep: bool = False) -> tuple[Change, ...]:
    """Return the changes that empty and, unless ``keep``, drop namespaces."""
    from fivefold.languages.sql.bind.state import Context
    from fivefold.languages.sql.schema.drops import drop_containers

    going = [
        one
        for one in catalog.containers.values()
        if one.namespace in namespaces and not (isinstance(one, Sequence) and one.owner)
    ]
    changes = drop_containers(Context(catalog), going, True, [])
    return (*changes, *(() if keep else map(DropNamespace, namespaces)))


def remove_leftovers(engine: Engine) -> None:
    """Drop what processes that are gone left in the store; others' are not touched."""
    if not engine.store.gaps.single_writer:
        return  # a server's clients run on other machines: their processes cannot be looked at
    remove(engine, {name for name in engine.snapshot.catalog.namespaces if _is_left(name)})


def remove(engine: Engine, namespaces: set[str]) -> None:
    """Drop namespaces, as far as they are there."""
    from fivefold.engine.session import Session, StalePlan

    session = Session(engine)
    try:
        while True:
            session.renew()
            catalog = session.snapshot.catalog
            left = sorted(catalog.namespaces & namespaces)
            if not left:
                return
            try:
                session.change_schema(dropping(catalog, left), catalog.version)
            except StalePlan:
                continue
            return
    finally:
        session.close()


def make(session: SqlSession) -> None:
    """Make the namespace of what is temporary in a session."""
    planner, engine = session.planner, session.engine
    if planner.temporary is None:
        planner.temporary = new_name(engine)
    session.session.change_schema((CreateNamespace(session.prefix + planner.temporary),))
    engine.temporaries.add(session.prefix + planner.temporary)


def drop_all(session: SqlSession) -> None:
    """Drop all that is temporary in a session."""
    planner, snapshot = session.planner, session.session.snapshot
    if planner.temporary is None or not planner.has_temporary:
        return
    changes = dropping(snapshot.catalog, [session.prefix + planner.temporary], keep=True)
    if changes:
        session.session.change_schema(changes, snapshot.version)


def end(session: SqlSession) -> None:
    """Drop the namespace of a session that ends, if it has one; what is open is rolled back."""
    planner = session.planner
    if planner.has_temporary:
        session.session.rollback()
        remove(session.engine, {f"{session.prefix}{planner.temporary}"})
        session.engine.temporaries.discard(f"{session.prefix}{planner.temporary}")


def note(session: SqlSession, changes: tuple[Change, ...], action: str) -> None:
    """Take note of what ON COMMIT says of the table just made."""
    for change in changes:
        if isinstance(change, CreateContainer) and isinstance(change.container, Table):
            session.on_commit[change.container.namespace, change.container.name] = action


def at_commit(session: SqlSession) -> None:
    """Do what ON COMMIT says, inside the transaction that is about to commit."""
    inner = session.session
    for (namespace, name), action in list(session.on_commit.items()):
        table = inner.snapshot.catalog.find(namespace, name)
        if not isinstance(table, Table):
            del session.on_commit[namespace, name]
        elif action == "drop":
            inner.change_schema((DropContainer(table),))
            del session.on_commit[namespace, name]
        elif inner.granted or not inner.single_writer:
            template = Template("DELETE FROM {t}", {"t": (namespace, name)})
            prepared = session.engine.store.prepare(Statement(template, writes=True))
            inner.perform(partial(_run, prepared), write=True)


def _run(prepared: Prepared, connection: Connection) -> None:
    connection.run(prepared)
