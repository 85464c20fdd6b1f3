"""The log of changes: who puts it into the file, and when it starts anew."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from pathlib import Path

import pytest

from fivefold.catalog.changes import CreateContainer
from fivefold.catalog.containers import Column, Key, Table
from fivefold.engine.engine import Engine
from fivefold.engine.session import Session
from fivefold.errors import Conflict
from fivefold.plan.statement import Prepared, Statement, Template
from fivefold.serve.shortening import Shortening
from fivefold.stores.contract import Connection, Durability
from fivefold.stores.sqlite import log
from fivefold.stores.sqlite.store import SqliteStore
from fivefold.values.types import INT8

PAGES = 40
ROUNDS_MAX = 400
ROUND_SECONDS = 0.1
TABLE = Table("public", "t", (Column("a", INT8, True),), keys=(Key("p", ("a",), primary=True),))


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SqliteStore]:
    """A store with a table ``t``, whose log is soon long."""
    monkeypatch.setitem(log.PAGES_BEFORE_CHECKPOINT, Durability.NORMAL, PAGES)
    made = SqliteStore(str(tmp_path / "store.db"), Durability.NORMAL)
    connection = made.connect()
    connection.begin(write=True)
    connection.change_schema(CreateContainer(TABLE), connection.load_catalog())
    connection.commit()
    connection.close()
    yield made
    made.close()


def insert(store: SqliteStore) -> Prepared:
    text = "INSERT INTO {t} VALUES (?)"
    return store.prepare(Statement(Template(text, {"t": ("public", "t")}), (INT8,), writes=True))


def write(store: SqliteStore, connection: Connection, start: int, commits: int) -> None:
    prepared = insert(store)
    for number in range(start, start + commits):
        connection.begin(write=True)
        connection.run(prepared, (number,))
        connection.commit()


class Watch:
    """Counts how often the log was said to be long, and who was to be alone."""

    def __init__(self) -> None:
        self.grown = self.alone_times = 0

    def grow(self) -> None:
        self.grown += 1

    @contextmanager
    def alone(self) -> Iterator[None]:
        self.alone_times += 1
        yield


def size(store: SqliteStore) -> int:
    return Path(f"{store.path}-wal").stat().st_size // 4096


def test_a_commit_shortens_a_long_log(store: SqliteStore) -> None:
    connection = store.connect()
    write(store, connection, 0, 10 * PAGES)
    connection.begin(write=False)  # so that what the file holds is looked at once more
    connection.rollback()
    assert size(store) < 2 * PAGES
    connection.close()


def test_a_log_that_is_left_is_told_of_and_shortened_by_whoever_took_it(store: SqliteStore) -> None:
    watch = Watch()
    store.leave_log(watch.grow)
    connection = store.connect()
    write(store, connection, 0, PAGES // 2)
    assert watch.grown == 0
    write(store, connection, PAGES, PAGES)
    assert watch.grown > 0
    assert store.shorten_log(watch.alone)
    assert watch.alone_times == 1
    grown = watch.grown
    write(store, connection, 3 * PAGES, PAGES // 2)  # it began anew
    assert watch.grown == grown
    connection.close()


def test_a_log_that_nobody_shortens_in_time_is_shortened_by_a_commit(store: SqliteStore) -> None:
    store.leave_log(Watch().grow)
    connection = store.connect()
    write(store, connection, 0, 10 * log.TOO_LATE * PAGES)
    assert size(store) < 2 * log.TOO_LATE * PAGES
    connection.close()


def test_who_reads_an_older_state_keeps_the_log(store: SqliteStore) -> None:
    watch = Watch()
    store.leave_log(watch.grow)
    connection, reader = store.connect(), store.connect()
    write(store, connection, 0, PAGES)
    reader.begin(write=False)
    reader.catalog_version()
    write(store, connection, PAGES, PAGES)
    assert not store.shorten_log(watch.alone)
    assert watch.alone_times == 0
    reader.rollback()
    assert store.shorten_log(watch.alone)
    reader.close()
    connection.close()


def test_a_writer_who_does_not_end_is_left_alone(store: SqliteStore) -> None:
    def never() -> AbstractContextManager[None]:
        raise Conflict("somebody writes", "lock_not_available")

    connection = store.connect()
    write(store, connection, 0, 3)
    assert not store.shorten_log(never)
    connection.close()


def test_a_server_has_a_thread_for_it(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    done = threading.Event()
    shorten = store.shorten_log

    def noted(alone: Callable[[], AbstractContextManager[None]]) -> bool:
        all_of_it = shorten(alone)
        if all_of_it:
            done.set()
        return all_of_it

    monkeypatch.setattr(store, "shorten_log", noted)
    engine = Engine(store)
    shortening = Shortening(engine)
    session = Session(engine)
    prepared = insert(store)
    numbers = count()

    def run(connection: Connection) -> None:
        connection.run(prepared, (next(numbers),))

    # It may meet a write of ours and leave the rest: a later growth of the log asks it again, and
    # between two of them nobody writes.
    for _ in range(ROUNDS_MAX):
        for _ in range(PAGES + 1):
            session.perform(run, write=True, several=False, version=None)
        if done.wait(ROUND_SECONDS):
            break
    shortening.close()
    assert done.is_set()
    assert not engine.writer.taken
    session.close()
    engine.close()
