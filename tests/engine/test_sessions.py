"""Transactions of SQL sessions: conflicts, savepoints, schema, settings, prepared statements."""

from __future__ import annotations

import threading

import pytest

from fivefold.engine import session as session_module
from fivefold.engine.engine import Engine
from fivefold.engine.limits import STATEMENTS_CACHED, TEXTS_CACHED
from fivefold.engine.plans import VARIANTS_MAX
from fivefold.engine.results import full_tag
from fivefold.engine.sql import SqlSession
from fivefold.errors import Conflict, FivefoldError, InvalidState, InvalidStatement, Limit
from fivefold.stores.contract import Connection
from tests.engine.conftest import Connect
from tests.which import ONE_WRITER

Rows = list[tuple[object, ...]]


def run(session: SqlSession, text: str) -> Rows:
    return list(session.execute(text).rows)


def tag(session: SqlSession, text: str) -> str:
    result = session.execute(text)
    return full_tag(result, len(list(result.rows)))


def code(session: SqlSession, text: str) -> str:
    with pytest.raises(FivefoldError) as caught:
        session.execute(text)
    return caught.value.code


@pytest.fixture
def db(connect: Connect) -> SqlSession:
    made = connect()
    made.execute("CREATE TABLE t (a integer PRIMARY KEY, b text)")
    made.execute("INSERT INTO t VALUES (1, 'one')")
    return made


# Conflicts and the writer's place


def test_a_stale_reader_cannot_turn_writer(db: SqlSession, connect: Connect) -> None:
    other = connect()
    run(db, "BEGIN")
    assert run(db, "SELECT b FROM t") == [("one",)]
    run(other, "UPDATE t SET b = 'two'")
    assert run(db, "SELECT b FROM t") == [("one",)]
    with pytest.raises(Conflict) as caught:
        db.execute("UPDATE t SET b = b || '!'")
    assert caught.value.code == "serialization_failure"
    run(other, "UPDATE t SET b = 'three'")  # the loser holds nobody up
    assert db.status == "E"
    assert tag(db, "COMMIT") == "ROLLBACK"
    assert run(db, "SELECT b FROM t") == [("three",)]


def test_a_write_that_waits_too_long_is_a_conflict(
    db: SqlSession, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_module, "WRITER_WAIT_SECONDS", 0.0)
    other = connect()
    run(db, "BEGIN")
    run(db, "UPDATE t SET b = 'two'")
    assert code(other, "DELETE FROM t") == "lock_not_available"
    assert run(other, "SELECT b FROM t") == [("one",)]
    run(db, "ROLLBACK")
    assert tag(other, "DELETE FROM t") == "DELETE 1"


def test_a_transaction_that_the_store_ended_cannot_be_written_in(db: SqlSession) -> None:
    run(db, "BEGIN")
    run(db, "SAVEPOINT s")
    run(db, "INSERT INTO t VALUES (2, 'two')")

    def lose(connection: Connection) -> None:
        connection.rollback()  # what SQLite does when the disk is full
        raise Limit("the disk is full", "disk_full")

    with pytest.raises(Limit):
        db.session.perform(lose, write=True)
    assert code(db, "INSERT INTO t VALUES (3, 'three')") == "in_failed_transaction"
    assert code(db, "ROLLBACK TO s") == "invalid_savepoint"
    assert tag(db, "COMMIT") == "ROLLBACK"
    assert run(db, "SELECT a FROM t") == [(1,)]
    db.begin()
    db.execute("DELETE FROM t")
    with pytest.raises(Limit):
        db.session.perform(lose, write=True)
    with pytest.raises(InvalidState):
        db.end(commit=True)
    assert run(db, "SELECT a FROM t") == [(1,)]
    assert db.engine.writer.try_acquire()
    db.engine.writer.release()


# PostgreSQL's rules of a failed transaction


def test_a_failure_fails_the_transaction(db: SqlSession) -> None:
    run(db, "BEGIN")
    run(db, "INSERT INTO t VALUES (2, 'two')")
    assert code(db, "INSERT INTO t VALUES (1, 'again')") == "unique_violation"
    for text in ("SELECT 1", "BEGIN", "SAVEPOINT s", "SET TimeZone = 'UTC'", "SELECT * FROM none"):
        assert code(db, text) == "in_failed_transaction", text
    assert code(db, "SELEC 1") == "syntax_error"
    assert db.status == "E"
    assert tag(db, "COMMIT") == "ROLLBACK"
    assert db.status == "I"
    assert run(db, "SELECT a FROM t") == [(1,)]


