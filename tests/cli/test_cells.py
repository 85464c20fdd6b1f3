"""Values as text: as PostgreSQL prints them, and as COPY writes them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest

from fivefold.cli.sql.cells import copied, text

HALF_HOUR = timezone(timedelta(hours=5, minutes=30))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("a", "a"),
        (True, "t"),
        (False, "f"),
        (7, "7"),
        (1.0, "1"),
        (1.5, "1.5"),
        (1e300, "1e+300"),
        (float("nan"), "NaN"),
        (float("-inf"), "-Infinity"),
        (Decimal("1E+2"), "100"),
        (Decimal("1.50"), "1.50"),
        (b"\x00\xff", "\\x00ff"),
        (date(2013, 1, 1), "2013-01-01"),
        (datetime(2013, 1, 1, 10), "2013-01-01 10:00:00"),
        (datetime(2013, 1, 1, 10, tzinfo=UTC), "2013-01-01 10:00:00+00"),
        (datetime(2013, 1, 1, 10, tzinfo=HALF_HOUR), "2013-01-01 10:00:00+05:30"),
        (time(10, 0), "10:00:00"),
        (timedelta(), "00:00:00"),
        (timedelta(days=1), "1 day"),
        (timedelta(days=2, hours=3, microseconds=500_000), "2 days 03:00:00.5"),
        (timedelta(hours=-1), "-01:00:00"),
        (timedelta(days=-1, hours=-1), "-1 days -01:00:00"),
        ([1, None, 2], "{1,NULL,2}"),
        (["a b", "", "null", 'c"d', "\\"], '{"a b","","null","c\\"d","\\\\"}'),
        ([[1], [2]], "{{1},{2}}"),
        ({"a": [1, None]}, '{"a": [1, null]}'),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    ],
)
def test_text(value: object, shown: str) -> None:
    assert text(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"), [(None, "\\N"), ("a\tb\nc\\d\r", "a\\tb\\nc\\\\d\\r"), (1, "1")]
)
def test_copied(value: object, shown: str) -> None:
    assert copied(value) == shown
