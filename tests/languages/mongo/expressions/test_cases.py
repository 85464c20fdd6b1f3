"""Every case of `cases/`: types of numbers, order of fields and missing values count."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from bson.decimal128 import Decimal128
from bson.timestamp import Timestamp

from fivefold.errors import FivefoldError
from fivefold.languages.mongo.expressions import Scope, compile_expression
from fivefold.values.documents.kinds import kind_of
from tests.languages.mongo.expressions.cases import (
    Case,
    Fails,
    Pages,
    arithmetic,
    arrays,
    dates,
    strings,
    values,
)

FAMILIES: dict[str, Pages] = {
    family.__name__.rsplit(".", 1)[-1]: family.PAGES
    for family in (arithmetic, arrays, dates, strings, values)
}

VARIABLES = {"NOW": datetime(2024, 5, 17, 8, 30), "CLUSTER_TIME": Timestamp(1715934600, 3), "v": 42}


def told(value: Any) -> Any:
    """Return what tells values apart that Python takes for equal: 1, 1.0, Int64(1) and True."""
    if isinstance(value, dict):
        return ("object", [(name, told(each)) for name, each in value.items()])
    if isinstance(value, list):
        return ("array", [told(each) for each in value])
    if isinstance(value, float | Decimal128):
        return (kind_of(value), str(value))
    return (kind_of(value), value)


def rows() -> Iterator[Any]:
    for family, pages in FAMILIES.items():
        for page, cases in pages.items():
            for number, case in enumerate(cases, 1):
                yield pytest.param(case, id=f"{family}-{page.split(' ')[0]}-{number}")


@pytest.mark.parametrize("case", [*rows()])
def test_case(case: Case) -> None:
    expression, document, expected = case
    scope = Scope().having("v")
    if not isinstance(expected, Fails):
        found = compile_expression(expression, scope)(document, dict(VARIABLES))
        assert told(found) == told(expected)
        return
    with pytest.raises(FivefoldError) as error:
        compile_expression(expression, scope)(document, dict(VARIABLES))
    assert error.value.number == expected.number, error.value.message
    assert expected.text in error.value.message
