"""Parses what operators stand between: literals, names, calls, brackets, and what follows them.

Source: the openCypher 9 grammar, "Atom" and "NonArithmeticOperatorExpression"; the Neo4j Cypher
Manual 5, "Expressions" and "Subqueries".
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf, nan

import fivefold.languages.cypher.parse.expressions as grammar
from fivefold.languages.cypher import tree
from fivefold.languages.cypher.parse import calls, labels, literals, patterns
from fivefold.languages.cypher.parse.stream import Stream
from fivefold.languages.cypher.parse.tokens import NUMBER, PARAMETER, STRING
from fivefold.languages.cypher.tree import Expression, Literal
from fivefold.values.graph.faults import fault

_CONSTANTS: dict[str, bool | float | None] = {
    "TRUE": True, "FALSE": False, "NULL": None, "NAN": nan, "INF": inf, "INFINITY": inf,
}  # fmt: skip


def operand(s: Stream) -> Expression:
    """Parse an atom with the properties, indexes and labels after it."""
    at = s.at
    found = without_labels(s)
    if s.mark == ":":
        return tree.HasLabels(found, labels.colon_labels(s), at)
    return found


def without_labels(s: Stream) -> Expression:
    """Parse an operand that has no labels after it."""
    at, depth = s.at, s.depth
    found = _atom(s)
    while s.mark == "." or s.mark == "[":
        s.deeper()
        if s.mark == "[":
            found = _subscript(s, found, at)
        else:
            s.advance()
            found = tree.Property(found, s.name("a property key name"), at)
    s.depth = depth
    return found


def _atom(s: Stream) -> Expression:
    mark, at = s.mark, s.at
    special = _SPECIAL.get(mark)
    if special is not None:
        found = special(s)
        if found is not None:
            return found
    if not s.is_name():
        raise s.unexpected("an expression")
    following = s.peek()
    if following == "(" or (following == "." and _is_namespaced_call(s)):
        return calls.call(s)
    name = s.name()
    variable = tree.Variable(name, at)
    return _map_projection(s, variable) if following == "{" else variable


def _is_namespaced_call(s: Stream) -> bool:
    ahead = 1
    while s.peek(ahead) == "." and s.is_name(ahead + 1):
        ahead += 2
    return s.peek(ahead) == "("


def _subscript(s: Stream, subject: Expression, at: int) -> Expression:
    s.advance()
    start = None if s.mark == ".." else grammar.expression(s)
    if s.accept(".."):
        end = None if s.mark == "]" else grammar.expression(s)
        s.expect("]")
        return tree.Slice(subject, start, end, at)
    if start is None or s.mark != "]":
        raise s.unexpected("'..'", "']'")
    s.advance()
    return tree.Index(subject, start, at)


# Atoms by their first mark; one that does not fit returns None: the mark is a name then.


def _number(s: Stream) -> Expression:
    at = s.at
    return Literal(literals.number(s), at)


def _string(s: Stream) -> Expression:
    at = s.at
    return Literal(literals.string(s), at)


def _constant(s: Stream) -> Expression | None:
    if s.peek() == "(":
        return None
    at, value = s.at, _CONSTANTS[s.mark]
    s.advance()
    return Literal(value, at)


def _parameter(s: Stream) -> Expression:
    return patterns.parameter(s)


def _parenthesis(s: Stream) -> Expression:
    if patterns.looks_like_path(s):
        found = patterns.predicate(s)
        if found is not None:
            return found
    s.advance()
    inside = grammar.expression(s)
    s.expect(")")
    return inside


def _bracket(s: Stream) -> Expression:
    """Parse a list, or a comprehension over a list or a pattern."""
    at, opening = s.at, s.index
    if s.is_name(1) and s.peek(2) == "IN":
        return _list_comprehension(s)
    named = s.is_name(1) and s.peek(2) == "="
    if s.peek(3 if named else 1) == "(":
        found = _pattern_comprehension(s, named)
        if found is not None:
            return found
        s.go_to(opening)
    s.advance()
    return tree.ListLiteral(grammar.expressions(s, "]"), at)


def _list_comprehension(s: Stream) -> Expression:
    at = s.at
    s.separate(s.index)
    s.advance()
    variable = s.name()
    s.advance()
    source = grammar.expression(s)
    where = grammar.condition(s) if s.accept("WHERE") else None
    body = grammar.expression(s) if s.accept("|") else None
    if s.mark != "]":
        raise s.unexpected(*(["WHERE"] if where is None and body is None else []), "'|'", "']'")
    s.advance()
    return tree.ListComprehension(variable, source, where, body, at)


def _pattern_comprehension(s: Stream, named: bool) -> Expression | None:
    at, opening = s.at, s.index
    s.go_to(opening + (3 if named else 1))
    if not patterns.looks_like_path(s):
        return None
    s.separate(opening)
    found = patterns.attempt(s)
    if found is None or s.mark not in ("|", "WHERE"):
        return None
    if named:
        name = s.names[opening + 1]
        found = tree.PathPattern(found.elements, name, None, s.starts[opening + 1])
    where = grammar.condition(s) if s.accept("WHERE") else None
    s.expect("|")
    body = grammar.expression(s)
    s.expect("]")
    return tree.PatternComprehension(found, where, body, at)


def map_literal(s: Stream) -> tree.MapLiteral:
    """Parse ``{key: value}``."""
    at = s.at
    s.expect("{")
    entries: list[tuple[str, Expression]] = []
    if s.mark != "}":
        entries.append(_entry(s))
        while s.accept(","):
            entries.append(_entry(s))
    if s.mark != "}":
        raise s.unexpected("','", "'}'")
    s.advance()
    return tree.MapLiteral(tuple(entries), at)


def _entry(s: Stream) -> tuple[str, Expression]:
    at = s.at
    key = s.name("a property key name")
    if s.mark == "}" and s.marks[s.index - 2] == "{":
        raise fault(
            "UnexpectedSyntax",
            f"Invalid input '}}': expected ':'. A parameter is written ${key}, not {{{key}}}",
            at=at,
        )
    s.expect(":")
    return key, grammar.expression(s)


def _map_projection(s: Stream, subject: tree.Variable) -> Expression:
    s.advance()
    items: list[tuple[str, str, Expression | None]] = []
    while s.mark != "}":
        if items:
            s.expect(",")
        if s.accept("."):
            if s.accept("*"):
                items.append(("all", "", None))
            else:
                items.append(("property", s.name("a property key name"), None))
        else:
            name = s.name("'.'")
            if s.accept(":"):
                items.append(("entry", name, grammar.expression(s)))
            else:
                items.append(("variable", name, None))
    s.advance()
    return tree.MapProjection(subject, tuple(items), subject.at)


def _case(s: Stream) -> Expression | None:
    """Parse CASE, if the word is no variable's name."""
    if s.peek() in _AFTER_NAME:
        return None
    at = s.at
    s.advance()
    subject = None if s.mark == "WHEN" else grammar.expression(s)
    whens: list[tuple[Expression, Expression]] = []
    conditions: list[Expression] = []
    while s.accept("WHEN"):
        tests: list[Expression] = []
        while not tests or (subject is not None and s.accept(",")):
            if subject is None:
                tests.append(grammar.condition(s))
            elif s.mark in grammar.CASE_PREDICATES and s.peek() not in ("THEN", ",", "."):
                conditions.append(grammar.rest_of_predicate(s, subject))
                tests.append(conditions[-1])
            else:
                tests.append(grammar.expression(s))
        s.expect("THEN")
        result = grammar.expression(s)
        whens += [(test, result) for test in tests]
    if not whens:
        raise s.unexpected("WHEN")
    otherwise = grammar.expression(s) if s.accept("ELSE") else None
    if s.mark != "END":
        raise s.unexpected("WHEN", "ELSE", "END")
    s.advance()
    if conditions and subject is not None:
        # A predicate of the subject is a condition, so the other values become conditions too.
        known = {id(one) for one in conditions}
        whens = [
            (test if id(test) in known else tree.Binary("=", subject, test, at), result)
            for test, result in whens
        ]
        subject = None
    return tree.Case(subject, tuple(whens), otherwise, at)


_AFTER_NAME = frozenset({"", ".", ")", "]", "}", ",", "=", "<>", ":", "AS", "|", ";", "IS", "IN"})
"""What may follow a variable that is named as a keyword is, and never the keyword."""

_SPECIAL: dict[str, Callable[[Stream], Expression | None]] = {
    NUMBER: _number,
    STRING: _string,
    PARAMETER: _parameter,
    "(": _parenthesis,
    "[": _bracket,
    "{": map_literal,
    "CASE": _case,
    **dict.fromkeys(_CONSTANTS, _constant),
    **dict.fromkeys(("EXISTS", "COUNT", "COLLECT"), calls.subquery_or_count),
    **dict.fromkeys(("ALL", "ANY", "NONE", "SINGLE"), calls.quantifier),
    "REDUCE": calls.reduce,
    "SHORTESTPATH": calls.shortest,
    "ALLSHORTESTPATHS": calls.shortest,
    "TRIM": calls.trim,
}
