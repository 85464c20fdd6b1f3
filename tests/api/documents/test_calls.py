"""Every method of the embedded document model beside pymongo's on a server: results, exceptions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pymongo
import pytest
from pymongo import results
from pymongo.errors import BulkWriteError, OperationFailure

import fivefold
from fivefold.api.documents import Collection, Cursor, Documents
from tests.api.documents.calls import CALLS, Call

RESULTS: dict[type, tuple[str, ...]] = {
    results.InsertOneResult: ("inserted_id", "acknowledged"),
    results.InsertManyResult: ("inserted_ids", "acknowledged"),
    results.UpdateResult: ("matched_count", "modified_count", "upserted_id", "did_upsert"),
    results.DeleteResult: ("deleted_count", "acknowledged"),
    results.BulkWriteResult: ("bulk_api_result", "acknowledged"),
}

OF_THE_SERVER = {"$clusterTime", "operationTime", "electionId", "opTime", "lastCommittedOpTime"}
"""What a replica set adds to every reply."""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[pymongo.MongoClient[Any]]:
    """A client of a server over a store of its own."""
    at: Path = tmp_path_factory.mktemp("served") / "served.db"
    with (
        fivefold.serving(str(at), durability="off") as server,
        pymongo.MongoClient[Any](server.urls["mongodb"]) as client,
    ):
        yield client


def told(call: Call, db: Any) -> Any:
    """What a call returns or raises, as plain values."""
    try:
        value = call(db)
    except BulkWriteError as error:
        return "BulkWriteError", without_text(error.details)
    except OperationFailure as error:
        details = error.details or {}
        return type(error).__name__, error.code, str(details.get("errmsg")), details.get("keyValue")
    except (AttributeError, TypeError, NotImplementedError) as error:
        return type(error).__name__
    except Exception as error:
        return type(error).__name__, str(error)
    return plain(value)


def plain(value: Any) -> Any:
    if type(value) in RESULTS:
        return type(value).__name__, *(getattr(value, name) for name in RESULTS[type(value)])
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items() if name not in OF_THE_SERVER}
    if isinstance(value, tuple | list):
        return [plain(each) for each in value]
    if isinstance(value, Collection | pymongo.collection.Collection):
        return "Collection", value.name
    if isinstance(value, Cursor | pymongo.cursor.Cursor):
        return "Cursor"
    return value


def without_text(details: Any) -> Any:
    return {
        name: [{**each, "errmsg": ""} for each in value] if name == "writeErrors" else value
        for name, value in details.items()
        if name not in OF_THE_SERVER
    }


@pytest.mark.parametrize("group", CALLS)
def test_calls(store_url: str, client: pymongo.MongoClient[Any], group: str) -> None:
    name = f"db_{group.replace(' ', '_')}"
    with fivefold.open(store_url, durability="off") as database:
        ours, theirs = database.documents(name), client[name]
        for number, call in enumerate(CALLS[group]):
            assert told(call, ours) == told(call, theirs), (group, number)


def test_every_method_is_called() -> None:
    """By the tables, or by a test of its own in test_documents.py."""
    elsewhere = {
        "Collection": {
            "database_name",
            "door",
            "place",
            "watch",
            "read_preference",
            "database",
            "next",
        },
        "Documents": {"door", "name", "watch", "with_options", "next", "read_preference"},
        "Cursor": set[str](),
    }
    called = {
        name
        for calls in CALLS.values()
        for call in calls
        for name in (*call.__code__.co_names, *nested(call.__code__))
    }
    for kind in (Collection, Documents):
        public = {name for name in dir(kind) if name[0] != "_"}
        assert public - called - elsewhere[kind.__name__] == set()


def nested(code: Any) -> Iterator[str]:
    for constant in code.co_consts:
        if hasattr(constant, "co_names"):
            yield from (*constant.co_names, *nested(constant))
