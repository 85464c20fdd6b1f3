"""A scenario, step by step, over a back end."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any

from tests.tck.backends import Answer, Backend, GivenProcedure, Refused, Snapshot
from tests.tck.gherkin import Scenario, Step, Table
from tests.tck.kit import named_graph
from tests.tck.notation import form, parse

_SIGNATURE = re.compile(r"([\w.]+)\((.*?)\)\s*::\s*\((.*?)\)\s*:?\s*$")
_PHASES = {
    "compile time": ("compile",),
    "runtime": ("runtime",),
    "any time": ("compile", "runtime"),
}


class Failed(Exception):
    """A scenario went otherwise than it should."""


def run(scenario: Scenario, backend: Backend) -> str | None:
    """Return why a scenario failed; None if it passed.

    Any error but ``Refused`` is the back end's own and counts as a failure of the scenario too.
    """
    try:
        _Run(backend).steps(scenario.steps)
    except Failed as failure:
        return str(failure)
    except Exception as error:  # whatever a query can make an engine raise belongs in the report
        return f"{type(error).__name__}: {error}"
    return None


def failures_of(scenarios: Iterable[Scenario], backend: Backend) -> dict[str, str]:
    """Return the titles of the scenarios that fail, with the reasons."""
    reasons = {scenario.title: run(scenario, backend) for scenario in scenarios}
    return {title: reason for title, reason in reasons.items() if reason is not None}


def listed(failures: Mapping[str, str]) -> str:
    """Return failures as a report: a title, and below it the reason."""
    return "\n".join(f"{title}: {reason}" for title, reason in failures.items())


class _Run:
    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self.parameters: dict[str, Any] = {}
        self.before = Snapshot()
        self.outcome: Answer | Refused | None = None

    def steps(self, steps: Sequence[Step]) -> None:
        for step in steps:
            for pattern, do in _STEPS:
                if found := pattern.fullmatch(step.words.strip()):
                    do(self, step, found)
                    break
            else:
                raise Failed(f"unknown step: {step.words}")

    # What is given.

    def empty_graph(self, step: Step, found: re.Match[str]) -> None:
        self.backend.clear()

    def named_graph(self, step: Step, found: re.Match[str]) -> None:
        self.backend.clear()
        self.backend.run(named_graph(found[1]), {})

    def having_executed(self, step: Step, found: re.Match[str]) -> None:
        assert step.text is not None
        self.backend.run(step.text, self.parameters)

    def set_parameters(self, step: Step, found: re.Match[str]) -> None:
        self.parameters = {name: parse(value) for name, value in step.table}

    def procedure(self, step: Step, found: re.Match[str]) -> None:
        signature = _SIGNATURE.match(found[1])
        if signature is None:
            raise Failed(f"not a signature: {found[1]}")
        names, *rows = step.table
        given = tuple(
            {name: parse(cell) for name, cell in zip(names, row, strict=True)} for row in rows
        )
        inputs, outputs = _fields(signature[2]), _fields(signature[3])
        self.backend.add_procedure(GivenProcedure(signature[1], inputs, outputs, given))

    # What is done.

    def executing(self, step: Step, found: re.Match[str]) -> None:
        assert step.text is not None
        self.before = self.backend.snapshot()
        try:
            self.outcome = self.backend.run(step.text, self.parameters)
        except Refused as refused:
            self.outcome = refused

    # What should come of it.

    def answer(self) -> Answer:
        if isinstance(self.outcome, Answer):
            return self.outcome
        raise Failed(f"unexpected error: {self.outcome}")

    def result(self, step: Step, found: re.Match[str]) -> None:
        answer = self.answer()
        ordered = found["order"] == "in order"
        _compare(answer, step.table, in_order=ordered, lists_ordered=found["lists"] is None)

    def result_empty(self, step: Step, found: re.Match[str]) -> None:
        if self.answer().rows:
            raise Failed(f"no rows expected, but there are {self.answer().rows!r}")

    def error(self, step: Step, found: re.Match[str]) -> None:
        wanted = f"{found['type']} at {found['phase']}: {found['detail']}"
        error = self.outcome
        if not isinstance(error, Refused):
            raise Failed(f"{wanted} expected, but the answer is {error!r}")
        if error.type != found["type"] or error.phase not in _PHASES[found["phase"]]:
            raise Failed(f"{wanted} expected, not {error}")
        if found["detail"] not in ("*", error.detail):
            raise Failed(f"{wanted} expected, not {error}")
        self.effects({})

    def side_effects(self, step: Step, found: re.Match[str]) -> None:
        self.effects({name: int(count) for name, count in step.table})

    def no_side_effects(self, step: Step, found: re.Match[str]) -> None:
        self.effects({})

    def effects(self, wanted: dict[str, int]) -> None:
        after = self.backend.snapshot()
        effects: dict[str, int] = {}
        for name in Snapshot.__slots__:
            old, new = getattr(self.before, name), getattr(after, name)
            effects |= {f"+{name}": len(new - old), f"-{name}": len(old - new)}
        seen = {name: count for name, count in effects.items() if count}
        if seen != {name: count for name, count in wanted.items() if count}:
            raise Failed(f"side effects {wanted} expected, not {seen}")


def _fields(text: str) -> tuple[tuple[str, str], ...]:
    """The fields of a signature: ``a :: INTEGER?, b :: STRING?``."""
    pairs = (field.split("::") for field in text.split(",") if field.strip())
    return tuple((name.strip(), type.strip()) for name, type in pairs)


def _compare(answer: Answer, table: Table, *, in_order: bool, lists_ordered: bool) -> None:
    columns, *rows = table
    if sorted(columns) != sorted(answer.columns):
        raise Failed(f"columns {list(columns)} expected, not {list(answer.columns)}")
    places = [answer.columns.index(column) for column in columns]

    def forms(values: Sequence[Any]) -> Hashable:
        return tuple(form(value, ordered=lists_ordered) for value in values)

    wanted = [forms([parse(cell) for cell in row]) for row in rows]
    seen = [forms([row[place] for place in places]) for row in answer.rows]
    same = wanted == seen if in_order else Counter(wanted) == Counter(seen)
    if not same:
        raise Failed(
            f"rows expected{' in this order' if in_order else ''}:\n"
            + "\n".join(f"  {' | '.join(row)}" for row in rows)
            + "\nbut they are:\n"
            + "\n".join(
                f"  {' | '.join(repr(row[place]) for place in places)}" for row in answer.rows
            )
        )


_Do = Callable[[_Run, Step, re.Match[str]], None]
_RESULT = (
    r"the result should be(?:, (?P<order>in any order|in order))?"
    r"(?P<lists> \(ignoring element order for lists\))?:"
)
_ERROR = (
    r"an? (?P<type>\w+) should be raised at (?P<phase>compile time|runtime|any time):"
    r" (?P<detail>\S+)"
)
_STEPS: tuple[tuple[re.Pattern[str], _Do], ...] = tuple(
    (re.compile(pattern), do)
    for pattern, do in (
        (r"an empty graph", _Run.empty_graph),
        (r"any graph", _Run.empty_graph),
        (r"the (\S+) graph", _Run.named_graph),
        (r"(?:after )?having executed:", _Run.having_executed),
        (r"parameter(?:s| values) are:", _Run.set_parameters),
        (r"there exists a procedure (.+)", _Run.procedure),
        (r"executing (?:control )?query:", _Run.executing),
        (r"the result should be empty", _Run.result_empty),
        (_RESULT, _Run.result),
        (r"no side effects", _Run.no_side_effects),
        (r"the side effects should be:", _Run.side_effects),
        (_ERROR, _Run.error),
    )
)
