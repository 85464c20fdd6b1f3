"""Filters against documents: closures made once from the tree.

A leaf is a question to one value (``questions.py``) asked of all that its path reaches. A path of
one name, the common one, is looked up where the question is asked; a comparison of such a field
with a number or a string does not leave its closure for a plain value.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from bson.int64 import Int64

from fivefold.languages.mongo.match import questions
from fivefold.languages.mongo.match.questions import Test
from fivefold.languages.mongo.match.tree import (
    Always,
    And,
    Bits,
    Compare,
    ElemMatch,
    ElemMatchValue,
    Exists,
    Expr,
    In,
    JsonSchema,
    Mod,
    Node,
    Nor,
    Not,
    Or,
    Regex,
    Size,
    TypeIs,
)
from fivefold.values.documents.kinds import MISSING, Document
from fivefold.values.documents.paths import (
    Path,
    ends_at,
    values_at,
    values_with_offsets,
)

Match = Callable[[Document], bool]
Variables = Mapping[str, Any]


def matcher(node: Node, variables: Variables | None = None) -> Match:
    """Return what tells whether a document matches; ``variables`` are those that ``$expr`` uses."""
    return _MATCHERS[type(node)](node, variables or {})


def _always(node: Always, variables: Variables) -> Match:
    value = node.value
    return lambda document: value


def _and(node: And, variables: Variables) -> Match:
    parts = [matcher(each, variables) for each in node.nodes]
    if len(parts) == 2:
        first, second = parts
        return lambda document: first(document) and second(document)

    def match(document: Document) -> bool:
        for part in parts:  # noqa: SIM110 - a generator costs more than the parts
            if not part(document):
                return False
        return True

    return match


def _or(node: Or, variables: Variables) -> Match:
    parts = [matcher(each, variables) for each in node.nodes]

    def match(document: Document) -> bool:
        for part in parts:  # noqa: SIM110
            if part(document):
                return True
        return False

    return match


def _nor(node: Nor, variables: Variables) -> Match:
    any_of = _or(Or(node.nodes), variables)
    return lambda document: not any_of(document)


def _not(node: Not, variables: Variables) -> Match:
    inner = matcher(node.node, variables)
    return lambda document: not inner(document)


def _expr(node: Expr, variables: Variables) -> Match:
    from fivefold.languages.mongo.match.expr import expression_matcher

    return expression_matcher(node, variables)


def _json_schema(node: JsonSchema, variables: Variables) -> Match:
    from fivefold.languages.mongo.match.schema import parse_schema

    return parse_schema(node.schema).matches


def _compare(node: Compare, variables: Variables) -> Match:
    cls = node.value.__class__
    if len(node.path) == 1 and (cls in _PLAIN) and node.value == node.value:
        return _compare_plain(node)
    return _any_value(node.path, questions.compare_test(node))


_PLAIN = frozenset({int, float, Int64, str})


def _compare_plain(node: Compare) -> Match:
    """Return the matcher of a field and a string or a number that is one."""
    (name,) = node.path
    target = node.value
    test = questions.compare_test(node)
    relation = _RELATIONS[node.op]
    first, second, third = (str, str, str) if isinstance(target, str) else (int, float, Int64)

    def match(document: Document) -> bool:
        value = document.get(name)  # None is no string and no number, as MISSING is none
        cls = value.__class__
        if cls is first or cls is second or cls is third:
            return relation(value, target)
        if cls is list:
            for each in value:  # type: ignore[union-attr] # noqa: SIM110
                if test(each):
                    return True
            return False
        return test(value)

    return match


_RELATIONS: dict[str, Callable[[Any, Any], bool]] = {
    "$eq": operator.eq,
    "$gt": operator.gt,
    "$gte": operator.ge,
    "$lt": operator.lt,
    "$lte": operator.le,
}


def _any_value(path: Path, test: Test) -> Match:
    """Return the matcher that asks all values at a path, the elements of an array before it."""
    if len(path) == 1:
        name = path[0]

        def match_field(document: Document) -> bool:
            value = document.get(name, MISSING)
            if value.__class__ is list:
                for each in value:
                    if test(each):
                        return True
            return test(value)

        return match_field

    def match(document: Document) -> bool:
        value: Any = document
        for name in path:
            cls = value.__class__
            if cls is dict:
                value = value.get(name, MISSING)
            elif cls is list:
                return reaches(document)
            else:
                return test(MISSING)
        if value.__class__ is list:
            for each in value:
                if test(each):
                    return True
        return test(value)

    def reaches(document: Document) -> bool:
        """Ask all that a path through arrays reaches."""
        for value in values_at(document, path):  # noqa: SIM110
            if test(value):
                return True
        return False

    return match


def _any_end(path: Path, test: Test) -> Match:
    """Return the matcher that asks all values at a path, arrays as they are."""
    if len(path) == 1:
        name = path[0]
        return lambda document: test(document.get(name, MISSING))

    def match(document: Document) -> bool:
        for value in ends_at(document, path):  # noqa: SIM110
            if test(value):
                return True
        return False

    return match


def _size_question(node: Size, variables: Variables) -> Test:
    size = node.size
    return lambda value: value.__class__ is list and len(value) == size


def _elem_match_question(node: ElemMatch, variables: Variables) -> Test:
    place = _first_element(node, variables)
    return lambda value: place(value) is not None


def _first_element(
    node: ElemMatch | ElemMatchValue, variables: Variables
) -> Callable[[Any], int | None]:
    """Return what finds the first element of an array that the node's inner filter takes."""
    if isinstance(node, ElemMatchValue):
        holds = element_test(node.node, variables)
    else:
        match = matcher(node.node, variables)

        def holds(value: Any) -> bool:
            if value.__class__ is dict:
                return match(value)
            # to MongoDB an array is a document whose names are its indexes
            return value.__class__ is list and match(
                {str(at): each for at, each in enumerate(value)}
            )

    def place(value: Any) -> int | None:
        if value.__class__ is list:
            for at, each in enumerate(value):
                if holds(each):
                    return at
        return None

    return place


