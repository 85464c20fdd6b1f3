"""Every function's every signature beside a real PostgreSQL 15, called with edge values.

An answer must be PostgreSQL's, or an error with PostgreSQL's SQLSTATE; where fivefold is narrower
(years past 9999, arrays that begin elsewhere) it must say so. The calls are drawn at random from
the tables below, always alike.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import psycopg

import fivefold
from fivefold.languages.sql.functions import FUNCTIONS, catalogs
from fivefold.languages.sql.signatures import Argument, Form, Function, Pseudo
from tests import servers
from tests.differences.test_postgres import answer

CALLS_MAX = int(os.environ.get("FIVEFOLD_SIGNATURE_CALLS", 3))  # of one signature
SECONDS_MAX = 20  # for one call, on either side
LOUDER = ("ERROR 0A000", "ERROR 22008")  # what may be an error here alone

# What the moment, the session or chance decide, and what other tests call.
_ELSEWHERE = """
    now transaction_timestamp statement_timestamp current_timestamp current_date localtimestamp
    localtime clock_timestamp timeofday pg_sleep pg_sleep_for pg_sleep_until random
    gen_random_uuid version current_user session_user user current_role current_catalog
    current_database current_schema current_schemas pg_backend_pid pg_postmaster_start_time
    inet_server_port txid_current nextval currval setval lastval set_config pg_advisory_lock
    pg_advisory_unlock pg_cancel_backend pg_terminate_backend pg_is_in_recovery setseed
    pg_column_size enum_first fivefold_document
    enum_last enum_range current_setting json_to_record json_to_recordset jsonb_to_record
    jsonb_to_recordset pg_options_to_table aclexplode pg_partition_tree pg_partition_ancestors
"""
ELSEWHERE = {*_ELSEWHERE.split()} | {one.name for one in catalogs.FUNCTIONS}
BLANKS_LOST = ('SELECT pg_catalog."min"', 'SELECT pg_catalog."max"')  # PG-7
SUMS = 'SELECT pg_catalog."sum"'  # PG-120
VALUES = {
    "int2": "0|1|-1|32767|-32768|7",
    "int4": "0|1|-1|2147483647|-2147483648|2|5|100",
    "int8": "0|1|-1|9223372036854775807|-9223372036854775808|12345678901",
    "numeric": "0|1.5|-1.5|NaN|Infinity|-Infinity|12345678901234567890.123456789|1e-11|1e30|-2.50",
    "float4": "0|1.5|-1.5|NaN|Infinity|-Infinity|3.4e38|1e-45|0.1|-0",
    "float8": "0|1.5|-1.5|NaN|Infinity|-Infinity|1.7e308|5e-324|0.1|-0|2.5|0.5|1",
    "text": "|a|abc|ÄÖ é|e\u0301x|😀b|A b\tc\n|%_\\|  x  |a,b,,c|month|day|UTF8|12|a.c|YYYY-MM-DD"
    '|99.9|[1,2]|{"a": 1}|utc|ß|hex|NFC',
    "bpchar": "a  ||ÄÖ ",
    "name": "UTF8|a|LATIN1|",
    "bytea": "|\\x00ff|\\x616263|\\xc3a9",
    "bool": "true|false",
    "date": "2024-02-29|0001-01-01|9999-12-31|infinity|-infinity|1970-01-01|2021-01-03",
    "time": "00:00|23:59:59.999999|24:00|12:34:56.5",
    "timestamp": "2024-02-29 12:34:56.789|0001-01-01|9999-12-31 23:59:59.999999|infinity|-infinity"
    "|2021-03-28 02:30:00|1969-12-31 23:59:59.5",
    "timestamptz": "2024-02-29 12:34:56.789+02|0001-01-02 00:00+00|9999-12-31 00:00:00+00|infinity"
    "|-infinity|2021-03-28 01:30:00+00|2021-10-31 00:30:00+00|2021-10-31 01:30:00+00",
    "interval": "1 day|-1 mon 3 days -04:05:06.789|0|1 year 2 mons|25:00:00|1000 years"
    "|00:00:00.000001|35 days 30:00",
    "uuid": "00000000-0000-0000-0000-000000000000|a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
    "json": '{"a": 1, "b": [1,null,"x"]}|[]|{}|null|"x"|1e3|[1, [2], {"a":null}]|"\\u00e9"',
    "jsonb": '{"a": 1, "b": [1,null,"x"]}|[]|{}|null|"x"|1e3|[1, [2], {"a":null}]|true',
    "oid": "0|23|4294967295",
    "regclass": "pg_class",
    "regtype": "integer",
    "int4[]": "{}|{1,2,3}|{NULL,1}|{{1,2},{3,4}}",
    "text[]": '{}|{a,b,NULL}|{"","x y",NULL,"q\\"z"}|{{a,b},{c,d}}|{a}|{a,b}',
    "numeric[]": "{1.50,1.5,NaN}|{}",
    "timestamp[]": "{2020-01-01,infinity}",
    "float8[]": "{1,NaN,-0}|{0.1,0.5}",
    "bool[]": "{t,f,NULL}",
    "jsonb[]": '{"{\\"a\\":1}",null}',
    "interval[]": "{1 mon,30 days}",
    "date[]": "{2020-01-01}",
}
ELEMENTS = [name.removesuffix("[]") for name in VALUES if name.endswith("[]")]
ANY = ("int4", "text", "timestamptz", "float8", "bool", "json", "date")
# Rows or characters without end.
LONG = {"lpad", "rpad", "repeat", "factorial", "generate_series"}
ENDLESS = ("2147483647", "-2147483648", "-9223372036854775808", "12345678901",
           "9223372036854775807", "1e30", "Infinity", "1.7e308", "9999-12", "infinity")  # fmt: skip


def values(type_: str) -> list[str] | None:
    """Return expressions of a type, None where there is none for it."""
    if type_ not in VALUES:
        return None
    quoted = [one.replace("'", "''") for one in VALUES[type_].split("|")]
    shown = "char(3)" if type_ == "bpchar" else type_
    return [f"'{one}'::{shown}" for one in quoted] + [f"NULL::{shown}"]


def argument_values(argument: Argument, element: str) -> list[str] | None:
    """Return expressions for one place of a signature."""
    if argument is Pseudo.ANY:
        return [one for type_ in ANY for one in (values(type_) or [])[:2]] + ["NULL::int4"]
    if argument in (Pseudo.ARRAY, Pseudo.COMPATIBLE_ARRAY):
        return values(f"{element}[]")
    if isinstance(argument, Pseudo):
        return None if argument is Pseudo.ENUM else values(element)
    if argument.element is not None:
        return values(f"{argument.element.kind}[]")
    return values(argument.kind.value)


def calls(function: Function, rng: random.Random) -> Iterator[str]:
    """Yield some calls of one signature."""
    places = function.arguments
    polymorphic = any(isinstance(one, Pseudo) and one is not Pseudo.ANY for one in places)
    for _ in range(CALLS_MAX if places else 1):
        element = rng.choice(ELEMENTS) if polymorphic else "int4"
        choices = [argument_values(one, element) for one in places]
        if any(one is None for one in choices):
            return
        chosen = [rng.choice(one or []) for one in choices]
        name = f'pg_catalog."{function.name}"'
        yield f"{name}({', '.join(chosen)})"


def statements() -> Iterator[tuple[str, str]]:
    """Yield the function's name and a statement that calls it."""
    rngs = {function.name: random.Random(function.name) for function in FUNCTIONS}
    for function in FUNCTIONS:
        rng = rngs[function.name]
        if function.name in ELSEWHERE or function.form in (Form.WINDOW, Form.ORDERED):
            continue
        for call in calls(function, rng):
            if function.name in LONG and any(word in call for word in ENDLESS):
                continue
            if function.form is Form.SET:
                yield function.name, f"SELECT * FROM {call} AS x"
            else:
                yield function.name, f"SELECT {call}"


