"""pymongo, sync and async, against the server."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from pymongo import AsyncMongoClient, MongoClient
from pymongo.errors import AutoReconnect, OperationFailure

import fivefold
from fivefold.api.serving import Serving
from fivefold.languages.mongo.topology import SET_NAME
from tests.conftest import empty_store

Client = MongoClient[dict[str, Any]]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    path = tmp_path_factory.mktemp("pymongo") / "shop.db"
    with (
        empty_store(str(path)) as url,
        fivefold.serving(url, only=["mongodb"], durability="off") as serving,
    ):
        yield serving


@pytest.fixture
def client(server: Serving) -> Iterator[Client]:
    with MongoClient(server.urls["mongodb"], serverSelectionTimeoutMS=10_000) as client:
        yield client


def test_who_the_server_is(server: Serving, client: Client) -> None:
    assert client.admin.command("ping")["ok"] == 1
    assert client.address == ("127.0.0.1", server.ports["mongodb"])
    assert client.primary == client.address
    assert client.topology_description.topology_type_name == "ReplicaSetWithPrimary"
    assert client.topology_description.replica_set_name == SET_NAME
    assert client.server_info()["version"].startswith("7.0.")
    (one,) = client.nodes
    assert one == client.address


@pytest.mark.parametrize(
    "options",
    [
        {"directConnection": True},
        {"replicaSet": SET_NAME},
        {"serverMonitoringMode": "poll", "heartbeatFrequencyMS": 500},
        {"compressors": "zlib"},
        {"compressors": "snappy"},
        {"compressors": "zstd"},
        {
            "appname": "shop",
            "readPreference": "secondaryPreferred",
            "w": "majority",
            "journal": True,
        },
    ],
    ids=str,
)
def test_ways_to_connect(server: Serving, options: dict[str, Any]) -> None:
    with MongoClient[dict[str, Any]](server.urls["mongodb"], **options) as client:
        for _ in range(3):
            assert client.admin.command("ping")["ok"] == 1
        assert client.admin.command("listCommands")["commands"]["ping"]


def test_a_set_of_another_name_is_not_found(server: Serving) -> None:
    with (
        MongoClient[dict[str, Any]](
            server.urls["mongodb"], replicaSet="other", serverSelectionTimeoutMS=50
        ) as client,
        pytest.raises(Exception, match="other"),
    ):
        client.admin.command("ping")


def test_errors_have_mongodbs_numbers_and_names(client: Client) -> None:
    with pytest.raises(OperationFailure, match="no such command: 'nonsense'") as caught:
        client.shop.command("nonsense")
    assert caught.value.code == 59
    assert caught.value.details is not None
    assert caught.value.details["codeName"] == "CommandNotFound"
    assert "$clusterTime" in caught.value.details


def test_sessions_gossip_the_clock(client: Client) -> None:
    with client.start_session(causal_consistency=True) as session:
        client.admin.command("ping", session=session)
        assert session.cluster_time is not None
        assert session.operation_time is not None
        client.admin.command("ping", session=session)
    assert client.admin.command("serverStatus")["logicalSessionRecordCache"]


def test_the_monitor_streams(server: Serving) -> None:
    with MongoClient[dict[str, Any]](
        server.urls["mongodb"], heartbeatFrequencyMS=500, serverMonitoringMode="stream"
    ) as client:
        client.admin.command("ping")
        status = client.admin.command("serverStatus")
        assert status["connections"]["current"] >= 2


def test_stable_api(server: Serving) -> None:
    from pymongo.server_api import ServerApi

    with MongoClient[dict[str, Any]](
        server.urls["mongodb"], server_api=ServerApi("1", strict=True)
    ) as client:
        assert client.admin.command("ping")["ok"] == 1
        with pytest.raises(OperationFailure, match="not in API Version 1") as caught:
            client.admin.command("top")
        assert caught.value.code == 323


def test_nobody_can_log_in_while_there_are_no_users(server: Serving) -> None:
    with (
        MongoClient[dict[str, Any]](
            server.urls["mongodb"], username="ada", password="x", authMechanism="SCRAM-SHA-256"
        ) as client,
        pytest.raises(OperationFailure, match=r"Authentication failed\.") as caught,
    ):
        client.admin.command("ping")
    assert caught.value.code == 18


def test_a_login(server: Serving) -> None:
    server.database.users.set("ada,=é", "pe\u00adncil")
    try:
        with MongoClient[dict[str, Any]](
            server.urls["mongodb"], username="ada,=é", password="pencil"
        ) as client:
            status = client.admin.command("connectionStatus")["authInfo"]
            assert status["authenticatedUsers"] == [{"user": "ada,=é", "db": "admin"}]
        with (
            MongoClient[dict[str, Any]](
                server.urls["mongodb"], username="ada,=é", password="pen"
            ) as client,
            pytest.raises(OperationFailure, match=r"Authentication failed\."),
        ):
            client.admin.command("ping")
        with (
            MongoClient[dict[str, Any]](server.urls["mongodb"]) as client,
            pytest.raises(OperationFailure, match="requires authentication") as caught,
        ):
            client.admin.command("listCommands")
        assert caught.value.code == 13
    finally:
        server.database.users.remove("ada,=é")


def test_async(server: Serving) -> None:
    async def talk() -> None:
        async with AsyncMongoClient[dict[str, Any]](server.urls["mongodb"]) as client:
            assert (await client.admin.command("ping"))["ok"] == 1
            assert await client.address == ("127.0.0.1", server.ports["mongodb"])

    asyncio.run(talk())


def test_garbage_ends_the_connection(server: Serving) -> None:
    with socket.create_connection(("127.0.0.1", server.ports["mongodb"]), 10) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert line.recv(100) == b""


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    path = tmp_path_factory.mktemp("failing") / "shop.db"
    with (
        empty_store(str(path)) as url,
        fivefold.serving(url, only=["mongodb"], durability="off", test_commands=True) as serving,
    ):
        yield serving


def fail(client: Client, mode: Any, *commands: str, **data: Any) -> None:
    given = {"failCommands": list(commands), **data}
    client.admin.command({"configureFailPoint": "failCommand", "mode": mode, "data": given})


def test_commands_fail_on_purpose(failing: Serving) -> None:
    with MongoClient[dict[str, Any]](failing.urls["mongodb"], retryReads=False) as client:
        fail(client, {"times": 2}, "ping", errorCode=10)
        for _ in range(2):
            with pytest.raises(OperationFailure, match="failpoint") as caught:
                client.admin.command("ping")
            assert caught.value.code == 10
        assert client.admin.command("ping")["ok"] == 1
        fail(client, {"times": 1}, "ping", errorCode=91, errorLabels=["Odd"])
        with pytest.raises(AutoReconnect) as broken:
            client.admin.command("ping")
        assert broken.value.has_error_label("Odd")
        fail(client, {"times": 1}, "ping", closeConnection=True)
        with pytest.raises(AutoReconnect):
            client.admin.command("ping")
        fail(client, {"skip": 1}, "ping", errorCode=10)
        assert client.admin.command("ping")["ok"] == 1
        with pytest.raises(OperationFailure):
            client.admin.command("ping")
        fail(client, "alwaysOn", "ping", blockConnection=True, blockTimeMS=5)
        assert client.admin.command("ping")["ok"] == 1
        done = client.admin.command("configureFailPoint", "failCommand", mode="off")
        assert done["count"] == 1
        for wrong in (
            {"mode": "on"},
            {"mode": "alwaysOn", "data": {"x": 1}},
            {"mode": {"times": -1}},
        ):
            with pytest.raises(OperationFailure):
                client.admin.command("configureFailPoint", "failCommand", **wrong)


def test_commands_fail_on_purpose_only_where_that_was_asked_for(client: Client) -> None:
    with pytest.raises(OperationFailure, match="--test-commands"):
        fail(client, "alwaysOn", "ping", errorCode=10)
