"""Figures that SQLite plans by: made by ANALYZE, seen by all, and left by who changed much."""

from __future__ import annotations

from pathlib import Path

import apsw

import fivefold


def figures(path: Path) -> dict[str, str]:
    connection = apsw.Connection(str(path))
    try:
        if not connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat1'").get:
            return {}
        return dict(connection.execute("SELECT idx, stat FROM sqlite_stat1 WHERE idx LIKE 't%'"))
    finally:
        connection.close()


SCHEMA = (
    "CREATE TABLE t (id int, few int, many numeric)",
    "CREATE INDEX t_few ON t (few)",
    "CREATE INDEX t_many ON t (many)",
)
FILL = "INSERT INTO t SELECT g, g % 2, g / 8.0 FROM generate_series(1, 12000) g"
ASKING = "EXPLAIN SELECT * FROM t WHERE few = 1 AND many = 5"


def test_analyze(tmp_path: Path) -> None:
    path = tmp_path / "some.db"
    with fivefold.open(str(path)) as db, fivefold.open(str(path)) as other:
        for text in (*SCHEMA, "INSERT INTO t SELECT g, 1, g FROM generate_series(1, 50) g"):
            db.sql(text)
        before = db.sql(ASKING).fetchall()
        assert figures(path) == {}
        db.sql("ANALYZE t")
        assert figures(path) == {"t_few": "50 50", "t_many": "50 1"}
        for one in (db, other):
            assert "using t_many" in str(one.sql(ASKING).fetchall()), before


def test_closing_after_a_load(tmp_path: Path) -> None:
    path = tmp_path / "some.db"
    with fivefold.open(str(path)) as db:
        for text in (*SCHEMA, FILL):
            db.sql(text)
    assert figures(path).keys() == {"t_few", "t_many"}
    with fivefold.open(str(path)) as db:
        assert "using t_many" in str(db.sql(ASKING).fetchall())


def test_closing_after_little(tmp_path: Path) -> None:
    path = tmp_path / "some.db"
    with fivefold.open(str(path)) as db:
        for text in SCHEMA:
            db.sql(text)
    assert figures(path) == {}