def test_rolling_back_to_a_savepoint_revives(db: SqlSession) -> None:
    run(db, "BEGIN")
    run(db, "INSERT INTO t VALUES (2, 'two')")
    run(db, "SAVEPOINT a")
    run(db, "INSERT INTO t VALUES (3, 'three')")
    run(db, 'SAVEPOINT "A"')  # another one, though SQLite would take them for one
    assert code(db, "SELECT 1 / 0") == "division_by_zero"
    assert code(db, "RELEASE a") == "in_failed_transaction"
    assert code(db, "ROLLBACK TO b") == "invalid_savepoint"
    assert tag(db, "ROLLBACK TO a") == "ROLLBACK"
    assert run(db, "SELECT a FROM t ORDER BY a") == [(1,), (2,)]
    assert code(db, 'ROLLBACK TO "A"') == "invalid_savepoint"
    assert tag(db, "ROLLBACK TO a") == "ROLLBACK"
    assert tag(db, "RELEASE a") == "RELEASE"
    assert tag(db, "COMMIT") == "COMMIT"
    assert run(db, "SELECT a FROM t ORDER BY a") == [(1,), (2,)]


def test_savepoints_of_one_name_hide_each_other(db: SqlSession) -> None:
    run(db, "BEGIN")
    for a in (2, 3, 4):
        run(db, "SAVEPOINT s")
        run(db, f"INSERT INTO t VALUES ({a}, '')")
    run(db, "ROLLBACK TO s")
    run(db, "RELEASE s")
    run(db, "ROLLBACK TO s")
    assert run(db, "SELECT a FROM t ORDER BY a") == [(1,), (2,)]
    run(db, "COMMIT")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("COMMIT", ("COMMIT", "there is no transaction in progress")),
        ("ROLLBACK", ("ROLLBACK", "there is no transaction in progress")),
        ("SET LOCAL TimeZone = 'UTC'", ("SET", "SET LOCAL can only be used in transaction blocks")),
    ],
)
def test_what_only_warns_outside_a_transaction(
    db: SqlSession, text: str, wanted: tuple[str, str]
) -> None:
    result = db.execute(text)
    assert (result.tag, result.notices[0].message) == wanted
    assert result.notices[0].severity == "WARNING"


@pytest.mark.parametrize(
    "text",
    ["SAVEPOINT s", "RELEASE s", "ROLLBACK TO s", "COMMIT AND CHAIN", "ROLLBACK AND CHAIN"],
)
def test_what_wants_a_transaction(db: SqlSession, text: str) -> None:
    assert code(db, text) == "no_active_transaction"


def test_begin_twice_warns(db: SqlSession) -> None:
    run(db, "BEGIN")
    notice = db.execute("START TRANSACTION").notices[0]
    assert notice.message == "there is already a transaction in progress"
    run(db, "ROLLBACK")


def test_chained_transactions(db: SqlSession) -> None:
    run(db, "BEGIN")
    run(db, "INSERT INTO t VALUES (2, 'two')")
    run(db, "COMMIT AND CHAIN")
    assert db.status == "T"
    run(db, "DELETE FROM t")
    run(db, "ROLLBACK AND CHAIN")
    assert run(db, "SELECT a FROM t ORDER BY a") == [(1,), (2,)]
    run(db, "COMMIT")


def test_an_implicit_transaction_obeys_commit_and_rollback(db: SqlSession) -> None:
    db.begin_implicit()
    run(db, "INSERT INTO t VALUES (2, 'two')")
    run(db, "ROLLBACK")
    db.begin_implicit()
    run(db, "INSERT INTO t VALUES (3, 'three')")
    assert tag(db, "COMMIT") == "COMMIT"
    db.begin_implicit()
    run(db, "INSERT INTO t VALUES (4, 'four')")
    run(db, "BEGIN")
    db.end_implicit()
    assert db.status == "T"
    run(db, "ROLLBACK")
    assert run(db, "SELECT a FROM t ORDER BY a") == [(1,), (3,)]


