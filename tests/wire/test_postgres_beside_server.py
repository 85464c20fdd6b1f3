"""Conversations with PostgreSQL itself: its bytes are ours, and its clients' bytes are read."""

from __future__ import annotations

import socket
import struct
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from fivefold.wire.postgres import PostgresMachine, encode
from fivefold.wire.postgres.messages import (
    Bind,
    Column,
    CopyData,
    CopyDone,
    EncryptionRequest,
    Fields,
    Message,
    Parse,
    Query,
    Startup,
    Sync,
    Terminate,
)
from tests import servers
from tests.wire.test_postgres_messages import framed, startup

WAIT_SECONDS_MAX = 20.0
SYNC = framed(b"S")


class Conversation:
    """A client that says bytes, and hears messages one at a time."""

    def __init__(self, server: servers.Server, code: int, body: bytes) -> None:
        self.socket = socket.create_connection((server.host, server.port), WAIT_SECONDS_MAX)
        self.stream = self.socket.makefile("rb")
        self.socket.sendall(startup(code, body))
        self.greeting = self.until_ready()

    def hear(self) -> bytes:
        """Return the next message; nothing at the end."""
        head = self.stream.read(5)
        if not head:
            return b""
        return head + self.stream.read(int.from_bytes(head[1:5], "big") - 4)

    def until_ready(self) -> list[bytes]:
        heard = [self.hear()]
        while heard[-1][:1] != b"Z":
            heard.append(self.hear())
        return heard

    def say(self, data: bytes) -> list[bytes]:
        self.socket.sendall(data)
        return self.until_ready()


@contextmanager
def conversation(
    server: servers.Server, code: int = 196608, more: bytes = b""
) -> Iterator[Conversation]:
    talk = Conversation(server, code, b"user\0postgres\0" + more + b"\0")
    try:
        yield talk
    finally:
        talk.stream.close()
        talk.socket.close()


def test_greeting(postgres_server: servers.Server) -> None:
    with conversation(postgres_server, 196610, b"_pq_.unknown\x001\0") as talk:
        greeting = talk.greeting
    assert encode.negotiate_protocol_version(["_pq_.unknown"]) in greeting
    assert encode.AUTHENTICATION_OK in greeting
    assert encode.parameter_status("server_encoding", "UTF8") in greeting
    (key,) = [message for message in greeting if message[:1] == b"K"]
    assert encode.backend_key_data(int.from_bytes(key[5:9], "big"), key[9:]) == key
    assert greeting[-1] == encode.READY_IDLE


def test_queries(postgres_server: servers.Server) -> None:
    with conversation(postgres_server) as talk:
        columns = encode.row_description([Column("n", 23, 4), Column("t", 25)])
        assert talk.say(framed(b"Q", b"SELECT 1 AS n, NULL::text AS t\0")) == [
            columns,
            encode.data_row([b"1", None]),
            encode.command_complete("SELECT 1"),
            encode.READY_IDLE,
        ]
        assert talk.say(framed(b"Q", b"\0")) == [encode.EMPTY_QUERY_RESPONSE, encode.READY_IDLE]
        assert talk.say(framed(b"Q", b"BEGIN\0")) == [
            encode.command_complete("BEGIN"),
            encode.READY_IN_TRANSACTION,
        ]
        assert talk.say(framed(b"Q", b"LISTEN c; NOTIFY c, 'p'; COMMIT\0"))[-1] in (
            encode.READY_IDLE
        )


