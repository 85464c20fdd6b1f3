"""The embedded API: doors, transactions, threads, parameters."""

# ruff: noqa: PT012 - it is whole blocks that fail here, not single statements

from __future__ import annotations

import datetime
import threading
from pathlib import Path
from typing import Any

import pytest

import fivefold
from fivefold.api.database import Database
from fivefold.errors import (
    Conflict,
    FivefoldError,
    InvalidState,
    InvalidStatement,
    InvalidValue,
    Unavailable,
    Violation,
)

ENDLESS = "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"


def rows(db: Database) -> list[tuple[Any, ...]]:
    return db.sql("SELECT a, b FROM t ORDER BY a").fetchall()


def test_results(db: Database) -> None:
    made = db.sql("INSERT INTO t VALUES (1, 'x'), (2, 'y'), (3, NULL) RETURNING a")
    assert (made.tag, made.rowcount, made.fetchall()) == ("INSERT 0 3", 3, [(1,), (2,), (3,)])
    result = db.sql("SELECT a, b::varchar(5) FROM t ORDER BY a")
    assert result.description is not None
    assert [column[:2] for column in result.description] == [
        ("a", "integer"),
        ("b", "character varying(5)"),
    ]
    assert (result.rowcount, result.tag) == (3, "SELECT 3")
    assert result.fetchone() == (1, "x")
    assert result.fetchmany(1) == [(2, "y")]
    assert list(result) == [(3, None)]
    assert (result.fetchone(), result.fetchmany(2), result.fetchall()) == (None, [], [])
    done = db.sql("CREATE TABLE u (a integer)")
    assert (done.description, done.rowcount, done.tag) == (None, -1, "CREATE TABLE")


def test_a_transaction_is_kept_wholly_or_not_at_all(db: Database) -> None:
    with db.transaction() as tx:
        tx.sql("INSERT INTO t VALUES (1, 'x')")
        tx.redis.set("k", "v")
        assert db.redis.get("k") is None
    assert (rows(db), db.redis.get("k")) == ([(1, "x")], b"v")
    with pytest.raises(KeyError), db.transaction() as tx:
        tx.sql("DELETE FROM t")
        tx.redis.delete("k")
        raise KeyError
    assert (rows(db), db.redis.get("k")) == ([(1, "x")], b"v")


def test_a_failed_statement_fails_the_transaction(db: Database) -> None:
    with pytest.raises(Violation), db.transaction() as tx:
        tx.sql("INSERT INTO t VALUES (1, 'x')")
        tx.sql("INSERT INTO t VALUES (1, 'x')")
    with pytest.raises(InvalidState) as caught, db.transaction() as tx:
        tx.sql("INSERT INTO t VALUES (1, 'x')")
        with pytest.raises(Violation):
            tx.sql("INSERT INTO t VALUES (1, 'x')")
        with pytest.raises(InvalidState), tx.savepoint():
            pass
    assert caught.value.code == "in_failed_transaction"
    assert rows(db) == []


def test_savepoints(db: Database) -> None:
    with db.transaction() as tx:
        tx.sql("INSERT INTO t VALUES (1, 'x')")
        with pytest.raises(Violation), tx.savepoint():
            tx.sql("INSERT INTO t VALUES (2, 'y')")
            tx.redis.set("k", "v")
            tx.sql("INSERT INTO t VALUES (1, 'x')")
        with tx.savepoint():
            tx.sql("INSERT INTO t VALUES (3, 'z')")
            with pytest.raises(KeyError), tx.savepoint():
                tx.sql("DELETE FROM t")
                raise KeyError
        with pytest.raises(InvalidState), tx.savepoint():
            with pytest.raises(Violation):
                tx.sql("INSERT INTO t VALUES (1, 'x')")
            tx.redis.set("k", "lost")
    assert (rows(db), db.redis.get("k")) == ([(1, "x"), (3, "z")], None)


def test_a_transaction_that_has_ended(db: Database) -> None:
    with db.transaction() as tx:
        tx.sql("SELECT 1")
    for act in (
        lambda: tx.sql("SELECT 1"),
        lambda: tx.redis.set("k", "v"),
        lambda: tx.savepoint().__enter__(),
    ):
        with pytest.raises(InvalidState):
            act()
    assert db.redis.get("k") is None
    db.transaction()  # one that is never entered holds nothing
    assert len(db.engine._leased) == 1


def test_now_stands_still_in_a_transaction(db: Database) -> None:
    with db.transaction() as tx:
        first = tx.sql("SELECT now()").fetchone()
        assert tx.sql("SELECT now()").fetchone() == first
        assert tx.sql("SELECT clock_timestamp() > now()").fetchone() == (True,)


