"""MongoDB's protocol on the server, as bytes: what drivers hide."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

import bson
import pytest

import fivefold
from fivefold.api.serving import Serving
from fivefold.serve.mongodb import MongoConnection
from fivefold.wire.mongodb.checksum import crc32c
from fivefold.wire.mongodb.compress import by_number
from fivefold.wire.mongodb.encode import encode_compressed
from tests.conftest import empty_store
from tests.serve.raw_mongodb import Talk, framed, msg, query

PING = framed({"ping": 1})


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    path = tmp_path_factory.mktemp("mongodb") / "shop.db"
    with (
        empty_store(str(path)) as url,
        fivefold.serving(url, only=["mongodb"], durability="off") as serving,
    ):
        yield serving


@pytest.fixture
def talk(server: Serving) -> Iterator[Talk]:
    with Talk(server.ports["mongodb"]) as talk:
        yield talk


def test_answers_say_what_they_answer(talk: Talk) -> None:
    talk.say(msg(PING, 7), msg(framed({"nonsense": 1}), 8), msg(PING, 9))
    heard = [talk.hear() for _ in range(3)]
    assert [each.response_to for each in heard] == [7, 8, 9]
    assert len({each.number for each in heard}) == 3
    assert [each.document["ok"] for each in heard] == [1.0, 0.0, 1.0]
    assert list(heard[0].document) == ["ok", "$clusterTime", "operationTime"]
    error = heard[1].document
    assert list(error)[:4] == ["ok", "errmsg", "code", "codeName"]
    assert error["code"] == 59


def test_one_byte_at_a_time(talk: Talk) -> None:
    for byte in msg(PING, 5):
        talk.say(bytes([byte]))
    assert talk.hear().response_to == 5


def test_what_wants_no_answer_has_none(talk: Talk) -> None:
    talk.say(msg(PING, 5, 2), msg(framed({"nonsense": 1}), 6, 2), msg(PING, 7))
    assert talk.hear().response_to == 7


def test_a_checksum_is_answered_by_one(talk: Talk) -> None:
    raw = bytearray(msg(PING, 5, 1))
    raw[:4] = struct.pack("<i", len(raw) + 4)
    talk.say(bytes(raw) + struct.pack("<I", crc32c(bytes(raw))))
    answer = talk.raw()
    assert answer[16] == 1
    assert struct.unpack("<I", answer[-4:])[0] == crc32c(answer[:-4])
    talk.say(bytes(raw) + bytes(4))
    assert talk.hear().document["codeName"] == "ChecksumMismatch"
    assert talk.ask({"ping": 1})["ok"] == 1


@pytest.mark.parametrize("number", by_number())
def test_what_came_compressed_is_answered_so(talk: Talk, number: int) -> None:
    talk.say(encode_compressed(msg(framed({"listCommands": 1}), 5), number))
    answer = talk.raw()
    _, _, response_to, operation, inside, size, by = struct.unpack_from("<iiiiiiB", answer)
    assert (response_to, operation, inside, by) == (5, 2012, 2013, number)
    plain = by_number()[number].decompress(answer[25:], size)
    assert bson.decode(plain[5:])["commands"]["ping"]
    talk.say(encode_compressed(msg(framed({"hello": 1}), 6), number))  # never compressed
    assert talk.hear().document["ok"] == 1


def test_the_first_hello_of_older_drivers(talk: Talk) -> None:
    talk.say(query({"isMaster": 1, "helloOk": True}, 3))
    heard = talk.hear()
    assert (heard.operation, heard.response_to, heard.flags) == (1, 3, 8)
    assert heard.document["ismaster"] is True
    assert heard.document["helloOk"] is True
    talk.say(query({"$query": {"hello": 1}, "$readPreference": {"mode": "nearest"}}, 4))
    assert talk.hear().document["isWritablePrimary"] is True
    talk.say(query({"find": "t"}, 5))
    refused = talk.hear()
    assert refused.flags == 10
    assert refused.document["codeName"] == "UnsupportedOpQueryCommand"
    talk.say(query({"a": 1}, 6, "shop.orders"))
    assert talk.hear().document["code"] == 5739101


def awaiting(talk: Talk, wait_ms: int) -> dict[str, Any]:
    version = talk.ask({"hello": 1})["topologyVersion"]
    return framed({"hello": 1, "topologyVersion": version, "maxAwaitTimeMS": wait_ms})


def test_a_hello_waits_for_news(talk: Talk) -> None:
    talk.say(msg(awaiting(talk, 30), 5), msg(PING, 6))
    first, second = talk.hear(), talk.hear()
    assert (first.response_to, second.response_to) == (5, 6)
    assert first.document["isWritablePrimary"] is True
    old = awaiting(talk, 60_000)
    old["topologyVersion"] = {"processId": bson.ObjectId(), "counter": bson.Int64(0)}
    talk.say(msg(old, 7))
    assert talk.hear().response_to == 7


def test_a_hello_streams(talk: Talk) -> None:
    talk.say(msg(awaiting(talk, 10), 5, 1 << 16))
    last = 5
    for _ in range(4):
        heard = talk.hear()
        assert heard.flags == 2
        assert heard.response_to == last
        last = heard.number


def test_other_commands_are_answered_once_though_more_is_allowed(talk: Talk) -> None:
    talk.say(msg(PING, 5, 1 << 16))
    assert talk.hear().flags == 0


def test_it_stops_while_clients_wait(tmp_path: Any) -> None:
    with fivefold.serving(tmp_path / "shop.db", only=["mongodb"]) as server:
        talks = [Talk(server.ports["mongodb"]) for _ in range(3)]
        for talk in talks:
            talk.say(msg(awaiting(talk, 60_000), 5, 1 << 16))
    for talk in talks:
        assert talk.raw() == b""
        talk.close()


def test_a_client_may_leave_while_it_waits(server: Serving) -> None:
    with Talk(server.ports["mongodb"]) as leaving:
        leaving.say(msg(awaiting(leaving, 60_000), 5, 1 << 16))
    with Talk(server.ports["mongodb"]) as talk:
        assert talk.ask({"ping": 1})["ok"] == 1


def test_an_error_inside_of_the_message_ends_nothing(talk: Talk) -> None:
    talk.say(msg(PING, 5, 4))
    assert talk.hear().document["codeName"] == "IllegalOpMsgFlag"
    broken = bytearray(msg(PING, 6))
    broken[-20:-6] = b"\xff" * 14
    talk.say(bytes(broken))
    assert talk.hear().document["code"] in (22, 59)
    assert talk.ask({"ping": 1})["ok"] == 1


def test_a_fault_of_ours_is_told_and_closes(
    talk: Talk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*arguments: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(MongoConnection, "_run", fail)
    talk.say(msg(PING, 5))
    document = talk.hear().document
    assert (document["code"], document["errmsg"]) == (1, "internal error")
    assert talk.raw() == b""
    assert "a bug" in caplog.text


def test_what_serverstatus_counts(talk: Talk) -> None:
    before = talk.ask({"serverStatus": 1})
    talk.ask({"ping": 1})
    after = talk.ask({"serverStatus": 1})
    assert after["network"]["numRequests"] == before["network"]["numRequests"] + 2
    assert after["opcounters"]["command"] == before["opcounters"]["command"] + 2
    assert after["network"]["bytesOut"] > before["network"]["bytesOut"]
    assert after["connections"]["current"] == 1
    assert after["repl"]["me"] == f"127.0.0.1:{after['host'].rpartition(':')[2]}"


def now_running(talk: Talk, **wanted: Any) -> list[dict[str, Any]]:
    pipeline = [{"$currentOp": {}}, {"$match": wanted}]
    found = talk.ask({"aggregate": 1, "pipeline": pipeline, "cursor": {}, "$db": "admin"})
    batch: list[dict[str, Any]] = found["cursor"]["firstBatch"]
    return batch


def test_what_goes_on_is_told(server: Serving, talk: Talk) -> None:
    """And can be ended, though it reads nothing any more."""
    lsid = {"id": bson.Binary(b"0123456789abcdef", 4)}
    inside = {"lsid": lsid, "txnNumber": bson.Int64(3), "autocommit": False}
    talk.ask({"insert": "goes_on", "documents": [{"_id": 1}], "$db": "shop"})
    talk.ask({"find": "goes_on", "$db": "shop", "startTransaction": True, **inside})
    many = {"$range": [0, 1_000_000]}
    endless = [{"$set": {"a": many, "b": many}}, {"$unwind": "$a"}, {"$unwind": "$b"}]
    with Talk(server.ports["mongodb"]) as other:
        command = {"pipeline": [*endless, {"$count": "n"}], "cursor": {}}
        other.say(msg(framed({"aggregate": "goes_on", **command, "$db": "shop"}), 8))
        while not (found := now_running(talk, ns="shop.goes_on")):
            pass
        assert found[0]["command"]["pipeline"] == command["pipeline"]
        (waiting,) = now_running(talk, type="idleSession")
        assert waiting["lsid"]["id"] == lsid["id"]
        assert waiting["transaction"]["parameters"]["txnNumber"] == 3
        talk.ask({"killOp": 1, "op": found[0]["opid"], "$db": "admin"})
        assert other.hear().document["codeName"] == "Interrupted"
    talk.ask({"commitTransaction": 1, "$db": "admin", **inside})
    assert now_running(talk, type="idleSession") == []
    counts = talk.ask({"top": 1, "$db": "admin"})["totals"]["shop.goes_on"]
    assert counts["insert"]["count"] == 1
    assert counts["total"]["time"] >= counts["insert"]["time"] > 0
