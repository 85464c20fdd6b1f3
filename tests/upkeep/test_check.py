"""``fivefold check``: a sound store is said to be, and each kind of damage is found and named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import fivefold
from fivefold.errors import Unavailable
from fivefold.stores.findings import Fault
from fivefold.upkeep.checking import check
from fivefold.upkeep.report import Report
from tests.cli.program import run
from tests.upkeep.stores import KEY, behind_index, change, fill, flip, make, pages_of

FLIGHTS = ("public", "flights")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "shop.db"
    make(made)
    return made


def told(report: Report) -> set[tuple[Fault, tuple[str, str] | None]]:
    return {(finding.fault, finding.place) for finding in report.findings}


def words(report: Report) -> str:
    return "\n".join(finding.message for finding in report.findings)


def test_a_sound_store(store_url: str) -> None:
    with fivefold.open(store_url) as database:
        fill(database)
    report = check(store_url)
    assert report.findings == []
    rows = {each.place: each.rows for each in report.checked}
    assert rows[FLIGHTS] == 2000
    assert bool(report.unchecked) == ("://" in store_url)


def test_a_store_in_postgres(postgres_url: str) -> None:
    import psycopg

    with fivefold.open(postgres_url) as database:
        fill(database)
    report = check(postgres_url)
    assert report.findings == []
    assert "amcheck" in report.unchecked[0]
    with psycopg.connect(postgres_url, autocommit=True) as direct:
        for text in (
            'DELETE FROM shop."orders$sku_1" WHERE place % 7 = 3',
            "UPDATE redis_0.keys SET count = 7 WHERE kind = 'set'",
            'DELETE FROM neo4j."nodes$person_name" WHERE id IN (SELECT min(id) FROM neo4j.nodes)',
            'DELETE FROM ks."events$i$events_marks_idx" WHERE at = 3',
            "ALTER TABLE flights ADD COLUMN more int",
        ):
            direct.execute(text)
    assert told(check(postgres_url)) == {
        (Fault.INDEX, ("shop", "orders")),
        (Fault.ROWS, ("redis_0", "keys")),
        (Fault.INDEX, ("neo4j", "nodes")),
        (Fault.INDEX, ("ks", "events")),
        (Fault.CATALOG, FLIGHTS),
    }


def test_postgres_has_amcheck_look(postgres_url: str) -> None:
    import psycopg

    with fivefold.open(postgres_url) as database:
        database.sql("CREATE TABLE t (a int PRIMARY KEY, b text)")
        database.sql("INSERT INTO t SELECT i, 'x' FROM generate_series(1, 1000) i")
    with psycopg.connect(postgres_url, autocommit=True) as direct:
        direct.execute("CREATE EXTENSION amcheck")
        report = check(postgres_url)
        assert (report.findings, report.unchecked) == ([], ())
        direct.execute("CREATE FUNCTION f(text) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 1'")
        direct.execute("CREATE INDEX t_f ON t (f(b))")
        direct.execute(
            "CREATE OR REPLACE FUNCTION f(text) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 2'"
        )
        direct.execute("ALTER TABLE t ADD CONSTRAINT late CHECK (a < 5) NOT VALID")
        direct.execute("ALTER TABLE t ADD COLUMN c int")
    report = check(postgres_url)
    place = ("public", "t")
    assert told(report) == {
        (Fault.INDEX, place),
        (Fault.CONSTRAINT, place),
        (Fault.CATALOG, place),
    }


def test_an_empty_store_and_one_of_others(tmp_path: Path) -> None:
    fivefold.open(tmp_path / "empty.db").close()
    assert check(str(tmp_path / "empty.db")).is_sound
    change(tmp_path / "other.db", "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT UNIQUE)")
    report = check(str(tmp_path / "other.db"))
    assert report.is_sound
    assert [each.place for each in report.checked] == [None, ("public", "t")]


def test_keys_that_are_checked_late(store_url: str) -> None:
    with fivefold.open(store_url) as database:
        database.sql(
            "CREATE TABLE t (a int, b int, PRIMARY KEY (a) DEFERRABLE,"
            " UNIQUE NULLS NOT DISTINCT (a, b) DEFERRABLE, UNIQUE NULLS NOT DISTINCT (b))"
        )
        database.sql("INSERT INTO t VALUES (1, NULL), (2, 2)")
    assert check(store_url).findings == []


def test_retryable_writes(tmp_path: Path) -> None:
    import pymongo

    with (
        fivefold.serving(tmp_path / "shop.db") as server,
        pymongo.MongoClient[dict[str, object]](server.urls["mongodb"]) as client,
    ):
        client["shop"]["t"].insert_one({"_id": 1})
    assert check(str(tmp_path / "shop.db")).findings == []


def test_no_store(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="there is no"):
        check(str(tmp_path / "none.db"))
    assert not list(tmp_path.iterdir())


def test_an_entry_of_an_index_is_missing(path: Path) -> None:
    insert = "INSERT INTO flights VALUES (9000, 'C1', 9000, '1')"
    behind_index(path, "flights_price_idx", insert)
    report = check(str(path))
    assert told(report) == {(Fault.INDEX, FLIGHTS)}
    assert "missing from index flights_price_idx" in words(report)


def test_an_entry_of_an_index_is_too_many(path: Path) -> None:
    behind_index(path, "flights_lower_idx", "UPDATE flights SET carrier = 'C9' WHERE id = 50")
    report = check(str(path))
    assert (Fault.INDEX, FLIGHTS) in told(report)
    assert "flights_lower_idx" in words(report)


def test_a_foreign_key(path: Path) -> None:
    change(path, "DELETE FROM airlines WHERE carrier = 'C7'")
    report = check(str(path))
    assert told(report) == {(Fault.FOREIGN_KEY, FLIGHTS)}
    assert len(report.findings) == 40
    assert "refers to a row of public.airlines that is not there" in words(report)


def test_a_check_constraint(path: Path) -> None:
    change(path, "UPDATE flights SET number = -1 WHERE id = 3")
    assert told(check(str(path))) == {(Fault.CONSTRAINT, FLIGHTS)}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("UPDATE fivefold_containers SET definition = '{'", "its description cannot be read"),
        (
            "UPDATE fivefold_containers SET definition = replace(definition, 'price', 'cost')",
            "there is no column cost",
        ),
        (
            "UPDATE fivefold_containers SET definition = replace(definition, 'int4', 'text')",
            "the column number is INTEGER, not TEXT",
        ),
        (
            "UPDATE fivefold_containers SET definition = replace(definition, 'flights\"', 'x\"')",
            "its description is that of public.x",
        ),
        ("UPDATE fivefold_containers SET store_text = 'x'", "altered by another program"),
        ("UPDATE fivefold_containers SET store_table = 'x'", 'it lies in the table "x"'),
    ],
)
def test_a_changed_row_of_the_catalog(path: Path, text: str, message: str) -> None:
    change(path, f"{text} WHERE name = 'flights'")
    report = check(str(path))
    assert (Fault.CATALOG, FLIGHTS) in told(report)
    assert message in words(report)


def test_what_the_catalog_has_and_the_file_has_not(path: Path) -> None:
    change(
        path,
        "DROP INDEX flights_price_idx",
        'DROP TABLE "ks.events$static"',
        "DELETE FROM fivefold_containers WHERE name = 'orders$'",
        "DELETE FROM fivefold_sequences",
        "CREATE INDEX another ON flights (number, price)",
    )
    said = words(check(str(path)))
    for message in (
        "there is no index flights_price_idx",
        'there is no table "ks.events$static"',
        "there is a table that the catalog has not",
        "the sequence has no number",
        "there is an index another that the catalog has not",
    ):
        assert message in said


@pytest.mark.parametrize("key", [None, KEY])
def test_a_flipped_page(tmp_path: Path, key: str | None) -> None:
    path = tmp_path / "shop.db"
    make(path, key)
    page = pages_of(path, "flights", key)[3]
    flip(path, page)
    report = check(str(path), key)
    assert (Fault.PAGES, FLIGHTS) in told(report)
    assert f"page {page}" in words(report)
    assert {place for _, place in told(report)} == {FLIGHTS}


@pytest.mark.parametrize("key", [None, KEY])
def test_the_catalogs_own_page(tmp_path: Path, key: str | None) -> None:
    path = tmp_path / "shop.db"
    make(path, key)
    for page in pages_of(path, "fivefold_containers", key):
        flip(path, page)
    report = check(str(path), key)
    assert (Fault.PAGES, None) in told(report)
    assert "the catalog cannot be read" in words(report)


def test_the_program(path: Path, tmp_path: Path) -> None:
    done = run(tmp_path, "check", "shop.db")
    assert (done.status, done.errors) == (0, "")
    assert "are sound" in done.output
    change(path, "DELETE FROM airlines WHERE carrier = 'C7'")
    done = run(tmp_path, "check", "shop.db")
    assert done.status == 1
    assert "and 20 more" in done.output
    done = run(tmp_path, "check", "shop.db", "--json")
    assert done.status == 1
    found = json.loads(done.output)
    assert not found["sound"]
    (flights,) = [each for each in found["containers"] if each["name"] == "flights"]
    assert len(flights["findings"]) == 40
    assert flights["findings"][0]["fault"] == "foreign key"
    assert run(tmp_path, "check", "none.db").status == 1
