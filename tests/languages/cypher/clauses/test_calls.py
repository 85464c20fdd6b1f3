"""CALL of procedures: their arguments, what they yield, void ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pytest

from fivefold.errors import FivefoldError
from fivefold.languages.cypher.context import Procedure
from fivefold.languages.cypher.functions.function import Argument
from fivefold.languages.cypher.graph import Run
from tests.languages.cypher.answering import made, run


class Repeated:
    """``test.repeated(what, times)``: rows (value, place); nothing that it is called without."""

    name = "test.repeated"
    arguments = (Argument("what", "ANY"), Argument("times", "FLOAT"))
    results = (("value", "ANY"), ("place", "INTEGER"))
    writes = False

    def call(self, run: Run, arguments: Sequence[Any]) -> Iterable[Sequence[Any]]:
        what, times = arguments
        assert isinstance(times, float)
        return [(what, place) for place in range(int(times))]


class Note:
    """``test.note(text)``: void; keeps what it is told."""

    name = "test.note"
    arguments = (Argument("text", "STRING"),)
    results: tuple[tuple[str, str], ...] = ()
    writes = False

    def __init__(self) -> None:
        self.told: list[str] = []

    def call(self, run: Run, arguments: Sequence[Any]) -> Iterable[Sequence[Any]]:
        self.told.extend(arguments)
        return ()


CALLS = [
    ("CALL test.repeated('a', 2)", [("a", 0), ("a", 1)]),
    ("CALL test.repeated('a', 2) YIELD place", [(0,), (1,)]),
    ("CALL test.repeated", [("p", 0)]),
    (
        "CALL test.repeated('a', 2) YIELD place AS x, value RETURN x + 1, value",
        [(1, "a"), (2, "a")],
    ),
    ("CALL test.repeated('a', 3) YIELD place WHERE place > 1 RETURN place", [(2,)]),
    (
        "UNWIND [1, 0, 2] AS n CALL test.repeated(n, n) YIELD value, place RETURN n, place",
        [(1, 0), (2, 0), (2, 1)],
    ),
    (
        "UNWIND [0, 1] AS n OPTIONAL CALL test.repeated(n, n) YIELD place RETURN n, place",
        [(0, None), (1, 0)],
    ),
    ("UNWIND ['a', 'b'] AS t CALL test.note(t) RETURN t", [("a",), ("b",)]),
    ("CALL test.note('a')", []),
]


@pytest.mark.parametrize(("query", "rows"), CALLS)
def test_calls(query: str, rows: list[tuple[Any, ...]]) -> None:
    procedures: dict[str, Procedure] = {"test.repeated": Repeated(), "test.note": Note()}
    assert run(made(), query, procedures, what="p", times=1)[0] == rows


def test_a_void_procedure_is_called_once_for_each_row() -> None:
    note = Note()
    run(made(), "UNWIND ['a', 'b'] AS t CALL test.note(t) RETURN t LIMIT 9", {"test.note": note})
    assert note.told == ["a", "b"]


def test_a_parameter_that_an_argument_is_taken_from_is_missing() -> None:
    with pytest.raises(FivefoldError, match="what") as caught:
        run(made(), "CALL test.repeated", {"test.repeated": Repeated()})
    assert caught.value.facts is not None
    assert caught.value.facts["detail"] == "MissingParameter"
