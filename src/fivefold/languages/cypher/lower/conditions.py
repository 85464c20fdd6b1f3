"""Which conditions of a pattern become conditions of SQL.

A condition is asked in SQL only if the answer is the same. What a property is compared with is
known when the query runs, and what SQL has to be asked depends on its type: a *slot* keeps the way
to the value, and says for a value which text and parameter it takes, or that SQL cannot say it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from fivefold.languages.cypher import tree
from fivefold.languages.cypher.expressions.compiler import Evaluate
from fivefold.languages.cypher.expressions.labels import compile_labels
from fivefold.languages.cypher.functions.table import find
from fivefold.languages.cypher.graph import Row, Run
from fivefold.languages.cypher.matching.pattern import Condition
from fivefold.languages.cypher.walk import every, names_in
from fivefold.models.graph.vocabulary import Vocabulary
from fivefold.plan.statement import Reading
from fivefold.values.graph.types import INSTANTS
from fivefold.values.types import FLOAT8, INT4, INT8, TEXT, Type

OPERATORS = {"=": "=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
FLIPPED = {"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}

INT_MIN, INT_MAX = -(2**63), 2**63 - 1
DIGITS_MAX = len(str(INT_MAX))


@dataclass(frozen=True, slots=True, eq=False)
class Compare:
    """``name.key op value``, where the value depends on nothing that the pattern binds."""

    name: str
    key: str
    op: str
    value: Evaluate


@dataclass(frozen=True, slots=True, eq=False)
class Among:
    """``name.key IN values``, where the list depends on nothing that the pattern binds.

    Only an index is asked about it.
    """

    name: str
    key: str
    values: Evaluate


@dataclass(frozen=True, slots=True, eq=False)
class Is:
    """``id(name) = value``, or ``element``: ``elementId(name)`` is the one with that number."""

    name: str
    value: Evaluate
    element: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class There:
    """``name.key IS NOT NULL``, or with ``negated`` IS NULL."""

    name: str
    key: str
    negated: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class OfKind:
    """A node's kind is one of these."""

    name: str
    kinds: tuple[int, ...]


Lowered = Compare | Among | Is | There | OfKind

Compile = Callable[[tree.Expression], Evaluate]


