"""``db.cql`` and ``tx.cql``: parameters, rows, pages, transactions, other doors."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterator
from contextlib import suppress
from threading import Thread

import pytest

import fivefold
from fivefold.api.database import Database
from fivefold.errors import FivefoldError, InvalidStatement, InvalidValue

KEYSPACE = (
    "CREATE KEYSPACE shop WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}"
)
EVENTS = "CREATE TABLE shop.events (day text, at int, what text, PRIMARY KEY (day, at))"


@pytest.fixture
def db(store_url: str) -> Iterator[Database]:
    with fivefold.open(store_url) as database:
        database.cql(KEYSPACE)
        database.cql(EVENTS)
        yield database


def fill(db: Database, count: int) -> None:
    for at in range(count):
        db.cql("INSERT INTO shop.events (day, at, what) VALUES ('a', ?, ?)", (at, f"w{at}"))


@pytest.mark.parametrize(
    ("text", "parameters"),
    [
        ("VALUES (?, ?, ?)", ("d", 1, "x")),
        ("VALUES (:a, :b, :c)", {"a": "d", "b": 1, "c": "x"}),
        ("VALUES (%s, %s, %s)", ["d", 1, "x"]),
        ("VALUES (%(a)s, %(b)s, %(c)s)", {"a": "d", "b": 1, "c": "x"}),
        ("VALUES ('d', 1, %s) -- %s", ["x"]),
    ],
)
def test_parameters(db: Database, text: str, parameters: object) -> None:
    db.cql(f"INSERT INTO shop.events (day, at, what) {text}", parameters)  # type: ignore[arg-type]  # a list or dict
    assert db.cql("SELECT * FROM shop.events").all() == [("d", 1, "x")]


def test_percent_in_texts_is_no_parameter(db: Database) -> None:
    db.cql("INSERT INTO shop.events (day, at, what) VALUES (?, 1, '%s %% it''s')", ["d"])
    assert db.cql("SELECT what FROM shop.events").one().what == "%s %% it's"


def test_wrong_parameters(db: Database) -> None:
    insert = "INSERT INTO shop.events (day, at, what) VALUES (?, ?, ?)"
    with pytest.raises(InvalidStatement, match="3 markers, but 1 values were given"):
        db.cql(insert, ["d"])
    with pytest.raises(InvalidStatement, match="no value is given for the marker what"):
        db.cql(insert.replace("?, ?, ?", ":day, :at, :what"), {"day": "d", "at": 1})
    with pytest.raises(InvalidValue):
        db.cql(insert, ["d", "one", "x"])
    with pytest.raises(InvalidValue):
        db.cql(insert, ["d", 2**31, "x"])


def test_rows(db: Database) -> None:
    fill(db, 3)
    found = db.cql("SELECT at, what AS w, count(*) FROM shop.events")
    assert found.column_names == ["at", "w", "count"]
    assert found.one()._fields == ("at", "w", "count")
    found = db.cql("SELECT at, writetime(what) FROM shop.events WHERE day = 'a' AND at = 1")
    assert found.one()._fields == ("at", "writetime_what")
    found = db.cql("SELECT at FROM shop.events WHERE day = 'a'")
    assert [row.at for row in found] == [0, 1, 2]
    assert [row.at for row in found] == [0, 1, 2]
    assert len(found) == 3
    assert db.cql("SELECT at FROM shop.events WHERE day = 'b'").one() is None


def test_values_come_as_the_driver_gives_them(db: Database) -> None:
    db.cql(
        "CREATE TABLE shop.kinds (k uuid PRIMARY KEY, t timestamp, d date, l list<int>,"
        " s set<text>, m map<text, int>, p tuple<int, text>, b blob)"
    )
    key, moment = uuid.uuid4(), datetime.datetime(2026, 11, 23, 1, 2, 3, 4000)
    values = (key, moment, "2026-11-23", [1, 2], {"b", "a"}, {"x": 1}, (1, "y"), b"\x00\xff")
    db.cql(
        "INSERT INTO shop.kinds (k, t, d, l, s, m, p, b) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values
    )
    row = db.cql("SELECT k, t, d, l, s, m, p, b FROM shop.kinds").one()
    assert (row.k, row.t, row.l, row.p, row.b) == (key, moment, [1, 2], (1, "y"), b"\x00\xff")
    assert str(row.d) == "2026-11-23"
    assert set(row.s) == {"a", "b"}
    assert dict(row.m) == {"x": 1}


def test_pages(db: Database) -> None:
    fill(db, 7)
    query = "SELECT at FROM shop.events WHERE day = 'a'"
    seen, state = [], None
    for size in (3, 3, 3):
        page = db.cql(query, page_size=size, paging_state=state)
        seen.append([row.at for row in page])
        state = page.paging_state
    assert seen == [[0, 1, 2], [3, 4, 5], [6]]
    assert state is None


def test_condition(db: Database) -> None:
    insert = "INSERT INTO shop.events (day, at, what) VALUES ('a', 1, 'x') IF NOT EXISTS"
    assert db.cql(insert).was_applied
    again = db.cql(insert)
    assert not again.was_applied
    assert again.column_names == ["[applied]", "day", "at", "what"]
    assert db.cql("SELECT * FROM shop.events").was_applied


def test_use_is_the_threads_own(db: Database) -> None:
    db.cql("USE shop")
    fill(db, 1)
    assert len(db.cql("SELECT * FROM events")) == 1
    errors: list[FivefoldError] = []

    def other() -> None:
        try:
            db.cql("SELECT * FROM events")
        except FivefoldError as error:
            errors.append(error)

    thread = Thread(target=other)
    thread.start()
    thread.join()
    assert [str(error) for error in errors] == [
        "No keyspace has been specified. USE a keyspace, or explicitly specify keyspace.tablename"
    ]
    assert len(db.cql("SELECT * FROM events", keyspace="shop")) == 1


def test_a_transaction_spans_doors(db: Database) -> None:
    with suppress(ZeroDivisionError), db.transaction() as tx:
        tx.cql("INSERT INTO shop.events (day, at, what) VALUES ('a', 1, 'x')")
        tx.redis.set("k", "v")
        assert len(tx.cql("SELECT * FROM shop.events")) == 1
        raise ZeroDivisionError
    assert db.redis.get("k") is None
    assert len(db.cql("SELECT * FROM shop.events")) == 0
    with db.transaction() as tx:
        tx.cql("INSERT INTO shop.events (day, at, what) VALUES ('a', 1, 'x')")
        tx.sql("CREATE TABLE t (n integer)")
        tx.cypher("CREATE (:Day {name: 'a'})")
    assert len(db.cql("SELECT * FROM shop.events")) == 1


def test_a_statement_that_fails_leaves_the_transaction(db: Database) -> None:
    with db.transaction() as tx:
        tx.cql("INSERT INTO shop.events (day, at, what) VALUES ('a', 1, 'x')")
        with pytest.raises(FivefoldError):
            tx.cql("SELECT * FROM shop.nothing")
        tx.cql("INSERT INTO shop.events (day, at, what) VALUES ('a', 2, 'y')")
    assert len(db.cql("SELECT * FROM shop.events")) == 2


def test_sql_sees_rows(db: Database) -> None:
    fill(db, 3)
    rows = db.sql("SELECT what, at FROM shop.events WHERE day = 'a' ORDER BY at DESC").fetchall()
    assert rows == [("w2", 2), ("w1", 1), ("w0", 0)]
    with pytest.raises(FivefoldError):
        db.sql("INSERT INTO shop.events (day, at) VALUES ('a', 9)")


def test_plans_follow_the_schema(db: Database) -> None:
    fill(db, 1)
    query = "SELECT * FROM shop.events"
    assert db.cql(query).column_names == ["day", "at", "what"]
    db.cql("ALTER TABLE shop.events ADD note text")
    assert db.cql(query).column_names == ["day", "at", "note", "what"]
    db.cql("DROP TABLE shop.events")
    with pytest.raises(InvalidStatement, match="events"):
        db.cql(query)


def test_unsupported_says_so(db: Database) -> None:
    with pytest.raises(FivefoldError, match="roles are not supported"):
        db.cql("CREATE ROLE bob")


def test_columns_keep_their_values_when_others_come(db: Database) -> None:
    fill(db, 2)
    for name in ("aaa", "zzz", "mmm"):
        db.cql(f"ALTER TABLE shop.events ADD {name} int")
        db.cql(f"INSERT INTO shop.events (day, at, what, {name}) VALUES ('a', 0, '{name}', 7)")
    row = db.cql("SELECT what, aaa, mmm, zzz, writetime(what) AS w FROM shop.events").one()
    assert row[:4] == ("mmm", 7, 7, 7)
    assert row.w > 10**15
    db.cql("ALTER TABLE shop.events DROP aaa")
    db.cql("ALTER TABLE shop.events ADD bbb int")
    db.cql("CREATE INDEX ON shop.events (zzz)")
    db.cql("DELETE mmm FROM shop.events WHERE day = 'a' AND at = 0")
    assert db.cql("SELECT * FROM shop.events WHERE zzz = 7").all() == [
        ("a", 0, None, None, "mmm", 7)
    ]


@pytest.mark.parametrize("where", ["at > ?", "at <= ?", "at > 0 AND at < ?"])
def test_nothing_is_deleted_before_or_after_null(db: Database, where: str) -> None:
    fill(db, 3)
    with pytest.raises(InvalidStatement, match="Invalid null value in condition for column at"):
        db.cql(f"DELETE FROM shop.events WHERE day = 'a' AND {where}", [None])
    assert len(db.cql("SELECT * FROM shop.events")) == 3
    db.cql("DELETE FROM shop.events WHERE day = 'a' AND at > 0 AND at <= ?", [1])
    assert [row.at for row in db.cql("SELECT at FROM shop.events")] == [0, 2]


def test_a_file_that_is_opened_again(store_url: str) -> None:
    # Decimals have a collation, which a new connection does not know yet.
    with fivefold.open(store_url) as database:
        database.cql(KEYSPACE)
        database.cql("CREATE TABLE shop.prices (p int, c int, net decimal, PRIMARY KEY (p, c))")
        database.cql("INSERT INTO shop.prices (p, c, net) VALUES (1, 2, 1.50)")
    with fivefold.open(store_url) as database:
        found = database.cql("SELECT c FROM shop.prices WHERE p = 1 AND c > 0")
        assert [row.c for row in found] == [2]


def test_times_to_live_of_elements(db: Database) -> None:
    db.cql("CREATE TABLE shop.m (k int PRIMARY KEY, m map<int, int>, l list<int>)")
    db.cql("INSERT INTO shop.m (k, m, l) VALUES (1, {1: 2}, [3])")
    db.cql("UPDATE shop.m USING TTL 1000000 SET m[5] = 1 WHERE k = 1")
    ttl, none = db.cql("SELECT ttl(m), ttl(l) FROM shop.m").one()
    assert ttl[0] is None
    assert 0 < ttl[1] <= 1_000_000
    assert none == [None]
    assert db.cql("SELECT JSON ttl(l) FROM shop.m").one() == ('{"ttl(l)": [null]}',)
