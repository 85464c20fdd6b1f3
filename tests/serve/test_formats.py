"""Values in text and binary, both ways, byte for byte as a real PostgreSQL 15 sends them."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fivefold
from tests import servers

Connection = psycopg.Connection[tuple[object, ...]]
TEXT, BINARY = 0, 1

VALUES: dict[str, list[str]] = {
    "boolean": ["t", "f"],
    "smallint": ["0", "-32768", "32767"],
    "integer": ["0", "-2147483648", "2147483647"],
    "bigint": ["0", "-9223372036854775808", "9223372036854775807"],
    "oid": ["0", "16384", "4294967295"],
    "real": ["0", "1.5", "-3.4028235e38", "1e-45", "NaN", "Infinity", "-Infinity"],
    "double precision": ["0", "0.1", "-1.7976931348623157e308", "5e-324", "NaN", "-Infinity"],
    "numeric": ["0", "0.000", "-1.50", "1e20", "123456789.987654321", "1e-10", "NaN", "Infinity"],
    "numeric(10,2)": ["0", "-1.505", "99999999.99"],
    "text": ["", "a", "ç🙂", "a\tb\\c", "{\"'}"],
    "varchar(5)": ["", "abcde"],
    "char(5)": ["", "ab"],
    "name": ["a", "x" * 63],
    '"char"': ["a", ""],
    "bytea": ["", r"\x00ff80", r"\x5c"],
    "date": ["2000-01-01", "0001-01-01", "9999-12-31", "1999-12-31", "infinity", "-infinity"],
    "time": ["00:00", "23:59:59.999999", "24:00:00", "12:30:00.5"],
    "timestamp": ["2000-01-01 00:00", "0001-01-01", "9999-12-31 23:59:59.999999", "infinity"],
    "timestamptz": ["2000-01-01 00:00+00", "1969-12-31 23:59:59.5-08", "-infinity"],
    "interval": ["0", "1 year 2 mons -3 days 04:05:06.789", "-1 mon", "178000000 years"],
    "uuid": ["00000000-0000-0000-0000-000000000000", "f47ac10b-58cc-4372-a567-0e02b2c3d479"],
    "json": ['{"a": [1, null]}', "1", '"x"'],
    "jsonb": ['{"b": 1, "a": [1.50, null, "\\u00e7"]}', "[]", "null"],
}
ARRAYS: dict[str, list[str]] = {
    "boolean[]": ["{}", "{t,NULL,f}"],
    "smallint[]": ["{1,-2}"],
    "integer[]": ["{}", "{1,NULL,3}", "{{1,2},{3,4}}"],
    "bigint[]": ["{9223372036854775807}"],
    "real[]": ["{1.5,NaN}"],
    "double precision[]": ["{0.1,-Infinity,NULL}"],
    "numeric[]": ["{1.50,NaN,NULL}"],
    "text[]": ["{}", '{a,"",NULL,"N,ULL","\\"\\\\"}', "{{a,b},{c,d}}"],
    "varchar[]": ["{a,b}"],
    "char(3)[]": ["{a,abc}"],
    "bytea[]": [r'{"\\x00ff",NULL}'],
    "date[]": ["{2000-01-01,infinity}"],
    "time[]": ["{12:30}"],
    "timestamp[]": ['{"2000-01-01 12:00:00"}'],
    "timestamptz[]": ['{"2000-01-01 12:00:00+00"}'],
    "interval[]": ['{"1 day","-02:00:00"}'],
    "uuid[]": ["{f47ac10b-58cc-4372-a567-0e02b2c3d479}"],
    "json[]": ['{"{\\"a\\": 1}"}'],
    "jsonb[]": ['{"{\\"a\\": 1}",NULL}'],
}
CASES = [
    (type_, text) for each in (VALUES, ARRAYS) for type_, texts in each.items() for text in texts
]


@pytest.fixture(scope="module")
def pair(
    postgres_server: servers.Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Connection, Connection]]:
    """A real PostgreSQL, and ours, in one time zone."""
    path = tmp_path_factory.mktemp("formats") / "f.db"
    with (
        fivefold.serving(path, only=["postgres"]) as server,
        psycopg.connect(postgres_server.url, autocommit=True) as theirs,
        psycopg.connect(server.urls["postgres"], autocommit=True) as ours,
    ):
        for connection in (theirs, ours):
            connection.execute("SET TIME ZONE 'America/New_York'")
        yield theirs, ours


def shown(connection: Connection, type_: str, text: str) -> tuple[int, list[bytes | None]]:
    """The type's oid, and the value in text and in binary."""
    found: list[bytes | None] = []
    oid = 0
    for form in (TEXT, BINARY):
        # The text goes through an unknown literal's way in, as a client's own text does.
        result = connection.pgconn.exec_params(
            f"SELECT $1::{type_}".encode(), [text.encode()], result_format=form
        )
        assert result.status == psycopg.pq.ExecStatus.TUPLES_OK, (text, result.error_message)
        oid = result.ftype(0)
        found.append(result.get_value(0, 0))
    return oid, found


def given_in_binary(connection: Connection, oid: int, value: bytes) -> bytes | None:
    """The text of a value that was sent in binary."""
    result = connection.pgconn.exec_params(b"SELECT $1", [value], [oid], [BINARY])
    assert result.status == psycopg.pq.ExecStatus.TUPLES_OK, (value, result.error_message)
    return result.get_value(0, 0)


def compare(pair: tuple[Connection, Connection], type_: str, text: str) -> None:
    theirs, ours = pair
    oid, expected = shown(theirs, type_, text)
    assert shown(ours, type_, text) == (oid, expected)
    binary = expected[1]
    assert binary is not None
    if not type_.startswith("char("):  # a bpchar without a length loses its blanks: PG-7
        assert given_in_binary(ours, oid, binary) == given_in_binary(theirs, oid, binary)


@pytest.mark.parametrize(("type_", "text"), CASES)
def test_edges(pair: tuple[Connection, Connection], type_: str, text: str) -> None:
    compare(pair, type_, text)


_ANY = {
    "bigint": st.integers(-(2**63), 2**63 - 1).map(str),
    "double precision": st.floats(allow_nan=False).filter(lambda x: x != 0).map(repr),
    "numeric": st.decimals(allow_nan=False, allow_infinity=False, places=9).map("{:f}".format),
    "text": st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    "bytea": st.binary(max_size=50).map(lambda value: r"\x" + value.hex()),
    "date": st.dates().map(str),
    "timestamp": st.datetimes().map(str),
    "timestamptz": st.datetimes().map(lambda value: f"{value}+00").filter(
        lambda text: "0001-01-02" < text < "9999-12-30"
    ),
    "interval": st.tuples(
        st.integers(-10_000, 10_000), st.integers(-10_000, 10_000), st.integers(-(10**15), 10**15)
    ).map(lambda p: f"{p[0]} mons {p[1]} days {p[2]} microseconds"),
    "uuid": st.uuids().map(str),
}  # fmt: skip


@settings(max_examples=100, derandomize=True, deadline=None, database=None)
@given(case=st.sampled_from(sorted(_ANY)).flatmap(lambda t: st.tuples(st.just(t), _ANY[t])))
def test_any_value(pair: tuple[Connection, Connection], case: tuple[str, str]) -> None:
    compare(pair, *case)
