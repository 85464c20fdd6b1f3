"""Cassandra's protocol on the server, said byte by byte, over an engine of a few statements."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from types import TracebackType
from typing import Self

import pytest

import fivefold
from fivefold.api.serving import Serving
from fivefold.catalog.catalog import Catalog
from fivefold.catalog.containers import Family, FamilyColumn, Keyspace, UserType, View
from fivefold.engine.limits import Limits
from fivefold.errors import Limit
from fivefold.serve.cassandra import connection, workers
from fivefold.serve.cassandra.events import changes
from fivefold.serve.cassandra.statements import IN_FLIGHT_MAX
from fivefold.values.cql import faults
from fivefold.wire.cassandra.messages import Flag, Opcode
from tests.serve.cql_standin import World
from tests.serve.raw import WAIT_SECONDS_MAX
from tests.wire.cassandra.drivers import (
    Answer,
    answers,
    envelope,
    frame,
    long_string,
    parameters,
    payloads,
    query,
    short,
    startup,
    string,
    value,
)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    made = World()
    monkeypatch.setattr(connection, "open_line", made.line)
    monkeypatch.setattr(workers, "open_line", made.line)
    return made


@pytest.fixture
def served(world: World, store_url: str) -> Iterator[Serving]:
    with fivefold.serving(store_url, only=["cassandra"], durability="off") as serving:
        yield serving
        world.gate.set()


class Talk:
    """One conversation, without frames unless ``framed``."""

    def __init__(self, serving: Serving, version: int = 4, *, greet: bool = True) -> None:
        address = ("127.0.0.1", serving.ports["cassandra"])
        self.socket = socket.create_connection(address, WAIT_SECONDS_MAX)
        self.stream = self.socket.makefile("rb")
        self.version = version
        self.framed = False
        self._heard: list[Answer] = []
        if greet:
            assert self.ask(startup(version)).opcode == Opcode.READY
            self.framed = version == 5

    def say(self, data: bytes) -> None:
        self.socket.sendall(frame(data) if self.framed else data)

    def hear(self) -> Answer:
        while not self._heard:
            self._heard = self._next()
        return self._heard.pop(0)

    def _next(self) -> list[Answer]:
        if not self.framed:
            head = self.stream.read(9)
            assert head, "the server has closed"
            return answers(head + self.stream.read(int.from_bytes(head[5:], "big")))
        head = self.stream.read(6)
        assert head, "the server has closed"
        size = int.from_bytes(head[:3], "little") & 0x1FFFF
        return answers(payloads(head + self.stream.read(size + 4)))

    def ask(self, data: bytes) -> Answer:
        self.say(data)
        return self.hear()

    def is_closed(self) -> bool:
        return not self.stream.read(1)

    def close(self) -> None:
        self.stream.close()
        self.socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def test_what_is_supported(served: Serving) -> None:
    with Talk(served, greet=False) as talk:
        said = talk.ask(envelope(4, Opcode.OPTIONS, b"", 3))
        assert (said.opcode, said.stream) == (Opcode.SUPPORTED, 3)
        assert said.body == (
            short(3)
            + (string("PROTOCOL_VERSIONS") + short(3) + string("3/v3"))
            + (string("4/v4") + string("5/v5"))
            + (string("COMPRESSION") + short(2) + string("snappy") + string("lz4"))
            + (string("CQL_VERSION") + short(1) + string("3.4.7"))
        )


@pytest.mark.parametrize("version", [2, 6, 66])
def test_versions_that_are_not_spoken(served: Serving, version: int) -> None:
    with Talk(served, greet=False) as talk:
        talk.say(envelope(version, Opcode.OPTIONS))
        said = talk.stream.read()  # to the end: the server closes
        assert said[0] == 0x80 | (2 if version == 2 else 5)
        assert b"supported versions are (3/v3, 4/v4, 5/v5)" in said


@pytest.mark.parametrize("version", [3, 4, 5])
def test_answers_come_as_they_are_ready(served: Serving, world: World, version: int) -> None:
    with Talk(served, version) as talk:
        talk.say(query(version, "SLOW 1", stream=1) + query(version, "ROWS 1", stream=2))
        assert talk.hear().stream == 2
        world.gate.set()
        assert talk.hear().stream == 1


def test_wrong_requests_leave_the_connection(served: Serving) -> None:
    with Talk(served, 5) as talk:
        wrong = talk.ask(envelope(5, Opcode.QUERY, b"\0\0\0\x20SEL", 7))
        assert (wrong.stream, wrong.number) == (7, faults.PROTOCOL)
        assert talk.ask(query(5, "ROWS 1", stream=8)).opcode == Opcode.RESULT
        talk.socket.sendall(frame(query(5, "ROWS 1"), body=1))
        assert talk.hear().number == faults.PROTOCOL
        assert talk.is_closed()


@pytest.mark.parametrize(
    ("text", "logged"),
    [("BREAK", "nobody expects this"), ("FAIL internal_error", "failed with internal_error")],
)
def test_faults_of_ours_are_in_the_log(
    served: Serving, caplog: pytest.LogCaptureFixture, text: str, logged: str
) -> None:
    with Talk(served, 4) as talk:
        for stream in (1, 2):
            said = talk.ask(query(4, text, stream=stream))
            assert said.number == faults.SERVER
            assert b"its log says how" in said.body
        assert talk.ask(query(4, "ROWS 1")).opcode == Opcode.RESULT
    told = [each for each in caplog.records if each.message.startswith("a client's request failed")]
    assert len(told) == 2
    assert all(each.exc_info and logged in str(each.exc_info[1]) for each in told)
    assert "cql_standin.py" in caplog.text  # a traceback


def test_what_is_not_known_is_prepared_again(served: Serving) -> None:
    with Talk(served) as talk:
        body = short(16) + bytes(16) + parameters(4)
        said = talk.ask(envelope(4, Opcode.EXECUTE, body, 5))
        assert said.number == faults.UNPREPARED
        assert said.body.endswith(short(16) + bytes(16))


def test_metadata_is_said_again_if_it_changed(served: Serving) -> None:
    with Talk(served, 5) as talk:
        said = talk.ask(envelope(5, Opcode.PREPARE, long_string("GET ?") + bytes(4), 5))
        id, known = said.body[6:22], said.body[24:40]
        head = short(16) + id
        tail = parameters(5, (struct.pack(">q", 1),), flags=0x02)
        for metadata_id, flags in ((known, 4), (bytes(16), 9)):
            body = head + short(16) + metadata_id + tail
            rows = talk.ask(envelope(5, Opcode.EXECUTE, body, 6))
            assert int.from_bytes(rows.body[4:8], "big") == flags
        assert known in rows.body  # the new one


def test_more_than_may_be_in_flight(served: Serving, world: World) -> None:
    with Talk(served) as talk:
        count = IN_FLIGHT_MAX + 500
        talk.say(b"".join(query(4, f"SLOW {n}", stream=n) for n in range(count)))
        assert world.running.wait(WAIT_SECONDS_MAX)
        world.gate.set()
        assert {talk.hear().stream for _ in range(count)} == {*range(count)}


def test_traces(served: Serving) -> None:
    with Talk(served) as talk:
        said = talk.ask(query(4, "ROWS 2", stream=1, flags=Flag.TRACING))
        assert said.flags == Flag.TRACING
        failed = talk.ask(query(4, "FAIL undefined_table", stream=1, flags=Flag.TRACING))
        assert (failed.flags, failed.opcode) == (Flag.TRACING, Opcode.ERROR)
        server = served._server
        assert server is not None
        assert server.server is not None
        hub = server.server.cassandra
        assert hub is not None
        first, second = hub.traces.sessions()
        assert first["session_id"].bytes == said.body[:16]
        assert second["session_id"].bytes == failed.body[:16]
        assert first["duration"] >= 0
        assert first["request"] == "Execute CQL3 query"
        assert first["parameters"]["query"] == "ROWS 2"
        activities = [event["activity"] for event in hub.traces.events()]
        assert "Parsing ROWS 2" in activities
        assert "Read 2 live rows" in activities


def test_one_client_too_many(served: Serving) -> None:
    served.database.engine.limits = Limits(connections=1)
    with Talk(served) as first, Talk(served, greet=False) as second:
        said = second.ask(envelope(4, Opcode.OPTIONS, b"", 3))
        assert (said.stream, said.number) == (3, faults.OVERLOADED)
        assert second.is_closed()
        assert first.ask(query(4, "ROWS 1")).opcode == Opcode.RESULT


def test_a_group_that_fails_is_told_to_all(served: Serving, world: World) -> None:
    with Talk(served) as talk:
        for _ in range(2):
            talk.ask(query(4, "ROWS 1", parameters(4), stream=1))
        server = served._server
        assert server is not None
        assert server.server is not None
        (client,) = server.server.connections
        assert isinstance(client, connection.CassandraConnection)

        def fail() -> None:
            client.out.append(b"never sent")
            client._unsent.append([3, -1, 4])
            client.out.clear()
            client.group_failed(Limit("the disk is full", "disk_full"))
            client.flush()

        server.server.wake(fail)
        assert [talk.hear().stream for _ in range(2)] == [3, 4]


def test_the_server_stops(world: World, store_url: str) -> None:
    with fivefold.serving(store_url, only=["cassandra"], durability="off") as serving:
        talk = Talk(serving, 5)
        register = short(2) + string("SCHEMA_CHANGE") + string("STATUS_CHANGE")
        assert talk.ask(envelope(5, Opcode.REGISTER, register)).opcode == Opcode.READY
        port = serving.ports["cassandra"]
    said = talk.hear()
    assert (said.stream, said.opcode) == (-1, Opcode.EVENT)
    address = b"\x04" + bytes((127, 0, 0, 1)) + struct.pack(">i", port)
    assert said.body == string("STATUS_CHANGE") + string("DOWN") + address
    assert talk.is_closed()
    talk.close()


def test_logging_in_is_answered_where_nobody_asks(served: Serving) -> None:
    with Talk(served) as talk:
        said = talk.ask(envelope(4, Opcode.AUTH_RESPONSE, value(b"\0a\0b")))
        assert (said.opcode, said.body) == (Opcode.AUTH_SUCCESS, b"\xff\xff\xff\xff")


# Events


def family(*columns: str, past: bool = False) -> Family:
    return Family("0" * 32, tuple(FamilyColumn(name, "int") for name in columns), past=past)


def catalog(keyspaces: dict[str, Keyspace], families: dict[tuple[str, str], Family]) -> Catalog:
    containers = {
        **{(name, "$"): View(name, "$", "", (), keyspace=each) for name, each in keyspaces.items()},
        **{key: View(*key, "", (), family=each) for key, each in families.items()},
    }
    return Catalog((1, 1), frozenset(keyspaces), containers)


def test_changes_of_catalogs() -> None:
    simple, other = Keyspace((("class", "SimpleStrategy"),)), Keyspace((("class", "Network"),))
    typed = Keyspace(simple.replication, types=(UserType("u", (("a", "int"),)),))
    grown = Keyspace(simple.replication, types=(UserType("u", (("a", "int"), ("b", "int"))),))
    none = catalog({}, {})
    with_table = catalog({"k": typed}, {("k", "t"): family("a")})

    def told(before: Catalog, after: Catalog) -> list[tuple[str, str, str, str]]:
        return [(e.change, e.target, e.keyspace, e.name) for e in changes(before, after)]

    assert told(none, none) == []
    assert told(none, with_table) == [
        ("CREATED", "KEYSPACE", "k", ""),
        ("CREATED", "TYPE", "k", "u"),
        ("CREATED", "TABLE", "k", "t"),
    ]
    assert told(with_table, none) == [
        ("DROPPED", "TABLE", "k", "t"),
        ("DROPPED", "TYPE", "k", "u"),
        ("DROPPED", "KEYSPACE", "k", ""),
    ]
    assert told(with_table, catalog({"k": grown}, {("k", "t"): family("a", "b")})) == [
        ("UPDATED", "TYPE", "k", "u"),
        ("UPDATED", "TABLE", "k", "t"),
    ]
    assert told(with_table, catalog({"k": typed}, {("k", "t"): family("a", past=True)})) == []
    assert told(catalog({"k": simple}, {}), catalog({"k": other}, {})) == [
        ("UPDATED", "KEYSPACE", "k", "")
    ]
