"""The functions behind operators.

Source: "Arithmetic operators" of Cassandra's CQL reference.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from fivefold.languages.cql.terms.functions import javamath
from fivefold.languages.cql.terms.functions.moments import moved_date, moved_timestamp
from fivefold.languages.cql.terms.functions.signatures import Function
from fivefold.values.cql.faults import function_failed
from fivefold.values.cql.types import ASCII, DATE, DURATION, SCALARS, TEXT, TIMESTAMP, CqlType

Operation = Callable[[Any, Any], Any]

_OPERATORS = {"_add": "+", "_substract": "-", "_multiply": "*", "_divide": "/", "_modulo": "%"}

_WHOLE: dict[str, Operation] = {
    "_add": operator.add,
    "_substract": operator.sub,
    "_multiply": operator.mul,
    "_divide": javamath.quotient,
    "_modulo": javamath.remainder,
}
_FLOATING: dict[str, Operation] = {
    **_WHOLE,
    "_divide": javamath.float_quotient,
    "_modulo": javamath.float_remainder,
}
_DECIMAL: dict[str, Operation] = {
    "_add": javamath.EXACT.add,
    "_substract": javamath.EXACT.subtract,
    "_multiply": javamath.EXACT.multiply,
    "_divide": javamath.decimal_quotient,
    "_modulo": javamath.decimal_remainder,
}


def result_of(left: str, right: str) -> str:
    """Return the type of what two numbers make, the smallest that has place for both."""
    both = {left, right}
    if "decimal" in both:
        return "decimal"
    floating = both & {"float", "double"}
    if "varint" in both:
        return "decimal" if floating else "varint"
    wide = both & {"bigint", "counter", "double"}
    if floating:
        return "double" if wide else "float"
    if wide:
        return "bigint"
    return next(name for name in ("int", "smallint", "tinyint") if name in both)


def _operation(name: str, result: str) -> Operation:
    """Return an operation of values of its result's type."""
    if result == "decimal":
        return _DECIMAL[name]
    if result == "varint":
        return _WHOLE[name]
    if result in ("float", "double"):
        found = _FLOATING[name]
        return found if result == "double" else _then(found, javamath.single)
    return _then(_WHOLE[name], javamath.wrapped(javamath.BITS[result]))


def _then(operation: Operation, after: Callable[[Any], Any]) -> Operation:
    return lambda left, right: after(operation(left, right))


def _promotion(given: str, result: str) -> Callable[[Any], Any]:
    """Return what makes a number one of the result's type."""
    if result == "decimal":
        return to_decimal if given in ("float", "double") else Decimal
    if result in ("float", "double") and given not in ("float", "double"):
        return float if result == "double" else lambda number: javamath.single(float(number))
    return lambda number: number


def to_decimal(number: float) -> Decimal:
    """Return a float as a decimal, with the digits that it is shown with."""
    if number - number != 0:
        what = "An infinite number" if number == number else "NaN"
        raise ArithmeticError(f"{what} cannot be converted into a decimal")
    return Decimal(repr(number))


def _numeric(name: str, left: str, right: str) -> Function:
    result = result_of(left, right)
    operation = _operation(name, result)
    first, second = _promotion(left, result), _promotion(right, result)
    sign = _OPERATORS[name]
    same = left == right == result

    def call(one: Any, other: Any) -> Any:
        try:
            return operation(one, other) if same else operation(first(one), second(other))
        except (ZeroDivisionError, InvalidOperation):
            big = result in ("decimal", "varint")
            message = "BigInteger divide by zero" if big else "/ by zero"
        except ArithmeticError as error:
            message = str(error)
        raise _failed(name, sign, left, right, message)

    return Function(name, (SCALARS[left], SCALARS[right]), SCALARS[result], call)


def _failed(name: str, sign: str, left: str, right: str, message: str) -> Exception:
    return function_failed(
        f"the operation '{left} {sign} {right}' failed: {message}", "system", name, (left, right)
    )


def _negation(name: str) -> Function:
    negate: Callable[[Any], Any] = operator.neg
    if name in javamath.BITS:
        wrap = javamath.wrapped(javamath.BITS[name])
        negate = lambda number: wrap(-number)  # noqa: E731
    elif name == "decimal":
        negate = javamath.EXACT.copy_negate
    return Function("_negate", (SCALARS[name],), SCALARS[name], negate)


def _joined(left: CqlType, right: CqlType) -> Function:
    result = ASCII if left == right == ASCII else TEXT
    return Function("_add", (left, right), result, operator.add)


def _temporal(name: str, type: CqlType) -> Function:
    sign = 1 if name == "_add" else -1
    move = moved_date if type == DATE else moved_timestamp

    def call(value: int, duration: Any) -> int:
        try:
            return move(value, duration, sign)
        except ValueError as error:
            shown = "+" if sign > 0 else "-"
            raise _failed(name, shown, type.name, "duration", str(error)) from None

    return Function(name, (type, DURATION), type, call)


FUNCTIONS: tuple[Function, ...] = (
    *(
        _numeric(name, left, right)
        for name in _OPERATORS
        for left in javamath.NUMBERS
        for right in javamath.NUMBERS
    ),
    *(_negation(name) for name in javamath.NUMBERS),
    *(_joined(left, right) for left in (TEXT, ASCII) for right in (TEXT, ASCII)),
    *(_temporal(name, type) for name in ("_add", "_substract") for type in (TIMESTAMP, DATE)),
)
