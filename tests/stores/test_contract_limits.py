"""Interrupts, deadlines and closing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from fivefold.errors import FivefoldError, Unavailable
from fivefold.plan.statement import Statement, Template
from fivefold.stores.checked import checked
from fivefold.stores.contract import Connection, Durability, Store
from fivefold.stores.open import open_store
from fivefold.values.types import INT8
from tests.stores.tools import Talk, fails, table

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i % 1000 + 1 FROM n)"
PATIENCE_SECONDS = 30.0


def endless(store: Store) -> Statement:
    return Statement(Template(f"{ENDLESS} SELECT count(*) FROM n", {}))


def until(done: threading.Event, act: Callable[[], None]) -> None:
    """Act again and again until the other thread says that it noticed."""
    for _ in range(1000):
        act()
        if done.wait(0.02):
            return


@pytest.mark.parametrize("within", [False, True])
def test_interrupt_from_another_thread(store: Store, first: Connection, within: bool) -> None:
    talk = Talk(store, first)
    talk.create(table("t", "id int8 not null", key="id"))
    ended = threading.Event()
    if within:
        first.begin(write=True)
        talk.say("INSERT INTO {t} (id) VALUES (1)")
    prepared = store.prepare(endless(store))
    thread = threading.Thread(target=until, args=(ended, first.interrupt))
    thread.start()
    try:
        with fails("query_canceled") as caught:
            first.run(prepared)
    finally:
        ended.set()
        thread.join()
    assert caught.value.message == "canceling statement due to user request"
    assert first.in_transaction is within
    if within:
        talk.say("INSERT INTO {t} (id) VALUES (2)")
        first.commit()
        assert talk.rows("t") == [(1,), (2,)]
    assert talk.say("SELECT 1") == [(1,)]


def test_interrupting_nothing_does_nothing(store: Store, first: Connection) -> None:
    talk = Talk(store, first)
    first.interrupt()
    assert talk.say("SELECT 1") == [(1,)]
    first.interrupt()
    first.begin(write=True)
    assert talk.say("SELECT 2") == [(2,)]
    first.rollback()


@pytest.mark.parametrize("within", [False, True])
def test_deadline(store: Store, first: Connection, within: bool) -> None:
    talk = Talk(store, first)
    if within:
        first.begin(write=False)
    for _ in range(2):
        first.set_deadline(time.monotonic() + 0.05)
        with fails("statement_timeout") as caught:
            first.run(store.prepare(endless(store)))
        assert caught.value.message == "canceling statement due to statement timeout"
    first.set_deadline(time.monotonic() + PATIENCE_SECONDS)
    assert talk.say("SELECT 1") == [(1,)]
    first.set_deadline(None)
    assert talk.say("SELECT 1") == [(1,)]
    assert first.in_transaction is within
    first.rollback()
    # A later statement may run longer than the deadline that was lifted.
    rows = f"{ENDLESS.replace('i % 1000 + 1 FROM n', 'i + 1 FROM n WHERE i < 30000')}"
    assert talk.say(f"{rows} SELECT count(*) FROM n") == [(30_000,)]


def test_a_deadline_ends_a_stream(store: Store, first: Connection) -> None:
    prepared = store.prepare(Statement(Template(f"{ENDLESS} SELECT i FROM n", {})))
    first.begin(write=False)
    first.set_deadline(time.monotonic() + 0.1)
    with fails("statement_timeout"):
        for _ in first.stream(prepared):
            pass
    first.rollback()
    first.set_deadline(None)


def test_many_connections_at_once(store: Store) -> None:
    connections = [store.connect() for _ in range(20)]
    one = store.prepare(Statement(Template("SELECT ?", {}), parameters=(INT8,)))
    assert [c.run(one, (n,)) for n, c in enumerate(connections)] == [[(n,)] for n in range(20)]
    for connection in connections:
        connection.close()


def test_closing_and_opening_again(url: str) -> None:
    for durability in Durability:
        store = checked(open_store(url, durability))
        connection = store.connect()
        talk = Talk(store, connection)
        if durability is Durability.FULL:
            talk.create(table("t", "id int8 not null", key="id"))
        talk.say("INSERT INTO {t} (id) SELECT count(*) FROM {t}")
        connection.close()
        store.close()
    store = checked(open_store(url))
    connection = store.connect()
    assert Talk(store, connection).rows("t") == [(0,), (1,), (2,)]
    connection.close()
    store.close()


def test_a_server_that_is_not_there() -> None:
    with pytest.raises(Unavailable) as caught:
        open_store("postgresql://postgres@127.0.0.1:1/none?connect_timeout=2")
    assert caught.value.code == "store_unreachable"
    assert caught.value.hint


def test_a_database_that_is_not_there(postgres_url: str) -> None:
    head, _, _ = postgres_url.rpartition("/")
    with pytest.raises(FivefoldError):
        open_store(f"{head}/no_such_database")


def test_a_line_that_breaks_is_replaced(postgres_url: str) -> None:
    store = open_store(postgres_url)
    connection, killer = store.connect(), store.connect()
    prepare = store.prepare
    number = prepare(Statement(Template("SELECT pg_backend_pid()", {})))
    kill = prepare(Statement(Template("SELECT pg_terminate_backend(CAST(? AS int))", {}), (INT8,)))
    connection.begin(write=True)
    (pid,) = connection.run(number)[0]
    killer.run(kill, (pid,))
    with fails("store_unreachable"):
        connection.run(number)
    assert not connection.in_transaction
    connection.begin(write=True)
    assert connection.run(number)[0] != (pid,)
    connection.rollback()
    connection.close()
    killer.close()
    store.close()
