"""``fivefold cql``: statements, scripts, the shell's commands, rows, completion, errors."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

import fivefold
from fivefold.api.cql.client import Client
from fivefold.cli.cql.complete import CqlCompleter
from fivefold.cli.cql.session import COMMANDS, Session
from fivefold.cli.cql.shell import Shell, is_complete
from fivefold.cli.cql.statements import split
from fivefold.cli.line import Line
from tests.cli.program import run

KEYSPACE = (
    "CREATE KEYSPACE shop WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}"
)
TABLE = "CREATE TABLE shop.events (day text, at int, what text, PRIMARY KEY (day, at))"
SCHEMA = f"{KEYSPACE}; {TABLE}; "


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    with fivefold.open(tmp_path / "shop.db") as database:
        database.cql(KEYSPACE)
        database.cql(TABLE)
        client = Client(database)
        with Line(database, lambda: client.interrupt) as line:
            yield Shell(Session(line, client))
            line.call(client.close)


def typed(shell: Shell, text: str) -> bool:
    """Run what is typed, a statement after the other; say whether all went well."""
    statements, last = split(text)
    assert last is None
    return all(map(shell.session.attempt, statements))


def test_one_statement(tmp_path: Path) -> None:
    insert = "INSERT INTO shop.events (day, at, what) VALUES ('mon', 7, 'a;b')"
    ran = run(tmp_path, "cql", "shop.db", f"{SCHEMA}{insert}; SELECT * FROM shop.events")
    assert (ran.status, ran.errors) == (0, "")
    assert ran.output.splitlines() == [
        "",
        " day | at | what",
        "-----+----+------",
        " mon |  7 |  a;b",
        "",
        "(1 rows)",
    ]


def test_a_script_stops_at_the_first_error(tmp_path: Path) -> None:
    script = (
        f"{SCHEMA}\n-- a comment; with a semicolon\nUSE shop;\n\nSELECT nope\n FROM events;\nX;\n"
    )
    ran = run(tmp_path, "cql", "shop.db", given=script)
    assert (ran.status, ran.output) == (1, "")
    assert ran.errors.splitlines() == [
        "ERROR: Undefined column name nope in table shop.events",
        "line 5 of the input; what follows was not run",
    ]


def test_a_syntax_error_shows_where(tmp_path: Path) -> None:
    ran = run(tmp_path, "cql", "shop.db", "SELECT *\nFORM t")
    assert ran.status == 1
    assert ran.errors.startswith("ERROR: line 2:0 mismatched input 'FORM' expecting K_FROM")


# As cqlsh 6.2.2 shows the same of a Cassandra 5.0.5, but for timestamps and booleans.
VALUES = """
CREATE TYPE addr (street text, n int);
CREATE TABLE v (p int PRIMARY KEY, bl blob, bo boolean, d date, de decimal, du duration, f float,
    i inet, ti time, ts timestamp, l list<text>, s set<int>, m map<text, double>, ad addr,
    tu tuple<int, text>, te text);
INSERT INTO v (p, bl, bo, d, de, du, f, i, ti, ts, l, s, m, ad, tu, te) VALUES (1, 0xff, true,
    '2024-02-29', 1.50, 1mo2d3ns, 0.1, '127.0.0.1', '12:00:00.5', '2024-01-01 00:00:00.123+0000',
    ['a', 'it''s'], {3, 1}, {'k': 1.5}, {street: 'High ''St''', n: 3}, (1, 't'), 'tab\té日本\n');
