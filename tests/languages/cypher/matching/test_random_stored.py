"""Random patterns over random graphs in the store, where MATCH is mostly a statement of SQL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import fivefold
from fivefold.api.database import Database
from fivefold.api.graph.entities import Node, Path, Relationship
from fivefold.errors import FivefoldError
from fivefold.languages.cypher.check import check
from fivefold.languages.cypher.parse import parse
from fivefold.values.graph.text import literal
from tests.conftest import empty_store
from tests.languages.cypher.matching.strategies import SmallGraph, graphs, queries
from tests.languages.cypher.matching.test_random import tried


@pytest.fixture(scope="module", params=["many", "few"])
def database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """Yield a database; its rows are asked about many at a time, or few, and few are kept."""
    path = tmp_path_factory.mktemp("random") / "graphs.db"
    with (
        empty_store(str(path)) as url,
        fivefold.open(url) as opened,
        pytest.MonkeyPatch.context() as patch,
    ):
        if request.param == "few":
            patch.setattr("fivefold.languages.cypher.lower.matching.ROWS", 3)
            patch.setattr("fivefold.languages.cypher.lower.matching.KEPT_MAX", 2)
            patch.setattr("fivefold.languages.cypher.stored.reading.IDS_MAX", 2)
        yield opened


def creation(small: SmallGraph) -> str:
    """The query that creates a graph."""
    parts = [
        f"(n{place}{''.join(f':{label}' for label in sorted(labels))} {literal(properties)})"
        for place, (labels, properties) in enumerate(small.nodes)
    ]
    parts += [
        f"(n{start})-[:{type} {literal(properties)}]->(n{end})"
        for type, start, end, properties in small.relationships
    ]
    return f"CREATE {', '.join(parts)}"


def form(value: Any) -> Hashable:
    """An answer's value in the form that ``answering.form`` gives."""
    if isinstance(value, list):
        return tuple(map(form, value))
    if isinstance(value, Path):
        return "path", *_walked(value)
    if isinstance(value, Node | Relationship):
        return type(value).__name__, value["k"]
    return type(value).__name__, value


def _walked(path: Any) -> Iterator[Hashable]:
    yield form(path.nodes[0])
    for relationship, node in zip(path.relationships, path.nodes[1:], strict=True):
        yield form(relationship)
        yield form(node)


@settings(max_examples=60, derandomize=True, deadline=None)
@given(small=graphs(), texts=st.lists(queries(), min_size=1, max_size=3))
def test_the_store_finds_what_trying_everything_finds(
    database: Database, small: SmallGraph, texts: list[str]
) -> None:
    database.cypher("MATCH (n) DETACH DELETE n")
    database.cypher(creation(small))
    for text in texts:
        query = text.replace("id(a) = 1", "a.k = 1").replace("id(b) = 1", "b.k = 1")
        assume("id(" not in query)  # the store has ids of its own
        try:
            check(parse(query), {})
        except FivefoldError:
            continue
        rows = Counter(tuple(map(form, row)) for row in database.cypher(query))
        assert rows == tried(small, query), query
