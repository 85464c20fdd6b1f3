"""cqlsh: DESCRIBE, COPY, SOURCE, TRACING, paging, typed into the shell against a server.

The shell is the one from PyPI, installed once into an environment of its own (see venvs.py); or the
one that FIVEFOLD_CQLSH names. With FIVEFOLD_CASSANDRA_JUDGE=host:port the same is typed into it
for a real Cassandra.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import fivefold
from tests.conftest import empty_store
from tests.doors import venvs
from tests.doors.cassandra import JUDGE, judge

SECONDS_MAX = 120.0

REQUIREMENTS = ("cqlsh==6.2.2", "cassandra-driver==3.30.0")

SCHEMA = """
CREATE KEYSPACE cdoors_shop WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1};
CREATE TYPE cdoors_shop.address (street text, number int);
CREATE TABLE cdoors_shop.orders (
    customer text, at timestamp, id timeuuid, total decimal static, lines list<text>,
    place frozen<address>, tags set<text>, PRIMARY KEY (customer, at)
) WITH CLUSTERING ORDER BY (at DESC) AND comment = 'what was bought';
CREATE INDEX orders_by_id ON cdoors_shop.orders (id);
"""


@pytest.fixture(scope="module")
def shell() -> str:
    return os.environ.get("FIVEFOLD_CQLSH") or str(venvs.program("cqlsh", *REQUIREMENTS))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    if JUDGE is not None:
        yield judge()
        return
    path = tmp_path_factory.mktemp("cqlsh") / "shop.db"
    with (
        empty_store(str(path)) as url,
        fivefold.serving(url, only=["cassandra"], durability="off") as serving,
    ):
        yield "127.0.0.1", serving.ports["cassandra"]


class Shell:
    """The shell, run for some input each time."""

    def __init__(self, program: str, place: tuple[str, int], home: Path) -> None:
        self.home = home
        self._command = [program, *map(str, place), "--no-color"]

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
def cqlsh(shell: str, place: tuple[str, int], tmp_path: Path) -> Iterator[Shell]:
    made = Shell(shell, place, tmp_path)
    made.run("DROP KEYSPACE IF EXISTS cdoors_shop;")
    made.run(SCHEMA)
    yield made
    made.run("DROP KEYSPACE cdoors_shop;")


def test_describe(cqlsh: Shell) -> None:
    assert "cdoors_shop" in cqlsh.run("DESCRIBE KEYSPACES;")
    assert cqlsh.run("USE cdoors_shop; DESCRIBE TABLES;").split() == ["orders"]
    said = cqlsh.run("DESCRIBE KEYSPACE cdoors_shop;")
    for part in (
        "CREATE KEYSPACE cdoors_shop WITH replication = {'class': 'SimpleStrategy',"
        " 'replication_factor': '1'}  AND durable_writes = true;",
        "CREATE TYPE cdoors_shop.address (\n    street text,\n    number int\n);",
        "CREATE TABLE cdoors_shop.orders (\n    customer text,\n    at timestamp,\n"
        "    total decimal static,\n    id timeuuid,\n    place frozen<address>,\n"
        "    lines list<text>,\n    tags set<text>,\n",
        "    PRIMARY KEY (customer, at)\n) WITH CLUSTERING ORDER BY (at DESC)",
        "AND comment = 'what was bought'",
        "CREATE INDEX orders_by_id ON cdoors_shop.orders (id);",
    ):
        assert part in said, said
    assert "CREATE TABLE" in cqlsh.run("DESCRIBE TABLE cdoors_shop.orders;")
    assert "Cluster: " in cqlsh.run("DESCRIBE CLUSTER;")
    # What it says makes the same keyspace again.
    cqlsh.run("DROP KEYSPACE cdoors_shop;\n" + said)
    assert cqlsh.run("DESCRIBE KEYSPACE cdoors_shop;") == said


def test_everyday(cqlsh: Shell) -> None:
    out = cqlsh.run(
        "INSERT INTO cdoors_shop.orders (customer, at, id, lines, place, tags) VALUES"
        " ('ann', '2024-02-29 12:00:00+0000', 50554d6e-29bb-11e5-b345-feff819cdc9f,"
        " ['a', 'b'], {street: 'High', number: 3}, {'x', 'y'});\n"
        "UPDATE cdoors_shop.orders SET total = 1.50 WHERE customer = 'ann';\n"
        "SELECT customer, at, total, lines, place, tags FROM cdoors_shop.orders;\n"
        "SELECT JSON customer, tags FROM cdoors_shop.orders WHERE tags CONTAINS 'x'"
        " ALLOW FILTERING;\n"
        "SELECT count(*) FROM cdoors_shop.orders;\n"
    )
    assert "ann | 2024-02-29 12:00:00.000000+0000 |  1.50 | ['a', 'b'] |" in out
    assert "{street: 'High', number: 3} | {'x', 'y'}" in out
    assert '{"customer": "ann", "tags": ["x", "y"]}' in out
    assert "(1 rows)" in out


def test_errors(cqlsh: Shell) -> None:
    assert "SyntaxException" in cqlsh.run("SELEC 1;", wrong=True)
    assert "InvalidRequest" in cqlsh.run("SELECT * FROM cdoors_shop.nowhere;", wrong=True)
    assert "AlreadyExists" in cqlsh.run(SCHEMA, wrong=True)


def test_copy(cqlsh: Shell) -> None:
    columns = "customer, at, lines, place, tags"
    rows = "".join(
        f"INSERT INTO cdoors_shop.orders ({columns}) VALUES ('c{n % 7}', {n * 1000},"
        f" ['é {n}', ','], {{street: 's \"{n}\"', number: {n}}}, {{'t{n}'}});\n"
        for n in range(50)
    )
    cqlsh.run(rows)
    before = cqlsh.run(f"SELECT {columns} FROM cdoors_shop.orders;")
    to = cqlsh.run(f"COPY cdoors_shop.orders ({columns}) TO 'orders.csv' WITH HEADER = true;")
    assert "50 rows exported to 1 files" in to
    assert len((cqlsh.home / "orders.csv").read_text(encoding="utf-8").splitlines()) == 51
    cqlsh.run("TRUNCATE cdoors_shop.orders;")
    back = cqlsh.run(f"COPY cdoors_shop.orders ({columns}) FROM 'orders.csv' WITH HEADER = true;")
    assert "50 rows imported from 1 files" in back
    assert cqlsh.run(f"SELECT {columns} FROM cdoors_shop.orders;") == before


def test_source_and_paging(cqlsh: Shell) -> None:
    text = "".join(
        f"INSERT INTO cdoors_shop.orders (customer, at) VALUES ('bob', {n});\n" for n in range(25)
    )
    (cqlsh.home / "some.cql").write_text(text)
    out = cqlsh.run("SOURCE 'some.cql'\nPAGING 10;\nSELECT at FROM cdoors_shop.orders;")
    assert out.count("1970-01-01") == 25
    assert "(25 rows)" in out
    typed = cqlsh.run("PAGING 10;\nSELECT at FROM cdoors_shop.orders;", "--tty")
    assert typed.count("1970-01-01") == 10
    assert "---MORE---" in typed


def test_tracing(cqlsh: Shell) -> None:
    out = cqlsh.run("TRACING ON;\nSELECT * FROM cdoors_shop.orders;\nTRACING OFF;")
    assert "Tracing session: " in out
    assert "Execute CQL3 query" in out
    assert "Request complete" in out


def test_one_statement_and_consistency(cqlsh: Shell) -> None:
    assert "5.0.5" in cqlsh.run("", "-e", "SELECT release_version FROM system.local")
    out = cqlsh.run("CONSISTENCY QUORUM;\nSELECT * FROM cdoors_shop.orders;\nSHOW VERSION;")
    assert "Consistency level set to QUORUM." in out
    assert "Cassandra 5.0.5 | CQL spec 3.4.7 | Native protocol v5" in out


def test_describe_what_is_not_there(cqlsh: Shell) -> None:
    out = cqlsh.run(
        "DESCRIBE TABLE t;\nUSE cdoors_shop;\nDESCRIBE TABLE t;\nDESCRIBE TYPE t;\nDESC INDEX t;\n"
        "DESCRIBE MATERIALIZED VIEW t;\nDESCRIBE t;\nDESCRIBE FUNCTION t;\nDESC AGGREGATE t;\n"
        "DESCRIBE KEYSPACE t;\n",
        wrong=True,
    )
    assert [line.split(":", 2)[2] for line in out.splitlines()] == [
        "No keyspace specified and no current keyspace",
        "Table 't' not found in keyspace 'cdoors_shop'",
        "User defined type 't' not found in 'cdoors_shop'",
        "Table for existing index 't' not found in 'cdoors_shop'",
        "Materialized view 't' not found in 'cdoors_shop'",
        "'t' not found in keyspace 'cdoors_shop'",
        "User defined function 't' not found in 'cdoors_shop'",
        "User defined aggregate 't' not found in 'cdoors_shop'",
        "'t' not found in keyspaces",
    ]


def test_describe_the_system(cqlsh: Shell) -> None:
    keyspaces = cqlsh.run("DESCRIBE KEYSPACES;").split()
    assert {"system", "system_auth", "system_schema", "system_views"} < {*keyspaces}
    assert "CREATE TABLE system.local (\n    key text PRIMARY KEY," in cqlsh.run(
        "DESC system.local;"
    )
    said = cqlsh.run("DESCRIBE KEYSPACE system_virtual_schema;")
    assert said.startswith(
        "\n/*\nWarning: Keyspace system_virtual_schema is a virtual keyspace and cannot be"
        " recreated with CQL.\nStructure, for reference:\n"
        "VIRTUAL KEYSPACE system_virtual_schema;\n*/\n"
    )
    assert "VIRTUAL TABLE system_virtual_schema.tables (\n    keyspace_name text,\n" in said


EVERYTHING = r"""
USE cdoors_shop;
CREATE TABLE v (p int, c text, bl blob, bo boolean, d date, de decimal, do double, du duration,
    i inet, ti time, ts timestamp, tu timeuuid, ty tinyint, vi varint, st text static,
    l list<text>, m map<text, double>, ad address, pair tuple<int, text>,
    nn map<int, frozen<map<text, frozen<set<int>>>>>, PRIMARY KEY (p, c));
