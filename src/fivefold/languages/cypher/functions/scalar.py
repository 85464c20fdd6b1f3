"""Scalar functions: of entities and of values of any type (Cypher Manual, "Scalar functions")."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from fivefold.languages.cypher.functions.function import Function, by_name, declare, invalid
from fivefold.languages.cypher.graph import Run
from fivefold.values.graph.entities import Entity, Node, Path, Relationship, contents_of
from fivefold.values.graph.order import equals
from fivefold.values.graph.types import type_of

_of: Callable[..., Function] = partial(declare, "Scalar")
_ENTITY = "NODE | RELATIONSHIP"


def _coalesce(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)


def _element_id(run: Run, entity: Any) -> str:
    """Return an entity's id among all: the sort, 4 or 5 as in Neo4j, the graph and the number."""
    if not isinstance(entity, Entity):
        raise invalid("elementId", entity, "a Node or Relationship")
    sort = 4 if isinstance(entity, Node) else 5
    return f"{sort}:{run.graph.uuid}:{entity.id}"


def _id(entity: Any) -> int:
    if not isinstance(entity, Entity):
        raise invalid("id", entity, "a Node or Relationship")
    return entity.id


def _start_node(run: Run, relationship: Any) -> Node | None:
    if not isinstance(relationship, Relationship):
        raise invalid("startNode", relationship, "a Relationship")
    return run.graph.node(relationship.start_id)


def _end_node(run: Run, relationship: Any) -> Node | None:
    if not isinstance(relationship, Relationship):
        raise invalid("endNode", relationship, "a Relationship")
    return run.graph.node(relationship.end_id)


def _type(relationship: Any) -> str:
    """Return a relationship's type, which is known of a deleted one too."""
    if not isinstance(relationship, Relationship):
        raise invalid("type", relationship, "a Relationship")
    return relationship.type


def _properties(value: Any) -> dict[str, Any]:
    if type(value) is dict:
        return value
    if not isinstance(value, Entity):
        raise invalid("properties", value, "a Map, a Node or a Relationship")
    return dict(contents_of(value))


def _head(values: Any) -> Any:
    if type(values) is not list:
        raise invalid("head", values, "a List")
    return values[0] if values else None


def _last(values: Any) -> Any:
    if type(values) is not list:
        raise invalid("last", values, "a List")
    return values[-1] if values else None


def _size(value: Any) -> int:
    if type(value) is list or type(value) is str:
        return len(value)
    raise invalid("size", value, "a String or a List")


def _characters(value: Any) -> int:
    if type(value) is not str:
        raise invalid("char_length", value, "a String")
    return len(value)


def _length(path: Any) -> int:
    if not isinstance(path, Path):
        raise invalid("length", path, "a Path")
    return len(path)


def _null_if(one: Any, two: Any) -> Any:
    return None if equals(one, two) else one


def _timestamp(run: Run) -> int:
    """Return the statement's moment in milliseconds since 1970."""
    milliseconds: int = run.now.instant // 1_000_000
    return milliseconds


FUNCTIONS: Final[dict[str, Function]] = by_name(
    (
        _of("char_length(input :: STRING) :: INTEGER", "The number of characters.", _characters),
        _of(
            "character_length(input :: STRING) :: INTEGER",
            "The number of characters.",
            _characters,
        ),
        _of(
            "coalesce(input... :: ANY) :: ANY",
            "The first value that is not null.",
            _coalesce,
            sees_nulls=True,
        ),
        _of(
            f"elementId(input :: {_ENTITY}) :: STRING",
            "The identity of an entity.",
            _element_id,
            needs_run=True,
        ),
        _of(
            "endNode(input :: RELATIONSHIP) :: NODE",
            "The node that it leads to.",
            _end_node,
            needs_run=True,
        ),
        _of("head(list :: LIST<ANY>) :: ANY", "The first element.", _head),
        _of(f"id(input :: {_ENTITY}) :: INTEGER", "The number of an entity.", _id),
        _of("last(list :: LIST<ANY>) :: ANY", "The last element.", _last),
        _of("length(input :: PATH) :: INTEGER", "The number of relationships.", _length),
        _of(
            "nullIf(v1 :: ANY, v2 :: ANY) :: ANY",
            "Null if both are equal, otherwise the first.",
            _null_if,
            sees_nulls=True,
        ),
        _of(f"properties(input :: {_ENTITY} | MAP) :: MAP", "All properties.", _properties),
        _of(
            "randomUUID() :: STRING",
            "A new random UUID.",
            lambda: str(uuid.uuid4()),
            deterministic=False,
        ),
        _of("size(input :: STRING | LIST<ANY>) :: INTEGER", "How many elements it has.", _size),
        _of(
            "startNode(input :: RELATIONSHIP) :: NODE",
            "The node that it comes from.",
            _start_node,
            needs_run=True,
        ),
        _of(
            "timestamp() :: INTEGER",
            "The statement's moment in milliseconds since 1970.",
            _timestamp,
            needs_run=True,
        ),
        _of("type(input :: RELATIONSHIP) :: STRING", "The type of a relationship.", _type),
        _of(
            "valueType(input :: ANY) :: STRING",
            "The most precise type of a value.",
            type_of,
            sees_nulls=True,
        ),
    )
)
