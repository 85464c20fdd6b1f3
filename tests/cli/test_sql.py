"""``fivefold sql``: one statement, scripts, and what an error looks like."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.program import run

SCHEMA = """
-- a shop
CREATE TABLE stock (sku text PRIMARY KEY, n integer CHECK (n >= 0));
INSERT INTO stock VALUES ('A1', 5), ('B2', NULL);
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    assert run(tmp_path, "sql", "shop.db", given=SCHEMA).status == 0
    return tmp_path


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
    assert run(shop, "sql", "shop.db", "SELECT count(*) FROM stock").output == "count\n2\n"


def test_a_violation_has_its_detail(shop: Path) -> None:
    ran = run(shop, "sql", "shop.db", "INSERT INTO stock VALUES ('A1', 1)")
    assert ran.status == 1
    assert ran.errors.splitlines() == [
        'ERROR: duplicate key value violates unique constraint "stock_pkey"',
        "DETAIL: Key (sku)=(A1) already exists.",
    ]


def test_a_script_may_hold_a_transaction(shop: Path) -> None:
    script = "BEGIN; DELETE FROM stock; ROLLBACK; SELECT count(*) FROM stock;"
    assert run(shop, "sql", "shop.db", given=script).output == "count\n2\n"
    script = "BEGIN; DELETE FROM stock; COMMIT; SELECT count(*) FROM stock;"
    assert run(shop, "sql", "shop.db", given=script).output == "count\n0\n"


def test_what_a_failed_script_left_open_is_rolled_back(shop: Path) -> None:
    assert run(shop, "sql", "shop.db", given="BEGIN; DELETE FROM stock; nonsense;").status == 1
    assert run(shop, "sql", "shop.db", "SELECT count(*) FROM stock").output == "count\n2\n"


@pytest.mark.parametrize(
    "arguments", [["sql"], ["sql", "a", "b", "c"], [], ["nope"], ["demo", "x"]]
)
def test_wrong_usage(tmp_path: Path, arguments: list[str]) -> None:
    ran = run(tmp_path, *arguments)
    assert ran.status == 2
    assert "Traceback" not in ran.errors
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "arguments", [["--help"], ["serve", "-h"], ["sql", "--help"], ["--version"]]
)
def test_help(tmp_path: Path, arguments: list[str]) -> None:
    ran = run(tmp_path, *arguments)
    assert (ran.status, ran.errors) == (0, "")
    assert "fivefold" in ran.output


def test_a_folder_is_no_store(tmp_path: Path) -> None:
    ran = run(tmp_path, "sql", ".", "SELECT 1")
    assert ran.status == 1
    assert ran.errors.startswith("ERROR: ")
    assert "Traceback" not in ran.errors
