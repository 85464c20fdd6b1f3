"""Parses queries: clauses in order, and unions of them.

Source: the openCypher 9 grammar, "RegularQuery" and "StandaloneCall"; the Neo4j Cypher Manual 5,
"Composed queries" and "Subqueries".
"""

from __future__ import annotations

import fivefold.languages.cypher.parse.clauses as clauses
import fivefold.languages.cypher.parse.expressions as grammar
from fivefold.languages.cypher.parse import patterns
from fivefold.languages.cypher.parse.stream import Stream
from fivefold.languages.cypher.parse.tokens import END
from fivefold.languages.cypher.tree import CallProcedure, Clause, Match, Query
from fivefold.values.graph.faults import fault

_ENDS = frozenset({"UNION", ";", "}", END})


def query(s: Stream) -> Query:
    """Parse a query up to where it ends."""
    parts: list[tuple[tuple[Clause, ...], int]] = []
    kinds: list[bool] = []
    at = s.at
    while True:
        parts.append((_clauses(s), at))
        at = s.at  # of what comes behind UNION, UNION itself
        if not s.accept("UNION"):
            break
        kinds.append(not s.accept("ALL"))
        if kinds[-1]:
            s.accept("DISTINCT")
        if kinds[-1] != kinds[0]:
            raise fault(
                "InvalidClauseComposition",
                "Invalid combination of UNION and UNION ALL",
                at=at,
            )
    found: Query | None = None
    distinct = not kinds or kinds[0]
    for body, at in reversed(parts):
        found = Query(body, found, distinct, at)
    assert found is not None
    return found


def _clauses(s: Stream) -> tuple[Clause, ...]:
    found = [clauses.clause(s)]
    while s.mark not in _ENDS:
        found.append(clauses.clause(s))
    for one in found:
        if type(one) is CallProcedure and one.star and len(found) > 1:
            raise fault(
                "UnexpectedSyntax", "YIELD * is only allowed if CALL is the whole query", at=one.at
            )
    return tuple(found)


def braced(s: Stream, *, patterns_too: bool = False) -> Query:
    """Parse a subquery up to its closing brace; it may be patterns alone if ``patterns_too``."""
    s.deeper(3)
    at = s.at
    if patterns_too and patterns.begins(s):
        found = patterns.pattern(s)
        where = grammar.condition(s) if s.accept("WHERE") else None
        inside = Query((Match(found, where, False, (), at),), None, True, at)
    else:
        inside = query(s)
    if s.mark != "}":
        raise s.unexpected("'}'")
    s.advance()
    s.depth -= 3
    return inside
