"""What Neo4j says of a query that is right: codes and words are its own.

Each function returns one notification. ``gql`` is its GQLSTATUS, ``told`` what newer clients read
of it as the status's description.

Source: Neo4j Status Codes 5, "List of GQLSTATUS notification codes", held against Neo4j 5.26.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from fivefold.languages.cypher.graph import Notification

_STATEMENT: Final = "Neo.ClientNotification.Statement."
_SCHEMA: Final = "Neo.ClientNotification.Schema."
_DEPRECATED: Final = "This feature is deprecated and will be removed in future versions."


def cartesian_product(pattern: str, names: Sequence[str], at: int) -> Notification:
    """Patterns of one MATCH that nothing joins; ``names`` are one's own variables."""
    shown = f"identifier{' is' if len(names) == 1 else 's are'}: ({', '.join(names)})"
    cost = (
        "This may produce a large amount of data and slow down query processing. While occasionally"
        " intended, it may often be possible to reformulate the query that avoids the use of this"
        " cross product, perhaps by adding a relationship between the different parts or by using"
        f" OPTIONAL MATCH ({shown})"
    )
    return Notification(
        f"{_STATEMENT}CartesianProduct",
        "This query builds a cartesian product between disconnected patterns.",
        "If a part of a query contains multiple disconnected patterns, this will build a cartesian"
        f" product between all those parts. {cost}",
        severity="INFORMATION",
        category="PERFORMANCE",
        at=at,
        gql="03N90",
        told=f"info: cartesian product. The disconnected pattern '{pattern}' builds a cartesian"
        " product. A cartesian product may produce a large amount of data and slow down query"
        " processing.",
    )


def unbounded_shortest_path(pattern: str, at: int) -> Notification:
    """A shortestPath without an upper limit."""
    title = (
        "The provided pattern is unbounded, consider adding an upper limit to the number of node"
        " hops."
    )
    return Notification(
        f"{_STATEMENT}UnboundedVariableLengthPattern",
        title,
        "Using shortest path with an unbounded pattern will likely result in long execution times."
        " It is recommended to use an upper limit to the number of node hops in your pattern.",
        severity="INFORMATION",
        category="PERFORMANCE",
        at=at,
        gql="03N91",
        told=f"info: unbounded variable length pattern. The provided pattern '{pattern}' is"
        " unbounded. Shortest path with an unbounded pattern may result in long execution times."
        " Use an upper limit (e.g. '[*..5]') on the number of node hops in your pattern.",
    )


def unknown_label(name: str, at: int) -> Notification:
    """A label that no node ever had."""
    return _unknown("Label", "label", "label", "label name is", "01N50", name, at)


def unknown_type(name: str, at: int) -> Notification:
    """A type that no relationship ever had."""
    what = "relationship type"
    return _unknown("RelationshipType", what, what, f"{what} is", "01N51", name, at)


def _unknown(
    code: str, what: str, several: str, missing: str, gql: str, name: str, at: int
) -> Notification:
    return Notification(
        f"{_STATEMENT}Unknown{code}Warning",
        f"The provided {what} is not in the database.",
        f"One of the {several}s in your query is not available in the database, make sure you"
        " didn't misspell it or that the label is available when you run this statement in your"
        f" application (the missing {missing}: {name})",
        category="UNRECOGNIZED",
        at=at,
        gql=gql,
        told=f"warn: {what} does not exist. The {what} `{name}` does not exist. Verify that the"
        " spelling is correct.",
    )


def deprecated_function(name: str, at: int) -> Notification:
    """A function that Neo4j means to take away, with nothing in its place."""
    return _deprecated(
        "01N02",
        f"The query used a deprecated function: `{name}`.",
        f"warn: feature deprecated without replacement. {name} is deprecated and will be removed"
        " without a replacement.",
        at,
    )


def deprecated_subquery(names: Sequence[str], at: int) -> Notification:
    """CALL { } that takes variables by its first WITH, or none."""
    instead = f"Use CALL ({', '.join(names)}) {{ ... }}"
    what = "CALL subquery without a variable scope clause is"
    return _deprecated(
        "01N00",
        f"{what} now deprecated. {instead}",
        f"warn: feature deprecated. {what} deprecated. {instead}",
        at,
    )


def deprecated_properties(left: str, right: str, at: int) -> Notification:
    """SET that takes an entity for its properties: ``left`` is ``n =`` or ``n +=``."""
    return _deprecated(
        "01N01",
        "The use of nodes or relationships for setting properties is deprecated and will be removed"
        " in a future version. Please use properties() instead.",
        f"warn: feature deprecated with replacement. 'SET {left} {right}' is deprecated. It is"
        f" replaced by 'SET {left} properties({right})'.",
        at,
    )


def _deprecated(gql: str, description: str, told: str, at: int) -> Notification:
    return Notification(
        f"{_STATEMENT}FeatureDeprecationWarning",
        _DEPRECATED,
        description,
        category="DEPRECATION",
        at=at,
        gql=gql,
        told=told,
    )


def parameters_not_provided(names: Sequence[str]) -> Notification:
    """EXPLAIN of a query without all of its parameters, as they come in its text."""
    shown = ", ".join(names)
    *others, last = (f"$`{name}`" for name in names)
    quoted = f"{', '.join(others)} and {last}" if others else last
    return Notification(
        f"{_STATEMENT}ParameterNotProvided",
        "The statement refers to a parameter that was not provided in the request.",
        "Did not supply query with enough parameters. The produced query plan will not be cached"
        f" and is not executable without EXPLAIN. (Missing parameters: {shown})",
        category="GENERIC",
        gql="01N60",
        told="warn: parameter missing. The query plan cannot be cached and is not executable"
        f" without 'EXPLAIN' due to the undefined parameter(s) {quoted}. Provide the"
        " parameter(s).",
    )


def hinted_index_not_found(variable: str, label: str, properties: Sequence[str]) -> Notification:
    """USING INDEX of an index that nobody has made."""
    keys = ", ".join(f"`{variable}`.`{name}`" for name in properties)
    return Notification(
        f"{_SCHEMA}HintedIndexNotFound",
        "The request (directly or indirectly) referred to an index that does not exist.",
        "The hinted index does not exist, please check the schema (index is: INDEX FOR"
        f" (`{variable}`:`{label}`) ON ({keys}))",
        category="HINT",
        gql="01N31",
        told="warn: hinted index does not exist. Unable to create a plan with"
        f" 'INDEX :{label}({', '.join(properties)})' because the index does not exist.",
    )


def already_exists(command: str, there: str) -> Notification:
    """CREATE … IF NOT EXISTS of what is there: ``there`` without CREATE."""
    return Notification(
        f"{_SCHEMA}IndexOrConstraintAlreadyExists",
        f"`{command}` has no effect.",
        f"`{there}` already exists.",
        severity="INFORMATION",
        category="SCHEMA",
        gql="00NA0",
        told="note: successful completion - index or constraint already exists. The command"
        f" '{command}' has no effect. The index or constraint specified by '{there}' already"
        " exists.",
    )


def does_not_exist(command: str, name: str) -> Notification:
    """DROP … IF EXISTS of what is not there."""
    return Notification(
        f"{_SCHEMA}IndexOrConstraintDoesNotExist",
        f"`{command}` has no effect.",
        f"`{name}` does not exist.",
        severity="INFORMATION",
        category="SCHEMA",
        gql="00NA1",
        told="note: successful completion - index or constraint does not exist. The command"
        f" '{command}' has no effect. The specified index or constraint `{name}` does not exist.",
    )
