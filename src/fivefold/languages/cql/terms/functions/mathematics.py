"""abs, exp, log, log10 and round.

Source: "Math functions" of Cassandra's CQL reference.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Context, Decimal, DecimalException
from typing import Any

from fivefold.languages.cql.terms.functions import javamath
from fivefold.languages.cql.terms.functions.signatures import Function
from fivefold.values.cql.faults import function_failed
from fivefold.values.cql.types import SCALARS

_PRECISE = Context(prec=javamath.DIGITS + 8, Emax=10**9, Emin=-(10**9))


def _exp(number: float) -> float:
    try:
        return math.exp(number)
    except OverflowError:
        return math.inf


def _log(number: float) -> float:
    return math.log(number) if number > 0 else -math.inf if number == 0 else math.nan


def _log10(number: float) -> float:
    return math.log10(number) if number > 0 else -math.inf if number == 0 else math.nan


_FLOATS: dict[str, Callable[[float], float]] = {"exp": _exp, "log": _log, "log10": _log10}
_DECIMALS: dict[str, Callable[[Decimal], Decimal]] = {
    "exp": _PRECISE.exp,
    "log": _PRECISE.ln,
    "log10": _PRECISE.log10,
}


def _on_decimals(name: str, type: str) -> Callable[[Any], Any]:
    compute = _DECIMALS[name]

    def call(number: Any) -> Any:
        if name != "exp" and number <= 0:
            kind = "negative number" if number < 0 else "zero"
            raise function_failed(f"Logarithm of {kind}", "system", name, (type,))
        try:
            found = javamath.significant(compute(Decimal(number)))
        except DecimalException:
            raise function_failed("Overflow", "system", name, (type,)) from None
        return found if type == "decimal" else int(found)

    return call


def _transcendental(name: str, type: str) -> Function:
    compute = _FLOATS[name]
    if type in ("decimal", "varint"):
        call = _on_decimals(name, type)
    elif type == "double":
        call = compute
    elif type == "float":
        call = lambda number: javamath.single(compute(number))  # noqa: E731
    else:
        bits = javamath.BITS[type]
        call = lambda number: javamath.narrow(compute(number), bits)  # noqa: E731
    return Function(name, (SCALARS[type],), SCALARS[type], call)


def _abs(type: str) -> Function:
    call: Callable[[Any], Any] = abs
    if type in javamath.BITS:
        wrap = javamath.wrapped(javamath.BITS[type])
        call = lambda number: wrap(abs(number))  # noqa: E731
    elif type == "decimal":
        call = javamath.EXACT.copy_abs
    return Function("abs", (SCALARS[type],), SCALARS[type], call)


def _same(number: Any) -> Any:
    return number


def _round_float(bits: int) -> Callable[[float], float]:
    def call(number: float) -> float:
        if number - number != 0:
            return float(javamath.cut(number, bits))
        return float(
            javamath.cut(math.floor(number + 0.5) if abs(number) < 2**52 else number, bits)
        )

    return call


def _round_decimal(number: Decimal) -> Decimal:
    return javamath.EXACT.quantize(number, Decimal(1)) if _is_whole(number) else _nearest(number)


def _is_whole(number: Decimal) -> bool:
    return int(number.as_tuple().exponent) >= 0


def _nearest(number: Decimal) -> Decimal:
    return number.quantize(Decimal(1), ROUND_HALF_UP, javamath.EXACT)


_ROUNDED: dict[str, Callable[[Any], Any]] = {
    "float": _round_float(32),
    "double": _round_float(64),
    "decimal": _round_decimal,
}


def _round(type: str) -> Function:
    return Function("round", (SCALARS[type],), SCALARS[type], _ROUNDED.get(type, _same))


FUNCTIONS: tuple[Function, ...] = (
    *map(_abs, javamath.NUMBERS),
    *(_transcendental(name, type) for name in _FLOATS for type in javamath.NUMBERS),
    *map(_round, javamath.NUMBERS),
)
