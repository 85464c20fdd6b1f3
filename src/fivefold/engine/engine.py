"""The engine: one store, its catalog as last seen, its connections, the writer's place."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any

from fivefold.catalog.catalog import Catalog, Version
from fivefold.engine.cache import Cache
from fivefold.engine.clock import Clock, SystemClock
from fivefold.engine.limits import (
    CONNECTIONS_KEPT,
    CONNECTIONS_PERSONAL,
    STATEMENTS_CACHED,
    TEXTS_CACHED,
    Limits,
)
from fivefold.engine.writer import Writer
from fivefold.errors import InvalidState
from fivefold.stores.contract import Connection, Store

if TYPE_CHECKING:
    from fivefold.engine.advisory import Locks
    from fivefold.security.identity import Identity


class Snapshot:
    """A catalog and what was made from it; a new catalog starts with empty caches.

    ``plans`` maps a language's key of a statement's shape to its plan, ``texts`` whole texts in
    front of it. Languages choose keys and values; the engine only bounds and drops them.
    """

    __slots__ = ("_identities", "_seen", "_views", "catalog", "plans", "texts", "version")

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.version = catalog.version
        self.plans: Cache[Hashable, Any] = Cache(STATEMENTS_CACHED)
        self.texts: Cache[Hashable, Any] = Cache(TEXTS_CACHED)
        self._views: dict[str, Catalog] = {}
        self._identities: dict[str, Identity | None] = {}
        self._seen: dict[str, Snapshot] = {}

    def identity(self, user: str) -> Identity | None:
        """Return what a role may do; None is everything."""
        if user not in self._identities:
            # Imported only where there are roles.
            from fivefold.security.identity import identity_of

            self._identities[user] = identity_of(self.catalog, user)
        return self._identities[user]

    def seen(self, user: str | None) -> Snapshot:
        """Return the snapshot that has only what a role may know of, with plans of its own."""
        identity = None if user is None else self.identity(user)
        if identity is None or user is None:
            return self
        found = self._seen.get(user)
        if found is None:
            found = self._seen[user] = Snapshot(identity.known(self.catalog, ""))
        return found

    def view(self, prefix: str) -> Catalog:
        """Return the catalog as a database sees it whose namespaces begin with ``prefix``."""
        found = self._views.get(prefix)
        if found is None:
            # Imported only where there is more than one database.
            found = self.catalog
            if prefix or found.databases:
                from fivefold.engine import databases

                found = databases.view(found, prefix)
            self._views[prefix] = found
        return found


class Engine:
    """What all sessions of one open database share. Safe to use from any thread."""

    def __init__(self, store: Store, clock: Clock | None = None) -> None:
        self.store = store
        self.clock: Clock = clock or SystemClock()
        self.limits = Limits()
        """Whoever serves the store may set others, before there are clients."""
        self.writer = Writer()
        self.prepared: dict[Hashable, object] = {}
        """Fixed statements of the models, by their own keys: a few for each container."""
        self.users: Counter[str] = Counter()
        """How many SQL sessions of this process each database has, by its prefix."""
        self.temporaries: set[str] = set()
        """Namespaces that sessions of this process have for what is temporary."""
        self.closing: list[Callable[[], None]] = []
        """Called before connections are closed: who leases one for long gives it back."""
        self.lasting: Cache[Hashable, Any] = Cache(STATEMENTS_CACHED)
        """Plans that hold for every catalog, by their keys in ``Snapshot.texts`` and ``plans``."""
        self._advisory: Locks | None = None
        self._tokens: Cache[Hashable, object] = Cache(STATEMENTS_CACHED)
        self._lock = threading.Lock()
        self.unsynced = False
        """Something was committed since the store was last asked to sync. Set after the commit and
        cleared before the sync, so that it may be true in vain but never false in vain."""
        self._idle: dict[bool, list[Connection]] = {True: [], False: []}  # synced ones, and others
        self._leased: dict[Connection, bool] = {}
        self._closed = False
        self._kept = 0  # connections that sessions keep for what they hold
        connection = self.lease()
        self.snapshot = Snapshot(connection.load_catalog())
        self.give_back(connection)
        if any("_temp_" in name for name in self.snapshot.catalog.namespaces):
            from fivefold.engine.temporary import remove_leftovers

            remove_leftovers(self)

    def token(self, key: Hashable) -> object:
        """Return an object that stands for ``key`` in the caches of snapshots.

        It hashes at once, where a key of types and settings takes as long as the rest of a look-up.
        """
        token = self._tokens.get(key)
        if token is None:
            token = object()
            self._tokens.put(key, token)
        return token

    @property
    def advisory(self) -> Locks:
        """Return the advisory locks that sessions of this process hold."""
        with self._lock:
            if self._advisory is None:
                from fivefold.engine.advisory import Locks

                self._advisory = Locks()
            return self._advisory

    def sync(self) -> None:
        """Make lasting what was committed on connections that are not synced."""
        self.unsynced = False
        self.store.sync()

    def lease(self, *, synced: bool = True) -> Connection:
        """Return a connection with no transaction open; ``give_back`` it.

        Who commits on one that is not ``synced`` says so in ``unsynced``, and tells nobody of the
        commit before the next ``sync``.
        """
        with self._lock:
            if self._closed:
                raise closed()
            idle = self._idle[synced]
            if idle:
                connection = idle.pop()
                self._leased[connection] = synced
                return connection
        connection = self.store.connect(synced=synced)
        with self._lock:
            self._leased[connection] = synced
        return connection

    def give_back(self, connection: Connection) -> None:
        """Take a connection back; what it left open is rolled back."""
        if connection.in_transaction:
            connection.rollback()
        if connection.personal:
            connection.forget_session()
        with self._lock:
            idle = self._idle[self._leased.pop(connection, True)]
            if not self._closed and len(idle) < CONNECTIONS_KEPT:
                idle.append(connection)
                return
        connection.close()

    def keep(self) -> bool:
        """Say whether one more session may keep a connection while it does nothing with it."""
        with self._lock:
            if self._kept >= CONNECTIONS_PERSONAL or self._closed:
                return False
            self._kept += 1
            return True

    def unkeep(self) -> None:
        """Take note that a session gives back what it kept."""
        with self._lock:
            self._kept -= 1

    def refresh(self, connection: Connection) -> Snapshot:
        """Return the snapshot of the catalog that this connection's transaction sees."""
        version = connection.catalog_version()
        snapshot = self.snapshot
        if version != snapshot.version:
            snapshot = Snapshot(connection.load_catalog())
            self.publish(snapshot)
        return snapshot

    def publish(self, snapshot: Snapshot) -> None:
        """Make a newer catalog the one that sessions start from."""
        with self._lock:
            if _newer(snapshot.version, self.snapshot.version):
                self.snapshot = snapshot

    @property
    def closed(self) -> bool:
        """Say whether ``close`` was called."""
        return self._closed

    def close(self) -> None:
        """Close all connections; statements that still run end with an error."""
        if self.temporaries and not self._closed:
            from fivefold.engine import temporary

            temporary.remove(self, self.temporaries)
        while self.closing:
            self.closing.pop()()
        with self._lock:
            if self._closed:
                return
            self._closed = True
            idle = [connection for kept in self._idle.values() for connection in kept]
            self._idle = {True: [], False: []}
            leased = list(self._leased)
        for connection in leased:
            connection.interrupt()
        for connection in idle:
            connection.close()
        self.store.close()


def _newer(version: Version, than: Version) -> bool:
    return version != than and version >= than


def closed() -> InvalidState:
    """Return the error of using a database that was closed."""
    return InvalidState("the database is closed", "closed", hint="Open it again.")
