"""Statements answered by the embedded store as PostgreSQL answers them: like_postgres.txt."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

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
    "2201W": "invalid_parameter_value",
    "22023": "invalid_parameter_value",
    "22P02": "invalid_text_representation",
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
