"""Checks of queries: which clause may follow which, UNION, and queries within queries.

Source: openCypher 9, "Query structure"; Neo4j Cypher Manual 5, "Subqueries", "UNION".
"""

from __future__ import annotations

from collections.abc import Iterator

import fivefold.languages.cypher.check.clauses as clauses
from fivefold.languages.cypher import tree
from fivefold.languages.cypher.check.scope import Here, Scope, State
from fivefold.languages.cypher.check.types import Type, joined
from fivefold.values.graph.faults import fault

Columns = dict[str, Type]

UPDATES = (tree.Create, tree.Merge, tree.Set, tree.Remove, tree.Delete, tree.Foreach)
_READS = (tree.Match, tree.Unwind, tree.CallProcedure, tree.CallSubquery)


def keyword(clause: tree.Clause) -> str:
    """Return the word that a clause begins with."""
    match clause:
        case tree.CallProcedure() | tree.CallSubquery():
            return "CALL"
        case tree.Match(optional=True):
            return "OPTIONAL MATCH"
        case tree.Delete(detach=True):
            return "DETACH DELETE"
        case _:
            return type(clause).__name__.upper()


def parts(query: tree.Query) -> Iterator[tree.Query]:
    """Yield the parts of a UNION in order."""
    part: tree.Query | None = query
    while part is not None:
        yield part
        part = part.union


def check_whole(query: tree.Query, state: State) -> Columns:
    """Check a statement's query and return its columns."""
    _check_unions(query)
    found: Columns | None = None
    for part in parts(query):
        is_alone = len(part.clauses) == 1 and query.union is None
        if is_alone and isinstance(part.clauses[0], tree.CallProcedure):
            return clauses.check_standalone_call(part.clauses[0], state)
        _check_order(part, needs_result=True)
        found = _united(found, _check_clauses(part, Scope({}), state), part)
    assert found is not None
    return found


def check_inner(query: tree.Query, scope: Scope, state: State) -> Columns | None:
    """Check the query of EXISTS, COUNT or COLLECT; None if it returns no columns.

    It sees the variables around it throughout, and may not bind them again or write.
    """
    _check_unions(query)
    found: Columns | None = None
    for part in parts(query):
        for clause in part.clauses:
            if isinstance(clause, UPDATES):
                raise fault(
                    "InvalidClauseComposition",
                    f"An Exists, Count or Collect Expression cannot contain any updates:"
                    f" {keyword(clause)}",
                    at=getattr(clause, "at", None),
                )
        _check_order(part, needs_result=False)
        columns = _check_clauses(part, Scope({}, scope), state)
        if isinstance(part.clauses[-1], tree.Return):
            found = _united(found, columns, part)
    return found


def check_call(call: tree.CallSubquery, scope: Scope, state: State) -> Columns | None:
    """Check the query of CALL {…}; None if it returns no columns: it runs for its effects only."""
    _check_unions(call.query)
    found: Columns | None = None
    for part in parts(call.query):
        inner = clauses.imported(call, part, scope)
        _check_order(part, needs_result=True)
        columns = _check_clauses(part, inner, state, importing=call.imports is None, around=scope)
        if isinstance(part.clauses[-1], tree.Return):
            found = _united(found, columns, part)
    return found


def _united(before: Columns | None, columns: Columns, part: tree.Query) -> Columns:
    if before is None:
        return columns
    if {*before} != {*columns}:
        message = "All sub queries in an UNION must have the same return column names"
        raise fault("DifferentColumnsInUnion", message, at=part.at)
    return {name: joined((type, columns[name])) for name, type in before.items()}


def _check_unions(query: tree.Query) -> None:
    kinds = {part.distinct for part in parts(query) if part.union is not None}
    if len(kinds) > 1:
        message = "Invalid combination of UNION and UNION ALL"
        raise fault("InvalidClauseComposition", message, at=query.at)


def _check_order(query: tree.Query, *, needs_result: bool) -> None:
    """Raise fault InvalidClauseComposition if a clause stands where it may not."""
    before: tree.Clause | None = None
    for clause in query.clauses:
        at = getattr(clause, "at", None)
        if isinstance(before, tree.Return):
            message = "RETURN can only be used at the end of the query."
            raise fault("InvalidClauseComposition", message, at=before.at)
        if isinstance(before, UPDATES) and isinstance(clause, _READS):
            message = f"WITH is required between {keyword(before)} and {keyword(clause)}"
            raise fault("InvalidClauseComposition", message, at=at)
        if isinstance(clause, tree.Use) and before is not None:
            message = "USE clause must be the first clause of a query"
            raise fault("InvalidClauseComposition", message, at=at)
        before = clause
    if before is not None and (needs_result or isinstance(before, tree.With)):
        _check_end(before)


def _check_end(last: tree.Clause) -> None:
    match last:
        case tree.Match() | tree.Unwind() | tree.With() | tree.Use():
            pass
        case tree.CallSubquery(query=query) if isinstance(query.clauses[-1], tree.Return):
            pass
        case tree.CallProcedure(yields=yields) if yields:
            pass
        case _:
            return
    raise fault(
        "InvalidClauseComposition",
        f"Query cannot conclude with {keyword(last)} (must be a RETURN clause, a FINISH clause, an"
        " update clause, a unit subquery call, or a procedure call with no YIELD).",
        at=getattr(last, "at", None),
    )


def _check_clauses(
    query: tree.Query,
    scope: Scope,
    state: State,
    *,
    importing: bool = False,
    around: Scope | None = None,
) -> Columns:
    """Check clause after clause; return the columns of RETURN, or none.

    ``importing`` says that a first WITH takes variables from ``around``.
    """
    here = Here(state, scope)
    columns: Columns = {}
    for place, clause in enumerate(query.clauses):
        if importing and place == 0 and isinstance(clause, tree.With) and around is not None:
            clauses.check_importing_with(clause)
            here = Here(state, Scope(clauses.simple_items(clause, around), None))
            continue
        here, columns = clauses.check(clause, here)
    return columns
