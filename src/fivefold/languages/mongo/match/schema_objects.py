"""Keywords of ``$jsonSchema`` about documents: which fields, how many, and what they hold."""

from __future__ import annotations

from typing import Any

from fivefold.languages.mongo.match.numbers import size_number
from fivefold.languages.mongo.match.schema import Rule, Schema, broken, read_schema
from fivefold.languages.mongo.patterns import compile_pattern
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import NAMES, Document, kind_of


def object_rules(schema: Document, top: bool) -> list[Rule]:
    """Return the rules of a schema about documents."""
    rules = []
    required = _names(schema["required"]) if "required" in schema else []
    if "properties" in schema:
        rules.append(_properties(schema["properties"]))
    if "patternProperties" in schema or "additionalProperties" in schema:
        rules += _allowed(schema)
    if required:
        rules.append(_required(required, schema["required"]))
    for keyword in ("minProperties", "maxProperties"):
        if keyword in schema:
            rules.append(_count(keyword, schema[keyword]))
    if "dependencies" in schema:
        rules.append(_dependencies(schema["dependencies"], top))
    return rules


def _names(value: Any) -> list[str]:
    if not isinstance(value, list):
        raise fault(
            14,
            "$jsonSchema keyword 'required' must be an array, but found an element of type "
            f"{NAMES[kind_of(value)]}",
        )
    for each in value:
        if not isinstance(each, str):
            raise fault(
                14,
                "$jsonSchema keyword 'required' must be an array of strings, but found an element "
                f"of type: {NAMES[kind_of(each)]}",
            )
    if not value:
        raise fault(9, "$jsonSchema keyword 'required' cannot be an empty array")
    if len({*value}) < len(value):
        raise fault(9, "$jsonSchema keyword 'required' array cannot contain duplicate values")
    return sorted(value)


def _properties(value: Any) -> Rule:
    if not isinstance(value, dict):
        raise fault(14, "$jsonSchema keyword 'properties' must be an object")
    schemas: dict[str, Schema] = {}
    for name, each in value.items():
        if not isinstance(each, dict):
            raise fault(14, f"Nested schema for $jsonSchema property '{name}' must be an object")
        schemas[name] = read_schema(each)

    def holds(value: Any) -> bool:
        if not isinstance(value, dict):
            return True
        for name, schema in schemas.items():
            if name in value and not schema.matches(value[name]):
                return False
        return True

    def why(value: Any) -> list[Document]:
        failing = [
            {"propertyName": name, **schema.notes, "details": schema.why(value[name])}
            for name, schema in schemas.items()
            if name in value and not schema.matches(value[name])
        ]
        return [{"operatorName": "properties", "propertiesNotSatisfied": failing}]

    return Rule("properties", holds, why)


def _required(names: list[str], specified: list[str]) -> Rule:
    def why(value: Any) -> list[Document]:
        return [
            {
                "operatorName": "required",
                "specifiedAs": {"required": specified},
                "missingProperties": [name for name in names if name not in value],
            }
        ]

    return Rule(
        "required",
        lambda value: not isinstance(value, dict) or all(name in value for name in names),
        why,
    )


def _count(keyword: str, value: Any) -> Rule:
    limit = size_number(keyword, value)
    least = keyword == "minProperties"

    def holds(value: Any) -> bool:
        if not isinstance(value, dict):
            return True
        return len(value) >= limit if least else len(value) <= limit

    def why(found: Any) -> list[Document]:
        reason = "specified number of properties was not satisfied"
        details = broken(keyword, {keyword: value}, reason, found)
        del details["consideredValue"]
        return [{**details, "numberOfProperties": len(found)}]

    return Rule(keyword, holds, why)


# additionalProperties and patternProperties -------------------------------------------------------


def _allowed(schema: Document) -> list[Rule]:
    patterns = _pattern_schemas(schema.get("patternProperties", {}))
    rules = []
    if "additionalProperties" in schema:
        others = schema["additionalProperties"]
        if not isinstance(others, bool | dict):
            raise fault(
                14,
                "$jsonSchema keyword 'additionalProperties' must be an object or a boolean",
            )
        named = frozenset(schema.get("properties", ()))
        searches = [compile_pattern(pattern).search for pattern, _ in patterns]

        def additional(value: Document) -> list[str]:
            return [
                name
                for name in value
                if name not in named and not any(search(name) for search in searches)
            ]

        if others is False:
            rules.append(_no_others(additional))
        elif isinstance(others, dict):
            rules.append(_others_valid(additional, read_schema(others)))
    if "patternProperties" in schema:
        rules.append(_pattern_properties(patterns))
    return rules


