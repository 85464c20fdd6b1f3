"""The functions one by one, in tables of calls and values.

Each family's answers are those of its page of the Cypher Manual 5 ("String functions", …), and of
the openCypher TCK's expressions/.
"""

from __future__ import annotations

import math
import re
from typing import Any

import pytest

from fivefold.errors import FivefoldError, Unsupported
from fivefold.languages.cypher.functions.table import FAMILIES, all_functions, find
from fivefold.values.graph.entities import Node, Path, Relationship
from fivefold.values.graph.temporal import Date, Duration
from tests.languages.cypher.expressions.trees import apply, run

NAN, INFINITY = math.nan, math.inf
NODE = Node(7, ("B", "A"), {"x": 1, "y": None})
OTHER = Node(8, (), {"z": 2.5})
RELATIONSHIP = Relationship(3, "KNOWS", 7, 8, {"since": 1999})
PATH = Path((NODE, OTHER), (RELATIONSHIP,))
DAY = Date.of(1984, 10, 11)

STRINGS = [
    ("left", ("hello", 3), "hel"),
    ("left", ("hello", 9), "hello"),
    ("left", ("hello", 0), ""),
    ("left", (None, 3), None),
    ("left", (None, None), None),
    ("right", ("hello", 3), "llo"),
    ("right", ("hello", 9), "hello"),
    ("right", ("hello", 0), ""),
    ("right", (None, None), None),
    ("substring", ("hello", 1, 3), "ell"),
    ("substring", ("hello", 2), "llo"),
    ("substring", ("hello", 9), ""),
    ("substring", ("hello", 0, 0), ""),
    ("substring", (None, 1), None),
    ("substring", ("0123456789", 0, 3), "012"),
    ("ltrim", ("   hello",), "hello"),
    ("rtrim", ("hello   ",), "hello"),
    ("trim", ("\t hello \n",), "hello"),
    ("btrim", (" hello ",), "hello"),
    ("trim", ("\u3000\x1f\xa0x\u202f\u2028",), "\xa0x\u202f"),
    ("btrim", ("xxyhelloyxx", "xy"), "hello"),
    ("ltrim", ("xhellox", "x"), "hellox"),
    ("rtrim", ("xhellox", "x"), "xhello"),
    ("trim", ("xhellox", "x"), "hello"),
    ("btrim", ("hello", None), None),
    ("toLower", ("HeLLO",), "hello"),
    ("lower", ("HELLO",), "hello"),
    ("toUpper", ("hello",), "HELLO"),
    ("upper", ("straße",), "STRASSE"),
    ("replace", ("hello", "l", "w"), "hewwo"),
    ("replace", ("hello", "z", "w"), "hello"),
    ("replace", ("hello", None, "w"), None),
    ("replace", ("hello", "l", None), None),
    ("split", ("one,two", ","), ["one", "two"]),
    ("split", ("a--b-c", "--"), ["a", "b-c"]),
    ("split", ("a,b;c", [",", ";"]), ["a", "b", "c"]),
    ("split", ("abc", ""), ["a", "b", "c"]),
    ("split", ("", ","), [""]),
    ("split", ("x", None), None),
    ("split", (None, ","), None),
    ("reverse", ("anagram",), "margana"),
    ("normalize", ("\u212b",), "\u00c5"),
    ("normalize", ("\ufe64", "NFKC"), "<"),
    ("normalize", ("\u03d3", "NFD"), "\u03d2\u0301"),
    ("size", ("\U0001f600",), 1),
    ("char_length", ("Alice",), 5),
    ("character_length", ("",), 0),
]
CONVERSIONS = [
    ("toBoolean", ("true",), True),
    ("toBoolean", (" FALSE ",), False),
    ("toBoolean", ("not a boolean",), None),
    ("toBoolean", (0,), False),
    ("toBoolean", (-3,), True),
    ("toBoolean", (True,), True),
    ("toBooleanOrNull", (1.5,), None),
    (
        "toBooleanList",
        (["a string", True, "false", None, ["A", "B"]],),
        [None, True, False, *2 * [None]],
    ),
    ("toInteger", ("42",), 42),
    ("toInteger", (" -17 ",), -17),
    ("toInteger", ("1.9",), 1),
    ("toInteger", ("-1.9e1",), -19),
    ("toInteger", (".5",), 0),
    ("toInteger", ("0x1F",), None),
    ("toInteger", ("",), None),
    ("toInteger", ("1_000",), None),
    ("toInteger", ("not a number",), None),
    ("toInteger", (True,), 1),
    ("toInteger", (82.9,), 82),
    ("toInteger", (-82.9,), -82),
    ("toInteger", (1e300,), 2**63 - 1),
    ("toInteger", (-INFINITY,), -(2**63)),
    ("toInteger", (NAN,), 0),
    ("toInteger", ("9223372036854775807",), 2**63 - 1),
    ("toInteger", ("0" * 500 + "1",), 1),
    ("toIntegerOrNull", ("9223372036854775808",), None),
    ("toIntegerOrNull", (["A"],), None),
    ("toIntegerList", (["a string", 2, "5", None, ["A", "B"]],), [None, 2, 5, None, None]),
    ("toFloat", ("11.5",), 11.5),
    ("toFloat", ("1",), 1.0),
    ("toFloat", ("-1e3",), -1000.0),
    ("toFloat", ("-Infinity",), -INFINITY),
    ("toFloat", ("NaN",), NAN),
    ("toFloat", ("1_0",), None),
    ("toFloat", ("infinity",), None),
    ("toFloat", (3,), 3.0),
    ("toFloat", ("not a number",), None),
    ("toFloatOrNull", (True,), None),
    (
        "toFloatList",
        (["a string", 2.5, "3.14159", None, ["A", "B"]],),
        [None, 2.5, 3.14159, None, None],
    ),
    ("toString", (11.5,), "11.5"),
    ("toString", (1.0,), "1.0"),
    ("toString", (1e10,), "1.0E10"),
    ("toString", (42,), "42"),
    ("toString", ("already a string",), "already a string"),
    ("toString", (True,), "true"),
    ("toString", (DAY,), "1984-10-11"),
    ("toString", (Duration(0, 0, 660),), "PT11M"),
    ("toStringOrNull", ([1],), None),
    (
        "toStringList",
        (["already a string", 2, DAY, None, ["A"]],),
        ["already a string", "2", "1984-10-11", None, None],
    ),
    ("toStringList", (None,), None),
]
SCALARS = [
    ("coalesce", (None, None, 3, 4), 3),
    ("coalesce", (None,), None),
    ("elementId", (NODE,), "4:graph:7"),
    ("elementId", (RELATIONSHIP,), "5:graph:3"),
    ("id", (NODE,), 7),
    ("id", (RELATIONSHIP,), 3),
    ("startNode", (RELATIONSHIP,), NODE),
    ("endNode", (RELATIONSHIP,), OTHER),
    ("type", (RELATIONSHIP,), "KNOWS"),
    ("properties", (OTHER,), {"z": 2.5}),
    ("properties", (RELATIONSHIP,), {"since": 1999}),
    ("properties", ({"a": None},), {"a": None}),
    ("head", ([1, 2],), 1),
    ("head", ([],), None),
    ("last", ([1, 2],), 2),
    ("last", ([],), None),
    ("size", ([1, None],), 2),
    ("length", (PATH,), 1),
    ("length", (Path((NODE,)),), 0),
    ("nullIf", (4, 4), None),
    ("nullIf", (4, 4.0), None),
    ("nullIf", ("abc", "def"), "abc"),
    ("nullIf", (None, 1), None),
    ("nullIf", (1, None), 1),
    ("timestamp", (), 1234),
    ("valueType", ("abc",), "STRING NOT NULL"),
    ("valueType", (None,), "NULL"),
    ("valueType", ([DAY],), "LIST<DATE NOT NULL> NOT NULL"),
    ("valueType", ([1, "a", None],), "LIST<STRING | INTEGER> NOT NULL"),
    ("valueType", ([],), "LIST<NOTHING> NOT NULL"),
    (
        "valueType",
        ([[1], [True]],),
        "LIST<LIST<BOOLEAN NOT NULL> NOT NULL | LIST<INTEGER NOT NULL> NOT NULL> NOT NULL",
    ),
    ("exists", (1,), True),
    ("exists", (None,), False),
    ("isEmpty", ([],), True),
    ("isEmpty", ({"a": 1},), False),
    ("isEmpty", ("",), True),
]
LISTS = [
    ("keys", (OTHER,), ["z"]),
    ("keys", ({"a": 1, "b": None},), ["a", "b"]),
    ("labels", (NODE,), ["A", "B"]),
    ("labels", (OTHER,), []),
    ("nodes", (PATH,), [NODE, OTHER]),
    ("relationships", (PATH,), [RELATIONSHIP]),
    ("range", (0, 10), list(range(11))),
    ("range", (2, 18, 3), [2, 5, 8, 11, 14, 17]),
    ("range", (0, 5, -1), []),
    ("range", (5, 0), []),
    ("range", (5, 1, -2), [5, 3, 1]),
    ("range", (3, 3), [3]),
    ("range", (2**63 - 1, 2**63 - 1), [2**63 - 1]),
    ("range", (-(2**63), 2**63 - 1, 2**63 - 1), [-(2**63), -1, 2**63 - 2]),
    ("reverse", ([4923, "abc", None, 487],), [487, None, "abc", 4923]),
    ("tail", ([1, 2, 3],), [2, 3]),
    ("tail", ([],), []),
]
NUMBERS = [
    ("abs", (-3,), 3),
    ("abs", (-(2**63) + 1,), 2**63 - 1),
    ("abs", (-3.5,), 3.5),
    ("ceil", (0.1,), 1.0),
    ("ceil", (-0.5,), -0.0),
    ("ceil", (3,), 3.0),
    ("ceil", (INFINITY,), INFINITY),
    ("floor", (0.9,), 0.0),
    ("floor", (-0.1,), -1.0),
    ("floor", (NAN,), NAN),
    ("isNaN", (NAN,), True),
    ("isNaN", (1,), False),
    ("round", (3.141592,), 3.0),
    ("round", (-1.5,), -1.0),
    ("round", (2.5,), 3.0),
    ("round", (0.49999999999999994,), 0.0),
    ("round", (7,), 7.0),
    ("round", (3.141592, 3), 3.142),
    ("round", (-1.5, 0), -1.0),
    ("round", (-1.55, 1), -1.6),
    ("round", (1.249, 1, "UP"), 1.3),
    ("round", (-1.251, 1, "UP"), -1.3),
    ("round", (-1.35, 1, "DOWN"), -1.3),
    ("round", (1.25, 1, "CEILING"), 1.3),
    ("round", (-1.251, 1, "CEILING"), -1.2),
    ("round", (1.249, 1, "FLOOR"), 1.2),
    ("round", (-1.251, 1, "FLOOR"), -1.3),
    ("round", (1.25, 1, "HALF_UP"), 1.3),
    ("round", (-1.35, 1, "HALF_UP"), -1.4),
    ("round", (1.25, 1, "HALF_DOWN"), 1.2),
    ("round", (-1.35, 1, "HALF_DOWN"), -1.3),
    ("round", (1.25, 1, "HALF_EVEN"), 1.2),
    ("round", (-1.35, 1, "HALF_EVEN"), -1.4),
    ("round", (-1.5, 0, "HALF_UP"), -2.0),
    ("round", (1e300, 5), 1e300),
    ("round", (5e-324, 400), 5e-324),
    ("round", (NAN, 2), NAN),
    ("round", (1.5, None), None),
    ("sign", (-17,), -1),
    ("sign", (0.1,), 1),
    ("sign", (0,), 0),
    ("e", (), math.e),
    ("exp", (2,), math.exp(2)),
    ("exp", (1000,), INFINITY),
    ("log", (27,), math.log(27)),
    ("log", (0,), -INFINITY),
    ("log", (-1,), NAN),
    ("log10", (1000,), 3.0),
    ("log10", (0.0,), -INFINITY),
    ("sqrt", (256,), 16.0),
    ("sqrt", (-1,), NAN),
    ("acos", (0.5,), math.acos(0.5)),
    ("acos", (2,), NAN),
    ("asin", (0.5,), math.asin(0.5)),
    ("atan", (0.5,), math.atan(0.5)),
    ("atan2", (0.5, 0.6), math.atan2(0.5, 0.6)),
    ("atan2", (None, 0.6), None),
    ("cos", (0,), 1.0),
    ("sin", (0.0,), 0.0),
    ("sin", (INFINITY,), NAN),
    ("tan", (0.5,), math.tan(0.5)),
    ("cot", (0.5,), 1 / math.tan(0.5)),
    ("cot", (0,), INFINITY),
    ("degrees", (math.pi,), 180.0),
    ("radians", (180,), math.pi),
    ("haversin", (0.5,), math.sin(0.25) ** 2),
    ("pi", (), math.pi),
]
ANSWERS = STRINGS + CONVERSIONS + SCALARS + LISTS + NUMBERS


