"""cqlsh: DESCRIBE, COPY, SOURCE, TRACING, paging, typed into the shell against a server.

The shell is the one from PyPI, installed once into an environment of its own (see venvs.py); or the
one that FIVEFOLD_CQLSH names. With FIVEFOLD_CASSANDRA_JUDGE=host:port the same is typed into it
against a real Cassandra.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import fivefold
from fivefold.api.serving import Serving
from tests.conftest import empty_store
from tests.doors import venvs

SECONDS_MAX = 120.0

REQUIREMENTS = ("cqlsh==6.2.2", "cassandra-driver==3.30.0")

SCHEMA = """
CREATE KEYSPACE shop WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1};
CREATE TYPE shop.address (street text, number int);
CREATE TABLE shop.orders (
    customer text, at timestamp, id timeuuid, total decimal static, lines list<text>,
    place frozen<address>, tags set<text>, PRIMARY KEY (customer, at)
) WITH CLUSTERING ORDER BY (at DESC) AND comment = 'what was bought';
CREATE INDEX orders_by_id ON shop.orders (id);
"""


@pytest.fixture(scope="module")
def shell() -> str:
    return os.environ.get("FIVEFOLD_CQLSH") or str(venvs.program("cqlsh", *REQUIREMENTS))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    path = tmp_path_factory.mktemp("cqlsh") / "shop.db"
    with (
        empty_store(str(path)) as url,
        fivefold.serving(url, only=["cassandra"], durability="off") as serving,
    ):
        yield serving


class Shell:
    """The shell, run for some input each time."""

    def __init__(self, program: str, port: int, home: Path) -> None:
        self.home = home
        self._command = [program, "127.0.0.1", str(port), "--no-color"]

    def run(self, text: str, *options: str, wrong: bool = False) -> str:
        """What it prints when these lines come; they may be ``wrong``."""
        own = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "TZ": "UTC",
            "LC_ALL": "C.UTF-8",
            "CQL_HISTORY": str(self.home / "history"),
        }
        ran = subprocess.run(
            [*self._command, *options],
            input=text,
            env=own,
            cwd=self.home,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=SECONDS_MAX,
            check=False,
        )
        assert (ran.returncode != 0) == wrong, ran.stdout + ran.stderr
        said = ran.stdout + ran.stderr
        return "".join(
            line for line in said.splitlines(True) if not line.startswith("WARNING: cqlsh")
        )


@pytest.fixture
def cqlsh(shell: str, server: Serving, tmp_path: Path) -> Iterator[Shell]:
    made = Shell(shell, server.ports["cassandra"], tmp_path)
    made.run(SCHEMA)
    yield made
    made.run("DROP KEYSPACE shop;")


def test_describe(cqlsh: Shell) -> None:
    assert "shop" in cqlsh.run("DESCRIBE KEYSPACES;")
    assert cqlsh.run("USE shop; DESCRIBE TABLES;").split() == ["orders"]
    said = cqlsh.run("DESCRIBE KEYSPACE shop;")
    for part in (
        "CREATE KEYSPACE shop WITH replication = {'class': 'SimpleStrategy',"
        " 'replication_factor': '1'}  AND durable_writes = true;",
        "CREATE TYPE shop.address (\n    street text,\n    number int\n);",
        "CREATE TABLE shop.orders (\n    customer text,\n    at timestamp,\n"
        "    total decimal static,\n    id timeuuid,\n    place frozen<address>,\n"
        "    lines list<text>,\n    tags set<text>,\n",
        "    PRIMARY KEY (customer, at)\n) WITH CLUSTERING ORDER BY (at DESC)",
        "AND comment = 'what was bought'",
        "CREATE INDEX orders_by_id ON shop.orders (id);",
    ):
        assert part in said, said
    assert "CREATE TABLE" in cqlsh.run("DESCRIBE TABLE shop.orders;")
    assert "Cluster: " in cqlsh.run("DESCRIBE CLUSTER;")
    # What it says makes the same keyspace again.
    cqlsh.run("DROP KEYSPACE shop;\n" + said)
    assert cqlsh.run("DESCRIBE KEYSPACE shop;") == said


def test_everyday(cqlsh: Shell) -> None:
    out = cqlsh.run(
        "INSERT INTO shop.orders (customer, at, id, lines, place, tags) VALUES"
        " ('ann', '2024-02-29 12:00:00+0000', 50554d6e-29bb-11e5-b345-feff819cdc9f,"
        " ['a', 'b'], {street: 'High', number: 3}, {'x', 'y'});\n"
        "UPDATE shop.orders SET total = 1.50 WHERE customer = 'ann';\n"
        "SELECT customer, at, total, lines, place, tags FROM shop.orders;\n"
        "SELECT JSON customer, tags FROM shop.orders WHERE tags CONTAINS 'x' ALLOW FILTERING;\n"
        "SELECT count(*) FROM shop.orders;\n"
    )
    assert "ann | 2024-02-29 12:00:00.000000+0000 |  1.50 | ['a', 'b'] |" in out
    assert "{street: 'High', number: 3} | {'x', 'y'}" in out
    assert '{"customer": "ann", "tags": ["x", "y"]}' in out
    assert "(1 rows)" in out


def test_errors(cqlsh: Shell) -> None:
    assert "SyntaxException" in cqlsh.run("SELEC 1;", wrong=True)
    assert "InvalidRequest" in cqlsh.run("SELECT * FROM shop.nowhere;", wrong=True)
    assert "AlreadyExists" in cqlsh.run(SCHEMA, wrong=True)


def test_copy(cqlsh: Shell) -> None:
    columns = "customer, at, lines, place, tags"
    rows = "".join(
        f"INSERT INTO shop.orders ({columns}) VALUES ('c{n % 7}', {n * 1000}, ['é {n}', ','],"
        f" {{street: 's \"{n}\"', number: {n}}}, {{'t{n}'}});\n"
        for n in range(50)
    )
    cqlsh.run(rows)
    before = cqlsh.run(f"SELECT {columns} FROM shop.orders;")
    to = cqlsh.run(f"COPY shop.orders ({columns}) TO 'orders.csv' WITH HEADER = true;")
    assert "50 rows exported to 1 files" in to
    assert len((cqlsh.home / "orders.csv").read_text(encoding="utf-8").splitlines()) == 51
    cqlsh.run("TRUNCATE shop.orders;")
    back = cqlsh.run(f"COPY shop.orders ({columns}) FROM 'orders.csv' WITH HEADER = true;")
    assert "50 rows imported from 1 files" in back
    assert cqlsh.run(f"SELECT {columns} FROM shop.orders;") == before


def test_source_and_paging(cqlsh: Shell) -> None:
    text = "".join(
        f"INSERT INTO shop.orders (customer, at) VALUES ('bob', {n});\n" for n in range(25)
    )
    (cqlsh.home / "some.cql").write_text(text)
    out = cqlsh.run("SOURCE 'some.cql'\nPAGING 10;\nSELECT at FROM shop.orders;")
    assert out.count("1970-01-01") == 25
    assert "(25 rows)" in out
    typed = cqlsh.run("PAGING 10;\nSELECT at FROM shop.orders;", "--tty")
    assert typed.count("1970-01-01") == 10
    assert "---MORE---" in typed


def test_tracing(cqlsh: Shell) -> None:
    out = cqlsh.run("TRACING ON;\nSELECT * FROM shop.orders;\nTRACING OFF;")
    assert "Tracing session: " in out
    assert "Execute CQL3 query" in out
    assert "Request complete" in out


def test_one_statement_and_consistency(cqlsh: Shell) -> None:
    assert "5.0.5" in cqlsh.run("", "-e", "SELECT release_version FROM system.local")
    out = cqlsh.run("CONSISTENCY QUORUM;\nSELECT * FROM shop.orders;\nSHOW VERSION;")
    assert "Consistency level set to QUORUM." in out
    assert "Cassandra 5.0.5 | CQL spec 3.4.7 | Native protocol v5" in out
