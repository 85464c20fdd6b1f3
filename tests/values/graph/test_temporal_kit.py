"""The kit's tables of temporal values, on the values alone: no query is parsed or run for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fivefold.values.graph.temporal import DateTime, arithmetic, building, reading, truncating
from fivefold.values.graph.temporal.durations import duration_of, read_duration
from fivefold.values.graph.text import literal
from tests.values.graph import kit


def _maker(
    build: Callable[[Any], Any], read: Callable[[str], Any], convert: Callable[[Any], Any] | None
) -> Callable[..., Any]:
    def make(value: Any = None) -> Any:
        if isinstance(value, dict):
            return build(value)
        if isinstance(value, str):
            return read(value)
        assert convert is not None
        return convert(DateTime(0, 0) if value is None else value)

    return make


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "date": _maker(building.build_date, reading.read_date, building.to_date),
    "localtime": _maker(building.build_local_time, reading.read_local_time, building.to_local_time),
    "time": _maker(building.build_time, reading.read_time, building.to_time),
    "localdatetime": _maker(
        building.build_local_date_time,
        reading.read_local_date_time,
        building.to_local_date_time,
    ),
    "datetime": _maker(building.build_date_time, reading.read_date_time, building.to_date_time),
    "duration": _maker(duration_of, read_duration, None),
    "date.truncate": truncating.truncate_date,
    "localtime.truncate": truncating.truncate_local_time,
    "time.truncate": truncating.truncate_time,
    "localdatetime.truncate": truncating.truncate_local_date_time,
    "datetime.truncate": truncating.truncate_date_time,
    "duration.between": arithmetic.between,
    "duration.inMonths": arithmetic.in_months,
    "duration.inDays": arithmetic.in_days,
    "duration.inSeconds": arithmetic.in_seconds,
}


@pytest.mark.parametrize(
    ("feature", "least"),
    [
        ("Temporal1", 120),
        ("Temporal2", 25),
        ("Temporal3", 120),
        ("Temporal9", 200),
        ("Temporal10", 60),
    ],
)
def test_tables_of_the_kit(feature: str, least: int) -> None:
    count = 0
    for expression, bound, expected in kit.rows(feature):
        names = {name: kit.evaluate(inner, FUNCTIONS) for name, inner in bound.items()}
        value = kit.evaluate(expression, FUNCTIONS, **names)
        assert literal(value) == expected, (expression, bound)
        count += 1
    assert count >= least
