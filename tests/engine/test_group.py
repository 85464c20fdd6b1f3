"""Group commit, with a loop that is turned by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import cast

import pytest

from fivefold.engine.engine import Engine
from fivefold.engine.group import Group
from fivefold.engine.session import MustWait, Session
from fivefold.engine.sql import SqlSession
from fivefold.engine.writer import busy
from fivefold.errors import Conflict, FivefoldError, Limit, Violation
from fivefold.models.keyvalue.space import KeySpace
from fivefold.plan.statement import Statement, Template
from fivefold.stores.contract import Connection
from fivefold.values.types import Row
from tests.which import of_a_file

pytestmark = of_a_file("only what runs in this process shares a transaction on the loop")


class Loop:
    """Callbacks in order; ``turn`` runs those that are there now."""

    def __init__(self) -> None:
        self.due: list[Callable[[], None]] = []

    def soon(self, callback: Callable[[], None]) -> None:
        self.due.append(callback)

    def turn(self) -> None:
        due, self.due = self.due, []
        for callback in due:
            callback()


class Client:
    """A session that is served by the group, and what it has been told."""

    def __init__(self, group: Group) -> None:
        self.group = group
        self.sql = SqlSession(Session(group.engine, group))
        self.told: list[FivefoldError | None] = []

    def run(self, text: str) -> list[tuple[object, ...]]:
        try:
            return list(self.sql.execute(text, inline=True).rows)
        finally:
            if self.group.open:
                self.group.join(self.told.append)


@pytest.fixture
def loop() -> Loop:
    return Loop()


@pytest.fixture
def group(engine: Engine, loop: Loop) -> Iterator[Group]:
    with_table = SqlSession(Session(engine))
    with_table.execute("CREATE TABLE t (a integer PRIMARY KEY, b integer CHECK (b < 100))")
    with_table.close()
    made = Group(engine, loop.soon, loop.soon)
    yield made
    made.close()


def rows(engine: Engine) -> list[tuple[object, ...]]:
    """What somebody outside the group sees."""
    session = SqlSession(Session(engine))
    try:
        return list(session.execute("SELECT a, b FROM t ORDER BY a").rows)
    finally:
        session.close()


def test_those_of_one_turn_commit_together(engine: Engine, group: Group, loop: Loop) -> None:
    one, two = Client(group), Client(group)
    one.run("INSERT INTO t VALUES (1, 1)")
    two.run("INSERT INTO t VALUES (2, 2)")
    assert two.run("SELECT b FROM t WHERE a = 1") == [(1,)]
    assert rows(engine) == []
    assert (one.told, two.told) == ([], [])
    loop.turn()
    assert (one.told, two.told) == ([None], [None, None])
    assert rows(engine) == [(1, 1), (2, 2)]
    assert not group.open
    assert engine.writer.try_acquire()
    engine.writer.release()


def test_a_failure_takes_nobody_along(engine: Engine, group: Group, loop: Loop) -> None:
    one, two = Client(group), Client(group)
    one.run("INSERT INTO t VALUES (1, 1)")
    for text in (
        "INSERT INTO t VALUES (1, 2)",
        "INSERT INTO t VALUES (5, 5), (6, 100)",
        "UPDATE t SET b = 100 WHERE a = 1",
    ):
        with pytest.raises(Violation):
            two.run(text)
    with pytest.raises(ZeroDivisionError):
        group.perform(_two_writes_and_a_fault, write=True, several=True, version=None)
    loop.turn()
    assert rows(engine) == [(1, 1)]
    assert one.told == [None]


def _two_writes_and_a_fault(connection: Connection) -> None:
    connection.raw.execute("INSERT INTO t VALUES (7, 7)")  # type: ignore[attr-defined]
    connection.raw.execute("INSERT INTO t VALUES (8, 8)")  # type: ignore[attr-defined]
    raise ZeroDivisionError


def test_a_lost_transaction_is_told_to_all_of_its_turn(
    engine: Engine, group: Group, loop: Loop
) -> None:
    one, two, three = Client(group), Client(group), Client(group)
    one.run("INSERT INTO t VALUES (1, 1)")
    before = group.number

    def lose(connection: Connection) -> None:
        connection.rollback()  # what SQLite does when the disk is full
        raise Limit("the disk is full", "disk_full")

    with pytest.raises(Limit):
        group.perform(lose, write=True, several=False, version=None)
    group.join(two.told.append)
    with pytest.raises(Limit):
        three.run("INSERT INTO t VALUES (3, 3)")
    with pytest.raises(Limit):
        three.run("SELECT b FROM t WHERE a = 1")
    loop.turn()
    assert [type(told[0]) for told in (one.told, two.told, three.told)] == [Limit] * 3
    assert rows(engine) == []
    one.run("INSERT INTO t VALUES (4, 4)")
    loop.turn()
    assert one.told[-1] is None
    assert group.number == before + 1
    assert rows(engine) == [(4, 4)]


def test_readers_do_not_wait_for_the_writer(engine: Engine, group: Group, loop: Loop) -> None:
    assert engine.writer.try_acquire()
    client = Client(group)
    assert client.run("SELECT b FROM t WHERE a = 1") == []
    with pytest.raises(MustWait) as caught:
        client.run("INSERT INTO t VALUES (1, 1)")
    assert caught.value.for_writer
    loop.turn()
    engine.writer.release()


def test_who_is_parked_goes_on_when_the_place_is_free(
    engine: Engine, group: Group, loop: Loop
) -> None:
    assert engine.writer.try_acquire()
    one, two = Client(group), Client(group)
    woken: list[FivefoldError | None] = []

    def write(client: Client, a: int) -> Callable[[FivefoldError | None], None]:
        def resume(error: FivefoldError | None) -> None:
            woken.append(error)
            client.run(f"INSERT INTO t VALUES ({a}, {a})")

        return resume

    group.park(write(one, 1))
    group.park(write(two, 2))
    loop.turn()
    assert woken == []
    engine.writer.release()
    assert not engine.writer.try_acquire()  # it is the group's turn
    loop.turn()
    assert woken == [None, None]
    loop.turn()
    assert rows(engine) == [(1, 1), (2, 2)]
    assert engine.writer.try_acquire()
    engine.writer.release()


def test_one_who_gives_up_leaves_the_others_parked(
    engine: Engine, group: Group, loop: Loop
) -> None:
    assert engine.writer.try_acquire()
    one: list[FivefoldError | None] = []
    two: list[FivefoldError | None] = []
    group.park(one.append)
    group.park(two.append)
    resume = one.append
    group.give_up(resume, busy())
    assert isinstance(one[0], Conflict)
    assert two == []
    group.give_up(resume, busy())  # a second time says nothing
    assert len(one) == 1
    engine.writer.release()
    loop.turn()
    assert two == [None]
    assert engine.writer.try_acquire()
    engine.writer.release()


def test_the_last_to_leave_leaves_the_line(engine: Engine, group: Group, loop: Loop) -> None:
    assert engine.writer.try_acquire()
    told: list[FivefoldError | None] = []
    resume = told.append
    group.park(resume)
    group.unpark(resume)
    engine.writer.release()
    assert engine.writer.try_acquire()  # nobody is in the line
    group.park(resume)
    engine.writer.release()
    group.unpark(resume)  # granted already: it is given back
    loop.turn()
    assert told == []
    assert engine.writer.try_acquire()
    engine.writer.release()


def test_a_plan_of_another_catalog_is_made_again(
    engine: Engine, group: Group, loop: Loop, other_process: SqlSession
) -> None:
    client = Client(group)
    text = "SELECT * FROM t WHERE a = 1"
    client.run("INSERT INTO t VALUES (1, 1)")
    loop.turn()
    assert client.run(text) == [(1, 1)]
    loop.turn()
    other_process.execute("ALTER TABLE t ADD COLUMN c integer DEFAULT 7")
    assert client.run(text) == [(1, 1, 7)]
    loop.turn()
    other_process.execute("ALTER TABLE t RENAME COLUMN b TO d")
    assert client.run("UPDATE t SET d = 9 WHERE a = 1 RETURNING *") == [(1, 9, 7)]
    loop.turn()
    other_process.execute("ALTER TABLE t ALTER COLUMN d SET DEFAULT 5")
    client.run("INSERT INTO t (a) VALUES (2)")
    loop.turn()
    assert client.run("SELECT * FROM t WHERE a = 2") == [(2, 5, 7)]


def test_a_session_sees_what_it_wrote_in_the_group(
    engine: Engine, group: Group, loop: Loop
) -> None:
    client, stranger = Client(group), Client(group)
    client.run("INSERT INTO t VALUES (1, 1)")
    client.sql.begin()
    with pytest.raises(MustWait):
        client.run("SELECT b FROM t WHERE a = 1")
    stranger.sql.begin()
    assert stranger.run("SELECT b FROM t WHERE a = 1") == []
    loop.turn()
    assert client.run("SELECT b FROM t WHERE a = 1") == [(1,)]
    client.sql.close()
    stranger.sql.close()


def test_another_processes_writer_is_waited_for_on_a_thread(
    engine: Engine, group: Group, loop: Loop, other_process: SqlSession
) -> None:
    client = Client(group)
    other_process.begin()
    other_process.execute("INSERT INTO t VALUES (1, 1)")
    assert client.run("SELECT b FROM t WHERE a = 1") == []
    with pytest.raises(MustWait) as caught:
        client.run("INSERT INTO t VALUES (2, 2)")
    assert not caught.value.for_writer
    assert engine.writer.try_acquire()  # the thread will want it
    engine.writer.release()
    loop.turn()
    other_process.end(commit=True)
    client.run("INSERT INTO t VALUES (2, 2)")
    loop.turn()
    assert rows(engine) == [(1, 1), (2, 2)]


class Puts:
    """Puts rows off as key spaces do; ``fails`` makes the store refuse them."""

    def __init__(self, group: Group) -> None:
        self.group = group
        self.fails = False
        self.rows: list[Row] = []
        group.spaces[0] = cast(KeySpace, self)
        prepare = group.engine.store.prepare
        name = {"t": ("public", "t")}
        self.good = prepare(Statement(Template("INSERT INTO {t} VALUES (?, ?)", name), writes=True))
        self.bad = prepare(Statement(Template("INSERT INTO {t} VALUES (?)", name), writes=True))

    def put(self, *row: int) -> None:
        self.group.enter(True)
        self.rows.append(row)

    def settle(self) -> None:
        """Write what was put off."""
        rows, self.rows = self.rows, []
        self.group.connection.run_many(self.bad if self.fails else self.good, rows)

    def forget(self) -> None:
        """Forget it."""
        self.rows.clear()


def test_rows_put_off_are_written_before_anything_else(
    engine: Engine, group: Group, loop: Loop
) -> None:
    puts, client = Puts(group), Client(group)
    puts.put(1, 1)
    puts.put(2, 2)
    assert client.run("SELECT b FROM t WHERE a = 2") == [(2,)]
    puts.put(3, 3)
    loop.turn()
    assert rows(engine) == [(1, 1), (2, 2), (3, 3)]
    assert client.told == [None]


def test_rows_put_off_that_cannot_be_written_fail_all(
    engine: Engine, group: Group, loop: Loop
) -> None:
    puts, before, after = Puts(group), Client(group), Client(group)
    before.run("INSERT INTO t VALUES (1, 1)")
    puts.put(2, 2)
    puts.fails = True
    with pytest.raises(FivefoldError):
        after.run("SELECT b FROM t WHERE a = 1")
    loop.turn()
    assert rows(engine) == []
    assert [error is None for error in before.told + after.told] == [False, False]
    puts.fails = False
    puts.put(4, 4)
    puts.fails = True  # found when the group ends
    group.join(before.told.append)
    loop.turn()
    assert before.told[-1] is not None
    before.run("INSERT INTO t VALUES (5, 5)")
    loop.turn()
    assert (rows(engine), before.told[-1]) == ([(5, 5)], None)
