"""COPY's options, binary format, WHERE and errors: PostgreSQL's answers, word by word."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

import fivefold
from tests.servers import Server

Pair = tuple[psycopg.Connection[Any], psycopg.Connection[Any]]

SETUP = """
CREATE TABLE t (a int, b text, c int GENERATED ALWAYS AS (a * 2) STORED, d date);
CREATE VIEW v AS SELECT a, b FROM t;
CREATE MATERIALIZED VIEW mv AS SELECT 1 AS x;
CREATE SEQUENCE s;
CREATE TABLE k (id int PRIMARY KEY, x varchar(3) NOT NULL CHECK (x <> 'bad'));
CREATE TABLE ch (id int PRIMARY KEY, p int REFERENCES k);
CREATE TABLE bin (a int NOT NULL, b text);
INSERT INTO t VALUES (1, 'one', DEFAULT, '2020-01-01'), (2, NULL, DEFAULT, NULL);
"""

OPTIONS = r"""
(FORMAT xml) | (FORMAT csv, FORMAT text) | (foo) | (foo bar) | (DELIMITER 'ab')
(DELIMITER E'\n') | (NULL E'a\n') | (DELIMITER 'a') | (DELIMITER '.') | (QUOTE 'a') | (ESCAPE 'a')
(FORMAT csv, QUOTE 'ab') | (FORMAT csv, ESCAPE 'ab') | (FORMAT csv, QUOTE ',') | (FORCE_QUOTE *)
(FORMAT csv, NULL '"') | (FORMAT csv, FORCE_QUOTE *) | (FORMAT csv, FORCE_QUOTE (zz)) | binary
(FORMAT csv, FORCE_NOT_NULL (a)) | (FORMAT csv, FORCE_NOT_NULL *) | (FORMAT csv, FORCE_NULL (a))
(FORCE_NULL (a)) | (FORCE_NOT_NULL (a)) | (FORMAT csv, FORCE_NULL (zz)) | (HEADER 2)
(HEADER maybe) | (HEADER match) | (HEADER) | (FREEZE) | (FREEZE 3) | (ENCODING 'nope')
(ENCODING 'UTF8') | (FORMAT binary, DELIMITER ',') | (FORMAT binary, NULL 'x') | (NULL 5)
(FORMAT binary, HEADER) | (FORMAT binary, QUOTE 'x') | BINARY CSV | CSV HEADER | csv csv | HEADER
CSV QUOTE 'a' ESCAPE 'b' | DELIMITER AS '/' NULL AS 'x' | CSV FORCE QUOTE a | CSV FORCE NULL b
CSV FORCE NOT NULL a,b | (FORMAT csv, DELIMITER E'\t') | (DELIMITER 'é') | (FORMAT 1) | (FORMAT)
(DELIMITER) | (NULL) | (FORCE_QUOTE) | (FORMAT csv, FORCE_QUOTE a) | (FORMAT csv, FORCE_QUOTE)
(FORMAT csv, ESCAPE '') | (FORMAT csv, DELIMITER '') | () | (header off) | (header 'on')
(header 1) | (header 0) | (freeze 'off') | (encoding) | (default 'x') | (on_error ignore)
(NULL '') | (FORMAT csv, NULL 'a,b') | ("Format" csv) | (FORMAT TEXT) | (FORMAT 'CSV')
(DELIMITER 5) | USING DELIMITERS '/' | DELIMITERS '/' WITH NULL 'x'
"""

OUT = """
COPY v TO STDOUT
COPY mv TO STDOUT
COPY s TO STDOUT
COPY nope TO STDOUT
COPY t (zz) TO STDOUT
COPY t (a, a) TO STDOUT
COPY t (c) TO STDOUT
COPY t TO STDOUT WHERE a = 1
COPY (SELECT a, b FROM t) TO STDOUT
COPY (VALUES (1, 'a')) TO STDOUT (HEADER)
COPY (SELECT 1) TO STDOUT WHERE a = 1
COPY (SELECT * FROM nope) TO STDOUT
COPY (INSERT INTO t (a) VALUES (7) RETURNING a, c) TO STDOUT
COPY (INSERT INTO t (a) VALUES (8)) TO STDOUT
COPY (UPDATE t SET b = 'u' WHERE a = 7 RETURNING *) TO STDOUT CSV HEADER
COPY (DELETE FROM t WHERE a = 7 RETURNING a) TO STDOUT
COPY (SELECT 1 WHERE false) TO STDOUT BINARY
COPY (SELECT 'a'::text, 2::int8, null::int, 1.50) TO STDOUT BINARY
COPY t TO STDOUT PROGRAM
COPY t TO PROGRAM STDOUT
COPY t FROM STDIN garbage
COPY (SELECT 1) FROM STDIN
COPY t TO STDIN (FORMAT csv
"""

IN: list[tuple[str, bytes]] = [
    ("v FROM STDIN", b""),
    ("mv FROM STDIN", b""),
    ("s FROM STDIN", b""),
    ("nope FROM STDIN", b""),
    ("t (c) FROM STDIN", b""),
    ("t FROM STDIN WHERE a > 5", b"1\ta\t\\N\n6\tb\t\\N\n"),
    ("t (a,b) FROM STDIN (FORMAT csv) WHERE b LIKE 'x%' AND a IS NOT NULL", b"1,xa\n6,y\n,xx\n"),
    ("t (a) FROM STDIN WHERE b IS NULL AND 10/a > 2", b"1\n2\n9\n"),
    ("t (a) FROM STDIN WHERE 10/a > 2", b"1\n0\n"),
    ("t (a) FROM STDIN WHERE 10/a > 2", b"1\nx\n"),
    ("t FROM STDIN WHERE a", b""),
    ("t FROM STDIN WHERE zz > 1", b""),
    ("t FROM STDIN WHERE sum(a) > 1", b""),
    ("t FROM STDIN WHERE generate_series(1,2) > 1", b""),
    ("t FROM STDIN WHERE c > 1", b""),
    ("t FROM STDIN WHERE row_number() over () > 1", b""),
    ("k FROM STDIN", b"1\tabc\n1\tdef\n"),
    ("k FROM STDIN", b"1\tabcd\n"),
    ("k FROM STDIN", b"1\tbad\n"),
    ("k FROM STDIN", b"1\ta\n2\t\\N\n"),
    ("k FROM STDIN", b"1\ta\n2\n"),
    ("k FROM STDIN", b"1\ta\n2\ta\tb\n"),
    ("k FROM STDIN", b"1\ta\nx\ta\n"),
    ("k FROM STDIN", b"\\N\ta\n"),
    ("k FROM STDIN", b"1\ta\n99999999999\ta\n"),
    ("k FROM STDIN", b"1\ta\n2\t\xff\n"),
    ("k FROM STDIN", b"1\ta\n" + b"x" * 300 + b"\ta\n"),
    ("k FROM STDIN CSV", b"1,a\nx,a\n"),
    ("k FROM STDIN CSV", b'1,"a\n'),
    ("k FROM STDIN CSV", b'1,a\n2,"a\nb'),
    ("k FROM STDIN CSV HEADER", b"id,x\n1,a\n\n"),
    ("k FROM STDIN (FORMAT csv, HEADER MATCH)", b"id,y\n1,a\n"),
    ("k FROM STDIN (FORMAT csv, HEADER MATCH)", b"id\n1,a\n"),
    ("k FROM STDIN (FORMAT csv, HEADER MATCH)", b"id,x,z\n1,a\n"),
    ("k FROM STDIN (HEADER MATCH, NULL 'id')", b"id\tx\n1\ta\n"),
    ("k FROM STDIN (HEADER MATCH)", b""),
    ("ch FROM STDIN", b"1\t99\n"),
    ("t FROM STDIN", b"1\ta\t2020-13-45\n"),
    ("t FROM STDIN CSV", b'1,"a\nb",2020-01-01\n1,"q\nw",zz\n'),
    ("t FROM STDIN CSV", b'1,"q\nw",zz\n'),
]

HEADER = b"PGCOPY\n\xff\r\n\0" + b"\0" * 8
END = b"\xff\xff"


def number(value: int) -> bytes:
    return struct.pack("!i", value)


def row(*fields: bytes | None) -> bytes:
    parts = [number(-1) if one is None else number(len(one)) + one for one in fields]
    return struct.pack("!h", len(fields)) + b"".join(parts)


BINARY = [
    HEADER + row(number(1), b"x") + row(number(2), None) + END,
    HEADER + END,
    HEADER,
    b"",
    b"PGCOPY",
    b"hello world, this is text",
    HEADER[:11],
    HEADER[:13],
    HEADER[:15],
    HEADER[:11] + b"\0\1\0\0" + number(0) + END,
    HEADER[:11] + b"\0\2\0\0" + number(0) + END,
    HEADER[:11] + b"\0\0\0\1" + number(0) + row(number(9), b"flag") + END,
    HEADER[:15] + number(4) + b"exte" + row(number(10), b"ext") + END,
    HEADER[:15] + number(-4) + END,
    HEADER[:15] + number(400) + b"ab",
    HEADER + row(number(1)) + END,
    HEADER + row(number(1), b"x", b"y") + END,
    HEADER + row(number(1), b"x"),
    HEADER + row(number(1), b"x")[:-1],
    HEADER + row(number(1), b"x") + b"\0",
    HEADER + row(number(1), b"\xff") + END,
    HEADER + row(number(1), b"a\0b") + END,
    HEADER + row(None, b"a") + END,
    HEADER + row(number(5), b"a") + row(number(5) + b"\0", b"a") + END,
    HEADER + struct.pack("!h", 2) + number(-5) + END,
    HEADER + END + b"zz",
    HEADER + struct.pack("!h", -2),
]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, postgres_server: Server) -> Iterator[Pair]:
    """A connection to fivefold and one to PostgreSQL, with the same tables."""
    with (
        fivefold.serving(tmp_path_factory.mktemp("copy") / "c.db", durability="off") as ours,
        psycopg.connect(ours.urls["postgres"], autocommit=True) as one,
        psycopg.connect(postgres_server.url, autocommit=True) as two,
    ):
        for db in (one, two):
            db.execute("CREATE SCHEMA copying")
            db.execute("SET search_path = copying")
            db.execute(SETUP)
        yield one, two
        two.execute("DROP SCHEMA copying CASCADE")


def told(error: psycopg.Error) -> tuple[object, ...]:
    said = error.diag
    return (
        said.sqlstate,
        said.message_primary,
        said.message_detail,
        said.message_hint,
        said.statement_position,
        said.context,
    )


def copy(db: psycopg.Connection[Any], text: str, data: bytes | None, size: int = 1 << 20) -> object:
    """Run a COPY, undone afterwards; return what came of it."""
    try:
        with db.transaction(force_rollback=True), db.cursor() as cursor:
            with cursor.copy(text) as copying:
                if data is None:
                    return b"".join(map(bytes, copying))
                for at in range(0, len(data), size):
                    copying.write(data[at : at + size])
            table = text.split()[1]
            return cursor.statusmessage, cursor.execute(f"SELECT * FROM {table}").fetchall()
    except psycopg.Error as error:
        return told(error)


def each_option() -> list[str]:
    return [one.strip() for line in OPTIONS.strip().split("\n") for one in line.split(" | ")]


def test_options(pair: Pair) -> None:
    for option in each_option():
        if option != "(FREEZE)":  # see test_freeze
            text = f"COPY t FROM STDIN {option}"
            assert copy(pair[0], text, b"") == copy(pair[1], text, b""), text
        text = f"COPY t TO STDOUT {option}"
        assert copy(pair[0], text, None) == copy(pair[1], text, None), text


@pytest.mark.parametrize("text", OUT.strip().split("\n"))
def test_out(pair: Pair, text: str) -> None:
    assert copy(pair[0], text, None) == copy(pair[1], text, None)


@pytest.mark.parametrize(("rest", "data"), IN)
@pytest.mark.parametrize("size", [1, 1 << 20])
def test_in(pair: Pair, rest: str, data: bytes, size: int) -> None:
    text = f"COPY {rest}"
    assert copy(pair[0], text, data, size) == copy(pair[1], text, data, size)


@pytest.mark.parametrize("case", range(len(BINARY)))
@pytest.mark.parametrize("size", [1, 1 << 20])
def test_binary(pair: Pair, case: int, size: int) -> None:
    text = "COPY bin FROM STDIN (FORMAT binary)"
    assert copy(pair[0], text, BINARY[case], size) == copy(pair[1], text, BINARY[case], size)


def test_binary_there_and_back(pair: Pair) -> None:
    made = """SELECT 1::int2 AS a, 'x'::varchar(3) AS b, 1.50::numeric(6, 2) AS c,
        '2020-01-01 00:00:00+00'::timestamptz AS d, '{1,NULL,3}'::int[] AS e, '{}'::jsonb AS f,
        '\\x0102'::bytea AS g, true AS h, '1 day 02:00'::interval AS i, NULL::date AS j,
        '00000000-0000-0000-0000-000000000001'::uuid AS k, 'ab'::char(4) AS l, 1.5::float8 AS m"""
    outputs = []
    for db in pair:
        db.execute(f"CREATE TABLE wide AS {made}")
        outputs.append(copy(db, "COPY wide TO STDOUT (FORMAT binary)", None))
    assert outputs[0] == outputs[1]
    assert isinstance(outputs[0], bytes)
    for db in pair:
        with db.cursor().copy("COPY wide FROM STDIN (FORMAT binary)") as copying:
            copying.write(outputs[0])
        assert db.execute("SELECT count(*) FROM wide").fetchone() == (2,)
        assert len(db.execute("SELECT DISTINCT * FROM wide").fetchall()) == 1


def test_psycopg_sends_and_takes_binary_rows(pair: Pair) -> None:
    types = ["int4", "text"]
    with pair[0].transaction(force_rollback=True), pair[0].cursor() as cursor:
        with cursor.copy("COPY bin FROM STDIN (FORMAT binary)") as copying:
            copying.set_types(types)
            for at in range(3):
                copying.write_row((at, None if at else "first"))
        with cursor.copy("COPY bin TO STDOUT (FORMAT binary)") as copying:
            copying.set_types(types)
            assert list(copying.rows()) == [(0, "first"), (1, None), (2, None)]


@pytest.mark.parametrize(
    "text",
    [
        "COPY t FROM '/tmp/fivefold-no-such-file'",
        "COPY t TO '/tmp/fivefold-no-such-file'",
        "COPY (SELECT 1) TO '/tmp/fivefold-no-such-file' CSV",
        "COPY t FROM PROGRAM 'cat'",
        "COPY t TO PROGRAM 'cat'",
    ],
)
def test_files_of_the_server_are_for_superusers(pair: Pair, text: str) -> None:
    ours, theirs = pair
    theirs.execute("CREATE ROLE copier; GRANT ALL ON SCHEMA copying TO copier")
    theirs.execute("GRANT ALL ON t TO copier; SET ROLE copier")
    try:
        wanted = copy(theirs, text, None)
    finally:
        theirs.execute("RESET ROLE; DROP OWNED BY copier; DROP ROLE copier")
    assert copy(ours, text, None) == wanted
    assert isinstance(wanted, tuple)
    assert wanted[0] == "42501"


def test_freeze(pair: Pair) -> None:
    for db in pair:
        with (
            pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState, match="COPY FREEZE"),
            db.cursor().copy("COPY bin FROM STDIN (FREEZE)"),
        ):
            pass
        with db.transaction(force_rollback=True):
            db.execute("CREATE TABLE frozen (a int)")
            with db.cursor().copy("COPY frozen FROM STDIN (FREEZE)") as copying:
                copying.write(b"1\n")
            assert db.execute("SELECT a FROM frozen").fetchall() == [(1,)]


def test_freeze_of_a_table_that_was_there(pair: Pair) -> None:
    ours, theirs = pair
    with ours.transaction(force_rollback=True):
        with ours.cursor().copy("COPY bin FROM STDIN (FREEZE)") as copying:
            copying.write(b"1\tx\n")
        assert ours.execute("SELECT a FROM bin").fetchall() == [(1,)]
    with (
        pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState),
        theirs.transaction(),
        theirs.cursor().copy("COPY bin FROM STDIN (FREEZE)"),
    ):
        pass
