"""``fivefold cypher``: one query, scripts, the shell's commands, completion, and errors."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

import fivefold
from fivefold.api.graph.client import Client
from fivefold.cli.cypher.complete import CypherCompleter
from fivefold.cli.cypher.screen import what_was_done
from fivefold.cli.cypher.session import COMMANDS, Session
from fivefold.cli.cypher.shell import Shell, is_complete
from fivefold.cli.cypher.statements import split
from fivefold.cli.line import Line
from tests.cli.program import run

PEOPLE = "CREATE (:Person {name: 'Ann'})-[:KNOWS {since: 1}]->(:Person {name: 'Bo \"B\"'})"


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    with fivefold.open(tmp_path / "people.db") as database:
        client = Client(database)
        with Line(database, lambda: client.interrupt) as line:
            yield Shell(Session(line, client, "neo4j"))
            line.call(client.close)


def test_one_statement(tmp_path: Path) -> None:
    query = "MATCH p = (a)-[r]->(b) RETURN p, b.name AS name, [1.5e10, null, true] AS l"
    ran = run(tmp_path, "cypher", "people.db", f"{PEOPLE}; {query}")
    assert (ran.status, ran.errors) == (0, "")
    assert ran.output.splitlines() == [
        "p, name, l",
        '(:Person {name: "Ann"})-[:KNOWS {since: 1}]->(:Person {name: "Bo \\"B\\""}),'
        ' "Bo \\"B\\"", [1.5E10, NULL, TRUE]',
    ]


def test_a_script_stops_at_the_first_error(tmp_path: Path) -> None:
    script = ":param x => 1 + 1\nRETURN $x; // two\n\nMATCH (a) RETURN\n  b;\nCREATE (:T);\n"
    ran = run(tmp_path, "cypher", "people.db", given=script)
    assert (ran.status, ran.output) == (1, "$x\n2\n")
    assert ran.errors.splitlines() == [
        "ERROR: Variable `b` not defined",
        "LINE 2:   b",
        "          ^",
        "line 4 of the input; what follows was not run",
    ]


def test_another_database(tmp_path: Path) -> None:
    ran = run(tmp_path, "cypher", "people.db", "--database", "nope")
    assert (ran.status, ran.output) == (1, "")
    assert ran.errors == "ERROR: Database does not exist. Database name: 'nope'.\n"
    run(tmp_path, "cypher", "people.db", "CREATE DATABASE shop")
    ran = run(tmp_path, "cypher", "people.db", "--database", "shop", given=f"{PEOPLE};\n:use neo4j")
    assert ran.status == 0
    with fivefold.open(tmp_path / "people.db") as database:
        count = "MATCH (n) RETURN count(n)"
        assert database.cypher(count, database_="shop").value() == [2]
        assert database.cypher(count).value() == [0]


@pytest.mark.parametrize(
    ("text", "statements", "last"),
    [
        ("", [], None),
        ("RETURN 1", [], "RETURN 1"),
        ("RETURN 1; RETURN 2", ["RETURN 1"], "RETURN 2"),
        ('RETURN \';\', "\\";", `;`;', ['RETURN \';\', "\\";", `;`'], None),
        ("RETURN ';", [], "RETURN ';"),
        ("RETURN 1 // ;\n/* ; */ + 4 / 2;", ["RETURN 1 // ;\n/* ; */ + 4 / 2"], None),
        ("// nothing\n/* at all */ ;", [], None),
        ("RETURN 1 /* ;", [], "RETURN 1 /* ;"),
        (
            ":use a;\n:begin\nMATCH (n\n:A) RETURN n;",
            [":use a", ":begin", "MATCH (n\n:A) RETURN n"],
            None,
        ),
    ],
)
def test_what_ends_a_statement(text: str, statements: list[str], last: str | None) -> None:
    found, rest = split(text)
    assert [each.text for each in found] == statements
    assert (rest.text if rest else None) == last
    assert is_complete(text) is (last is None)


def test_a_transaction(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    client = shell.session.client
    for text, is_open in (
        (":begin", True),
        ("CREATE (:T);", True),
        (":rollback", False),
        (":begin\nCREATE (:A);", True),
        ("nope;", False),
        (":begin\nCREATE (:B);\n:commit", False),
        (":commit", False),
    ):
        shell.handle(text)
        assert client.open is is_open, text
    shell.handle("MATCH (n) RETURN labels(n) AS l;")
    shown = capsys.readouterr()
    assert shown.out.splitlines() == ["The transaction was rolled back.", "l", '["B"]']
    assert shown.err.splitlines()[-1] == "ERROR: no transaction is open"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (":param x => 'a'\n:params", ':param x => "a"'),
        (":param {a: 1, b: date('2026-01-31')}\n:params", ":param a => 1\n:param b => 2026-01-31"),
        (":param a => 1\n:params clear\n:params", ""),
        (":param a: 1\nRETURN $a AS a;", "a\n1"),
    ],
)
def test_parameters(
    shell: Shell, capsys: pytest.CaptureFixture[str], text: str, shown: str
) -> None:
    shell.handle(text)
    assert capsys.readouterr() == (f"{shown}\n" if shown else "", "")


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (":nope", "ERROR: :nope is not a command here\nHINT: :help lists those that are."),
        (":use nope", "ERROR: Database does not exist. Database name: 'nope'."),
        (":param 1", "ERROR: a parameter has a name and a value\nHINT: :param x => 1"),
        (":rollback", "ERROR: no transaction is open"),
    ],
)
def test_what_is_refused(
    shell: Shell, capsys: pytest.CaptureFixture[str], text: str, error: str
) -> None:
    shell.handle(text)
    assert capsys.readouterr().err.strip() == error


def test_help_and_leaving(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    shell.handle("help")
    assert [line.split("  ")[0] for line in capsys.readouterr().out.splitlines()] == [*COMMANDS]
    with pytest.raises(EOFError):
        shell.handle(":exit")


def test_plans_and_notifications(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    shell.handle("EXPLAIN MATCH (a), (b) RETURN a;")
    shown = capsys.readouterr()
    assert shown.out.startswith("Planner COST\n")
    assert "cartesian product" in shown.err
    shell.handle("PROFILE RETURN 1 AS one;")
    assert capsys.readouterr().out.startswith("one\n1\nPlanner COST\n")


def test_what_was_done(shell: Shell) -> None:
    result = shell.session.query(PEOPLE)
    assert what_was_done(result.statistics) == (
        "Created 2 nodes, created 1 relationship, set 3 properties, added 2 labels"
    )
    assert what_was_done(shell.session.query("RETURN 1").statistics) == ""


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        (":pa", [":param", ":params"]),
        ("mat", ["match"]),
        ("MATCH (:P", ["Person"]),
        ("MATCH (a)-[:K", ["KNOWS"]),
        ("MATCH (a:Person) WHERE a.na", ["name"]),
        ("MATCH (a {n", ["name"]),
        ("CALL db.lab", ["db.labels"]),
        ("RETURN toInteger", ["toInteger", "toIntegerList", "toIntegerOrNull"]),
        ("RETURN $", ["$given"]),
    ],
)
def test_completion(shell: Shell, typed: str, offered: list[str]) -> None:
    shell.handle(f"{PEOPLE};\n:param given => 1")
    commands = sorted({name.partition(" ")[0] for name in COMMANDS})
    completer = CypherCompleter(shell.names, commands)
    found = completer.get_completions(Document(typed), CompleteEvent())
    assert [each.text for each in found] == offered
