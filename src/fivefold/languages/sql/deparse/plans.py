"""Writes the conditions and keys of a bound statement as EXPLAIN prints them, for the store.

The tree is the one that runs: views are in their places, and lists, texts and casts are as a
store likes them. What PostgreSQL keeps otherwise is put right here. A condition that holds a
query, or that cannot be printed, gets no text, and the store says nothing of it.

Source: PostgreSQL manual, "Using EXPLAIN"; the rest is what its answers show.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from fivefold.errors import FivefoldError
from fivefold.languages.sql.bind.state import Context
from fivefold.languages.sql.deparse import expressions, queries, shapes
from fivefold.languages.sql.deparse.printer import Printer
from fivefold.languages.sql.deparse.shapes import Shape
from fivefold.languages.sql.deparse.translate import Translator
from fivefold.plan import nodes as exp
from fivefold.plan.conditions import alternatives, conjuncts
from fivefold.plan.explain import SHOWN, Shown
from fivefold.plan.statement import type_of
from fivefold.values.types import TEXT, Kind, array_of

_MIRRORED = {"=": "=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
_SOURCES = (exp.Table, exp.Subquery, exp.Values)


class _Running(Translator):
    """Translates what runs; columns have their table in front but those of ``own``."""

    def __init__(self, context: Context, own: str | None) -> None:
        super().__init__(context, None)
        self.own = own

    def shape(self, node: exp.Expr) -> Shape:
        translate = _SHAPES.get(type(node))
        return super().shape(node) if translate is None else translate(self, node)

    def column(self, node: exp.Column) -> Shape:
        plain = self.own is None or not node.table or node.table == self.own
        return shapes.Var(None if plain else node.table, node.meta.get("name", node.name))

    def parameter(self, node: exp.Parameter) -> Shape:
        literal = node.meta.get("literal")
        return shapes.Word(f"${node.name}") if literal is None else self.literal(literal)

    def literal(self, node: exp.Literal) -> Shape:
        """Return a constant; one that was converted is shown as it became."""
        if not (node.meta.get("implicit") and "written" in node.meta):
            return super().literal(node)
        alone = exp.Literal(this=node.this, is_string=node.is_string)
        alone.meta["type"] = type_of(node)
        return super().literal(alone)

    def operands(self, symbol: str, nodes: list[exp.Expr]) -> tuple[Shape, ...]:
        nodes = [_written(node) for node in nodes]
        return tuple(
            self.as_text(node, shape)
            for node, shape in zip(nodes, super().operands(symbol, nodes), strict=True)
        )

    @staticmethod
    def as_text(node: exp.Expr, shape: Shape) -> Shape:
        """Return an operand of a store's text as PostgreSQL has it: varchar has no operators."""
        if type_of(node).kind is Kind.VARCHAR and not isinstance(shape, shapes.Cast):
            return shapes.Cast(shape, TEXT, True, False)
        return shape

    def among(self, node: exp.In) -> Shape:
        return self.in_query(node) if node.args.get("query") else self.listed("=", node)

    def listed(self, symbol: str, node: exp.In) -> Shape:
        """Return IN or NOT IN of values as the comparison with an array."""
        members = self.every(node.expressions)
        left = self.operands("=", [node.this, node.expressions[0]])[0]
        element = type_of(node.expressions[0])
        element = TEXT if element.kind is Kind.VARCHAR else element
        array: Shape = shapes.Form("ARRAY", members, "[", "]")
        texts = [one.text for one in members if isinstance(one, shapes.Const)]
        if len(texts) == len(members):
            stored = json.dumps(texts)
            text = self.output(array_of(TEXT))(stored)
            array = shapes.Const(text, array_of(element))
        return shapes.ArrayOperator(symbol, left, array, symbol != "=")

    def negated(self, node: exp.Not) -> Shape:
        inner = node.this
        while isinstance(inner, exp.Paren):
            inner = inner.this
        if isinstance(inner, exp.In) and not inner.args.get("query"):
            return self.listed("<>", inner)
        return self.negation(node)


