"""The SQL shell without its prompt: what ends an input, what commands show, what the mark tells."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

import fivefold
from fivefold.cli.line import Line
from fivefold.cli.sql import describe
from fivefold.cli.sql.shell import FAILED, IDLE, OPEN, Shell, is_complete


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    store = str(tmp_path / "shop.db")
    with fivefold.open(store) as database, Line(database) as line:
        shell = Shell(store, line)
        shell.handle('CREATE TABLE stock (sku text PRIMARY KEY, "N o" integer DEFAULT 1);')
        shell.handle("CREATE TABLE sales (sku text NOT NULL REFERENCES stock, CHECK (sku > ''));")
        yield shell


@pytest.mark.parametrize(
    ("text", "complete"),
    [
        ("", True),
        ("SELECT 1", False),
        ("SELECT 1;", True),
        ("SELECT 1;\nSELECT 2", False),
        ("SELECT ';", False),
        ("-- SELECT 1", True),
        ("\\d", True),
        (" quit ", True),
        ("HELP", True),
    ],
)
def test_what_ends_an_input(text: str, complete: bool) -> None:
    assert is_complete(text) is complete


def test_rows_and_errors(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    shell.handle("SELECT 1 AS a; SELECT nope; SELECT 2 AS b;")
    shown = capsys.readouterr()
    assert shown.out.split() == ["a", "1"]
    assert shown.err.splitlines()[0] == 'ERROR: column "nope" does not exist'


def test_the_mark_tells_of_the_transaction(shell: Shell) -> None:
    marks = []
    script = "begin; savepoint s; nope; rollback to s; rollback; start transaction; commit"
    for statement in script.split(";"):
        shell.handle(f"{statement};")
        marks.append(shell.mark)
    assert marks == [OPEN, OPEN, FAILED, OPEN, IDLE, OPEN, IDLE]


def test_listing_and_names(shell: Shell) -> None:
    assert describe.listing(shell.database, ("table",)) == [
        ("public", "sales", "table"),
        ("public", "stock", "table"),
    ]
    assert describe.names(shell.database) == {"sales": ["sku"], "stock": ["sku", '"N o"']}


def test_describing_a_table(shell: Shell) -> None:
    key = describe.resolve(shell.database, "PUBLIC.Stock")
    assert key == ("public", "stock")
    assert describe.columns(shell.database, key) == [
        ("sku", "text", "not null", ""),
        ("N o", "integer", "", "1"),
    ]
    assert describe.constraints(shell.database, key) == [
        'PRIMARY KEY "stock_pkey" (sku)',
        "Referenced by: sales",
    ]
    assert describe.constraints(shell.database, ("public", "sales")) == [
        "CHECK \"sales_sku_check\" (sku > '')",
        'FOREIGN KEY "sales_sku_fkey" (sku) REFERENCES stock(sku)',
    ]
    assert describe.resolve(shell.database, "nope") is None


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("\\dt", "sales"),
        ("\\d", "stock"),
        ("\\d stock", "Referenced by: sales"),
        ("\\d nope", "there is no nope"),
        ("\\timing", "Timing is on."),
        ("\\?", "\\timing"),
        ("help", "\\timing"),
        ("\\zz", "\\zz is not a command here"),
    ],
)
def test_commands(
    shell: Shell, capsys: pytest.CaptureFixture[str], command: str, says: str
) -> None:
    shell.handle(command)
    assert says in capsys.readouterr().out


def test_timing(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    shell.handle("\\timing")
    shell.handle("SELECT 1;")
    assert "Time: " in capsys.readouterr().out


def test_ctrl_c_ends_a_statement(
    shell: Shell, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    wait = Future.result

    def wait_with_ctrl_c_held_down(future: Future[object]) -> object:
        if not future.done():
            raise KeyboardInterrupt
        return wait(future)

    monkeypatch.setattr(Future, "result", wait_with_ctrl_c_held_down)
    shell.handle(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n;"
    )
    assert "canceling statement due to user request" in capsys.readouterr().err
    monkeypatch.undo()
    shell.handle("SELECT 7 AS lucky;")
    assert "lucky" in capsys.readouterr().out
