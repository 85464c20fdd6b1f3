"""Parses patterns.

Source: the openCypher 9 grammar, "Pattern" and below; the Neo4j Cypher Manual 5, "Patterns".
"""

from __future__ import annotations

import fivefold.languages.cypher.parse.atoms as atoms
import fivefold.languages.cypher.parse.expressions as grammar
from fivefold.errors import InvalidStatement
from fivefold.languages.cypher import tree
from fivefold.languages.cypher.parse import labels, literals
from fivefold.languages.cypher.parse.stream import Stream
from fivefold.languages.cypher.parse.tokens import (
    DASH,
    LEFT_HEAD,
    NUMBER,
    PARAMETER,
    RIGHT_HEAD,
)
from fivefold.languages.cypher.tree import (
    Direction,
    Length,
    NodePattern,
    PathPattern,
    RelationshipPattern,
    Shortest,
)
from fivefold.values.graph.faults import fault

_DASHES = frozenset({"-", DASH})
_LEFT = frozenset({"<", LEFT_HEAD})
_RIGHT = frozenset({">", RIGHT_HEAD})
_LINKS = _DASHES | _LEFT
_SHORTEST = {"SHORTESTPATH": Shortest.ONE, "ALLSHORTESTPATHS": Shortest.ALL}
_SELECTORS = frozenset({"ANY", "ALL", "SHORTEST", "WALK", "TRAIL", "ACYCLIC"})
_QUANTIFIERS = frozenset({"+", "*", "{"})
_AFTER_VARIABLE = frozenset({":", "{", ")", "WHERE", "IS", "]", "*", PARAMETER})
_DIRECTIONS = {
    (False, False): Direction.EITHER,
    (True, True): Direction.EITHER,
    (True, False): Direction.LEFT,
    (False, True): Direction.RIGHT,
}


def parameter(s: Stream) -> tree.Parameter:
    """Parse ``$name``."""
    at, name = s.at, s.names[s.index]
    assert name is not None
    s.advance()
    return tree.Parameter(name, at)


def pattern(s: Stream, *, creating: bool = False) -> tuple[PathPattern, ...]:
    """Parse paths with commas between them; only when ``creating`` may parameters be properties."""
    found = [path(s, creating=creating)]
    while s.accept(","):
        found.append(path(s, creating=creating))
    return tuple(found)


def path(s: Stream, *, creating: bool = False) -> PathPattern:
    """Parse ``[variable =] path`` or ``[variable =] shortestPath(path)``."""
    at, variable = s.at, None
    if s.is_name() and s.peek() == "=":
        variable = s.name()
        s.advance()
    if s.mark in _SHORTEST and s.peek() == "(":
        shortest = _SHORTEST[s.mark]
        s.go_to(s.index + 2)
        inside = _elements(s, creating)
        s.expect(")")
        return PathPattern(inside, variable, shortest, at)
    if s.mark in _SELECTORS:
        hint = "Use shortestPath((a)-[*]-(b)) or allShortestPaths((a)-[*]-(b))."
        raise s.unsupported(f"{s.mark} before a pattern", hint)
    return PathPattern(_elements(s, creating), variable, None, at)


def begins(s: Stream) -> bool:
    """Say whether a pattern begins here, no clause."""
    if s.mark == "(" or (s.is_name() and s.peek() == "="):
        return True
    return s.mark in _SHORTEST and s.peek() == "("


def looks_like_path(s: Stream) -> bool:
    """Say whether the parenthesis here may be the first node of a path of several."""
    if s.mark != "(":
        return False
    closing = s.partner(s.index)
    if closing is None or s.marks[closing + 1] not in _LINKS:
        return False
    after = closing + (3 if s.marks[closing + 1] in _LEFT else 2)
    if after > closing + 2 and s.marks[closing + 2] not in _DASHES:
        return False
    second, third = s.marks[after], s.marks[after + 1 : after + 2]
    if second in _DASHES:
        return bool(third) and (third[0] == "(" or third[0] in _RIGHT)
    return second == "["


def attempt(s: Stream) -> PathPattern | None:
    """Parse a path if there is one here; otherwise stay and return None."""
    start, depth, loose = s.index, s.depth, s.loose
    if start in s.no_patterns:
        return None
    try:
        return PathPattern(_elements(s, False), None, None, s.starts[start])
    except InvalidStatement as failed:
        s.no_patterns.add(start)
        if failed.position is not None and _surely(s, start):
            raise
        s.go_to(start)
        s.depth, s.loose = depth, loose
        return None


def _surely(s: Stream, start: int) -> bool:
    """Say whether what begins at a parenthesis can be nothing but a pattern."""
    inside = s.marks[start + 1]
    named = s.names[start + 1] is not None
    return inside == ")" or inside == ":" or (named and s.marks[start + 2] in (":", "{", "WHERE"))


