"""$tsIncrement and $tsSecond. Source: manual, "Timestamp Expression Operators"."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bson.timestamp import Timestamp

from fivefold.languages.mongo.expressions.forms import Fixed, Operator
from fivefold.languages.mongo.expressions.numbers import long
from fivefold.languages.mongo.expressions.terms import name_of, nullish
from fivefold.values.documents.faults import fault


def _part(name: str, number: int, part: Callable[[Timestamp], int]) -> Fixed:
    def run(value: Any) -> Any:
        if nullish(value):
            return None
        if not isinstance(value, Timestamp):
            raise fault(number, f" Argument to {name} must be a timestamp, but is {name_of(value)}")
        return long(part(value))

    return Fixed(run)


OPERATORS: dict[str, Operator] = {
    "$tsIncrement": _part("$tsIncrement", 5687302, lambda value: value.inc),
    "$tsSecond": _part("$tsSecond", 5687301, lambda value: value.time),
}
