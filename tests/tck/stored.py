"""The kit over ``db.cypher``: patterns that become SQL, entities in a store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fivefold.api import graph as api
from fivefold.api.database import Database
from fivefold.errors import FivefoldError
from fivefold.languages.cypher.planning import PROCEDURES
from fivefold.values.graph.entities import Node, Path, Relationship
from tests.tck.backends import Answer, GivenProcedure, Snapshot
from tests.tck.embedded import Given, refused
from tests.tck.notation import form

_ENTITIES = "MATCH (n) OPTIONAL MATCH (n)-[r]->() RETURN n, r"


class Stored:
    """See ``Backend``. A graph that nothing has changed is not looked at."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._is_empty = True
        self._given: list[str] = []

    def clear(self) -> None:
        if not self._is_empty:
            self.run("MATCH (n) DETACH DELETE n", {})
            self._is_empty = True
        for name in self._given:
            del PROCEDURES[name]
        if self._given:
            self._forget()
        self._given.clear()

    def add_procedure(self, procedure: GivenProcedure) -> None:
        PROCEDURES[procedure.name] = Given(procedure)
        self._given.append(procedure.name)
        self._forget()

    def _forget(self) -> None:
        """Forget plans: they are made for the procedures that there were."""
        self._database.engine.lasting.clear()
        self._database.engine.snapshot.plans.clear()

    def run(self, query: str, parameters: Mapping[str, Any]) -> Answer:
        try:
            result = self._database.cypher(query, parameters)
            rows = [[_value(one) for one in record] for record in result]
        except FivefoldError as error:
            raise refused(error) from error
        self._is_empty = self._is_empty and not result.statistics.contains_updates
        return Answer(tuple(result.keys()), rows)

    def snapshot(self) -> Snapshot:
        if self._is_empty:
            return Snapshot()
        rows = self.run(_ENTITIES, {}).rows
        nodes = {row[0].id: row[0] for row in rows}
        relationships = {row[1].id: row[1] for row in rows if row[1] is not None}
        return Snapshot(
            frozenset(nodes),
            frozenset(relationships),
            frozenset(
                (type(one).__name__, one.id, key, form(value))
                for one in (*nodes.values(), *relationships.values())
                for key, value in one.properties.items()
            ),
            frozenset(label for node in nodes.values() for label in node.labels),
        )


def _value(value: Any) -> Any:
    """Return a program's value as the language has it."""
    match value:
        case list():
            return [_value(one) for one in value]
        case dict():
            return {name: _value(one) for name, one in value.items()}
        case api.Node():
            return Node(value.id, value.labels, _value(dict(value.properties)))
        case api.Relationship():
            start, end = value.start_node.id, value.end_node.id
            properties = _value(dict(value.properties))
            return Relationship(value.id, value.type, start, end, properties)
        case api.Path():
            return Path(map(_value, value.nodes), map(_value, value.relationships))
        case _:
            return value
