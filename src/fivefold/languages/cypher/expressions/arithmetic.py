"""Arithmetic: + - * / % ^ and signs, of numbers, strings, lists and temporal values.

Integers have 64 bits and overflow is an error; dividing them rounds towards zero, and a remainder
has its dividend's sign. Floats are IEEE 754's: they overflow to Infinity and divide by zero.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

from fivefold.errors import FivefoldError
from fivefold.languages.cypher import tree
from fivefold.languages.cypher.expressions.compiler import Compiler, Evaluate, folded
from fivefold.languages.cypher.expressions.operands import NUMBERS, Operation, compile_operands
from fivefold.languages.cypher.graph import Row, Run
from fivefold.values.graph import text
from fivefold.values.graph.faults import fault
from fivefold.values.graph.temporal import Duration, Instant, arithmetic, durations
from fivefold.values.graph.types import INSTANTS, TEMPORAL, word_of

LEAST, MOST = -(2**63), 2**63 - 1


def overflow() -> FivefoldError:
    """Return the error for an integer beyond 64 bits."""
    return fault("ArithmeticOverflow", "long overflow")


def whole(number: int) -> int:
    """Return an integer that fits 64 bits; raises fault ArithmeticOverflow."""
    if LEAST <= number <= MOST:
        return number
    raise overflow()


# What follows is for two values that are not null: NotImplemented if they do not go together.


def _both_numbers(one: Any, two: Any) -> bool:
    return type(one) in NUMBERS and type(two) in NUMBERS


def add(one: Any, two: Any) -> Any:
    """Return a sum, texts or lists joined, or a list with one element more."""
    if _both_numbers(one, two):
        return one + two
    if type(one) is list:
        return one + two if type(two) is list else [*one, two]
    if type(two) is list:
        return [one, *two]
    if type(one) is str or type(two) is str:
        joined = [_text(value) for value in (one, two)]
        return NotImplemented if None in joined else "".join(map(str, joined))
    if type(two) is Duration:
        if type(one) is Duration:
            return durations.plus(one, two)
        return arithmetic.plus(one, two) if type(one) in INSTANTS else NotImplemented
    if type(one) is Duration and type(two) in INSTANTS:
        return arithmetic.plus(two, one)
    return NotImplemented


def concatenate(one: Any, two: Any) -> Any:
    """Return two texts or two lists as one."""
    return one + two if type(one) is type(two) and type(one) in (str, list) else NotImplemented


def _text(value: Any) -> str | None:
    """Return the text that a value adds to a string; None if it adds none."""
    kind = type(value)
    if kind is str:
        return str(value)
    if kind is bool or kind is int or kind is float:
        return text.literal(value)
    return text.temporal_text(value) if kind in TEMPORAL else None


def subtract(one: Any, two: Any) -> Any:
    """Return a difference."""
    if _both_numbers(one, two):
        return one - two
    if type(two) is Duration:
        if type(one) is Duration:
            return durations.plus(one, two, -1)
        if isinstance(one, Instant):
            return arithmetic.plus(one, two, -1)
    return NotImplemented


def multiply(one: Any, two: Any) -> Any:
    """Return a product, of a duration and a number too."""
    if _both_numbers(one, two):
        return one * two
    if type(one) is Duration and type(two) in NUMBERS:
        return durations.times(one, two)
    if type(two) is Duration and type(one) in NUMBERS:
        return durations.times(two, one)
    return NotImplemented


def divide(one: Any, two: Any) -> Any:
    """Return a quotient, of a duration by a number too."""
    if type(one) is Duration and type(two) in NUMBERS:
        return durations.divided(one, two)
    if not _both_numbers(one, two):
        return NotImplemented
    if type(one) is int and type(two) is int:
        if two == 0:
            raise fault("DivisionByZero", "/ by zero")
        return one // two if (one < 0) is (two < 0) else -(-one // two)
    if two:
        return one / two
    if one == 0 or one != one or two != two:
        return math.nan
    return math.copysign(math.inf, one) * math.copysign(1.0, two)


def modulo(one: Any, two: Any) -> Any:
    """Return the remainder, which has the sign of ``one``."""
    if not _both_numbers(one, two):
        return NotImplemented
    if type(one) is int and type(two) is int:
        if two == 0:
            raise fault("DivisionByZero", "/ by zero")
        remainder = abs(one) % abs(two)
        return -remainder if one < 0 else remainder
    if two == 0 or math.isinf(one):
        return math.nan
    return math.fmod(one, two)


def power(one: Any, two: Any) -> Any:
    """Return ``one`` to the power ``two``, a float whatever they are."""
    if not _both_numbers(one, two):
        return NotImplemented
    try:
        return math.pow(one, two)
    except OverflowError:
        return -math.inf if one < 0 and math.fmod(two, 2) else math.inf
    except ValueError:  # of zero to a negative power, or of a root of a negative number
        if one != 0:
            return math.nan
        odd = math.fmod(two, 2) != 0
        return math.copysign(math.inf, one) if odd else math.inf


_OPERATIONS: dict[str, tuple[Operation, str]] = {
    "+": (add, "add"),
    "||": (concatenate, "concatenate"),
    "-": (subtract, "subtract"),
    "*": (multiply, "multiply"),
    "/": (divide, "divide"),
    "%": (modulo, "calculate modulus of"),
    "^": (power, "raise to the power"),
}
_EXACT: dict[str, Operation] = {"+": operator.add, "-": operator.sub, "*": operator.mul}
"""What Python does with two numbers as Cypher does, but for overflows."""


def _operator(expression: tree.Binary, compiler: Compiler) -> Evaluate:
    (operation, verb), at = _OPERATIONS[expression.op], expression.at

    def general(one: Any, two: Any) -> Any:
        if one is None or two is None:
            return None
        made = operation(one, two)
        if made is NotImplemented:
            message = f"Cannot {verb} `{word_of(one)}` and `{word_of(two)}`"
            raise fault("InvalidArgumentType", message, type="TypeError", at=at)
        return whole(made) if type(made) is int else made

    exact = _EXACT.get(expression.op)
    if exact is None:
        return compile_operands(expression, compiler, general, frozenset(), general)

    def simple(one: Any, two: Any) -> Any:
        made = exact(one, two)
        if type(made) is float or LEAST <= made <= MOST:
            return made
        raise overflow()

    return compile_operands(expression, compiler, simple, NUMBERS, general)


def signed(expression: tree.Unary, compiler: Compiler) -> Evaluate:
    """Compile a sign."""
    operand, at, minus = compiler.part(expression.operand), expression.at, expression.op == "-"

    def evaluate(row: Row, run: Run) -> Any:
        value = operand(row, run)
        if value is None:
            return None
        if type(value) in NUMBERS:
            return value if not minus else whole(-value) if type(value) is int else -value
        if minus and type(value) is Duration:
            return durations.times(value, -1)
        message = f"Type mismatch: expected Float or Integer but was {word_of(value)}"
        raise fault("InvalidArgumentType", message, type="TypeError", at=at)

    return folded(evaluate, operand)


OPERATORS: dict[str, Callable[[tree.Binary, Compiler], Evaluate]] = dict.fromkeys(
    _OPERATIONS, _operator
)
