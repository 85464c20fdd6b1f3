"""Literals, parameters and variables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fivefold.languages.cypher import tree
from fivefold.languages.cypher.expressions.compiler import (
    Compiler,
    Constant,
    Evaluate,
    folded,
    quick,
)
from fivefold.languages.cypher.graph import Row, Run
from fivefold.values.graph.faults import fault


def _literal(expression: tree.Literal, _: Compiler) -> Evaluate:
    return Constant(expression.value)


def _parameter(expression: tree.Parameter, _: Compiler) -> Evaluate:
    name = expression.name

    def evaluate(_: Row, run: Run) -> Any:
        try:
            return run.parameters[name]
        except KeyError:
            raise fault("MissingParameter", f"Expected parameter(s): {name}") from None

    return evaluate


def _variable(expression: tree.Variable, _: Compiler) -> Evaluate:
    name = expression.name

    def evaluate(row: Row, _: Run) -> Any:
        return row[name]

    return evaluate


def _list(expression: tree.ListLiteral, compiler: Compiler) -> Evaluate:
    items = [compiler.part(item) for item in expression.items]

    called = list(map(quick, items))

    def evaluate(row: Row, run: Run) -> Any:
        return [item(row, run) for item in called]

    return folded(evaluate, *items)


def _map(expression: tree.MapLiteral, compiler: Compiler) -> Evaluate:
    entries = [(key, compiler.part(value)) for key, value in expression.entries]

    called = [(key, quick(value)) for key, value in entries]

    def evaluate(row: Row, run: Run) -> Any:
        return {key: value(row, run) for key, value in called}

    return folded(evaluate, *(value for _, value in entries))


COMPILE: dict[type[tree.Expression], Callable[[Any, Compiler], Evaluate]] = {
    tree.Literal: _literal,
    tree.Parameter: _parameter,
    tree.Variable: _variable,
    tree.ListLiteral: _list,
    tree.MapLiteral: _map,
}
