"""How indexes and constraints are named and told about, in Neo4j's words."""

from __future__ import annotations

from collections.abc import Iterable
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


def shown_constraint(constraint: GraphConstraint, number: int) -> str:
    """Return a constraint as errors about equal ones show it."""
    kind = constraint_type(constraint).replace("_", " ")
    if constraint.kind == "unique":
        kind = f"{'RELATIONSHIP' if constraint.relationship else 'NODE'} PROPERTY UNIQUENESS"
    return (
        f"Constraint( id={number}, name='{constraint.name}', type='{kind}',"
        f" schema={schema(constraint)} )"
    )


def given_name(kind: str, parts: Iterable[object]) -> str:
    """Return the name of what was created without one: the same for the same schema."""
    text = "\0".join(map(str, parts))
    return f"{kind}_{blake2b(text.encode(), digest_size=4).hexdigest()}"


def create_index(index: GraphIndex) -> str:
    """Return the statement that creates an index."""
    return (
        f"CREATE {index.kind.upper()} INDEX {name_text(index.name)}"
        f" FOR {_subject(index)} ON ({_properties(index)})"
    )


def create_constraint(constraint: GraphConstraint) -> str:
    """Return the statement that creates a constraint."""
    is_what = _CONSTRAINTS[constraint.kind, constraint.relationship][1]
    if constraint.kind == "type":
        is_what += f" {constraint.type}"
    return (
        f"CREATE CONSTRAINT {name_text(constraint.name)} FOR {_subject(constraint)}"
        f" REQUIRE ({_properties(constraint)}) {is_what}"
    )


def _subject(one: GraphIndex | GraphConstraint) -> str:
    label = name_text(one.label)
    return f"()-[r:{label}]-()" if one.relationship else f"(n:{label})"


def _properties(one: GraphIndex | GraphConstraint) -> str:
    variable = "r" if one.relationship else "n"
    return ", ".join([f"{variable}.{name_text(name)}" for name in one.properties])
