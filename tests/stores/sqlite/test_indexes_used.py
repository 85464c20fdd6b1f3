"""Which index answers what programs ask every day, as EXPLAIN tells it.

An entry is a statement and what its plan must say; one that begins with ``!`` must not stand there.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence

import pytest

import fivefold

SCHEMA = """
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE TABLE u (
    id int PRIMARY KEY, a int, b int, tenant int NOT NULL, big bigint, num numeric(12, 2),
    name text, vc varchar(40), ch char(10), m mood, d date, ts timestamp, tz timestamptz NOT NULL,
    doc jsonb, active boolean, f float8, uid uuid, email text, gone timestamp, state text,
    paid boolean);
CREATE TABLE c (cid bigint PRIMARY KEY, uid int REFERENCES u ON DELETE CASCADE, ubig bigint,
                t text);
CREATE INDEX u_ab ON u (a, b);
CREATE INDEX u_tenant ON u (tenant, tz DESC, id DESC);
CREATE INDEX u_bdesc ON u (b DESC, big);
CREATE INDEX u_big ON u (big) INCLUDE (num);
CREATE INDEX u_num ON u (num);
CREATE INDEX u_name ON u (name text_pattern_ops);
CREATE INDEX u_vc ON u (vc);
CREATE INDEX u_ch ON u (ch);
CREATE INDEX u_m ON u (m);
CREATE INDEX u_d ON u (d);
CREATE INDEX u_ts ON u (ts);
CREATE INDEX u_tz ON u (tz, id);
CREATE INDEX u_key ON u ((doc->>'key'));
CREATE INDEX u_number ON u (((doc->>'n')::int));
CREATE INDEX u_lower ON u (lower(email));
CREATE INDEX u_active ON u (active);
CREATE INDEX u_f ON u (f) WHERE paid;
CREATE INDEX u_kept ON u (state) WHERE gone IS NULL;
CREATE INDEX u_todo ON u (f) WHERE state IN ('new', 'open');
CREATE INDEX u_uid ON u (uid);
CREATE INDEX c_uid ON c (uid);
CREATE INDEX c_ubig ON c (ubig);
CREATE INDEX c_length ON c (length(t));
INSERT INTO u SELECT g, g % 100, g % 7, g % 50, g, g, 'name' || g, 'vc' || g, 'c' || g % 100,
    (ARRAY['sad', 'ok', 'happy'])[1 + g % 3]::mood, date '2000-01-01' + g % 3000,
    timestamp '2000-01-01' + g * interval '1 hour', timestamptz '2000-01-01 00:00+00' + g * interval
    '1 hour', ('{"key": "k' || g || '", "n": ' || g || '}')::jsonb, g % 2 = 0, g, NULL,
    'User' || g || '@X.com', NULL, 'new', g % 9 = 0 FROM generate_series(1, 3000) g;
