"""A store with something of every model in it, and ways to damage it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw

import fivefold
from fivefold.stores.sqlite.connection import SqliteConnection
from fivefold.stores.sqlite.store import SqliteStore

KEY = "pencil"
PAGE_BYTES = 4096


def fill(database: fivefold.Database) -> None:
    """Put some of everything there is into a database."""
    for text in (
        "CREATE TABLE airlines (carrier text PRIMARY KEY, name text NOT NULL)",
        "CREATE TABLE flights (id serial PRIMARY KEY, carrier text REFERENCES airlines,"
        " number int CHECK (number > 0), price numeric(8, 2), UNIQUE (carrier, number))",
        "CREATE INDEX flights_price_idx ON flights (price)",
        "CREATE INDEX flights_lower_idx ON flights (lower(carrier)) WHERE number > 5",
        "CREATE VIEW dear AS SELECT * FROM flights WHERE price > 100",
        "INSERT INTO airlines SELECT 'C' || i, 'Carrier ' || i FROM generate_series(1, 50) i",
        "INSERT INTO flights (carrier, number, price) SELECT 'C' || (i % 50 + 1), i, i * 1.25"
        " FROM generate_series(1, 2000) i",
    ):
        database.sql(text)
    orders = database.collection("shop", "orders")
    orders.create_index("tags")
    orders.create_index("sku", unique=True)
    orders.insert_many(
        [{"_id": i, "sku": f"S{i}", "tags": ["a", f"t{i % 7}"], "n": i / 2} for i in range(300)]
    )
    redis = database.redis
    redis.set("word", "x" * 100)
    redis.hset("hash", mapping={f"f{i}": i for i in range(20)})
    redis.rpush("list", *range(20))
    redis.sadd("set", *range(20))
    redis.zadd("sorted", {f"m{i}": i for i in range(2000)})
    redis.xadd("stream", {"a": 1})
    redis.xgroup_create("stream", "readers", "0")
    for text in (
        "CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy'}",
        "CREATE TABLE ks.events (day text, at int, what text, marks set<text>, note text static,"
        " PRIMARY KEY (day, at))",
        "CREATE INDEX ON ks.events (marks)",
        "CREATE INDEX ON ks.events (what)",
    ):
        database.cql(text)
    for i in range(100):
        text = "INSERT INTO ks.events (day, at, what, marks, note) VALUES (?, ?, ?, ?, ?)"
        database.cql(text, [f"d{i % 5}", i, f"w{i}", {"m", f"m{i % 3}"}, "n"])
    database.cypher("CREATE INDEX person_name FOR (p:Person) ON (p.name)")
    database.cypher("UNWIND range(1, 200) AS i CREATE (:Person {name: 'p' + i, n: i})")
    database.cypher(
        "MATCH (a:Person), (b:Person) WHERE b.n = a.n + 1 CREATE (a)-[:KNOWS {since: a.n}]->(b)"
    )


def make(path: Path, key: str | None = None) -> None:
    with fivefold.open(path, key=key) as database:
        fill(database)


@contextmanager
def opened(path: Path, key: str | None = None) -> Iterator[apsw.Connection]:
    """A connection of SQLite's own, with all of fivefold's functions, that keeps no rules."""
    store = SqliteStore(str(path), key=key)
    connection = store.connect()
    assert isinstance(connection, SqliteConnection)
    connection.register_functions()
    connection.raw.execute("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON")
    try:
        yield connection.raw
    finally:
        connection.raw.close()
        store.close()


def change(path: Path, *texts: str) -> None:
    """Run text in a plain file behind fivefold's back."""
    with opened(path) as raw:
        for text in texts:
            raw.execute(text)


def behind_index(path: Path, index: str, *texts: str) -> None:
    """Run text in a plain file while SQLite does not know of an index."""
    with opened(path) as raw:
        rows = raw.execute("SELECT * FROM sqlite_schema WHERE name = ?", (index,)).fetchall()
        assert rows, index
        raw.execute("PRAGMA writable_schema = ON")
        raw.execute("DELETE FROM sqlite_schema WHERE name = ?", (index,))
        raw.execute("PRAGMA writable_schema = RESET")
    change(path, *texts)
    with opened(path) as raw:
        raw.execute("PRAGMA writable_schema = ON")
        raw.execute("INSERT INTO sqlite_schema VALUES (?, ?, ?, ?, ?)", rows[0])
        raw.execute("PRAGMA writable_schema = RESET")


def pages_of(path: Path, table: str, key: str | None = None) -> list[int]:
    """The numbers, from 1, of the pages with the rows of a table or an index."""
    with opened(path, key) as raw:
        text = "SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf' ORDER BY path"
        rows: list[tuple[Any, ...]] = raw.execute(text, (table,)).fetchall()
        return [page for (page,) in rows]


def flip(path: Path, page: int, at: int = 0, count: int = 8) -> None:
    """Turn all bits of some bytes of a page over."""
    data = bytearray(path.read_bytes())
    start = (page - 1) * PAGE_BYTES + at
    for place in range(start, start + count):
        data[place] ^= 0xFF
    path.write_bytes(data)
