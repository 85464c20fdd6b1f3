"""Statements answered by the embedded store as PostgreSQL answers them: like_postgres.txt."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
import pytest
from psycopg.adapt import Buffer, Loader

from fivefold.errors import FivefoldError
from tests.servers import Server, fresh_database
from tests.stores.sqlite.shop import POSTGRES_TABLES, ROWS, Shop, TextRow

STATEMENTS = [
    line
    for line in (Path(__file__).parent / "like_postgres.txt").read_text().splitlines()
    if line and not line.startswith("#")
]
SQLSTATES = {
    "0A000": "feature_not_supported",
    "21000": "cardinality_violation",
    "22001": "string_data_right_truncation",
    "22003": "numeric_value_out_of_range",
    "22007": "invalid_datetime_format",
    "22008": "datetime_field_overflow",
    "22011": "substring_error",
    "22012": "division_by_zero",
    "2201B": "invalid_regular_expression",
    "2201E": "invalid_argument_for_logarithm",
    "2201F": "invalid_argument_for_power_function",
    "2201W": "invalid_row_count_in_limit_clause",
    "22023": "invalid_parameter_value",
    "22P02": "invalid_text_representation",
    "3F000": "undefined_namespace",
    "42P01": "undefined_table",
    "54000": "program_limit_exceeded",
}
Answer = list[TextRow] | tuple[str, str]


class _Text(Loader):
    def load(self, data: Buffer) -> str:
        return bytes(data).decode()


@pytest.fixture(scope="module")
def peer(postgres_server: Server) -> Iterator[psycopg.Connection[TextRow]]:
    """A PostgreSQL with the shop's tables; every value comes as text."""
    with fresh_database(postgres_server.url) as url, psycopg.connect(url, autocommit=True) as found:
        for oid in range(16, 4000):
            found.adapters.register_loader(oid, _Text)
        found.execute(f"SET timezone = 'UTC'; {POSTGRES_TABLES}")
        for row in ROWS:
            found.execute(row)
        yield found


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    found = Shop()
    yield found
    found.raw.close()


ZONED = (
    "SELECT id, tz, tz::date, tz::time, tz::timestamp, tz::text, ts::timestamptz FROM t"
    " ORDER BY id",
    "SELECT d::timestamptz, tz + interval '1 day', tz + interval '24 hours' FROM t ORDER BY id",
    "SELECT timestamptz '2020-03-07 12:00' + interval '1 day',"
    " timestamptz '2020-03-07 12:00' + interval '24 hours',"
    " timestamptz '2020-11-01 12:00' - interval '1 month 1 hour'",
    "SELECT timestamptz '2020-03-08 02:30', timestamptz '2020-11-01 01:30'",
    "SELECT date_trunc('day', tz), date_trunc('month', tz), date_trunc('hour', tz) FROM t"
    " ORDER BY id",
    "SELECT date_trunc('day', tz, 'Asia/Tokyo'), tz AT TIME ZONE 'Asia/Tokyo' FROM t ORDER BY id",
    "SELECT extract(hour FROM tz), extract(timezone FROM tz), extract(epoch FROM tz),"
    " extract(timezone_hour FROM tz), extract(timezone_minute FROM tz) FROM t ORDER BY id",
    "SELECT age(tz, timestamptz '2019-01-01') FROM t ORDER BY id",
    "SELECT to_char(tz, 'YYYY-MM-DD HH24:MI TZ OF'), to_json(tz), tz = tz::timestamp FROM t"
    " ORDER BY id",
    "SELECT to_timestamp('2020-07-01 10:00', 'YYYY-MM-DD HH24:MI'), "
    " make_timestamptz(2020, 1, 2, 3, 4, 5)",
    "SELECT make_timestamptz(2020, 1, 2, 3, 4, 5, 'Europe/Paris'), tz::date = d FROM t ORDER BY id",
    "SELECT * FROM generate_series(timestamptz '2020-03-07', timestamptz '2020-03-10',"
    " interval '1 day')",
    "SELECT array_agg(tz ORDER BY id), json_agg(tz ORDER BY id) FROM t",
    "SELECT id FROM t WHERE tz > '2020-01-31 05:00' ORDER BY id",
    "SELECT array_to_string(array_agg(tz ORDER BY id), ';'), concat(tz) FROM t GROUP BY tz"
    " ORDER BY tz",
)


@pytest.mark.parametrize("text", ZONED)
def test_answers_as_postgres_does_elsewhere(text: str, peer: psycopg.Connection[TextRow]) -> None:
    shop = Shop(ZoneInfo("America/New_York"))
    peer.execute("SET timezone = 'America/New_York'")
    try:
        wanted = answer_of_postgres(peer, text)
    finally:
        peer.execute("SET timezone = 'UTC'")
    for lifting in (False, True):
        assert answer_of_shop(shop, text, lifting=lifting) == wanted


def answer_of_postgres(peer: psycopg.Connection[TextRow], text: str) -> Answer:
    peer.execute("BEGIN")
    try:
        cursor = peer.execute(text)
        return cursor.fetchall() if cursor.description else []
    except psycopg.Error as error:
        return SQLSTATES[str(error.sqlstate)], str(error).split("\n")[0]
    finally:
        peer.execute("ROLLBACK")


def answer_of_shop(shop: Shop, text: str, *, lifting: bool) -> Answer:
    try:
        return shop.undone(text, lifting=lifting)
    except FivefoldError as error:
        return error.code, error.message


@pytest.mark.parametrize("text", STATEMENTS)
def test_answers_as_postgres_does(text: str, shop: Shop, peer: psycopg.Connection[TextRow]) -> None:
    wanted = answer_of_postgres(peer, text)
    for lifting in (False, True):
        got = answer_of_shop(shop, text, lifting=lifting)
        if isinstance(wanted, list) and isinstance(got, list) and "ORDER BY" not in text:
            assert sorted(got, key=str) == sorted(wanted, key=str), f"lifting={lifting}"
        else:
            assert got == wanted, f"lifting={lifting}"
