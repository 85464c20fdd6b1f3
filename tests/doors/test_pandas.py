"""pandas reads and writes through both doors: the server and the embedded file."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa

import fivefold
from tests.which import OVER_POSTGRES

DOORS = ("embedded", "server")
MANY = 5_000


@pytest.fixture(params=DOORS)
def engine(request: pytest.FixtureRequest, store_url: str) -> Iterator[sa.Engine]:
    """A SQLAlchemy engine over an empty database."""
    if request.param == "embedded":
        if OVER_POSTGRES:
            pytest.skip("this door opens files")
        made = sa.create_engine(f"fivefold:///{store_url}")
        yield made
        made.dispose()
        return
    with fivefold.serving(store_url) as server:
        url = server.urls["postgres"].replace("postgresql://", "postgresql+psycopg://")
        made = sa.create_engine(url)
        yield made
        made.dispose()


def sample() -> pd.DataFrame:
    moments = ["2024-02-29 00:00:00", None, "1999-12-31 23:59:59.123456"]
    zoned = ["2024-02-29 12:00:00+02:00", "2001-01-01 00:00:00Z", None]
    return pd.DataFrame(
        {
            "n": [1, 2, 3],
            "x": [0.5, np.nan, -1e300],
            "name": ["a", None, "çà"],
            "at": pd.to_datetime(moments, format="ISO8601"),
            "zoned": pd.to_datetime(zoned, utc=True, format="ISO8601"),
            "yes": [True, False, True],
        }
    )


def test_round_trip(engine: sa.Engine) -> None:
    frame = sample()
    frame.to_sql("t", engine, index=False)
    back = pd.read_sql("SELECT * FROM t ORDER BY n", engine)
    pd.testing.assert_frame_equal(back, frame, check_dtype=False, check_index_type=False)
    assert pd.api.types.is_datetime64_dtype(back["at"])
    assert str(back["zoned"].dtype).endswith("UTC]")


def test_a_table_by_name_with_chunks_and_index(engine: sa.Engine) -> None:
    frame = pd.DataFrame({"square": np.arange(MANY) ** 2}, index=pd.RangeIndex(MANY, name="n"))
    frame.to_sql("squares", engine, chunksize=1000, method="multi")
    parts = list(pd.read_sql_table("squares", engine, index_col="n", chunksize=2000))
    assert [len(part) for part in parts] == [2000, 2000, 1000]
    pd.testing.assert_frame_equal(pd.concat(parts).sort_index(), frame, check_index_type=False)


def test_if_exists(engine: sa.Engine) -> None:
    frame = pd.DataFrame({"n": [1]})
    frame.to_sql("t", engine, index=False)
    with pytest.raises(ValueError, match="already exists"):
        frame.to_sql("t", engine, index=False)
    frame.to_sql("t", engine, index=False, if_exists="append")
    assert len(pd.read_sql("SELECT n FROM t", engine)) == 2
    frame.to_sql("t", engine, index=False, if_exists="replace")
    assert len(pd.read_sql("SELECT n FROM t", engine)) == 1


def test_parameters(engine: sa.Engine) -> None:
    found = pd.read_sql(sa.text("SELECT :a + :b AS c"), engine, params={"a": 1, "b": 2})
    assert found["c"].tolist() == [3]


def test_in_another_schema(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE SCHEMA other"))
    pd.DataFrame({"n": [1, 2]}).to_sql("t", engine, schema="other", index=False)
    assert pd.read_sql_table("t", engine, schema="other")["n"].tolist() == [1, 2]


@pytest.mark.filterwarnings("ignore:pandas only supports SQLAlchemy")
def test_through_pep_249(store_url: str) -> None:
    with fivefold.open(store_url) as db, db.connect() as connection:
        db.sql("CREATE TABLE t (n int, x numeric(5,2))")
        db.sql("INSERT INTO t VALUES (1, 1.5), (2, NULL)")
        found = pd.read_sql("SELECT * FROM t WHERE n < %s ORDER BY n", connection, params=(9,))
    assert found["n"].tolist() == [1, 2]
    assert found["x"].tolist()[0] == 1.5
