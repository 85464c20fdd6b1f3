"""Transfers between accounts by several clients at once: pymongo's with_transaction succeeds.

Source: manual, "Drivers API" (callback API), "Read Concern snapshot".
"""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.client_session import ClientSession
from pymongo.read_concern import ReadConcern

import fivefold
from fivefold.api.serving import Serving
from tests.conftest import empty_store

Client = MongoClient[dict[str, Any]]

ACCOUNTS = 6
CLIENTS = 4
TRANSFERS = 12
START = 100


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    path = tmp_path_factory.mktemp("transfers") / "bank.db"
    with (
        empty_store(str(path)) as url,
        fivefold.serving(url, only=["mongodb"], durability="off") as serving,
    ):
        yield serving


@pytest.fixture
def client(server: Serving) -> Iterator[Client]:
    with MongoClient[dict[str, Any]](server.urls["mongodb"]) as client:
        client.bank.accounts.drop()
        client.bank.transfers.drop()
        client.bank.accounts.insert_many([{"_id": n, "sum": START} for n in range(ACCOUNTS)])
        client.bank.transfers.create_index("by")
        yield client


def total(client: Client, session: ClientSession | None = None) -> int:
    (one,) = client.bank.accounts.aggregate(
        [{"$group": {"_id": None, "sum": {"$sum": "$sum"}}}], session=session
    )
    return int(one["sum"])


def transfer(client: Client, number: int, dice: random.Random, session: ClientSession) -> None:
    """Read both accounts, write what was worked out here, note it."""
    bank = client.bank
    source, target = dice.sample(range(ACCOUNTS), 2)
    amount = dice.randint(1, 30)
    before = [bank.accounts.find_one({"_id": n}, session=session) for n in (source, target)]
    sums = [each["sum"] for each in before if each is not None]
    for account, now in ((source, sums[0] - amount), (target, sums[1] + amount)):
        bank.accounts.update_one({"_id": account}, {"$set": {"sum": now}}, session=session)
    note = {"by": number, "from": source, "to": target, "amount": amount}
    bank.transfers.insert_one(note, session=session)


def test_sums_stay(client: Client) -> None:
    faults: list[BaseException] = []
    over = threading.Event()

    def transfers(number: int) -> None:
        dice = random.Random(number)
        try:
            for _ in range(TRANSFERS):
                with client.start_session() as session:
                    session.with_transaction(lambda each: transfer(client, number, dice, each))
        except BaseException as error:
            faults.append(error)

    def watches() -> None:
        try:
            while not over.is_set():
                assert total(client) == ACCOUNTS * START
                with client.start_session() as session, session.start_transaction():
                    assert total(client, session) == ACCOUNTS * START
        except BaseException as error:
            faults.append(error)

    watcher = threading.Thread(target=watches)
    clients = [threading.Thread(target=transfers, args=(n,)) for n in range(CLIENTS)]
    for thread in (watcher, *clients):
        thread.start()
    for thread in clients:
        thread.join()
    over.set()
    watcher.join()
    assert faults == []
    assert total(client) == ACCOUNTS * START
    sums = dict.fromkeys(range(ACCOUNTS), START)
    for note in client.bank.transfers.find():
        sums[note["from"]] -= note["amount"]
        sums[note["to"]] += note["amount"]
    assert {each["_id"]: each["sum"] for each in client.bank.accounts.find()} == sums
    counted = client.bank.transfers.aggregate([{"$sortByCount": "$by"}])
    assert sorted((each["_id"], each["count"]) for each in counted) == [
        (n, TRANSFERS) for n in range(CLIENTS)
    ]


def test_a_transaction_sees_one_moment(client: Client) -> None:
    accounts = client.bank.accounts
    with client.start_session() as session:
        with session.start_transaction(read_concern=ReadConcern("snapshot")):
            assert accounts.find_one({"_id": 0}, session=session) == {"_id": 0, "sum": START}
            accounts.update_one({"_id": 1}, {"$set": {"sum": 0}})
            accounts.insert_one({"_id": 99, "sum": 5})
            client.bank.transfers.insert_one({"by": 1})
            assert total(client, session) == ACCOUNTS * START
            assert client.bank.transfers.count_documents({}, session=session) == 0
            assert accounts.find_one({"_id": 99}, session=session) is None
        assert total(client) == (ACCOUNTS - 1) * START + 5
