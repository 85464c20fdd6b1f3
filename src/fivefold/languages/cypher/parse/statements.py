"""Parses a whole text: options, EXPLAIN or PROFILE, then a query or a command.

Source: the Neo4j Cypher Manual 5, "Query tuning" (options), "EXPLAIN and PROFILE".
"""

from __future__ import annotations

import fivefold.languages.cypher.parse.expressions as grammar
from fivefold.languages.cypher.parse.commands import COMMANDS, command
from fivefold.languages.cypher.parse.queries import query
from fivefold.languages.cypher.parse.stream import Stream
from fivefold.languages.cypher.parse.tokens import END, NUMBER
from fivefold.languages.cypher.tree import Command, Mode, Query, Statement
from fivefold.values.graph.faults import fault

_OPTIONS = frozenset(
    {"RUNTIME", "PLANNER", "UPDATESTRATEGY", "EXPRESSIONENGINE", "OPERATORENGINE", "REPLAN"}
    | {"INTERPRETEDPIPESFALLBACK", "CONNECTCOMPONENTSPLANNER", "EAGERANALYZER", "DEBUG"}
    | {"INFERSCHEMAPARTS", "STATEFULSHORTESTPLANNINGMODE", "PARALLELRUNTIMESUPPORT"}
    | {"LABELINFERENCE", "PLANVAREXPANDINTO"}
)
"""Options of ``CYPHER name=value`` that say how to run a query, never what it means."""


def statement(s: Stream) -> Statement:
    mode = Mode.PLAIN
    while True:
        if s.mark == "CYPHER":
            _options(s)
        elif s.mark == "EXPLAIN" or s.mark == "PROFILE":
            mode = Mode(s.mark)
            s.advance()
        else:
            break
    body, database = _body(s)
    grammar.refuse_loose_patterns(s)
    if s.accept(";") and s.mark != END:
        raise fault(
            "UnexpectedSyntax", "Expected exactly one statement per query but got: 2", at=s.at
        )
    if s.mark != END:
        raise s.unexpected("<EOF>")
    return Statement(body, mode, database)


def _body(s: Stream) -> tuple[Query | Command, str | None]:
    """Parse a query, or a command with the database that USE names before it."""
    start, database = s.index, None
    if s.mark == "USE" and s.is_name(1):
        s.advance()
        database = s.dotted("a database name")
    if s.mark in COMMANDS:
        found = command(s)
        if found is not None:
            return found, database
    s.go_to(start)
    return query(s), None


def _options(s: Stream) -> None:
    s.advance()
    if s.mark == NUMBER:
        version = s.text[s.at : s.ends[s.index]]
        if version != "5":
            raise s.unsupported(f"CYPHER {version}", "Use CYPHER 5, or leave it out.")
        s.advance()
    while s.is_name() and s.peek() == "=":
        if s.mark not in _OPTIONS:
            raise s.unexpected("an option such as runtime or planner")
        s.go_to(s.index + 2)
        s.name("a value")