def element_test(node: Node, variables: Variables) -> Test:
    """Return the test of a value by a tree whose paths are empty, as inside ``ElemMatchValue``."""
    if isinstance(node, And | Or | Nor):
        parts = [element_test(each, variables) for each in node.nodes]
        if isinstance(node, And):
            return lambda value: all(part(value) for part in parts)
        wanted = isinstance(node, Or)
        return lambda value: any(part(value) for part in parts) is wanted
    if isinstance(node, Not):
        inner = element_test(node.node, variables)
        return lambda value: not inner(value)
    if isinstance(node, Always):
        constant = node.value
        return lambda value: constant
    question = _QUESTIONS.get(type(node)) or _WHOLE_QUESTIONS[type(node)]
    return question(node, variables)


_QUESTIONS: dict[type, Callable[[Any, Variables], Test]] = {
    Compare: lambda node, variables: questions.compare_test(node),
    In: lambda node, variables: questions.in_test(node),
    Exists: lambda node, variables: questions.exists_test(node),
    TypeIs: lambda node, variables: questions.type_test(node),
    Regex: lambda node, variables: questions.regex_test(node),
    Mod: lambda node, variables: questions.mod_test(node),
    Bits: lambda node, variables: questions.bits_test(node),
}
"""The leaves that look into an array at their path's end."""

_WHOLE_QUESTIONS: dict[type, Callable[[Any, Variables], Test]] = {
    Size: _size_question,
    ElemMatch: _elem_match_question,
    ElemMatchValue: _elem_match_question,
}
"""The leaves that take an array at their path's end as it is."""


def _leaf(node: Any, variables: Variables) -> Match:
    return _any_value(node.path, _QUESTIONS[type(node)](node, variables))


def _whole_leaf(node: Any, variables: Variables) -> Match:
    return _any_end(node.path, _WHOLE_QUESTIONS[type(node)](node, variables))


def _exists(node: Exists, variables: Variables) -> Match:
    return _any_end(node.path, questions.exists_test(node))


_MATCHERS: dict[type, Callable[[Any, Variables], Match]] = {
    Always: _always,
    And: _and,
    Or: _or,
    Nor: _nor,
    Not: _not,
    Expr: _expr,
    JsonSchema: _json_schema,
    **dict.fromkeys(_QUESTIONS, _leaf),
    **dict.fromkeys(_WHOLE_QUESTIONS, _whole_leaf),
    Compare: _compare,
    Exists: _exists,
}


# The element that matched, for the positional operator --------------------------------------------

Found = tuple[bool, int | None]


def matcher_with_position(
    node: Node, variables: Variables | None = None
) -> Callable[[Document], Found]:
    """Return what tells whether a document matches, and by which element of an array it did.

    The position is what ``$`` stands for in updates and projections: the index of the first element
    that made the last condition on an array true; None if no array was gone through. What is
    negated gives none. (Manual, "$ (update)": of several arrays do not rely on which it is.)
    """
    return _finder(node, variables or {})


def _finder(node: Node, variables: Variables) -> Callable[[Document], Found]:
    if isinstance(node, And):
        parts = [_finder(each, variables) for each in node.nodes]
        return lambda document: _find_all(parts, document)
    if isinstance(node, Or):
        parts = [_finder(each, variables) for each in node.nodes]
        return lambda document: _find_any(parts, document)
    if isinstance(node, ElemMatch | ElemMatchValue):
        return _elem_match_finder(node, variables)
    question = _QUESTIONS.get(type(node))
    if question is not None:
        return _leaf_finder(node.path, question(node, variables))  # type: ignore[union-attr]
    match = matcher(node, variables)
    return lambda document: (match(document), None)


def _find_all(parts: list[Callable[[Document], Found]], document: Document) -> Found:
    position = None
    for part in parts:
        matched, at = part(document)
        if not matched:
            return False, None
        position = position if at is None else at
    return True, position


def _find_any(parts: list[Callable[[Document], Found]], document: Document) -> Found:
    for part in parts:
        matched, at = part(document)
        if matched:
            return True, at
    return False, None


def _leaf_finder(path: Path, test: Test) -> Callable[[Document], Found]:
    def find(document: Document) -> Found:
        for value, offset in values_with_offsets(document, path):
            if test(value):
                return True, offset
        return False, None

    return find


def _elem_match_finder(
    node: ElemMatch | ElemMatchValue, variables: Variables
) -> Callable[[Document], Found]:
    place = _first_element(node, variables)
    path = node.path

    def find(document: Document) -> Found:
        for value, offset in values_with_offsets(document, path, expand=False):
            at = place(value)
            if at is not None:
                return True, at if offset is None else offset
        return False, None

    return find
