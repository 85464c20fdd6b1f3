"""Properties, elements, slices and projections: the TCK's expressions/list, expressions/map,
expressions/graph; the Cypher Manual's "Lists" and "Maps".
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fivefold.errors import FivefoldError
from fivefold.values.graph.entities import Node, Relationship
from fivefold.values.graph.temporal import Date, Duration
from tests.languages.cypher.expressions.trees import details, evaluate, parsed, run, value_of

NODE = Node(1, ("A", "B"), {"name": "Ann", "age": 40})
RELATIONSHIP = Relationship(1, "KNOWS", 1, 2, {"since": 1999})
ROW = {
    "n": NODE,
    "r": RELATIONSHIP,
    "m": {"a": 1, "b": None},
    "d": Date(0),
    "t": Duration(days=3),
    "l": [1, 2, 3],
    "null_": None,
    "key": "name",
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("n.name", "Ann"),
        ("n.missing", None),
        ("r.since", 1999),
        ("m.a", 1),
        ("m.b", None),
        ("m.c", None),
        ("null_.x", None),
        ("d.year", 1970),
        ("t.days", 3),
        ("{a: {b: 2}}.a.b", 2),
        ("n['name']", "Ann"),
        ("n[key]", "Ann"),
        ("n[null_]", None),
        ("r['since']", 1999),
        ("m['a']", 1),
        ("m[null]", None),
        ("null_['a']", None),
        ("d['year']", 1970),
        ("l[0]", 1),
        ("l[-1]", 3),
        ("l[3]", None),
        ("l[-4]", None),
        ("l[null]", None),
        ("null_[0]", None),
        ("[[1, 2], [3]][0][1]", 2),
        ("l[1..2]", [2]),
        ("l[1..]", [2, 3]),
        ("l[..2]", [1, 2]),
        ("l[-2..]", [2, 3]),
        ("l[..-1]", [1, 2]),
        ("l[2..1]", []),
        ("l[0..9]", [1, 2, 3]),
        ("l[-9..1]", [1]),
        ("l[null..1]", None),
        ("l[0..null]", None),
        ("null_[0..1]", None),
        ("n {.name, .x}", {"name": "Ann", "x": None}),
        ("n {.*}", {"name": "Ann", "age": 40}),
        ("n {.*, age: 41, key}", {"name": "Ann", "age": 41, "key": "name"}),
        ("m {.a, l}", {"a": 1, "l": [1, 2, 3]}),
        ("null_ {.a}", None),
        ("r {double: r.since * 2}", {"double": 3998}),
        ("n:A", True),
        ("n:A:B", True),
        ("n:C", False),
        ("n:A:C", False),
        ("n:C|A", True),
        ("n:!C&%", True),
        ("n:A&!(B|C)", False),
        ("null_:A", None),
        ("r:KNOWS", True),
        ("r:LIKES|KNOWS", True),
        ("r:LIKES", False),
    ],
)
def test_answers(text: str, value: Any) -> None:
    assert evaluate(text, **ROW) == value


@pytest.mark.parametrize(
    ("text", "value", "detail"),
    [
        ("x.a", 1, "InvalidArgumentType"),
        ("x.a", [{}], "InvalidArgumentType"),
        ("x[0]", "abc", "InvalidArgumentType"),
        ("x[0]", 1, "InvalidArgumentType"),
        ("x['a']", [1], "ListElementAccessByNonInteger"),
        ("x[true]", [1], "ListElementAccessByNonInteger"),
        ("x[1.0]", [1], "ListElementAccessByNonInteger"),
        ("x[0]", {"a": 1}, "MapElementAccessByNonString"),
        ("x[0]", NODE, "PropertyAccessByNonString"),
        ("x[0..1]", "abc", "InvalidArgumentType"),
        ("[1][x..]", "a", "InvalidArgumentType"),
        ("[1][..x]", 1.0, "InvalidArgumentType"),
        ("x:A", 1, "InvalidArgumentType"),
        ("x {.a}", 1, "InvalidArgumentType"),
    ],
)
def test_faults(text: str, value: Any, detail: str) -> None:
    assert details(text, x=value) == ("TypeError", detail)


@pytest.mark.parametrize("text", ["x.a", "x['a']", "x {.a}", "x:A", "x.a = 1", "x.a > 1"])
def test_deleted_entities_are_not_looked_into(text: str) -> None:
    node = Node(1, ("A",), {"a": 1})
    node.deleted = True
    assert details(text, x=node) == ("EntityNotFound", "DeletedEntityAccess")


def test_parameters() -> None:
    expression = parsed("$a.b + $c")
    assert value_of(expression, {}, run(a={"b": 1}, c=2)) == 3
    with pytest.raises(FivefoldError) as caught:
        value_of(expression, {}, run(a={"b": 1}))
    assert caught.value.facts["detail"] == "MissingParameter"
    assert str(caught.value) == "Expected parameter(s): c"


bounds = st.none() | st.integers(-6, 6)


@given(st.lists(st.integers(), max_size=5), bounds, bounds)
def test_slices_against_a_model(values: list[int], start: int | None, end: int | None) -> None:
    """Bounds count from the end if negative, and what lies outside is passed over."""
    text = f"v[{'' if start is None else 's'}..{'' if end is None else 'e'}]"
    size = len(values)
    first = 0 if start is None else start if start >= 0 else size + start
    last = size if end is None else end if end >= 0 else size + end
    expected = [value for place, value in enumerate(values) if first <= place < last]
    assert evaluate(text, v=values, s=start, e=end) == expected


@given(st.lists(st.integers(), max_size=5), st.integers(-7, 7))
def test_elements_against_a_model(values: list[int], place: int) -> None:
    expected = dict(enumerate(values)) | {n - len(values): one for n, one in enumerate(values)}
    assert evaluate("v[p]", v=values, p=place) == expected.get(place)
