"""Keywords of ``$jsonSchema`` about arrays: how many items, which, and no two alike."""

from __future__ import annotations

from typing import Any

from bson.int64 import Int64

from fivefold.languages.mongo.match.numbers import size_number
from fivefold.languages.mongo.match.schema import (
    Rule,
    Schema,
    broken,
    read_schema,
    unordered_key,
)
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import NAMES, Document, kind_of


def array_rules(schema: Document) -> list[Rule]:
    """Return the rules of a schema about arrays."""
    rules = []
    for keyword in ("minItems", "maxItems"):
        if keyword in schema:
            rules.append(_count(keyword, schema[keyword]))
    if "uniqueItems" in schema and (rule := _unique(schema["uniqueItems"])):
        rules.append(rule)
    first: int | None = None
    if "items" in schema:
        items = schema["items"]
        if isinstance(items, list):
            first = len(items)
        rules.append(_items(items))
    if "additionalItems" in schema:
        rule = _additional(schema["additionalItems"], first)
        if rule is not None:
            rules.append(rule)
    return rules


def _count(keyword: str, value: Any) -> Rule:
    limit = size_number(keyword, value)
    least = keyword == "minItems"

    def holds(value: Any) -> bool:
        if not isinstance(value, list):
            return True
        return len(value) >= limit if least else len(value) <= limit

    def why(found: Any) -> list[Document]:
        details = broken(keyword, {keyword: value}, "array did not match specified length", found)
        return [{**details, "numberOfItems": len(found)}]

    return Rule(keyword, holds, why)


def _unique(wanted: Any) -> Rule | None:
    if not isinstance(wanted, bool):
        raise fault(14, "$jsonSchema keyword 'uniqueItems' must be a boolean")
    if not wanted:
        return None

    def holds(value: Any) -> bool:
        return not isinstance(value, list) or len({unordered_key(each) for each in value}) == len(
            value
        )

    def why(value: Any) -> list[Document]:
        seen = set()
        for each in value:
            key = unordered_key(each)
            if key in seen:
                break
            seen.add(key)
        details = broken("uniqueItems", {"uniqueItems": True}, "found a duplicate item", value)
        return [{**details, "duplicatedValue": each}]

    return Rule("uniqueItems", holds, why)


def _items(items: Any) -> Rule:
    if isinstance(items, dict):
        reason = "At least one item did not match the sub-schema"
        return _each_from("items", read_schema(items), 0, reason)
    if not isinstance(items, list):
        raise fault(
            14,
            "$jsonSchema keyword 'items' must be an array or an object, not "
            f"{NAMES[kind_of(items)]}",
        )
    for each in items:
        if not isinstance(each, dict):
            raise fault(
                14,
                "$jsonSchema keyword 'items' requires that each element of the array is an object, "
                f"but found a {NAMES[kind_of(each)]}",
            )
    schemas = [read_schema(each) for each in items]

    def holds(value: Any) -> bool:
        return not isinstance(value, list) or all(
            schema.matches(each) for schema, each in zip(schemas, value, strict=False)
        )

    def why(value: Any) -> list[Document]:
        details = [
            {"itemIndex": Int64(at), "details": schema.why(each)}
            for at, (schema, each) in enumerate(zip(schemas, value, strict=False))
            if not schema.matches(each)
        ]
        return [{"operatorName": "items", "details": details}]

    return Rule("items", holds, why)


def _each_from(keyword: str, schema: Schema, first: int, reason: str) -> Rule:
    """Return the rule that all items from the place ``first`` on are valid."""

    def failing(value: Any) -> tuple[int, Any] | None:
        for at in range(first, len(value)):
            if not schema.matches(value[at]):
                return at, value[at]
        return None

    def why(value: Any) -> list[Document]:
        found = failing(value)
        assert found is not None
        at, each = found
        return [
            {
                "operatorName": keyword,
                **schema.notes,
                "reason": reason,
                "itemIndex": Int64(at),
                "details": schema.why(each),
            }
        ]

    return Rule(keyword, lambda value: not isinstance(value, list) or failing(value) is None, why)


def _additional(value: Any, first: int | None) -> Rule | None:
    if not isinstance(value, bool | dict):
        raise fault(
            14,
            "$jsonSchema keyword 'additionalItems' must be either an object or a boolean, but got a"
            f" {NAMES[kind_of(value)]}",
        )
    schema = read_schema(value) if isinstance(value, dict) else None
    if first is None or value is True:
        return None
    if schema is not None:
        reason = "At least one additional item did not match the sub-schema"
        return _each_from("additionalItems", schema, first, reason)

    def why(value: Any) -> list[Document]:
        return [
            {
                "operatorName": "additionalItems",
                "specifiedAs": {"additionalItems": False},
                "reason": "found additional items",
                "additionalItems": value[first:],
            }
        ]

    return Rule(
        "additionalItems",
        lambda value: not isinstance(value, list) or len(value) <= first,
        why,
    )
