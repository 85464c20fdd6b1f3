"""Filters as conditions over the shadow.

What a comparison means depends on what it meets: ``{n: {$gt: 5}}`` is true of an array with a 6 in
it, and of no text. So the collection's shape decides. Where a path has only ever led to numbers,
the condition is a plain comparison of numbers; where it has led to texts too, one that looks
first; where it has led to arrays or to what JSON cannot say, there is none, and the filter is
evaluated in Python on what is left.

A condition is *exact*, or true of more documents than the filter: never of fewer. Null, which SQL
has as a third truth, counts as false.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, Literal

from bson.datetime_ms import DatetimeMS
from bson.int64 import Int64
from bson.objectid import ObjectId

from fivefold.languages.mongo.lower.prefixes import after, prefix_of
from fivefold.languages.mongo.match.tree import (
    Always,
    And,
    Compare,
    Exists,
    In,
    Node,
    Nor,
    Not,
    Or,
    Regex,
)
from fivefold.models.document import bits
from fivefold.models.document.bits import SEPARATOR
from fivefold.models.document.shadow import DATE, OBJECT_ID
from fivefold.models.document.shape import Shape
from fivefold.plan.statement import Path, Reading
from fivefold.values.documents.order import milliseconds
from fivefold.values.types import FLOAT8, INT8, NUMERIC, TEXT, Kind, Type

_OPERATORS = {"$eq": "=", "$gt": ">", "$gte": ">=", "$lt": "<", "$lte": "<="}
_SAYABLE = re.compile(r'[^"\\\x00-\x1f$][^"\\\x00-\x1f]*')
"""The names of fields that every store can be asked for: none of our own, which have a dollar."""

TOGETHER_MAX = 500
"""Values of ``$in`` that are listed; more are looked for in Python."""

NEVER: Final = "FALSE"

Steps = tuple[str, ...]
Condition = tuple[str, bool]
"""The text, and whether it is exact."""


class Lowering:
    """The paths and parameters of one statement, in the order in which its text names them."""

    __slots__ = ("_document", "parameters", "paths", "shape", "types", "unwound")

    def __init__(self, shape: Shape, document: Type, unwound: Steps | None = None) -> None:
        self.shape = shape
        self.unwound = unwound
        """The path of an array whose elements, rows of ``u``, stand in its place."""
        self.paths: dict[str, Path] = {}
        self.parameters: list[Any] = []
        self.types: list[Type] = []
        self._document = document

    def path(self, steps: Steps, reading: Reading) -> str:
        """Return the text that reads a path."""
        unwound = self.unwound
        if unwound is not None and steps[: len(unwound)] == unwound:
            return self._named(Path("u.value", steps[len(unwound) :], reading, element=True))
        return self._named(Path("d.doc", steps, reading))

    def element(self, steps: Steps, reading: Reading) -> str:
        """Return the text that reads a path in a row of ``e``, see ``elements``."""
        return self._named(Path("e.value", steps, reading, element=True))

    def elements(self, steps: Steps) -> str:
        """Return what has an array's elements as rows."""
        return self._named(Path("d.doc", steps, Reading.ELEMENTS))

    def _named(self, path: Path) -> str:
        for name, known in self.paths.items():
            if known == path:
                return f"{{{name}}}"
        name = f"p{len(self.paths)}"
        self.paths[name] = path
        return f"{{{name}}}"

    def text(self, value: str) -> str:
        """Return the mark of a text."""
        return self._parameter(value, TEXT)

    @property
    def exact(self) -> bool:
        """Say whether the store's numbers are decimal digits, and not doubles."""
        return self._document.kind is Kind.JSONB

    def number(self, value: float) -> str:
        """Return the mark of a finite number; PostgreSQL compares exactly only what is numeric."""
        if self.exact:
            return self._parameter(repr(value), NUMERIC)
        if value.__class__ is float:
            return self._parameter(value, FLOAT8)
        return self._parameter(int(value), INT8)

    def integer(self, value: int) -> str:
        """Return the mark of an integer of 64 bits."""
        return self._parameter(value, INT8)

    def _parameter(self, value: Any, type_: Type) -> str:
        self.parameters.append(value)
        self.types.append(type_)
        return "?"

    def undo(self, mark: int) -> None:
        """Forget the parameters after the first ``mark``."""
        del self.parameters[mark:], self.types[mark:]

    # What a path may lead to

    def kinds(self, steps: Steps) -> int | None:
        """Return what may be at a path, None if it may lead through an array, or nobody knows."""
        if not all(map(_SAYABLE.fullmatch, steps)):
            return None
        path, rest, unwound = "", steps, self.unwound
        if unwound is not None:
            if steps[: len(unwound)] == unwound:
                path, rest = SEPARATOR.join((*unwound, bits.ELEMENTS)), steps[len(unwound) :]
                if rest and self.shape.bits(path) & (bits.ARRAY | bits.DEEP):
                    return None
            elif unwound[: len(steps)] == steps:
                return None  # it holds the array as it was
        for step in rest[:-1]:
            path = path + SEPARATOR + step if path else step
            if self.shape.bits(path) & (bits.ARRAY | bits.DEEP):
                return None
        found = self.shape.bits(SEPARATOR.join([path, *rest[-1:]] if path else rest[-1:]))
        return None if found & bits.DEEP else found

    def within(self, steps: Steps) -> int | None:
        """Return what the elements may be of the arrays that are at a path among other things."""
        if self.unwound is not None and steps[: len(self.unwound)] == self.unwound:
            return None
        return self.shape.bits(SEPARATOR.join((*steps, bits.ELEMENTS)))