def alike(text: str, theirs: str, ours: str) -> bool:
    """Say whether an answer will do."""
    if theirs == ours or ours.startswith(LOUDER):
        return True
    if text.startswith(BLANKS_LOST) and "::char(3)" in text:
        return (ours == "NULL" and not theirs.strip()) or theirs.rstrip() == ours
    if text.startswith(SUMS) and "'-0'" in text:
        return (theirs, ours) == ("-0", "0")
    return theirs.startswith("ERROR") and theirs[:11] == ours[:11]


def test_calls_answer_as_postgresqls(postgres_server: servers.Server, tmp_path: Path) -> None:
    differ = []
    with (
        servers.fresh_database(postgres_server.url) as url,
        fivefold.serving(tmp_path / "shop.db", durability="off") as serving,
        psycopg.connect(url, autocommit=True) as peer,
        psycopg.connect(serving.urls["postgres"], autocommit=True) as own,
    ):
        for connection in (peer, own):
            connection.execute("SET timezone = 'Europe/Berlin'")
            connection.execute(f"SET statement_timeout = '{SECONDS_MAX} s'")
        for _, text in statements():
            theirs, ours = answer(peer.pgconn, text), answer(own.pgconn, text)
            if not alike(text, theirs, ours):
                differ.append(f"{text}\n  PostgreSQL: {theirs}\n  fivefold:   {ours}")
    assert not differ, f"{len(differ)} differences\n" + "\n".join(differ)


def test_few_functions_are_left_out() -> None:
    called = {name for name, _ in statements()}
    names = {one.name for one in FUNCTIONS if one.form in (Form.SCALAR, Form.AGGREGATE, Form.SET)}
    assert names - called - ELSEWHERE <= {"row_to_json"}
