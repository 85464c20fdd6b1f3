"""The forms that operators of two values mostly have, so that a row costs few calls.

A row's property against a constant is one closure; any other expression against a constant two.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fivefold.languages.cypher import tree
from fivefold.languages.cypher.expressions.access import property_of
from fivefold.languages.cypher.expressions.compiler import (
    Compiler,
    Constant,
    Evaluate,
    folded,
    quick,
)
from fivefold.languages.cypher.graph import Row, Run

Operation = Callable[[Any, Any], Any]

NUMBERS = frozenset((int, float))
_KINDS = {int: NUMBERS, float: NUMBERS}


def compile_operands(
    expression: tree.Binary,
    compiler: Compiler,
    simple: Operation,
    kinds: frozenset[type],
    general: Operation,
) -> Evaluate:
    """Compile an operator of two values.

    ``simple`` is for two values of one type of ``kinds``, or for two numbers if they are among
    ``kinds``; ``general`` is for any.
    """
    right = compiler.part(expression.right)
    if isinstance(right, Constant) and type(right.value) in kinds:
        fitting = _KINDS.get(type(right.value), frozenset((type(right.value),)))
        return _with_constant(expression.left, compiler, right.value, simple, fitting, general)
    left = compiler.part(expression.left)
    return folded(_with_any(quick(left), quick(right), simple, kinds, general), left, right)


def _with_any(
    left: Evaluate, right: Evaluate, simple: Operation, kinds: frozenset[type], general: Operation
) -> Evaluate:
    if kinds >= NUMBERS:

        def mixed(row: Row, run: Run) -> Any:
            one, two = left(row, run), right(row, run)
            kind, other = type(one), type(two)
            if kind in kinds and (kind is other or (kind in NUMBERS and other in NUMBERS)):
                return simple(one, two)
            return general(one, two)

        return mixed

    def evaluate(row: Row, run: Run) -> Any:
        one, two = left(row, run), right(row, run)
        kind = type(one)
        if kind is type(two) and kind in kinds:
            return simple(one, two)
        return general(one, two)

    return evaluate


def _with_constant(
    operand: tree.Expression,
    compiler: Compiler,
    constant: Any,
    simple: Operation,
    fitting: frozenset[type],
    general: Operation,
) -> Evaluate:
    if isinstance(operand, tree.Property) and isinstance(operand.subject, tree.Variable):
        return _property_with_constant(operand, constant, simple, fitting, general)
    left = compiler.part(operand)

    def evaluate(row: Row, run: Run) -> Any:
        value = left(row, run)
        if type(value) in fitting:
            return simple(value, constant)
        return general(value, constant)

    return folded(evaluate, left)


def _property_with_constant(
    operand: tree.Property,
    constant: Any,
    simple: Operation,
    fitting: frozenset[type],
    general: Operation,
) -> Evaluate:
    assert isinstance(operand.subject, tree.Variable)
    name, key, at = operand.subject.name, operand.key, operand.at

    def evaluate(row: Row, _: Run) -> Any:
        subject = row[name]
        try:
            value = (
                property_of(subject, key, at) if subject.deleted else subject.properties.get(key)
            )
        except AttributeError:
            value = property_of(subject, key, at)
        if type(value) in fitting:
            return simple(value, constant)
        return general(value, constant)

    return evaluate