def test_extended_queries(postgres_server: servers.Server) -> None:
    said = (
        framed(b"P", b"s\0SELECT n::int4 AS n FROM generate_series(1, $1) AS n\0\0\1\0\0\0\x17")
        + framed(b"D", b"Ss\0")
        + framed(b"B", b"\0s\0\0\1\0\1\0\1\0\0\0\4\0\0\0\2\0\1\0\1")
        + framed(b"D", b"P\0")
        + framed(b"E", b"\0\0\0\0\1")
        + framed(b"E", b"\0\0\0\0\0")
        + framed(b"C", b"Ss\0")
        + framed(b"P", b"\0BEGIN\0\0\0")
        + framed(b"D", b"S\0")
        + SYNC
    )
    with conversation(postgres_server) as talk:
        assert talk.say(said) == [
            encode.PARSE_COMPLETE,
            encode.parameter_description([23]),
            encode.row_description([Column("n", 23, 4)]),
            encode.BIND_COMPLETE,
            encode.row_description([Column("n", 23, 4, format=1)]),
            encode.data_row([b"\0\0\0\1"]),
            encode.PORTAL_SUSPENDED,
            encode.data_row([b"\0\0\0\2"]),
            encode.command_complete("SELECT 1"),
            encode.CLOSE_COMPLETE,
            encode.PARSE_COMPLETE,
            encode.parameter_description([]),
            encode.NO_DATA,
            encode.READY_IDLE,
        ]


def without_origin(response: bytes) -> bytes:
    """Leave out the file, line and routine of PostgreSQL's source."""
    fields = [field for field in response[5:].split(b"\0") if field[:1] not in (b"F", b"L", b"R")]
    return framed(response[:1], b"\0".join(fields))


def test_errors(postgres_server: servers.Server) -> None:
    with conversation(postgres_server) as talk:
        text = b"CREATE TEMP TABLE t (k int CONSTRAINT positive CHECK (k > 0)); SELECT nope\0"
        heard = talk.say(framed(b"Q", text))
        expected = Fields("ERROR", "42703", 'column "nope" does not exist', position=71)
        assert without_origin(heard[-2]) == encode.error_response(expected)
        talk.say(framed(b"Q", text.partition(b";")[0] + b"\0"))
        heard = talk.say(framed(b"Q", b"INSERT INTO t VALUES (0)\0"))
        (space,) = [part[1:] for part in heard[0].split(b"\0") if part[:1] == b"s"]
        expected = Fields(
            "ERROR",
            "23514",
            'new row for relation "t" violates check constraint "positive"',
            "Failing row contains (0).",
            namespace=space.decode(),
            container="t",
            constraint="positive",
        )
        assert without_origin(heard[0]) == encode.error_response(expected)


SKIPPING: list[bytes] = [
    framed(b"P", b"\0SELEC\0\0\0") + framed(b"D", b"S\0") + SYNC,
    framed(b"D", b"Snone\0") + framed(b"Q", b"SELECT 1\0") + framed(b"X"),
    framed(b"D", b"Snone\0") + framed(b"H") + framed(b"D", b"malformed") + SYNC,
    framed(b"Q", b"SELEC\0") + framed(b"Q", b"SELEC\0") + SYNC,
    framed(b"F", b"\0\0\0\1\0\0\0\0\0\0") + framed(b"Q", b"SELEC\0"),
    framed(b"D", b"Snone\0") + SYNC + framed(b"D", b"Snone\0") + SYNC,
    framed(b"d", b"1") + framed(b"c") + framed(b"f", b"x\0") + SYNC,
]


@pytest.mark.parametrize("data", SKIPPING)
def test_what_is_skipped(postgres_server: servers.Server, data: bytes) -> None:
    """Every message but Sync fails: the errors and ReadyForQuery must come in the same order."""
    with conversation(postgres_server) as talk:
        talk.socket.sendall(data + framed(b"X"))
        theirs = []
        while heard := talk.hear():
            theirs.append(heard[:1])

    machine = PostgresMachine()
    machine.feed(startup())
    machine.next_message()
    machine.welcome()
    machine.feed(data + framed(b"X"))
    ours = []
    while not isinstance(message := machine.next_message(), Terminate):
        if isinstance(message, Sync):
            ours.append(b"Z")
        else:
            ours += [b"E", b"Z"] if machine.fail() else [b"E"]
    assert ours == theirs