def predicate(s: Stream) -> tree.Expression | None:
    """Parse a pattern as an expression, if there is one here."""
    at = s.at
    found = attempt(s)
    if found is None:
        return None
    condition = tree.PatternPredicate(found, at)
    s.loose = [*s.loose, condition]
    return condition


def _elements(s: Stream, creating: bool) -> tuple[NodePattern | RelationshipPattern, ...]:
    if s.mark == "(" and s.peek() == "(":
        return _parenthesized(s, creating)
    found: list[NodePattern | RelationshipPattern] = [_node(s, creating)]
    while s.mark in _LINKS:
        found.append(_relationship(s, creating))
        found.append(_node(s, creating))
    if s.mark == "(" or s.mark in _QUANTIFIERS:
        raise _no_quantified(s)
    return tuple(found)


def _parenthesized(s: Stream, creating: bool) -> tuple[NodePattern | RelationshipPattern, ...]:
    s.deeper(3)
    s.advance()
    inside = _elements(s, creating)
    if s.mark == "WHERE":
        raise _no_quantified(s)
    s.expect(")")
    s.depth -= 3
    if s.mark in _LINKS or s.mark in _QUANTIFIERS or s.mark == "(":
        raise _no_quantified(s)
    return inside


def _no_quantified(s: Stream) -> Exception:
    return s.unsupported(
        "a quantified path pattern", "Use a variable-length relationship: (a)-[:T*1..3]->(b)."
    )


def _variable(s: Stream) -> str | None:
    if not s.is_name():
        return None
    if s.mark in ("WHERE", "IS") and s.peek() not in _AFTER_VARIABLE:
        return None
    return s.name()


def _properties(s: Stream, creating: bool) -> tree.MapLiteral | tree.Parameter | None:
    if s.mark == "{":
        return atoms.map_literal(s)
    if s.mark != PARAMETER:
        return None
    if not creating:
        raise fault(
            "InvalidParameterUse",
            "Parameter maps cannot be used in MATCH and MERGE patterns (use a literal map instead,"
            " e.g. {id: $param.id})",
            at=s.at,
        )
    return parameter(s)


def _node(s: Stream, creating: bool) -> NodePattern:
    at = s.at
    s.expect("(")
    variable = _variable(s)
    found = None
    if s.mark == ":" or s.mark == "IS":
        s.advance()
        found = labels.label_expression(s)
    properties = _properties(s, creating)
    where = grammar.condition(s) if s.accept("WHERE") else None
    if s.mark != ")":
        raise s.unexpected(*_missing(variable, found, properties, where), "')'")
    s.advance()
    return NodePattern(variable, found, properties, where, at)


def _missing(variable: object, found: object, properties: object, where: object) -> list[str]:
    """Return what might still have come in a node's or relationship's pattern."""
    missing = []
    if where is None:
        if properties is None:
            if found is None:
                missing += ["a variable name"] * (variable is None) + ["':'"]
            missing.append("'{'")
        missing.append("WHERE")
    return missing


def _relationship(s: Stream, creating: bool) -> RelationshipPattern:
    at = s.at
    left = s.mark in _LEFT
    if left:
        s.advance()
    _dash(s)
    variable, types, length, properties, where = None, None, None, None, None
    if s.accept("["):
        variable = _variable(s)
        if s.mark == ":" or s.mark == "IS":
            s.advance()
            types = labels.label_expression(s)
        if s.mark == "..":
            raise fault(
                "InvalidRelationshipPattern",
                "Invalid input '..': a variable-length relationship is written with an asterisk,"
                " [:T*..]",
                at=s.at,
            )
        length = _length(s)
        properties = _properties(s, creating)
        where = grammar.condition(s) if s.accept("WHERE") else None
        if s.mark != "]":
            star = ["'*'"] if length is None and properties is None and where is None else []
            raise s.unexpected(*star, *_missing(variable, types, properties, where), "']'")
        s.advance()
    _dash(s)
    right = s.mark in _RIGHT
    if right:
        s.advance()
    if s.mark in _QUANTIFIERS:
        raise _no_quantified(s)
    direction = _DIRECTIONS[left, right]
    return RelationshipPattern(variable, types, direction, length, properties, where, at)


def _dash(s: Stream) -> None:
    if s.mark not in _DASHES:
        raise s.unexpected("'-'")
    s.advance()


def _length(s: Stream) -> Length | None:
    if not s.accept("*"):
        return None
    least = _bound(s)
    if s.accept(".."):
        return Length(least, _bound(s))
    return Length(least, least)


def _bound(s: Stream) -> int | None:
    if s.mark in _DASHES and s.peek() == NUMBER:
        message = "Invalid input '-': the length of a path cannot be negative"
        raise fault("InvalidRelationshipPattern", message, at=s.at)
    return literals.integer(s) if s.mark == NUMBER else None
