"""LIMIT and PER PARTITION LIMIT."""

from __future__ import annotations

from collections.abc import Callable

from fivefold.languages.cql.results import ColumnSpec
from fivefold.languages.cql.run import Run
from fivefold.languages.cql.tables import ColumnFamily
from fivefold.languages.cql.terms import Scope, compile_value
from fivefold.languages.cql.tree import Term
from fivefold.values.cql.faults import invalid
from fivefold.values.cql.types import INT, UNSET

Limit = Callable[[Run], int | None]


def limit_of(term: Term | None, name: str, family: ColumnFamily, scope: Scope) -> Limit | None:
    """Return what gives a limit, None if it was left unset. Raises Cassandra's errors."""
    if term is None:
        return None
    value = compile_value(term, ColumnSpec(family.keyspace, family.name, name, INT), scope)
    evaluate = value.evaluate

    def limit(run: Run) -> int | None:
        found = evaluate(run)
        if found is UNSET:
            return None
        if found is None:
            raise invalid("Invalid null value of limit")
        assert isinstance(found, int)
        if found <= 0:
            raise invalid("LIMIT must be strictly positive")
        return found

    return limit