class Graph:
    """Of a graph functions see only this."""

    uuid = "graph"

    def node(self, id: int) -> Node | None:
        return {7: NODE, 8: OTHER}.get(id)


def execution() -> Any:
    made = run(Graph())
    made.now.__init__(1_234_567_890, 0)
    return made


@pytest.mark.parametrize(("name", "arguments", "answer"), ANSWERS)
def test_answers(name: str, arguments: tuple[Any, ...], answer: Any) -> None:
    got = apply(name, *arguments, execution=execution())
    assert type(got) is type(answer)
    assert got == answer or (got != got and answer != answer)
    if got == 0:
        assert math.copysign(1, got) == math.copysign(1, answer)


WRONG = [
    *[(name, (1, 2)) for name in ("left", "right", "substring", "split", "ltrim", "normalize")],
    *[(name, ("x", None)) for name in ("left", "right", "substring")],
    *[(name, ("x", -1)) for name in ("left", "right", "substring")],
    ("substring", ("x", 0, -1)),
    ("substring", ("x", 0, None)),
    ("substring", ("x", 1.0)),
    ("split", ("x", 1)),
    ("split", ("x", [None])),
    ("replace", ("x", 1, "y")),
    ("normalize", ("x", "NFX")),
    ("toUpper", (1,)),
    ("toLower", ([],)),
    ("trim", (True,)),
    ("reverse", (1,)),
    ("size", (1,)),
    ("size", (PATH,)),
    ("char_length", ([],)),
    *[("toBoolean", (value,)) for value in ([], {}, 1.0, NODE, RELATIONSHIP, PATH)],
    *[("toInteger", (value,)) for value in ([], {}, NODE, RELATIONSHIP, PATH, DAY)],
    ("toInteger", ("9223372036854775808",)),
    ("toInteger", ("1e1000000",)),
    *[("toFloat", (value,)) for value in (True, [], {}, NODE, PATH)],
    *[("toString", (value,)) for value in ([], {}, NODE, RELATIONSHIP, PATH)],
    ("toStringList", (1,)),
    ("toBooleanList", ("x",)),
    *[("type", (value,)) for value in (0, True, "", [], NODE, PATH)],
    *[("labels", (value,)) for value in (1, "x", RELATIONSHIP)],
    *[("properties", (value,)) for value in (1, "Cypher", [True, False])],
    *[("keys", (value,)) for value in (1, "x", PATH)],
    *[(name, (1,)) for name in ("id", "elementId", "startNode", "endNode", "nodes", "length")],
    *[(name, ("x",)) for name in ("head", "last", "tail", "relationships")],
    ("isEmpty", (1,)),
    *[(name, ("1",)) for name in ("abs", "ceil", "floor", "sign", "isNaN", "sqrt", "sin", "round")],
    ("round", (1.5, -1)),
    ("round", (1.5, "1")),
    ("round", (1.5, 1, "SIDEWAYS")),
    ("atan2", (1, "x")),
    ("exp", (True,)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "arguments"), WRONG)
