"""Views of a database in PostgreSQL are views of the server's: its catalogs show them."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

import fivefold
from fivefold.errors import FivefoldError
from tests import servers

# Each line is said to fivefold over one database and to PostgreSQL about another.
STATEMENTS = """
    CREATE TABLE t (a int PRIMARY KEY, b text, c date)
    CREATE VIEW v AS SELECT a, b FROM t WHERE a > 1
    CREATE VIEW w (x) AS SELECT a FROM v
    CREATE OR REPLACE VIEW v AS SELECT a, b, c FROM t WHERE a > 2 AND b LIKE '%s'
    COMMENT ON VIEW v IS 'a view'
    COMMENT ON COLUMN v.b IS 'its column'
    CREATE SCHEMA s
    SET search_path = s, public
    CREATE VIEW over AS SELECT count(*) AS n, a FROM t GROUP BY a
    SET search_path = public
    ALTER TABLE t ADD d int DEFAULT 3
    CREATE VIEW checked AS SELECT * FROM t WHERE a < 10 WITH LOCAL CHECK OPTION
    CREATE VIEW keyed AS SELECT a, b FROM t GROUP BY a
    ALTER TABLE t DROP COLUMN c
    DROP VIEW v
    DROP VIEW v CASCADE
    DROP SCHEMA s
    CREATE VIEW base AS SELECT a, b FROM t
    CREATE VIEW upon AS SELECT b FROM base
    CREATE RECURSIVE VIEW numbers (n) AS VALUES (1) UNION ALL SELECT n + 1 FROM numbers WHERE n < 9
    CREATE VIEW now_and_then AS SELECT current_date AS today, x.* FROM generate_series(1, 3) x
    DROP VIEW s.over, checked
    DROP TABLE t CASCADE
    CREATE TYPE mood AS ENUM ('sad', 'happy')
    CREATE TABLE people (name text, feels mood)
    CREATE VIEW happy AS SELECT name, feels FROM people WHERE feels > 'sad'
    ALTER TYPE mood ADD VALUE 'ecstatic'
    ALTER TABLE people ALTER name TYPE varchar(9)
    DROP TYPE mood CASCADE
"""
RENAMES = """
    CREATE TABLE t (a int, b text)
    CREATE VIEW v AS SELECT a, b FROM t
    CREATE VIEW w AS SELECT a FROM v
    COMMENT ON VIEW v IS 'a view'
    COMMENT ON COLUMN v.b IS 'its column'
    ALTER TABLE t RENAME COLUMN b TO bb
    ALTER TABLE t RENAME TO tt
    ALTER VIEW v RENAME TO vv
    ALTER VIEW vv RENAME COLUMN b TO z
    CREATE SCHEMA s
    ALTER VIEW vv SET SCHEMA s
    ALTER TABLE tt SET SCHEMA s
    ALTER SCHEMA s RENAME TO r
"""
_COLUMNS = """
    SELECT n.nspname, c.relname, c.relkind, obj_description(c.oid, 'pg_class'), c.reloptions,
        array_agg((a.attname, a.atttypid::regtype, col_description(c.oid, a.attnum))::text
            ORDER BY a.attnum)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE n.nspname IN ('public', 's', 'r') AND c.relkind IN ('r', 'v')
    GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2
"""
_TEXTS = """
    SELECT schemaname, viewname, definition FROM pg_views
    WHERE schemaname IN ('public', 's') ORDER BY 1, 2
"""


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.strip().splitlines()]


def said(connection: psycopg.Connection[Any], text: str) -> str | None:
    try:
        connection.execute(text.encode())
    except psycopg.Error as error:
        return error.sqlstate
    return None


@pytest.mark.parametrize(
    ("text", "asked"), [(STATEMENTS, [_COLUMNS, _TEXTS]), (RENAMES, [_COLUMNS])]
)
def test_the_catalogs_show_what_postgresql_s_own_would(
    text: str, asked: list[str], postgres_server: servers.Server, postgres_url: str
) -> None:
    with (
        servers.fresh_database(postgres_server.url) as other,
        fivefold.serving(postgres_url, only=["postgres"]) as serving,
        psycopg.connect(serving.urls["postgres"], autocommit=True) as ours,
        psycopg.connect(other, autocommit=True) as theirs,
    ):
        for statement in lines(text):
            assert said(ours, statement) == said(theirs, statement), statement
            for question in asked:
                expected = theirs.execute(question.encode()).fetchall()
                assert ours.execute(question.encode()).fetchall() == expected, statement


def test_it_comes_and_goes_with_the_transaction(postgres_url: str) -> None:
    with (
        fivefold.open(postgres_url) as db,
        psycopg.connect(postgres_url, autocommit=True) as behind,
    ):
        db.sql("BEGIN")
        db.sql("CREATE VIEW v AS SELECT 1 AS a")
        assert db.sql("SELECT relkind FROM pg_class WHERE relname = 'v'").fetchone() == ("v",)
        db.sql("ROLLBACK")
        assert behind.execute("SELECT to_regclass('v')").fetchone() == (None,)
        db.sql("CREATE VIEW v AS SELECT 1 AS a")
        assert behind.execute("SELECT * FROM v").fetchall() == [(1,)]


def test_others_views_stand_in_the_way(postgres_url: str) -> None:
    with (
        fivefold.open(postgres_url) as db,
        psycopg.connect(postgres_url, autocommit=True) as behind,
    ):
        db.sql("CREATE TABLE t (a int)")
        db.sql("CREATE VIEW v AS SELECT a FROM t")
        behind.execute("CREATE VIEW theirs AS SELECT a FROM v")
        with pytest.raises(FivefoldError, match="depend"):
            db.sql("DROP VIEW v")
        assert db.sql("SELECT * FROM v").fetchall() == []
        behind.execute("DROP VIEW theirs")
        db.sql("DROP VIEW v")
        assert behind.execute("SELECT to_regclass('v')").fetchone() == (None,)


def test_other_databases_have_theirs_in_the_catalog_alone(postgres_url: str) -> None:
    with fivefold.serving(postgres_url, only=["postgres"]) as serving:
        url = serving.urls["postgres"]
        with psycopg.connect(url, autocommit=True) as main:
            main.execute("CREATE DATABASE d")
        with psycopg.connect(url.rpartition("/")[0] + "/d", autocommit=True) as d:
            d.execute("CREATE TABLE t (a int)")
            d.execute("CREATE VIEW v AS SELECT a + 1 AS b FROM t")
            d.execute("INSERT INTO t VALUES (1)")
            assert d.execute("SELECT b FROM v").fetchall() == [(2,)]
            d.execute("DROP TABLE t CASCADE")