def test_read_only(db: SqlSession) -> None:
    run(db, "BEGIN READ ONLY")
    assert run(db, "SELECT a FROM t") == [(1,)]
    assert code(db, "DELETE FROM t") == "read_only_transaction"
    run(db, "ROLLBACK")
    run(db, "BEGIN")
    run(db, "SET TRANSACTION READ ONLY")
    assert code(db, "CREATE TABLE u (a integer)") == "read_only_transaction"
    run(db, "ROLLBACK")
    run(db, "SET default_transaction_read_only = on")
    assert code(db, "DELETE FROM t") == "read_only_transaction"
    assert code(db, "TRUNCATE t") == "read_only_transaction"
    run(db, "BEGIN READ WRITE")
    assert tag(db, "DELETE FROM t") == "DELETE 1"
    run(db, "ROLLBACK")
    run(db, "RESET ALL")
    assert tag(db, "DELETE FROM t") == "DELETE 1"


# Schema


@ONE_WRITER
def test_changes_of_schema_roll_back(db: SqlSession, connect: Connect) -> None:
    other = connect()
    run(db, "BEGIN")
    run(db, "CREATE TABLE u (x integer)")
    run(db, "ALTER TABLE t ADD COLUMN c integer DEFAULT 5")
    run(db, "INSERT INTO u VALUES (1)")
    assert run(db, "SELECT * FROM t") == [(1, "one", 5)]
    assert code(other, "SELECT * FROM u") == "undefined_table"
    assert run(other, "SELECT * FROM t") == [(1, "one")]
    run(db, "ROLLBACK")
    assert code(db, "SELECT * FROM u") == "undefined_table"
    assert run(db, "SELECT * FROM t") == [(1, "one")]
    # The same version again, with another meaning.
    run(db, "BEGIN")
    run(db, "CREATE TABLE u (y text)")
    assert run(db, "SELECT y FROM u") == []
    assert run(db, "SELECT * FROM t") == [(1, "one")]
    run(db, "COMMIT")
    assert code(other, "SELECT x FROM u") == "undefined_column"
    assert run(other, "SELECT y FROM u") == []


def test_changes_of_schema_roll_back_to_a_savepoint(db: SqlSession) -> None:
    run(db, "BEGIN")
    run(db, "CREATE TABLE u (x integer)")
    run(db, "SAVEPOINT s")
    run(db, "ALTER TABLE u ADD COLUMN y integer DEFAULT 1")
    run(db, "INSERT INTO u VALUES (1)")
    assert run(db, "SELECT * FROM u") == [(1, 1)]
    run(db, "ROLLBACK TO s")
    run(db, "INSERT INTO u VALUES (2)")
    assert run(db, "SELECT * FROM u") == [(2,)]
    run(db, "ALTER TABLE u ADD COLUMN z text DEFAULT 'z'")
    run(db, "COMMIT")
    assert run(db, "SELECT * FROM u") == [(2, "z")]


def test_another_process_changes_the_schema(db: SqlSession, other_process: SqlSession) -> None:
    text = "SELECT * FROM t"
    assert run(db, text) == [(1, "one")]
    run(other_process, "ALTER TABLE t ADD COLUMN c integer DEFAULT 5")
    assert run(db, text) == [(1, "one", 5)]
    run(other_process, "CREATE TABLE u (x integer)")
    assert run(db, "SELECT * FROM u") == []
    run(other_process, "ALTER TABLE t RENAME COLUMN b TO d")
    assert code(db, "UPDATE t SET b = 'x'") == "undefined_column"
    assert tag(db, "UPDATE t SET d = 'x'") == "UPDATE 1"
    run(other_process, "DROP TABLE u")
    assert code(db, "SELECT * FROM u") == "undefined_table"
    run(other_process, "ALTER TABLE t RENAME TO u")
    assert run(db, "SELECT a FROM u") == [(1,)]
    assert code(db, text) == "undefined_table"


def test_a_connection_that_changed_the_schema_itself_makes_plans_stale(
    db: SqlSession, connect: Connect
) -> None:
    other = connect()
    plan, literals = other.plan("SELECT * FROM t")
    run(db, "ALTER TABLE t ADD COLUMN c integer DEFAULT 5")
    db.session.rest()  # the connection that did it is the next to be leased
    with pytest.raises(session_module.StalePlan):
        other.run(plan, literals)
    assert run(other, "SELECT * FROM t") == [(1, "one", 5)]


