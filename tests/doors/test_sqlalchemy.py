"""The embedded dialect where SQLAlchemy's own suite does not look: URLs, options, modes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

import fivefold


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[sa.Engine]:
    made = sa.create_engine(f"fivefold:///{tmp_path / 'shop.db'}?durability=off")
    with made.begin() as connection:
        connection.execute(sa.text("CREATE TABLE t (a integer PRIMARY KEY, b jsonb)"))
    yield made
    made.dispose()


@pytest.mark.parametrize(
    "url", ["fivefold://", "fivefold://host/shop.db", "fivefold://me@/shop.db"]
)
def test_wrong_urls(url: str) -> None:
    with pytest.raises(sa.exc.ArgumentError, match="fivefold:///"):
        sa.create_engine(url).connect()


def test_wrong_options(tmp_path: Path) -> None:
    for query in ("durability=some", "colour=red"):
        with pytest.raises((ValueError, TypeError)):
            sa.create_engine(f"fivefold:///{tmp_path}/a.db?{query}").connect()


def test_memory_lasts_as_long_as_the_engine() -> None:
    engine = sa.create_engine("fivefold:///:memory:")
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE t (a integer)"))
    engine.dispose()
    with engine.connect() as one, engine.connect() as other:
        for connection in (one, other):
            assert connection.execute(sa.text("SELECT count(*) FROM t")).scalar() == 0
    engine.dispose()


def test_the_file_is_closed_with_the_last_connection(engine: sa.Engine, tmp_path: Path) -> None:
    engine.dispose()
    assert not (tmp_path / "shop.db-wal").exists()
    with fivefold.open(tmp_path / "shop.db") as db:
        assert db.sql("SELECT count(*) FROM t").fetchall() == [(0,)]


def test_modes(engine: sa.Engine) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("INSERT INTO t VALUES (1)"))
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT a FROM t")).all() == [(1,)]
        assert connection.get_isolation_level() == "SERIALIZABLE"
    reading = engine.connect().execution_options(postgresql_readonly=True)
    with reading as connection, pytest.raises(sa.exc.DBAPIError, match="read-only"):
        connection.execute(sa.text("DELETE FROM t"))
    with engine.connect().execution_options(postgresql_deferrable=True) as connection:
        shown = connection.execute(sa.text("SHOW transaction_deferrable")).scalar()
        assert shown == "on"
    with engine.begin() as connection:  # what a connection was set to has gone with its use
        connection.execute(sa.text("DELETE FROM t"))
        assert connection.execute(sa.text("SHOW transaction_deferrable")).scalar() == "off"


def test_rows_are_read_as_they_are_fetched(engine: sa.Engine) -> None:
    numbers = sa.text("SELECT n FROM generate_series(1, 5000) AS n")
    with engine.connect().execution_options(yield_per=100) as connection:
        result = connection.execute(numbers)
        assert isinstance(result.cursor.name, str)  # type: ignore[union-attr]  # open still
        assert sum(n for (n,) in result) == sum(range(5001))


def test_json_as_the_program_reads_and_writes_it(tmp_path: Path) -> None:
    def exactly(text: str) -> object:
        return json.loads(text, parse_float=Decimal)

    def sorted_keys(value: object) -> str:
        return json.dumps(value, sort_keys=True, default=str)

    made = sa.create_engine(
        f"fivefold:///{tmp_path}/a.db", json_serializer=sorted_keys, json_deserializer=exactly
    )
    table = sa.Table("t", sa.MetaData(), sa.Column("j", postgresql.JSON))
    with made.begin() as connection:
        table.create(connection)
        connection.execute(table.insert(), {"j": {"b": Decimal("1.10"), "a": 2}})
        assert connection.execute(sa.text("SELECT j::text FROM t")).scalar() == (
            '{"a": 2, "b": "1.10"}'
        )
        connection.execute(sa.text("""UPDATE t SET j = '[1.10]'"""))
        assert connection.execute(table.select()).scalar() == [Decimal("1.10")]
    made.dispose()


def test_errors_are_sqlalchemys(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        insert = sa.text("INSERT INTO t VALUES (1), (1)")
        with pytest.raises(sa.exc.IntegrityError) as caught:
            connection.execute(insert)
        assert caught.value.orig.code == "unique_violation"  # type: ignore[union-attr]  # ours
