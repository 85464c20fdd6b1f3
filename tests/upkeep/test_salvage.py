"""``fivefold salvage``: what is given is right, and what is missing is told."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path
from typing import Any

import pytest

import fivefold
from fivefold.errors import InvalidState, Unavailable, Unsupported
from fivefold.stores.sqlite import salvaging
from fivefold.stores.sqlite.trees import Lost
from fivefold.upkeep.checking import check
from fivefold.upkeep.salvaging import salvage
from tests.cli.program import run
from tests.upkeep.stores import KEY, PAGE_BYTES, change, fill, make, opened, pages_of

ROUNDS = 12
PAGES_DAMAGED = 5

Rows = dict[str, dict[tuple[Any, ...], tuple[Any, ...]]]
"""The rows of each table by what tells them apart: the rowid, or the primary key."""


@pytest.fixture(scope="module", params=[None, KEY], ids=["plain", "encrypted"])
def sound(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, str | None]:
    path = tmp_path_factory.mktemp("sound") / "shop.db"
    make(path, request.param)
    return path, request.param


@pytest.fixture(autouse=True)
def no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FIVEFOLD_KEY", "FIVEFOLD_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)


def rows_of(path: Path, key: str | None) -> Rows:
    found: Rows = {}
    with opened(path, key) as raw:
        for name, without in raw.execute(
            "SELECT name, wr FROM pragma_table_list WHERE type = 'table' AND schema = 'main'"
        ).fetchall():
            if str(name).startswith("sqlite_"):
                continue
            keys = "SELECT name FROM pragma_table_info(?) WHERE pk ORDER BY pk"
            columns = (
                [f'"{one}"' for (one,) in raw.execute(keys, (name,))] if without else ["rowid"]
            )
            rows = raw.execute(f'SELECT {", ".join(columns)}, * FROM "{name}"').fetchall()
            count = len(columns)
            found[str(name)] = {row[:count]: row[count:] for row in rows}
    return found


def told(key: tuple[Any, ...], table: str, lost: list[Lost]) -> bool:
    """Whether what was lost of a table has a row of that key."""
    return any(
        (one.after is None or one.after <= key) and (one.before is None or key <= one.before)
        for one in lost
        if one.table == table
    )


def damaged_at(path: Path, pages: list[int], source: random.Random, key: str | None) -> None:
    """Overwrite pages of a plain file, and turn one bit over in those of an encrypted one."""
    data = bytearray(path.read_bytes())
    for page in pages:
        start = (page - 1) * PAGE_BYTES
        if key is None:
            data[start : start + PAGE_BYTES] = source.randbytes(PAGE_BYTES)
        else:
            data[start + source.randrange(PAGE_BYTES)] ^= 1 << source.randrange(8)
    path.write_bytes(data)


def test_pages_at_random(sound: tuple[Path, str | None], tmp_path: Path) -> None:
    seed = random.randrange(1 << 32)
    print("seed", seed)
    source = random.Random(seed)
    path, key = sound
    before = rows_of(path, key)
    count = path.stat().st_size // PAGE_BYTES
    for number in range(ROUNDS):
        damaged, new = tmp_path / f"{number}.db", tmp_path / f"{number}-new.db"
        shutil.copy(path, damaged)
        damaged_at(damaged, source.sample(range(2, count + 1), PAGES_DAMAGED), source, key)
        kept = damaged.read_bytes()
        found = salvaging.salvage(str(damaged), str(new), key)
        assert damaged.read_bytes() == kept
        after = rows_of(new, key)
        of_schema = any(
            not one.table and "the tables that it tells of" in one.reason for one in found.lost
        )
        for table, rows in before.items():
            if table.startswith("fivefold_"):
                continue  # what they have to have is made anew
            if table not in found.rows:
                assert of_schema, (number, table)
                continue
            for row_key, row in after[table].items():
                assert rows.get(row_key) == row, (number, table, row_key)
            for row_key in rows.keys() - after[table].keys():
                assert told(row_key, table, found.lost), (number, table, row_key)


def test_all_of_a_sound_file(sound: tuple[Path, str | None], tmp_path: Path) -> None:
    path, key = sound
    found = salvage(str(path), str(tmp_path / "new.db"), key)
    assert found.is_whole
    assert rows_of(tmp_path / "new.db", key) == rows_of(path, key)
    assert [each.name for each in tmp_path.iterdir()] == ["new.db"]


def test_every_model_goes_on(sound: tuple[Path, str | None], tmp_path: Path) -> None:
    """A leaf is lost in each model; what is left is searched, counted and written to."""
    path, key = sound
    damaged, new = tmp_path / "shop.db", tmp_path / "new.db"
    shutil.copy(path, damaged)
    tables = (
        *("flights", "shop.orders$", "shop.orders$tags_1", "redis_0.sorted_set_members"),
        *("neo4j.nodes$", "neo4j.nodes$person_name", "ks.events$i$events_marks_idx"),
    )
    pages = [pages_of(path, table, key)[-1] for table in tables]
    damaged_at(damaged, pages, random.Random(1), key)
    found = salvage(str(damaged), str(new), key)
    assert not found.is_whole
    assert {one.page for one in found.lost} >= {*pages}
    assert found.report.findings == []
    assert any("relationships of neo4j went with nodes" in note for note in found.notes)
    assert any("keys of the kind zset in redis_0 have lost elements" in one for one in found.notes)
    with fivefold.open(new, key=key) as database:
        orders = database.collection("shop", "orders")
        kept = orders.count_documents({})
        assert 200 < kept < 300
        assert orders.count_documents({"tags": "a"}) == kept
        assert orders.find_one({"sku": "S5"}) is not None
        members = database.redis.zrange("sorted", 0, -1)
        assert 1000 < len(members) < 2000
        assert database.redis.zrank("sorted", members[-1]) == len(members) - 1
        assert database.redis.zadd("sorted", {"new": 0.5}) == 1
        assert database.cypher("MATCH (p:Person {name: 'p5'}) RETURN p.n").single()[0] == 5
        assert len(list(database.cql("SELECT * FROM ks.events WHERE marks CONTAINS 'm1'"))) == 33
        flights = database.sql("SELECT count(*) FROM flights").fetchall()[0][0]
        assert 1500 < flights < 2000
        database.sql("INSERT INTO flights (carrier, number) VALUES ('C1', 5000)")
    assert check(str(new), key).is_sound


def test_the_first_page(sound: tuple[Path, str | None], tmp_path: Path) -> None:
    path, key = sound
    damaged, new = tmp_path / "shop.db", tmp_path / "new.db"
    shutil.copy(path, damaged)
    data = bytearray(damaged.read_bytes())
    data[200:PAGE_BYTES] = bytes(PAGE_BYTES - 200)
    damaged.write_bytes(data)
    found = salvage(str(damaged), str(new), key)
    assert not found.is_whole
    assert any(one.page == 1 for one in found.lost)


def test_a_root_is_lost(tmp_path: Path) -> None:
    """The leaves below it are found again: no other table has records like theirs."""
    path = tmp_path / "shop.db"
    with fivefold.open(path) as database:
        database.sql("CREATE TABLE t (a int PRIMARY KEY, b text, c text, d int, e text)")
        database.sql(
            "INSERT INTO t SELECT i, 'b' || i, 'c', i, 'e' FROM generate_series(1, 5000) i"
        )
        database.sql("DELETE FROM t WHERE a > 4000")
    before = rows_of(path, None)["t"]
    with opened(path) as raw:
        root = raw.execute("SELECT rootpage FROM sqlite_schema WHERE name = 't'").get
    assert isinstance(root, int)
    damaged_at(path, [root], random.Random(1), None)
    found = salvage(str(path), str(tmp_path / "new.db"))
    assert rows_of(tmp_path / "new.db", None)["t"] == before
    assert [(one.table, one.page) for one in found.lost] == [("t", root)]


def test_large_values(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    with fivefold.open(path) as database:
        database.sql("CREATE TABLE t (a int PRIMARY KEY, b text)")
        for i in range(20):
            database.sql("INSERT INTO t VALUES (%s, repeat('x', %s))", [i, 3_000 * i])
    before = rows_of(path, None)["t"]
    with opened(path) as raw:
        text = "SELECT pageno FROM dbstat WHERE name = 't' AND pagetype = 'overflow'"
        pages = [int(page) for (page,) in raw.execute(text)]  # type: ignore[arg-type]
    damaged_at(path, [pages[40]], random.Random(1), None)
    found = salvage(str(path), str(tmp_path / "new.db"))
    after = rows_of(tmp_path / "new.db", None)["t"]
    for key, row in after.items():
        assert before[key] == row
    # Of a page that only goes on nothing says that it is not what it was, but that it leads on.
    assert all(told(key, "t", list(found.lost)) for key in before.keys() - after.keys())
    assert len(after) == 19


def test_what_a_log_has(tmp_path: Path) -> None:
    with fivefold.open(tmp_path / "shop.db") as database:
        fill(database)
        for ending in ("", "-wal"):
            shutil.copy(tmp_path / f"shop.db{ending}", tmp_path / f"copy.db{ending}")
    assert (tmp_path / "copy.db-wal").stat().st_size > 0
    found = salvage(str(tmp_path / "copy.db"), str(tmp_path / "new.db"))
    assert found.is_whole
    assert found.rows["flights"] == 2000
    assert (tmp_path / "copy.db-wal").stat().st_size > 0


def test_what_is_refused(sound: tuple[Path, str | None], tmp_path: Path) -> None:
    path, key = sound
    new = tmp_path / "new.db"
    with pytest.raises(Unavailable, match="there is no"):
        salvage(str(tmp_path / "none.db"), str(new), key)
    with pytest.raises(Unsupported, match="salvage is for a file"):
        salvage("postgresql://127.0.0.1:1/none", str(new))
    if key is not None:
        with pytest.raises(Unavailable, match="is encrypted"):
            salvage(str(path), str(new))
        with pytest.raises(Unavailable, match="no page can be decrypted"):
            salvage(str(path), str(new), "Pencil")
    assert not list(tmp_path.iterdir())
    new.touch()
    with pytest.raises(InvalidState, match="is there already"):
        salvage(str(path), str(new), key)


def test_the_program(tmp_path: Path) -> None:
    make(tmp_path / "shop.db")
    done = run(tmp_path, "salvage", "shop.db", "whole.db")
    assert (done.status, done.errors) == (0, "")
    assert "flights  2,000 rows\n" in done.output
    assert done.output.endswith("nothing is lost\n")
    page = pages_of(tmp_path / "shop.db", "flights")[3]
    damaged_at(tmp_path / "shop.db", [page], random.Random(1), None)
    change(tmp_path / "shop.db", "DELETE FROM airlines WHERE carrier = 'C7'")
    done = run(tmp_path, "salvage", "shop.db", "new.db")
    assert done.status == 1
    assert "lost: flights: rows between (" in done.output
    assert f"page {page} is of no known kind" in done.output
    assert "still wrong: public.flights: foreign key: row" in done.output
    done = run(tmp_path, "salvage", "shop.db", "other.db", "--json")
    found = json.loads(done.output)
    assert not found["whole"]
    assert [one["page"] for one in found["lost"]] == [page]
    assert found["check"]["sound"] is False