@ONE_WRITER
def test_a_transaction_keeps_its_catalog(db: SqlSession, other_process: SqlSession) -> None:
    run(db, "BEGIN")
    assert run(db, "SELECT * FROM t") == [(1, "one")]
    run(other_process, "ALTER TABLE t ADD COLUMN c integer DEFAULT 5")
    run(other_process, "CREATE TABLE u (x integer)")
    assert run(db, "SELECT * FROM t") == [(1, "one")]
    assert code(db, "SELECT * FROM u") == "undefined_table"
    run(db, "ROLLBACK")
    assert run(db, "SELECT * FROM t") == [(1, "one", 5)]


# Caches


def test_nothing_grows_with_the_number_of_statements(db: SqlSession, engine: Engine) -> None:
    for number in range(20_000):
        run(db, f"SELECT {number} AS c")
        if number % 4 == 0:
            run(db, f"SELECT a AS c{number} FROM t WHERE a = 1")
    for number in range(200):
        run(db, f"SELECT a, b FROM t ORDER BY {number % 2 + 1} LIMIT {number}")
    snapshot = engine.snapshot
    assert len(snapshot.texts) <= TEXTS_CACHED
    assert len(snapshot.plans) <= STATEMENTS_CACHED
    assert all(len(shape.plans) <= VARIANTS_MAX for shape in snapshot.plans.values())
    assert not db.reading.streams
    assert len(engine._leased) == 1


def test_a_long_text_is_not_kept(db: SqlSession, engine: Engine) -> None:
    before = len(engine.snapshot.texts), len(engine.snapshot.plans)
    many = ", ".join(f"({a}, 'x')" for a in range(2, 2000))
    assert tag(db, f"INSERT INTO t VALUES {many}") == "INSERT 0 1998"
    assert (len(engine.snapshot.texts), len(engine.snapshot.plans)) == before


# Time limits and interrupts

ENDLESS = "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"


def test_statement_timeout(db: SqlSession) -> None:
    run(db, "SET statement_timeout = '20ms'")
    assert code(db, ENDLESS) == "statement_timeout"
    run(db, "BEGIN")
    run(db, "INSERT INTO t VALUES (2, 'two')")
    assert code(db, ENDLESS) == "statement_timeout"
    assert db.status == "E"
    run(db, "ROLLBACK")
    run(db, "SET statement_timeout = 0")
    assert run(db, "SELECT count(*) FROM t") == [(1,)]


def test_statement_timeout_of_rows_that_are_streamed(db: SqlSession) -> None:
    run(db, "SET statement_timeout = '20ms'")
    db.begin_implicit()
    plan, literals = db.plan(ENDLESS)
    rows = db.stream(plan, literals).rows
    with pytest.raises(Limit) as caught, db.within(db.deadline()):
        list(rows)
    assert caught.value.code == "statement_timeout"
    db.fail()
    db.end_implicit()


def test_a_stream_ends_with_its_transaction(db: SqlSession, connect: Connect) -> None:
    run(db, "INSERT INTO t VALUES (2, 'two')")
    db.begin()
    plan, literals = db.plan("SELECT a FROM t")
    rows = db.stream(plan, literals).rows
    assert next(iter(rows)) == (1,)
    db.end(commit=True)
    run(connect(), "UPDATE t SET b = 'new'")
    assert run(db, "SELECT b FROM t") == [("new",), ("new",)]
    run(db, "UPDATE t SET b = 'newer'")  # no snapshot was left behind to conflict with
    assert list(rows) == []


def test_interrupt(db: SqlSession) -> None:
    ended = threading.Event()

    def interrupt() -> None:
        while not ended.wait(0.01):
            db.session.interrupt()

    thread = threading.Thread(target=interrupt)
    thread.start()
    try:
        assert code(db, ENDLESS) == "query_canceled"
    finally:
        ended.set()
        thread.join()
    assert run(db, "SELECT 1") == [(1,)]


# Settings


def shown(session: SqlSession, name: str) -> object:
    return run(session, f"SHOW {name}")[0][0]


