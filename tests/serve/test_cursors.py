"""Cursors of the server, as psycopg and psql use them."""

from __future__ import annotations

import subprocess

import psycopg
import pytest

from fivefold.api.serving import Serving
from tests.serve.conftest import Connect
from tests.serve.raw import SYNC, Talk, bind, execute, message, parse
from tests.servers import find_program

FILL = "INSERT INTO t SELECT g, 'row ' || g FROM generate_series(1, 1000) AS g"


@pytest.fixture
def connection(connect: Connect) -> psycopg.Connection[tuple[object, ...]]:
    made = connect(autocommit=False)
    made.execute("CREATE TABLE t (id integer PRIMARY KEY, name text)")
    made.execute(FILL)
    made.commit()
    return made


def test_a_named_cursor_reads_on_while_rows_are_deleted(
    connection: psycopg.Connection[tuple[object, ...]],
) -> None:
    with connection.cursor("many") as cursor:
        cursor.itersize = 100
        cursor.execute("SELECT id, name FROM t WHERE id > %s ORDER BY id", (10,))
        assert cursor.description is not None
        assert [column.name for column in cursor.description] == ["id", "name"]
        assert cursor.fetchone() == (11, "row 11")
        assert cursor.fetchmany(2) == [(12, "row 12"), (13, "row 13")]
        connection.execute("DELETE FROM t WHERE id > 500")
        assert sum(1 for _ in cursor) == 987
    assert connection.execute("SELECT count(*) FROM t").fetchone() == (500,)


def test_scrolling_in_binary(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    with connection.cursor("back", scrollable=True, binary=True) as cursor:
        cursor.execute("SELECT id FROM t ORDER BY id")
        assert cursor.fetchmany(2) == [(1,), (2,)]
        cursor.scroll(-2)
        assert cursor.fetchone() == (1,)
        cursor.scroll(998, mode="absolute")
        assert cursor.fetchall() == [(999,), (1000,)]


def test_a_cursor_with_hold_outlives_its_transaction(
    connection: psycopg.Connection[tuple[object, ...]],
) -> None:
    cursor = connection.cursor("held", withhold=True)
    cursor.execute("SELECT id FROM t ORDER BY id LIMIT 4")
    assert cursor.fetchone() == (1,)
    connection.commit()
    connection.execute("DELETE FROM t")
    connection.commit()
    assert cursor.fetchall() == [(2,), (3,), (4,)]
    cursor.close()


def test_a_cursor_ends_with_its_transaction(
    connection: psycopg.Connection[tuple[object, ...]],
) -> None:
    cursor = connection.cursor("gone")
    cursor.execute("SELECT id FROM t")
    connection.commit()
    with pytest.raises(psycopg.errors.InvalidCursorName):
        cursor.fetchone()
    connection.rollback()
    cursor.close()


def test_psql_fetches_in_parts(
    server: Serving, connection: psycopg.Connection[tuple[object, ...]]
) -> None:
    said = r"""\set FETCH_COUNT 3
        SELECT id FROM t WHERE id < 8 ORDER BY id;
        SELECT 1 / (3 - id) FROM t WHERE id < 8 ORDER BY id;"""
    done = subprocess.run(
        [find_program("psql"), server.urls["postgres"], "-AtX"],
        input=said,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split()[:7] == [str(n) for n in range(1, 8)]
    assert done.stderr == "ERROR:  division by zero\n"


def test_a_binary_cursor_and_the_messages_about_one(server: Serving) -> None:
    with Talk(server.ports["postgres"]) as talk:
        talk.query("BEGIN; DECLARE c BINARY CURSOR FOR SELECT 1 UNION SELECT 258 ORDER BY 1")
        talk.socket.sendall(message("Q", "FETCH c"))
        assert talk.hear()[0] == "T"
        assert talk.hear() == ("D", b"\0\1\0\0\0\4\0\0\0\1")
        assert talk.until("Z") == ["C:FETCH 1", "Z:T"]
        assert talk.say(message("D", b"P", "c"), SYNC) == ["T", "Z:T"]
        assert talk.say(parse("SELECT 1"), bind(portal="c"), SYNC) == ["1", "E:42P03", "Z:E"]
        talk.query("ROLLBACK; BEGIN; DECLARE c CURSOR FOR SELECT 7")
        assert talk.say(message("C", b"P", "c"), SYNC) == ["3", "Z:T"]
        assert talk.query("FETCH c") == ["E:34000", "Z:E"]


def test_what_fetch_gives_is_told_of_the_cursor_of_the_moment(server: Serving) -> None:
    described = message("D", b"S", "f")
    with Talk(server.ports["postgres"]) as talk:
        talk.query("BEGIN; DECLARE c CURSOR FOR SELECT 1")
        assert talk.say(parse("FETCH c", "f"), described, SYNC) == ["1", "t", "T", "Z:T"]
        assert talk.say(bind(statement="f"), execute(), SYNC) == ["2", "D:1", "C:FETCH 1", "Z:T"]
        talk.query("CLOSE c; DECLARE c CURSOR FOR SELECT 'a', 'b'")
        assert talk.say(bind(statement="f"), message("D", b"P", ""), execute(), SYNC) == [
            "2", "T", "D:a|b", "C:FETCH 1", "Z:T",
        ]  # fmt: skip


def test_a_portal_does_not_see_what_is_written_after_it_began(
    server: Serving, connection: psycopg.Connection[tuple[object, ...]]
) -> None:
    with Talk(server.ports["postgres"]) as talk:
        talk.query("BEGIN")
        first = talk.say(
            parse("SELECT id FROM t ORDER BY id"), bind(portal="p"), execute(1, "p"), SYNC
        )
        assert first == ["1", "2", "D:1", "s", "Z:T"]
        assert talk.query("DELETE FROM t WHERE id < 990")[-2:] == ["C:DELETE 989", "Z:T"]
        assert talk.say(execute(2, "p"), SYNC) == ["D:2", "D:3", "s", "Z:T"]
