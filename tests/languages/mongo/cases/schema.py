"""``$jsonSchema``: what is valid, why not, and what is no schema (manual, "$jsonSchema", "Specify
JSON Schema Validation", "View Existing Validation Rules").
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson.decimal128 import Decimal128
from bson.int64 import Int64

Document = dict[str, Any]

STUDENT: Document = {
    "bsonType": "object",
    "title": "Student Object Validation",
    "required": ["address", "major", "name", "year"],
    "properties": {
        "name": {"bsonType": "string", "description": "'name' must be a string and is required"},
        "year": {
            "bsonType": "int",
            "minimum": 2017,
            "maximum": 3017,
            "description": "'year' must be an integer in [ 2017, 3017 ] and is required",
        },
        "gpa": {
            "bsonType": ["double"],
            "description": "'gpa' must be a double if the field exists",
        },
    },
}


def field(schema: Document) -> Document:
    """Return the schema of documents whose field a has a schema."""
    return {"properties": {"a": schema}}


# schema, documents that are valid, documents that are not
VALID: list[tuple[Document, list[Document], list[Document]]] = [
    ({}, [{}, {"a": 1}], []),
    (
        STUDENT,
        [{"name": "A", "year": 2019, "major": "H", "gpa": 3.0, "address": {}}],
        [
            {"name": "A", "year": 2019, "major": "H", "gpa": 3, "address": {}},
            {"name": "A", "year": Int64(2019), "major": "H", "address": {}},
            {"name": "A", "year": 2016, "major": "H", "address": {}},
            {"name": "A", "year": 2019, "address": {}},
        ],
    ),
    ({"bsonType": "object"}, [{}], []),
    ({"bsonType": "string"}, [], [{}, {"a": 1}]),
    ({"type": "object"}, [{}], []),
    ({"minimum": 5, "minItems": 5, "pattern": "x"}, [{}, {"a": 1}], []),
    (field({"bsonType": "int"}), [{}, {"a": 1}], [{"a": 1.0}, {"a": [1]}, {"a": None}]),
    (field({"bsonType": "number"}), [{"a": 1}, {"a": Decimal128("1")}], [{"a": "1"}]),
    (field({"bsonType": ["int", "null"]}), [{"a": 1}, {"a": None}], [{"a": "x"}]),
    (field({"bsonType": "date"}), [{"a": datetime(2020, 1, 1)}], [{"a": "2020"}]),
    (field({"type": "number"}), [{"a": 1}, {"a": 1.5}], [{"a": "x"}]),
    (field({"type": ["string", "boolean"]}), [{"a": "x"}, {"a": True}], [{"a": 1}]),
    (field({"type": "array"}), [{"a": []}], [{"a": {}}]),
    (field({"type": "null"}), [{"a": None}, {}], [{"a": 0}]),
    (field({"enum": [1, "x", None]}), [{}, {"a": 1.0}, {"a": None}], [{"a": 2}, {"a": [1]}]),
    (field({"enum": [{"x": 1, "y": 2}]}), [{"a": {"y": 2, "x": 1}}], [{"a": {"x": 1}}]),
    ({"enum": [{"a": 1}]}, [{"a": 1}], [{"a": 2}, {}]),
    ({"enum": [5]}, [], [{}]),
    (field({"minimum": 5}), [{"a": 5}, {"a": "x"}, {}], [{"a": 4.9}, {"a": float("nan")}]),
    (field({"minimum": 5, "exclusiveMinimum": True}), [{"a": 6}], [{"a": 5}]),
    (field({"maximum": 5}), [{"a": 5}], [{"a": Decimal128("5.1")}]),
    (field({"maximum": 5, "exclusiveMaximum": True}), [{"a": 4}], [{"a": 5}]),
    (field({"multipleOf": 3}), [{"a": 9}, {"a": -3}, {"a": "x"}], [{"a": 10}, {"a": 3.5}]),
    (field({"multipleOf": 0.1}), [{"a": 0.3}, {"a": 7}], [{"a": 0.35}, {"a": float("inf")}]),
    (field({"minLength": 2}), [{"a": "ab"}, {"a": 1}, {"a": "éa"}], [{"a": "é"}]),
    (field({"maxLength": 2}), [{"a": "ab"}, {"a": "\U0001f600\U0001f600"}], [{"a": "abc"}]),
    (field({"pattern": "^a"}), [{"a": "ab"}, {"a": 5}], [{"a": "ba"}]),
    (field({"minItems": 1}), [{"a": [1]}, {"a": "x"}], [{"a": []}]),
    (field({"maxItems": 1}), [{"a": [1]}], [{"a": [1, 2]}]),
    (field({"uniqueItems": True}), [{"a": [1, 2]}], [{"a": [1, 1.0]}, {"a": [{}, {}]}]),
    (
        field({"uniqueItems": True}),
        [{"a": [{"x": 1, "y": 2}, {"x": 1, "y": 3}]}],
        [{"a": [{"x": 1, "y": 2}, {"y": 2, "x": 1}]}],
    ),
    (field({"uniqueItems": False}), [{"a": [1, 1]}], []),
    (field({"items": {"type": "number"}}), [{"a": [1, 2]}, {"a": []}], [{"a": [1, "x"]}]),
    (field({"items": [{"type": "number"}, {"type": "string"}]}), [{"a": [1, "x", None]}], []),
    (field({"items": [{"type": "number"}]}), [{"a": []}], [{"a": ["x"]}]),
    (
        field({"items": [{}], "additionalItems": False}),
        [{"a": [1]}, {"a": []}],
        [{"a": [1, 2]}],
    ),
    (
        field({"items": [{}], "additionalItems": {"type": "string"}}),
        [{"a": [1, "x"]}],
        [{"a": [1, 2]}],
    ),
    (field({"items": {}, "additionalItems": False}), [{"a": [1, 2]}], []),
    (field({"required": ["b"]}), [{}, {"a": 1}, {"a": {"b": None}}], [{"a": {}}]),
    (
        {"properties": {"a": {}}, "additionalProperties": False},
        [{}, {"a": 1}],
        [{"b": 1}, {"a": 1, "b": 1}],
    ),
    (
        {"properties": {"a": {}}, "additionalProperties": {"type": "number"}},
        [{"a": "x", "b": 1}],
        [{"b": "x"}],
    ),
    (
        {"patternProperties": {"^x": {"type": "number"}}, "additionalProperties": False},
        [{"x1": 1}],
        [{"x1": "x"}, {"y": 1}],
    ),
    ({"minProperties": 2}, [{"a": 1, "b": 1}], [{"a": 1}]),
    ({"maxProperties": 1}, [{"a": 1}], [{"a": 1, "b": 1}]),
    ({"dependencies": {"a": ["b"]}}, [{}, {"b": 1}, {"a": 1, "b": 1}], [{"a": 1}]),
    (
        {"dependencies": {"a": {"properties": {"b": {"type": "number"}}}}},
        [{"b": "x"}, {"a": 1, "b": 1}],
        [{"a": 1, "b": "x"}],
    ),
    ({"allOf": [{"required": ["a"]}, field({"minimum": 1})]}, [{"a": 1}], [{}, {"a": 0}]),
    ({"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}, [{"a": 1}, {"b": 1}], [{}]),
    ({"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}, [{"a": 1}], [{}, {"a": 1, "b": 1}]),
    ({"not": {"required": ["a"]}}, [{}], [{"a": 1}]),
    (field({"properties": {"b": {"type": "string"}}}), [{"a": 1}, {"a": {}}], [{"a": {"b": 1}}]),
]


def rules(*broken: Document) -> Document:
    """Return the details of a schema of which rules are broken."""
    return {"operatorName": "$jsonSchema", "schemaRulesNotSatisfied": [*broken]}


def property_details(*details: Document) -> Document:
    """Return the details of a schema whose property a is not valid."""
    failing = {"propertyName": "a", "details": [*details]}
    return rules({"operatorName": "properties", "propertiesNotSatisfied": [failing]})


def leaf(specified: Document, reason: str, value: Any, **others: Any) -> Document:
    """Return the details of a keyword about one value."""
    return {
        "operatorName": next(iter(specified)),
        "specifiedAs": specified,
        "reason": reason,
        "consideredValue": value,
        **others,
    }


# schema, document, errInfo.details.details
DETAILS: list[tuple[Document, Document, Document]] = [
    (
        STUDENT,
        {"name": "Alice", "year": Int64(2019), "major": "History", "gpa": 3, "address": {}},
        {
            "operatorName": "$jsonSchema",
            "title": "Student Object Validation",
            "schemaRulesNotSatisfied": [
                {
                    "operatorName": "properties",
                    "propertiesNotSatisfied": [
                        {
                            "propertyName": "year",
                            "description": "'year' must be an integer in [ 2017, 3017 ] and is "
                            "required",
                            "details": [
                                leaf(
                                    {"bsonType": "int"},
                                    "type did not match",
                                    Int64(2019),
                                    consideredType="long",
                                )
                            ],
                        },
                        {
                            "propertyName": "gpa",
                            "description": "'gpa' must be a double if the field exists",
                            "details": [
                                leaf(
                                    {"bsonType": ["double"]},
                                    "type did not match",
                                    3,
                                    consideredType="int",
                                )
                            ],
                        },
                    ],
                }
            ],
        },
    ),
    (
        {"required": ["b", "a"]},
        {},
        rules(
            {
                "operatorName": "required",
                "specifiedAs": {"required": ["b", "a"]},
                "missingProperties": ["a", "b"],
            }
        ),
    ),
    (
        {"bsonType": "string"},
        {},
        {
            "operatorName": "$jsonSchema",
            "specifiedAs": {"$jsonSchema": {"bsonType": "string"}},
            "reason": "expression always evaluates to false",
        },
    ),
    (
        field({"minimum": 10, "maximum": -10}),
        {"a": 5},
        property_details(
            leaf({"maximum": -10}, "comparison failed", 5),
            leaf({"minimum": 10}, "comparison failed", 5),
        ),
    ),
    (
        field({"minimum": 1, "exclusiveMinimum": True}),
        {"a": 1},
        property_details(leaf({"minimum": 1, "exclusiveMinimum": True}, "comparison failed", 1)),
    ),
    (
        field({"minLength": 4}),
        {"a": "foo"},
        property_details(
            leaf({"minLength": 4}, "specified string length was not satisfied", "foo")
        ),
    ),
    (
        field({"pattern": "^S"}),
        {"a": "x"},
        property_details(leaf({"pattern": "^S"}, "regular expression did not match", "x")),
    ),
    (
        field({"multipleOf": 2}),
        {"a": 3},
        property_details(
            leaf({"multipleOf": 2}, "considered value is not a multiple of the specified value", 3)
        ),
    ),
    (
        field({"minItems": 2}),
        {"a": [1]},
        property_details(
            leaf({"minItems": 2}, "array did not match specified length", [1], numberOfItems=1)
        ),
    ),
    (
        field({"uniqueItems": True}),
        {"a": [1, 2, 1]},
        property_details(
            leaf({"uniqueItems": True}, "found a duplicate item", [1, 2, 1], duplicatedValue=1)
        ),
    ),
    (
        field({"items": {"type": "string", "title": "t"}}),
        {"a": ["x", 1]},
        property_details(
            {
                "operatorName": "items",
                "title": "t",
                "reason": "At least one item did not match the sub-schema",
                "itemIndex": Int64(1),
                "details": [
                    leaf({"type": "string"}, "type did not match", 1, consideredType="int")
                ],
            }
        ),
    ),
    (
        field({"items": [{"type": "string"}]}),
        {"a": [1]},
        property_details(
            {
                "operatorName": "items",
                "details": [
                    {
                        "itemIndex": Int64(0),
                        "details": [
                            leaf({"type": "string"}, "type did not match", 1, consideredType="int")
                        ],
                    }
                ],
            }
        ),
    ),
    (
        field({"items": [{}], "additionalItems": False}),
        {"a": [1, 2, 3]},
        property_details(
            {
                "operatorName": "additionalItems",
                "specifiedAs": {"additionalItems": False},
                "reason": "found additional items",
                "additionalItems": [2, 3],
            }
        ),
    ),
    (
        {"properties": {"a": {}}, "additionalProperties": False},
        {"a": 1, "b": 1, "c": 1},
        rules(
            {
                "operatorName": "additionalProperties",
                "specifiedAs": {"additionalProperties": False},
                "additionalProperties": ["b", "c"],
            }
        ),
    ),
    (
        {"additionalProperties": {"minimum": 1}},
        {"a": 1, "b": 0},
        rules(
            {
                "operatorName": "additionalProperties",
                "reason": "at least one additional property did not match the subschema",
                "failingProperty": "b",
                "details": [leaf({"minimum": 1}, "comparison failed", 0)],
            }
        ),
    ),
    (
        {"patternProperties": {"^x": {"minimum": 1}}},
        {"x1": 0},
        rules(
            {
                "operatorName": "patternProperties",
                "details": [
                    {
                        "propertyName": "x1",
                        "regexMatched": "^x",
                        "details": [leaf({"minimum": 1}, "comparison failed", 0)],
                    }
                ],
            }
        ),
    ),
    (
        {"minProperties": 2},
        {"a": 1},
        rules(
            {
                "operatorName": "minProperties",
                "specifiedAs": {"minProperties": 2},
                "reason": "specified number of properties was not satisfied",
                "numberOfProperties": 1,
            }
        ),
    ),
    (
        {"dependencies": {"a": ["b", "c"]}},
        {"a": 1, "c": 1},
        rules(
            {
                "operatorName": "dependencies",
                "failingDependencies": [{"conditionalProperty": "a", "missingProperties": ["b"]}],
            }
        ),
    ),
    (
        {"dependencies": {"a": {"minProperties": 2}}},
        {"a": 1},
        rules(
            {
                "operatorName": "dependencies",
                "failingDependencies": [
                    {
                        "conditionalProperty": "a",
                        "details": [
                            {
                                "operatorName": "minProperties",
                                "specifiedAs": {"minProperties": 2},
                                "reason": "specified number of properties was not satisfied",
                                "numberOfProperties": 1,
                            }
                        ],
                    }
                ],
            }
        ),
    ),
    (
        field({"anyOf": [{"minimum": 5}, {"maximum": 0}]}),
        {"a": 3},
        property_details(
            {
                "operatorName": "anyOf",
                "schemasNotSatisfied": [
                    {
                        "index": Int64(0),
                        "details": [leaf({"minimum": 5}, "comparison failed", 3)],
                    },
                    {
                        "index": Int64(1),
                        "details": [leaf({"maximum": 0}, "comparison failed", 3)],
                    },
                ],
            }
        ),
    ),
    (
        field({"oneOf": [{"minimum": 1}, {"minimum": 2}]}),
        {"a": 3},
        property_details(
            {
                "operatorName": "oneOf",
                "reason": "more than one subschema matched",
                "matchingSchemaIndexes": [0, 1],
            }
        ),
    ),
    (
        {"not": {"required": ["a"]}},
        {"a": 1},
        rules({"operatorName": "not", "reason": "child expression matched"}),
    ),
    (
        field({"enum": [1, 2]}),
        {"a": 3},
        property_details(leaf({"enum": [1, 2]}, "value was not found in enum", 3)),
    ),
]

# schema, number of the error, its words
BAD: list[tuple[Document, int, str]] = [
    ({"foo": 1}, 9, "Unknown $jsonSchema keyword: foo"),
    ({"$ref": "x"}, 9, "$jsonSchema keyword '$ref' is not currently supported"),
    ({"format": "x"}, 9, "$jsonSchema keyword 'format' is not currently supported"),
    ({"title": 1}, 14, "$jsonSchema keyword 'title' must be of type string"),
    ({"type": "object", "bsonType": "object"}, 9, "Cannot specify both $jsonSchema keywords"),
    ({"type": 1}, 14, "$jsonSchema keyword 'type' must be either a string or an array of strings"),
    ({"type": ["x", 1]}, 2, "Unknown type name alias: x"),
    ({"type": []}, 9, "$jsonSchema keyword 'type' must name at least one type"),
    ({"type": "integer"}, 9, "$jsonSchema type 'integer' is not currently supported."),
    ({"bsonType": ["int", "int"]}, 9, "$jsonSchema keyword 'bsonType' has duplicate value: int"),
    ({"bsonType": "foo"}, 2, "Unknown type name alias: foo"),
    ({"type": "int"}, 2, "Unknown type name alias: int"),
    ({"minimum": "x"}, 14, "$jsonSchema keyword 'minimum' must be a number"),
    ({"exclusiveMinimum": True}, 9, "$jsonSchema keyword 'minimum' must be a present if"),
    ({"minimum": 1, "exclusiveMinimum": 1}, 14, "$jsonSchema keyword 'exclusiveMinimum' must be"),
    ({"multipleOf": 0}, 9, "$jsonSchema keyword 'multipleOf' must have a positive value"),
    ({"multipleOf": "x"}, 14, "$jsonSchema keyword 'multipleOf' must be a number"),
    ({"minLength": "x"}, 9, 'Expected a number in: minLength: "x"'),
    ({"maxItems": -1}, 9, "Expected a non-negative number in: maxItems: -1"),
    ({"pattern": 1}, 14, "$jsonSchema keyword 'pattern' must be a string"),
    ({"pattern": "("}, 51091, "Regular expression is invalid"),
    ({"uniqueItems": 1}, 14, "$jsonSchema keyword 'uniqueItems' must be a boolean"),
    ({"items": 1}, 14, "$jsonSchema keyword 'items' must be an array or an object, not int"),
    ({"items": [1]}, 14, "$jsonSchema keyword 'items' requires that each element of the array is"),
    ({"additionalItems": 1}, 14, "$jsonSchema keyword 'additionalItems' must be either an object"),
    ({"properties": 1}, 14, "$jsonSchema keyword 'properties' must be an object"),
    ({"properties": {"a": 1}}, 14, "Nested schema for $jsonSchema property 'a' must be an object"),
    ({"required": 1}, 14, "$jsonSchema keyword 'required' must be an array, but found an element"),
    ({"required": []}, 9, "$jsonSchema keyword 'required' cannot be an empty array"),
    ({"required": [1]}, 14, "$jsonSchema keyword 'required' must be an array of strings"),
    ({"required": ["a", "a"]}, 9, "$jsonSchema keyword 'required' array cannot contain duplicate"),
    ({"additionalProperties": 1}, 14, "$jsonSchema keyword 'additionalProperties' must be an obj"),
    ({"patternProperties": 1}, 14, "$jsonSchema keyword 'patternProperties' must be an object"),
    ({"patternProperties": {"a": 1}}, 14, "$jsonSchema keyword 'patternProperties' has property"),
    ({"dependencies": 1}, 14, "$jsonSchema keyword 'dependencies' must be an object"),
    ({"dependencies": {"a": 1}}, 14, "property 'a' in $jsonSchema keyword 'dependencies' must be"),
    ({"dependencies": {"a": []}}, 9, "property 'a' in $jsonSchema keyword 'dependencies' cannot"),
    ({"dependencies": {"a": [1]}}, 14, "array 'a' in $jsonSchema keyword 'dependencies' can only"),
    ({"dependencies": {"a": ["b", "b"]}}, 9, "array 'a' in $jsonSchema keyword 'dependencies' con"),
    ({"allOf": 1}, 14, "$jsonSchema keyword 'allOf' must be an array"),
    ({"anyOf": []}, 2, "$jsonSchema keyword 'anyOf' must be a non-empty array"),
    ({"oneOf": [1]}, 14, "$jsonSchema keyword 'oneOf' must be an array of objects, but found an"),
    (
        {"not": 1},
        14,
        "$jsonSchema keyword 'not' must be an object, but found an element of type int",
    ),
    ({"enum": 1}, 14, "$jsonSchema keyword 'enum' must be an array, but found an element of type"),
    ({"enum": []}, 9, "$jsonSchema keyword 'enum' cannot be an empty array"),
    ({"enum": [1, 1.0]}, 9, "$jsonSchema keyword 'enum' array cannot contain duplicate values."),
]
