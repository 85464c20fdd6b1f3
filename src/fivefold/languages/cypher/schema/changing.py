"""CREATE and DROP of indexes and constraints.

Source: the Neo4j Cypher Manual 5, "Create, show, and drop indexes" and "... constraints": what is
refused, in which order, and what IF [NOT] EXISTS passes over.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from fivefold.catalog.changes import Change, CreateContainer, DropContainer
from fivefold.catalog.containers import Graph, GraphConstraint, GraphIndex
from fivefold.errors import FivefoldError
from fivefold.languages.cypher import tree
from fivefold.languages.cypher.graph import Notification, Statistics
from fivefold.languages.cypher.notifications import already_exists, does_not_exist
from fivefold.languages.cypher.schema import filling, wording
from fivefold.languages.cypher.stored.opened import find, fresh
from fivefold.languages.unit import Altering
from fivefold.models.graph import layout
from fivefold.values.graph.faults import fault
from fivefold.values.graph.text import name_text

LOOKUPS: Final = {False: "index_343aff4e", True: "index_f7700477"}
"""What the indexes of labels (and, True, of types) are called that every graph has."""


def create_index(
    unit: Altering, database: str, command: tree.CreateIndex, counted: Statistics
) -> list[Notification]:
    """Create an index and fill it."""
    graph = _graph(unit, database)
    if command.kind == "lookup":
        return _lookup_again(command)
    parts = ("index", command.kind, command.relationship, command.label, *command.properties)
    index = GraphIndex(
        command.name or wording.given_name("index", parts),
        command.label,
        command.properties,
        command.relationship,
        kind=command.kind,
    )
    _check_properties("Index", command)
    refused = _against_index(graph, index)
    if refused is not None:
        if command.if_not_exists:
            command_text = wording.told_index(index, _if_not_exists(command.name))
            return [already_exists(f"CREATE {command_text}", refused[1])]
        raise refused[0]
    _describe(unit, database, graph, replace(graph, indexes=(*graph.indexes, index)), [index])
    filling.fill(unit, database, index)
    counted.indexes_added += 1
    return []


def _lookup_again(command: tree.CreateIndex) -> list[Notification]:
    name = LOOKUPS[command.relationship]
    what = "()-[r]-() ON EACH type(r)" if command.relationship else "(n) ON EACH labels(n)"
    if command.if_not_exists:
        told = f"CREATE LOOKUP INDEX {_if_not_exists(command.name)} FOR {what}"
        return [already_exists(told, f"LOOKUP INDEX {name} FOR {what}")]
    schema = "()-[:<any-types>]-()" if command.relationship else "(:<any-labels>)"
    raise fault(
        "EquivalentSchemaRuleAlreadyExists",
        f"An equivalent index already exists, 'Index( id={1 + command.relationship},"
        f" name='{name}', type='LOOKUP', schema={schema}, indexProvider='token-lookup-1.0' )'.",
    )


def _if_not_exists(name: str | None) -> str:
    return "IF NOT EXISTS" if name is None else f"{name_text(name)} IF NOT EXISTS"


_Refused = tuple[FivefoldError, str]
"""The error, and how a notification calls what is there already."""


def _against_index(graph: Graph, index: GraphIndex) -> _Refused | None:
    """Return why an index cannot be created beside what is there."""
    for number, one in enumerate(graph.indexes, start=3):
        if _same(one, index) and one.kind == index.kind:
            shown, there = wording.shown_index(one, number), wording.told_index(one, one.name)
            if one.constraint:
                what = f"There is a uniqueness constraint on {wording.schema(one)}, so an index is"
                message = f"{what} already created that matches this."
                return fault("ConstraintAlreadyExists", message), there
            if one.name == index.name:
                message = f"An equivalent index already exists, '{shown}'."
                return fault("EquivalentSchemaRuleAlreadyExists", message), there
            message = f"There already exists an index {wording.schema(one)}."
            return fault("IndexAlreadyExists", message), there
    return _name_taken(graph, index.name)


def _name_taken(graph: Graph, name: str) -> _Refused | None:
    for constraint in graph.constraints:
        if constraint.name == name:
            message = f"There already exists a constraint called '{name}'."
            there = wording.told_constraint(constraint, name)
            return fault("ConstraintWithNameAlreadyExists", message), there
    found = [wording.told_index(one, name) for one in graph.indexes if one.name == name]
    if name in LOOKUPS.values():
        found.append(f"LOOKUP INDEX {name}")
    if found:
        message = f"There already exists an index called '{name}'."
        return fault("IndexWithNameAlreadyExists", message), found[0]
    return None


def _same(one: GraphIndex | GraphConstraint, other: GraphIndex | GraphConstraint) -> bool:
    """Say whether two are for the same properties of the same entities."""
    return (one.label, one.properties, one.relationship) == (
        *(other.label, other.properties, other.relationship),
    )


def drop_index(
    unit: Altering, database: str, command: tree.DropIndex, counted: Statistics
) -> list[Notification]:
    """Drop an index, unless it belongs to a constraint."""
    graph, name = _graph(unit, database), command.name
    index = next((one for one in graph.indexes if one.name == name), None)
    if name in LOOKUPS.values():
        raise fault(
            "IndexDropFailed",
            f"Unable to drop index: the index {name} is how labels and types are found, and every"
            " graph has it",
            at=command.at,
        )
    if index is None:
        message = f"Unable to drop index called `{name}`. There is no such index."
        if command.if_exists:
            return [does_not_exist(f"DROP INDEX {name_text(name)} IF EXISTS", name)]
        raise fault("IndexToDropNotFound", message)
    if index.constraint:
        raise fault(
            "IndexDropFailed",
            f"Unable to drop index: Index belongs to constraint: `{name}`",
        )
    remaining = tuple(one for one in graph.indexes if one is not index)
    _describe(unit, database, graph, replace(graph, indexes=remaining), dropped=[index])
    counted.indexes_removed += 1
    return []


def create_constraint(
    unit: Altering, database: str, command: tree.CreateConstraint, counted: Statistics
) -> list[Notification]:
    """Create a constraint, with its index if it has one, unless the data break it."""
    graph = _graph(unit, database)
    _check_properties("Constraint", command)
    if command.type is not None:
        _check_type(command, command.type)
    parts = (command.kind, command.relationship, command.label, *command.properties, command.type)
    constraint = GraphConstraint(
        command.name or wording.given_name("constraint", parts),
        command.kind,
        command.label,
        command.properties,
        command.relationship,
        command.type,
    )
    refused = _against_constraint(graph, constraint)
    if refused is not None:
        if command.if_not_exists:
            told = wording.told_constraint(constraint, _if_not_exists(command.name))
            return [already_exists(f"CREATE {told}", refused[1])]
        raise refused[0]
    indexes: list[GraphIndex] = []
    if constraint.kind in ("unique", "key"):
        indexes.append(
            GraphIndex(
                constraint.name,
                constraint.label,
                constraint.properties,
                constraint.relationship,
                unique=True,
                constraint=True,
            )
        )
    new = replace(
        graph,
        indexes=(*graph.indexes, *indexes),
        constraints=(*graph.constraints, constraint),
    )
    _describe(unit, database, graph, new, indexes)
    filling.check(unit, database, constraint)
    for index in indexes:
        filling.fill(unit, database, index, constraint)
    counted.constraints_added += 1
    return []


def _against_constraint(graph: Graph, constraint: GraphConstraint) -> _Refused | None:
    """Return why a constraint cannot be created beside what is there."""
    keyed = constraint.kind in ("unique", "key")
    for number, one in enumerate(graph.constraints, start=3):
        if not _same(one, constraint):
            continue
        places = {index.name: place for place, index in enumerate(graph.indexes, 3)}
        shown = wording.shown_constraint(one, (number, places.get(one.name, 0)))
        there = wording.told_constraint(one, one.name)
        alike = one.kind == constraint.kind
        if alike and one.type == constraint.type:
            if one.name == constraint.name:
                message = f"An equivalent constraint already exists, '{shown}'."
                return fault("EquivalentSchemaRuleAlreadyExists", message), there
            return fault("ConstraintAlreadyExists", f"Constraint already exists: {shown}"), there
        if alike or (keyed and one.kind in ("unique", "key")):
            message = f"Conflicting constraint already exists: {shown}"
            return fault("ConstraintAlreadyExists", message), there
    for index in graph.indexes:
        if keyed and index.kind == "range" and not index.constraint and _same(index, constraint):
            message = (
                f"There already exists an index {wording.schema(index)}. A constraint cannot be"
                " created until the index has been dropped."
            )
            return fault("IndexAlreadyExists", message), wording.told_index(index, index.name)
    return _name_taken(graph, constraint.name)


def drop_constraint(
    unit: Altering, database: str, command: tree.DropConstraint, counted: Statistics
) -> list[Notification]:
    """Drop a constraint, with its index."""
    graph, name = _graph(unit, database), command.name
    if all(one.name != name for one in graph.constraints):
        if command.if_exists:
            return [does_not_exist(f"DROP CONSTRAINT {name_text(name)} IF EXISTS", name)]
        message = f"Unable to drop constraint `{name}`: No such constraint {name}."
        raise fault("ConstraintNotFound", message)
    owned = [one for one in graph.indexes if one.name == name and one.constraint]
    new = replace(
        graph,
        indexes=tuple(one for one in graph.indexes if one not in owned),
        constraints=tuple(one for one in graph.constraints if one.name != name),
    )
    _describe(unit, database, graph, new, dropped=owned)
    counted.constraints_removed += 1
    return []


def _check_properties(sort: str, command: tree.CreateIndex | tree.CreateConstraint) -> None:
    if len(set(command.properties)) < len(command.properties):
        inside = f":{command.label} {{{', '.join(command.properties)}}}"
        schema = f"()-[{inside}]-()" if command.relationship else f"({inside})"
        message = f"{sort} on {schema} includes a property more than once."
        raise fault("RepeatedProperty", message)


_NO_PROPERTIES: Final = frozenset(
    {"NODE", "RELATIONSHIP", "MAP", "PATH", "ANY", "NULL", "NOTHING", "PROPERTY VALUE", "POINT"}
)


def _check_type(constraint: tree.CreateConstraint, type: str) -> None:
    """Raise for a type that no property has, and for more than one property."""
    plain = type.replace(" NOT NULL", "").replace("LIST<", "").replace(">", "")
    wrong = next((one for one in plain.split(" | ") if one in _NO_PROPERTIES), None)
    if wrong is not None or len(constraint.properties) != 1:
        what = f"Invalid property type `{type}`." if wrong else "It is for one property only."
        sort = "relationship" if constraint.relationship else "node"
        raise fault(
            "UnexpectedSyntax",
            f"Failed to create {sort} property type constraint: {what}",
            at=constraint.at,
        )


def _graph(unit: Altering, database: str) -> Graph:
    found = find(unit, database)
    return fresh() if found is None else found.graph


def _describe(
    unit: Altering,
    database: str,
    old: Graph,
    new: Graph,
    made: Iterable[GraphIndex] = (),
    dropped: Iterable[GraphIndex] = (),
) -> None:
    """Have the catalog know the graph as it shall be, with the tables of its indexes."""
    changes: list[Change] = []
    if find(unit, database) is None:
        space = database not in unit.catalog.namespaces
        changes += layout.made(database, new, unit.document, space=space)
    else:
        changes += layout.described(database, old, new, unit.document)
    changes += [CreateContainer(layout.index_table(database, index)) for index in made]
    changes += [DropContainer(layout.index_table(database, index)) for index in dropped]
    unit.change(changes)