def test_settings_follow_the_transaction(db: SqlSession) -> None:
    run(db, "SET TimeZone = 'Europe/Berlin'")
    run(db, "BEGIN")
    run(db, "SET TimeZone = 'Asia/Tokyo'")
    run(db, "SET LOCAL search_path = elsewhere")
    assert (shown(db, "TimeZone"), shown(db, "search_path")) == ("Asia/Tokyo", "elsewhere")
    run(db, "SAVEPOINT s")
    run(db, "SET TimeZone = 'America/New_York'")
    run(db, "ROLLBACK TO s")
    assert shown(db, "TimeZone") == "Asia/Tokyo"
    run(db, "COMMIT")
    assert (shown(db, "TimeZone"), shown(db, "search_path")) == ("Asia/Tokyo", '"$user", public')
    run(db, "BEGIN")
    run(db, "SET TimeZone = 'UTC'")
    run(db, "ROLLBACK")
    assert shown(db, "TimeZone") == "Asia/Tokyo"
    run(db, "BEGIN")
    run(db, "SET LOCAL TimeZone = 'UTC'")
    run(db, "SET TimeZone = 'Europe/Berlin'")  # what came later stays
    run(db, "COMMIT")
    assert shown(db, "TimeZone") == "Europe/Berlin"
    run(db, "RESET TimeZone")
    assert shown(db, "TimeZone") == "UTC"


def test_a_setting_changes_what_a_cached_statement_means(db: SqlSession) -> None:
    text = "SELECT (TIMESTAMPTZ '2020-01-01 12:00:00+00')::text"
    assert run(db, text) == [("2020-01-01 12:00:00+00",)]
    run(db, "SET TimeZone = 'Asia/Tokyo'")
    assert run(db, text) == [("2020-01-01 21:00:00+09",)]
    run(db, "CREATE SCHEMA s")
    run(db, "CREATE TABLE s.t (only_here integer)")
    assert run(db, "SELECT * FROM t") == [(1, "one")]
    run(db, "SET search_path = s")
    assert run(db, "SELECT * FROM t") == []


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("SET nonsense = 1", "undefined_object"),
        ("SHOW nonsense", "undefined_object"),
        ("SET server_version = '16'", "cant_change_runtime_param"),
        ("SET statement_timeout = 'soon'", "invalid_parameter_value"),
        ("SET TimeZone = 'Nowhere/City'", "invalid_parameter_value"),
        ("SET client_encoding = 'LATIN1'", "feature_not_supported"),
        ("SET standard_conforming_strings = off", "feature_not_supported"),
    ],
)
def test_settings_that_are_refused(db: SqlSession, text: str, wanted: str) -> None:
    assert code(db, text) == wanted


@pytest.mark.parametrize(
    ("given", "shows"),
    [("1500", "1500ms"), ("'2s'", "2s"), ("120000", "2min"), ("'1h'", "1h"), ("0", "0")],
)
def test_durations(db: SqlSession, given: str, shows: str) -> None:
    run(db, f"SET statement_timeout = {given}")
    assert shown(db, "statement_timeout") == shows


# Prepared statements


def test_prepare_execute_deallocate(db: SqlSession) -> None:
    run(db, "PREPARE q (integer) AS SELECT b FROM t WHERE a = $1")
    run(db, "PREPARE put AS INSERT INTO t VALUES ($1, upper($2)) RETURNING b")
    assert run(db, "EXECUTE q (1)") == [("one",)]
    assert run(db, "EXECUTE q (2 - 1)") == [("one",)]
    assert run(db, "EXECUTE put (2, 'tw' || 'o')") == [("TWO",)]
    assert code(db, "EXECUTE q") == "syntax_error"
    assert code(db, "EXECUTE none") == "invalid_prepared_statement"
    assert code(db, "PREPARE q AS SELECT 1") == "duplicate_prepared_statement"
    run(db, "ALTER TABLE t ADD COLUMN c integer")
    assert run(db, "EXECUTE q (2)") == [("TWO",)]
    run(db, "DEALLOCATE q")
    assert code(db, "EXECUTE q (1)") == "invalid_prepared_statement"
    run(db, "DEALLOCATE ALL")
    assert code(db, "DEALLOCATE put") == "invalid_prepared_statement"


