"""Tests of labels and of types: ``n:A|B``, ``x IS :: INTEGER NOT NULL``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fivefold.languages.cypher import tree
from fivefold.languages.cypher.expressions.access import wrong_type
from fivefold.languages.cypher.expressions.compiler import Compiler, Evaluate, folded
from fivefold.languages.cypher.expressions.labels import compile_labels
from fivefold.languages.cypher.graph import Row, Run
from fivefold.values.graph.entities import Node, Relationship, labels_of
from fivefold.values.graph.types import compile_type


def _has_labels(expression: tree.HasLabels, compiler: Compiler) -> Evaluate:
    subject, at = compiler.part(expression.subject), expression.at
    test = compile_labels(expression.labels)

    def evaluate(row: Row, run: Run) -> Any:
        value = subject(row, run)
        if isinstance(value, Node):
            return test(labels_of(value, at))
        if isinstance(value, Relationship):
            return test((value.type,))
        if value is None:
            return None
        raise wrong_type("Node or Relationship", value, at)

    return evaluate


def _is_typed(expression: tree.IsTyped, compiler: Compiler) -> Evaluate:
    operand, test = compiler.part(expression.operand), compile_type(expression.type)

    def is_typed(row: Row, run: Run) -> Any:
        return test(operand(row, run))

    def is_not_typed(row: Row, run: Run) -> Any:
        return not test(operand(row, run))

    return folded(is_not_typed if expression.negated else is_typed, operand)


COMPILE: dict[type[tree.Expression], Callable[[Any, Compiler], Evaluate]] = {
    tree.HasLabels: _has_labels,
    tree.IsTyped: _is_typed,
}
