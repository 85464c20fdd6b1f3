"""Checks of USING: a hint has to be about something that the MATCH looks for.

Source: Neo4j Cypher Manual 5, "Index hints for the Cypher planner", held against Neo4j 5.26.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fivefold.errors import FivefoldError
from fivefold.languages.cypher import tree
from fivefold.languages.cypher.check.patterns import names_of_labels
from fivefold.languages.cypher.check.scope import Scope, undefined
from fivefold.languages.cypher.walk import every
from fivefold.values.graph.faults import fault

_WHERE = (
    "either in the pattern or in supported predicates in `WHERE` (either directly or as part of a"
    " top-level `AND` or `OR`)"
)
_PREDICATES = (
    "Supported predicates are: equality comparison, inequality (range) comparison, `STARTS WITH`,"
    " `IN` condition or checking property existence. The comparison cannot be performed between two"
    " property values."
)


def check_hints(clause: tree.Match, scope: Scope) -> None:
    """Raise the fault for the first hint of a MATCH that cannot be followed."""
    for hint in clause.hints:
        for name, at in hint.variables:
            if scope.get(name) is None:
                raise undefined(name, at)
        if hint.kind != "join":
            _check_index(clause, hint)
        elif all(len(pattern.elements) == 1 for pattern in clause.patterns):
            message = "Cannot use join hint for single node pattern."
            raise fault("InvalidHint", message, at=hint.at)


def _check_index(clause: tree.Match, hint: tree.Hint) -> None:
    ((variable, _),) = hint.variables
    elements = [
        element
        for pattern in clause.patterns
        for element in pattern.elements
        if element.variable == variable
    ]
    is_node = not any(isinstance(element, tree.RelationshipPattern) for element in elements)
    labels = dict.fromkeys(_labels(clause, elements, variable))
    if hint.label not in labels:
        raise _no_label(hint, variable, [*labels], is_node=is_node)
    keys = dict.fromkeys(_keys(clause, elements, variable))
    if any(name not in keys for name in hint.properties):
        raise _no_property(hint, variable, [*keys], is_node=is_node)


_Elements = Sequence[tree.NodePattern | tree.RelationshipPattern]


def _labels(clause: tree.Match, elements: _Elements, variable: str) -> Iterator[str]:
    for element in elements:
        labels = element.labels if isinstance(element, tree.NodePattern) else element.types
        yield from (label.name for label in names_of_labels(labels))
    for node in every(clause.where) if clause.where is not None else ():
        if isinstance(node, tree.HasLabels) and _is(node.subject, variable):
            yield from (label.name for label in names_of_labels(node.labels))


def _keys(clause: tree.Match, elements: _Elements, variable: str) -> Iterator[str]:
    for element in elements:
        if isinstance(element.properties, tree.MapLiteral):
            yield from (key for key, _ in element.properties.entries)
    for where in (clause.where, *(element.where for element in elements)):
        for node in every(where) if where is not None else ():
            if isinstance(node, tree.Property) and _is(node.subject, variable):
                yield node.key


def _is(subject: tree.Expression, variable: str) -> bool:
    return isinstance(subject, tree.Variable) and subject.name == variable


def _no_label(hint: tree.Hint, variable: str, found: list[str], *, is_node: bool) -> FivefoldError:
    entity, sort, function = (
        ("node", "label", "labels") if is_node else ("relationship", "relationship type", "type")
    )
    seen = f"no {sort} was found"
    if found:
        several = len(found) > 1
        seen = (
            f"only the {sort}{'s' if several else ''} {_listed(found)}"
            f" {'were' if several else 'was'} found"
        )
    return _cannot(
        hint,
        f"Must use {sort} `{hint.label}`, that the hint is referring to, on the {entity}"
        f" `{variable}` {_WHERE}, but {seen}. Predicates must include the {sort} literal"
        f" `{hint.label}`. That is, the function `{function}()` is not compatible with indexes."
        f" Note that {sort} `{hint.label}` must be specified on a non-optional {entity}.",
    )


def _no_property(
    hint: tree.Hint, variable: str, found: list[str], *, is_node: bool
) -> FivefoldError:
    entity = "node" if is_node else "relationship"
    sort = f"propert{'ies' if len(hint.properties) > 1 else 'y'} {_listed(hint.properties)}"
    seen = "none was found"
    if found:
        seen = f"only {_listed(found)} {'were' if len(found) > 1 else 'was'} found"
    return _cannot(
        hint,
        f"Must use the {sort}, that the hint is referring to, on the {entity} `{variable}`"
        f" {_WHERE}, but {seen}. {_PREDICATES} Note that the {sort} must be specified on a"
        f" non-optional {entity}.",
    )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _cannot(hint: tree.Hint, why: str) -> FivefoldError:
    ((variable, _),) = hint.variables
    what, shown = "index", f"USING INDEX {variable}:{hint.label}({','.join(hint.properties)})"
    if hint.kind == "scan":
        what, shown = "label scan", f"USING SCAN {variable}:{hint.label}"
    message = f"Cannot use {what} hint `{shown}` in this context: {why}"
    return fault("InvalidHint", message, at=hint.at)