def test_wrong_arguments(name: str, arguments: tuple[Any, ...]) -> None:
    with pytest.raises(FivefoldError) as caught:
        apply(name, *arguments, execution=execution())
    assert caught.value.facts["type"] == "TypeError"
    assert caught.value.facts["detail"] == "InvalidArgumentValue"
    assert caught.value.facts["phase"] == "runtime"


def test_range_faults() -> None:
    for arguments, detail in [
        ((2, 8, 0), "NumberOutOfRange"),
        ((0, 1, True), "InvalidArgumentType"),
        ((0.0, 1), "InvalidArgumentType"),
        ((0, "xyz", 1), "InvalidArgumentType"),
    ]:
        with pytest.raises(FivefoldError) as caught:
            apply("range", *arguments)
        assert (caught.value.facts["type"], caught.value.facts["detail"]) == (
            "ArgumentError",
            detail,
        )
    with pytest.raises(FivefoldError, match="more than 67108864 elements"):
        apply("range", 1, 10**12)


def test_the_least_integer_has_no_absolute_value() -> None:
    with pytest.raises(FivefoldError) as caught:
        apply("abs", -(2**63))
    assert caught.value.facts["detail"] == "ArithmeticOverflow"


def test_deleted_entities_have_an_identity_and_a_type_only() -> None:
    node, relationship = Node(1, ("A",), {"x": 1}), Relationship(2, "T", 1, 1, {"x": 1})
    node.deleted = relationship.deleted = True
    assert apply("id", node) == 1
    assert apply("type", relationship) == "T"
    for name, entity in [
        ("labels", node),
        ("properties", node),
        ("keys", node),
        ("properties", relationship),
    ]:
        with pytest.raises(FivefoldError) as caught:
            apply(name, entity)
        assert caught.value.facts["detail"] == "DeletedEntityAccess"
        assert caught.value.facts["type"] == "EntityNotFound"


