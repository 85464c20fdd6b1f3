"""What a server makes ready behind its first clients' backs."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest

import fivefold
from fivefold.serve import warming
from fivefold.serve.connection import ClientConnection
from fivefold.serve.server import PROTOCOLS, Server


def test_every_statement_of_the_warming_works() -> None:
    with fivefold.open(":memory:") as db:
        for text in warming.STATEMENTS:
            db.sql(text)


def test_it_makes_what_statements_need() -> None:
    code = (
        "import sys; from fivefold.serve import warming; warming.begin(['postgres']).join();"
        " before = set(sys.modules); import fivefold; db = fivefold.open(':memory:');"
        " db.sql('CREATE TABLE a (id int PRIMARY KEY, b text)'); db.sql('SELECT b FROM a');"
        " print(sorted(m for m in set(sys.modules) - before if '.languages.' in m))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(("imported", "warmed"), [("pymongo", True), ("json", False)])
def test_a_program_with_a_client_of_its_own_has_it_served_soon(imported: str, warmed: bool) -> None:
    code = (
        f"import sys, threading, {imported}; from fivefold.serve import warming;"
        " import fivefold; server = fivefold.serving(':memory:').start();"
        " [t.join() for t in threading.enumerate() if t.name == 'fivefold-warming'];"
        " print('fivefold.serve.mongodb' in sys.modules); server.stop()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == f"{warmed}\n"


@pytest.mark.parametrize("error", [ImportError("none"), SystemError("recursion depth mismatch")])
def test_an_import_that_fails_is_left_to_the_first_client(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []

    def failing(name: str) -> None:
        tried.append(name)
        raise error

    monkeypatch.setattr(warming, "import_module", failing)
    # An exception that leaves a thread fails the test.
    warming.begin(["mongodb", "neo4j"]).join()
    assert sorted(tried) == ["fivefold.serve.mongodb", "fivefold.serve.neo4j"]


def test_a_connection_that_cannot_be_made_is_closed(caplog: pytest.LogCaptureFixture) -> None:
    def broken(server: Server) -> ClientConnection:
        raise ImportError("no module of that name")

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(PROTOCOLS, "mongodb", broken)
        with fivefold.serving(":memory:", only=["mongodb"]) as server:
            address = ("127.0.0.1", server.ports["mongodb"])
            with socket.create_connection(address, 10) as client:
                assert client.recv(1) == b""
    assert "no module of that name" in caplog.text
