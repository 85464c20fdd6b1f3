"""An open database and its doors, one for each model; inside one transaction too."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from fivefold.engine.clock import Clock
from fivefold.engine.engine import Engine
from fivefold.engine.session import Session
from fivefold.errors import InvalidState, InvalidStatement
from fivefold.stores.contract import Durability
from fivefold.stores.open import open_store

if TYPE_CHECKING:
    from fivefold.api.cql import Result as CqlResult
    from fivefold.api.cql.door import Parameters as CqlParameters
    from fivefold.api.cql.door import RunCql
    from fivefold.api.dbapi import Connection
    from fivefold.api.documents import Collection, Documents
    from fivefold.api.documents.door import Door
    from fivefold.api.graph import Result as GraphResult
    from fivefold.api.graph.door import RunCypher
    from fivefold.api.parameters import Parameters
    from fivefold.api.redis import Execute, Redis
    from fivefold.api.result import Result
    from fivefold.api.sql import SqlDoor
    from fivefold.api.users import Users
    from fivefold.engine.mongo import MongoSession
    from fivefold.engine.redis import RedisSession
    from fivefold.engine.redis_hub import Hub
    from fivefold.values.replies import Reply


class _Thread:
    """One thread's autocommit sessions; its connection goes back when the thread ends.

    Each door is made, and what it needs imported, when it is first used.
    """

    def __init__(self, engine: Engine, user: str | None) -> None:
        self.session = Session(engine, user=user)

    @cached_property
    def sql(self) -> SqlDoor:
        """The SQL side."""
        from fivefold.api.sql import SqlDoor

        return SqlDoor(self.session)

    @cached_property
    def redis(self) -> RedisSession:
        """The key-value side."""
        return redis_session(self.session)

    @cached_property
    def mongo(self) -> MongoSession:
        """The document side."""
        return mongo_session(self.session)

    @cached_property
    def cypher(self) -> RunCypher:
        """The graph side."""
        return cypher_door(self.session)

    @cached_property
    def cql(self) -> RunCql:
        """The wide-column side."""
        return cql_door(self.session)

    def __del__(self) -> None:
        if not self.session.engine.closed:
            self.session.close()


def redis_session(session: Session) -> RedisSession:
    """Return the key-value side of a session."""
    from fivefold.engine.redis import RedisSession
    from fivefold.languages.redis.session import Session as RedisClient

    return RedisSession(session, RedisClient(0))


def mongo_session(session: Session) -> MongoSession:
    """Return the document side of a session."""
    from fivefold.engine.mongo import MongoSession
    from fivefold.languages.mongo.client import Client

    return MongoSession(session, Client(0, owner=True))


def cypher_door(session: Session) -> RunCypher:
    """Return the graph side of a session."""
    from fivefold.api.graph.door import door

    return door(session)


def cql_door(session: Session) -> RunCql:
    """Return the wide-column side of a session."""
    from fivefold.api.cql.door import door

    return door(session)


class Database:
    """A database opened in this process. Safe to use from several threads.

    Outside ``transaction()`` every statement commits by itself. Each thread that uses the database
    has a connection of its own to the store.
    """

    def __init__(self, engine: Engine, user: str | None = None) -> None:
        self.engine = engine
        self.user = user
        self._threads = threading.local()

    def _thread(self) -> _Thread:
        try:
            return self._threads.sessions  # type: ignore[no-any-return]  # local() knows no types
        except AttributeError:
            sessions = self._threads.sessions = _Thread(self.engine, self.user)
            return sessions

    def sql(self, text: str, parameters: Parameters = ()) -> Result:
        """Run one SQL statement in PostgreSQL's dialect.

        Parameters stand as ``%s`` (a sequence) or ``%(name)s`` (a mapping). Raises FivefoldError.
        """
        return self._thread().sql.run(text, parameters)

    @cached_property
    def redis(self) -> Redis:
        """The key-value model with redis-py's methods."""
        from fivefold.api.redis import Redis

        return Redis(self._execute_redis, self._connect_redis, self._wait_redis, self._redis_hub)

    @cached_property
    def _documents(self) -> Door:
        from fivefold.api.documents.door import Door

        return Door(self._mongo, self)

    def _mongo(self) -> MongoSession:
        try:
            return self._threads.mongo  # type: ignore[no-any-return]  # likewise
        except AttributeError:
            session = self._threads.mongo = self._thread().mongo
            return session

    def documents(self, namespace: str) -> Documents:
        """Return a database of the document model, with pymongo's methods."""
        from fivefold.api.documents import Documents

        return Documents(self._documents, namespace)

    def collection(self, namespace: str, name: str) -> Collection:
        """Return a collection of documents, with pymongo's methods, results and exceptions."""
        return self.documents(namespace)[name]

    def cypher(
        self,
        query: str,
        parameters_: Mapping[str, Any] | None = None,
        *,
        database_: str | None = None,
        **parameters: Any,
    ) -> GraphResult:
        """Run one query of Cypher; its parameters are given by name, or as a mapping.

        ``database_`` is the namespace of the graph, ``neo4j`` if none is named. Raises
        FivefoldError.
        """
        try:
            run = self._threads.cypher
        except AttributeError:
            run = self._threads.cypher = self._thread().cypher
        return run(query, parameters_, database_, parameters)  # type: ignore[no-any-return]  # likewise

    def cql(
        self,
        text: str,
        parameters: CqlParameters = (),
        *,
        keyspace: str | None = None,
        page_size: int | None = None,
        paging_state: bytes | None = None,
    ) -> CqlResult:
        """Run one statement of CQL.

        Parameters stand as ``?`` or ``%s`` (a sequence), ``:name`` or ``%(name)s`` (a mapping).
        ``keyspace`` is that of names without one, instead of the one that USE named on this
        thread. Without ``page_size`` all rows are returned. Raises FivefoldError.
        """
        try:
            run = self._threads.cql
        except AttributeError:
            run = self._threads.cql = self._thread().cql
        return run(  # type: ignore[no-any-return]  # likewise
            text, parameters, keyspace=keyspace, page_size=page_size, paging_state=paging_state
        )

    def interrupter(self) -> Callable[[], None]:
        """Return a function that ends the statement this thread is running.

        It may be called from any thread; the statement ends with Limit (query_canceled).
        """
        return self._thread().session.interrupt

    def _execute_redis(self, words: list[bytes]) -> Reply:
        try:
            execute = self._threads.execute_redis
        except AttributeError:
            execute = self._threads.execute_redis = self._thread().redis.execute
        return execute(words)  # type: ignore[no-any-return]  # likewise

    def _wait_redis(self, words: list[bytes]) -> Reply:
        from fivefold.engine.redis_waiting import execute_waiting

        return execute_waiting(self._thread().redis, words)

    def _redis_hub(self) -> Hub:
        from fivefold.engine.redis_hub import hub_of

        return hub_of(self.engine)

    @contextmanager
    def _connect_redis(self) -> Iterator[Execute]:
        session = Session(self.engine, user=self.user)
        try:
            yield redis_session(session).execute
        finally:
            session.close()

    @cached_property
    def users(self) -> Users:
        """Who may log in by any protocol, once this database is served."""
        from fivefold.api.users import Users

        return Users(lambda: self._thread().session)

    def transaction(self) -> Transaction:
        """Return a context manager: what is done through it is kept wholly or not at all."""
        return Transaction(self.engine)

    def connect(self) -> Connection:
        """Return a new PEP 249 connection to this database, as pandas asks for one."""
        from fivefold.api.dbapi import Connection

        return Connection(self)

    @property
    def name(self) -> str:
        """Return the database's name: a file's without its ending."""
        return self.engine.store.name

    def close(self) -> None:
        """Close; what still runs on other threads ends with an error."""
        mine: _Thread | None = getattr(self._threads, "sessions", None)
        if mine is not None:
            mine.session.close()
        self.engine.close()  # before other threads' sessions go: they may be in use
        self._threads = threading.local()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class Transaction:
    """One transaction over all models. Use it in a ``with`` block, from one thread.

    The block's end commits; an exception rolls everything back. A statement that failed fails the
    whole transaction, as in PostgreSQL, unless it ran inside ``savepoint()``.
    """

    def __init__(self, engine: Engine) -> None:
        self._session = Session(engine)
        self._savepoints = 0

    @cached_property
    def _door(self) -> SqlDoor:
        from fivefold.api.sql import SqlDoor

        return SqlDoor(self._session)

    @cached_property
    def redis(self) -> Redis:
        """The key-value model, inside this transaction."""
        from fivefold.api.redis import Redis

        self._check_open()
        execute = redis_session(self._session).execute

        def inside(words: list[bytes]) -> Reply:
            self._check_open()
            return execute(words)

        return Redis(inside)

    @cached_property
    def _documents(self) -> Door:
        from fivefold.api.documents.door import Door

        self._check_open()
        mongo = mongo_session(self._session)

        def inside() -> MongoSession:
            if not self._session.open:
                from pymongo.errors import InvalidOperation

                raise InvalidOperation("the transaction has ended")
            return mongo

        return Door(inside, self)

    def documents(self, namespace: str) -> Documents:
        """Return a database of the document model, inside this transaction."""
        from fivefold.api.documents import Documents

        return Documents(self._documents, namespace)

    def collection(self, namespace: str, name: str) -> Collection:
        """Return a collection of documents, inside this transaction.

        A method that raises undoes what it did itself, and nothing else of the transaction.
        """
        return self.documents(namespace)[name]

    @cached_property
    def _cypher(self) -> RunCypher:
        return cypher_door(self._session)

    def cypher(
        self,
        query: str,
        parameters_: Mapping[str, Any] | None = None,
        *,
        database_: str | None = None,
        **parameters: Any,
    ) -> GraphResult:
        """Run one query of Cypher inside this transaction. Raises FivefoldError.

        A query that raises undoes what it did itself, and nothing else of the transaction.
        """
        self._check_open()
        return self._cypher(query, parameters_, database_, parameters)

    @cached_property
    def _cql(self) -> RunCql:
        return cql_door(self._session)

    def cql(
        self,
        text: str,
        parameters: CqlParameters = (),
        *,
        keyspace: str | None = None,
        page_size: int | None = None,
        paging_state: bytes | None = None,
    ) -> CqlResult:
        """Run one statement of CQL inside this transaction. Raises FivefoldError.

        A statement that raises undoes what it did itself, and nothing else of the transaction.
        """
        self._check_open()
        return self._cql(
            text, parameters, keyspace=keyspace, page_size=page_size, paging_state=paging_state
        )

    def sql(self, text: str, parameters: Parameters = ()) -> Result:
        """Run one SQL statement inside the transaction. Raises FivefoldError."""
        self._check_open()
        return self._door.run(text, parameters)

    def _check_open(self) -> None:
        if not self._session.open:
            raise InvalidState("the transaction has ended", "no_active_transaction")

    def _failed(self) -> bool:
        return "_door" in self.__dict__ and self._door.session.failed

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo only what is done inside this block if it raises, or if a statement in it failed."""
        self._check_open()
        if self._failed():
            raise _nothing_kept("transaction")
        self._savepoints += 1
        name = f"fivefold_{self._savepoints}"
        self._session.savepoint(name)
        try:
            yield
        except BaseException:
            self._undo(name)
            raise
        if self._failed():
            self._undo(name)
            raise _nothing_kept("savepoint")
        self._session.release(name)

    def _undo(self, name: str) -> None:
        self._session.rollback_to(name)
        self._session.release(name)
        if self._failed():
            self._door.session.failed = False

    def __enter__(self) -> Self:
        self._session.begin()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        failed = self._failed()
        try:
            if kind is None and not failed:
                self._session.commit()
            else:
                self._session.rollback()
        finally:
            self._session.close()
        if kind is None and failed:
            raise _nothing_kept("transaction")


def _nothing_kept(block: str) -> InvalidState:
    return InvalidState(
        f"a statement failed in this {block}, so nothing of it was kept",
        "in_failed_transaction",
        hint="Let the error leave the block, or run the statement inside savepoint().",
    )


def open_database(
    path: str | os.PathLike[str],
    *,
    durability: str | Durability = Durability.FULL,
    clock: Clock | None = None,
    key: str | bytes | None = None,
    user: str | None = None,
) -> Database:
    """Open a database: a file's path, ``:memory:``, or a ``postgresql://`` URL.

    ``durability`` says when a commit counts: ``full`` (synced to disk), ``normal`` (survives a
    killed process), ``off``. With a ``key`` a file that is made is encrypted, and only with it
    one that was made so is opened; else FIVEFOLD_KEY_FILE or FIVEFOLD_KEY of the environment is
    the key, if there is one. Raises Unavailable if the store cannot be used.

    Everything is done with the privileges of ``user``, whose password is not asked for: who can
    open the file has it. Without one it is the owner's. Raises InvalidStatement (undefined_object)
    if there is no such role.
    """
    store = open_store(os.fspath(path), Durability(durability), key)
    try:
        engine = Engine(store, clock)
        if user is not None and user not in engine.snapshot.catalog.roles:
            raise InvalidStatement(f'role "{user}" does not exist', "undefined_object")
        return Database(engine, user)
    except BaseException:
        store.close()
        raise