_SHAPES: dict[type[exp.Expr], Callable[[_Running, Any], Shape]] = {
    exp.Column: _Running.column,
    exp.Parameter: _Running.parameter,
    exp.Literal: _Running.literal,
    exp.In: _Running.among,
    exp.Not: _Running.negated,
}


def _written(node: exp.Expr) -> exp.Expr:
    """Return the literal that a parameter stands for."""
    literal = node.meta.get("literal") if isinstance(node, exp.Parameter) else None
    return literal if isinstance(literal, exp.Expr) else node


def show(made: exp.Expr, context: Context) -> None:
    """Put to the conditions and keys of a statement what EXPLAIN prints of them."""
    writer = _Writer(context, sum(isinstance(node, _SOURCES) for node in made.walk()) > 1)
    for node in made.walk():
        if isinstance(node, exp.Where | exp.Having):
            writer.conditions(node.this)
        elif isinstance(node, exp.Join) and node.args.get("on") is not None:
            writer.conditions(node.args["on"])
        elif isinstance(node, exp.Ordered):
            writer.key(node, node.this)
        elif isinstance(node, exp.Group):
            for key in node.expressions:
                writer.key(key, key)
        elif isinstance(node, exp.Select) and node.args.get("distinct"):
            for output in node.expressions:
                value = output.this if isinstance(output, exp.Alias) else output
                writer.key(output, value, hashed=True)


class _Writer:
    """Writes texts; ``prefixed`` says that columns stand with their table."""

    def __init__(self, context: Context, prefixed: bool) -> None:
        self._context = context
        self._all = "" if prefixed else None

    def conditions(self, whole: exp.Expr) -> None:
        for condition in conjuncts(whole):
            self._condition(condition)
            if isinstance(condition, exp.Or):
                for part in alternatives(condition):
                    for each in conjuncts(part):
                        self._condition(each)

    def _condition(self, node: exp.Expr) -> None:
        if any(isinstance(inner, exp.Query) for inner in node.walk()):
            return
        try:
            texts = tuple(self._parts(node, self._all))
            aliases = {one.table for one in node.walk() if isinstance(one, exp.Column)}
            keyed = {alias: tuple(self._parts(node, alias, turned=True)) for alias in aliases}
        except FivefoldError:
            return  # nothing is said of what cannot be printed
        node.meta[SHOWN] = Shown(texts, keyed)

    def _parts(self, node: exp.Expr, own: str | None, *, turned: bool = False) -> Iterator[str]:
        """Yield the conditions that one is; ``turned`` with the column of ``own`` to the left."""
        shape = _Running(self._context, own).shape(node)
        both = isinstance(node, exp.Between)
        parts = shape.arguments if both and isinstance(shape, shapes.Logic) else (shape,)
        for part in parts:
            yield self._text(_turned(part) if turned else part)

    def _text(self, shape: Shape) -> str:
        p = Printer(self._context, pretty=False, flat=True)
        return p.apart(lambda: expressions.show(p, shape))

    def key(self, node: exp.Expr, value: exp.Expr, *, hashed: bool = False) -> None:
        if any(isinstance(inner, exp.Query) for inner in value.walk()):
            return
        try:
            shape = _Running(self._context, self._all).shape(value)
            text = self._text(shape)
        except FivefoldError:
            return
        if not isinstance(shape, shapes.Var | shapes.Const) and not hashed:
            text = f"({text})"  # it was computed below
        if isinstance(node, exp.Ordered):
            descending = bool(node.args.get("desc"))
            text += queries.direction(descending, bool(node.args.get("nulls_first")))
        node.meta[SHOWN] = Shown((text,), {})


def _turned(shape: Shape) -> Shape:
    if not isinstance(shape, shapes.Operator) or len(shape.arguments) != 2:
        return shape
    left, right = shape.arguments
    own = isinstance(right, shapes.Var) and right.source is None
    if own and not (isinstance(left, shapes.Var) and left.source is None):
        symbol = _MIRRORED.get(shape.symbol)
        return shape if symbol is None else shapes.Operator(symbol, (right, left))
    return shape