def test_copy(postgres_server: servers.Server) -> None:
    with conversation(postgres_server) as talk:
        talk.say(framed(b"Q", b"CREATE TEMP TABLE t (a int, b text)\0"))
        said = framed(b"d", b"1\tx\n2\t") + framed(b"H") + framed(b"d", b"\\N\n") + framed(b"c")
        assert talk.say(framed(b"Q", b"COPY t FROM STDIN\0") + said) == [
            encode.copy_in_response(0, [0, 0]),
            encode.command_complete("COPY 2"),
            encode.READY_IDLE,
        ]
        assert talk.say(framed(b"Q", b"COPY t TO STDOUT\0")) == [
            encode.copy_out_response(0, [0, 0]),
            encode.copy_data(b"1\tx\n"),
            encode.copy_data(b"2\t\\N\n"),
            encode.COPY_DONE,
            encode.command_complete("COPY 2"),
            encode.READY_IDLE,
        ]


@contextmanager
def recorder(server: servers.Server) -> Iterator[tuple[int, bytearray]]:
    """A port that leads to `server`, and what the one client that comes there says."""
    said = bytearray()

    def carry(source: socket.socket, target: socket.socket, record: bytearray | None) -> None:
        while data := source.recv(65536):
            if record is not None:
                record += data
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)

    def serve() -> None:
        client, _ = listener.accept()
        with client, socket.create_connection((server.host, server.port)) as upstream:
            back = threading.Thread(target=carry, args=(upstream, client, None))
            back.start()
            carry(client, upstream, said)
            back.join()

    with socket.create_server((servers.HOST, 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1], said
        thread.join(WAIT_SECONDS_MAX)
        assert not thread.is_alive()


def replayed(said: bytes, copies: bytes) -> list[Message]:
    """Feed a recording, byte by byte; a message that contains `copies` begins a COPY FROM."""
    machine = PostgresMachine()
    messages: list[Message] = []
    for at in range(len(said)):
        machine.feed(said[at : at + 1])
        while (message := machine.next_message()) is not None:
            messages.append(message)
            if isinstance(message, EncryptionRequest):
                machine.refuse_encryption()
            elif isinstance(message, Startup):
                machine.welcome()
            elif isinstance(message, Query) and copies in message.text:
                machine.begin_copy_in()
    assert isinstance(messages[-1], Terminate)
    return messages


def test_what_psycopg_says(postgres_server: servers.Server) -> None:
    with recorder(postgres_server) as (port, said):
        url = f"postgresql://postgres@{servers.HOST}:{port}/postgres?sslmode=disable"
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TEMP TABLE t (a int, b text)")
            cursor = connection.cursor()
            with cursor.copy("COPY t FROM STDIN") as copy:
                copy.write_row((1, "x"))
            connection.execute("SELECT * FROM t WHERE a = %s AND b = %s", (1, None), prepare=True)
    messages = replayed(bytes(said), b"FROM STDIN")
    assert isinstance(messages[0], Startup)
    assert messages[0].parameters["user"] == "postgres"
    assert [m for m in messages if isinstance(m, CopyData | CopyDone)] == [
        CopyData(b"1\tx\n"),
        CopyDone(),
    ]
    (parse,) = [message for message in messages if isinstance(message, Parse)]
    assert parse.text == b"SELECT * FROM t WHERE a = $1 AND b = $2"
    (bind,) = [message for message in messages if isinstance(message, Bind)]
    assert (bind.statement, bind.parameters) == (parse.statement, [struct.pack("!h", 1), None])


def test_what_psql_says(postgres_server: servers.Server) -> None:
    try:
        psql = servers.find_program("psql")
    except servers.Absent as absence:
        pytest.skip(str(absence))
    with recorder(postgres_server) as (port, said):
        url = f"postgresql://postgres@{servers.HOST}:{port}/postgres"
        script = (
            "CREATE TEMP TABLE t (a int);\n\\copy t FROM STDIN\n1\n2\n\\.\nSELECT count(*) FROM t;"
        )
        done = subprocess.run(
            [str(psql), "-X", "-A", "-t", "-q", url], input=script, capture_output=True, text=True
        )
    assert (done.stdout, done.stderr) == ("2\n", "")
    messages = replayed(bytes(said), b"FROM STDIN")
    assert EncryptionRequest("tls") in messages
    assert [type(message) for message in messages[-6:]] == [
        Query,
        Query,
        CopyData,
        CopyDone,
        Query,
        Terminate,
    ]