INSERT INTO v (p, c, bl, bo, d, de, do, du, i, ti, ts, tu, ty, vi, st, l, m, ad, pair, nn) VALUES
    (1, 'x', 0xff, true, '2024-02-29', 1.50, 1e300, 1mo2d3ns, '::1', '12:00:00.5',
    '2024-01-01 00:00:00.123+0000', 50554d6e-29bb-11e5-b345-feff819cdc9f, 2, 3, 'static',
    ['a', 'it''s'], {'k': 1.5}, {street: 'High ''St''', number: 3}, (1, 't'), {1: {'a': {1, 2}}});
INSERT INTO v (p, c, do) VALUES (1, 'y z', NaN);
"""

ROW = """
 p    | 1
 c    | x
 st   | static
 ad   | {street: 'High ''St''', number: 3}
 bl   | 0xff
 bo   | True
 d    | 2024-02-29
 de   | 1.50
 do   | 1e+300
 du   | 1mo2d3ns
 i    | ::1
 l    | ['a', 'it''s']
 m    | {'k': 1.5}
 nn   | {1: {'a': {1, 2}}}
 pair | (1, 't')
 ti   | 12:00:00.500000000
 ts   | 2024-01-01 00:00:00.123000+0000
 tu   | 50554d6e-29bb-11e5-b345-feff819cdc9f
 ty   | 2
 vi   | 3
