"""``errInfo`` of error 121 (manual, "Specify Validation With Query Operators")."""

from __future__ import annotations

from typing import Any

import pytest
from bson.int64 import Int64
from bson.regex import Regex

from fivefold.errors import FivefoldError
from fivefold.languages.mongo.match import matcher, parse_filter
from fivefold.languages.mongo.match.explain import explain_failure
from fivefold.languages.mongo.validation import Validator
from fivefold.values.documents.codec import encode
from fivefold.values.documents.kinds import Document

NUMBERS = ["decimal", "double", "int", "long"]


def leaf(operator: str, said: Document, reason: str, **others: Any) -> Document:
    return {"operatorName": operator, "specifiedAs": said, "reason": reason, **others}


CASES: list[tuple[Document, Document, Document]] = [
    (
        {"a": 1},
        {"a": 2},
        leaf("$eq", {"a": 1}, "comparison failed", consideredValue=2),
    ),
    ({"a": 1}, {}, leaf("$eq", {"a": 1}, "field was missing")),
    (
        {"a": {"$gt": 5}},
        {"a": [1, 2]},
        leaf("$gt", {"a": {"$gt": 5}}, "comparison failed", consideredValues=[1, 2]),
    ),
    (
        {"a": {"$gt": 5}},
        {"a": [0] * 12},
        leaf(
            "$gt",
            {"a": {"$gt": 5}},
            "comparison failed",
            consideredValues=[0] * 10,
            consideredValuesTruncated=True,
        ),
    ),
    (
        {"a": 1},
        {"a": []},
        leaf("$eq", {"a": 1}, "comparison failed", consideredValues=[]),
    ),
    (
        {"a": {"$ne": 1}},
        {"a": 1},
        leaf("$ne", {"a": {"$ne": 1}}, "comparison succeeded", consideredValue=1),
    ),
    (
        {"a": {"$in": [1]}},
        {"a": 2},
        leaf("$in", {"a": {"$in": [1]}}, "no matching value found in array", consideredValue=2),
    ),
    (
        {"a": {"$nin": [1]}},
        {"a": 1},
        leaf("$nin", {"a": {"$nin": [1]}}, "matching value found in array", consideredValue=1),
    ),
    (
        {"a": {"$exists": True}},
        {},
        leaf("$exists", {"a": {"$exists": True}}, "path does not exist"),
    ),
    (
        {"a": {"$exists": False}},
        {"a": 1},
        leaf("$exists", {"a": {"$exists": False}}, "path does exist"),
    ),
    (
        {"a": {"$type": "string"}},
        {"a": 1},
        leaf(
            "$type",
            {"a": {"$type": "string"}},
            "type did not match",
            consideredValue=1,
            consideredType="int",
        ),
    ),
    (
        {"a": {"$mod": [2, 0]}},
        {"a": 1},
        leaf(
            "$mod",
            {"a": {"$mod": [2, 0]}},
            "$mod did not evaluate to expected remainder",
            consideredValue=1,
        ),
    ),
    (
        {"a": {"$mod": [2, 0]}},
        {"a": "x"},
        leaf(
            "$mod",
            {"a": {"$mod": [2, 0]}},
            "type did not match",
            consideredType="string",
            expectedTypes=NUMBERS,
            consideredValue="x",
        ),
    ),
    (
        {"a": {"$regex": "^x", "$options": "i"}},
        {"a": "y"},
        leaf(
            "$regex",
            {"a": {"$regex": "^x", "$options": "i"}},
            "regular expression did not match",
            consideredValue="y",
        ),
    ),
    (
        {"a": Regex("^x")},
        {"a": "y"},
        leaf(
            "$regex",
            {"a": Regex("^x")},
            "regular expression did not match",
            consideredValue="y",
        ),
    ),
    (
        {"a": {"$size": 2}},
        {"a": [1]},
        leaf(
            "$size",
            {"a": {"$size": 2}},
            "array length was not equal to given size",
            consideredValue=[1],
        ),
    ),
    (
        {"a": {"$size": 2}},
        {"a": 1},
        leaf(
            "$size",
            {"a": {"$size": 2}},
            "type did not match",
            consideredType="int",
            expectedType="array",
            consideredValue=1,
        ),
    ),
    (
        {"a": {"$elemMatch": {"b": 1}}},
        {"a": [{"b": 2}]},
        leaf(
            "$elemMatch",
            {"a": {"$elemMatch": {"b": 1}}},
            "array did not satisfy the child predicate",
            consideredValue=[{"b": 2}],
        ),
    ),
    (
        {"a": {"$all": [1, 2]}},
        {"a": [1]},
        leaf(
            "$all",
            {"a": {"$all": [1, 2]}},
            "array did not contain all specified values",
            consideredValue=[1],
        ),
    ),
    (
        {"a": {"$bitsAllSet": 1}},
        {"a": 2},
        leaf(
            "$bitsAllSet",
            {"a": {"$bitsAllSet": 1}},
            "bitwise operator failed to match",
            consideredValue=2,
        ),
    ),
    (
        {"a": {"$gt": 0, "$lt": 5}, "b": 1},
        {"a": 7, "b": 2},
        {
            "operatorName": "$and",
            "clausesNotSatisfied": [
                {
                    "index": Int64(1),
                    "details": leaf(
                        "$lt", {"a": {"$lt": 5}}, "comparison failed", consideredValue=7
                    ),
                },
                {
                    "index": Int64(2),
                    "details": leaf("$eq", {"b": 1}, "comparison failed", consideredValue=2),
                },
            ],
        },
    ),
    (
        {"$or": [{"a": 1}, {"b": 1}]},
        {"a": 2},
        {
            "operatorName": "$or",
            "clausesNotSatisfied": [
                {
                    "index": Int64(0),
                    "details": leaf("$eq", {"a": 1}, "comparison failed", consideredValue=2),
                },
                {"index": Int64(1), "details": leaf("$eq", {"b": 1}, "field was missing")},
            ],
        },
    ),
    (
        {"$nor": [{"a": 1}, {"a": 2}]},
        {"a": 2},
        {
            "operatorName": "$nor",
            "clausesSatisfied": [
                {
                    "index": Int64(1),
                    "details": leaf("$eq", {"a": 2}, "comparison succeeded", consideredValue=2),
                }
            ],
        },
    ),
    (
        {"a": {"$not": {"$gt": 1}}},
        {"a": 2},
        {
            "operatorName": "$not",
            "details": leaf("$gt", {"a": {"$gt": 1}}, "comparison succeeded", consideredValue=2),
        },
    ),
    (
        {"$nor": [{"$jsonSchema": {}}]},
        {"a": 2},
        {
            "operatorName": "$nor",
            "clausesSatisfied": [
                {
                    "index": Int64(0),
                    "details": {"operatorName": "$jsonSchema", "reason": "schema matched"},
                }
            ],
        },
    ),
    (
        {"$expr": {"$eq": ["$a", {"$multiply": ["$b", 2]}]}},
        {"a": 1, "b": 1},
        leaf(
            "$expr",
            {"$expr": {"$eq": ["$a", {"$multiply": ["$b", 2]}]}},
            "expression did not match",
            expressionResult=False,
        ),
    ),
    (
        {"$alwaysFalse": 1},
        {},
        leaf("$alwaysFalse", {"$alwaysFalse": 1}, "expression always evaluates to false"),
    ),
    (
        {"$comment": "c", "$jsonSchema": {"required": ["a"]}},
        {},
        {
            "operatorName": "$jsonSchema",
            "schemaRulesNotSatisfied": [
                {
                    "operatorName": "required",
                    "specifiedAs": {"required": ["a"]},
                    "missingProperties": ["a"],
                }
            ],
        },
    ),
]


@pytest.mark.parametrize(("filter", "document", "details"), CASES, ids=[str(c[0]) for c in CASES])
def test_why_a_document_does_not_match(
    filter: Document, document: Document, details: Document
) -> None:
    stored = {"_id": 7, **document}
    assert not matcher(parse_filter(filter))(stored)
    info = explain_failure(filter, stored)
    assert encode(info) == encode({"failingDocumentId": 7, "details": details}), info


def test_a_validator_says_why() -> None:
    validator = Validator({"a": {"$gt": 5}, "b": 1}, moderate=False)
    validator.check({"_id": 1, "a": 6, "b": 1})
    with pytest.raises(FivefoldError, match="Document failed validation") as caught:
        validator.check({"_id": 1, "a": 5, "b": 1})
    assert caught.value.number == 121
    index = {"index": Int64(0)}
    details = leaf("$gt", {"a": {"$gt": 5}}, "comparison failed", consideredValue=5)
    assert caught.value.facts["errInfo"] == {
        "failingDocumentId": 1,
        "details": {
            "operatorName": "$and",
            "clausesNotSatisfied": [{**index, "details": details}],
        },
    }
