"""``$jsonSchema``: MongoDB's JSON Schema, draft 4 with ``bsonType`` (manual, "$jsonSchema").

A schema is a tuple of rules, in the order in which MongoDB reports them. A rule is of one keyword;
it holds for every value of a type that it does not speak of. A rule also says why it does not
hold, as ``errInfo.details`` of error 121 has it (manual, "Specify JSON Schema Validation").

At the top, where the value is always a document, keywords of other types do nothing, and a type
other than object refuses everything.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import NAMES, Document, Kind, kind_of


@dataclass(frozen=True, slots=True)
class Rule:
    """A keyword's condition. ``why`` gives the details for a value of which it does not hold."""

    keyword: str
    holds: Callable[[Any], bool]
    why: Callable[[Any], list[Document]]


@dataclass(frozen=True, slots=True)
class Schema:
    """A checked schema; ``notes`` are its title and description."""

    rules: tuple[Rule, ...]
    notes: Document = field(default_factory=dict)

    def matches(self, value: Any) -> bool:
        """Tell whether a value is valid under the schema."""
        for rule in self.rules:  # noqa: SIM110 - a generator costs more than the rules
            if not rule.holds(value):
                return False
        return True

    def why(self, value: Any) -> list[Document]:
        """Return which rules a value breaks, and how."""
        return [each for rule in self.rules if not rule.holds(value) for each in rule.why(value)]


def parse_schema(schema: Document) -> Schema:
    """Return the schema of a whole document. Raises fault 2, 9 or 14 for a schema that is none."""
    return read_schema(schema, True)


def explain_schema(schema: Document, document: Document) -> Document:
    """Return the details of why a document is not valid under a schema."""
    parsed = parse_schema(schema)
    broken = parsed.why(document)
    if any(each is NEVER for each in broken):
        return {
            "operatorName": "$jsonSchema",
            "specifiedAs": {"$jsonSchema": schema},
            "reason": "expression always evaluates to false",
        }
    return {"operatorName": "$jsonSchema", **parsed.notes, "schemaRulesNotSatisfied": broken}


NEVER: Document = {}
"""The details of a schema that no document can be valid under."""

_KEYWORDS = frozenset(
    {
        *("title", "description", "type", "bsonType", "enum", "allOf", "anyOf", "oneOf", "not"),
        *("pattern", "minLength", "maxLength", "multipleOf", "minimum", "maximum"),
        *("exclusiveMinimum", "exclusiveMaximum"),
        *("minItems", "maxItems", "uniqueItems", "items", "additionalItems"),
        *("properties", "patternProperties", "additionalProperties", "required"),
        *("minProperties", "maxProperties", "dependencies"),
    }
)
_UNSUPPORTED = frozenset(
    {"$ref", "$schema", "default", "definitions", "format", "id", "encrypt", "encryptMetadata"}
)
_TYPES = {
    "array": Kind.ARRAY,
    "boolean": Kind.BOOL,
    "null": Kind.NULL,
    "object": Kind.OBJECT,
    "string": Kind.STRING,
}
"""JSON Schema's own names of types, for the keyword ``type``."""


def read_schema(schema: Document, top: bool = False) -> Schema:
    """Return a schema, of the whole document if ``top``."""
    from fivefold.languages.mongo.match.schema_arrays import array_rules
    from fivefold.languages.mongo.match.schema_objects import object_rules
    from fivefold.languages.mongo.match.schema_scalars import scalar_rules

    for keyword in schema:
        if keyword in _UNSUPPORTED:
            raise fault(9, f"$jsonSchema keyword '{keyword}' is not currently supported")
        if keyword not in _KEYWORDS:
            raise fault(9, f"Unknown $jsonSchema keyword: {keyword}")
    notes = {}
    for keyword in ("title", "description"):
        if keyword in schema:
            if not isinstance(schema[keyword], str):
                raise fault(14, f"$jsonSchema keyword '{keyword}' must be of type string")
            notes[keyword] = schema[keyword]
    types = _type_rules(schema, top)
    rules = [
        *object_rules(schema, top),
        *_logic_rules(schema, top),
        *types,
    ]
    others = [*scalar_rules(schema), *array_rules(schema)]
    if not top:
        rules = others + rules
    return Schema(tuple(rules), notes)


def _type_rules(schema: Document, top: bool) -> list[Rule]:
    if "type" in schema and "bsonType" in schema:
        raise fault(9, "Cannot specify both $jsonSchema keywords 'type' and 'bsonType'")
    keyword = "type" if "type" in schema else "bsonType"
    if keyword not in schema:
        return []
    kinds = _kinds(keyword, schema[keyword])
    if top:
        if Kind.OBJECT in kinds:
            return []
        return [Rule(keyword, lambda value: False, lambda value: [NEVER])]
    specified = {keyword: schema[keyword]}

    def why(value: Any) -> list[Document]:
        return [
            {
                **broken(keyword, specified, "type did not match", value),
                "consideredType": NAMES[kind_of(value)],
            }
        ]

    return [Rule(keyword, lambda value: kind_of(value) in kinds, why)]


