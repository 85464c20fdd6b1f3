"""The kit over the language alone: a graph of dictionaries, no store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from fivefold.errors import FivefoldError
from fivefold.languages.cypher import tree
from fivefold.languages.cypher.check import check
from fivefold.languages.cypher.clauses import compile_query
from fivefold.languages.cypher.functions.function import Argument
from fivefold.languages.cypher.graph import Run
from fivefold.languages.cypher.parse import parse
from tests.languages.cypher.memory import MemoryGraph
from tests.tck.backends import Answer, GivenProcedure, Refused, Snapshot
from tests.tck.notation import form


class Given:
    """A scenario's procedure, as the language sees procedures."""

    writes = False

    def __init__(self, given: GivenProcedure) -> None:
        self.name = given.name
        self.arguments = tuple(Argument(name, type.rstrip("?")) for name, type in given.inputs)
        self.results = given.outputs
        self._rows = given.rows

    def call(self, run: Run, arguments: Sequence[Any]) -> Iterable[Sequence[Any]]:
        """Yield the rows whose inputs are the arguments."""
        wanted = [form(value) for value in arguments]
        for row in self._rows:
            if [form(row[one.name]) for one in self.arguments] == wanted:
                yield tuple(row[name] for name, _ in self.results)


def refused(error: FivefoldError) -> Refused:
    """Return an error in the kit's words."""
    facts: Mapping[str, Any] = error.facts
    return Refused(
        facts.get("type", type(error).__name__),
        facts.get("phase", ""),
        facts.get("detail", error.code),
        str(error),
    )


class Embedded:
    """See ``Backend``."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.graph = MemoryGraph()
        self.procedures: dict[str, Given] = {}

    def add_procedure(self, procedure: GivenProcedure) -> None:
        self.procedures[procedure.name] = Given(procedure)

    def run(self, query: str, parameters: Mapping[str, Any]) -> Answer:
        try:
            checked = check(parse(query), self.procedures)
            assert isinstance(checked.statement.body, tree.Query)  # the kit has no commands
            plan = compile_query(checked.statement.body, procedures=self.procedures)
            kept = self.graph.checkpoint() if checked.writes else None
            try:
                rows = list(plan.run(self.graph.run(parameters)))
                self.graph.finish()
            except FivefoldError:
                if kept is not None:
                    self.graph.restore(kept)
                raise
        except FivefoldError as error:
            raise refused(error) from error
        assert tuple(checked.columns) == plan.columns, (tuple(checked.columns), plan.columns)
        return Answer(plan.columns, [[row[name] for name in plan.columns] for row in rows])

    def snapshot(self) -> Snapshot:
        graph = self.graph
        nodes, relationships = list(graph.nodes()), list(graph.relationships())
        return Snapshot(
            frozenset(node.id for node in nodes),
            frozenset(one.id for one in relationships),
            frozenset(_properties([*nodes, *relationships])),
            frozenset(graph.labels()),
        )


def _properties(entities: Iterable[Any]) -> Iterator[tuple[Any, ...]]:
    for entity in entities:
        for key, value in entity.properties.items():
            yield type(entity).__name__, entity.id, key, form(value)
