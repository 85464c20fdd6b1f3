"""Three-valued logic: true, false and null (openCypher 9, "Boolean operators").

Null stands for what is not known: a connective is null unless the operands that are known decide.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fivefold.errors import FivefoldError
from fivefold.languages.cypher import tree
from fivefold.languages.cypher.expressions.compiler import Compiler, Evaluate, folded
from fivefold.languages.cypher.graph import Row, Run
from fivefold.values.graph.faults import fault
from fivefold.values.graph.types import word_of


def not_boolean(value: Any, at: int) -> FivefoldError:
    """Return the error for a condition that is neither true nor false nor null."""
    return fault(
        "InvalidArgumentType",
        f"Type mismatch: expected Boolean but was {word_of(value)}",
        type="TypeError",
        at=at,
    )


def negation(expression: tree.Unary, compiler: Compiler) -> Evaluate:
    """Compile NOT."""
    operand, at = compiler.part(expression.operand), expression.at

    def evaluate(row: Row, run: Run) -> Any:
        value = operand(row, run)
        if value is True:
            return False
        if value is False:
            return True
        if value is None:
            return None
        raise not_boolean(value, at)

    return folded(evaluate, operand)


def _and(expression: tree.Binary, compiler: Compiler) -> Evaluate:
    return _decided_by(False, expression, compiler)


def _or(expression: tree.Binary, compiler: Compiler) -> Evaluate:
    return _decided_by(True, expression, compiler)


def _decided_by(decisive: bool, expression: tree.Binary, compiler: Compiler) -> Evaluate:
    """Compile AND or OR: one operand with the ``decisive`` value is enough."""
    at, other = expression.at, not decisive
    left, *more = [compiler.part(part) for part in _operands(expression, expression.op)]
    if len(more) > 1:
        return folded(_any_decides(decisive, [left, *more], at), left, *more)
    (right,) = more

    def evaluate(row: Row, run: Run) -> Any:
        one = left(row, run)
        if one is decisive:
            return one
        two = right(row, run)
        if one is other and (two is decisive or two is other):
            return two
        for value in (one, two):
            if value is not None and value is not True and value is not False:
                raise not_boolean(value, at)
        return decisive if two is decisive else None

    return folded(evaluate, left, right)


def _operands(expression: tree.Expression, op: str) -> list[tree.Expression]:
    """Return the operands of a chain such as ``a AND b AND c``, in order."""
    found: list[tree.Expression] = []
    waiting = [expression]
    while waiting:
        one = waiting.pop()
        if isinstance(one, tree.Binary) and one.op == op:
            waiting += (one.right, one.left)
        else:
            found.append(one)
    return found


def _any_decides(decisive: bool, operands: list[Evaluate], at: int) -> Evaluate:
    other = not decisive

    def evaluate(row: Row, run: Run) -> Any:
        answer: bool | None = other
        for operand in operands:
            value = operand(row, run)
            if value is decisive:
                return decisive
            if value is not other:
                if value is not None:
                    raise not_boolean(value, at)
                answer = None
        return answer

    return evaluate


def _xor(expression: tree.Binary, compiler: Compiler) -> Evaluate:
    at = expression.at
    left, right = compiler.part(expression.left), compiler.part(expression.right)

    def evaluate(row: Row, run: Run) -> Any:
        one, two = left(row, run), right(row, run)
        for value in (one, two):
            if value is not None and value is not True and value is not False:
                raise not_boolean(value, at)
        return None if one is None or two is None else one is not two

    return folded(evaluate, left, right)


def _is_null(expression: tree.IsNull, compiler: Compiler) -> Evaluate:
    operand = compiler.part(expression.operand)

    def is_null(row: Row, run: Run) -> Any:
        return operand(row, run) is None

    def is_not_null(row: Row, run: Run) -> Any:
        return operand(row, run) is not None

    return folded(is_not_null if expression.negated else is_null, operand)


OPERATORS: dict[str, Callable[[tree.Binary, Compiler], Evaluate]] = {
    "and": _and,
    "or": _or,
    "xor": _xor,
}
COMPILE: dict[type[tree.Expression], Callable[[Any, Compiler], Evaluate]] = {
    tree.IsNull: _is_null,
}