def _kinds(keyword: str, types: Any) -> frozenset[Kind]:
    from fivefold.languages.mongo.match.parse import alias_kinds
    from fivefold.values.documents.kinds import ALIASES

    if not isinstance(types, str | list):
        raise fault(
            14, f"$jsonSchema keyword '{keyword}' must be either a string or an array of strings"
        )
    names = [types] if isinstance(types, str) else types
    kinds: set[Kind] = set()
    for place, name in enumerate(names):
        if not isinstance(name, str):
            raise fault(14, f"$jsonSchema keyword '{keyword}' array elements must be strings")
        if name == "integer":
            raise fault(9, "$jsonSchema type 'integer' is not currently supported.")
        if name in names[:place]:
            raise fault(9, f"$jsonSchema keyword '{keyword}' has duplicate value: {name}")
        kinds |= alias_kinds(name, _TYPES if keyword == "type" else ALIASES)
    if not kinds:
        raise fault(9, f"$jsonSchema keyword '{keyword}' must name at least one type")
    return frozenset(kinds)


def broken(keyword: str, specified: Document, reason: str, value: Any) -> Document:
    """Return the details of a rule that is said of one value."""
    return {
        "operatorName": keyword,
        "specifiedAs": specified,
        "reason": reason,
        "consideredValue": value,
    }


# allOf, anyOf, oneOf, not, enum -------------------------------------------------------------------


def _logic_rules(schema: Document, top: bool) -> list[Rule]:
    rules = []
    for keyword in ("allOf", "anyOf", "oneOf"):
        if keyword in schema:
            schemas = _schemas(keyword, schema[keyword], top)
            rules.append(_LOGIC[keyword](schemas))
    if "not" in schema:
        rules.append(_not_rule(schema["not"], top))
    if "enum" in schema:
        rules.append(_enum_rule(schema["enum"]))
    return rules


def _schemas(keyword: str, value: Any, top: bool) -> list[Schema]:
    if not isinstance(value, list):
        raise fault(14, f"$jsonSchema keyword '{keyword}' must be an array")
    if not value:
        raise fault(2, f"$jsonSchema keyword '{keyword}' must be a non-empty array")
    for each in value:
        if not isinstance(each, dict):
            raise fault(
                14,
                f"$jsonSchema keyword '{keyword}' must be an array of objects, but found an element"
                f" of type {NAMES[kind_of(each)]}",
            )
    return [read_schema(each, top) for each in value]


def _unsatisfied(keyword: str, schemas: list[Schema], value: Any) -> Document:
    from bson.int64 import Int64

    return {
        "operatorName": keyword,
        "schemasNotSatisfied": [
            {"index": Int64(at), **each.notes, "details": each.why(value)}
            for at, each in enumerate(schemas)
            if not each.matches(value)
        ],
    }


def _all_of(schemas: list[Schema]) -> Rule:
    return Rule(
        "allOf",
        lambda value: all(each.matches(value) for each in schemas),
        lambda value: [_unsatisfied("allOf", schemas, value)],
    )


def _any_of(schemas: list[Schema]) -> Rule:
    return Rule(
        "anyOf",
        lambda value: any(each.matches(value) for each in schemas),
        lambda value: [_unsatisfied("anyOf", schemas, value)],
    )


def _one_of(schemas: list[Schema]) -> Rule:
    def why(value: Any) -> list[Document]:
        matching = [at for at, each in enumerate(schemas) if each.matches(value)]
        if not matching:
            return [_unsatisfied("oneOf", schemas, value)]
        return [
            {
                "operatorName": "oneOf",
                "reason": "more than one subschema matched",
                "matchingSchemaIndexes": matching,
            }
        ]

    return Rule("oneOf", lambda value: sum(each.matches(value) for each in schemas) == 1, why)


_LOGIC = {"allOf": _all_of, "anyOf": _any_of, "oneOf": _one_of}


def _not_rule(value: Any, top: bool) -> Rule:
    if not isinstance(value, dict):
        raise fault(
            14,
            "$jsonSchema keyword 'not' must be an object, but found an element of type "
            f"{NAMES[kind_of(value)]}",
        )
    inner = read_schema(value, top)
    details: Document = {"operatorName": "not", "reason": "child expression matched"}
    return Rule("not", lambda value: not inner.matches(value), lambda value: [details])


def _enum_rule(values: Any) -> Rule:
    if not isinstance(values, list):
        raise fault(
            14,
            "$jsonSchema keyword 'enum' must be an array, but found an element of type "
            f"{NAMES[kind_of(values)]}",
        )
    if not values:
        raise fault(9, "$jsonSchema keyword 'enum' cannot be an empty array")
    keys = {unordered_key(each) for each in values}
    if len(keys) < len(values):
        raise fault(9, "$jsonSchema keyword 'enum' array cannot contain duplicate values.")

    def why(value: Any) -> list[Document]:
        return [broken("enum", {"enum": values}, "value was not found in enum", value)]

    return Rule("enum", lambda value: unordered_key(value) in keys, why)


def unordered_key(value: Any) -> Any:
    """Return a key by which values are equal as JSON Schema has it: fields have no order."""
    from fivefold.values.documents.order import hash_key

    if isinstance(value, dict):
        return ("object", frozenset((name, unordered_key(each)) for name, each in value.items()))
    if isinstance(value, list):
        return ("array", tuple(unordered_key(each) for each in value))
    return hash_key(value)
