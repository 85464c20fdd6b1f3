"""How indexes and constraints are named and told about, in Neo4j's words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from hashlib import blake2b

from fivefold.catalog.containers import GraphConstraint, GraphIndex
from fivefold.values.graph.text import name_text

_CONSTRAINTS = {
    # (kind, of relationships): what SHOW CONSTRAINTS calls it, what comes after IS.
    ("unique", False): ("UNIQUENESS", "IS UNIQUE"),
    ("unique", True): ("RELATIONSHIP_UNIQUENESS", "IS UNIQUE"),
    ("key", False): ("NODE_KEY", "IS NODE KEY"),
    ("key", True): ("RELATIONSHIP_KEY", "IS RELATIONSHIP KEY"),
    ("exists", False): ("NODE_PROPERTY_EXISTENCE", "IS NOT NULL"),
    ("exists", True): ("RELATIONSHIP_PROPERTY_EXISTENCE", "IS NOT NULL"),
    ("type", False): ("NODE_PROPERTY_TYPE", "IS ::"),
    ("type", True): ("RELATIONSHIP_PROPERTY_TYPE", "IS ::"),
}
_PROVIDERS = {"range": "range-1.0", "text": "text-2.0", "point": "point-1.0"}


def constraint_type(constraint: GraphConstraint) -> str:
    """Return what SHOW CONSTRAINTS calls a constraint's kind."""
    return _CONSTRAINTS[constraint.kind, constraint.relationship][0]


def provider(kind: str) -> str:
    """Return the name of what Neo4j keeps such an index with."""
    return _PROVIDERS[kind]


def schema(one: GraphIndex | GraphConstraint) -> str:
    """Return ``(:Label {a, b})`` or ``()-[:TYPE {a}]-()``."""
    properties = ", ".join(map(name_text, one.properties))
    inside = f":{name_text(one.label)} {{{properties}}}"
    return f"()-[{inside}]-()" if one.relationship else f"({inside})"


def shown_index(index: GraphIndex, number: int) -> str:
    """Return an index as errors about equal ones show it."""
    return (
        f"Index( id={number}, name='{index.name}', type='{index.kind.upper()}',"
        f" schema={schema(index)}, indexProvider='{provider(index.kind)}' )"
    )


def shown_constraint(constraint: GraphConstraint, numbers: tuple[int, int] | None = None) -> str:
    """Return a constraint as errors about equal ones show it.

    ``numbers`` are its own and its index's; none if it is not there.
    """
    kind = constraint_type(constraint).replace("_", " ")
    shown = f"name='{constraint.name}', type='{kind}', schema={schema(constraint)}"
    if numbers is not None:
        shown = f"id={numbers[0]}, {shown}"
        if constraint.kind in ("unique", "key"):
            shown += f", ownedIndex={numbers[1]}"
    if constraint.type is not None:
        shown += f", propertyType={constraint.type}"
    return f"Constraint( {shown} )"


def given_name(kind: str, parts: Iterable[object]) -> str:
    """Return the name of what was created without one: the same for the same schema."""
    text = "\0".join(map(str, parts))
    return f"{kind}_{blake2b(text.encode(), digest_size=4).hexdigest()}"


def create_index(index: GraphIndex) -> str:
    """Return the statement that creates an index, every name in backticks."""
    return (
        f"CREATE {_index(index, _quoted(index.name), 'r' if index.relationship else 'n', _quoted)}"
    )


def create_constraint(constraint: GraphConstraint) -> str:
    """Return the statement that creates a constraint, every name in backticks."""
    variable = "r" if constraint.relationship else "n"
    return f"CREATE {_constraint(constraint, _quoted(constraint.name), variable, _quoted)}"


def told_index(index: GraphIndex, name: str | None) -> str:
    """Return what a notification calls an index; ``name`` also holds IF NOT EXISTS."""
    return _index(index, name, "e", name_text)


def told_constraint(constraint: GraphConstraint, name: str | None) -> str:
    """Return what a notification calls a constraint; ``name`` also holds IF NOT EXISTS."""
    return _constraint(constraint, name, "e", name_text)


def _quoted(name: str) -> str:
    return f"`{name.replace('`', '``')}`"


def _index(
    index: GraphIndex, name: str | None, variable: str, spelled: Callable[[str], str]
) -> str:
    called = "" if name is None else f" {name}"
    return (
        f"{index.kind.upper()} INDEX{called} FOR {_subject(index, variable, spelled)}"
        f" ON ({_properties(index, variable, spelled)})"
    )


def _constraint(
    constraint: GraphConstraint, name: str | None, variable: str, spelled: Callable[[str], str]
) -> str:
    is_what = _CONSTRAINTS[constraint.kind, constraint.relationship][1]
    if constraint.kind == "type":
        is_what += f" {constraint.type}"
    called = "" if name is None else f" {name}"
    return (
        f"CONSTRAINT{called} FOR {_subject(constraint, variable, spelled)}"
        f" REQUIRE ({_properties(constraint, variable, spelled)}) {is_what}"
    )


def _subject(
    one: GraphIndex | GraphConstraint, variable: str, spelled: Callable[[str], str]
) -> str:
    inside = f"{variable}:{spelled(one.label)}"
    return f"()-[{inside}]-()" if one.relationship else f"({inside})"


def _properties(
    one: GraphIndex | GraphConstraint, variable: str, spelled: Callable[[str], str]
) -> str:
    return ", ".join([f"{variable}.{spelled(name)}" for name in one.properties])
