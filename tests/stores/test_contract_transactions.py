"""Transactions, savepoints, snapshots and conflicts, the same over both stores."""

from __future__ import annotations

import pytest

from fivefold.catalog.containers import Key
from fivefold.errors import Conflict, FivefoldError
from fivefold.stores.contract import Connection, Store
from fivefold.values.types import INT8, TEXT
from tests.stores.tools import Talk, fails, reference, table

INSERT = "INSERT INTO {t} (id, name) VALUES (?, ?)"


@pytest.fixture
def one(store: Store, first: Connection) -> Talk:
    talk = Talk(store, first)
    talk.create(table("t", "id int8 not null", "name text", key="id"))
    return talk


@pytest.fixture
def other(store: Store, one: Talk, second: Connection) -> Talk:
    return Talk(store, second)


def put(talk: Talk, *ids: int) -> None:
    for number in ids:
        talk.say(INSERT, number, f"n{number}", types=(INT8, TEXT))


def ids(talk: Talk) -> list[object]:
    return [row[0] for row in talk.say("SELECT id FROM {t} ORDER BY id")]


def test_autocommit_is_seen_by_others(one: Talk, other: Talk) -> None:
    put(one, 1)
    assert ids(other) == [1]
    assert not one.on.in_transaction


def test_commit_and_rollback(one: Talk, other: Talk) -> None:
    one.on.begin(write=True)
    put(one, 1)
    assert ids(one) == [1]
    assert ids(other) == []
    one.on.commit()
    assert ids(other) == [1]
    one.on.begin(write=True)
    put(one, 2)
    one.on.rollback()
    one.on.rollback()  # nothing is open: nothing happens
    assert ids(one) == ids(other) == [1]


def test_savepoints_nest_also_under_one_name(one: Talk) -> None:
    one.on.begin(write=True)
    put(one, 1)
    one.on.savepoint("s")
    put(one, 2)
    one.on.savepoint("s")
    put(one, 3)
    one.on.rollback_to("s")
    assert ids(one) == [1, 2]
    put(one, 4)
    one.on.rollback_to("s")  # it stays
    assert ids(one) == [1, 2]
    one.on.release("s")
    one.on.rollback_to("s")  # the outer one
    assert ids(one) == [1]
    one.on.release("s")
    put(one, 5)
    one.on.commit()
    assert ids(one) == [1, 5]


def test_savepoint_names_are_any_text(one: Talk) -> None:
    one.on.begin(write=True)
    one.on.savepoint('a "b" ; c')
    put(one, 1)
    one.on.rollback_to('a "b" ; c')
    one.on.release('a "b" ; c')
    one.on.commit()
    assert ids(one) == []


def test_releasing_an_outer_savepoint_keeps_the_work_of_inner_ones(one: Talk) -> None:
    one.on.begin(write=True)
    one.on.savepoint("outer")
    put(one, 1)
    one.on.savepoint("inner")
    put(one, 2)
    one.on.release("outer")
    put(one, 3)
    one.on.commit()
    assert ids(one) == [1, 2, 3]


def test_a_failed_statement_undoes_only_itself(one: Talk) -> None:
    one.on.begin(write=True)
    put(one, 1)
    for _ in range(2):
        with fails("unique_violation"):
            put(one, 1)
        assert one.on.in_transaction
        assert ids(one) == [1]
    one.on.savepoint("s")
    with fails("unique_violation"):
        put(one, 1)
    put(one, 2)
    with fails("unique_violation"):
        one.say("INSERT INTO {t} (id) VALUES (7), (8), (2)")
    assert ids(one) == [1, 2]
    one.on.rollback_to("s")
    with fails("unique_violation"):
        put(one, 1)
    put(one, 3)
    one.on.release("s")
    with fails("unique_violation"):
        put(one, 3)
    one.on.commit()
    assert ids(one) == [1, 3]


def test_the_first_statement_may_fail(one: Talk) -> None:
    put(one, 1)
    one.on.begin(write=True)
    with fails("unique_violation"):
        put(one, 1)
    put(one, 2)
    one.on.commit()
    assert ids(one) == [1, 2]


def test_a_reader_keeps_its_snapshot_beside_a_writer(one: Talk, other: Talk) -> None:
    put(one, 1)
    other.on.begin(write=False)
    assert ids(other) == [1]
    put(one, 2)
    one.on.begin(write=True)
    put(one, 3)
    assert ids(other) == [1]
    one.on.commit()
    assert ids(other) == [1]
    other.on.commit()
    assert ids(other) == [1, 2, 3]