INSERT INTO c SELECT g, g, g, 'name' || g FROM generate_series(1, 3000) g;
ANALYZE
"""


@pytest.fixture(scope="module")
def db() -> Iterator[fivefold.Database]:
    with fivefold.open(":memory:") as opened:
        for text in SCHEMA.split(";"):
            opened.sql(text)
        yield opened


MOMENT = datetime.datetime(2000, 1, 2, tzinfo=datetime.UTC)
PLANS: list[tuple[str, Sequence[object], str]] = [
    # composite keys, ranges, parameters
    ("SELECT * FROM u WHERE a = 5 AND b > 3", (), "using u_ab|(a = 5) AND (b > 3)"),
    ("SELECT * FROM u WHERE a = %s AND b > %s", (5, 3), "using u_ab|(b > $2)"),
    ("SELECT * FROM u WHERE a = 5::bigint", (), "using u_ab"),
    ("SELECT * FROM u WHERE a = %s", (2**40,), "using u_ab"),
    ("SELECT * FROM u WHERE big = 5", (), "using u_big"),
    ("SELECT * FROM u WHERE num = %s", (5,), "using u_num"),
    ("SELECT * FROM u WHERE num > 5.5 AND num < 9", (), "using u_num|(num < '9'::numeric)"),
    ("SELECT * FROM u WHERE (a, b) = (5, 3)", (), "using u_ab|(b = 3)"),
    ("SELECT * FROM u WHERE (a, b) IN ((5, 3), (6, 4))", (), "on u_ab|(b = ?)"),
    ("SELECT * FROM u WHERE a IS NULL", (), "using u_ab"),
    ("SELECT * FROM u WHERE a IS NOT DISTINCT FROM 5", (), "using u_ab"),
    ("SELECT big, num FROM u WHERE big = 5", (), "Index Only Scan using u_big"),
    ("SELECT id FROM u WHERE id BETWEEN 5 AND 9", (), "using u_pkey"),
    # lists
    ("SELECT * FROM u WHERE big IN (1, 2, 3)", (), "using u_big"),
    ("SELECT * FROM u WHERE id = ANY(%s)", ([1, 2],), "using u_pkey"),
    ("SELECT * FROM u WHERE name = ANY(%s)", (["name1"],), "using u_name"),
    ("SELECT * FROM u WHERE big = ANY(ARRAY[1, 2])", (), "using u_big"),
    ("SELECT * FROM u WHERE a = 3 AND b = ANY(%s)", ([1],), "using u_ab|(b = ANY ($1))"),
    ("SELECT * FROM u WHERE name = 'name1' OR vc = 'vc2'", (), "on u_name|on u_vc"),
    ("SELECT * FROM u WHERE id IN (SELECT uid FROM c WHERE cid = 5)", (), "using u_pkey"),
    ("SELECT * FROM u WHERE id = (SELECT uid FROM c WHERE cid = 5)", (), "using u_pkey"),
    # texts
    (
        "SELECT * FROM u WHERE name LIKE 'name12%%'",
        (),
        "using u_name|Index Cond: (name ~~ 'name12%",
    ),
    ("SELECT * FROM u WHERE name LIKE %s", ("name12%",), "using u_name|Cond: (name ~~ $1)"),
    ("SELECT * FROM u WHERE vc LIKE %s || '%%'", ("vc12",), "using u_vc|((vc)::text ~~"),
    ("SELECT * FROM u WHERE starts_with(name, 'name12')", (), "using u_name|(name < ?)"),
    ("SELECT * FROM u WHERE name ^@ %s", ("name12",), "using u_name|(name < ?)"),
    ("SELECT * FROM u WHERE vc = %s::text", ("vc5",), "using u_vc"),
    ("SELECT * FROM u WHERE ch = %s", ("c5",), "using u_ch"),
    ("SELECT * FROM u WHERE ch = 'c5   '", (), "using u_ch"),
    ("SELECT * FROM u WHERE m = 'ok'", (), "using u_m"),
    ("SELECT * FROM u WHERE m = %s", ("ok",), "using u_m"),
    ("SELECT * FROM u WHERE uid = %s", ("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",), "using u_uid"),
    # dates
    (
        "SELECT * FROM u WHERE d >= '2001-01-01' AND d < '2001-02-01'",
        (),
        "using u_d|Index Cond: (|!?",
    ),
    ("SELECT * FROM u WHERE d = %s", (MOMENT.date(),), "using u_d"),
    ("SELECT * FROM u WHERE d > current_date - 30", (), "using u_d|Index Cond: (|!?"),
    (
        "SELECT * FROM u WHERE d > current_date - interval '30 days'",
        (),
        "using u_d|Index Cond: (|!?",
    ),
    ("SELECT * FROM u WHERE d < timestamp '2000-02-01 10:00'", (), "using u_d|Index Cond: (|!?"),
    (
        "SELECT * FROM u WHERE d BETWEEN now() - interval '1 day' AND now()",
        (),
        "using u_d|Index Cond: (|!?",
    ),
    ("SELECT * FROM u WHERE ts > now() - interval '7 days'", (), "using u_ts|Index Cond: (|!?"),
    ("SELECT * FROM u WHERE now() - interval '7 days' < ts", (), "using u_ts|Index Cond: (|!?"),
    (
        "SELECT * FROM u WHERE ts >= date '2000-01-02' AND ts < '2000-01-03'",
        (),
        "u_ts|Index Cond: (|!?",
    ),
    ("SELECT * FROM u WHERE tz >= %s", (MOMENT,), "using u_tz|Index Cond: (|!?"),
    ("SELECT * FROM u WHERE tz > current_date - 7", (), "using u_tz|Index Cond: (|!?"),
    # expressions, conditions
    (
        "SELECT * FROM u WHERE doc->>'key' = 'k5'",
        (),
        "using u_key|((doc ->> 'key'::text) = 'k5'::text)",
    ),
    ("SELECT * FROM u WHERE doc->>'key' = %s", ("k5",), "using u_key"),
    ("SELECT * FROM u WHERE doc->>'other' = 'k5'", (), "!u_key"),
    ("SELECT * FROM u WHERE (doc->>'n')::int BETWEEN 5 AND 9", (), "using u_number"),
    ("SELECT * FROM u x WHERE lower(x.email) = lower(%s)", ("A@B",), "using u_lower"),
    ("SELECT * FROM u WHERE lower(email) LIKE 'user5@%%'", (), "using u_lower"),
    ("SELECT cid FROM c WHERE length(t) = 9", (), "using c_length"),
    ("SELECT * FROM u WHERE f > 2990 AND paid", (), "using u_f"),
    ("SELECT * FROM u WHERE f > 2990 AND paid = true", (), "using u_f"),
    ("SELECT * FROM u WHERE f > 2990 AND paid IS TRUE", (), "using u_f"),
    ("SELECT * FROM u WHERE f > 2990", (), "!u_f"),
    ("SELECT * FROM u WHERE state = 'old' AND gone IS NULL", (), "using u_kept"),
    ("SELECT * FROM u WHERE state = 'old'", (), "!u_kept"),
    ("SELECT id FROM u WHERE NOT active", (), "using u_active"),
    # joins, subqueries, references
    ("SELECT * FROM u JOIN c ON c.uid = u.id WHERE u.id = 3", (), "using u_pkey|using c_uid"),
    ("SELECT * FROM c JOIN u ON c.ubig = u.id WHERE c.cid = 3", (), "using c_pkey|using u_pkey"),
    ("SELECT * FROM c LEFT JOIN u ON u.num = c.cid WHERE c.cid = 1", (), "using u_num"),
    ("SELECT * FROM u WHERE EXISTS (SELECT 1 FROM c WHERE c.uid = u.id)", (), "using c_uid"),
    ("SELECT * FROM u WHERE NOT EXISTS (SELECT 1 FROM c WHERE c.uid = u.id)", (), "using c_uid"),
    ("SELECT (SELECT count(*) FROM c WHERE c.uid = u.id) FROM u WHERE a = 3", (), "u_ab|c_uid"),
    ("DELETE FROM u WHERE id = 5", (), "using u_pkey|Foreign Key Check|using c_uid"),
    ("UPDATE u SET b = 3 FROM c WHERE c.uid = u.id AND c.cid = 9", (), "c_pkey|using u_pkey"),
    ("SELECT * FROM (SELECT * FROM u) x WHERE x.a = 3 AND x.b = 2", (), "using u_ab"),
    ("WITH x AS (SELECT * FROM u) SELECT * FROM x WHERE a = 3 AND b = 2", (), "using u_ab"),
    # order, first rows, pages
    ("SELECT id FROM u WHERE a = 5 ORDER BY b LIMIT 5", (), "using u_ab|!Sort"),
    ("SELECT id FROM u ORDER BY a LIMIT 5", (), "using u_ab|!Sort"),
    ("SELECT id FROM u ORDER BY a DESC LIMIT 5", (), "using u_ab|!Sort"),
    ("SELECT id FROM u ORDER BY a NULLS FIRST LIMIT 5", (), "using u_ab|!Sort"),
    ("SELECT id FROM u ORDER BY a DESC NULLS LAST LIMIT 5", (), "using u_ab|!Sort"),
    ("SELECT id FROM u ORDER BY tz, id LIMIT 5", (), "using u_tz|!Sort"),
    ("SELECT id FROM u ORDER BY tz DESC, id DESC LIMIT 5", (), "using u_tz|!Sort"),
    ("SELECT * FROM u WHERE tenant = 3 ORDER BY tz DESC, id DESC LIMIT 5", (), "u_tenant|!Sort"),
    ("SELECT * FROM u WHERE (tz, id) > (%s, 3) ORDER BY tz, id LIMIT 5", (MOMENT,), "u_tz|!Sort"),
    (
        "SELECT * FROM u WHERE (tz, id) < (%s, 3) ORDER BY tz DESC, id DESC LIMIT 5",
        (MOMENT,),
        "u_tz|!Sort",
    ),
    ("SELECT id FROM u WHERE num > 5 ORDER BY num DESC LIMIT 5", (), "using u_num|!Sort"),
    ("SELECT DISTINCT a FROM u", (), "using u_ab|!Sort"),
    ("SELECT a, count(*) FROM u GROUP BY a", (), "using u_ab|!Sort"),
    # aggregates
    ("SELECT min(a) FROM u", (), "using u_ab"),
    ("SELECT max(tz) FROM u", (), "using u_tz"),
    ("SELECT max(id) FROM u", (), "using u_pkey"),
    ("SELECT max(num) FROM u", (), "using u_num"),
    ("SELECT max(b) FROM u WHERE a = 4", (), "using u_ab|(a = 4)"),
    ("SELECT count(*) FROM u", (), "Index Only Scan"),
    ("SELECT count(*) FROM u WHERE a = 3", (), "Index Only Scan using u_ab"),
]


@pytest.mark.parametrize(("text", "parameters", "wanted"), PLANS)
def test_plan(db: fivefold.Database, text: str, parameters: Sequence[object], wanted: str) -> None:
    plan = "\n".join(str(row[0]) for row in db.sql(f"EXPLAIN {text}", parameters))
    for part in wanted.split("|"):
        assert (part[1:] not in plan) if part[0] == "!" else (part in plan), plan


CONDITIONS = [
    "name LIKE %s",
    "vc LIKE %s",
    "starts_with(name, %s)",
    "starts_with(vc, %s)",
]
PATTERNS = [
    "",
    "name1",
    "name1%",
    "%1",
    "n_me1%",
    "NAME%",
    "name\\1%",
    "v%1",
    "\U0010ffff%",
    "a\ud7ff",
]


@pytest.mark.parametrize("condition", CONDITIONS)
@pytest.mark.parametrize("pattern", PATTERNS)
def test_bounds_of_texts_leave_nothing_out(
    db: fivefold.Database, condition: str, pattern: str
) -> None:
    bounded = f"SELECT count(*) FROM u WHERE {condition}"
    hidden = f"SELECT count(*) FILTER (WHERE {condition}) FROM u"
    values = [pattern.encode("utf-8", "replace").decode()]
    assert db.sql(bounded, values).fetchall() == db.sql(hidden, values).fetchall()


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Apia", "America/New_York", "Pacific/Kiritimati"])
@pytest.mark.parametrize("operator", ["<", "<=", "=", ">=", ">"])
@pytest.mark.parametrize(
    "comparison",
    [
        "ts {} '2000-01-20 00:00+00'::timestamptz",
        "'2000-01-20 05:00+00'::timestamptz {} ts",
        "d {} '2000-01-20 10:00+00'::timestamptz",
        "d {} '2000-01-20 00:00'::timestamp",
        "d {} '2000-01-20 00:01'::timestamp",
        "d {} 'infinity'::timestamp",
        "ts {} '-infinity'::timestamptz",
        "ts {} '0001-01-01 00:00+00'::timestamptz",
    ],
)
def test_bounds_of_days_leave_nothing_out(
    db: fivefold.Database, comparison: str, operator: str, zone: str
) -> None:
    condition = comparison.format(operator)
    with db.transaction() as tx:
        tx.sql(f"SET LOCAL timezone = '{zone}'")
        bounded = tx.sql(f"SELECT count(*) FROM u WHERE {condition}").fetchall()
        assert bounded == tx.sql(f"SELECT count(*) FILTER (WHERE {condition}) FROM u").fetchall()
