"""What ``fivefold mongo`` reads: values, statements, and what is wrong with them.

Sources: mongosh's manual, "Data Types"; ECMAScript's lexical grammar, chapter 12.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from bson.binary import Binary
from bson.datetime_ms import DatetimeMS
from bson.decimal128 import Decimal128
from bson.int64 import Int64
from bson.max_key import MaxKey
from bson.min_key import MinKey
from bson.objectid import ObjectId
from bson.regex import Regex
from bson.timestamp import Timestamp

from fivefold.cli.mongo.statements import Chain, Step, Value, Words, is_complete, read
from fivefold.cli.mongo.tokens import Unfinished
from fivefold.errors import InvalidStatement

KEY = "65a1b2c3d4e5f60718293a4b"
UUID = "00112233-4455-6677-8899-aabbccddeeff"

VALUES: list[tuple[str, Any]] = [
    ("5", 5),
    ("-5", -5),
    ("+5", 5),
    ("5.0", 5),
    ("1.5", 1.5),
    (".5", 0.5),
    ("5.", 5),
    ("1e3", 1000),
    ("1E-3", 0.001),
    ("1_000", 1000),
    ("0x1F", 31),
    ("0o17", 15),
    ("0b101", 5),
    ("2147483647", 2147483647),
    ("2147483648", 2147483648.0),
    ("-2147483648", -2147483648),
    ("5000000000", 5e9),
    ("Infinity", float("inf")),
    ("-Infinity", float("-inf")),
    ("true", True),
    ("false", False),
    ("null", None),
    ("undefined", None),
    ("'a'", "a"),
    ('"a"', "a"),
    ("`a`", "a"),
    ("`a\nb`", "a\nb"),
    (r"'it\'s'", "it's"),
    (r"'\n\t\\\x41\u0042\u{1F600}'", "\n\t\\AB\U0001f600"),
    (r"'\ud83d\ude00'", "\U0001f600"),
    ("'a\\\nb'", "ab"),
    ("'//no'", "//no"),
    ("[]", []),
    ("[1, 2,]", [1, 2]),
    ("[[1], {}]", [[1], {}]),
    ("{}", {}),
    ("{a: 1}", {"a": 1}),
    ("{a: 1,}", {"a": 1}),
    ("{'a.b': 1, \"c d\": 2}", {"a.b": 1, "c d": 2}),
    ("{$gt: 5, _x: 1, ñ: 2}", {"$gt": 5, "_x": 1, "ñ": 2}),
    ("{1: 'a', 0x10: 'b'}", {"1": "a", "16": "b"}),
    ("{new: 1, true: 2, if: 3}", {"new": 1, "true": 2, "if": 3}),
    ("{a: /* none */ 1 // one\n}", {"a": 1}),
    ("{a: {b: [{c: 'd'}]}}", {"a": {"b": [{"c": "d"}]}}),
    ("/a/", Regex("a")),
    ("/a\\/b/i", Regex("a\\/b", "i")),
    ("/[/]/gm", Regex("[/]", "m")),
    ("RegExp('a', 'i')", Regex("a", "i")),
    (f"ObjectId('{KEY}')", ObjectId(KEY)),
    (f'new ObjectId("{KEY}")', ObjectId(KEY)),
    ("ISODate('2024-05-31')", datetime(2024, 5, 31)),
    ("ISODate('2024-05-31T12:30:15.25Z')", datetime(2024, 5, 31, 12, 30, 15, 250_000)),
    ("ISODate('2024-05-31T12:30:15+02:00')", datetime(2024, 5, 31, 10, 30, 15)),
    ("ISODate('20240531T1230')", datetime(2024, 5, 31, 12, 30)),
    ("new Date('2024-05-31T00:00:00Z')", datetime(2024, 5, 31)),
    ("new Date(0)", datetime(1970, 1, 1)),
    ("new Date(-1)", datetime(1969, 12, 31, 23, 59, 59, 999_000)),
    ("new Date(1e15)", DatetimeMS(10**15)),
    ("ISODate('+033658-09-27T01:46:40.000Z')", DatetimeMS(10**15)),
    ("ISODate('0000-01-01')", DatetimeMS(-62_167_219_200_000)),
    ("ISODate('9999-12-31T23:59:59-01:00')", DatetimeMS(253_402_304_399_000)),
    ("Long('5')", Int64(5)),
    ("Long(5)", Int64(5)),
    ("NumberLong('-9223372036854775808')", Int64(-(2**63))),
    ('NumberLong("7")', Int64(7)),
    ("Long.fromString('9')", Int64(9)),
    ("NumberInt(5)", 5),
    ("Int32('5')", 5),
    ("Double(5)", 5.0),
    ("NumberDecimal('1.50')", Decimal128("1.50")),
    ("Decimal128('NaN')", Decimal128("NaN")),
    (f"UUID('{UUID}')", Binary(bytes.fromhex(UUID.replace("-", "")), 4)),
    ("BinData(0, 'AQI=')", b"\x01\x02"),
    ("BinData(128, 'AQI=')", Binary(b"\x01\x02", 128)),
    ("HexData(0, '0102')", b"\x01\x02"),
    ("Binary.createFromBase64('AQI=', 0)", b"\x01\x02"),
    ("Timestamp(5, 6)", Timestamp(5, 6)),
    ("Timestamp({ t: 5, i: 6 })", Timestamp(5, 6)),
    ("MinKey", MinKey()),
    ("MinKey()", MinKey()),
    ("new MaxKey()", MaxKey()),
    ("DBRef('users', 1)", {"$ref": "users", "$id": 1}),
]


@pytest.mark.parametrize(("text", "expected"), VALUES)
def test_values(text: str, expected: Any) -> None:
    (statement,) = read(f"db.c.f({text})")
    assert isinstance(statement, Chain)
    ((found,),) = (step.arguments for step in statement.steps if step.arguments is not None)
    assert found == expected
    assert type(found) is type(expected)


def test_values_that_are_new() -> None:
    (first, second, now) = read("ObjectId(); UUID(); new Date()")
    assert isinstance(first, Value)
    assert isinstance(first.value, ObjectId)
    assert isinstance(second, Value)
    assert isinstance(second.value, Binary)
    assert isinstance(now, Value)
    assert isinstance(now.value, datetime)


def find(*arguments: Any) -> Step:
    return Step("find", arguments, 0)


STATEMENTS: list[tuple[str, list[Any]]] = [
    ("", []),
    (" ; ;\n// nothing\n/* at all */", []),
    ("db", [()]),
    ("db;db\ndb", [(), (), ()]),
    ("show dbs", [("show", "dbs")]),
    ("show collections; use shop", [("show", "collections"), ("use", "shop")]),
    ("show tables // all", [("show", "tables")]),
    ("use('shop')", [("use", "shop")]),
    ("exit()", [("exit",)]),
    ("it\nit", [("it",), ("it",)]),
    ("db.c.find()", [("c", "find()")]),
    ("db.c\n  .find()\n  .limit(5)", [("c", "find()", "limit()")]),
    ("db.c.\nfind()", [("c", "find()")]),
    ("db.c.find(\n)\ndb.d.find()", [("c", "find()"), ("d", "find()")]),
    ("db['a b'].find()", [("a b", "find()")]),
    ("db.fs.files.find()", [("fs", "files", "find()")]),
    ("db.getCollection('x').drop()", [("getCollection()", "drop()")]),
    ("db.show.find()", [("show", "find()")]),
    ("db // here\n", [()]),
]


@pytest.mark.parametrize(("text", "expected"), STATEMENTS)
def test_statements(text: str, expected: list[Any]) -> None:
    shown = []
    for statement in read(text):
        if isinstance(statement, Words):
            shown.append(statement.words)
        else:
            assert isinstance(statement, Chain)
            steps = statement.steps
            shown.append(tuple(f"{s.name}{'()' if s.arguments is not None else ''}" for s in steps))
    assert shown == expected


WRONG = [
    ("db.c.find({a 5})", "unexpected 5", 14),
    ("db.c.find({a: })", "a value is due", 15),
    ("db.c.find([1 2])", "in an array, or its ]", 14),
    ("db.c.find(1 2)", "in a call, or its )", 13),
    ("db.c.find({)", "a field's name or }", 12),
    ("db.c.find({a: b})", "b is not a value", 15),
    ("db.c.find({a})", "a has no value", 12),
    ("db.c.find({[a]: 1})", "computed keys", 12),
    ("db.c.find({...a})", "computed keys", 12),
    ("db.c.find({f() {}})", "f has no value", 12),
    ("db.c.find({a: 5 * 3})", "terms", 17),
    ("db.c.find({a: 'x'.length})", "terms", 18),
    ("db.c.find({a: (5)})", "in brackets are JavaScript", 15),
    ("db.c.find(d => d)", "d is not a value", 11),
    ("db.c.find(function () {})", "function is a word of JavaScript", 11),
    ("const x = 5", "const is a word of JavaScript", 1),
    ("for (;;) {}", "for is a word of JavaScript", 1),
    ("x = 5", "x is not a value", 1),
    ("db.c.find() db.d.find()", "the statement ended", 13),
    ("db.c = 5", "variables are JavaScript", 6),
    ("db.c.find({a: 'x})", "a string is not closed", 15),
    ("db.c.find({a: `${b}`})", "a template", 15),
    (r"'\u00'", r"\u lacks its digits", 2),
    (r"'\ud83d'", "half a surrogate pair", 1),
    ("/a", "does not end", 1),
    ("/a/q", "q is not a pattern's option", 1),
    ("5n", "BigInt", 1),
    ("12345678901234567", "more digits than a double", 1),
    ("-'a'", "goes before a number", 2),
    ("ObjectId('x')", "24 hexadecimal digits", 1),
    ("ISODate('2024-13-01')", "there is no such date", 1),
    ("ISODate('soon')", "a date is written as", 1),
    ("Date()", "new Date(…)", 1),
    ("Long('x')", "not a whole number", 1),
    ("Long('9223372036854775808')", "does not fit 64 bits", 1),
    ("NumberInt(2147483648)", "does not fit 32 bits", 1),
    ("NumberDecimal('x')", "not a decimal", 1),
    ("UUID('x')", "32 hexadecimal digits", 1),
    ("BinData(0, '?')", "a text in base64", 1),
    ("BinData(300, '')", "0 to 255", 1),
    ("Timestamp(-1, 0)", "two whole numbers", 1),
    ("Long(1, 2, 3)", "does not take these arguments", 1),
    ("Long", "unfinished", 5),
    ("db[5]", "a collection's name is due", 4),
    ("#", "a value is due", 1),
    ("[" * 300, "lie inside one another", 202),
]


@pytest.mark.parametrize(("text", "message", "position"), WRONG)
def test_what_is_wrong(text: str, message: str, position: int) -> None:
    with pytest.raises(InvalidStatement) as raised:
        list(read(text))
    if message == "unfinished":
        assert isinstance(raised.value, Unfinished)
    else:
        assert message in raised.value.message
    assert raised.value.position == position


def test_javascript_is_told_where_to_go() -> None:
    with pytest.raises(InvalidStatement) as raised:
        list(read("db.c.find().forEach(d => print(d))"))
    assert raised.value.hint is not None
    assert "mongosh" in raised.value.hint


@pytest.mark.parametrize(
    ("text", "complete"),
    [
        ("db.c.find()", True),
        ("db.c.find({", False),
        ("db.c.find({a: [1,\n2", False),
        ("db.c.", False),
        ("/* a", False),
        ("`a", False),
        ("db.c.find({\n\n", True),
        ("db.c.find({)", True),
        ("show dbs", True),
        ("", True),
    ],
)
def test_where_enter_runs_the_text(text: str, complete: bool) -> None:
    assert is_complete(text) is complete
