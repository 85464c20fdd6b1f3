"""Deferrable keys in a file: what the triggers keep book of, and every way to write past them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw
import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fivefold
from fivefold.errors import FivefoldError, Violation

SMALL = st.integers(1, 4)
STEPS = st.one_of(
    st.tuples(st.just("INSERT INTO t VALUES (%s, %s, %s)"), st.tuples(SMALL, SMALL, SMALL)),
    st.tuples(st.just("UPDATE t SET a = %s WHERE n = %s"), st.tuples(SMALL, SMALL)),
    st.tuples(st.just("UPDATE t SET a = a %% 4 + %s, id = id + 100"), st.tuples(SMALL)),
    st.tuples(st.just("UPDATE t SET b = NULL WHERE a = %s"), st.tuples(SMALL)),
    st.tuples(st.just("UPDATE t SET b = a, n = %s WHERE a > %s"), st.tuples(SMALL, SMALL)),
    st.tuples(st.just("DELETE FROM t WHERE n = %s"), st.tuples(SMALL)),
    st.tuples(st.sampled_from(["SAVEPOINT s", "ROLLBACK TO s", "RELEASE s"]), st.just(())),
)
TABLE = """
CREATE TABLE t (
    a int, b int, n int, id serial PRIMARY KEY,
    CONSTRAINT t_a UNIQUE (a) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT t_ab UNIQUE NULLS NOT DISTINCT (a, b) DEFERRABLE INITIALLY DEFERRED)
"""


@settings(deadline=None, derandomize=True, max_examples=60)
@given(steps=st.lists(STEPS, max_size=14))
def test_the_book_has_just_the_doubles(steps: list[tuple[str, tuple[int, ...]]]) -> None:
    with fivefold.open(":memory:") as db:
        db.sql(TABLE)
        rows: list[tuple[Any, ...]] = []
        refused = None
        try:
            with db.transaction() as tx:
                tx.sql("SAVEPOINT s")
                for text, values in steps:
                    if text != "RELEASE s":
                        tx.sql(text, list(values))
                    else:
                        tx.sql(text)
                        tx.sql("SAVEPOINT s")
                rows = tx.sql("SELECT a, b FROM t").fetchall()
        except Violation as error:
            refused = error.constraint
        twice = {
            name
            for name, values in (("t_a", [a for a, _ in rows if a is not None]), ("t_ab", rows))
            if any(count > 1 for count in Counter(values).values())
        }
        assert refused in twice if twice else refused is None
        assert len(db.sql("SELECT * FROM t").fetchall()) == (0 if twice else len(rows))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "keys.db"
    with fivefold.open(str(path)) as db:
        db.sql("CREATE TABLE i (id int PRIMARY KEY DEFERRABLE, n int)")
        db.sql("CREATE TABLE d (id int UNIQUE DEFERRABLE INITIALLY DEFERRED, n int)")
        for name in "id":
            db.sql(f"INSERT INTO {name} VALUES (1, 1), (2, 2)")
    return path


def _refused(code: str, work: Callable[[], object]) -> None:
    with pytest.raises((FivefoldError, psycopg.Error)) as caught:
        work()
    error = caught.value
    if isinstance(error, FivefoldError):
        assert error.code == code, error
    else:
        assert isinstance(error, psycopg.Error)
        assert error.sqlstate == {"unique_violation": "23505"}[code], error


@pytest.mark.parametrize("name", ["i", "d"])
def test_of_many_that_commit_together_one_fails(path: Path, name: str) -> None:
    with fivefold.serving(str(path), only=["postgres"]) as server:
        url = server.urls["postgres"]
        with psycopg.connect(url, autocommit=True) as one:
            with one.pipeline():
                good = [one.execute(f"INSERT INTO {name} VALUES (%s, 1)", (n,)) for n in (10, 11)]
            assert [each.rowcount for each in good] == [1, 1]
            _refused("unique_violation", lambda: one.execute(f"INSERT INTO {name} VALUES (10, 2)"))
            one.execute(f"INSERT INTO {name} VALUES (12, 2)")
            rows = one.execute(f"SELECT id FROM {name} ORDER BY id").fetchall()
            assert [row[0] for row in rows] == [1, 2, 10, 11, 12]


@pytest.mark.parametrize("name", ["i", "d"])
def test_copy_and_many_rows_and_cursors(path: Path, name: str) -> None:
    with fivefold.serving(str(path), only=["postgres"]) as server:
        url = server.urls["postgres"]
        with psycopg.connect(url, autocommit=True) as one, one.cursor() as cursor:

            def copied(*keys: int) -> None:
                with cursor.copy(f"COPY {name} FROM STDIN") as copy:
                    for key in keys:
                        copy.write_row((key, key))

            _refused("unique_violation", lambda: copied(5, 6, 5))
            copied(5, 6)
            if name == "i":  # psycopg stumbles over what a pipeline's end refuses
                many = "INSERT INTO i VALUES (%s, 0)"
                _refused("unique_violation", lambda: cursor.executemany(many, [(7,), (5,)]))
            one.execute("BEGIN")
            one.execute(f"DECLARE c CURSOR FOR SELECT id FROM {name} ORDER BY id")
            one.execute("FETCH 2 FROM c")
            one.execute("SAVEPOINT s")
            if name == "i":
                _refused("unique_violation", lambda: one.execute("INSERT INTO i VALUES (5, 0)"))
                one.execute("ROLLBACK TO s")
            assert one.execute("FETCH 1 FROM c").fetchall() == [(5,)]
            one.execute("COMMIT")


def test_another_program_is_refused_too_if_it_asks_for_foreign_keys(path: Path) -> None:
    connection = apsw.Connection(str(path))
    try:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("UPDATE i SET id = id + 1")
        for text in ("INSERT INTO i VALUES (2, 0)", "INSERT INTO d VALUES (2, 0)"):
            with pytest.raises(apsw.ConstraintError):
                connection.execute(text)
        assert connection.execute("SELECT count(*) FROM fivefold_doubles").get == 0
    finally:
        connection.close()


def test_tables_without_such_keys_have_no_triggers(path: Path) -> None:
    with fivefold.open(str(path)) as db:
        db.sql("CREATE TABLE plain (id int PRIMARY KEY, n int UNIQUE)")
        db.sql("ALTER TABLE d DROP CONSTRAINT d_id_key")
        db.sql("INSERT INTO d VALUES (1, 1)")
    connection = apsw.Connection(str(path))
    try:
        found = connection.execute(
            "SELECT DISTINCT tbl_name FROM sqlite_schema WHERE type = 'trigger'"
        ).get
    finally:
        connection.close()
    assert found == "i"


def test_a_table_that_hides_the_rowid_is_refused(path: Path) -> None:
    with fivefold.open(str(path)) as db:
        text = "CREATE TABLE h (rowid int, oid2 int, _rowid_ int, {} int UNIQUE DEFERRABLE)"
        _refused("feature_not_supported", lambda: db.sql(text.format('"OID"')))
        db.sql(text.format("id"))
        db.sql("INSERT INTO h VALUES (1, 1, 1, 1), (1, 1, 1, 2)")
        db.sql("UPDATE h SET id = 3 - id")
        _refused("unique_violation", lambda: db.sql("UPDATE h SET id = 1"))
