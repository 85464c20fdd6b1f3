"""What CAST does, which are functions named after the type.

Source: "Cast function" of Cassandra's CQL reference.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from fivefold.languages.cql.terms.functions import javamath
from fivefold.languages.cql.terms.functions.moments import DAY_MS
from fivefold.languages.cql.terms.functions.signatures import Function
from fivefold.values.cql.codecs import codec_of
from fivefold.values.cql.faults import function_failed
from fivefold.values.cql.types import ASCII, DATE, SCALARS, TEXT, TIMESTAMP, TIMEUUID, CqlType
from fivefold.values.cql.uuids import time_ms

_SHOWN = ["boolean", "timestamp", "date", "time", "timeuuid", "uuid", "inet"]


def _to_whole(given: str, bits: int) -> Callable[[Any], int]:
    if given in ("float", "double"):
        return lambda number: javamath.narrow(number, bits)
    wrap = javamath.wrapped(bits)
    return lambda number: wrap(int(number))


def _to_varint(given: str) -> Callable[[Any], int]:
    if given in ("float", "double"):
        return lambda number: javamath.cut(number, 64)
    return int


def _to_float(given: str, single: bool) -> Callable[[Any], float]:
    def cast(number: Any) -> float:
        try:
            found = float(number)
        except OverflowError:
            found = float("inf") if number > 0 else float("-inf")
        return javamath.single(found) if single else found

    return cast


def _to_decimal(given: str) -> Callable[[Any], Decimal]:
    if given not in ("float", "double"):
        return Decimal
    codec = codec_of(SCALARS[given])

    def cast(number: float) -> Decimal:
        if number - number != 0:
            message = "Character N is neither a decimal digit number, decimal point, nor"
            raise function_failed(
                f'{message} "e" notation exponential mark.', "system", "cast_as_decimal", (given,)
            )
        return Decimal(codec.to_literal(number))

    return cast


def _numeric(given: str, target: str) -> Function:
    if target in javamath.BITS:
        call: Callable[[Any], Any] = _to_whole(given, javamath.BITS[target])
    elif target == "varint":
        call = _to_varint(given)
    elif target == "decimal":
        call = _to_decimal(given)
    else:
        call = _to_float(given, target == "float")
    return _cast(SCALARS[given], SCALARS[target], call)


def _cast(given: CqlType, target: CqlType, call: Callable[[Any], Any]) -> Function:
    return Function(f"cast_as_{target.name}", (given,), target, call)


def _text(given: CqlType, target: CqlType) -> Function:
    show = _timestamp_text if given == TIMESTAMP else _literal_text(given)
    return Function(f"cast_as_{target.name}", (given,), target, show, stored=True)


def _literal_text(given: CqlType) -> Callable[[Any], str]:
    literal = codec_of(given).to_literal
    return lambda stored: literal(stored).strip("'")


def _timestamp_text(ms: int) -> str:
    return codec_of(TIMESTAMP).to_literal(ms).strip("'").replace(" ", "T")


def _stored(given: CqlType, target: CqlType, call: Callable[[Any], int]) -> Function:
    return Function(f"cast_as_{target.name}", (given,), target, call, stored=True)


_TARGETS = ("tinyint", "smallint", "int", "bigint", "float", "double", "decimal", "varint")

FUNCTIONS: tuple[Function, ...] = (
    *(
        _numeric(given, target)
        for target in _TARGETS
        for given in javamath.NUMBERS
        if given != target
    ),
    *(
        _text(SCALARS[given], target)
        for target in (TEXT, ASCII)
        for given in (*javamath.NUMBERS, *_SHOWN)
    ),
    _stored(ASCII, TEXT, lambda stored: stored),
    _stored(TIMEUUID, DATE, lambda stored: time_ms(stored) // DAY_MS),
    _stored(TIMESTAMP, DATE, lambda ms: ms // DAY_MS),
    _stored(TIMEUUID, TIMESTAMP, time_ms),
    _stored(DATE, TIMESTAMP, lambda days: days * DAY_MS),
)
