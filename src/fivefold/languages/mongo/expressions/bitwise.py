"""$bitAnd, $bitOr, $bitXor, $bitNot. Source: manual, "Bitwise Operators"."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from typing import Any

from fivefold.languages.mongo.expressions.forms import Fixed, Operator, Variadic
from fivefold.languages.mongo.expressions.numbers import INT, LONG, of_rank, rank
from fivefold.languages.mongo.expressions.terms import name_of, nullish
from fivefold.values.documents.faults import fault


def _bits(name: str, combine: Callable[[int, int], int], neutral: int) -> Variadic:
    def run(values: list[Any]) -> Any:
        widest = INT
        for value in values:
            if nullish(value):
                return None
            kind = rank(value)
            if kind not in (INT, LONG):
                raise fault(14, f"{name} only supports int and long operands.")
            widest = max(widest, kind)
        return of_rank(functools.reduce(combine, map(int, values), neutral), widest)

    return Variadic(run)


def _not(value: Any) -> Any:
    if nullish(value):
        return None
    kind = rank(value)
    if not kind:
        raise fault(28765, f"$bitNot only supports numeric types, not {name_of(value)}")
    if kind not in (INT, LONG):
        raise fault(14, f"$bitNot only supports int and long, not: {name_of(value)}.")
    return of_rank(~int(value), kind)


OPERATORS: dict[str, Operator] = {
    "$bitAnd": _bits("$bitAnd", operator.and_, -1),
    "$bitNot": Fixed(_not),
    "$bitOr": _bits("$bitOr", operator.or_, 0),
    "$bitXor": _bits("$bitXor", operator.xor, 0),
}
