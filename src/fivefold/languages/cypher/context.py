"""What compiling a query needs beside its tree."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Protocol

from fivefold.languages.cypher import tree
from fivefold.languages.cypher.expressions import Compiler, Evaluate
from fivefold.languages.cypher.functions.function import Argument
from fivefold.languages.cypher.graph import Run
from fivefold.languages.cypher.operators import Operator
from fivefold.values.records import Record, changed

Names = frozenset[str]
"""Variables that are bound."""


class Knowledge(Protocol):
    """What the planner may know of a graph before a query runs. It need not be exact."""

    def count(self, label: str | None) -> int | None:
        """Return about how many nodes have a label (all nodes: None); None if unknown."""
        ...

    def indexed(self, label: str) -> Collection[tuple[str, ...]] | None:
        """Return the properties of each index over a label; None if that is unknown."""
        ...


class NoKnowledge:
    """Nothing is known: any property may have an index, all labels are as rare as each other."""

    def count(self, label: str | None) -> int | None:
        return None

    def indexed(self, label: str) -> Collection[tuple[str, ...]] | None:
        return None


class Procedure(Protocol):
    """A procedure that CALL may call; ``results`` are names with types such as ``STRING``."""

    @property
    def name(self) -> str: ...
    @property
    def arguments(self) -> tuple[Argument, ...]: ...
    @property
    def results(self) -> tuple[tuple[str, str], ...]: ...
    @property
    def writes(self) -> bool: ...

    def call(self, run: Run, arguments: Sequence[Any]) -> Iterable[Sequence[Any]]:
        """Yield rows of values, one for each of ``results``."""
        ...


MatchCompiler = Callable[[tree.Match, Names, "Context"], Sequence[Operator]]


class Context(Record):
    """``match`` decides how a MATCH is carried out: ``matching.compile_match`` walks the graph.

    ``ambient`` are the variables of the queries around this one: it sees them throughout,
    whatever its own WITH clauses drop. ``used`` are those variables of the MATCH that is compiled
    whose values anybody wants outside it; None: all.
    """

    compiler: Compiler
    match: MatchCompiler
    knowledge: Knowledge
    procedures: Mapping[str, Procedure]
    database: str | None = None
    ambient: Names = frozenset()
    used: Names | None = None

    def evaluate(self, expression: tree.Expression) -> Evaluate:
        """Compile an expression."""
        return self.compiler.part(expression)

    def around(self, names: Names) -> Context:
        """Return the context of a query inside one that has these variables."""
        return changed(self, ambient=self.ambient | names)
