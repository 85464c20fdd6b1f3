"""The kit over Bolt: messages to a server, and what comes back made values again.

Not by a driver: those for Python know years 1 to 9999, and the kit more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fivefold.api.serving import Serving
from fivefold.values.graph.entities import Node, Path, Relationship
from fivefold.wire.neo4j.encode import Encoder
from fivefold.wire.neo4j.structures import VERSION_5
from tests.serve.raw_neo4j import FAILURE, RECORD, SUCCESS, Talk
from tests.tck.backends import Answer, GivenProcedure, Refused, Snapshot
from tests.tck.embedded import Given
from tests.tck.notation import form
from tests.wire.neo4j.drivers import chunked, message

RUN, PULL, RESET = 0x10, 0x3F, 0x0F

_ENTITIES = "MATCH (n) RETURN n AS e UNION ALL MATCH ()-[r]->() RETURN r AS e"


class Bolt:
    """See ``Backend``. ``procedures`` is where the engine looks for them."""

    def __init__(self, server: Serving, procedures: dict[str, Any]) -> None:
        self._talk = Talk(server.ports["neo4j"])
        self._encoder = Encoder(VERSION_5)
        self._engine = server.database.engine
        self._procedures = procedures
        self._given: list[str] = []

    def clear(self) -> None:
        self.run("MATCH (n) DETACH DELETE n", {})
        for name in self._given:
            del self._procedures[name]
        if self._given:
            self._forget()
        self._given.clear()

    def _forget(self) -> None:
        """Have queries understood anew: they may name procedures that are others by now."""
        self._engine.lasting.clear()
        self._engine.snapshot.plans.clear()

    def add_procedure(self, procedure: GivenProcedure) -> None:
        self._procedures[procedure.name] = Given(procedure)
        self._given.append(procedure.name)
        self._forget()

    def run(self, query: str, parameters: Mapping[str, Any]) -> Answer:
        put = self._encoder.value
        run = b"\xb3\x10" + put(query) + put(dict(parameters)) + b"\xa0"
        self._talk.say_bytes(chunked(run) + message(PULL, {"n": -1}))
        tag, (head,) = self._talk.hear()
        heard = self._talk.hear_all()
        if tag == FAILURE or heard[-1][0] == FAILURE:
            failure = head if tag == FAILURE else heard[-1][1][0]
            assert self._talk.ask(RESET)[0] == SUCCESS
            record = failure["diagnostic_record"]
            type, phase, detail = (
                str(record.get(name, "")) for name in ("_type", "_phase", "_detail")
            )
            raise Refused(type, phase, detail, failure["message"])
        rows = [[value(each) for each in said[0]] for tag, said in heard if tag == RECORD]
        return Answer(tuple(head["fields"]), rows)

    def snapshot(self) -> Snapshot:
        entities = [row[0] for row in self.run(_ENTITIES, {}).rows]
        nodes = [each for each in entities if isinstance(each, Node)]
        return Snapshot(
            frozenset(node.id for node in nodes),
            frozenset(each.id for each in entities if isinstance(each, Relationship)),
            frozenset(
                (type(each).__name__, each.id, key, form(found))
                for each in entities
                for key, found in each.properties.items()
            ),
            frozenset(label for node in nodes for label in node.labels),
        )

    def close(self) -> None:
        self._talk.close()


def value(said: Any) -> Any:
    """Return the value that the driver's unpacker left a structure, or has structures inside."""
    if isinstance(said, list):
        return [value(each) for each in said]
    if isinstance(said, dict):
        return {key: value(each) for key, each in said.items()}
    tag = getattr(said, "tag", None)
    if tag is None:
        return said
    fields = said.fields
    if tag == b"N":
        return Node(fields[0], fields[1], value(fields[2]))
    if tag == b"R":
        id, start, end, type = fields[:4]
        return Relationship(id, type, start, end, value(fields[4]))
    if tag == b"P":
        return _path(*fields)
    return VERSION_5.hydrate[tag[0]](list(fields))


def _path(nodes: Sequence[Any], ways: Sequence[Any], indices: Sequence[int]) -> Path:
    found = [value(each) for each in nodes]
    passed, edges = [found[0]], []
    for number, place in _pairs(indices):
        before, after = passed[-1], found[place]
        start, end = (before, after) if number > 0 else (after, before)
        id, type, properties = ways[abs(number) - 1].fields[:3]
        edges.append(Relationship(id, type, start.id, end.id, value(properties)))
        passed.append(after)
    return Path(passed, edges)


def _pairs(indices: Sequence[int]) -> Iterable[tuple[int, int]]:
    return zip(indices[::2], indices[1::2], strict=True)
