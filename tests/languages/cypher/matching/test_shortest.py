"""Shortest paths over random graphs: those of least length among all paths that meet conditions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable

from hypothesis import given, settings
from hypothesis import strategies as st

from fivefold.languages.cypher import tree
from fivefold.languages.cypher.parse import parse
from tests.languages.cypher.answering import form, run
from tests.languages.cypher.matching.backtracking import matches
from tests.languages.cypher.matching.strategies import SmallGraph, graphs
from tests.languages.cypher.matching.test_random import in_memory

CONDITIONS = (
    "true",
    "length(p) > 1",
    "length(p) % 2 = 0",
    "all(n IN nodes(p) WHERE n.k < 4)",
    "none(n IN nodes(p) WHERE n.k = 2)",
    "none(r IN relationships(p) WHERE r.k = 0)",
    "all(r IN rs WHERE r.k <> a.k)",
    "any(n IN nodes(p) WHERE n.k = 3)",
    "single(r IN rs WHERE type(r) = 'S')",
    "NOT (a)-->(b) OR size(rs) > 1",
)


def links() -> st.SearchStrategy[str]:
    ends = st.sampled_from([("-", "->"), ("<-", "-"), ("-", "-")])
    types = st.sampled_from(["", ":R", ":S", ":R|S", ":!R"])
    lengths = st.sampled_from(["*", "*", "*0..", "*..2", "*1..3"])
    inline = st.sampled_from(["", "", "", " {x: 1}"])
    return st.builds(lambda e, *inside: f"{e[0]}[rs{''.join(inside)}]{e[1]}", *(
        (ends, types, lengths, inline)
    ))  # fmt: skip


def all_paths(small: SmallGraph, query: str) -> list[Hashable]:
    """The forms of all paths, by trying everything."""
    body = parse(query).body
    assert isinstance(body, tree.Query)
    (match, *_) = body.clauses
    assert isinstance(match, tree.Match)
    run = in_memory(small).run()
    return [form(row["p"]) for row in matches(run, {}, match)]


def shortest(small: SmallGraph, link: str, where: str, a: int, b: int) -> list[Hashable]:
    """The forms of the shortest paths between two nodes that meet conditions."""
    match = f"MATCH p = (a {{k: {a}}}){link}(b {{k: {b}}}) WHERE {where} RETURN p"
    found = sorted(all_paths(small, match), key=lambda path: len(tuple_of(path)))
    return [path for path in found if len(tuple_of(path)) == len(tuple_of(found[0]))]


def tuple_of(value: Hashable) -> tuple[Hashable, ...]:
    assert isinstance(value, tuple)
    return value


@settings(max_examples=100, derandomize=True, deadline=None)
@given(
    small=graphs(),
    link=links(),
    conditions=st.lists(st.sampled_from(CONDITIONS), min_size=1, max_size=2),
)
def test_shortest_paths(small: SmallGraph, link: str, conditions: list[str]) -> None:
    where = " AND ".join(conditions)
    count = len(small.nodes)
    pairs = [(a, b) for a in range(count) for b in range(count) if a != b]
    wanted = {pair: shortest(small, link, where, *pair) for pair in pairs}
    ends = "MATCH (a), (b) WHERE a <> b WITH *"
    for word in ("allShortestPaths", "shortestPath"):
        query = f"{ends} MATCH p = {word}((a){link}(b)) WHERE {where} RETURN a.k, b.k, p"
        rows, _ = run(in_memory(small), query)
        for pair in pairs:
            got = [form(path) for *between, path in rows if tuple(between) == pair]
            if word == "allShortestPaths":
                assert Counter(got) == Counter(wanted[pair]), (pair, query)
            else:
                assert len(got) == min(len(wanted[pair]), 1), (pair, query)
                assert {*got} <= {*wanted[pair]}, (pair, query)
