"""``fivefold sql``: one statement, scripts, and what an error looks like."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import fivefold
from tests.cli.program import call, run

SCHEMA = """
-- a shop
CREATE TABLE stock (sku text PRIMARY KEY, n integer CHECK (n >= 0));
INSERT INTO stock VALUES ('A1', 5), ('B2', NULL);
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    with fivefold.open(tmp_path / "shop.db") as database:
        database.sql("CREATE TABLE stock (sku text PRIMARY KEY, n integer CHECK (n >= 0))")
        database.sql("INSERT INTO stock VALUES ('A1', 5), ('B2', NULL)")
    return tmp_path


def rows_left(folder: Path) -> int:
    with fivefold.open(folder / "shop.db") as database:
        return len(database.sql("SELECT 1 FROM stock").fetchall())


def test_one_statement(shop: Path) -> None:
    ran = run(shop, "sql", "shop.db", "SELECT sku, n, 'a\tb' AS t FROM stock ORDER BY sku")
    assert (ran.status, ran.errors) == (0, "")
    assert ran.output == "sku\tn\tt\nA1\t5\ta\\tb\nB2\t\\N\ta\\tb\n"


def test_a_script_prints_rows_only(tmp_path: Path) -> None:
    ran = run(tmp_path, "sql", "shop.db", given=f"{SCHEMA}SELECT count(*) AS n FROM stock")
    assert (ran.status, ran.output, ran.errors) == (0, "n\n2\n", "")


def test_a_script_stops_at_the_first_error(shop: Path) -> None:
    script = "SELECT 1 AS a;\n\nSELECT\n  nope FROM stock;\nDELETE FROM stock;\n"
    ran = run(shop, "sql", "shop.db", given=script)
    assert ran.status == 1
    assert ran.output == "a\n1\n"
    assert ran.errors.splitlines() == [
        "line 3 of the input; what follows was not run",
        'ERROR: column "nope" does not exist',
        "LINE 2:   nope FROM stock",
        "          ^",
    ]
    assert rows_left(shop) == 2


def test_a_violation_has_its_detail(shop: Path) -> None:
    ran = run(shop, "sql", "shop.db", "INSERT INTO stock VALUES ('A1', 1)")
    assert ran.status == 1
    assert ran.errors.splitlines() == [
        'ERROR: duplicate key value violates unique constraint "stock_pkey"',
        "DETAIL: Key (sku)=(A1) already exists.",
    ]


def test_a_script_may_hold_transactions(shop: Path) -> None:
    script = """
        BEGIN; DELETE FROM stock; ROLLBACK; SELECT count(*) FROM stock;
        BEGIN; DELETE FROM stock; COMMIT; SELECT count(*) FROM stock;
    """
    assert run(shop, "sql", "shop.db", given=script).output == "count\n2\ncount\n0\n"


def test_what_a_failed_script_left_open_is_rolled_back(shop: Path) -> None:
    assert run(shop, "sql", "shop.db", given="BEGIN; DELETE FROM stock; nonsense;").status == 1
    assert rows_left(shop) == 2


@pytest.mark.parametrize("arguments", [["sql"], ["sql", "a", "b", "c"], ["nope"], ["demo", "x"]])
def test_wrong_usage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    monkeypatch.chdir(tmp_path)
    ran = call(tmp_path, *arguments)
    assert ran.status == 2
    assert "fivefold" in ran.errors


@pytest.mark.parametrize(
    "arguments", [["--help"], ["serve", "-h"], ["sql", "--help"], ["--version"]]
)
def test_help(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    monkeypatch.chdir(tmp_path)
    ran = call(tmp_path, *arguments)
    assert (ran.status, ran.errors) == (0, "")
    assert "fivefold" in ran.output


def test_a_folder_is_no_store(tmp_path: Path) -> None:
    ran = run(tmp_path, "sql", ".", "SELECT 1")
    assert ran.status == 1
    assert ran.errors.startswith("ERROR: ")
    assert "Traceback" not in ran.errors


def test_help_needs_next_to_nothing() -> None:
    heavy = {"apsw", "asyncio", "pandas", "prompt_toolkit", "psycopg", "redis", "uvloop"}
    code = f"import sys, fivefold.cli.main; print(*{heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