def _pattern_schemas(value: Any) -> list[tuple[str, Schema]]:
    if not isinstance(value, dict):
        raise fault(14, "$jsonSchema keyword 'patternProperties' must be an object")
    schemas = []
    for pattern, each in value.items():
        if not isinstance(each, dict):
            raise fault(
                14,
                f"$jsonSchema keyword 'patternProperties' has property '{pattern}' which is not an "
                "object",
            )
        compile_pattern(pattern)
        schemas.append((pattern, read_schema(each)))
    return schemas


def _no_others(additional: Any) -> Rule:
    def why(value: Any) -> list[Document]:
        return [
            {
                "operatorName": "additionalProperties",
                "specifiedAs": {"additionalProperties": False},
                "additionalProperties": additional(value),
            }
        ]

    return Rule(
        "additionalProperties",
        lambda value: not isinstance(value, dict) or not additional(value),
        why,
    )


def _others_valid(additional: Any, schema: Schema) -> Rule:
    def failing(value: Document) -> str | None:
        for name in additional(value):
            if not schema.matches(value[name]):
                return str(name)
        return None

    def why(value: Any) -> list[Document]:
        name = failing(value)
        assert name is not None
        return [
            {
                "operatorName": "additionalProperties",
                **schema.notes,
                "reason": "at least one additional property did not match the subschema",
                "failingProperty": name,
                "details": schema.why(value[name]),
            }
        ]

    return Rule(
        "additionalProperties",
        lambda value: not isinstance(value, dict) or failing(value) is None,
        why,
    )


def _pattern_properties(patterns: list[tuple[str, Schema]]) -> Rule:
    def failing(value: Document, pattern: str, schema: Schema) -> str | None:
        search = compile_pattern(pattern).search
        for name, each in value.items():
            if search(name) and not schema.matches(each):
                return name
        return None

    def holds(value: Any) -> bool:
        return not isinstance(value, dict) or all(
            failing(value, pattern, schema) is None for pattern, schema in patterns
        )

    def why(value: Any) -> list[Document]:
        details = []
        for pattern, schema in patterns:
            name = failing(value, pattern, schema)
            if name is not None:
                details.append(
                    {
                        "propertyName": name,
                        **schema.notes,
                        "regexMatched": pattern,
                        "details": schema.why(value[name]),
                    }
                )
        return [{"operatorName": "patternProperties", "details": details}]

    return Rule("patternProperties", holds, why)


# dependencies -------------------------------------------------------------------------------------


def _dependencies(value: Any, top: bool) -> Rule:
    if not isinstance(value, dict):
        raise fault(14, "$jsonSchema keyword 'dependencies' must be an object")
    needs = {name: _dependency(name, each, top) for name, each in value.items()}

    def failing(value: Document) -> list[Document]:
        found = []
        for name, need in needs.items():
            if name not in value:
                continue
            if isinstance(need, Schema):
                if not need.matches(value):
                    found.append({"conditionalProperty": name, "details": need.why(value)})
            elif missing := [each for each in need if each not in value]:
                found.append({"conditionalProperty": name, "missingProperties": missing})
        return found

    def why(value: Any) -> list[Document]:
        return [{"operatorName": "dependencies", "failingDependencies": failing(value)}]

    return Rule(
        "dependencies", lambda value: not isinstance(value, dict) or not failing(value), why
    )


def _dependency(name: str, value: Any, top: bool) -> Schema | list[str]:
    keyword = "$jsonSchema keyword 'dependencies'"
    if isinstance(value, dict):
        return read_schema(value, top)
    if not isinstance(value, list):
        raise fault(14, f"property '{name}' in {keyword} must be either an object or an array")
    if not value:
        raise fault(9, f"property '{name}' in {keyword} cannot be an empty array")
    for place, each in enumerate(value):
        if not isinstance(each, str):
            raise fault(
                14,
                f"array '{name}' in {keyword} can only contain strings, but found element of type: "
                f"{NAMES[kind_of(each)]}",
            )
        if each in value[:place]:
            raise fault(9, f"array '{name}' in {keyword} contains duplicate element: {each}")
    return [*value]
