"""Parses calls of functions, and what is written like one but is not.

Source: the openCypher 9 grammar, "FunctionInvocation", "Quantifier" and "ExistentialSubquery"; the
Neo4j Cypher Manual 5, "Subqueries", "String functions" (trim, normalize), "List functions"
(reduce) and "Shortest paths".
"""

from __future__ import annotations

import fivefold.languages.cypher.parse.expressions as grammar
import fivefold.languages.cypher.parse.queries as queries
from fivefold.languages.cypher import tree
from fivefold.languages.cypher.parse import patterns
from fivefold.languages.cypher.parse.stream import Stream
from fivefold.languages.cypher.tree import Expression
from fivefold.values.graph.faults import fault

_TRIMS = {"LEADING": "ltrim", "TRAILING": "rtrim", "BOTH": "btrim"}
_NORMAL_FORMS = frozenset({"NFC", "NFD", "NFKC", "NFKD"})


def call(s: Stream) -> Expression:
    """Parse ``namespace.name([DISTINCT] arguments)``."""
    at = s.at
    name = s.dotted("a function name")
    s.expect("(")
    distinct = False
    if s.mark == "DISTINCT" and s.peek() not in (")", ",", "."):
        s.advance()
        distinct = True
    elif s.mark == "ALL" and s.is_name(1):
        s.advance()
    if s.mark in _NORMAL_FORMS or (name.lower() == "normalize" and s.mark != ")"):
        return _normalize(s, name, at)
    return tree.Call(name, grammar.expressions(s, ")"), distinct, at)


def _normalize(s: Stream, name: str, at: int) -> Expression:
    """Parse the arguments of normalize, whose second is a word."""
    first = grammar.expression(s)
    arguments = [first]
    if s.accept(","):
        if s.mark in _NORMAL_FORMS and s.peek() == ")":
            arguments.append(tree.Literal(s.mark, s.at))
            s.advance()
        else:
            arguments.append(grammar.expression(s))
    s.expect(")")
    return tree.Call(name, tuple(arguments), False, at)


def trim(s: Stream) -> Expression | None:
    """Parse ``trim([BOTH | LEADING | TRAILING] [characters] FROM text)``; None for trim(text)."""
    if s.peek() != "(":
        return None
    at, start = s.at, s.index
    s.go_to(start + 2)
    name = "btrim"
    if s.mark in _TRIMS and s.peek() not in (")", ".", "[", ","):
        name = _TRIMS[s.mark]
        s.advance()
        if s.accept("FROM"):
            return _trimmed(s, name, (), at)
    if s.mark == ")":
        s.go_to(start)
        return call(s)
    first = grammar.expression(s)
    if s.accept("FROM"):
        return _trimmed(s, name, (first,), at)
    s.go_to(start)
    return call(s)


def _trimmed(s: Stream, name: str, characters: tuple[Expression, ...], at: int) -> Expression:
    text = grammar.expression(s)
    s.expect(")")
    return tree.Call(name, (text, *characters), False, at)


def subquery_or_count(s: Stream) -> Expression | None:
    """Parse EXISTS, COUNT and COLLECT before a brace, ``count(*)`` and ``exists(pattern)``."""
    mark, at, following = s.mark, s.at, s.peek()
    if following == "{":
        s.go_to(s.index + 2)
        query = queries.braced(s, patterns_too=mark != "COLLECT")
        return tree.Subquery(mark.lower(), query, at)
    if mark == "COUNT" and following == "(" and s.peek(2) == "*" and s.peek(3) == ")":
        s.go_to(s.index + 4)
        return tree.CountStar(at)
    if mark == "EXISTS" and following == "(" and s.peek(2) == "(":
        start = s.index
        s.go_to(start + 2)
        pattern = patterns.attempt(s) if patterns.looks_like_path(s) else None
        if pattern is not None and s.accept(")"):
            return tree.PatternPredicate(pattern, at, False)
        s.go_to(start)
    return None


def quantifier(s: Stream) -> Expression | None:
    """Parse ``all(variable IN list WHERE condition)``."""
    if s.peek() != "(" or not s.is_name(2) or s.peek(3) != "IN":
        return None
    kind, at = s.mark.lower(), s.at
    s.go_to(s.index + 2)
    variable = s.name()
    s.advance()
    source = grammar.expression(s)
    if s.mark == ")":
        raise fault("UnexpectedSyntax", f"{kind}(...) requires a WHERE predicate", at=at)
    s.expect("WHERE")
    where = grammar.condition(s)
    s.expect(")")
    return tree.Quantifier(kind, variable, source, where, at)


def reduce(s: Stream) -> Expression | None:
    """Parse ``reduce(accumulator = initial, variable IN list | body)``."""
    if s.peek() != "(":
        return None
    at = s.at
    s.advance()
    s.separate(s.index)
    s.advance()
    accumulator = s.name()
    s.expect("=")
    initial = grammar.expression(s)
    s.expect(",")
    variable = s.name()
    s.expect("IN")
    source = grammar.expression(s)
    s.expect("|")
    body = grammar.expression(s)
    s.expect(")")
    return tree.Reduce(accumulator, initial, variable, source, body, at)


def shortest(s: Stream) -> Expression | None:
    """Parse ``shortestPath(pattern)`` as a value."""
    if s.peek() != "(":
        return None
    at = s.at
    return tree.PatternPaths(patterns.path(s), at)