"""


def test_how_values_are_shown_and_copied(cqlsh: Shell) -> None:
    out = cqlsh.run(EVERYTHING + "EXPAND ON;\nSELECT * FROM v WHERE p = 1 AND c = 'x';")
    shown = [line.strip() for line in out.splitlines() if " | " in line]
    assert shown == [line.strip() for line in ROW.strip().splitlines()]
    # All but durations, which cqlsh does not read.
    names = "p, c, bl, bo, d, de, do, i, ti, ts, tu, ty, vi, st, l, m, ad, pair, nn"
    every = f"SELECT {names} FROM cdoors_shop.v;"
    before = cqlsh.run(every)
    for options in ("DELIMITER = '|' AND NULL = '<none>'", "HEADER = true"):
        to = cqlsh.run(f"COPY cdoors_shop.v ({names}) TO 'v.csv' WITH {options} AND PAGESIZE = 1;")
        assert "2 rows exported to 1 files" in to
        cqlsh.run("TRUNCATE cdoors_shop.v;")
        back = cqlsh.run(
            f"COPY cdoors_shop.v ({names}) FROM 'v.csv' WITH {options} AND CHUNKSIZE = 1;"
        )
        assert "2 rows imported from 1 files" in back
        assert "Failed" not in back
        assert cqlsh.run(every) == before


def test_conditions_batches_and_counters(cqlsh: Shell) -> None:
    out = cqlsh.run(
        "USE cdoors_shop;\nCREATE TABLE n (p int PRIMARY KEY, n counter);\n"
        "BEGIN COUNTER BATCH\nUPDATE n SET n = n + 5 WHERE p = 1;\n"
        "UPDATE n SET n = n - 7 WHERE p = 1;\nAPPLY BATCH;\nSELECT * FROM n;\n"
        "INSERT INTO orders (customer, at) VALUES ('ann', 0) IF NOT EXISTS;\n"
        "UPDATE orders SET lines = ['a'] WHERE customer = 'ann' AND at = 0 IF lines = ['b'];\n"
    )
    assert " p | n\n---+----\n 1 | -2\n" in out
    assert " [applied]\n-----------\n      True\n" in out
    assert " [applied] | lines\n-----------+-------\n     False |  null\n" in out
