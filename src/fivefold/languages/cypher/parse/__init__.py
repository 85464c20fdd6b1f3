"""From text to tree: one module for each part of the grammar."""

from __future__ import annotations

from fivefold.errors import Limit
from fivefold.languages.cypher.parse.statements import statement
from fivefold.languages.cypher.parse.stream import Stream
from fivefold.languages.cypher.tree import Statement


def parse(text: str) -> Statement:
    """Return the tree of one statement.

    Raises a fault of ``values.graph.faults`` for what is no Cypher, Unsupported for what is Cypher
    but not done here, and Limit (statement_too_complex) for what is nested too deeply.
    """
    try:
        return statement(Stream(text))
    except RecursionError:
        # The depth is counted, but how much of Python's stack the caller has used is unknown.
        raise Limit(
            "The query is nested too deeply", "statement_too_complex", hint="Nest it less deeply."
        ) from None
