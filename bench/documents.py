"""The document model: embedded beside hand-written SQL over JSONB, on a server beside others.

By hand: a table of ids and JSONB, indexes of expressions, apsw, in WAL; documents go in as the text
that ``json`` writes and come out through ``json`` again. Beside pymongo on loopback stand databases
of documents in the program's own process: mongomock and ArcadeDB's embedded engine.
"""

from __future__ import annotations

import importlib
import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import apsw

import fivefold
from bench.embedded import from_start, open_apsw, timed, upwards
from bench.harness import Benchmark, Measure, Missing, Sample, Scale, Sides, Target
from bench.sides import attempt, checksum, folder, open_ours

Document = dict[str, Any]

ROWS = 10_000  # of the collection of which single documents are read
STEP = 7_919
MANY = 100_000
KINDS = 50
RANGE = 1_000


def document(i: int) -> Document:
    """A small document: 120 bytes of JSON."""
    return {
        "_id": i,
        "sku": f"sku-{i:06d}",
        "kind": i % KINDS,
        "n": i,
        "price": i % 997 + 0.5,
        "tags": ["new", "red"],
        "by": {"name": "Ann", "city": "Bern"},
    }


def pipelines(count: int) -> dict[str, list[Document]]:
    """The questions over a whole collection of so many documents."""
    return {
        "match": [{"$match": {"price": {"$gt": 996}, "n": {"$lt": count // 2}}}],
        "group": [
            {"$group": {"_id": "$kind", "sum": {"$sum": "$n"}, "most": {"$max": "$price"}}},
            {"$sort": {"_id": 1}},
        ],
    }


class ByHand:
    """What somebody would write over a table of JSONB, by the names of pymongo's methods."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._execute = connection.execute
        connection.execute("CREATE TABLE docs (id integer PRIMARY KEY, doc blob NOT NULL)")

    def create_index(self, path: str) -> None:
        self._execute(f"CREATE INDEX by_{path} ON docs (doc ->> '{path}')")

    def insert_one(self, document: Document) -> None:
        text = json.dumps(document, separators=(",", ":"))
        self._execute("INSERT INTO docs VALUES (?, jsonb(?))", (document["_id"], text))

    def insert_many(self, documents: list[Document]) -> None:
        dumps = json.dumps
        rows = ((one["_id"], dumps(one, separators=(",", ":"))) for one in documents)
        with self._connection:
            self._connection.executemany("INSERT INTO docs VALUES (?, jsonb(?))", rows)

    def find_one(self, filter: Document) -> Any:
        ((path, value),) = filter.items()
        where = "id" if path == "_id" else f"doc ->> '{path}'"
        text = f"SELECT json(doc) FROM docs WHERE {where} = ?"
        for (found,) in self._execute(text, (value,)):
            return json.loads(found)
        return None

    def find(self, filter: Document) -> list[Any]:
        ((path, bounds),) = filter.items()
        text = f"SELECT json(doc) FROM docs WHERE doc ->> '{path}' >= ? AND doc ->> '{path}' < ?"
        rows = self._execute(text, (bounds["$gte"], bounds["$lt"]))
        return [json.loads(found) for (found,) in rows]

    def aggregate(self, pipeline: list[Document]) -> list[Any]:
        if "$match" in pipeline[0]:
            filter = pipeline[0]["$match"]
            text = "SELECT json(doc) FROM docs WHERE doc ->> 'price' > ? AND doc ->> 'n' < ?"
            rows = self._execute(text, (filter["price"]["$gt"], filter["n"]["$lt"]))
            return [json.loads(found) for (found,) in rows]
        text = (
            "SELECT doc ->> 'kind' AS kind, sum(doc ->> 'n'), max(doc ->> 'price') FROM docs"
            " GROUP BY kind ORDER BY kind"
        )
        return [{"_id": k, "sum": n, "most": p} for k, n, p in self._execute(text)]

    def delete_many(self, filter: Document) -> None:
        self._execute("DELETE FROM docs")


Door = Any
"""A collection: ours, pymongo's, mongomock's, or what stands in for one."""

MakeDoor = Callable[[Path, ExitStack], Door]


def _ours(at: Path, stack: ExitStack) -> Door:
    database = stack.enter_context(open_ours(at / "ours.db", "normal"))
    return database.collection("shop", "orders")


def _by_hand(at: Path, stack: ExitStack) -> Door:
    return ByHand(stack.enter_context(closing(open_apsw(at / "peer.db"))))


def _loopback(at: Path, stack: ExitStack) -> Door:
    import pymongo

    server = stack.enter_context(fivefold.serving(str(at / "served.db"), durability="normal"))
    client = stack.enter_context(pymongo.MongoClient[Any](server.urls["mongodb"]))
    return client.shop.orders


def _mongomock(at: Path, stack: ExitStack) -> Door:
    try:
        mongomock = importlib.import_module("mongomock")
    except ImportError as error:
        raise Missing(f"mongomock is not installed: {error}") from None
    return mongomock.MongoClient().shop.orders


class Arcade:
    """ArcadeDB's embedded engine, in its own SQL."""

    def __init__(self, database: Any) -> None:
        self._database = database
        database.command("sql", "CREATE DOCUMENT TYPE orders")

    def create_index(self, path: str) -> None:
        kind = "STRING" if path == "sku" else "INTEGER"
        self._database.command("sql", f"CREATE PROPERTY orders.{path} {kind}")
        self._database.command("sql", f"CREATE INDEX ON orders ({path}) NOTUNIQUE")

    def insert_many(self, documents: list[Document]) -> None:
        with self._database.transaction():
            for one in documents:
                fields = {**one, "id": one["_id"]}
                del fields["_id"]
                self._database.command("sql", f"INSERT INTO orders CONTENT {json.dumps(fields)}")

    def find_one(self, filter: Document) -> Any:
        ((path, value),) = filter.items()
        path = "id" if path == "_id" else path
        return next(iter(self._rows(f"SELECT FROM orders WHERE {path} = {json.dumps(value)}")))

    def find(self, filter: Document) -> list[Any]:
        ((path, bounds),) = filter.items()
        where = f"{path} >= {bounds['$gte']} AND {path} < {bounds['$lt']}"
        return self._rows(f"SELECT FROM orders WHERE {where}")

    def aggregate(self, pipeline: list[Document]) -> list[Any]:
        if "$match" in pipeline[0]:
            filter = pipeline[0]["$match"]
            where = f"price > {filter['price']['$gt']} AND n < {filter['n']['$lt']}"
            return self._rows(f"SELECT FROM orders WHERE {where}")
        text = "SELECT kind, sum(n) AS sum, max(price) AS most FROM orders GROUP BY kind"
        rows = self._database.query("sql", f"{text} ORDER BY kind")
        return [{"_id": r.get("kind"), "sum": r.get("sum"), "most": r.get("most")} for r in rows]

    def _rows(self, text: str) -> list[Any]:
        rows = [row.to_dict() for row in self._database.query("sql", text)]
        return [{"_id": row["id"], **{k: row[k] for k in document(0) if k in row}} for row in rows]


def _arcade(at: Path, stack: ExitStack) -> Door:
    try:
        arcade = importlib.import_module("arcadedb_embedded")
    except ImportError as error:
        raise Missing(f"arcadedb-embedded is not installed: {error}") from None
    return Arcade(stack.enter_context(arcade.create_database(str(at / "arcade"))))


# What is measured


def _shown(found: Any) -> str:
    return json.dumps(found, sort_keys=True)


def _filled(door: Door, count: int, *indexes: str) -> Door:
    for path in indexes:
        door.create_index(path)
    for first in range(0, count, 10_000):
        door.insert_many([document(i) for i in range(first, min(first + 10_000, count))])
    return door


def _single(name: str) -> Callable[[Door, int], Measure]:
    """Microseconds for one: insert_one, find_one by ``_id`` or by an indexed field."""

    def measure(door: Door, operations: int) -> Measure:
        by_field = name == "find_indexed"
        _filled(door, ROWS, *(["sku"] if by_field else []))

        def insert(i: int) -> object:
            door.insert_one(document(i))
            return True

        def find(i: int) -> object:
            at = i * STEP % ROWS
            return door.find_one({"sku": f"sku-{at:06d}"} if by_field else {"_id": at})["n"]

        if name == "insert_one":
            return timed(insert, operations, upwards(operations))
        return timed(find, operations, from_start)

    return measure


def _range(door: Door, operations: int) -> Measure:
    """Microseconds for a thousand documents by an index."""
    _filled(door, ROWS, "n")

    def work(i: int) -> object:
        first = i * 337 % (ROWS - RANGE)
        found = list(door.find({"n": {"$gte": first, "$lt": first + RANGE}}))
        return len(found), found[0]["sku"], found[-1]["sku"]

    return timed(work, operations, from_start)


def _many(door: Door, count: int) -> Measure:
    """Milliseconds for all of them in one call."""

    def sample() -> Sample:
        door.delete_many({})
        documents = [document(i) for i in range(count)]
        began = time.perf_counter()
        door.insert_many(documents)
        took = (time.perf_counter() - began) * 1e3
        return Sample(took, checksum([_shown(door.find_one({"_id": count // 2}))]))

    return sample


def _question(name: str) -> Callable[[Door, int], Measure]:
    """Milliseconds for a question over a whole collection."""

    def measure(door: Door, count: int) -> Measure:
        _filled(door, count)
        pipeline = pipelines(count)[name]

        def sample() -> Sample:
            began = time.perf_counter()
            found = list(door.aggregate(pipeline))
            took = (time.perf_counter() - began) * 1e3
            return Sample(took, checksum(map(_shown, found)))

        return sample

    return measure


Make = Callable[[Door, int], Measure]
WORK: dict[str, tuple[Make, str, int, int]] = {
    "insert_one": (_single("insert_one"), "us/op", 5_000, 3),
    "find_one": (_single("find_one"), "us/op", 10_000, 3),
    "find_indexed": (_single("find_indexed"), "us/op", 10_000, 2),
    "range": (_range, "us/op", 50, 2),
    "insert_many": (_many, "ms", MANY, 3),
}
QUESTIONS: dict[str, tuple[Make, str, int, float]] = {
    "match": (_question("match"), "ms", MANY, 1.5),
    "group": (_question("group"), "ms", MANY, 1.5),
}


def _benchmark(
    name: str,
    work: Make,
    unit: str,
    count: int,
    most: float,
    ours: MakeDoor,
    peer: MakeDoor,
    rounds: int = 5,
) -> Benchmark:
    @contextmanager
    def sides(scale: Scale) -> Iterator[Sides]:
        size = scale.size(count)
        with folder() as at, ExitStack() as stack:
            yield Sides(
                attempt(lambda: work(ours(at, stack), size)),
                attempt(lambda: work(peer(at, stack), size)),
            )

    return Benchmark(name, unit, Target("at most", most), sides, rounds)


BENCHMARKS = (
    *(
        _benchmark(f"documents.{name}", work, unit, count, most, _ours, _by_hand)
        for name, (work, unit, count, most) in (WORK | QUESTIONS).items()
    ),
    *(
        # mongomock needs a minute for a question over 100,000 documents.
        _benchmark(f"documents.{label}.{name}", work, unit, count // 10, 1, _loopback, peer, 3)
        for label, peer in (("mongomock", _mongomock), ("arcadedb", _arcade))
        for name, (work, unit, count, _) in ({"range": WORK["range"]} | QUESTIONS).items()
    ),
)
