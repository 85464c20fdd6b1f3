"""Deleting keys whose time has passed, a few at a time, in the group like any client's work."""

from __future__ import annotations

from fivefold.engine.engine import Engine
from fivefold.engine.group import Group
from fivefold.engine.redis import statements_of
from fivefold.engine.session import MustWait
from fivefold.models.keyvalue import layout
from fivefold.models.keyvalue.fixed import Statements
from fivefold.models.keyvalue.space import KeySpace
from fivefold.serve.limits import REAP_ELEMENTS, REAP_KEYS
from fivefold.stores.contract import Connection


def reap(engine: Engine, group: Group) -> bool:
    """Delete some expired keys of every database that exists, unless somebody else is writing.

    Returns whether there may be more to do at once.
    """
    more = False
    now_ms = engine.clock.now_ms()
    for number in range(layout.DATABASES):
        if engine.snapshot.catalog.find(layout.namespace(number), layout.KEYS) is None:
            continue
        statements = statements_of(engine, number)

        def due(connection: Connection, statements: Statements = statements) -> bool:
            return KeySpace(connection, statements, exists=True).due(now_ms)

        def delete(connection: Connection, statements: Statements = statements) -> None:
            space = KeySpace(connection, statements, exists=True)
            space.reap(now_ms, REAP_KEYS)
            space.sweep(REAP_ELEMENTS)

        try:
            if group.perform(due, write=False, several=False, version=None):
                group.perform(delete, write=True, several=True, version=None)
                more = True
        except MustWait:
            return False
    return more