def test_random_ones() -> None:
    assert all(0 <= apply("rand") < 1 for _ in range(100))
    uuids = {apply("randomUUID") for _ in range(100)}
    assert len(uuids) == 100
    assert all(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", one) for one in uuids)


def test_points_are_named_as_unsupported() -> None:
    for name in ("point", "point.distance", "point.withinBBox"):
        with pytest.raises(Unsupported, match="points are not supported"):
            find(name)


NULLS = sorted(
    (function.name, function.least)
    for family in FAMILIES
    for function in [find(name) for name in FAMILIES[family].split()]
    if function and not function.aggregating and function.least
)


@pytest.mark.parametrize(("name", "count"), NULLS)
def test_null_gives_null(name: str, count: int) -> None:
    expected: Any = {"valueType": "NULL", "exists": False}.get(name)
    assert apply(name, *[None] * count, execution=execution()) == expected


def test_the_table_is_whole() -> None:
    functions = {function.name: function for function in all_functions()}
    for names in FAMILIES.values():
        for name in names.split():
            assert functions.pop(name).name == name
            assert find(name.upper()) is find(name)
    assert sorted(functions) == ["all", "any", "none", "reduce", "single"]
    assert find("nosuch") is None
    assert find("reduce") is None


def test_signatures() -> None:
    found = find("round")
    assert found
    assert (found.least, found.most, found.category) == (1, 3, "Numeric")
    assert found.signature == (
        "round(value :: FLOAT, precision :: INTEGER | FLOAT, mode :: STRING) :: FLOAT"
    )
    coalesce = find("coalesce")
    assert coalesce
    assert coalesce.takes(50)
    assert not coalesce.takes(0)
