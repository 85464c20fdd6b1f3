"""Lowers EXPLAIN: to the statement that is to be explained."""

from __future__ import annotations

from collections.abc import Mapping

from fivefold.errors import Unsupported
from fivefold.languages.sql import commands, definitions
from fivefold.languages.sql.bind.state import Context
from fivefold.languages.sql.deparse.plans import show
from fivefold.plan.expr import Expr


def explain(
    node: definitions.Explain, context: Context, lifts: Mapping[int, int]
) -> commands.Explain:
    """Lower EXPLAIN. Literals are lifted as they are where the statement itself is run."""
    from fivefold.languages.sql.lower import lower_query

    inner = node.node
    if isinstance(inner, commands.Execute):
        return commands.Explain(None, node.options, inner, node.prefix)
    if isinstance(inner, definitions.CreateTableAs):
        if node.options.analyze:
            raise Unsupported(
                "EXPLAIN ANALYZE of CREATE TABLE AS is not supported",
                hint="Explain the query by itself.",
            )
        inner = inner.query
    if isinstance(inner, definitions.DeclareCursor):
        inner = inner.query
    query = lower_query(inner, context, dict(lifts))
    assert isinstance(query.statement.source, Expr)
    show(query.statement.source, context)
    return commands.Explain(query, node.options)