"""


def test_how_values_look(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    assert typed(shell, f"USE shop; {VALUES} EXPAND ON; SELECT * FROM v;")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Expanded output is on"
    shown = dict(line.strip().split(" | ") for line in lines if " | " in line)
    assert {name.strip(): text for name, text in shown.items()} == {
        "p": "1",
        "ad": "{street: 'High ''St''', n: 3}",
        "bl": "0xff",
        "bo": "true",
        "d": "2024-02-29",
        "de": "1.50",
        "du": "1mo2d3ns",
        "f": "0.1",
        "i": "127.0.0.1",
        "l": "['a', 'it''s']",
        "m": "{'k': 1.5}",
        "s": "{1, 3}",
        "te": "tab\\té日本\\n",
        "ti": "12:00:00.500000000",
        "ts": "2024-01-01 00:00:00.123Z",
        "tu": "(1, 't')",
    }
    assert lines[-1] == "(1 rows)"


def test_a_table_of_rows(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    for at, what in ((1, "'日本'"), (22, "'é'"), (3, "null")):
        insert = f"INSERT INTO shop.events (day, at, what) VALUES ('mon', {at}, {what});"
        assert typed(shell, insert)
    assert typed(shell, "SELECT at, what FROM shop.events WHERE day = 'mon' AND at > 1 LIMIT 2;")
    assert typed(shell, "SELECT what FROM shop.events WHERE day = 'tue';")
    assert capsys.readouterr().out.splitlines() == [
        *("", " at | what", "----+------", "  3 | null", " 22 |    é", "", "(2 rows)"),
        *("", " what", "------", "", "(0 rows)"),
    ]


def test_conditions_and_warnings(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    insert = "INSERT INTO shop.events (day, at) VALUES ('mon', 1) IF NOT EXISTS;"
    assert typed(shell, insert * 2 + "SELECT count(*) FROM shop.events;")
    said = capsys.readouterr()
    assert " [applied]\n-----------\n      true\n" in said.out
    assert " [applied] | day | at | what\n" in said.out
    assert "     false | mon |  1 | null\n" in said.out
    assert said.err.splitlines() == [
        *("Warnings :", "Aggregation query used without partition key"),
    ]


def test_describe(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    assert typed(shell, "DESCRIBE TABLE shop.events;")
    made = capsys.readouterr().out
    assert "CREATE TABLE shop.events (\n    day text,\n    at int,\n    what text,\n" in made
    assert typed(shell, f"DROP TABLE shop.events; {made} DESC TABLE shop.events;")
    assert capsys.readouterr().out == made
    assert typed(shell, "USE shop; DESCRIBE TABLES;")
    assert capsys.readouterr().out.splitlines()[3].split() == ["shop", "|", "table", "|", "events"]


def test_source(shell: Shell, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "some script.cql"
    script.write_text(
        "USE shop;\nBEGIN BATCH\nINSERT INTO events (day, at) VALUES ('a', 1);\n"
        "DELETE FROM events WHERE day = 'b';\nAPPLY BATCH;\nSELECT day FROM events"
    )
    assert typed(shell, f"SOURCE '{script}'\n")
    assert capsys.readouterr().out.splitlines()[3] == "   a"
    assert shell.session.keyspace == "shop"
    assert not typed(shell, "SOURCE '/nowhere/at/all.cql';")
    assert "/nowhere/at/all.cql cannot be read" in capsys.readouterr().err


def test_help_and_leaving(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    assert typed(shell, "help\n")
    assert [line.split("  ")[0] for line in capsys.readouterr().out.splitlines()] == [*COMMANDS]
    assert not typed(shell, "EXPAND sideways;")
    assert "EXPAND takes ON or OFF, not sideways" in capsys.readouterr().err
    for word in ("exit", "QUIT;"):
        with pytest.raises(EOFError):
            typed(shell, f"{word}\n")


@pytest.mark.parametrize(
    ("text", "statements", "last"),
    [
        ("SELECT ';' FROM t; -- ;\n", ["SELECT ';' FROM t"], None),
        ('SELECT "a;""b" FROM t;', ['SELECT "a;""b" FROM t'], None),
        ("SELECT $$ ; $$ FROM t;", ["SELECT $$ ; $$ FROM t"], None),
        ("/* ; */ SELECT 1 // ;\n; x", ["SELECT 1 // ;"], "x"),
        ("BEGIN COUNTER BATCH a; b; APPLY BATCH; c;",
         ["BEGIN COUNTER BATCH a; b; APPLY BATCH", "c"],
         None),
        ("begin batch a; b;", [], "begin batch a; b;"),
        ("SELECT 'open; FROM t;", [], "SELECT 'open; FROM t;"),
        ("help\nSELECT", ["help"], "SELECT"),
        (" ;; ", [], None),
    ],
)  # fmt: skip
def test_what_ends_a_statement(text: str, statements: list[str], last: str | None) -> None:
    found, rest = split(text)
    assert [each.text for each in found] == statements
    assert (None if rest is None else rest.text) == last
    assert is_complete(text) == (last is None)


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("SEL", ["SELECT"]),
        ("use sh", ["shop"]),
        ("SELECT * FROM ev", ["events"]),
        ("SELECT * FROM system_schema.tab", ["system_schema.tables"]),
        ("SELECT wh", ["where", "what"]),
        ("SELECT * FROM events WHERE da", ["day"]),
    ],
)
def test_completion(shell: Shell, text: str, offered: list[str]) -> None:
    assert typed(shell, "USE shop;")
    completer = CqlCompleter(shell.names)
    found = completer.get_completions(Document(text), CompleteEvent())
    assert [each.text for each in found] == offered


def test_a_server_of_another_process_is_not_needed(tmp_path: Path) -> None:
    """The file is opened as it is, with what a server wrote into it."""
    with fivefold.serving(tmp_path / "shop.db", only=["redis"]):
        ran = run(tmp_path, "cql", "shop.db", f"{SCHEMA} DESCRIBE KEYSPACES")
    assert ran.status == 0
    assert "shop" in ran.output
