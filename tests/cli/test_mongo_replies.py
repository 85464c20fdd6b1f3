"""What ``fivefold mongo`` prints: the layout of Node's util.inspect, and the types of BSON.

The long layouts were compared with those of Node 20 for 3,000 random values.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from bson.binary import Binary
from bson.code import Code
from bson.datetime_ms import DatetimeMS
from bson.dbref import DBRef
from bson.decimal128 import Decimal128
from bson.int64 import Int64
from bson.max_key import MaxKey
from bson.objectid import ObjectId
from bson.regex import Regex
from bson.timestamp import Timestamp
from rich.text import Text

from fivefold.cli.mongo.colors import ValueHighlighter
from fivefold.cli.mongo.replies import readable
from fivefold.cli.mongo.statements import Value, read

KEY = "65a1b2c3d4e5f60718293a4b"

SCALARS: list[tuple[Any, str]] = [
    (None, "null"),
    (True, "true"),
    (5, "5"),
    (5.0, "5"),
    (-0.0, "-0"),
    (1.25e-6, "0.00000125"),
    (1e-7, "1e-7"),
    (1.5e300, "1.5e+300"),
    (1e20, "100000000000000000000"),
    (1e21, "1e+21"),
    (float("nan"), "NaN"),
    (float("-inf"), "-Infinity"),
    (Int64(5), "Long('5')"),
    (Decimal128("1.50"), "Decimal128('1.50')"),
    (ObjectId(KEY), f"ObjectId('{KEY}')"),
    (datetime(2024, 5, 31, 12, 30, 1, 5000), "ISODate('2024-05-31T12:30:01.005Z')"),
    (datetime(1, 1, 1), "ISODate('0001-01-01T00:00:00.000Z')"),
    (DatetimeMS(10**15), "ISODate('+033658-09-27T01:46:40.000Z')"),
    (Regex("a/b[/]", "i"), r"/a\/b[/]/i"),
    (Regex("a", "x"), "BSONRegExp('a', 'x')"),
    (Timestamp(5, 6), "Timestamp({ t: 5, i: 6 })"),
    (MaxKey(), "MaxKey()"),
    (Code("f()"), "Code('f()')"),
    (DBRef("users", 1), "DBRef('users', 1)"),
    (b"\x01\x02", "Binary.createFromBase64('AQI=', 0)"),
    (Binary(bytes(16), 4), "UUID('00000000-0000-0000-0000-000000000000')"),
    ("it's", '"it\'s"'),
    ("a\nb\x1b\x7f\\", r"'a\nb\x1B\x7F\\'"),
    ("'\"`", "'\\'\"`'"),
]


@pytest.mark.parametrize(("value", "expected"), SCALARS)
def test_scalars(value: Any, expected: str) -> None:
    assert readable([value]) == f"[ {expected} ]"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({}, "{}"),
        ([], "[]"),
        ({"a": 1, "b-c": [1, 2], "$d": {}}, "{ a: 1, 'b-c': [ 1, 2 ], '$d': {} }"),
        (
            {"a": {"b": {"c": {}}}},
            "{\n  a: { b: { c: {} } }\n}",
        ),
        (
            list(range(30)),
            "[\n"
            "   0,  1,  2,  3,  4,  5,  6,  7,  8,\n"
            "   9, 10, 11, 12, 13, 14, 15, 16, 17,\n"
            "  18, 19, 20, 21, 22, 23, 24, 25, 26,\n"
            "  27, 28, 29\n"
            "]",
        ),
        (["a", "bbb"] * 4, "[\n  'a',   'bbb', 'a',\n  'bbb', 'a',   'bbb',\n  'a',   'bbb'\n]"),
        (
            {
                "text": "a first line\n"
                "and the second line, which is longer than the first: by far, by very far"
            },
            "{\n"
            "  text: 'a first line\\n' +\n"
            "    'and the second line, which is longer than the first: by far, by very far'\n"
            "}",
        ),
        (
            [{"_id": 1, "item": "canvas", "size": {"h": 28, "w": 35.5}, "tags": ["cotton", "x"]}],
            "[\n"
            "  {\n"
            "    _id: 1,\n"
            "    item: 'canvas',\n"
            "    size: { h: 28, w: 35.5 },\n"
            "    tags: [ 'cotton', 'x' ]\n"
            "  }\n"
            "]",
        ),
    ],
)
def test_layouts(value: Any, expected: str) -> None:
    assert readable(value) == expected


@pytest.mark.parametrize("value", [value for value, _ in SCALARS if not isinstance(value, Code)])
def test_what_is_printed_can_be_typed(value: Any) -> None:
    if isinstance(value, DBRef):
        value = value.as_doc().to_dict()
    (statement,) = read(readable([value]))
    assert isinstance(statement, Value)
    assert readable(statement.value) == readable([value])


def test_colors() -> None:
    shown = ValueHighlighter()(Text("{ a1: 5, 'b': 'x: 5', c: null, d: Long('7'), e: /x/i }"))
    plain = shown.plain
    found = {plain[span.start : span.end]: str(span.style) for span in shown.spans}
    assert found == {
        "5": "mongo.number",
        "'x: 5'": "mongo.string",
        "null": "mongo.null",
        "Long": "mongo.type",
        "'7'": "mongo.string",
        "/x/i": "mongo.regex",
    }
