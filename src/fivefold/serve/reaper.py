"""Deleting keys whose time has passed, a few at a time, in the group like any client's work."""

from __future__ import annotations

from fivefold.engine.engine import Engine
from fivefold.engine.group import Group
from fivefold.engine.redis import statements_of
from fivefold.engine.session import MustWait
from fivefold.models.keyvalue import layout
from fivefold.models.keyvalue.space import KeySpace
from fivefold.serve.limits import REAP_KEYS
from fivefold.stores.contract import Connection


def reap(engine: Engine, group: Group) -> None:
    """Delete some expired keys of every database that exists, unless somebody else is writing."""
    now_ms = engine.clock.now_ms()
    for number in range(layout.DATABASES):
        if engine.snapshot.catalog.find(layout.namespace(number), layout.KEYS) is None:
            continue
        statements = statements_of(engine, number)

        def overdue(connection: Connection, statements: layout.Statements = statements) -> bool:
            return bool(connection.run(statements.overdue, (now_ms, 1)))

        def delete(connection: Connection, statements: layout.Statements = statements) -> None:
            KeySpace(connection, statements, None).reap(now_ms, REAP_KEYS)

        try:
            if group.perform(overdue, write=False, several=False, version=None):
                group.perform(delete, write=True, several=True, version=None)
        except MustWait:
            return
