"""What constraints ask of one entity when a statement ends; that keys are unique, indexes see."""

from __future__ import annotations

from fivefold.catalog.containers import Graph
from fivefold.values.graph.entities import Entity, Node, Relationship
from fivefold.values.graph.faults import fault


def check_entity(graph: Graph, entity: Entity) -> None:
    """Raise fault MissingProperty for an entity that lacks what a constraint asks for."""
    for constraint in graph.constraints:
        if constraint.kind not in ("exists", "key"):
            continue
        if isinstance(entity, Node):
            concerned = not constraint.relationship and constraint.label in entity.labels
        else:
            assert isinstance(entity, Relationship)
            concerned = constraint.relationship and constraint.label == entity.type
        missing = [name for name in constraint.properties if name not in entity.properties]
        if concerned and missing:
            what, sort = ("Node", "label") if isinstance(entity, Node) else ("Relationship", "type")
            raise fault(
                "MissingProperty",
                f"{what}({entity.id}) with {sort} `{constraint.label}` must have the property"
                f" `{missing[0]}`",
            )
