"""The engine's doors, SQL and Redis, over both stores: the same commands, the same answers."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from fivefold.engine.engine import Engine
from fivefold.engine.redis import RedisSession
from fivefold.engine.session import Session
from fivefold.engine.sql import SqlSession
from fivefold.languages.redis.session import Session as RedisClient
from fivefold.stores.contract import Store
from fivefold.values.replies import NIL_ARRAY
from fivefold.values.types import Row
from tests.stores.tools import fails


@pytest.fixture
def engine(store: Store) -> Iterator[Engine]:
    # The store's own fixture closes the store; the engine gives its connections back.
    engine = Engine(store)
    yield engine
    for connection in engine._idle[True]:
        connection.close()


def redis(engine: Engine) -> tuple[RedisSession, Session]:
    session = Session(engine)
    return RedisSession(session, RedisClient(0)), session


def say(door: RedisSession, text: str) -> object:
    return door.execute([word.encode() for word in text.split()])


def test_redis_commands(engine: Engine) -> None:
    one, session = redis(engine)
    two, other = redis(engine)
    assert say(one, "GET a") is None
    assert say(two, "GET a") is None
    say(one, "SET a 1")
    assert say(two, "GET a") == b"1"
    assert [say(two, "INCRBY a 41"), say(one, "GET a")] == [42, b"42"]
    say(one, "SET b x PX 100000")
    ttl = say(one, "PTTL b")
    assert isinstance(ttl, int)
    assert 0 < ttl <= 100_000
    assert sorted(say(one, "KEYS *")) == [b"a", b"b"]  # type: ignore[call-overload]
    assert say(one, "DEL a b c") == 2
    assert say(two, "DBSIZE") == 0
    say(one, "SELECT 3")
    say(one, "SET only here")
    assert say(two, "GET only") is None
    say(two, "SELECT 3")
    assert say(two, "GET only") == b"here"
    session.close()
    other.close()


def test_redis_transactions(engine: Engine) -> None:
    one, session = redis(engine)
    two, other = redis(engine)
    say(one, "SET n 1")
    say(one, "WATCH n")
    say(two, "INCR n")
    say(one, "MULTI")
    say(one, "SET n 99")
    assert say(one, "EXEC") is NIL_ARRAY
    say(one, "MULTI")
    say(one, "INCR n")
    say(one, "INCR n")
    assert say(one, "EXEC") == [3, 4]
    session.close()
    other.close()


SCRIPT = """
CREATE SCHEMA shop
CREATE TABLE shop.item (id serial PRIMARY KEY, code varchar(8) UNIQUE NOT NULL, \
price numeric(8,2) CHECK (price >= 0), tags text[], \
made timestamptz DEFAULT '2020-01-01 00:00+00', \
twice numeric GENERATED ALWAYS AS (price * 2) STORED)
CREATE TABLE line (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, \
item int NOT NULL REFERENCES shop.item ON DELETE CASCADE, n int DEFAULT 1, ok boolean DEFAULT true)
CREATE INDEX line_item ON line (item) WHERE ok
CREATE INDEX item_lower ON shop.item (lower(code))
INSERT INTO shop.item (code, price, tags) VALUES ('a', 1.5, '{x,y}'), ('b', 20, '{}'), \
('c', NULL, NULL) RETURNING id, code, twice, made
INSERT INTO line (item, n) SELECT id, id * 10 FROM shop.item
INSERT INTO shop.item (code, price) VALUES ('a', 9) ON CONFLICT (code) DO UPDATE \
SET price = excluded.price RETURNING price
UPDATE line SET n = n + item.id FROM shop.item WHERE item.id = line.item RETURNING line.id, n
SELECT i.code, sum(l.n), count(*) FILTER (WHERE l.ok), string_agg(i.code, ',' ORDER BY i.code) \
FROM line l JOIN shop.item i ON i.id = l.item GROUP BY i.code ORDER BY 1
SELECT id, row_number() OVER (ORDER BY n DESC), lag(n) OVER (ORDER BY id) FROM line ORDER BY id
WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < 5) SELECT sum(i) FROM r
SELECT code FROM shop.item WHERE 'x' = ANY (tags) OR code LIKE 'c%' ORDER BY code DESC
SELECT extract(year FROM made), date_trunc('month', made), made + interval '1 day' FROM shop.item \
WHERE id = 1
SELECT 7 / 2, 7.0 / 2, 2 ^ 3, 7 % 4, -7 / 2, 'a' || 1, position('b' in 'abc'), \
coalesce(NULL, 3), nullif(1, 1), CASE WHEN true THEN 'y' END, '{1,2}'::int[] || 3
SELECT tags[1], array_length(tags, 1) FROM shop.item WHERE id = 1
ALTER TABLE line ADD COLUMN note text DEFAULT 'none'
ALTER TABLE line RENAME COLUMN n TO amount
ALTER TABLE line ALTER COLUMN amount TYPE numeric(10,1)
ALTER TABLE line ADD CONSTRAINT small CHECK (amount < 1000)
SELECT id, amount, note FROM line ORDER BY id
ALTER TABLE line DROP CONSTRAINT small
ALTER TABLE line DROP COLUMN note
DELETE FROM line USING shop.item WHERE item.id = line.item AND item.code = 'b' RETURNING line.id
CREATE VIEW v AS SELECT code, price FROM shop.item WHERE price > 1
SELECT * FROM v ORDER BY code
DELETE FROM shop.item WHERE code = 'a'
SELECT count(*) FROM line
TRUNCATE line RESTART IDENTITY
INSERT INTO line (item) SELECT id FROM shop.item WHERE code = 'c' RETURNING id, ok
DROP TABLE line
DROP SCHEMA shop CASCADE
"""

ANSWERS: dict[str, list[Row]] = {
    "INSERT INTO shop.item (code, price, tags)": [
        (1, "a", "3.00", "2020-01-01 00:00:00+00"),
        (2, "b", "40.00", "2020-01-01 00:00:00+00"),
        (3, "c", None, "2020-01-01 00:00:00+00"),
    ],
    "INSERT INTO shop.item (code, price) VALUES ('a', 9)": [("9.00",)],
    "UPDATE line": [(1, 11), (2, 22), (3, 33)],
    "SELECT i.code": [("a", 11, 1, "a"), ("b", 22, 1, "b"), ("c", 33, 1, "c")],
    "SELECT id, row_number()": [(1, 3, None), (2, 2, 11), (3, 1, 22)],
    "WITH RECURSIVE": [(15,)],
    "SELECT code FROM shop.item": [("c",), ("a",)],
    "SELECT extract": [("2020", "2020-01-01 00:00:00+00", "2020-01-02 00:00:00+00")],
    "SELECT 7 / 2": [
        (3, "3.5000000000000000", 8.0, 3, -3, "a1", 2, 3, None, "y", "[1,2,3]"),
    ],
    "SELECT tags[1]": [("x", 2)],
    "SELECT id, amount, note": [(1, "11.0", "none"), (2, "22.0", "none"), (3, "33.0", "none")],
    "DELETE FROM line USING": [(2,)],
    "SELECT * FROM v": [("a", "9.00"), ("b", "20.00")],
    "SELECT count(*) FROM line": [(1,)],
    "INSERT INTO line (item) SELECT": [(1, 1)],
}


def test_sql_of_every_day(engine: Engine) -> None:
    session = Session(engine)
    sql = SqlSession(session)
    unseen = dict(ANSWERS)
    for text in SCRIPT.strip().splitlines():
        result = sql.execute(text)
        expected = next((key for key in unseen if text.startswith(key)), None)
        if expected is not None:
            rows = list(result.rows)
            assert sorted(rows, key=str) == sorted(unseen.pop(expected), key=str), text
    assert not unseen
    session.close()


def test_sql_errors_leave_the_same_codes(engine: Engine) -> None:
    session = Session(engine)
    sql = SqlSession(session)
    sql.execute("CREATE TABLE t (id int PRIMARY KEY, v varchar(3), n int2 NOT NULL DEFAULT 0)")
    sql.execute("INSERT INTO t VALUES (1, 'abc')")
    for text, code in (
        ("INSERT INTO t VALUES (1, 'x')", "unique_violation"),
        ("INSERT INTO t VALUES (2, 'long')", "string_data_right_truncation"),
        ("UPDATE t SET n = 70000", "numeric_value_out_of_range"),
        ("UPDATE t SET n = NULL", "not_null_violation"),
        ("SELECT 1 / (id - 1) FROM t", "division_by_zero"),
        ("SELECT (SELECT i FROM (VALUES (1), (2)) x(i))", "cardinality_violation"),
        ("SELECT v::int FROM t", "invalid_text_representation"),
    ):
        with fails(code):
            sql.execute(text)
        assert list(sql.execute("SELECT v FROM t").rows) == [("abc",)]
    session.close()


def test_times_are_read_and_shown_in_the_sessions_zone(engine: Engine) -> None:
    session = Session(engine)
    sql = SqlSession(session)
    sql.execute("SET timezone = 'Europe/Berlin'")
    sql.execute("CREATE TABLE t (at timestamptz)")
    sql.execute("INSERT INTO t VALUES ('2020-07-01 12:00')")
    assert list(sql.execute("SELECT at, at::text, at::timestamp FROM t").rows) == [
        ("2020-07-01 10:00:00+00", "2020-07-01 12:00:00+02", "2020-07-01 12:00:00")
    ]
    sql.execute("BEGIN")
    sql.execute("SET LOCAL timezone = 'UTC'")
    assert list(sql.execute("SELECT at::text FROM t").rows) == [("2020-07-01 10:00:00+00",)]
    sql.execute("ROLLBACK")
    assert list(sql.execute("SELECT at::text FROM t").rows) == [("2020-07-01 12:00:00+02",)]
    session.close()


def test_counters_raised_side_by_side_lose_nothing(engine: Engine) -> None:
    """Autocommit writes that conflict are tried again; three threads raise one counter."""

    def raise_it() -> None:
        client, session = redis(engine)
        for _ in range(30):
            say(client, "INCR n")
        session.close()

    client, session = redis(engine)
    say(client, "SET n 0")
    threads = [threading.Thread(target=raise_it) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert say(client, "GET n") == b"90"
    session.close()
