"""The system relations are PostgreSQL 15's: names, columns, types, and the rows it begins with."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from fivefold.catalog.catalog import Catalog
from fivefold.languages.sql.system.catalog import System
from fivefold.languages.sql.system.definitions import relations
from tests.languages.sql.system import reference
from tests.servers import Server

Connection = psycopg.Connection[tuple[object, ...]]


@pytest.fixture(scope="module")
def peer(postgres_server: Server) -> Iterator[Connection]:
    with psycopg.connect(postgres_server.url) as connection:
        yield connection


def test_the_columns_are_postgresqls(peer: Connection) -> None:
    written = (reference.FOLDER / "relations.txt").read_text().splitlines()
    assert list(reference.relations(peer)) == written


def test_the_fixed_rows_are_postgresqls(peer: Connection) -> None:
    written = (reference.FOLDER / "rows.txt").read_text().splitlines()
    assert list(reference.rows(peer)) == written


def test_every_relation_can_be_filled() -> None:
    system = System(Catalog(), "shop", "somebody")
    for each in relations().values():
        for row in system.rows(each.key):
            assert len(row) == len(each.table.columns), each.key
