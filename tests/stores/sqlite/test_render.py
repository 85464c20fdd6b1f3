"""The SQLite text of bound statements: plain things stay plain."""

from __future__ import annotations

import apsw
import pytest

from fivefold.errors import Unsupported
from fivefold.plan.statement import Statement, Template
from fivefold.stores.sqlite.context import Context
from fivefold.stores.sqlite.functions import registry
from fivefold.stores.sqlite.render import render
from tests.stores.sqlite.shop import SQLITE_TABLES, lowered

INT4 = "NOT BETWEEN -2147483648 AND 2147483647"
SHAPES = (
    (
        "SELECT s FROM t WHERE id = 1",
        'SELECT "t"."s" FROM "t" WHERE "t"."id" = 1',
    ),
    (
        "SELECT s FROM t WHERE id = $1",
        'SELECT "t"."s" FROM "t" WHERE "t"."id" = ?1',
    ),
    (
        "SELECT count(*), sum(a), max(s) FROM t WHERE a > 5 GROUP BY s",
        'SELECT count(*) AS "count", sum("t"."a") AS "sum", max("t"."s") AS "max" FROM "t" '
        'WHERE "t"."a" > 5 GROUP BY "t"."s"',
    ),
    (
        "SELECT avg(a) FROM t",
        'SELECT ff_mean(sum("t"."a"), count("t"."a")) AS "avg" FROM "t"',
    ),
    (
        "SELECT t.id FROM t JOIN u ON u.t_id = t.id AND t.ok WHERE s LIKE 'ab%'",
        'SELECT "t"."id" FROM "t" JOIN "u" ON ("u"."t_id" = "t"."id") AND "t"."ok" = 1 '
        'WHERE "t"."s" GLOB \'ab*\'',
    ),
    (
        "SELECT id FROM t WHERE id = ANY($1)",
        'SELECT "t"."id" FROM "t" WHERE "t"."id" IN (SELECT value FROM json_each(ff_unnest(?1)))',
    ),
    (
        "SELECT a + 1 FROM t",
        f'SELECT CASE WHEN "t"."a" + 1 {INT4} THEN ff_fail(\'int4\') '
        'ELSE "t"."a" + 1 END AS "?column?" FROM "t"',
    ),
    ("SELECT a / 2 FROM t", 'SELECT "t"."a" / 2 AS "?column?" FROM "t"'),
    ("SELECT a::bigint + 1 FROM t", 'SELECT "t"."a" + 1 AS "?column?" FROM "t"'),
    ("SELECT n = 1.5 FROM t", 'SELECT "t"."n" COLLATE decimal = \'1.5\' AS "?column?" FROM "t"'),
    (
        "INSERT INTO u (id, v) VALUES (1, 'a') ON CONFLICT (id) DO UPDATE SET v = excluded.v",
        'ON CONFLICT ("id") DO UPDATE SET "v" = "excluded"."v"',
    ),
    ("UPDATE t SET s = 'x' WHERE id = 3", 'UPDATE "t" SET "s" = \'x\' WHERE "t"."id" = 3'),
    (
        "DELETE FROM t AS x WHERE x.id = 3 RETURNING x.s",
        'DELETE FROM "t" AS "x" WHERE "x"."id" = 3 RETURNING "t"."s"',
    ),
    ("SELECT id FROM t ORDER BY id LIMIT 3", 'ORDER BY "t"."id" LIMIT 3'),
)


@pytest.mark.parametrize(("text", "wanted"), SHAPES)
def test_text(text: str, wanted: str) -> None:
    query, _ = lowered(text)
    assert wanted in render(query.statement)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("SELECT s FROM t WHERE id = $1", "SEARCH t USING INTEGER PRIMARY KEY (rowid=?)"),
        ("SELECT s FROM t WHERE id = ANY($1)", "SEARCH t USING INTEGER PRIMARY KEY (rowid=?)"),
        ("SELECT s FROM t WHERE n = $1", "SEARCH t USING INDEX t_n (n=?)"),
        ("SELECT a FROM t WHERE s LIKE 'ab%'", "SEARCH t USING INDEX t_s (s>? AND s<?)"),
        ("SELECT a FROM t ORDER BY s LIMIT 1", "SCAN t USING INDEX t_s"),
        ("SELECT max(n) FROM t", "SEARCH t USING COVERING INDEX t_n"),
        ("DELETE FROM u USING t WHERE t.id = u.t_id AND t.s = 'x'", "SEARCH u USING INTEGER"),
    ],
)
def test_uses_indexes(text: str, wanted: str) -> None:
    raw = apsw.Connection(":memory:")
    registry.register(raw, Context())
    raw.execute(SQLITE_TABLES + "CREATE INDEX t_n ON t(n); CREATE INDEX t_s ON t(s)")
    query, _ = lowered(text)
    rows = raw.execute("EXPLAIN QUERY PLAN " + render(query.statement), (None,) * text.count("$"))
    assert any(wanted in str(row[3]) for row in rows)


def test_long_chains_are_no_deep_trees() -> None:
    choices = " OR ".join([f"id = {number} AND a > 0" for number in range(3000)])
    raw = apsw.Connection(":memory:")
    registry.register(raw, Context())
    raw.execute(SQLITE_TABLES)
    query, _ = lowered(f"SELECT id FROM t WHERE {choices}")
    assert raw.execute(render(query.statement)).fetchall() == []


def test_template() -> None:
    template = Template("SELECT * FROM {a} WHERE x = ?", {"a": ("keys", "db 0")})
    assert render(Statement(template)) == 'SELECT * FROM "keys.db 0" WHERE x = ?'


def test_parameters_without_use_are_still_counted() -> None:
    query, values = lowered("SELECT pg_typeof(5), 7", lifting=True)
    raw = apsw.Connection(":memory:")
    assert raw.execute(render(query.statement), values).fetchall() == [(23, 7)]


def test_what_cannot_be_said_is_refused() -> None:
    query, _ = lowered("UPDATE u SET t_id = t.a FROM t WHERE t.id = u.t_id RETURNING t.s")
    with pytest.raises(Unsupported, match="RETURNING a column of another table"):
        render(query.statement)