def condition(lowering: Lowering, node: Node) -> Condition | None:
    """Return a filter as a condition, None if nothing of it can be said."""
    mark = len(lowering.parameters)
    found = _condition(lowering, node)
    if found is None:
        lowering.undo(mark)
    return found


def _condition(lowering: Lowering, node: Node) -> Condition | None:
    match node:
        case Always(value):
            return ("TRUE" if value else "FALSE"), True
        case And(nodes):
            return _all(lowering, nodes)
        case Or(nodes):
            return _any(lowering, nodes)
        case Nor(nodes):
            return _negated(lowering, Or(nodes))
        case Not(inner):
            return _negated(lowering, inner)
        case Compare(path, op, value):
            text = compared(lowering, path, op, value)
            return None if text is None else (text, True)
        case In(path, values, ()) if len(values) <= TOGETHER_MAX:
            return _in(lowering, path, values)
        case Regex(path) if (prefix := prefix_of(node)) is not None:
            text = _beginning(lowering, path, prefix[0])
            return None if text is None else (text, prefix[1])
        case Exists(path) if lowering.kinds(path) is not None:
            return f"{lowering.path(path, Reading.KIND)} IS NOT NULL", True
    return None


def _all(lowering: Lowering, nodes: tuple[Node, ...]) -> Condition | None:
    texts, exact = [], True
    for node in nodes:
        found = condition(lowering, node)
        if found is None:
            exact = False
        else:
            texts.append(f"({found[0]})")
            exact = exact and found[1]
    return (" AND ".join(texts), exact) if texts else None


def _any(lowering: Lowering, nodes: tuple[Node, ...]) -> Condition | None:
    texts, exact = [], True
    for node in nodes:
        found = condition(lowering, node)
        if found is None:
            return None
        texts.append(f"({found[0]})")
        exact = exact and found[1]
    return " OR ".join(texts), exact


def _negated(lowering: Lowering, node: Node) -> Condition | None:
    found = condition(lowering, node)
    if found is None or not found[1]:
        return None
    return f"({found[0]}) IS NOT TRUE", True


def compared(lowering: Lowering, path: Steps, op: str, value: Any) -> str | None:
    """Return a comparison, exactly, or None."""
    kinds = lowering.kinds(path)
    if kinds is None:
        return None
    if kinds & bits.ARRAY:
        return _of_elements(
            lowering, path, kinds, (value,), op == "$eq",
            lambda text, values: f"{text} {_OPERATORS[op]} {mark(lowering, values[0])}",
        )  # fmt: skip
    if value is None:
        if op in ("$gt", "$lt"):
            return "FALSE"
        # JSON's null and what is missing are both read as null.
        return f"{lowering.path(path, Reading.TEXT)} IS NULL"
    read = readable(path, kinds, value, exactly=op == "$eq")
    if read is None or isinstance(read, str):
        return read
    return f"{lowering.path(*read)} {_OPERATORS[op]} {mark(lowering, value)}"


def _beginning(lowering: Lowering, path: Steps, prefix: str) -> str | None:
    """Return that a text begins with a prefix."""
    behind = after(prefix)
    kinds = lowering.kinds(path)
    if kinds is None or behind is None:
        return None

    def say(text: str, values: list[Any]) -> str:
        return f"({text} >= {lowering.text(prefix)} AND {text} < {lowering.text(behind)})"

    if kinds & bits.ARRAY:
        return _of_elements(lowering, path, kinds, (prefix,), False, say)
    read = readable(path, kinds, prefix, exactly=False)
    return read if read is None or isinstance(read, str) else say(lowering.path(*read), [])


