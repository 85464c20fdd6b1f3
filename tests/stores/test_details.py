"""The rows and keys in an error's DETAIL, beside PostgreSQL: values look as it shows them."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

import fivefold

TABLES = """
CREATE TABLE every (id integer PRIMARY KEY, ok boolean, f double precision, r real, b bytea,
    a text[], i integer[], n numeric, c character(3), ts timestamp, tz timestamptz,
    iv interval, jb jsonb, positive integer NOT NULL CHECK (positive > 0));
CREATE UNIQUE INDEX ON every (ok, f, c);
CREATE TABLE parent (ok boolean, f double precision, PRIMARY KEY (ok, f));
CREATE TABLE child (ok boolean, f double precision, FOREIGN KEY (ok, f) REFERENCES parent);
INSERT INTO every (id, positive, ok, f, c) VALUES (1, 1, true, 0.1, 'x');
INSERT INTO parent VALUES (false, 1e300);
INSERT INTO child VALUES (false, 1e300);
CREATE TABLE twice (ok boolean, v text);
INSERT INTO twice VALUES (true, NULL), (true, NULL), (false, 'x'), (false, 'x');
"""
VALUES = (
    "2, false, 'NaN', 1.1, '\\x01ff', '{a,\"b c\"}', '{1,NULL}', 1.50, 'a', '2024-01-02 03:04',"
    " '2024-01-02 03:04+02', '1 mon -3 days', '{\"b\":[1,2]}'"
)
REFUSED = [
    f"INSERT INTO every VALUES ({VALUES}, -1)",
    f"INSERT INTO every VALUES ({VALUES}, NULL)",
    "INSERT INTO every (id, f, r, n) VALUES (2, 1e20, '-Infinity', 'NaN')",
    "UPDATE every SET positive = 0",
    "INSERT INTO every (id, positive, ok, f, c) VALUES (2, 1, true, 0.1, 'x')",
    "INSERT INTO child VALUES (true, 1e-7)",
    "DELETE FROM parent",
    "CREATE UNIQUE INDEX ON twice (v)",
    "ALTER TABLE twice ADD UNIQUE (ok, v)",
]


def test_details(postgres_url: str, tmp_path: Path) -> None:
    with (
        fivefold.serving(tmp_path / "shop.db", only=["postgres"], durability="off") as serving,
        psycopg.connect(postgres_url, autocommit=True) as theirs,
        psycopg.connect(serving.urls["postgres"], autocommit=True) as ours,
    ):
        details = []
        for db in (theirs, ours):
            db.execute("SET timezone = 'UTC'")
            db.execute(TABLES)
            details.append([detail(db, text) for text in REFUSED])
    assert details[1] == details[0]


def detail(db: psycopg.Connection[tuple[object, ...]], text: str) -> str | None:
    with pytest.raises(psycopg.IntegrityError) as caught:
        db.execute(text)
    return caught.value.diag.message_detail
