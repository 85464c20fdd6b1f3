"""Rows on a terminal: tables, records where a table is too wide, and how many rows."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from fivefold.cli.sql import screen


def shown(names: list[str], rows: list[tuple[object, ...]], width: int = 60) -> list[str]:
    console = Console(file=StringIO(), width=width, highlight=False)
    screen.show(console, names, rows)
    output = console.file
    assert isinstance(output, StringIO)
    return [line.rstrip() for line in output.getvalue().splitlines()]


def test_numbers_stand_right_and_nulls_are_said() -> None:
    assert shown(["name", "n"], [("a", 5), (None, 1234), ("[bold]c", None)]) == [
        " name    │    n",
        "─────────┼──────",
        " a       │    5",
        " NULL    │ 1234",
        " [bold]c │ NULL",
        "(3 rows)",
    ]


def test_wide_rows_become_records() -> None:
    assert shown(["first", "2nd"], [("x" * 12, 1)], width=20) == [
        "─[ 1 ]─",
        "first │ xxxxxxxxxxxx",
        "2nd   │ 1",
        "(1 row)",
    ]


def test_one_column_is_folded_rather_than_made_a_record() -> None:
    assert shown(["t"], [("x" * 12,)], width=10)[2:] == [" xxxxxxxx", " xxxx", "(1 row)"]


def test_no_rows() -> None:
    assert shown(["a"], []) == [" a", "───", "(0 rows)"]


def test_what_nobody_reads_is_only_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screen, "ROWS_SHOWN_MAX", 1)
    assert shown(["a"], [(1,), (2,), (3,)])[2:] == [
        " 1",
        "(3 rows) the first 1 are shown; a pipe gets them all",
    ]
