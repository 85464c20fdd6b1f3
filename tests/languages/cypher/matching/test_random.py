"""Random patterns over random graphs: what a plan finds is what trying everything finds.

``BEHIND`` are the graphs behind the plans; a new one gives a ``Counter`` of the rows' forms.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable

import pytest
from hypothesis import assume, given, settings

from fivefold.errors import FivefoldError
from fivefold.languages.cypher import tree
from fivefold.languages.cypher.check import check
from fivefold.languages.cypher.clauses import compile_query
from fivefold.languages.cypher.graph import Row
from fivefold.languages.cypher.matching import routes, trails
from fivefold.languages.cypher.parse import parse
from tests.languages.cypher.answering import form
from tests.languages.cypher.matching.backtracking import matches
from tests.languages.cypher.matching.strategies import SmallGraph, graphs, queries
from tests.languages.cypher.memory import MemoryGraph

Rows = Counter[tuple[Hashable, ...]]
Behind = Callable[[SmallGraph, str], Rows]


def in_memory(small: SmallGraph) -> MemoryGraph:
    graph = MemoryGraph()
    nodes = [graph.create_node(labels, properties) for labels, properties in small.nodes]
    for type, start, end, properties in small.relationships:
        graph.create_relationship(type, nodes[start], nodes[end], properties)
    return graph


def walked(small: SmallGraph, query: str) -> Rows:
    """The walker's rows, over dictionaries."""
    body = parse(query).body
    assert isinstance(body, tree.Query)
    plan = compile_query(body)
    rows = plan.run(in_memory(small).run())
    return Counter(tuple(form(row[name]) for name in plan.columns) for row in rows)


def walked_with_indexes(small: SmallGraph, query: str) -> Rows:
    """The same where every label has an index that seeks can use."""
    graph = in_memory(small)
    graph.indexes = {(label, ("x",)) for label in "ABC"}
    body = parse(query).body
    assert isinstance(body, tree.Query)
    plan = compile_query(body)
    return Counter(tuple(form(row[name]) for name in plan.columns) for row in plan.run(graph.run()))


def walked_in_small_steps(small: SmallGraph, query: str) -> Rows:
    """The same where a walk goes on few trails at a time, and remembers next to nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trails, "TRAILS", 2)
        patch.setattr(trails, "KEPT_MAX", 2)
        patch.setattr(routes, "ROWS", 2)
        return walked(small, query)


BEHIND: tuple[Behind, ...] = (walked, walked_with_indexes, walked_in_small_steps)


def tried(small: SmallGraph, query: str) -> Rows:
    """What trying everything finds."""
    statement = parse(query)
    columns = list(check(statement, {}).columns)
    assert isinstance(statement.body, tree.Query)
    run = in_memory(small).run()
    rows: list[Row] = [{}]
    for clause in statement.body.clauses:
        if isinstance(clause, tree.Match):
            rows = [made for row in rows for made in matches(run, row, clause)]
    return Counter(tuple(form(row[name]) for name in columns) for row in rows)


@pytest.mark.parametrize("behind", BEHIND)
@settings(max_examples=150, derandomize=True, deadline=None)
@given(small=graphs(), query=queries())
def test_plans_find_what_trying_everything_finds(
    behind: Behind, small: SmallGraph, query: str
) -> None:
    try:
        check(parse(query), {})
    except FivefoldError:
        assume(False)
    assert behind(small, query) == tried(small, query)