def test_threads(db: Database) -> None:
    failures: list[BaseException] = []
    start = threading.Barrier(8)

    def change(key: int) -> None:
        while True:  # over PostgreSQL one of them was refused 160 times before its turn came
            try:
                with db.transaction() as tx:
                    tx.sql("UPDATE t SET b = 'y' WHERE a = %s", [key])
                    tx.redis.incr("n")
                return
            except Conflict:  # with many writers; with one there is none
                continue

    def work(number: int) -> None:
        try:
            start.wait()
            for turn in range(50):
                key = number * 1000 + turn
                db.sql("INSERT INTO t VALUES (%s, %s)", [key, "x"])
                db.redis.incr("n")
                change(key)
                assert db.sql("SELECT b FROM t WHERE a = %s", [key]).fetchone() == ("y",)
        except BaseException as error:  # shown by the thread that runs the test
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert db.sql("SELECT count(*), min(b) FROM t").fetchone() == (400, "y")
    assert db.redis.get("n") == b"800"
    assert len(db.engine._leased) == 1  # the connections of threads that ended came back


def test_closing_ends_what_runs_elsewhere(tmp_path: Path) -> None:
    db = fivefold.open(tmp_path / "a.db")
    db.sql("CREATE TABLE t (a integer)")
    failures: list[FivefoldError] = []
    begun = threading.Event()

    def work() -> None:
        begun.set()
        try:
            db.sql(ENDLESS)
        except FivefoldError as error:
            failures.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    begun.wait()
    interrupted = threading.Event()
    while not db.engine._leased or len(db.engine._leased) < 2:
        interrupted.wait(0.005)
    interrupted.wait(0.05)
    db.close()
    thread.join()
    assert failures[0].code in ("query_canceled", "closed")
    for act in (lambda: db.sql("SELECT 1"), lambda: db.redis.get("a"), db.transaction().__enter__):
        with pytest.raises(InvalidState, match="closed"):
            act()
    db.close()


def test_what_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no database " * 1000)
    for path in (tmp_path, tmp_path / "text", tmp_path / "none" / "a.db"):
        with pytest.raises(Unavailable) as caught:
            fivefold.open(path)
        assert caught.value.hint
    with pytest.raises(ValueError, match="some"):
        fivefold.open(tmp_path / "a.db", durability="some")


# Parameters

PARAMETERS: list[tuple[str, Any, list[tuple[Any, ...]]]] = [
    ("SELECT %s::integer + 1", [41], [(42,)]),
    ("SELECT %s, %s", ("a'b", None), [("a'b", None)]),
    ("SELECT %(x)s || %(y)s || %(x)s", {"x": "a", "y": "b", "unused": 1}, [("aba",)]),
    ("SELECT 10 %% %s", [3], [(1,)]),
    ("SELECT 'a%'", (), [("a%",)]),
    ("SELECT 10 % 3", [], [(1,)]),
    ("SELECT %s::date", [datetime.date(2020, 1, 31)], [(datetime.date(2020, 1, 31),)]),
    ("SELECT %s = ANY (%s)", [2, [1, 2]], [(True,)]),
    ("SELECT %s::bytea", [b"\0\xff"], [(b"\0\xff",)]),
    ("SELECT %s::date", ["2020-1-31"], [(datetime.date(2020, 1, 31),)]),
    ("SELECT %s::text[]", [["a b", None]], [(["a b", None],)]),
    ("SELECT %s + 1", ["41"], [(42,)]),
    ("SELECT %s::boolean", ["yes"], [(True,)]),
]


@pytest.mark.parametrize(("text", "given", "wanted"), PARAMETERS)
def test_parameters(text: str, given: Any, wanted: list[tuple[Any, ...]], db: Database) -> None:
    assert db.sql(text, given).fetchall() == wanted


@pytest.mark.parametrize(
    ("text", "given", "kind"),
    [
        ("SELECT %s", [1, 2], InvalidStatement),
        ("SELECT %s, %s", [1], InvalidStatement),
        ("SELECT 1", [1], InvalidStatement),
        ("SELECT %(a)s", {"b": 1}, InvalidStatement),
        ("SELECT %(a)s", [1], InvalidStatement),
        ("SELECT %s", {"a": 1}, InvalidValue),
        ("SELECT %(a)s, %s", {"a": 1}, InvalidStatement),
        ("SELECT %d", [1], InvalidStatement),
        ("SELECT 5 %", [1], InvalidStatement),
        ("SELECT %s", "a", InvalidValue),
        ("SELECT %s", 5, InvalidValue),
        ("SELECT %s", {1, 2}, InvalidValue),
        ("SELECT %s", [object()], InvalidValue),
        ("SELECT %s::integer", ["x"], InvalidValue),
    ],
)
def test_wrong_parameters(text: str, given: Any, kind: type[FivefoldError], db: Database) -> None:
    with pytest.raises(kind):
        db.sql(text, given)


def test_long_texts_are_not_kept(db: Database) -> None:
    from fivefold.api.parameters import _converted

    before = len(_converted)
    marks = ", ".join(["(%s, 'x')"] * 1000)
    db.sql(f"INSERT INTO t VALUES {marks}", list(range(1000)))
    assert len(_converted) == before


def test_the_fixture(fivefold_server: Any) -> None:
    assert set(fivefold_server.urls) == {"postgres", "redis", "mongodb", "neo4j", "cassandra"}
    assert fivefold_server.database.sql("SELECT 1").fetchone() == (1,)
