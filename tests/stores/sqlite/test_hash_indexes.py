"""Hash indexes: found by every spelling of an equal value, used by the planner, and stable."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

import fivefold
from fivefold.stores.sqlite.connection import SqliteConnection
from fivefold.stores.sqlite.functions.hashes import hash_of, hash_under

EQUAL = [
    ("numeric", "1.50", "1.5"),
    ("numeric", "-0.0", "0"),
    ("numeric", "'NaN'", "'NaN'"),
    ("float8", "-0.0", "0"),
    ("float8", "'infinity'", "'inf'"),
    ("float8", "0.1", "1e-1"),
    ("real", "2", "2.0"),
    ("int", "-7", "-7::bigint"),
    ("bigint", "9223372036854775807", "9223372036854775807"),
    ("smallint", "3", "3"),
    ("text", "'Größe ✓'", "U&'Gr\\00F6\\00DFe \\2713'"),
    ("varchar(9)", "'a'", "'a'::text"),
    ("char(9)", "'a'", "'a   '"),
    ("bytea", "'\\x00ff'", "'\\x00FF'"),
    ("boolean", "true", "'yes'"),
    ("date", "'2020-02-29'", "'Feb 29 2020'"),
    ("timestamp", "'2020-02-29 12:00'", "'2020-02-29 12:00:00.000'"),
    ("timestamptz", "'2020-02-29 12:00+00'", "'2020-02-29 13:00+01'"),
    ("time", "'12:00'", "'12:00:00.0'"),
    ("interval", "'1 day'", "'24 hours'"),
    ("interval", "'1 mon'", "'30 days'"),
    ("uuid", "'a0eebc999c0b4ef8bb6d6bb9bd380a11'", "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'"),
    ("jsonb", """'{"a": 1.0, "b": [1]}'""", """'{"b": [1.00], "a": 1}'"""),
    ("int[]", "'{1,NULL}'", "ARRAY[1,NULL]"),
    ("numeric[]", "'{1.0,{2}}'".replace("{2}", "2"), "'{1,2.00}'"),
    ("interval[]", "'{1 day}'", "'{24 hours}'"),
    ("mood", "'ok'", "'ok'"),
]


@pytest.fixture(scope="module")
def db() -> Iterator[fivefold.Database]:
    with fivefold.open(":memory:") as opened:
        opened.sql("CREATE TYPE mood AS ENUM ('sad', 'ok')")
        yield opened


def run_all(db: fivefold.Database, texts: str) -> None:
    for text in texts.split(";"):
        db.sql(text)


def plan_of(db: fivefold.Database, text: str) -> str:
    return "\n".join(str(row[0]) for row in db.sql(f"EXPLAIN {text}"))


@pytest.mark.parametrize(("type_", "kept", "asked"), EQUAL)
def test_equal_values_are_found(db: fivefold.Database, type_: str, kept: str, asked: str) -> None:
    db.sql(f"CREATE TABLE h (id int, v {type_})")
    db.sql("CREATE INDEX h_v ON h USING hash (v)")
    db.sql(f"INSERT INTO h VALUES (1, {kept}), (2, NULL)")
    asking = f"SELECT id FROM h WHERE v = {asked}"
    assert db.sql(asking).fetchall() == [(1,)]
    assert "Index Scan using h_v on h" in plan_of(db, asking)
    assert db.sql(f"SELECT id FROM h WHERE v IN ({asked}, NULL)").fetchall() == [(1,)]
    assert db.sql(f"SELECT id FROM h WHERE v <> {asked}").fetchall() == []
    joined = "SELECT a.id FROM h a JOIN h b ON a.v = b.v"
    assert db.sql(joined).fetchall() == [(1,)]
    assert "using h_v" in plan_of(db, joined)
    db.sql("DROP TABLE h")


USED = [
    "t = 'x'",
    "'x' = t",
    "t IN ('x', 'y')",
    "t = ANY ('{x,y}')",
    "t = ANY (ARRAY['x', 'y'])",
    "t = 'x' OR t = 'y'",
    "t = 'x' AND id > 3",
    "lower(e) = 'x'",
    "doc->>'a' = 'x'",
    "p = 3 AND t IS NOT NULL",
]
NOT_USED = [
    "t > 'x'",
    "t LIKE 'x%'",
    "t <> 'x'",
    "t IS NULL",
    "upper(e) = 'X'",
    "doc->>'b' = 'x'",
    "p = 3",
    "both_ = 'x'",
]


@pytest.fixture(scope="module")
def table(db: fivefold.Database) -> fivefold.Database:
    run_all(
        db,
        "CREATE TABLE used (id int PRIMARY KEY, t text, e text, doc jsonb, p int, both_ text);"
        "CREATE INDEX used_t ON used USING hash (t);"
        "CREATE INDEX used_e ON used USING hash (lower(e));"
        "CREATE INDEX used_a ON used USING hash ((doc->>'a'));"
        "CREATE INDEX used_p ON used USING hash (p) WHERE t IS NOT NULL;"
        "CREATE INDEX used_both ON used USING hash (both_);"
        "CREATE INDEX tree ON used (both_)",
    )
    return db


@pytest.mark.parametrize("condition", USED)
def test_used(table: fivefold.Database, condition: str) -> None:
    assert "used_" in plan_of(table, f"SELECT * FROM used WHERE {condition}")
    assert "used_" in plan_of(table, f"DELETE FROM used WHERE {condition}")


@pytest.mark.parametrize("condition", NOT_USED)
def test_not_used(table: fivefold.Database, condition: str) -> None:
    plan = plan_of(table, f"SELECT * FROM used WHERE {condition}")
    assert "using used_" not in plan or "Index Cond" not in plan  # it may give all of its rows


def test_altered_with_its_table(db: fivefold.Database) -> None:
    run_all(
        db,
        "CREATE TABLE moved (id int, v int); CREATE INDEX moved_v ON moved USING hash (v);"
        "INSERT INTO moved VALUES (1, 5);"
        "ALTER TABLE moved ALTER v TYPE numeric(9, 2); ALTER TABLE moved RENAME v TO w;"
        "ALTER TABLE moved RENAME TO gone",
    )
    assert db.sql("SELECT id FROM gone WHERE w = 5.000").fetchall() == [(1,)]
    assert "using moved_v" in plan_of(db, "SELECT id FROM gone WHERE w = 5.000")
    run_all(db, "UPDATE gone SET w = 6; DELETE FROM gone WHERE w = 5")
    assert db.sql("SELECT id FROM gone WHERE w = 6").fetchall() == [(1,)]


HASHES = [
    ("", "", -1970711489451281740),
    ("abc", "", -2829645022057097895),
    (b"abc", "", -2829645022057097895),
    (0, "", -2152535657050944081),
    (-1, "", -1956407806741107680),
    (1.5, "", -4143719799357074463),
    ("1.50", "decimal", 8796813392969411893),
    ("1 day", "interval", -3653996135899971337),
    ('{"a": 1}', "jsonb", -515356896164022503),
    ("[1,[2.5,null]]", "list", 70541932792079938),
]


@pytest.mark.parametrize(("value", "collation", "wanted"), HASHES)
def test_hashes_are_as_in_files_made_before(
    value: str | bytes | float, collation: str, wanted: int
) -> None:
    assert (hash_under(value, collation) if collation else hash_of(value)) == wanted


def test_a_plain_shell_reads_but_cannot_write(tmp_path: Path) -> None:
    with fivefold.open(str(tmp_path / "plain.db")) as db:
        run_all(
            db,
            "CREATE TABLE t (id int, v text); CREATE INDEX t_v ON t USING hash (v);"
            "INSERT INTO t VALUES (1, 'a')",
        )
    plain = apsw.Connection(str(tmp_path / "plain.db"))
    assert plain.execute("SELECT id FROM t WHERE v = 'a'").get == 1
    assert plain.execute("PRAGMA quick_check").get != ""
    with pytest.raises(apsw.SQLError, match="ff_hash"):
        plain.execute("INSERT INTO t VALUES (2, 'b')")
    plain.close()


def test_the_file_is_sound(db: fivefold.Database) -> None:
    with fivefold.open(":memory:") as other:
        run_all(
            other,
            "CREATE TABLE t (id int, v numeric); CREATE INDEX t_v ON t USING hash (v);"
            "INSERT INTO t SELECT g, g / 4.0 FROM generate_series(1, 1000) g;"
            "UPDATE t SET v = v * 2 WHERE id % 3 = 0; DELETE FROM t WHERE id % 5 = 0",
        )
        connection = other.engine.store.connect()
        assert isinstance(connection, SqliteConnection)
        connection.register_functions()
        assert connection.raw.execute("PRAGMA integrity_check").get == "ok"
        connection.close()
