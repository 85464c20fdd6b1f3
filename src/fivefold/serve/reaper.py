"""What is looked after every second, in the group like any client's work, or on a thread.

Keys whose time has passed are deleted, a few at a time. Clients that wait for keys are woken when
another process has filled them, of which nobody tells us.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from itertools import chain
from time import perf_counter

from fivefold.engine.engine import Engine
from fivefold.engine.group import Group
from fivefold.engine.redis import statements_of
from fivefold.engine.redis_hub import hub_of
from fivefold.engine.redis_waiters import Place
from fivefold.engine.session import MustWait, Session
from fivefold.languages.redis.channels import Delivery
from fivefold.models.keyvalue import layout
from fivefold.models.keyvalue.fixed import Statements
from fivefold.models.keyvalue.space import KeySpace
from fivefold.serve.limits import PLACES_MAX, REAP_ELEMENTS, REAP_KEYS, SLICE_SECONDS
from fivefold.stores.contract import Connection


def reap(
    engine: Engine, session: Group | Session, tell: Callable[[Iterable[Delivery]], None]
) -> bool:
    """Delete some expired keys of every database that exists, unless somebody else is writing.

    ``tell`` has messages leave with the commit. Returns whether there may be more to do at once.
    """
    more = False
    hub = hub_of(engine)
    now_ms = engine.clock.now_ms()
    for number in range(layout.DATABASES):
        if engine.snapshot.catalog.find(layout.namespace(number), layout.KEYS) is None:
            continue
        statements = statements_of(engine, number)

        def due(connection: Connection, statements: Statements = statements) -> bool:
            return KeySpace(connection, statements, exists=True).due(now_ms)

        def delete(connection: Connection, statements: Statements = statements) -> list[bytes]:
            space = KeySpace(connection, statements, exists=True)
            until = perf_counter() + SLICE_SECONDS
            while len(space.reap(now_ms, REAP_KEYS)) == REAP_KEYS and perf_counter() < until:
                pass
            space.sweep(REAP_ELEMENTS)
            return space.expired

        try:
            if session.perform(due, write=False, several=False, version=None):
                expired = session.perform(delete, write=True, several=True, version=None)
                more = True
                hub.statistics.expired += len(expired)
                if "x" in hub.notified:
                    notices = [hub.notices(number, "expired", key) for key in expired]
                    tell(chain.from_iterable(notices))
        except MustWait:
            return False
    return more


Versions = dict[Place, int]
"""Keys that clients wait for, and are there, with their versions when last looked at."""


def look_at_awaited(engine: Engine, session: Group | Session, seen: Versions) -> Versions:
    """Wake those who wait for keys that are there and are not as they were in ``seen``.

    Returns what was seen this time.
    """
    waiters = hub_of(engine).waiters
    places = waiters.places()
    if not places:
        return {}
    if len(places) > PLACES_MAX:
        places = random.sample(places, PLACES_MAX)

    def look(connection: Connection) -> Versions:
        if connection.moved():
            engine.refresh(connection)  # another process may have made the tables
        spaces: dict[int, KeySpace] = {}
        found: Versions = {}
        now_ms = engine.clock.now_ms()
        for number, key in places:
            if number not in spaces:
                container = engine.snapshot.catalog.find(layout.namespace(number), layout.KEYS)
                exists = container is not None
                spaces[number] = KeySpace(connection, statements_of(engine, number), exists=exists)
            entry = spaces[number].find(key, now_ms)
            if entry is not None:
                found[number, key] = entry.version
        return found

    found = session.perform(look, write=False, several=False, version=None)
    waiters.wake(place for place, version in found.items() if seen.get(place) != version)
    return found
