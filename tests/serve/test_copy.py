"""COPY in both directions, beside PostgreSQL: the same bytes give the same rows or refusals."""

# ruff: noqa: PT012 - it is whole blocks that fail here, not single statements

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import fivefold
from fivefold.api.serving import Serving
from tests.serve.conftest import Connect
from tests.servers import Server

Pair = tuple[psycopg.Connection[Any], psycopg.Connection[Any]]

TABLE = "CREATE TABLE c (n integer, t text, b bytea, d date)"
COLUMNS = "n, t, b, d"

ODD = st.text(st.sampled_from("abNU-\\.\"',;\n\r\t\v\b \x1fé€😀08x|"), max_size=8)
ROWS = st.lists(
    st.tuples(
        st.none() | st.integers(-(2**31), 2**31 - 1),
        st.none() | ODD,
        st.none() | st.binary(max_size=4),
        st.none() | st.dates(),
    ),
    max_size=6,
)
OPTIONS = [
    "",
    "(FORMAT csv)",
    "(FORMAT csv, HEADER, NULL 'NULL')",
    "(FORMAT csv, DELIMITER ';', QUOTE '''', ESCAPE '\\')",
    "(DELIMITER '|', NULL '-')",
]
ONLY_OUT = {"(FORMAT csv)": "(FORMAT csv, FORCE_QUOTE *)", "": "(HEADER false)"}
ONLY_IN = [
    "",
    "(FORMAT csv)",
    "(FORMAT csv, NULL 'a', FORCE_NULL (n, t))",
    "(FORMAT csv, NULL '', FORCE_NOT_NULL (t))",
    "(DELIMITER '|', NULL '1')",
]
QUICK = settings(
    max_examples=25,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, postgres_server: Server) -> Iterator[Pair]:
    """A connection to fivefold and one to PostgreSQL, each with the empty table c."""
    with (
        fivefold.serving(tmp_path_factory.mktemp("copy") / "c.db", durability="off") as ours,
        psycopg.connect(ours.urls["postgres"], autocommit=True) as one,
        psycopg.connect(postgres_server.url, autocommit=True) as two,
    ):
        two.execute("SET standard_conforming_strings = on; SET search_path = pg_temp")
        one.execute(TABLE)
        two.execute(TABLE.replace("TABLE", "TEMP TABLE"))
        yield one, two