def test_only_a_writing_execute_wants_the_writers_place(db: SqlSession) -> None:
    run(db, "PREPARE q AS SELECT b FROM t")
    run(db, "PREPARE w AS DELETE FROM t")
    assert not db.writes(db.plan("EXECUTE q")[0])
    assert db.writes(db.plan("EXECUTE w")[0])
    assert not db.writes(db.plan("EXECUTE none")[0])


def test_discard_all(db: SqlSession) -> None:
    run(db, "PREPARE q AS SELECT 1")
    run(db, "SET TimeZone = 'Asia/Tokyo'")
    run(db, "DISCARD ALL")
    assert shown(db, "TimeZone") == "UTC"
    assert code(db, "EXECUTE q") == "invalid_prepared_statement"
    run(db, "BEGIN")
    assert code(db, "DISCARD ALL") == "active_transaction"
    run(db, "ROLLBACK")


def test_a_closed_engine_says_so(db: SqlSession, connect: Connect, engine: Engine) -> None:
    fresh = connect()
    engine.close()
    for act in (fresh.begin, lambda: fresh.execute("SELECT 1")):
        with pytest.raises(InvalidState) as caught:
            act()
        assert caught.value.code == "closed"
    with pytest.raises(InvalidStatement):
        fresh.find_prepared("none")


def test_a_null_key_is_refused(db: SqlSession) -> None:
    assert code(db, "INSERT INTO t VALUES (NULL, 'x')") == "not_null_violation"


@pytest.mark.parametrize(
    ("text", "parameters", "number", "position"),
    [
        ("SELECT $1", (), 1, 8),
        ("SELECT 7, $2 + 1", (), 2, 11),
        ("SELECT $1 IS NULL", (), 1, 8),
        ("INSERT INTO t VALUES ($1)", (), 1, 23),
        ("SELECT '$1', $1::int, $2::int", (1,), 2, 23),
    ],
)
def test_a_parameter_without_a_value_is_refused(
    db: SqlSession, text: str, parameters: tuple[int, ...], number: int, position: int
) -> None:
    with pytest.raises(InvalidStatement, match=f"there is no parameter .{number}") as caught:
        db.execute(text, parameters)
    assert (caught.value.code, caught.value.position) == ("undefined_parameter", position)


def test_the_search_path_leads_through_namespaces_that_exist(db: SqlSession) -> None:
    path = "SELECT current_schema(), current_schemas(false), current_schemas(true)"
    assert run(db, path) == [("public", '["public"]', '["pg_catalog","public"]')]
    run(db, "SET search_path = nope, public, public")
    assert run(db, path)[0][1] == '["public"]'
    run(db, "BEGIN")
    run(db, "CREATE SCHEMA nope")
    assert run(db, path)[0][:2] == ("nope", '["nope","public"]')
    run(db, "CREATE TABLE here (a integer)")
    assert run(db, "SELECT a FROM nope.here") == []
    run(db, "ROLLBACK")
    assert run(db, path)[0][0] == "public"
    run(db, "SET search_path = nope")
    assert run(db, path) == [(None, "[]", '["pg_catalog"]')]
    assert code(db, "CREATE TABLE there (a integer)") == "undefined_namespace"
    assert code(db, "SELECT nextval('no' || 'ne')") == "undefined_table"


def test_a_regclass_is_shown_as_the_search_path_finds_it(db: SqlSession) -> None:
    run(db, "CREATE SCHEMA other")
    run(db, 'CREATE TABLE other."Odd" (a serial)')
    run(db, "CREATE TABLE other.t (a integer)")
    names = """SELECT 'public.t'::regclass, 'other.t'::regclass, 'other."Odd"'::regclass"""
    assert [*map(str, run(db, names)[0])] == ["t", "other.t", 'other."Odd"']
    run(db, "SET search_path = other, public")
    assert [*map(str, run(db, names)[0])] == ["public.t", "t", '"Odd"']
    assert run(db, "SELECT 'public.t'::regclass || '!'") == [("public.t!",)]
    run(db, "CREATE SEQUENCE public.s")
    assert run(db, "SELECT nextval('public.s'::regclass), nextval('s'::regclass)") == [(1, 2)]
