"""Every literal and every cast beside a real PostgreSQL: same text out, or same SQLSTATE.

``DIFFERENCES`` numbers what is known to differ; each is checked to differ still, so that the
list stays true.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

import psycopg
import pytest

from fivefold.errors import FivefoldError, InvalidStatement
from fivefold.values.castings import CASTS, cast_context
from fivefold.values.casts import coerce
from fivefold.values.names import type_named
from fivefold.values.oids import NO_MODIFIER, NUMBERS, modifier_of
from fivefold.values.text import output, parse
from fivefold.values.types import Type
from fivefold.wire.postgres.binary import binary_input, binary_output
from fivefold.wire.postgres.errors import SQLSTATES
from fivefold.wire.postgres.types import oid_of, type_of
from tests.servers import Server
from tests.values.literals import LITERALS

Answer = tuple[str, str]
Connection = psycopg.Connection[tuple[object, ...]]

# 1: years after 9999 and before 1, also by the session's zone
# 2: a numeric's exponent may stand after blanks
# 3: array bounds other than 1 are refused
# 4: an offset of 16 hours or more has PostgreSQL's SQLSTATE 22009, ours 22008
DIFFERENCES = {
    ("numeric", "1e 2"): 2,
    ("int4[]", "[2:3]={1,2}"): 3,
    ("text[]", "[2:3]={1,2}"): 3,
    ("date", "-2024-01-01"): 4,
    ("timestamp", "2024-01-02 03:04:05+16"): 4,
    ("timestamp", "2024-01-02 03:04:05+15:60"): 4,
    ("timestamptz", "2024-01-02 03:04:05+16"): 4,
    ("timestamptz", "2024-01-02 03:04:05+15:60"): 4,
}
ZONE_DIFFERENCES = {
    ("America/New_York", "9999-12-31 23:59:59.999999"): 1,
    ("Europe/Berlin", "0001-01-01 00:00"): 1,
    ("Asia/Kolkata", "0001-01-01 00:00"): 1,
}
ZONES = ("America/New_York", "Europe/Berlin", "Asia/Kolkata")


@pytest.fixture(scope="module")
def connection(postgres_server: Server) -> Iterator[Connection]:
    with psycopg.connect(postgres_server.url, autocommit=True) as opened:
        opened.execute("SET timezone = 'UTC'")
        yield opened


def named(name: str) -> Type:
    type_ = type_named(name)
    assert type_ is not None
    return type_


def ask(connection: Connection, query: str, text: str, oid: int = 0) -> Answer:
    answer = connection.pgconn.exec_params(query.encode(), [text.encode()], [oid])
    if answer.status == psycopg.pq.ExecStatus.TUPLES_OK:
        value = answer.get_value(0, 0)
        return "", "NULL" if value is None else value.decode()
    return (answer.error_field(psycopg.pq.DiagnosticField.SQLSTATE) or b"").decode(), ""


def _now() -> datetime:
    return datetime.now(UTC)


def ours(type_: Type, text: str, zone: tzinfo = UTC) -> Answer:
    try:
        return "", output(type_, zone=zone)(parse(type_, text, zone=zone, now=_now))
    except FivefoldError as error:
        return SQLSTATES[error.code], ""


@pytest.mark.parametrize(("name", "texts"), LITERALS, ids=[name for name, _ in LITERALS])
def test_literals(connection: Connection, name: str, texts: list[str]) -> None:
    type_ = named(name)
    wrong = []
    for text in texts:
        # A modifier is applied as an assignment does, which is what ``parse`` means.
        if modifier_of(type_) == NO_MODIFIER:
            theirs = ask(connection, "SELECT $1", text, oid_of(type_))
        else:
            theirs = assigned(connection, name, "", text)
        differs = DIFFERENCES.get((name, text)) is not None
        if (ours(type_, text) == theirs) is differs:
            wrong.append((text, theirs, ours(type_, text)))
    assert not wrong


def assigned(connection: Connection, name: str, source: str, text: str) -> Answer:
    """Assign a value of the type ``source``, or if that is '' a constant, to a column."""
    connection.execute("DROP TABLE IF EXISTS assigned")
    connection.execute(f"CREATE TEMP TABLE assigned (a {name})")
    if source:
        return ask(connection, f"INSERT INTO assigned VALUES ($1::{source}) RETURNING a", text)
    constant = "'" + text.replace("'", "''") + "'"
    return ask(connection, f"INSERT INTO assigned VALUES ({constant}) RETURNING a, $1::text", "")


@pytest.mark.parametrize("zone", ZONES)
def test_timestamptz_in_zones(connection: Connection, zone: str) -> None:
    texts = dict(LITERALS)["timestamptz"]
    type_ = named("timestamptz")
    connection.execute(f"SET timezone = '{zone}'")
    try:
        wrong = []
        for text in texts:
            theirs = ask(connection, "SELECT $1", text, oid_of(type_))
            differs = (zone, text) in ZONE_DIFFERENCES or ("timestamptz", text) in DIFFERENCES
            if (ours(type_, text, ZoneInfo(zone)) == theirs) is differs:
                wrong.append((text, theirs, ours(type_, text, ZoneInfo(zone))))
        assert not wrong
    finally:
        connection.execute("SET timezone = 'UTC'")


@pytest.mark.parametrize(("name", "texts"), LITERALS, ids=[name for name, _ in LITERALS])
def test_binary_forms(connection: Connection, name: str, texts: list[str]) -> None:
    type_ = named(name)
    wrong = []
    for text in texts:
        if ours(type_, text)[0] or "now" in text or "tod" in text:
            continue
        stored = parse(type_, text)
        answer = connection.pgconn.exec_params(
            f"SELECT $1::{name}".encode(), [text.encode()], [0], None, 1
        )
        if answer.status != psycopg.pq.ExecStatus.TUPLES_OK:
            continue
        theirs = answer.get_value(0, 0) or b""
        if (binary_output(type_)(stored), binary_input(type_)(theirs)) != (theirs, stored):
            wrong.append((text, theirs))
    assert not wrong


VALUES = {
    "bool": ["t", "f"],
    "int2": ["0", "-5", "32767"],
    "int4": ["0", "100000", "-1"],
    "int8": ["5", "-1", "9999999999", "9223372036854775807"],
    "numeric": ["1.5", "2.5", "-2.5", "0", "1e10", "NaN", "1e30", "-Infinity", "123.456"],
    "float4": ["1.5", "2.5", "0.1", "1e10", "NaN", "inf", "-2.5", "16777216"],
    "float8": ["1.5", "2.5", "3.5", "0.1", "1e300", "NaN", "-inf", "123456789.123456789", "-0"],
    "text": ["1", "abc", "t", "2024-01-02", "1.5", "{1,2}", " 7 ", '{"a":1}'],
    "varchar": ["1", "abc def"],
    "bpchar": ["ab", "1"],
    "name": ["abc", "1"],
    "bytea": ["abc"],
    "date": ["2024-01-02", "infinity"],
    "time": ["03:04:05.678", "24:00"],
    "timestamp": ["2024-01-02 03:04:05.678", "infinity"],
    "timestamptz": ["2024-01-02 03:04:05.678+00", "-infinity"],
    "interval": ["1 day 03:04:05", "-1 hours", "1 mon"],
    "uuid": ["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"],
    "json": ['{"b":1,"a":2}', "1"],
    "jsonb": ["1", "2.5", "true", '"a"', "null", '{"a":1}', "1e10", "[]"],
    "oid": ["5", "4294967295"],
    "int4[]": ["{1,2}", "{{1},{NULL}}"],
    "text[]": ["{1,2}", "{a}"],
    "numeric[]": ["{1.5,2.5}"],
    "timestamp[]": ['{"2024-01-01 00:00"}'],
}
TARGETS = [
    *("bool", "int2", "int4", "int8", "numeric", "numeric(4,1)", "float4", "float8", "text"),
    *("varchar(3)", "char(5)", "name", "bytea", "date", "time", "time(1)", "timestamp"),
    *("timestamp(0)", "timestamptz", "interval", "uuid", "json", "jsonb", "oid"),
    *("int4[]", "text[]", "varchar(1)[]", "int8[]", "timestamptz[]"),
]


def cast(name: str, target: str, text: str, explicit: bool) -> Answer:
    source, type_ = named(name), named(target)
    try:
        stored = coerce(type_, source, parse(source, text), explicit=explicit)
        return "", "NULL" if stored is None else output(type_)(stored)
    except InvalidStatement:
        return "42846", ""
    except FivefoldError as error:
        return SQLSTATES[error.code], ""


@pytest.mark.parametrize("name", VALUES)
def test_explicit_casts(connection: Connection, name: str) -> None:
    wrong = []
    for target in TARGETS:
        for text in VALUES[name]:
            theirs = ask(connection, f"SELECT ($1::{name})::{target}", text)
            if cast(name, target, text, True) != theirs:
                wrong.append((target, text, theirs, cast(name, target, text, True)))
    assert not wrong


@pytest.mark.parametrize("name", [name for name in VALUES if name != "text"])
def test_assignments(connection: Connection, name: str) -> None:
    wrong = []
    for target in TARGETS:
        for text in VALUES[name]:
            theirs = assigned(connection, target, name, text)
            if cast_context(named(name), named(target)) in ("explicit", None):
                if theirs[0] != "42804":
                    wrong.append((target, text, theirs, ("42804", "")))
                break
            if cast(name, target, text, False) != theirs:
                wrong.append((target, text, theirs, cast(name, target, text, False)))
    assert not wrong


def test_the_catalog_of_casts(connection: Connection) -> None:
    words = {"i": "implicit", "a": "assignment", "e": "explicit"}
    rows = connection.execute(
        "SELECT s.typname, t.typname, castcontext::text FROM pg_cast"
        " JOIN pg_type s ON s.oid = castsource JOIN pg_type t ON t.oid = casttarget"
        " WHERE s.typname <> t.typname"
    ).fetchall()
    kinds = {kind.value for kind in NUMBERS}
    theirs = {
        (source, target): words[str(context)]
        for source, target, context in rows
        if source in kinds and target in kinds
    }
    assert {(a.value, b.value): context for (a, b), context in CASTS.items()} == theirs


def test_the_catalog_of_types(connection: Connection) -> None:
    rows = connection.execute("SELECT typname, oid, typarray, typlen FROM pg_type").fetchall()
    theirs = {row[0]: row[1:] for row in rows}
    for kind, numbers in NUMBERS.items():
        assert (numbers.oid, numbers.array_oid, numbers.length) == theirs[kind.value]


@pytest.mark.parametrize("name", ["varchar", "numeric", "interval", *(n for n, _ in LITERALS)])
def test_modifiers_and_names(connection: Connection, name: str) -> None:
    type_ = named(name)
    connection.execute("DROP TABLE IF EXISTS modified")
    connection.execute(f"CREATE TEMP TABLE modified (a {name})")
    row = connection.execute(
        "SELECT atttypid, atttypmod, format_type(atttypid, atttypmod) FROM pg_attribute"
        " WHERE attrelid = 'modified'::regclass AND attname = 'a'"
    ).fetchone()
    assert row == (oid_of(type_), modifier_of(type_), str(type_))
    assert type_of(oid_of(type_), modifier_of(type_)) == type_
