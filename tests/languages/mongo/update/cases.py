"""Updates and what they make of a document: (document, update, result), by page of the manual.

A result is a document, ``SAME`` where nothing changes, or (error number, its message or the
beginning of it). A fourth entry has what else there is: position, filters, insert.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson.binary import Binary
from bson.decimal128 import Decimal128
from bson.int64 import Int64
from bson.max_key import MaxKey
from bson.min_key import MinKey
from bson.objectid import ObjectId
from bson.regex import Regex
from bson.timestamp import Timestamp

NOW = datetime(2024, 5, 6, 7, 8, 9, 123000)
SAME = "the document itself"
OID = ObjectId("65a000000000000000000001")
INT_MAX = 2**31 - 1
LONG_MAX = 2**63 - 1

Case = tuple[Any, ...]

SET: list[Case] = [  # manual, "$set"
    ({"a": 1}, {"$set": {"a": 2}}, {"a": 2}),
    ({"a": 1}, {"$set": {"a": 1}}, SAME),
    ({"a": 1}, {"$set": {}}, SAME),
    ({"a": 1}, {"$set": {"a": 1.0}}, {"a": 1.0}),
    ({"a": 1}, {"$set": {"a": Int64(1)}}, {"a": Int64(1)}),
    ({"a": 0.0}, {"$set": {"a": -0.0}}, {"a": -0.0}),
    ({"a": 1}, {"$set": {"a": True}}, {"a": True}),
    ({"a": float("nan")}, {"$set": {"a": float("nan")}}, SAME),
    ({"a": {"x": 1, "y": 2}}, {"$set": {"a": {"y": 2, "x": 1}}}, {"a": {"y": 2, "x": 1}}),
    ({"a": {"x": 1, "y": 2}}, {"$set": {"a": {"x": 1, "y": 2}}}, SAME),
    ({"a": b"x"}, {"$set": {"a": Binary(b"x", 0)}}, SAME),
    ({"a": b"x"}, {"$set": {"a": Binary(b"x", 128)}}, {"a": Binary(b"x", 128)}),
    ({"a": Decimal128("1.0")}, {"$set": {"a": Decimal128("1.00")}}, {"a": Decimal128("1.00")}),
    ({"a": OID}, {"$set": {"a": ObjectId(OID.binary)}}, SAME),
    ({}, {"$set": {"a.b.c": 1}}, {"a": {"b": {"c": 1}}}),
    ({"a": {"x": 1}}, {"$set": {"a.b.c": 1}}, {"a": {"x": 1, "b": {"c": 1}}}),
    ({"a": {"b": 1}, "c": 2}, {"$set": {"a.b": 3}}, {"a": {"b": 3}, "c": 2}),
    ({"tags": ["a", "b"]}, {"$set": {"tags.1": "x"}}, {"tags": ["a", "x"]}),
    ({"a": []}, {"$set": {"a.2": 1}}, {"a": [None, None, 1]}),
    ({"a": [{"b": 1}]}, {"$set": {"a.0.b": 2, "a.1.b": 3}}, {"a": [{"b": 2}, {"b": 3}]}),
    ({"a": {}}, {"$set": {"a.0": 1}}, {"a": {"0": 1}}),
    ({"a": []}, {"$set": {"a.1500001": 1}}, (34, "can't backfill more than 1500000 elements")),
    ({"a": 1}, {"$set": {"a.b": 1}}, (28, "Cannot create field 'b' in element {a: 1}")),
    ({"a": None}, {"$set": {"a.b.c": 1}}, (28, "Cannot create field 'b' in element {a: null}")),
    ({"a": [1]}, {"$set": {"a.b": 1}}, (28, "Cannot create field 'b' in element {a: [ 1 ]}")),
    ({"a": "x"}, {"$set": {"a.b": 1}}, (28, "Cannot create field 'b' in element {a: \"x\"}")),
    (
        {"a": {"b": 1.0}},
        {"$set": {"a.b.0": 1}},
        (28, "Cannot create field '0' in element {b: 1.0}"),
    ),
    ({"_id": 1}, {"$set": {"_id": 1}}, SAME),
    (
        {"_id": 1},
        {"$set": {"_id": 2}},
        (66, "Performing an update on the path '_id' would modify the immutable field '_id'"),
    ),
    ({"_id": {"x": 1}}, {"$set": {"_id.x": 2}}, (66, "Performing an update on the path '_id.x'")),
    ({"_id": 1}, {"$unset": {"_id": ""}}, (66, "Performing an update on the path '_id'")),
    ({"a": 1}, {"$set": {"": 1}}, (56, "An empty update path is not valid.")),
    (
        {"a": 1},
        {"$set": {"a..b": 1}},
        (56, "The update path 'a..b' contains an empty field name, which is not allowed."),
    ),
    ({"a": 1}, {"$set": {"b.": 1}}, (56, "The update path 'b.' contains an empty field name")),
    ({"a": 1}, {"$set": {"$b": 1}}, (52, "The dollar ($) prefixed field '$b' in '$b' is not")),
    ({"a": {}}, {"$set": {"a.$b": 1}}, {"a": {"$b": 1}}),
    ({}, {"$set": {"a": {"$b": 1, "c.d": 2}}}, {"a": {"$b": 1, "c.d": 2}}),
]

ORDER: list[Case] = [  # manual, "Update Operators", Update Operators Process Document Fields in …
    ({"_id": 1}, {"$set": {"c": 1, "a": 1, "b": 1}}, {"_id": 1, "a": 1, "b": 1, "c": 1}),
    ({}, {"$set": {"a10": 1, "a2": 1, "10": 1, "9": 1}}, {"9": 1, "10": 1, "a10": 1, "a2": 1}),
    ({"z": 1}, {"$set": {"a": 1, "z": 2}}, {"z": 2, "a": 1}),
    ({}, {"$set": {"b": 1}, "$inc": {"a": 1}, "$max": {"c": 1}}, {"a": 1, "b": 1, "c": 1}),
    ({}, {"$set": {"x.c": 1, "x.b": 1}}, {"x": {"b": 1, "c": 1}}),
    ({"a": []}, {"$set": {"a.10": 10, "a.9": 9}}, {"a": [None] * 9 + [9, 10]}),
]

UNSET: list[Case] = [  # manual, "$unset"
    ({"a": 1, "b": 2}, {"$unset": {"a": ""}}, {"b": 2}),
    ({"b": 2}, {"$unset": {"a": 1}}, SAME),
    ({"a": {"b": 1, "c": 2}}, {"$unset": {"a.b": 1}}, {"a": {"c": 2}}),
    ({"a": [1, 2, 3]}, {"$unset": {"a.1": 1}}, {"a": [1, None, 3]}),
    ({"a": [1]}, {"$unset": {"a.5": 1}}, SAME),
    ({"a": 1}, {"$unset": {"a.b": 1}}, SAME),
    ({"a": [1]}, {"$unset": {"a.b": 1}}, SAME),
    ({"a": {"b": 1}}, {"$unset": {"a.b": 1}}, {"a": {}}),
    ({}, {"$unset": {"a.b": 1}}, SAME),
]

NUMBERS: list[Case] = [  # manual, "$inc", "$mul"
    ({"a": 1}, {"$inc": {"a": 2}}, {"a": 3}),
    ({"a": 1}, {"$inc": {"a": -2}}, {"a": -1}),
    ({}, {"$inc": {"a": 2}}, {"a": 2}),
    ({}, {"$inc": {"a.b": 2.5}}, {"a": {"b": 2.5}}),
    ({"a": 1}, {"$inc": {"a": 0}}, SAME),
    ({"a": 1}, {"$inc": {"a": 0.0}}, {"a": 1.0}),
    ({"a": 1}, {"$inc": {"a": Int64(0)}}, {"a": Int64(1)}),
    ({"a": 1}, {"$inc": {"a": 0.5}}, {"a": 1.5}),
    ({"a": INT_MAX}, {"$inc": {"a": 1}}, {"a": Int64(INT_MAX + 1)}),
    ({"a": -INT_MAX - 1}, {"$inc": {"a": -1}}, {"a": Int64(-INT_MAX - 2)}),
    ({"a": Int64(5)}, {"$inc": {"a": 1}}, {"a": Int64(6)}),
    ({"a": LONG_MAX}, {"$inc": {"a": 1.0}}, {"a": float(2**63)}),
    (
        {"_id": 1, "a": Int64(LONG_MAX)},
        {"$inc": {"a": 1}},
        (
            2,
            "Failed to apply $inc operations to current value ((NumberLong)9223372036854775807)"
            " for document {_id: 1}",
        ),
    ),
    ({"a": Decimal128("0.1")}, {"$inc": {"a": Decimal128("0.2")}}, {"a": Decimal128("0.3")}),
    ({"a": 1}, {"$inc": {"a": Decimal128("0.5")}}, {"a": Decimal128("1.5")}),
    ({"a": 0.1}, {"$inc": {"a": Decimal128("1")}}, {"a": Decimal128("1.100000000000000")}),
    (
        {"_id": 7, "a": "x"},
        {"$inc": {"a": 1}},
        (
            14,
            "Cannot apply $inc to a value of non-numeric type. {_id: 7} has the field 'a' of"
            " non-numeric type string",
        ),
    ),
    (
        {"_id": 7, "a": None},
        {"$inc": {"a": 1}},
        (14, "Cannot apply $inc to a value of non-numeric"),
    ),
    (
        {"_id": 7, "a": True},
        {"$inc": {"a": 1}},
        (14, "Cannot apply $inc to a value of non-numeric"),
    ),
    ({}, {"$inc": {"a": "x"}}, (14, 'Cannot increment with non-numeric argument: {a: "x"}')),
    ({}, {"$inc": {"a": None}}, (14, "Cannot increment with non-numeric argument: {a: null}")),
    ({"a": 3}, {"$mul": {"a": 2}}, {"a": 6}),
    ({"a": 10.5}, {"$mul": {"a": 2}}, {"a": 21.0}),
    ({}, {"$mul": {"a": 5}}, {"a": 0}),
    ({}, {"$mul": {"a": Int64(5)}}, {"a": Int64(0)}),
    ({}, {"$mul": {"a": 5.0}}, {"a": 0.0}),
    ({"a": 2**30}, {"$mul": {"a": 4}}, {"a": Int64(2**32)}),
    ({"a": 1}, {"$mul": {"a": 1}}, SAME),
    ({"_id": 1, "a": Int64(2**62)}, {"$mul": {"a": 2}}, (2, "Failed to apply $mul operations")),
    ({}, {"$mul": {"a": "x"}}, (14, 'Cannot multiply with non-numeric argument: {a: "x"}')),
    ({"a": Decimal128("1.5")}, {"$mul": {"a": 2}}, {"a": Decimal128("3.0")}),
]

EXTREMES: list[Case] = [  # manual, "$min", "$max"
    ({"a": 5}, {"$min": {"a": 3}}, {"a": 3}),
    ({"a": 5}, {"$min": {"a": 7}}, SAME),
    ({"a": 5}, {"$min": {"a": 5.0}}, SAME),
    ({}, {"$min": {"a": 5}}, {"a": 5}),
    ({"a": 5}, {"$max": {"a": 7}}, {"a": 7}),
    ({"a": 5}, {"$max": {"a": 5}}, SAME),
    ({}, {"$max": {"a.b": 5}}, {"a": {"b": 5}}),
    ({"a": 5}, {"$max": {"a": "x"}}, {"a": "x"}),
    ({"a": 5}, {"$min": {"a": None}}, {"a": None}),
    ({"a": 5}, {"$min": {"a": MinKey()}}, {"a": MinKey()}),
    ({"a": 5}, {"$max": {"a": MaxKey()}}, {"a": MaxKey()}),
    ({"a": "x"}, {"$max": {"a": NOW}}, {"a": NOW}),
    ({"a": NOW}, {"$min": {"a": datetime(2024, 1, 1)}}, {"a": datetime(2024, 1, 1)}),
]

DATES: list[Case] = [  # manual, "$currentDate"
    ({}, {"$currentDate": {"a": True}}, {"a": NOW}),
    ({"a": 1}, {"$currentDate": {"a": {"$type": "date"}}}, {"a": NOW}),
    ({}, {"$currentDate": {"a.b": {"$type": "timestamp"}}}, {"a": {"b": Timestamp(1714979289, 1)}}),
    ({}, {"$currentDate": {"a": False}}, {"a": NOW}),
    ({}, {"$currentDate": {"a": 1}}, (2, "int is not valid type for $currentDate. Please use a")),
    (
        {},
        {"$currentDate": {"a": {"$type": "x"}}},
        (2, "The '$type' string field is required to be"),
    ),
    ({}, {"$currentDate": {"a": {"$t": 1}}}, (2, "Unrecognized $currentDate option: $t")),
    ({}, {"$currentDate": {"a": {}}}, (2, "The '$type' string field is required to be")),
]

BITS: list[Case] = [  # manual, "$bit"
    ({"a": 13}, {"$bit": {"a": {"and": 10}}}, {"a": 8}),
    ({"a": 3}, {"$bit": {"a": {"or": 5}}}, {"a": 7}),
    ({"a": 1}, {"$bit": {"a": {"xor": 5}}}, {"a": 4}),
    ({"a": 1}, {"$bit": {"a": {"or": 6, "and": 5}}}, {"a": 5}),
    ({}, {"$bit": {"a": {"or": 5}}}, {"a": 5}),
    ({"a": 5}, {"$bit": {"a": {"or": Int64(2)}}}, {"a": Int64(7)}),
    ({"a": 5}, {"$bit": {"a": {"and": 5}}}, SAME),
    (
        {"_id": 1, "a": 5.0},
        {"$bit": {"a": {"and": 5}}},
        (2, "Cannot apply $bit to a value of non-"),
    ),
    (
        {},
        {"$bit": {"a": {"not": 5}}},
        (2, "The $bit modifier only supports 'and', 'or', and 'xor'"),
    ),
    (
        {},
        {"$bit": {"a": {"and": 5.0}}},
        (2, "The $bit modifier field must be an Integer(32/64 bit)"),
    ),
    (
        {},
        {"$bit": {"a": 5}},
        (2, "The $bit modifier is not compatible with a int. You must pass in"),
    ),
    ({}, {"$bit": {"a": {}}}, (2, "You must pass in at least one bitwise operation.")),
]

RENAME: list[Case] = [  # manual, "$rename"
    ({"a": 1, "b": 2}, {"$rename": {"a": "c"}}, {"b": 2, "c": 1}),
    ({"a": 1, "b": 2}, {"$rename": {"a": "b"}}, {"b": 1}),
    ({"b": 2}, {"$rename": {"a": "c"}}, SAME),
    ({"n": {"f": 1, "l": 2}}, {"$rename": {"n.f": "n.g"}}, {"n": {"l": 2, "g": 1}}),
    ({"a": 1, "n": {"x": 1}}, {"$rename": {"a": "n.a"}}, {"n": {"x": 1, "a": 1}}),
    ({"a": {"b": 1}}, {"$rename": {"a.b": "c"}}, {"a": {}, "c": 1}),
    ({"a": 1}, {"$rename": {"a": "b.c.d"}}, {"b": {"c": {"d": 1}}}),
    ({"a": [1]}, {"$rename": {"a": "b"}}, {"b": [1]}),
    (
        {},
        {"$rename": {"a": "a"}},
        (2, 'The source and target field for $rename must differ: a: "a"'),
    ),
    ({}, {"$rename": {"a": "a.b"}}, (2, "The source and target field for $rename must not be on")),
    ({}, {"$rename": {"a": 1}}, (2, "The 'to' field for $rename must be a string: a: 1")),
    ({}, {"$rename": {"a.$": "b"}}, (2, "The source field for $rename may not be dynamic: a.$")),
    (
        {},
        {"$rename": {"a": "b.$[]"}},
        (2, "The destination field for $rename may not be dynamic: b"),
    ),
    (
        {"_id": 1, "a": [{"b": 1}]},
        {"$rename": {"a.0.b": "c"}},
        (
            2,
            "The source field cannot be an array element, 'a.0.b' in doc with _id: 1 has an array"
            " field called 'a'",
        ),
    ),
    (
        {"_id": 1, "a": 1, "b": [1]},
        {"$rename": {"a": "b.0"}},
        (
            2,
            "The destination field cannot be an array element, 'b.0' in doc with _id: 1 has an arr",
        ),
    ),
    (
        {"a": 1},
        {"$rename": {"a.b": "c"}},
        (28, "cannot use the part (a of a.b) to traverse the el"),
    ),
    ({"_id": 1}, {"$rename": {"_id": "x"}}, (66, "Unsetting the path '_id' using $rename would")),
    ({"_id": 1, "x": 2}, {"$rename": {"x": "_id"}}, (66, "Performing an update on the path '_id'")),
    ({}, {"$rename": {"a": ""}}, (56, "An empty update path is not valid.")),
]

CONFLICTS: list[Case] = [  # manual, "Update Operators", Conflicts
    (
        {},
        {"$set": {"a": 1}, "$inc": {"a": 1}},
        (40, "Updating the path 'a' would create a conflict at 'a'"),
    ),
    (
        {},
        {"$set": {"a.b": 1, "a": 1}},
        (40, "Updating the path 'a' would create a conflict at 'a'"),
    ),
    (
        {},
        {"$set": {"a": 1, "a.b.c": 1}},
        (40, "Updating the path 'a.b.c' would create a conflict at 'a'"),
    ),
    (
        {},
        {"$rename": {"a": "b"}, "$set": {"a": 1}},
        (40, "Updating the path 'a' would create a con"),
    ),
    (
        {},
        {"$rename": {"a": "b"}, "$set": {"b": 1}},
        (40, "Updating the path 'b' would create a con"),
    ),
    ({}, {"$set": {"a.$[]": 1, "a.b": 1}}, (40, "Updating the path 'a.b' would create a conflict")),
    (
        {"a": [1]},
        {"$set": {"a.$": 1, "a.0": 1}},
        (40, "Update created a conflict at 'a.0'"),
        {"position": 0},
    ),
    (
        {},
        {"$foo": {"a": 1}},
        (9, "Unknown modifier: $foo. Expected a valid update modifier or pip"),
    ),
    ({}, {"$set": {"a": 1}, "b": 1}, (9, "Unknown modifier: b. Expected a valid update modifier")),
    (
        {},
        {"$set": 5},
        (
            9,
            "Modifiers operate on fields but we found type int instead. For example: {$mod:"
            " {<field>: ...}} not {$set: 5}",
        ),
    ),
]

INSERTS: list[Case] = [  # manual, "$setOnInsert"
    ({"a": 1}, {"$setOnInsert": {"a": 2}}, SAME),
    ({"a": 1}, {"$setOnInsert": {"a.b": 2}}, SAME),
    ({"a": 1}, {"$setOnInsert": {"b": 2}, "$set": {"a": 3}}, {"a": 3, "b": 2}, {"insert": True}),
    ({}, {"$setOnInsert": {"a.b": 2}}, {"a": {"b": 2}}, {"insert": True}),
]

POSITIONAL: list[Case] = [  # manual, "$ (update)", "$[]"
    ({"g": [80, 85, 90]}, {"$set": {"g.$": 82}}, {"g": [80, 82, 90]}, {"position": 1}),
    (
        {"g": [{"s": 1}, {"s": 2}]},
        {"$inc": {"g.$.s": 5}},
        {"g": [{"s": 6}, {"s": 2}]},
        {"position": 0},
    ),
    ({"g": [1, 2]}, {"$unset": {"g.$": ""}}, {"g": [None, 2]}, {"position": 0}),
    (
        {"g": [1]},
        {"$set": {"g.$": 5}},
        (2, "The positional operator did not find the match needed"),
    ),
    ({}, {"$set": {"$.a": 1}}, (2, "Cannot have positional (i.e. '$') element in the first posit")),
    (
        {},
        {"$set": {"a.$.b.$": 1}},
        (2, "Too many positional (i.e. '$') elements found in path 'a.$"),
    ),
    (
        {"g": [{"s": 1}, {"s": 2}]},
        {"$set": {"g.$.t": 5, "g.0.s": 7}},
        {"g": [{"s": 7, "t": 5}, {"s": 2}]},
        {"position": 0},
    ),
    ({"g": [1, 2]}, {"$inc": {"g.$[]": 10}}, {"g": [11, 12]}),
    ({"g": []}, {"$inc": {"g.$[]": 10}}, SAME),
    ({"g": [{"s": 1}, {"s": 2}]}, {"$set": {"g.$[].s": 0}}, {"g": [{"s": 0}, {"s": 0}]}),
    ({"g": [[1, 2], [3]]}, {"$inc": {"g.$[].$[]": 1}}, {"g": [[2, 3], [4]]}),
    ({"g": [1, 2]}, {"$unset": {"g.$[]": 1}}, {"g": [None, None]}),
    ({}, {"$set": {"$[]": 1}}, (2, "Cannot have array filter identifier (i.e. '$[<id>]') element")),
    (
        {},
        {"$set": {"a.b.$[]": 1}},
        (2, "The path 'a.b' must exist in the document in order to apply array updates."),
    ),
    ({"a": 1}, {"$set": {"a.$[]": 1}}, (2, "Cannot apply array updates to non-array element a: 1")),
    ({"a": 1}, {"$set": {"a.b.$[]": 1}}, (2, "The path 'a.b' must exist in the document in order")),
]

FILTERED: list[Case] = [  # manual, "$[<identifier>]"
    (
        {"g": [95, 102, 90, 150]},
        {"$set": {"g.$[e]": 100}},
        {"g": [95, 100, 90, 100]},
        {"filters": [{"e": {"$gte": 100}}]},
    ),
    (
        {"g": [{"v": 1, "m": 1}, {"v": 2, "m": 1}]},
        {"$set": {"g.$[e].m": 5}},
        {"g": [{"v": 1, "m": 1}, {"v": 2, "m": 5}]},
        {"filters": [{"e.v": {"$gt": 1}}]},
    ),
    (
        {"g": [{"v": 1, "w": [1, 5]}, {"v": 2, "w": [1, 5]}]},
        {"$inc": {"g.$[e].w.$[x]": 10}},
        {"g": [{"v": 1, "w": [1, 5]}, {"v": 2, "w": [1, 15]}]},
        {"filters": [{"e.v": 2}, {"x": {"$gt": 2}}]},
    ),
    (
        {"g": [1, 2, 3]},
        {"$set": {"g.$[e]": 0}},
        {"g": [0, 2, 0]},
        {"filters": [{"$or": [{"e": 1}, {"e": 3}]}]},
    ),
    ({"g": [1]}, {"$set": {"g.$[e]": 0}}, SAME, {"filters": [{"e": {"$gt": 5}}]}),
    (
        {"g": [{"a": 1, "b": 1}]},
        {"$set": {"g.$[x].a": 5, "g.$[y].b": 6}},
        {"g": [{"a": 5, "b": 6}]},
        {"filters": [{"x.a": 1}, {"y.b": 1}]},
    ),
    (
        {"g": [{"a": 1}]},
        {"$set": {"g.$[x].a": 5, "g.$[y].a": 6}},
        (40, "Update created a conflict at 'g.0.a'"),
        {"filters": [{"x.a": 1}, {"y.a": 1}]},
    ),
    ({}, {"$set": {"g.$[e]": 1}}, (2, "No array filter found for identifier 'e' in path 'g.$[e]'")),
    (
        {},
        {"$set": {"g": 1}},
        (9, "The array filter for identifier 'e' was not used in the update { $set: { g: 1 } }"),
        {"filters": [{"e": 1}]},
    ),
    (
        {},
        {"$set": {"g.$[e]": 1}},
        (9, "Found multiple array filters with the same top-level field name e"),
        {"filters": [{"e": 1}, {"e": 2}]},
    ),
    (
        {},
        {"$set": {"g.$[e]": 1}},
        (
            9,
            "Error parsing array filter :: caused by :: Expected a single top-level field name, fo",
        ),
        {"filters": [{"e": 1, "f": 2}]},
    ),
    (
        {},
        {"$set": {"g.$[E]": 1}},
        (2, "Error parsing array filter :: caused by :: The top-level field name must be an alpha"),
        {"filters": [{"E": 1}]},
    ),
    (
        {},
        {"$set": {"g.$[E]": 1}},
        (9, "Cannot use an expression without a top-level field name in arrayFilters"),
        {"filters": [{}]},
    ),
    (
        {},
        {"a": 1},
        (9, "arrayFilters may not be specified for replacement-style updates"),
        {"filters": [{"e": 1}]},
    ),
    (
        {},
        [{"$set": {"a": 1}}],
        (9, "arrayFilters may not be specified for pipeline-style updates"),
        {"filters": [{"e": 1}]},
    ),
]

PUSH: list[Case] = [  # manual, "$push", "$each", "$position", "$slice", "$sort"
    ({"a": [1]}, {"$push": {"a": 2}}, {"a": [1, 2]}),
    ({}, {"$push": {"a": 2}}, {"a": [2]}),
    ({}, {"$push": {"a.b": [1]}}, {"a": {"b": [[1]]}}),
    ({"a": [1]}, {"$push": {"a": {"$each": [2, 3]}}}, {"a": [1, 2, 3]}),
    ({"a": [1]}, {"$push": {"a": {"$each": []}}}, SAME),
    ({}, {"$push": {"a": {"$each": []}}}, {"a": []}),
    ({"a": [1, 2]}, {"$push": {"a": {"$each": [9], "$position": 0}}}, {"a": [9, 1, 2]}),
    ({"a": [1, 2]}, {"$push": {"a": {"$each": [8, 9], "$position": 1}}}, {"a": [1, 8, 9, 2]}),
    ({"a": [1, 2]}, {"$push": {"a": {"$each": [9], "$position": 5}}}, {"a": [1, 2, 9]}),
    ({"a": [1, 2]}, {"$push": {"a": {"$each": [9], "$position": -1}}}, {"a": [1, 9, 2]}),
    ({"a": [1, 2]}, {"$push": {"a": {"$each": [9], "$position": -5}}}, {"a": [9, 1, 2]}),
    ({"a": [40, 60]}, {"$push": {"a": {"$each": [80, 78], "$slice": -3}}}, {"a": [60, 80, 78]}),
    ({"a": [89, 90]}, {"$push": {"a": {"$each": [100], "$slice": 2}}}, SAME),
    ({"a": [1, 2, 3]}, {"$push": {"a": {"$each": [], "$slice": 1}}}, {"a": [1]}),
    ({"a": [1]}, {"$push": {"a": {"$each": [2], "$slice": 0}}}, {"a": []}),
    ({"a": [3, 1]}, {"$push": {"a": {"$each": [2], "$sort": 1}}}, {"a": [1, 2, 3]}),
    ({"a": [3, 1]}, {"$push": {"a": {"$each": [2], "$sort": -1}}}, {"a": [3, 2, 1]}),
    (
        {"q": [{"w": 2, "s": 8}, {"w": 1, "s": 10}]},
        {"$push": {"q": {"$each": [{"w": 5, "s": 8}], "$sort": {"s": -1}, "$slice": 2}}},
        {"q": [{"w": 1, "s": 10}, {"w": 2, "s": 8}]},
    ),
    (
        {"q": [{"a": 1, "b": 1}, {"a": 1, "b": 3}]},
        {"$push": {"q": {"$each": [{"a": 0, "b": 2}], "$sort": {"a": 1, "b": -1}}}},
        {"q": [{"a": 0, "b": 2}, {"a": 1, "b": 3}, {"a": 1, "b": 1}]},
    ),
    ({"a": ["x", 1]}, {"$push": {"a": {"$each": [None], "$sort": 1}}}, {"a": [None, 1, "x"]}),
    (
        {"q": [{"a": {"b": 2}}]},
        {"$push": {"q": {"$each": [{"a": {"b": 1}}, 5], "$sort": {"a.b": 1}}}},
        {"q": [5, {"a": {"b": 1}}, {"a": {"b": 2}}]},
    ),
    (
        {"_id": 1, "a": 1},
        {"$push": {"a": 2}},
        (2, "The field 'a' must be an array but is of type int in document {_id: 1}"),
    ),
    (
        {"a": None},
        {"$push": {"a": 2}},
        (2, "The field 'a' must be an array but is of type null in"),
    ),
    (
        {},
        {"$push": {"a": {"$each": 1}}},
        (2, "The argument to $each in $push must be an array but"),
    ),
    ({}, {"$push": {"a": {"$each": [], "$x": 1}}}, (2, "Unrecognized clause in $push: $x")),
    (
        {},
        {"$push": {"a": {"$each": [], "$slice": "x"}}},
        (2, "The value for $slice must be an integer value but was given type: string"),
    ),
    (
        {},
        {"$push": {"a": {"$each": [], "$position": 1.5}}},
        (2, "The value for $position must be an integer value, not of type: double"),
    ),
    (
        {},
        {"$push": {"a": {"$each": [], "$sort": "x"}}},
        (2, "The $sort is invalid: use 1/-1 to sort"),
    ),
    (
        {},
        {"$push": {"a": {"$each": [], "$sort": 2}}},
        (2, "The $sort element value must be either 1"),
    ),
    (
        {},
        {"$push": {"a": {"$each": [], "$sort": {}}}},
        (2, "The $sort pattern is empty when it shou"),
    ),
    ({}, {"$push": {"a": {"$each": [], "$sort": {"": 1}}}}, (2, "The $sort field cannot be empty")),
    (
        {},
        {"$push": {"a": {"$each": [], "$sort": {"a.": 1}}}},
        (2, "The $sort field is a dotted fie"),
    ),
    ({}, {"$push": {"a": {"$slice": 1}}}, {"a": [{"$slice": 1}]}),
]

SETS: list[Case] = [  # manual, "$addToSet"
    ({"a": [1, 2]}, {"$addToSet": {"a": 3}}, {"a": [1, 2, 3]}),
    ({"a": [1, 2]}, {"$addToSet": {"a": 2}}, SAME),
    ({"a": [1, 2]}, {"$addToSet": {"a": 2.0}}, SAME),
    ({"a": [1]}, {"$addToSet": {"a": True}}, {"a": [1, True]}),
    ({}, {"$addToSet": {"a": 1}}, {"a": [1]}),
    ({"a": [1]}, {"$addToSet": {"a": [1]}}, {"a": [1, [1]]}),
    ({"a": [1]}, {"$addToSet": {"a": {"$each": [1, 2, 2, 3]}}}, {"a": [1, 2, 3]}),
    ({}, {"$addToSet": {"a": {"$each": [2, 2.0]}}}, {"a": [2]}),
    ({"a": [{"x": 1, "y": 2}]}, {"$addToSet": {"a": {"x": 1, "y": 2}}}, SAME),
    (
        {"a": [{"x": 1, "y": 2}]},
        {"$addToSet": {"a": {"y": 2, "x": 1}}},
        {"a": [{"x": 1, "y": 2}, {"y": 2, "x": 1}]},
    ),
    (
        {"a": 1},
        {"$addToSet": {"a": 1}},
        (2, "Cannot apply $addToSet to non-array field. Field named"),
    ),
    (
        {},
        {"$addToSet": {"a": {"$each": 1}}},
        (14, "The argument to $each in $addToSet must be an ar"),
    ),
    (
        {},
        {"$addToSet": {"a": {"$each": [], "x": 1}}},
        (2, "Found unexpected fields after $each in $"),
    ),
]

POPS: list[Case] = [  # manual, "$pop"
    ({"a": [1, 2, 3]}, {"$pop": {"a": 1}}, {"a": [1, 2]}),
    ({"a": [1, 2, 3]}, {"$pop": {"a": -1}}, {"a": [2, 3]}),
    ({"a": [1]}, {"$pop": {"a": 1.0}}, {"a": []}),
    ({"a": []}, {"$pop": {"a": 1}}, SAME),
    ({}, {"$pop": {"a": 1}}, SAME),
    ({"a": {}}, {"$pop": {"a.b": 1}}, SAME),
    ({"a": 1}, {"$pop": {"a": 1}}, (14, "Path 'a' contains an element of non-array type 'int'")),
    (
        {"a": 1},
        {"$pop": {"a.b": 1}},
        (28, "Cannot use the part (b) of (a.b) to traverse the element ({a: 1})"),
    ),
    ({}, {"$pop": {"a": 2}}, (9, "$pop expects 1 or -1, found: 2")),
    ({}, {"$pop": {"a": "x"}}, (9, 'Expected a number in: a: "x"')),
]

PULL: list[Case] = [  # manual, "$pull", "$pullAll"
    ({"a": [1, 2, 1]}, {"$pull": {"a": 1}}, {"a": [2]}),
    ({"a": [1, 2]}, {"$pull": {"a": 5}}, SAME),
    ({"a": [1, 2.0, 3]}, {"$pull": {"a": 2}}, {"a": [1, 3]}),
    ({"a": [1, 5, 9]}, {"$pull": {"a": {"$gte": 5}}}, {"a": [1]}),
    ({"a": ["x", "y", "z"]}, {"$pull": {"a": {"$in": ["x", "z"]}}}, {"a": ["y"]}),
    ({"a": [1, 2, 3]}, {"$pull": {"a": {"$ne": 2}}}, {"a": [2]}),
    ({"a": ["apple", "fig"]}, {"$pull": {"a": Regex("^a")}}, {"a": ["fig"]}),
    (
        {"r": [{"i": "A", "s": 5}, {"i": "B", "s": 8, "c": 1}]},
        {"$pull": {"r": {"s": 8, "i": "B"}}},
        {"r": [{"i": "A", "s": 5}]},
    ),
    ({"r": [{"s": 5}, {"s": 8}, 8]}, {"$pull": {"r": {"s": {"$gt": 5}}}}, {"r": [{"s": 5}, 8]}),
    (
        {"r": [{"x": [{"q": 1, "a": 4}]}, {"x": [{"q": 1, "a": 9}]}]},
        {"$pull": {"r": {"x": {"$elemMatch": {"q": 1, "a": {"$gte": 8}}}}}},
        {"r": [{"x": [{"q": 1, "a": 4}]}]},
    ),
    ({"a": [[1, 2], [3]]}, {"$pull": {"a": [1, 2]}}, {"a": [[3]]}),
    ({"a": [None, 1]}, {"$pull": {"a": None}}, {"a": [1]}),
    ({"a": [{}, {"x": 1}]}, {"$pull": {"a": {"x": None}}}, {"a": [{"x": 1}]}),
    ({}, {"$pull": {"a": 1}}, SAME),
    ({"a": 1}, {"$pull": {"a": 1}}, (2, "Cannot apply $pull to a non-array value")),
    (
        {"a": 1},
        {"$pull": {"a.b": 1}},
        (28, "Cannot use the part (b) of (a.b) to traverse the elem"),
    ),
    ({"a": [0, 2, 5, 5, 1, 0]}, {"$pullAll": {"a": [0, 5]}}, {"a": [2, 1]}),
    (
        {"a": [{"x": 1}, {"x": 1, "y": 2}]},
        {"$pullAll": {"a": [{"x": 1}]}},
        {"a": [{"x": 1, "y": 2}]},
    ),
    ({"a": [1]}, {"$pullAll": {"a": []}}, SAME),
    ({}, {"$pullAll": {"a": 1}}, (2, "$pullAll requires an array argument but was given a int")),
    ({"a": [{"b": [1, 2]}, {"b": [2]}]}, {"$pull": {"a.$[].b": 2}}, {"a": [{"b": [1]}, {"b": []}]}),
]

REPLACEMENTS: list[Case] = [  # manual, "db.collection.replaceOne()"
    ({"_id": 1, "a": 1}, {"b": 2}, {"_id": 1, "b": 2}),
    ({"_id": 1, "a": 1}, {}, {"_id": 1}),
    ({"_id": 1, "a": 1}, {"a": 1}, SAME),
    ({"_id": 1, "a": 1}, {"_id": 1, "a": 2}, {"_id": 1, "a": 2}),
    ({"_id": 1, "a": 1}, {"a": 2, "_id": 1}, {"_id": 1, "a": 2}),
    (
        {"_id": 1, "a": 1},
        {"_id": 2, "a": 2},
        (66, "After applying the update, the (immutable) field '_id' was found to have been alter"),
    ),
    (
        {"_id": 1},
        {"a": 1, "$b": 2},
        (52, "The dollar ($) prefixed field '$b' in '$b' is not allow"),
    ),
    ({"_id": 1}, {"a": {"$b": 2}}, {"_id": 1, "a": {"$b": 2}}),
    ({"_id": 1}, {"t": Timestamp(0, 0)}, {"_id": 1, "t": Timestamp(1714979289, 1)}),
    ({"_id": 1, "a": 1, "b": 2}, {"b": 2, "a": 1}, {"_id": 1, "b": 2, "a": 1}),
]

PIPELINES: list[Case] = [  # manual, "Updates with Aggregation Pipeline"
    ({"_id": 1, "a": 1}, [{"$set": {"b": {"$add": ["$a", 1]}}}], {"_id": 1, "a": 1, "b": 2}),
    (
        {"_id": 1, "a": 1},
        [{"$addFields": {"a": 5}}, {"$set": {"b": "$a"}}],
        {"_id": 1, "a": 5, "b": 5},
    ),
    ({"_id": 1, "a": 1, "b": 2}, [{"$unset": "a"}], {"_id": 1, "b": 2}),
    ({"_id": 1, "a": 1, "b": 2}, [{"$unset": ["a", "b"]}], {"_id": 1}),
    ({"_id": 1, "a": 1, "b": 2}, [{"$project": {"a": 1}}], {"_id": 1, "a": 1}),
    ({"_id": 1, "a": {"x": 1}}, [{"$replaceWith": "$a"}], {"_id": 1, "x": 1}),
    ({"_id": 1, "a": {"x": 1}}, [{"$replaceRoot": {"newRoot": "$a"}}], {"_id": 1, "x": 1}),
    ({"_id": 1, "a": 1}, [], SAME),
    ({"_id": 1, "a": 1}, [{"$set": {"a": 1}}], SAME),
    ({"_id": 1, "a": 1}, [{"$set": {"at": "$$NOW"}}], {"_id": 1, "a": 1, "at": NOW}),
    (
        {"_id": 1},
        [{"$set": {"_id": 2}}],
        (66, "After applying the update, the (immutable) field '"),
    ),
    ({"_id": 1}, [{"$match": {"a": 1}}], (72, "$match is not allowed to be used within an update")),
    ({"_id": 1}, [{"$foo": {"a": 1}}], (40324, "Unrecognized pipeline stage name: '$foo'")),
]

CASES = {
    name: table
    for name, table in globals().items()
    if name.isupper() and isinstance(table, list) and name != "CASES"
}