def _of_elements(
    lowering: Lowering,
    path: Steps,
    kinds: int,
    values: tuple[Any, ...],
    exactly: bool,
    say: Callable[[str, list[Any]], str],
) -> str | None:
    """Return that a value at a path, or an element of an array there, is as ``say`` has it.

    ``say`` is given what reads it, and those of the values that are read like this.
    """
    inner = lowering.within(path)
    if inner is None:
        return None
    outside: dict[tuple[Steps, Reading], list[Any]] = {}
    inside: dict[tuple[Steps, Reading], list[Any]] = {}
    for value in values:
        one = readable(path, kinds, value, exactly=exactly)
        other = readable((), inner, value, exactly=exactly)
        if value is None or one is None or other is None:
            return None
        for read, groups in ((one, outside), (other, inside)):
            if not isinstance(read, str):
                groups.setdefault(read, []).append(value)
    texts = [say(lowering.path(*read), some) for read, some in outside.items()]
    if inside:
        rows = lowering.elements(path)
        said = [say(lowering.element(*read), some) for read, some in inside.items()]
        texts.append(f"EXISTS (SELECT 1 FROM {rows} AS e WHERE {' OR '.join(said)})")
    return " OR ".join(texts) or NEVER


def readable(
    path: Steps, kinds: int, value: Any, *, exactly: bool
) -> tuple[Steps, Reading] | Literal["FALSE"] | None:
    """Return how to read what may be compared with a value; NEVER: there is nothing of its type.

    None: the shadow does not tell. ``exactly`` is the value asked for, not what is beside it.
    """
    cls = value.__class__
    if cls is bool:
        if not exactly:
            return None
        return _reading(path, kinds, bits.BOOL, Reading.BOOLEAN, Reading.PLAIN_BOOLEAN)
    if cls in (int, Int64, float):
        if kinds & bits.OTHER or value - value != 0:
            return None  # decimals and infinities compare with numbers too
        return _reading(path, kinds, bits.NUMBERS, Reading.NUMBER, Reading.PLAIN_NUMBER)
    if cls is str:
        if "\0" in value or (kinds & bits.OTHER and not exactly):
            return None
        return _reading(path, kinds, bits.STRING, Reading.TEXT, Reading.PLAIN_TEXT)
    if cls is ObjectId:
        return ((*path, OBJECT_ID), Reading.TEXT) if kinds & bits.OBJECT_ID else NEVER
    if cls is datetime or cls is DatetimeMS:
        return ((*path, DATE), Reading.INTEGER) if kinds & bits.DATE else NEVER
    return None


def _reading(
    path: Steps, kinds: int, wanted: int, alone: Reading, among: Reading
) -> tuple[Steps, Reading] | Literal["FALSE"]:
    if not kinds & wanted:
        return NEVER
    return path, among if kinds & ~(wanted | bits.NULL) else alone


def mark(lowering: Lowering, value: Any) -> str:
    """Return the mark of a value that ``readable`` accepted."""
    cls = value.__class__
    if cls is bool:
        return lowering.integer(int(value))
    if cls is str:
        return lowering.text(value)
    if cls is ObjectId:
        return lowering.text(str(value))
    if cls is datetime or cls is DatetimeMS:
        return lowering.integer(milliseconds(value))
    return lowering.number(value)


def _in(lowering: Lowering, path: Steps, values: tuple[Any, ...]) -> Condition | None:
    kinds = lowering.kinds(path)
    if kinds is None:
        return None
    if kinds & bits.ARRAY:
        text = _of_elements(lowering, path, kinds, values, True, listed(lowering))
        return None if text is None else (text, True)
    groups: dict[tuple[Steps, Reading], list[Any]] = {}
    texts = []
    for value in values:
        if value is None:
            texts.append(f"{lowering.path(path, Reading.TEXT)} IS NULL")
            continue
        read = readable(path, kinds, value, exactly=True)
        if read is None:
            return None
        if not isinstance(read, str):
            groups.setdefault(read, []).append(value)
    say = listed(lowering)
    texts += [say(lowering.path(*read), together) for read, together in groups.items()]
    return (" OR ".join(texts) or "FALSE"), True


def listed(lowering: Lowering) -> Callable[[str, list[Any]], str]:
    """Return what says that a text is one of some values."""
    return lambda text, values: f"{text} IN ({', '.join([mark(lowering, one) for one in values])})"
