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

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from fivefold.languages.mongo.lower.expressed import expressed
from fivefold.languages.mongo.lower.lowering import NEVER, Lowering, Steps, mark, readable
from fivefold.languages.mongo.lower.prefixes import after, prefix_of
from fivefold.languages.mongo.match.tree import (
    Always,
    And,
    Compare,
    ElemMatch,
    Exists,
    Expr,
    In,
    Node,
    Nor,
    Not,
    Or,
    Regex,
    TypeIs,
)
from fivefold.models.document import bits
from fivefold.models.document.shadow import DATE, OBJECT_ID
from fivefold.plan.statement import Reading
from fivefold.values.documents.kinds import Kind

_OPERATORS = {"$eq": "=", "$gt": ">", "$gte": ">=", "$lt": "<", "$lte": "<="}
_LIKE_DOCUMENTS = bits.ARRAY | bits.OBJECT_ID | bits.DATE | bits.OTHER | bits.DEEP
"""Kinds of elements that $elemMatch goes into, or that stand as objects in the shadow."""

TOGETHER_MAX = 16_000
"""Values of ``$in`` that are listed, in one statement; more are looked for in Python."""

ALONE_MAX = 16
"""More values are filled up to a power of two, so that few statements serve all numbers."""

Condition = tuple[str, bool]
"""The text, and whether it is exact."""


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
            return _through(lowering, node) if text is None else (text, True)
        case In(path, values, ()) if len(values) <= TOGETHER_MAX:
            return _in(lowering, path, values) or _through(lowering, node)
        case Regex(path) if (prefix := prefix_of(node)) is not None:
            text = _beginning(lowering, path, prefix[0])
            return _through(lowering, node) if text is None else (text, prefix[1])
        case Exists(path) if lowering.kinds(path) is not None:
            return f"{lowering.path(path, Reading.KIND)} IS NOT NULL", True
        case ElemMatch(path, inner):
            return _elements(lowering, path, inner)
        case TypeIs(path, kinds):
            text = of_type(lowering, path, kinds)
            return None if text is None else (text, True)
        case Expr(expression):
            text = expressed(lowering, expression)
            return None if text is None else (text, True)
    return _through(lowering, node)


def _through(lowering: Lowering, node: Node) -> Condition | None:
    """Return that a document in an array that a path leads through is as a filter has it."""
    if not isinstance(node, Compare | In | Regex | Exists):
        return None
    found = lowering.array_on(node.path)
    if found is None or (isinstance(node, Compare) and node.value is None):
        return None  # null is equal to what is missing in what is no document, too
    if isinstance(node, In) and None in node.values:
        return None
    array, rest = found
    inner = lowering.inside(array)
    kinds = inner.kinds(rest)
    if kinds is None or kinds & bits.ARRAY:
        return None
    rows = lowering.elements(array)
    said = condition(inner, replace(node, path=rest))
    if said is None:
        return None
    return f"EXISTS (SELECT 1 FROM {rows} AS e WHERE {said[0]})", said[1]


def _elements(lowering: Lowering, path: Steps, node: Node) -> Condition | None:
    """Return that an array has an element, a document, that a filter matches."""
    kinds = lowering.kinds(path)
    within = None if kinds is None else lowering.within(path)
    if kinds is None or within is None or within & _LIKE_DOCUMENTS:
        return None
    if not kinds & bits.ARRAY:
        return NEVER, True
    inner = lowering.inside(path)
    rows, kind = lowering.elements(path), inner.path((), Reading.KIND)
    said = condition(inner, node)
    if said is None:
        return None
    return f"EXISTS (SELECT 1 FROM {rows} AS e WHERE {kind} = 'object' AND ({said[0]}))", said[1]


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
    read = readable(lowering, path, kinds, value, exactly=op == "$eq")
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
    read = readable(lowering, path, kinds, prefix, exactly=False)
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
        one = readable(lowering, path, kinds, value, exactly=exactly)
        other = readable(lowering, (), inner, value, exactly=exactly)
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


def _in(lowering: Lowering, path: Steps, values: tuple[Any, ...]) -> Condition | None:
    kinds = lowering.kinds(path)
    if kinds is None or len(lowering.parameters) + len(values) > TOGETHER_MAX:
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
        read = readable(lowering, path, kinds, value, exactly=True)
        if read is None:
            return None
        if not isinstance(read, str):
            groups.setdefault(read, []).append(value)
    say = listed(lowering)
    texts += [say(lowering.path(*read), together) for read, together in groups.items()]
    return (" OR ".join(texts) or "FALSE"), True


def listed(lowering: Lowering) -> Callable[[str, list[Any]], str]:
    """Return what says that a text is one of some values."""

    def say(text: str, values: list[Any]) -> str:
        if len(values) > ALONE_MAX:
            values = values + values[-1:] * ((1 << (len(values) - 1).bit_length()) - len(values))
        return f"{text} IN ({', '.join([mark(lowering, one) for one in values])})"

    return say


_KINDS: tuple[tuple[int, frozenset[Kind]], ...] = (
    (bits.NULL, frozenset({Kind.NULL})),
    (bits.BOOL, frozenset({Kind.BOOL})),
    (bits.INT, frozenset({Kind.INT})),
    (bits.LONG | bits.SMALL_LONG, frozenset({Kind.LONG})),
    (bits.DOUBLE, frozenset({Kind.DOUBLE})),
    (bits.STRING, frozenset({Kind.STRING})),
    (bits.OBJECT, frozenset({Kind.OBJECT})),
    (bits.OBJECT_ID, frozenset({Kind.OBJECT_ID})),
    (bits.DATE, frozenset({Kind.DATE})),
)


def of_type(lowering: Lowering, path: Steps, wanted: frozenset[Kind]) -> str | None:
    """Return that a value is of one of some types, exactly, or None."""
    kinds = lowering.kinds(path)
    if kinds is None or kinds & (bits.ARRAY | bits.OTHER):
        return None
    hit = sum(bit for bit, types in _KINDS if types <= wanted) & kinds
    if not hit:
        return NEVER
    kind = lowering.path(path, Reading.KIND)
    if hit == kinds:
        return f"{kind} IS NOT NULL"
    numbers = kinds & bits.NUMBERS
    if hit & numbers and hit & numbers != numbers:
        return None  # the shadow has one sort of numbers
    if hit & bits.OBJECT and kinds & (bits.OBJECT_ID | bits.DATE):
        return None
    texts = []
    for bit, steps, reading in (
        (bits.NUMBERS, path, Reading.PLAIN_NUMBER),
        (bits.STRING, path, Reading.PLAIN_TEXT),
        (bits.BOOL, path, Reading.PLAIN_BOOLEAN),
        (bits.OBJECT_ID, (*path, OBJECT_ID), Reading.TEXT),
        (bits.DATE, (*path, DATE), Reading.INTEGER),
    ):
        if hit & bit:
            texts.append(f"{lowering.path(steps, reading)} IS NOT NULL")
    texts += [f"{kind} = '{name}'" for bit, name in _NAMED if hit & bit]
    return " OR ".join(texts)


_NAMED = ((bits.NULL, "null"), (bits.OBJECT, "object"))