class Conditions:
    """The conditions of one pattern, sorted into what SQL is asked and what is left.

    ``nodes`` and ``links`` are the names that the pattern binds.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        nodes: frozenset[str],
        links: frozenset[str],
        compile_: Compile,
    ) -> None:
        self._vocabulary = vocabulary
        self._nodes = nodes
        self._links = links
        self._own = nodes | links
        self._compile = compile_
        self.lowered: list[Lowered] = []
        self.said: list[tuple[Lowered, Condition]] = []
        """What is lowered beside what it was made of."""
        self.residual: list[Condition] = []
        self._listed: dict[int, Condition] = {}

    def take(self, condition: Condition) -> None:
        """Sort a condition."""
        found = self._lower(condition.expression)
        if found is None:
            self.residual.append(condition)
        elif isinstance(found, Among):
            self.residual.append(condition)  # until an index has taken it over
            self.lowered.append(found)
            self._listed[id(found)] = condition
        else:
            self.lowered.append(found)
            self.said.append((found, condition))

    def taken_over(self, one: Among) -> None:
        """Have a list, which an index was asked about, not looked at again."""
        self.residual.remove(self._listed[id(one)])

    def of(self, name: str) -> Iterator[Lowered]:
        """Yield what SQL is asked of an entity."""
        return (one for one in self.lowered if one.name == name)

    def _lower(self, expression: tree.Expression) -> Lowered | None:
        match expression:
            case tree.HasLabels(subject=tree.Variable(name=name), labels=labels):
                if name not in self._nodes:
                    return None
                return OfKind(name, self._kinds(labels))
            case tree.Binary(op=op, left=left, right=right) if op in OPERATORS:
                return self._compare(left, op, right) or self._compare(right, FLIPPED[op], left)
            case tree.Binary(op="in", left=left, right=right):
                return self._among(left, right)
            case tree.IsNull(operand=tree.Property(subject=tree.Variable(name=name), key=key)):
                if name not in self._own or not is_plain_key(key):
                    return None
                return There(name, key, not expression.negated)
        return None

    def _kinds(self, labels: tree.Labels) -> tuple[int, ...]:
        test = compile_labels(labels)
        return tuple([at for at, known in enumerate(self._vocabulary.labels) if test(known)])

    def _compare(self, one: tree.Expression, op: str, other: tree.Expression) -> Lowered | None:
        if names_in(other) & self._own or not _is_simple(other):
            return None
        match one:
            case tree.Property(subject=tree.Variable(name=name), key=key):
                if name in self._own and is_plain_key(key):
                    return Compare(name, key, op, self._compile(other))
            case tree.Call(name=function, arguments=(tree.Variable(name=name),)):
                if op == "=" and name in self._own:
                    return self._identified(name, function.lower(), other)
        return None

    def _among(self, one: tree.Expression, values: tree.Expression) -> Among | None:
        if names_in(values) & self._own or not _is_simple(values):
            return None
        match one:
            case tree.Property(subject=tree.Variable(name=name), key=key) if name in self._nodes:
                return Among(name, key, self._compile(values))
        return None

    def _identified(self, name: str, function: str, value: tree.Expression) -> Is | None:
        if function == "id":
            return Is(name, self._compile(value))
        if function != "elementid":
            return None
        given, sort = self._compile(value), 4 if name in self._nodes else 5

        def number(row: Row, run: Run) -> int | None:
            """Return the number in an element id, None for what is none of this graph's."""
            text = given(row, run)
            start = f"{sort}:{run.graph.uuid}:"
            if text.__class__ is not str or not text.startswith(start):
                return None
            digits = text[len(start) :]
            is_number = digits.isascii() and digits.isdigit() and len(digits) <= DIGITS_MAX
            return int(digits) if is_number and str(int(digits)) == digits else None

        return Is(name, number, element=True)


def _is_simple(expression: tree.Expression) -> bool:
    """Say whether a value is the same for all of a row's matches, without a look at the graph."""
    return all(_is_steady(one) for one in every(expression))


def _is_steady(node: tree.AnyNode) -> bool:
    if isinstance(node, tree.Call):
        function = find(node.name)
        return function is not None and (function.deterministic or function.within_run)
    return not isinstance(node, _LOOKING)


_LOOKING = (
    tree.PatternPredicate,
    tree.PatternComprehension,
    tree.PatternPaths,
    tree.Subquery,
)


def is_plain_key(key: str) -> bool:
    """Say whether a property's name can stand in a path."""
    return key.isprintable() and not any(letter in key for letter in "\"'\\{}")


def stored_key(key: str) -> str:
    """Return a property's name as it is stored."""
    return f"${key}" if key[:1] == "$" else key


# What a value is to SQL.

NUMBER, WHOLE, TEXTUAL, BOOLEAN, NOTHING = "f", "i", "s", "b", "n"
INSTANT = "t"
"""Dates, times and moments: SQL is asked about the keys that indexes have for them."""

READINGS = {
    NUMBER: Reading.PLAIN_NUMBER,
    WHOLE: Reading.PLAIN_NUMBER,
    TEXTUAL: Reading.PLAIN_TEXT,
    BOOLEAN: Reading.PLAIN_BOOLEAN,
}
TYPES: dict[str, Type] = {NUMBER: FLOAT8, WHOLE: INT8, TEXTUAL: TEXT, BOOLEAN: INT4}


def sort_of(value: Any) -> str | None:
    """Return which of the sorts above a value is, None for one that SQL is not asked about."""
    cls = value.__class__
    if cls is int:
        return WHOLE if INT_MIN <= value <= INT_MAX else None
    if cls is str:
        return None if "\0" in value else TEXTUAL
    if cls is float:
        return NUMBER if value - value == 0 else None
    if cls is bool:
        return BOOLEAN
    if cls in INSTANTS:
        return INSTANT
    return NOTHING if value is None else None
