"""kill -9 while clients write documents: acknowledged writes are there, nothing is there in part.

Each client takes its steps in order and waits for each answer; a step is one command, or one
transaction. After the kill its collection is what its acknowledged steps made, or that and the
step that was under way. Whatever is there, the indexes hold its keys, and the shadow says the same.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bson import Binary, Int64
from pymongo import MongoClient
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import ConnectionFailure

import fivefold
from fivefold.models.document.shadow import shadow
from tests.serve.raw_mongodb import Talk
from tests.serve.test_kill import round_trip

ROUNDS = 2
ENOUGH = 30
NAME = "kept"
GONE_MS = 2_000
"""How long pymongo looks for a server that is gone before it gives up."""

AT = dt.datetime(2024, 2, 29, 12, 30)

Shop = Database[dict[str, Any]]
Documents = list[dict[str, Any]]
INDEXES: tuple[tuple[Any, dict[str, Any]], ...] = (
    ([("a", 1), ("_id", -1)], {}),
    ("tags", {}),
    ("only", {"unique": True, "sparse": True}),
    ("at", {"partialFilterExpression": {"a": {"$gt": 2}}}),
)


def document(n: int) -> dict[str, Any]:
    return {"_id": n, "a": n % 7, "tags": [n, -n, "x"], "only": n, "at": AT}


class Inserts:
    """One document at a time."""

    def step(self, documents: Collection[dict[str, Any]], n: int) -> None:
        documents.insert_one(document(n))

    def expected(self, steps: int) -> Documents:
        return [document(n) for n in range(1, steps + 1)]


class Together:
    """Several documents with one command: all are there, or none."""

    def step(self, documents: Collection[dict[str, Any]], n: int) -> None:
        documents.insert_many([document(3 * n + each) for each in range(3)])

    def expected(self, steps: int) -> Documents:
        return [document(n) for n in range(3, 3 * steps + 3)]


class Updates:
    """One document that is changed, and so are its keys in all indexes."""

    def step(self, documents: Collection[dict[str, Any]], n: int) -> None:
        change = {
            "$inc": {"n": 1},
            "$push": {"tags": {"$each": [n], "$slice": -3}},
            "$set": {"a": n % 5, "only": n, "at": AT},
        }
        documents.update_one({"_id": 1}, change, upsert=True)

    def expected(self, steps: int) -> Documents:
        last = [*range(1, steps + 1)][-3:]
        one = {"_id": 1, "n": steps, "tags": last, "a": steps % 5, "only": steps, "at": AT}
        return [one] if steps else []


class Deletes:
    """Two documents that come, and go together."""

    def step(self, documents: Collection[dict[str, Any]], n: int) -> None:
        if n % 3:
            documents.insert_one(document(n))
        else:
            documents.delete_many({})

    def expected(self, steps: int) -> Documents:
        return [document(n) for n in range(steps - steps % 3 + 1, steps + 1)]


Kind = Inserts | Together | Updates | Deletes


class Writer:
    """A client that takes its steps; ``done`` counts those that were acknowledged."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.name = type(kind).__name__.lower()
        self.done = 0

    def write(self, offset: int, client: int, acknowledged: list[int], enough: Any) -> None:
        """Take steps until the server is gone."""
        with Talk(27017 + offset) as talk:
            talk.ask({"ping": 1})  # whoever comes first waits for what the server imports
        with MongoClient[dict[str, Any]](
            port=27017 + offset, retryWrites=False, serverSelectionTimeoutMS=GONE_MS
        ) as connection:
            documents = connection[NAME][self.name]
            try:
                while True:
                    self.kind.step(documents, self.done + 1)
                    self.done += 1
                    acknowledged.append(self.done)
                    if len(acknowledged) > ENOUGH:
                        enough.set()
            except ConnectionFailure:
                pass

    def check(self, shop: Shop) -> None:
        """Compare with the acknowledged steps, and take over one that was under way."""
        here = [*shop[self.name].find().sort("_id", 1)]
        possible = [self.kind.expected(steps) for steps in (self.done, self.done + 1)]
        assert here in possible
        self.done += possible.index(here)


class Numbered:
    """A client that numbers its commands, and says the last one again after the restart."""

    name = "numbered"

    def __init__(self) -> None:
        self.lsid = {"id": Binary(uuid.uuid4().bytes, 4)}
        self.done = 0

    def _take(self, talk: Talk) -> None:
        """Take the step after those that are done."""
        said = talk.ask(
            {
                "update": self.name,
                "updates": [{"q": {"_id": 1}, "u": {"$inc": {"n": 1}}, "upsert": True}],
                "lsid": self.lsid,
                "txnNumber": Int64(self.done + 1),
                "$db": NAME,
            }
        )
        assert (said["ok"], said.get("writeErrors"), said["n"]) == (1, None, 1), said

    def write(self, offset: int, client: int, acknowledged: list[int], enough: Any) -> None:
        """Take steps until the server is gone."""
        with Talk(27017 + offset) as talk:
            until_gone(self, lambda: self._take(talk), acknowledged, enough)

    def check(self, shop: Shop) -> None:
        """Say the step again that was under way, if it was: it is done once."""
        assert shop.client.address is not None
        with Talk(shop.client.address[1]) as talk:
            self._take(talk)
            self._take(talk)
        self.done += 1
        assert [*shop[self.name].find()] == [{"_id": 1, "n": self.done}]


