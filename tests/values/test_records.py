"""Records behave as frozen, slotted dataclasses do, in what is used of them."""

from __future__ import annotations

import pytest

from fivefold.values.records import Record, changed, names_of


class Point(Record):
    x: int
    y: int = 0
    tags: tuple[str, ...] = ()


class Named(Point):
    name: str = "?"


class Other(Record):
    x: int
    y: int = 0
    tags: tuple[str, ...] = ()


class Nothing(Record):
    """Has no fields."""


def test_fields_are_given_by_place_or_by_name() -> None:
    for point in (Point(1, 2), Point(1, y=2), Point(y=2, x=1)):
        assert (point.x, point.y, point.tags) == (1, 2, ())
    named = Named(1, name="a")
    assert (named.x, named.y, named.tags, named.name) == (1, 0, (), "a")
    assert names_of(named) == ("x", "y", "tags", "name")


@pytest.mark.parametrize("wrong", [(), (1, 2, (), 4)])
def test_a_wrong_number_of_fields_is_refused(wrong: tuple[int, ...]) -> None:
    class Fresh(Record):
        x: int
        y: int = 0
        tags: tuple[str, ...] = ()

    for kind in (Point, Fresh):  # with its __init__ compiled and before
        with pytest.raises(TypeError, match="positional argument"):
            kind(*wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="unexpected keyword"):
        Point(1, z=3)  # type: ignore[call-arg]


def test_equal_are_records_of_one_class_with_equal_fields() -> None:
    assert Point(1, 2) == Point(1, 2)
    assert Point(1, 2) != Point(1, 3)
    assert Point(1, 2) != Other(1, 2)
    assert Point(1) != Named(1)
    assert Nothing() == Nothing()
    assert {Point(1, 2), Point(1, 2), Nothing(), Nothing()} == {Point(1, 2), Nothing()}


def test_objects_have_slots_alone() -> None:
    with pytest.raises(AttributeError):
        Point(1).z = 1  # type: ignore[attr-defined]
    assert not hasattr(Named(1), "__dict__")


def test_patterns_take_fields_in_order() -> None:
    match Named(1, 2, ("a",)):
        case Named(x, y, (tag,), name=name):
            assert (x, y, tag, name) == (1, 2, "a", "?")


def test_changed_makes_another_record() -> None:
    point = Named(1, 2)
    assert changed(point, y=5) == Named(1, 5)
    assert point == Named(1, 2)
    assert repr(point) == "Named(x=1, y=2, tags=(), name='?')"
