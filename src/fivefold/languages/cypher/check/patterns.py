"""Checks of patterns: which variables they bind, and what may stand in those that create.

Source: openCypher 9, "Patterns", "CREATE", "MERGE"; Neo4j Cypher Manual 5, "Patterns".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import fivefold.languages.cypher.check.expressions as expressions
from fivefold.languages.cypher import tree
from fivefold.languages.cypher.check.scope import Here, already_bound, undefined
from fivefold.languages.cypher.check.types import (
    NODE,
    PATH,
    RELATIONSHIP,
    Type,
    list_of,
    may_be,
)
from fivefold.values.graph.faults import fault

_RELATIONSHIPS = list_of(RELATIONSHIP)


def bind(patterns: Sequence[tree.PathPattern], here: Here) -> None:
    """Bind the variables of patterns that are matched together.

    Raises faults VariableTypeConflict, VariableAlreadyBound and RelationshipUniquenessViolation.
    """
    passed: set[str] = set()
    for pattern in patterns:
        _check_shortest(pattern)
        for element in pattern.elements:
            name = element.variable
            if isinstance(element, tree.NodePattern):
                if name is not None:
                    _bind_entity(name, NODE, element.at, here)
            elif name is not None:
                if name in passed and here.scope.get(name) in (RELATIONSHIP, _RELATIONSHIPS):
                    raise fault(
                        "RelationshipUniquenessViolation",
                        f"Cannot use the same relationship variable '{name}' for multiple"
                        " relationships",
                        at=element.at,
                    )
                passed.add(name)
                single = element.length is None
                wanted = RELATIONSHIP if single else _RELATIONSHIPS
                _bind_entity(name, wanted, element.at, here)
        _bind_path(pattern, here)


def _bind_entity(name: str, wanted: Type, at: int, here: Here) -> None:
    known = here.scope.get(name)
    if known is not None and not may_be(known, wanted):
        raise fault(
            "VariableTypeConflict",
            f"Type mismatch: {name} defined with conflicting type {known} (expected {wanted})",
            at=at,
        )
    here.scope.names[name] = wanted


def _bind_path(pattern: tree.PathPattern, here: Here) -> None:
    if pattern.variable is None:
        return
    if here.scope.get(pattern.variable) is not None:
        raise already_bound(pattern.variable, pattern.at)
    here.scope.names[pattern.variable] = PATH


def _check_shortest(pattern: tree.PathPattern) -> None:
    if pattern.shortest is not None and len(pattern.elements) != 3:
        raise fault(
            "InvalidRelationshipPattern",
            f"{pattern.shortest.value}(...) requires a pattern containing a single relationship",
            at=pattern.at,
        )


def check_contents(pattern: tree.PathPattern, here: Here) -> None:
    """Check labels, properties and conditions of a pattern whose variables are bound."""
    for element in pattern.elements:
        is_relationship = isinstance(element, tree.RelationshipPattern)
        note_labels(_labels_of(element), here, is_relationship=is_relationship)
        if element.properties is not None:
            expressions.check(element.properties, here)
        expressions.check_condition(element.where, here)


def _labels_of(element: tree.NodePattern | tree.RelationshipPattern) -> tree.Labels | None:
    return element.labels if isinstance(element, tree.NodePattern) else element.types


def names_of_labels(labels: tree.Labels | None) -> Iterator[tree.Label]:
    """Yield the labels that an expression over labels mentions."""
    match labels:
        case tree.Label():
            yield labels
        case tree.LabelNot(operand):
            yield from names_of_labels(operand)
        case tree.LabelAnd(operands) | tree.LabelOr(operands):
            for operand in operands:
                yield from names_of_labels(operand)


def note_labels(labels: tree.Labels | None, here: Here, *, is_relationship: bool) -> None:
    """Note which labels, or types of relationships, the statement asks for."""
    noted = here.state.types if is_relationship else here.state.labels
    for label in names_of_labels(labels):
        noted.setdefault(label.name, label.at)


def refuse_new_variables(pattern: tree.PathPattern, here: Here) -> None:
    """Raise fault UndefinedVariable if a pattern that only asks has a variable of its own."""
    for part in (pattern, *pattern.elements):
        if part.variable is not None and here.scope.get(part.variable) is None:
            raise undefined(part.variable, part.at)


# Patterns that create.


def bind_created(pattern: tree.PathPattern, clause: str, here: Here) -> None:
    """Bind and check a pattern of CREATE or MERGE.

    What it may refer to is what was bound before, further to the left too. Raises faults
    VariableAlreadyBound, NoSingleRelationshipType, RequiresDirectedRelationship,
    CreatingVarLength, VariableTypeConflict.
    """
    if pattern.shortest is not None:
        message = f"{pattern.shortest.value}(...) cannot be used to {clause}"
        raise fault("InvalidRelationshipPattern", message, at=pattern.at)
    for element in pattern.elements:
        if element.where is not None:
            raise fault(
                "UnexpectedSyntax",
                f"Pattern predicates are not allowed in a {clause} clause, but only in a MATCH"
                " clause",
                at=expressions.start(element.where),
            )
        if isinstance(element, tree.NodePattern):
            _created_node(element, len(pattern.elements) == 1, clause, here)
        else:
            _created_relationship(element, clause, here)
    _bind_path(pattern, here)


def _created_node(node: tree.NodePattern, is_alone: bool, clause: str, here: Here) -> None:
    known = None if node.variable is None else here.scope.get(node.variable)
    if node.variable is not None and known is not None:
        if is_alone:
            raise already_bound(node.variable, node.at)
        if node.labels is not None or node.properties is not None:
            raise fault(
                "VariableAlreadyBound",
                f"Can't create node `{node.variable}` with labels or properties here. The variable"
                " is already declared in this context",
                at=node.at,
            )
    _check_plain_labels(node.labels, clause)
    if node.properties is not None:
        expressions.check(node.properties, here)
    if node.variable is not None:
        _bind_entity(node.variable, NODE, node.at, here)


def _check_plain_labels(labels: tree.Labels | None, clause: str) -> None:
    operands = labels.operands if isinstance(labels, tree.LabelAnd) else (labels,)
    for operand in operands:
        if operand is not None and not isinstance(operand, tree.Label):
            raise fault(
                "UnexpectedSyntax",
                f"Label expressions in patterns are not allowed in a {clause} clause, but only in a"
                " MATCH clause",
                at=getattr(operand, "at", 0),
            )


def _created_relationship(made: tree.RelationshipPattern, clause: str, here: Here) -> None:
    if made.variable is not None and here.scope.get(made.variable) is not None:
        raise already_bound(made.variable, made.at)
    if made.length is not None:
        message = f"Variable length relationships cannot be used in {clause}"
        raise fault("CreatingVarLength", message, at=made.at)
    if not isinstance(made.types, tree.Label):
        raise fault(
            "NoSingleRelationshipType",
            f"A single relationship type must be specified for {clause}"
            if made.types is not None
            else f"Exactly one relationship type must be specified for {clause}. Did you forget to"
            " prefix your relationship type with a ':'?",
            at=made.at,
        )
    if made.direction is tree.Direction.EITHER and clause == "CREATE":
        message = "Only directed relationships are supported in CREATE"
        raise fault("RequiresDirectedRelationship", message, at=made.at)
    if made.properties is not None:
        expressions.check(made.properties, here)
    if made.variable is not None:
        here.scope.names[made.variable] = RELATIONSHIP