class Transfers:
    """A client that moves from one account to another, and notes it, in transactions."""

    name = "moves"

    def __init__(self) -> None:
        self.done = 0
        self.number = 0
        self.lsid = {"id": Binary(uuid.uuid4().bytes, 4)}

    def _take(self, talk: Talk) -> None:
        """Take the step after those that are done, again until nobody is in its way."""
        shared = {"lsid": self.lsid, "autocommit": False}
        commands = [
            {"insert": self.name, "documents": [document(self.done + 1)], "$db": NAME},
            {"update": "accounts", "updates": [change("from", -1)], "$db": NAME},
            {"update": "accounts", "updates": [change("to", 1)], "$db": NAME},
            {"commitTransaction": 1},
        ]
        while True:
            self.number += 1
            number = {"txnNumber": Int64(self.number)}
            starts: dict[str, Any] = {"startTransaction": True}
            for command in commands:
                said = talk.ask({**command, **shared, **number, **starts})
                starts = {}
                if not said["ok"]:
                    assert "TransientTransactionError" in said["errorLabels"], said
                    break
            else:
                return

    def write(self, offset: int, client: int, acknowledged: list[int], enough: Any) -> None:
        """Take steps until the server is gone."""
        with Talk(27017 + offset) as talk:
            until_gone(self, lambda: self._take(talk), acknowledged, enough)

    def check(self, shop: Shop) -> None:
        """Compare both collections with the acknowledged steps, or these and one more."""
        noted = [*shop[self.name].find().sort("_id", 1)]
        assert noted in [Inserts().expected(steps) for steps in (self.done, self.done + 1)]
        self.done = len(noted)
        accounts = [*shop.accounts.find({}, {"n": 1}).sort("_id", 1)]
        assert accounts == [{"_id": "from", "n": -self.done}, {"_id": "to", "n": self.done}]


def change(account: str, by: int) -> dict[str, Any]:
    return {"q": {"_id": account}, "u": {"$inc": {"n": by}}, "upsert": True}


def until_gone(
    writer: Numbered | Transfers, take: Callable[[], None], acknowledged: list[int], enough: Any
) -> None:
    """Take steps until the connection breaks, which a half-read answer does too."""
    try:
        while True:
            take()
            writer.done += 1
            acknowledged.append(writer.done)
            if len(acknowledged) > ENOUGH:
                enough.set()
    except OSError:
        pass
    except AssertionError as error:
        if "the server has closed" not in str(error):
            raise


def check_parts(database: fivefold.Database, shop: Shop, name: str) -> None:
    """Indexes and documents agree, and so do documents and shadows."""
    told = shop.command("validate", name, full=True)
    assert told["valid"], told
    documents = {each["_id"]: each for each in shop[name].find()}
    for keys, _ in INDEXES if name not in ("accounts", "numbered") else ():
        field = keys if isinstance(keys, str) else keys[0][0]
        for each in documents.values():
            value = each[field][0] if field == "tags" else each[field]
            assert each in [*shop[name].find({field: value, "a": each["a"]})]
    shadows = [row[0] for row in database.sql(f"SELECT doc FROM {NAME}.{name}")]
    wanted = [json.loads(shadow(each, plain=False)) for each in documents.values()]
    order: Callable[[dict[str, Any]], str] = lambda each: str(each["_id"])  # noqa: E731
    assert sorted(shadows, key=order) == sorted(wanted, key=order)


@pytest.mark.parametrize("durability", ["full", "normal"])
def test_documents_survive(tmp_path: Path, durability: str) -> None:
    path = tmp_path / "shop.db"
    writers: list[Writer | Numbered | Transfers] = [
        *(Writer(kind()) for kind in (Inserts, Together, Updates, Deletes)),
        *(Numbered(), Transfers()),
    ]
    names = [*(writer.name for writer in writers), "accounts"]
    with (
        fivefold.serving(path, only=["mongodb"], durability=durability) as server,
        MongoClient[dict[str, Any]](server.urls["mongodb"]) as client,
    ):
        for name in names[:4] + names[5:6]:
            for keys, options in INDEXES:
                client[NAME][name].create_index(keys, **options)
    for turn in range(ROUNDS):
        kept: list[list[int]] = [[] for _ in writers]
        round_trip(path, durability, turn, [writer.write for writer in writers], kept)
        with (
            fivefold.serving(path, only=["mongodb"]) as server,
            MongoClient[dict[str, Any]](server.urls["mongodb"]) as client,
        ):
            for writer in writers:
                writer.check(client[NAME])
            for name in names:
                check_parts(server.database, client[NAME], name)