def test_a_reader_may_turn_writer(one: Talk, other: Talk) -> None:
    one.on.begin(write=False)
    assert ids(one) == []
    put(one, 1)
    one.on.commit()
    assert ids(other) == [1]


def test_a_stale_reader_that_turns_writer_conflicts(one: Talk, other: Talk) -> None:
    put(one, 1)
    other.on.begin(write=False)
    assert ids(other) == [1]
    one.say("UPDATE {t} SET name = 'changed' WHERE id = 1")
    with fails("serialization_failure") as caught:
        other.say("UPDATE {t} SET name = 'mine' WHERE id = 1")
    assert isinstance(caught.value, Conflict)
    assert caught.value.retry
    assert other.on.in_transaction
    other.on.rollback()
    other.say("UPDATE {t} SET name = 'mine' WHERE id = 1")
    assert one.say("SELECT name FROM {t}") == [("mine",)]


def test_write_skew_is_refused(one: Talk, other: Talk) -> None:
    """Two transactions that each read what the other writes: only one of them commits."""
    put(one, 1, 2)
    try:
        one.on.begin(write=True)
        other.on.begin(write=True)
    except Conflict:
        one.on.rollback()  # a single writer never lets them meet
        return
    for talk, mine in ((one, 1), (other, 2)):
        assert len(ids(talk)) == 2
        talk.say(f"DELETE FROM {{t}} WHERE id = {mine}")
    one.on.commit()
    with fails("serialization_failure"):
        other.on.commit()
    assert len(ids(one)) == 1


def test_two_writers(one: Talk, other: Talk) -> None:
    """A single writer is not let in; many writers meet only where they change the same row."""
    put(one, 1, 2)
    one.on.begin(write=True)
    one.say("UPDATE {t} SET name = 'a' WHERE id = 1")
    if other.store.gaps.single_writer:
        for wait_ms in (0, 5):
            with fails("lock_not_available") as caught:
                other.on.begin(write=True, wait_ms=wait_ms)
            assert caught.value.retry
        with fails("lock_not_available"):
            other.say("UPDATE {t} SET name = 'b' WHERE id = 2")
    else:
        other.on.begin(write=True)
        other.say("UPDATE {t} SET name = 'b' WHERE id = 2")
        other.on.commit()
    one.on.commit()
    assert one.say("SELECT name FROM {t} WHERE id = 1") == [("a",)]


def test_changes_counts_rows(one: Talk) -> None:
    put(one, 1, 2, 3)
    assert one.on.changes() == 1
    one.say("UPDATE {t} SET name = 'x' WHERE id > 1")
    assert one.on.changes() == 2
    one.say("UPDATE {t} SET name = 'x' WHERE id > 9")
    assert one.on.changes() == 0
    one.say("DELETE FROM {t}")
    assert one.on.changes() == 3
    one.say("SELECT 1")
    assert one.on.changes() == 3
    one.say("INSERT INTO {t} (id) VALUES (1) ON CONFLICT (id) DO NOTHING")
    one.say("INSERT INTO {t} (id) VALUES (1) ON CONFLICT (id) DO NOTHING")
    assert one.on.changes() == 0


def test_returning_gives_rows(one: Talk) -> None:
    assert one.say("INSERT INTO {t} (id, name) VALUES (1, 'a'), (2, 'b') RETURNING id, name") == [
        (1, "a"),
        (2, "b"),
    ]
    assert one.on.changes() == 2
    prepared = one.store.prepare(one.statement("DELETE FROM {t} RETURNING id"))
    assert sorted(one.on.stream(prepared)) == [(1,), (2,)]
    assert ids(one) == []


@pytest.mark.parametrize("within", [True, False])
def test_run_many_is_all_or_nothing(one: Talk, within: bool) -> None:
    put(one, 5)
    insert = one.store.prepare(one.statement(INSERT, INT8, TEXT))
    if within:
        one.on.begin(write=True)
        put(one, 6)
    with fails("unique_violation") as caught:
        one.on.run_many(insert, ((number, "x") for number in (1, 2, 5, 7)))
    assert caught.value.detail == "Key (id)=(5) already exists."
    assert one.on.in_transaction is within
    assert one.on.run_many(insert, ((number, None) for number in range(10, 310))) == 300
    assert one.on.run_many(insert, iter(())) == 0
    if within:
        one.on.commit()
    assert ids(one) == [5, *([6] if within else []), *range(10, 310)]


