"""Clients that wait for keys: who is served, when, and what ends a wait."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest
import redis

import fivefold
from fivefold.api.serving import Serving
from tests import servers
from tests.serve.beside import converse, frame
from tests.serve.conftest import Dial

SCRIPTS = {
    "first come first served": """
        a~: BLPOP k 0
        b~: BRPOP other k 0
        c~: BLPOP k 0
        d: RPUSH k 1 2
        d: LLEN k
        d: RPUSH other x
        d: RPUSH k 3
        d: EXISTS k other
    """,
    "moves fill what others wait for": """
        a~: BLMOVE one two LEFT RIGHT 0
        b~: BLMOVE two three LEFT RIGHT 0
        c~: BRPOPLPUSH three four 0
        d: RPUSH one x
        d: LRANGE four 0 -1
        d: EXISTS one two three
    """,
    "multi": """
        a~: BLPOP k 0
        b: MULTI
        b: BLPOP k 0
        b: RPUSH k 1
        b: LPOP k
        b: BLMPOP 1 1 k LEFT
        b: BRPOPLPUSH k z 0
        b: BLMOVE k z LEFT LEFT 0
        b: EXEC
        b: MULTI
        b: RPUSH k 2
        b: RPUSH k 3
        b: EXEC
        b: LRANGE k 0 -1
    """,
    "kinds": """
        a~: BLPOP k 0
        b: SET k 1
        b: DEL k
        b: SADD k x
        b: GET k
        b: DEL k
        b: RPUSH k now
        c: SET s 1
        c: BLPOP s 0
        c: BLPOP none s 0
        d~: BLPOP list 0
        e~: BLMOVE from s LEFT LEFT 0
        c: RPUSH from x
        c: LRANGE from 0 -1
        c: RENAME from list
        c: EXISTS list
    """,
    "timeouts": """
        a: BLPOP k x
        a: BLPOP k -1
        a: BLPOP k nan
        a: BLPOP k inf
        a: BLPOP k 1e400
        a: BLPOP k 9223372036854775807
        a: BLPOP k 0.001
        a: BRPOP k j 0.01
        a: BRPOPLPUSH k j 0.01
        a: BLMOVE k j LEFT LEFT 0.01
        a: BLMPOP 0.01 2 k j LEFT
        a: HELLO 3
        a: BLPOP k 0.001
        a: BRPOPLPUSH k j 0.01
        a: BLMPOP 0.01 2 k j LEFT
        a: WAIT 0 0
        a: WAIT x 0
        a: WAIT -1 0
        a: WAIT 1 x
        a: WAIT 1 -1
        a: WAIT 1 10
        a: MULTI
        a: WAIT 1 0
        a: EXEC
        a: ROLE
    """,
    "kept input": """
        a~: BLPOP k 0
        a~: PING
        a~: SET after 1
        b: GET after
        b: RPUSH k 1
        b: GET after
        c: CLIENT UNBLOCK 99999
        c: CLIENT UNBLOCK x
        c: CLIENT UNBLOCK 1 foo
        c: CLIENT UNBLOCK 1 TIMEOUT x
        c: CLIENT UNBLOCK
    """,
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_beside_redis(name: str, server: Serving, redis_server: servers.Server) -> None:
    masks = ((rb"(HELLO 3|%7\r\n.*?\*0\r\n)", b""), (rb"(?s)%7\r\n.*?modules\r\n\*0\r\n", b""))
    converse(redis_server.port, server.ports["redis"], SCRIPTS[name], masks)


class Line:
    """A client whose commands are sent and whose answers are read apart."""

    def __init__(self, server: Serving) -> None:
        self.socket = socket.create_connection(("127.0.0.1", server.ports["redis"]), 10)

    def send(self, text: str) -> None:
        self.socket.sendall(frame(text))

    def read(self, count: int) -> bytes:
        heard = b""
        while len(heard) < count:
            piece = self.socket.recv(count - len(heard))
            assert piece, heard
            heard += piece
        return heard

    def ask(self, text: str, answer: bytes) -> None:
        self.send(text)
        assert self.read(len(answer)) == answer


def blocked(dial: Dial, count: int) -> None:
    """Return when so many clients wait."""
    client = dial()
    while client.info("clients")["blocked_clients"] != count:
        pass


def identity(line: Line) -> int:
    line.send("CLIENT ID")
    digits = b""
    while not digits.endswith(b"\r\n"):
        digits += line.read(1)
    return int(digits[1:])


def test_client_unblock(server: Serving, dial: Dial) -> None:
    line, client = Line(server), dial()
    number = identity(line)
    assert client.client_unblock(number) == 0
    line.send("BLPOP k 0")
    blocked(dial, 1)
    assert client.client_unblock(number) == 1
    assert line.read(5) == b"*-1\r\n"
    line.send("BLPOP k 0")
    blocked(dial, 1)
    assert client.client_unblock(number, error=True) == 1
    refusal = b"-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n"
    assert line.read(len(refusal)) == refusal
    line.ask("PING", b"+PONG\r\n")
    line.socket.close()


def test_who_leaves_takes_nothing(server: Serving, dial: Dial) -> None:
    first, second, client = Line(server), Line(server), dial()
    first.send("BLPOP k 0")
    blocked(dial, 1)
    second.send("BLPOP k 0")
    blocked(dial, 2)
    first.socket.close()
    blocked(dial, 1)
    client.rpush("k", "1")
    assert second.read(len(b"*2\r\n$1\r\nk\r\n$1\r\n1\r\n")) == b"*2\r\n$1\r\nk\r\n$1\r\n1\r\n"
    second.socket.close()


def test_embedded_writes_end_a_wait(server: Serving, dial: Dial) -> None:
    waiting = [Line(server) for _ in range(2)]
    for number, line in enumerate(waiting):
        line.send("BLPOP k 0")
        blocked(dial, number + 1)
    server.database.redis.execute_command("RPUSH", "k", "1")
    assert waiting[0].read(18) == b"*2\r\n$1\r\nk\r\n$1\r\n1\r\n"
    with server.database.transaction() as tx:
        tx.redis.execute_command("RPUSH", "k", "2")
        assert dial().info("clients")["blocked_clients"] == 1
    assert waiting[1].read(18) == b"*2\r\n$1\r\nk\r\n$1\r\n2\r\n"
    for line in waiting:
        line.socket.close()


def test_another_process_ends_a_wait(tmp_path: Path) -> None:
    file = tmp_path / "shop.db"
    program = (
        "import sys, fivefold; fivefold.open(sys.argv[1]).redis.execute_command(*sys.argv[2:])"
    )
    with fivefold.serving(file, only=["redis"], durability="off") as serving:
        line = Line(serving)
        line.send("BLPOP k 0")
        with redis.Redis(port=serving.ports["redis"]) as client:
            while client.info("clients")["blocked_clients"] != 1:
                pass
        subprocess.run([sys.executable, "-c", program, str(file), "RPUSH", "k", "x"], check=True)
        assert line.read(18) == b"*2\r\n$1\r\nk\r\n$1\r\nx\r\n"
        line.socket.close()


def test_while_another_session_writes(server: Serving, dial: Dial) -> None:
    line, client = Line(server), dial()
    client.rpush("made", "tables")
    line.send("BLPOP k 0")
    blocked(dial, 1)
    pusher = threading.Thread(target=client.rpush, args=("k", "1"))
    with server.database.transaction() as tx:
        tx.redis.set("a", "b")
        pusher.start()
        line.socket.setblocking(False)
        with pytest.raises(BlockingIOError):
            line.socket.recv(1)
        line.socket.setblocking(True)
    assert line.read(18) == b"*2\r\n$1\r\nk\r\n$1\r\n1\r\n"
    pusher.join()
    line.socket.close()


def test_many_workers_take_each_item_once(server: Serving, dial: Dial) -> None:
    taken: list[bytes] = []

    def work() -> None:
        client = dial(socket_timeout=60)
        while True:
            # A store with several writers may ask to try again.
            with suppress(redis.exceptions.TryAgainError):
                item = client.blpop(["jobs"], timeout=10)
                if item is None or item[1] == b"stop":
                    return
                taken.append(item[1])

    workers = [threading.Thread(target=work) for _ in range(5)]
    for worker in workers:
        worker.start()
    client = dial()
    for item in [*range(300), *["stop"] * 5]:
        while True:
            with suppress(redis.exceptions.TryAgainError):
                client.rpush("jobs", item)
                break
    for worker in workers:
        worker.join()
    assert sorted(map(int, taken)) == list(range(300))
    assert client.llen("jobs") == 0


def test_the_server_stops_while_clients_wait(tmp_path: Path) -> None:
    with fivefold.serving(tmp_path / "shop.db", only=["redis"], durability="off") as serving:
        line = Line(serving)
        line.send("BLPOP k 0")
        with redis.Redis(port=serving.ports["redis"]) as client:
            while client.info("clients")["blocked_clients"] != 1:
                pass
    assert line.socket.recv(1) == b""
    line.socket.close()