def copy_in(db: psycopg.Connection[Any], data: bytes, options: str, pieces: int = 1) -> object:
    """Return the rows that are there afterwards, or the SQLSTATE that refused them."""
    db.execute("DELETE FROM c")
    size = max(1, -(-len(data) // pieces))
    try:
        with db.cursor().copy(f"COPY c FROM STDIN {options}") as copy:
            for at in range(0, len(data), size):
                copy.write(data[at : at + size])
    except psycopg.Error as error:
        return error.sqlstate
    return db.execute(f"SELECT {COLUMNS} FROM c ORDER BY {COLUMNS}").fetchall()


def copy_out(db: psycopg.Connection[Any], options: str) -> bytes:
    with db.cursor().copy(
        f"COPY (SELECT {COLUMNS} FROM c ORDER BY {COLUMNS}) TO STDOUT {options}"
    ) as copy:
        return b"".join(bytes(piece) for piece in copy)


@QUICK
@given(rows=ROWS, options=st.sampled_from(OPTIONS), pieces=st.integers(1, 5))
def test_rows_survive_the_way_there_and_back(
    pair: Pair, rows: list[tuple[object, ...]], options: str, pieces: int
) -> None:
    ours, theirs = pair
    outputs = []
    for db in pair:
        db.execute("DELETE FROM c")
        with db.cursor().copy("COPY c FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        outputs.append(copy_out(db, options))
        outputs.append(copy_out(db, ONLY_OUT.get(options, options)))
    assert outputs[:2] == outputs[2:]
    assert copy_in(ours, outputs[0], options, pieces) == copy_in(theirs, outputs[0], options)


PIECES = [
    *(
        "1",
        "\\N",
        "a",
        "b\\",
        "\\x41",
        "\\101",
        "\\t",
        "2020-01-31",
        " ",
        "|",
        "\\",
        ";",
        "NULL",
        "é",
    ),
    *("\t", "\t", "\t", ",", ",", ",", '"', '""', "\n", "\n", "\n", "\n\\.\n"),
]


@settings(QUICK, max_examples=150)
@given(
    pieces=st.lists(st.sampled_from(PIECES), max_size=14),
    options=st.sampled_from(ONLY_IN),
    parts=st.integers(1, 4),
    end=st.sampled_from(["\n", "\n", "\r\n"]),
)
def test_any_input_is_taken_or_refused_alike(
    pair: Pair, pieces: list[str], options: str, parts: int, end: str
) -> None:
    ours, theirs = pair
    data = "".join(pieces).replace("\n", end).encode()
    mine, wanted = copy_in(ours, data, options, parts), copy_in(theirs, data, options)
    assert mine == wanted, data


INPUTS: list[tuple[str, bytes]] = [
    ("", b""),
    ("", b"1\ta\t\\\\x00\t2020-01-01\n"),
    ("", b"1\ta\t\\N\t\\N"),
    ("", b"1\ta\t\\N\t\\N\r\n2\tb\t\\N\t\\N\r\n"),
    ("", b"1\ta\t\\N\t\\N\n\\.\n2\tb\t\\N\t\\N\n"),
    ("", b"1\ta\\\nb\t\\N\t\\N\n"),
    ("", b"1\ta\\\tb\t\\N\t\\N\n"),
    ("", b"1\ta\t\\N\n"),
    ("", b"1\ta\t\\N\t\\N\textra\n"),
    ("", b"one\ta\t\\N\t\\N\n"),
    ("", b"99999999999\ta\t\\N\t\\N\n"),
    ("", b"1\ta\t\\N\t2020-13-01\n"),
    ("", b"1\t\xff\t\\N\t\\N\n"),
    ("", b"1\ta\0b\t\\N\t\\N\n"),
    ("", b"\n"),
    ("(FORMAT csv)", b'1,"a,b","\\x41",2020-01-01\n'),
    ("(FORMAT csv)", b'1,"a\nb",,\n2,"a\r\nb",,\n'),
    ("(FORMAT csv)", b'1,"a""b",,\n2,a"b"c,,\n'),
    ("(FORMAT csv)", b'1,"",,\n2,,,\n'),
    ("(FORMAT csv)", b'1,"a,,\n2,b,,\n'),
    ("(FORMAT csv)", b"1,a,,\r\n2,b,,\r\n"),
    ("(FORMAT csv)", b"1,a,,\n\\.\n2,b,,\n"),
    ("(FORMAT csv, HEADER)", b"x,y,z,w\n1,a,,\n"),
    ("(FORMAT csv, HEADER MATCH)", b"n,t,b,d\n1,a,,\n"),
    ("(FORMAT csv, HEADER MATCH)", b"n,t,d,b\n1,a,,\n"),
    ("(FORMAT csv, HEADER)", b'"x\ny",y,z,w\n1,a,,\n'),
    ("(FORMAT csv, NULL 'x', FORCE_NOT_NULL (t))", b"1,x,x,x\n"),
    ("(FORMAT csv, NULL 'x', FORCE_NULL (t))", b'1,"x",x,x\n'),
    ("(HEADER)", b"n\tt\tb\td\n1\ta\t\\N\t\\N\n"),
    ("(FORMAT csv)", b" 1 , a ,,\n"),
]


@pytest.mark.parametrize("case", range(len(INPUTS)))
@pytest.mark.parametrize("pieces", [1, 100])
def test_input(pair: Pair, case: int, pieces: int) -> None:
    options, data = INPUTS[case]
    ours, theirs = pair
    assert copy_in(ours, data, options, pieces) == copy_in(theirs, data, options)


def test_columns_and_defaults(connect: Connect) -> None:
    db = connect()
    db.execute("CREATE TABLE o (id serial PRIMARY KEY, a text DEFAULT 'none', b integer)")
    with db.cursor().copy("COPY o (b) FROM STDIN") as copy:
        copy.write(b"5\n6\n")
    assert db.execute("SELECT * FROM o").fetchall() == [(1, "none", 5), (2, "none", 6)]
    with db.cursor().copy("COPY o (b, a) TO STDOUT") as copy:
        assert b"".join(map(bytes, copy)) == b"5\tnone\n6\tnone\n"


def test_types_of_psycopg(connect: Connect) -> None:
    db = connect()
    db.execute("CREATE TABLE o (a integer, b boolean, c numeric, d text[], e timestamptz)")
    rows = [(1, True, "1.50", "{a,NULL}", "2020-01-01 00:00:00+00"), (2, None, None, None, None)]
    with db.cursor().copy("COPY o FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    with db.cursor().copy("COPY o TO STDOUT") as copy:
        copy.set_types(["int4", "bool", "numeric", "text[]", "timestamptz"])
        first, second = copy.rows()
    assert (first[0], first[1], str(first[2]), first[3]) == (1, True, "1.50", ["a", None])
    assert second == (2, None, None, None, None)


def test_a_violation_leaves_nothing(connect: Connect) -> None:
    db = connect()
    db.execute("CREATE TABLE o (a integer PRIMARY KEY)")
    with (
        pytest.raises(psycopg.errors.UniqueViolation) as caught,
        db.cursor().copy("COPY o FROM STDIN") as copy,
    ):
        for row in range(200_000):
            copy.write_row((row % 150_000,))
    assert caught.value.diag.constraint_name == "o_pkey"
    assert db.execute("SELECT count(*) FROM o").fetchone() == (0,)


def test_a_client_that_leaves_in_the_middle_leaves_nothing(
    server: Serving, connect: Connect
) -> None:
    db = connect()
    db.execute("CREATE TABLE o (a integer, b text)")
    leaver = psycopg.connect(server.urls["postgres"], autocommit=True)
    with leaver.cursor().copy("COPY o FROM STDIN") as copy:
        line = b"1\t" + b"x" * 1000 + b"\n"
        for _ in range(2000):  # more than is gathered before it is inserted
            copy.write(line)
        copy.finish = lambda exc=None: None  # type: ignore[method-assign]
        leaver.pgconn.finish()
    db.execute("INSERT INTO o VALUES (2, 'the writer is free')")
    assert db.execute("SELECT a FROM o").fetchall() == [(2,)]


def test_a_client_that_changes_its_mind(connect: Connect) -> None:
    db = connect()
    db.execute("CREATE TABLE o (a integer)")
    with pytest.raises(ZeroDivisionError), db.cursor().copy("COPY o FROM STDIN") as copy:
        copy.write(b"1\n")
        raise ZeroDivisionError
    assert db.execute("SELECT count(*) FROM o").fetchone() == (0,)
    with db.transaction(), db.cursor().copy("COPY o FROM STDIN") as copy:
        copy.write(b"1\n")
    assert db.execute("SELECT count(*) FROM o").fetchone() == (1,)


def test_files_through_psql(tmp_path: Path, server: Serving) -> None:
    from tests.serve.programs import psql

    (tmp_path / "in.csv").write_text('a,b\n1,"x, y"\n2,\n')
    ran = psql(
        server,
        "CREATE TABLE o (a integer PRIMARY KEY, b text);\n"
        f"\\copy o FROM '{tmp_path}/in.csv' WITH (FORMAT csv, HEADER)\n"
        f"\\copy (SELECT b, a FROM o ORDER BY a) TO '{tmp_path}/out.csv' WITH (FORMAT csv)\n"
        "COPY o FROM STDIN;\n3\tthree\n\\.\n"
        "SELECT count(*) FROM o;\n",
    )
    assert ran.stderr == ""
    assert ran.stdout.split("\n")[:5] == ["CREATE TABLE", "COPY 2", "COPY 2", "COPY 1", "3"]
    assert (tmp_path / "out.csv").read_text() == '"x, y",1\n,2\n'


LENIENT: list[tuple[str, bytes, object]] = [
    ("", b"1\ta\t\\N\t\\N\r\n2\tb\t\\N\t\\N\n", [(1, "a", None, None), (2, "b", None, None)]),
    ("", b"1\ta\t\\N\t\\N\n2\tb\t\\N\t\\N\r\n", [(1, "a", None, None), (2, "b", None, None)]),
    ("(FORMAT csv)", b"1,a,,\r\n2,b,,\n", [(1, "a", None, None), (2, "b", None, None)]),
    ("", b"1\ta\\.b\t\\N\t\\N\n", [(1, "a.b", None, None)]),
    ("", b"1\ta\t\\N\t\\N\n\\.", [(1, "a", None, None)]),
]


@pytest.mark.parametrize("case", range(len(LENIENT)))
def test_what_only_fivefold_takes(pair: Pair, case: int) -> None:
    options, data, rows = LENIENT[case]
    ours, theirs = pair
    assert copy_in(ours, data, options) == rows
    assert copy_in(theirs, data, options) == "22P04"


def test_an_encoding_that_would_not_be_heard_is_refused(connect: Connect) -> None:
    cursor = connect().cursor()
    with cursor.copy("COPY (SELECT 1) TO STDOUT (ENCODING 'utf-8')") as copy:
        assert list(copy.rows()) == [("1",)]
    with (
        pytest.raises(psycopg.errors.FeatureNotSupported, match="LATIN1"),
        cursor.copy("COPY (SELECT 1) TO STDOUT (ENCODING 'LATIN1')"),
    ):
        pass
