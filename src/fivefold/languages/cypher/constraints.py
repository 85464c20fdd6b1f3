"""What constraints ask of one entity when a statement ends; that keys are unique, indexes see."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from fivefold.catalog.containers import Graph, GraphConstraint
from fivefold.values.graph.entities import Entity, Node, Relationship
from fivefold.values.graph.faults import fault
from fivefold.values.graph.types import compile_type, type_of

_test_of = lru_cache(256)(compile_type)


def check_entity(graph: Graph, entity: Entity) -> None:
    """Raise fault MissingProperty or WrongPropertyType for what a constraint refuses."""
    for constraint in graph.constraints:
        if isinstance(entity, Node):
            concerned = not constraint.relationship and constraint.label in entity.labels
        else:
            assert isinstance(entity, Relationship)
            concerned = constraint.relationship and constraint.label == entity.type
        message = broken(constraint, entity.id, entity.properties) if concerned else None
        if message is not None:
            detail = "WrongPropertyType" if constraint.kind == "type" else "MissingProperty"
            raise fault(detail, message)


def broken(constraint: GraphConstraint, id: int, properties: Mapping[str, Any]) -> str | None:
    """Return how an entity that a constraint is for breaks it, None if it does not."""
    what, sort = ("Relationship", "type") if constraint.relationship else ("Node", "label")
    if constraint.kind == "type":
        assert constraint.type is not None
        (name,) = constraint.properties
        value = properties.get(name)
        if _test_of(constraint.type)(value):
            return None
        return (
            f"{what}({id}) with {sort} `{constraint.label}` required the property `{name}` to be"
            f" of type `{constraint.type}`, but was of type `{type_of(value)}`"
        )
    if constraint.kind not in ("exists", "key"):
        return None
    for name in constraint.properties:
        if name not in properties:
            return f"{what}({id}) with {sort} `{constraint.label}` must have the property `{name}`"
    return None
