"""Random small graphs, and random queries of one or two MATCH clauses over them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

LABELS = ("A", "B", "C")
TYPES = ("R", "S")


@dataclass(frozen=True)
class SmallGraph:
    """Nodes as (labels, properties), relationships as (type, start, end, properties).

    The property ``k`` is everyone's own; ``x`` is a small number, or missing.
    """

    nodes: tuple[tuple[frozenset[str], dict[str, Any]], ...]
    relationships: tuple[tuple[str, int, int, dict[str, Any]], ...]


def _properties() -> st.SearchStrategy[dict[str, Any]]:
    return st.sampled_from([{}, {"x": 0}, {"x": 1}, {"x": 1.0}, {"x": "1"}])


@st.composite
def graphs(draw: st.DrawFn) -> SmallGraph:
    """Up to five nodes and seven relationships, loops and parallel ones among them."""
    count = draw(st.integers(1, 5))
    nodes = tuple(
        (draw(st.frozensets(st.sampled_from(LABELS), max_size=2)), {"k": k, **draw(_properties())})
        for k in range(count)
    )
    ends = st.integers(0, count - 1)
    relationships = tuple(
        (draw(st.sampled_from(TYPES)), draw(ends), draw(ends), {"k": k, **draw(_properties())})
        for k in range(draw(st.integers(0, 7)))
    )
    return SmallGraph(nodes, relationships)


_NODE_LABELS = ("", "", "", ":A", ":B", ":A|B", ":!A", ":A&!B", ":%")
_LINK_TYPES = ("", "", ":R", ":S", ":R|S", ":!R")
_LENGTHS = ("", "", "", "", "*", "*0..1", "*1..2", "*2", "*0..", "*..2", "*0")
_INLINE = ("", "", "", " {x: 1}", " {x: 0}", " {x: null}")


class _Drawn:
    """One query as it is drawn: which variables are what."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.links = 0
        self.paths = 0
        self.singles: list[str] = []
        self.old_singles: list[str] = []

    def one(self, choices: tuple[str, ...]) -> str:
        return self.draw(st.sampled_from(choices))

    def node(self) -> str:
        name = self.one(("", "a", "a", "b", "b", "c"))
        return f"({name}{self.one(_NODE_LABELS)}{self.one(_INLINE)})"

    def link(self) -> str:
        length, name = self.one(_LENGTHS), ""
        if not length and self.old_singles and self.draw(st.integers(0, 4)) == 0:
            name = self.old_singles.pop()
        elif self.draw(st.booleans()):
            self.links += 1
            name = f"r{self.links}"
            if not length:
                self.singles.append(name)
        inside = f"[{name}{self.one(_LINK_TYPES)}{length}{self.one(_INLINE)}]"
        left, right = self.draw(st.sampled_from([("-", "->"), ("<-", "-"), ("-", "-")]))
        return f"{left}{inside}{right}"

    def pattern(self) -> str:
        hops = self.draw(st.integers(0, 2))
        text = self.node() + "".join(self.link() + self.node() for _ in range(hops))
        if self.draw(st.integers(0, 3)) == 0:
            self.paths += 1
            text = f"p{self.paths} = {text}"
        return text

    def match(self, *, optional: bool) -> str:
        patterns = [self.pattern() for _ in range(self.draw(st.integers(1, 2)))]
        text = f"{'OPTIONAL ' if optional else ''}MATCH {', '.join(patterns)}"
        conditions = [self.condition(text) for _ in range(self.draw(st.integers(0, 2)))]
        conditions = [one for one in conditions if one]
        self.old_singles, self.singles = [*self.old_singles, *self.singles], []
        return f"{text} WHERE {' AND '.join(conditions)}" if conditions else text

    def condition(self, text: str) -> str:
        """A condition over variables of the patterns."""
        names = [name for name in "abc" if f"({name}" in text] + self.singles
        if not names:
            return ""
        one, other = self.one(tuple(names)), self.one(tuple(names))
        nodes = tuple(name for name in "abc" if f"({name}" in text)
        choices = [
            f"{one}.x = {other}.x",
            f"{one}.x = 1",
            f"{one}.k < {other}.k",
            f"{one}.x IN [0, 1, null]",
            f"{one}.x IS NULL",
            f"(NOT {one}.x = 1 OR {other}.k = 0)",
        ]
        if nodes:
            node = self.one(nodes)
            choices += [f"{node}:A", f"NOT {node}:A:B", f"({node})-->()", f"id({node}) = 1"]
        return self.one(tuple(choices))


@st.composite
def queries(draw: st.DrawFn) -> str:
    """A query that returns all its variables."""
    drawn = _Drawn(draw)
    clauses = [drawn.match(optional=False)]
    if draw(st.booleans()):
        clauses.append(drawn.match(optional=draw(st.booleans())))
    return " ".join([*clauses, "RETURN *"])