def test_run_many_undoes_all_when_the_rows_run_out_with_an_error(one: Talk) -> None:
    def rows() -> object:
        yield (1, "a")
        raise ZeroDivisionError

    insert = one.store.prepare(one.statement(INSERT, INT8, TEXT))
    for within in (False, True):
        if within:
            one.on.begin(write=True)
            put(one, 9)
        with pytest.raises(ZeroDivisionError):
            one.on.run_many(insert, rows())  # type: ignore[arg-type]
        assert one.on.in_transaction is within
    assert ids(one) == [9]
    one.on.commit()


@pytest.mark.parametrize("within", [True, False])
def test_stream_beside_other_statements(one: Talk, within: bool) -> None:
    insert = one.store.prepare(one.statement(INSERT, INT8, TEXT))
    one.on.run_many(insert, ((number, "x") for number in range(2500)))
    select = one.store.prepare(one.statement("SELECT id FROM {t} WHERE id >= ? ORDER BY id", INT8))
    if within:
        one.on.begin(write=True)
    rows = one.on.stream(select, (10,))
    assert next(rows) == (10,)
    assert one.say("SELECT count(*) FROM {t}") == [(2500,)]
    if within:
        one.say("UPDATE {t} SET name = 'y' WHERE id < 10")
        with fails("unique_violation"):
            put(one, 1)
    assert [row[0] for row in rows] == list(range(11, 2500))
    again = one.on.stream(select, (0,))
    assert next(again) == (0,)
    again.close()  # type: ignore[attr-defined]
    if within:
        one.on.commit()
    assert not one.on.in_transaction
    put(one, 5000)


def test_a_stream_cut_short_by_the_end_of_its_transaction(one: Talk) -> None:
    insert = one.store.prepare(one.statement(INSERT, INT8, TEXT))
    one.on.run_many(insert, ((number, "x") for number in range(2500)))
    select = one.store.prepare(one.statement("SELECT id FROM {t} ORDER BY id"))
    one.on.begin(write=False)
    rows = one.on.stream(select)
    assert next(rows) == (0,)
    rows.close()  # type: ignore[attr-defined]
    one.on.rollback()
    assert len(ids(one)) == 2500


@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_a_stream_that_nobody_closed_ends_with_its_transaction(
    one: Talk, other: Talk, end: str
) -> None:
    insert = one.store.prepare(one.statement(INSERT, INT8, TEXT))
    one.on.run_many(insert, ((number, "x") for number in range(2500)))
    one.on.begin(write=False)
    kept = one.on.stream(one.store.prepare(one.statement("SELECT id FROM {t}")))
    next(kept)
    getattr(one.on, end)()
    put(other, 5000)
    assert one.say("SELECT count(*) FROM {t}") == [(2501,)]
    one.on.begin(write=True)
    put(one, 5001)
    one.on.commit()
    with pytest.raises(FivefoldError):
        list(kept)
    assert other.say("SELECT count(*) FROM {t}") == [(2502,)]


def test_a_deferred_foreign_key_is_checked_at_commit(one: Talk) -> None:
    key = reference("c", "t_id", "t", "id", deferrable=True, initially_deferred=True)
    one.create(table("c", "id int8 not null", "t_id int8", key="id", foreign=[key]))
    one.on.begin(write=True)
    one.say("INSERT INTO {c} (id, t_id) VALUES (1, 7)")
    put(one, 7)
    one.on.commit()
    one.on.begin(write=True)
    one.say("INSERT INTO {c} (id, t_id) VALUES (2, 8)")
    with fails("foreign_key_violation") as caught:
        one.on.commit()
    assert caught.value.constraint == "c_t_id_fkey"
    assert caught.value.detail == 'Key (t_id)=(8) is not present in table "t".'
    assert one.say("SELECT id FROM {c}") == [(1,)]


def test_a_connection_returned_in_the_middle_leaves_nothing(store: Store, one: Talk) -> None:
    left = store.connect()
    talk = Talk(store, left)
    left.begin(write=True)
    put(talk, 1)
    left.close()
    assert ids(one) == []
    put(one, 1)


def test_unique_key_of_two_columns(one: Talk) -> None:
    one.create(
        table("p", "a int8", "b text", unique=[Key("p_a_b_key", ("a", "b"))]),
    )
    one.say("INSERT INTO {p} (a, b) VALUES (1, 'x'), (1, NULL), (1, NULL), (NULL, 'x')")
    with fails("unique_violation") as caught:
        one.say("INSERT INTO {p} (a, b) VALUES (1, 'x')")
    assert caught.value.constraint == "p_a_b_key"
    assert caught.value.detail == "Key (a, b)=(1, x) already exists."
