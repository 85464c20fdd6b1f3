"""The reader of features, and the notation of values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fivefold.values.graph.entities import Path as GraphPath
from tests.tck import kit
from tests.tck.backends import Answer, GivenProcedure, Refused, Snapshot
from tests.tck.gherkin import Scenario, Step, scenarios
from tests.tck.notation import form, parse
from tests.tck.running import run

FEATURE = '''
#encoding: utf-8
Feature: Things

  Background:
    Given an empty graph

  @slow @odd
  Scenario Outline: [1] A <what>
    When executing query:
      """
      RETURN <value> AS `a|b`
        // indented
      """
    Then the result should be, in any order:
      | a\\|b    |
      | <value> |
    # A remark.
    And no side effects

    Examples:
      | what   | value |
      | one    | 1     |
      | string | 'x'   |

  Scenario: [2] Nothing
    Given there exists a procedure p() :: ():
      |
'''


def test_an_outline_is_a_scenario_for_each_row_of_examples() -> None:
    first, second, third = scenarios("Things1", FEATURE)
    assert [first.title, second.title] == ["Things1 [1] A one #1", "Things1 [1] A string #2"]
    assert first.tags == {"@slow", "@odd"}
    assert third.tags == frozenset()
    assert second.steps == (
        Step("an empty graph"),
        Step("executing query:", text="RETURN 'x' AS `a|b`\n  // indented"),
        Step("the result should be, in any order:", table=(("a|b",), ("'x'",))),
        Step("no side effects"),
    )
    assert third.steps[1] == Step("there exists a procedure p() :: ():", table=((),))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("-7", -7),
        ("1.5E-3", 0.0015),
        (".5", 0.5),
        ("'it\\'s'", "it's"),
        ("null", None),
        ("[1, [true], 'a']", [1, [True], "a"]),
        ("{a: 1, `b c`: {}}", {"a": 1, "b c": {}}),
        ("[]", []),
    ],
)
def test_values(text: str, value: Any) -> None:
    assert parse(text) == value


def test_entities() -> None:
    path = parse("<(:A:B {n: 1})-[:T {x: 'y'}]->()<-[:U]-(:C)>")
    assert isinstance(path, GraphPath)
    assert [node.labels for node in path.nodes] == [{"A", "B"}, set(), {"C"}]
    assert [step.type for step in path.relationships] == ["T", "U"]
    assert path.relationships[1].start_id == path.nodes[2].id


@pytest.mark.parametrize(
    ("left", "right", "is_same"),
    [
        ("1", "1.0", False),
        ("true", "1", False),
        ("NaN", "NaN", True),
        ("(:A:B {a: 1, b: 2})", "(:B:A {b: 2, a: 1})", True),
        ("[1, 2]", "[2, 1]", False),
        ("[:T]", "(:T)", False),
        ("<()-[:T]->()>", "<()<-[:T]-()>", False),
        ("[]", "{}", False),
    ],
)
def test_forms_are_equal_when_the_kit_says_so(left: str, right: str, is_same: bool) -> None:
    assert (form(parse(left)) == form(parse(right))) is is_same


def test_lists_without_order_are_bags() -> None:
    assert form(parse("[[2, 1], 1]"), ordered=False) == form(parse("[1, [1, 2]]"), ordered=False)
    assert form(parse("[1, 1]"), ordered=False) != form(parse("[1]"), ordered=False)


@pytest.mark.parametrize("text", ["", "1 2", "[1", "(:A", "<()->()>", "nonsense"])
def test_what_is_no_value_is_refused(text: str) -> None:
    with pytest.raises((ValueError, KeyError)):
        parse(text)


class Fixed:
    """A back end that answers always the same."""

    def __init__(self, outcome: Answer | Refused, nodes: int = 0) -> None:
        self.outcome = outcome
        self.nodes = nodes
        self.runs = 0

    def clear(self) -> None: ...
    def add_procedure(self, procedure: GivenProcedure) -> None: ...

    def run(self, query: str, parameters: object) -> Answer:
        self.runs += 1
        if isinstance(self.outcome, Refused):
            raise self.outcome
        return self.outcome

    def snapshot(self) -> Snapshot:
        return Snapshot(nodes=frozenset(range(self.nodes if self.runs else 0)))


def scenario(*after: Step) -> Scenario:
    return Scenario("T", "[1]", (Step("any graph"), Step("executing query:", text="Q"), *after))


ROWS = Answer(("a", "b"), [(1, [1, 2]), (2, [])])
TABLE = (("b", "a"), ("[]", "2"), ("[2, 1]", "1"))


@pytest.mark.parametrize(
    ("outcome", "nodes", "step", "says"),
    [
        (ROWS, 0, Step("the result should be, in any order:", table=TABLE), "rows expected"),
        (
            ROWS,
            0,
            Step("the result should be (ignoring element order for lists):", table=TABLE),
            None,
        ),
        (
            ROWS,
            0,
            Step("the result should be, in order (ignoring element order for lists):", table=TABLE),
            "rows expected in this order",
        ),
        (ROWS, 0, Step("the result should be, in any order:", table=(("a",),)), "columns"),
        (ROWS, 0, Step("the result should be empty"), "no rows expected"),
        (ROWS, 1, Step("no side effects"), "side effects"),
        (ROWS, 1, Step("the side effects should be:", table=(("+nodes", "1"),)), None),
        (ROWS, 0, Step("a TypeError should be raised at any time: *"), "TypeError at any time"),
        (Refused("A", "runtime", "B", ""), 0, Step("a A should be raised at any time: *"), None),
        (Refused("A", "runtime", "B", ""), 0, Step("an A should be raised at runtime: B"), None),
        (Refused("A", "runtime", "B", ""), 0, Step("an A should be raised at runtime: C"), "not A"),
        (
            Refused("A", "runtime", "B", ""),
            0,
            Step("an A should be raised at compile time: B"),
            "not A",
        ),
        (Refused("A", "runtime", "B", ""), 0, Step("the result should be empty"), "unexpected"),
        (ROWS, 0, Step("the moon should be full"), "unknown step"),
    ],
)
def test_what_is_otherwise_than_it_should_be_is_said(
    outcome: Answer | Refused, nodes: int, step: Step, says: str | None
) -> None:
    failure = run(scenario(step), Fixed(outcome, nodes))
    assert failure is None if says is None else failure is not None and says in failure


def test_the_kit_is_found_and_every_value_in_it_read() -> None:
    if kit.folder() is None:
        pytest.skip("the openCypher kit is not here; FIVEFOLD_TCK names its folder")
    assert len(kit.features()) > 200
    for found in kit.features().values():
        for step in (step for scenario in found for step in scenario.steps):
            if step.words.startswith("the result should be"):
                for row in step.table[1:]:
                    assert [form(parse(cell)) for cell in row]
    assert Path(str(kit.folder())).is_dir()
