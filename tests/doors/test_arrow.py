"""Results as Arrow tables."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import fivefold
from fivefold.errors import InvalidStatement, InvalidValue


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[fivefold.Database]:
    path: Path = tmp_path_factory.mktemp("arrow") / "a.db"
    with fivefold.open(path) as opened:
        yield opened


CASES: list[tuple[str, pa.DataType, object]] = [
    ("true", pa.bool_(), True),
    ("7::smallint", pa.int16(), 7),
    ("7", pa.int32(), 7),
    ("7::bigint", pa.int64(), 7),
    ("1.5::numeric(10,2)", pa.decimal128(10, 2), Decimal("1.50")),
    ("1.5::numeric(40,2)", pa.decimal256(40, 2), Decimal("1.50")),
    ("12.25::numeric", pa.decimal128(4, 2), Decimal("12.25")),
    ("1.5::real", pa.float32(), 1.5),
    ("'inf'::float8", pa.float64(), float("inf")),
    ("'a'::text", pa.string(), "a"),
    ("'a'::char(3)", pa.string(), "a  "),
    ("'a'::varchar(3)", pa.string(), "a"),
    (r"'\x00ff'::bytea", pa.binary(), b"\x00\xff"),
    ("date '2024-02-29'", pa.date32(), date(2024, 2, 29)),
    ("time '12:30:00.5'", pa.time64("us"), time(12, 30, 0, 500_000)),
    (
        "timestamp '2024-02-29 12:30:00.25'",
        pa.timestamp("us"),
        datetime(2024, 2, 29, 12, 30, 0, 250_000),
    ),
    (
        "timestamptz '2024-02-29 12:30:00+02'",
        pa.timestamp("us", "UTC"),
        datetime(2024, 2, 29, 10, 30, tzinfo=UTC),
    ),
    (
        "interval '1 month 2 days 3 seconds'",
        pa.month_day_nano_interval(),
        pa.MonthDayNano([1, 2, 3_000_000_000]),
    ),
    ("'{\"a\": 1}'::jsonb", pa.string(), '{"a": 1}'),
    (
        "'00000000-0000-0000-0000-00000000000a'::uuid",
        pa.string(),
        "00000000-0000-0000-0000-00000000000a",
    ),
    ("ARRAY[1,NULL,3]", pa.list_(pa.int64()), [1, None, 3]),
    ("ARRAY['a','b']", pa.list_(pa.string()), ["a", "b"]),
]  # fmt: skip


@pytest.mark.parametrize(("sql", "type_", "value"), CASES, ids=[case[0] for case in CASES])
def test_types(db: fivefold.Database, sql: str, type_: pa.DataType, value: object) -> None:
    table = db.sql(f"SELECT {sql} AS x, NULL::int AS n").to_arrow()
    assert table.schema.field("x").type == type_
    assert table.column("x").to_pylist() == [value]
    assert table.column("n").to_pylist() == [None]


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_no_rows_and_only_nulls(db: fivefold.Database, case: tuple[str, Any, object]) -> None:
    nothing = db.sql(f"SELECT {case[0]} AS x WHERE false").to_arrow()
    assert nothing.num_rows == 0
    nulls = db.sql(f"SELECT CASE WHEN false THEN {case[0]} END AS x").to_arrow()
    assert nulls.column("x").to_pylist() == [None]


@pytest.mark.parametrize(
    "sql", ["'infinity'::date", "'-infinity'::timestamptz", "'NaN'::numeric(5,2)"]
)
def test_what_arrow_cannot_hold(db: fivefold.Database, sql: str) -> None:
    with pytest.raises(InvalidValue, match='column "x"'):
        db.sql(f"SELECT {sql} AS x").to_arrow()


def test_no_rows_come_back(db: fivefold.Database) -> None:
    with pytest.raises(InvalidStatement, match="no rows"):
        db.sql("CREATE TABLE made (a int)").to_arrow()


def test_many_rows_of_two_columns_of_one_name(db: fivefold.Database) -> None:
    table = db.sql("SELECT g AS a, g * 2 AS a FROM generate_series(1, 1000) g").to_arrow()
    assert table.column_names == ["a", "a"]
    assert table.column(1).to_pylist() == [2 * n for n in range(1, 1001)]
