"""Feature files as data.

Source: the Gherkin reference, for what the kit uses of it: features, backgrounds, scenarios,
outlines with examples, tags, doc strings and tables.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

Table = tuple[tuple[str, ...], ...]

_STEP = re.compile(r"(?:Given|When|Then|And|But|\*)\s+(.*)")
_SCENARIO = re.compile(r"(Scenario Outline|Scenario Template|Scenario|Example):\s*(.*)")
_ESCAPE = re.compile(r"\\([\\|n])")


@dataclass(frozen=True, slots=True)
class Step:
    """A step's words without its keyword, with the text or the table below it."""

    words: str
    text: str | None = None
    table: Table = ()


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario; of an outline, one for each row of examples."""

    feature: str
    name: str
    steps: tuple[Step, ...]
    tags: frozenset[str] = frozenset()

    @property
    def title(self) -> str:
        """The name by which it is listed: unique within the kit."""
        return f"{self.feature} {self.name}"


class _Lines:
    """The lines of a file, one of which is looked at."""

    def __init__(self, source: str) -> None:
        self.lines = source.splitlines()
        self.at = 0

    def peek(self) -> str | None:
        """The next line that says something, stripped; None at the end."""
        while self.at < len(self.lines):
            line = self.lines[self.at].strip()
            if line and not line.startswith("#"):
                return line
            self.at += 1
        return None

    def take(self) -> str:
        line = self.peek()
        assert line is not None
        self.at += 1
        return line

    def text(self) -> str:
        """A doc string: its lines without the indentation of its first quotes."""
        opening = self.lines[self.at]
        indent = len(opening) - len(opening.lstrip())
        self.at += 1
        lines = []
        while self.lines[self.at].strip() != '"""':
            line = self.lines[self.at]
            lines.append(line[indent:] if not line[:indent].strip() else line.lstrip())
            self.at += 1
        self.at += 1
        return "\n".join(lines)

    def table(self) -> Table:
        rows = []
        while (line := self.peek()) is not None and line.startswith("|"):
            rows.append(_cells(self.take()))
        return tuple(rows)


def _cells(line: str) -> tuple[str, ...]:
    parts = re.split(r"(?<!\\)\|", line)[1:-1]
    meant = {"n": "\n", "\\": "\\", "|": "|"}
    return tuple(_ESCAPE.sub(lambda found: meant[found[1]], part.strip()) for part in parts)


def _steps(lines: _Lines) -> tuple[Step, ...]:
    steps: list[Step] = []
    while (line := lines.peek()) is not None and (found := _STEP.match(line)):
        lines.take()
        following = lines.peek() or ""
        if following.startswith('"""'):
            steps.append(Step(found[1], text=lines.text()))
        elif following.startswith("|"):
            steps.append(Step(found[1], table=lines.table()))
        else:
            steps.append(Step(found[1]))
    return tuple(steps)


def _fill(text: str, names: tuple[str, ...], values: tuple[str, ...]) -> str:
    for name, value in zip(names, values, strict=True):
        text = text.replace(f"<{name}>", value)
    return text


def _filled(step: Step, names: tuple[str, ...], values: tuple[str, ...]) -> Step:
    return Step(
        _fill(step.words, names, values),
        None if step.text is None else _fill(step.text, names, values),
        tuple(tuple(_fill(cell, names, values) for cell in row) for row in step.table),
    )


def _examples(lines: _Lines, outline: Scenario) -> Iterator[Scenario]:
    number = 0
    while (line := lines.peek()) is not None and line.startswith(("Examples:", "Scenarios:")):
        lines.take()
        names, *rows = lines.table()
        for row in rows:
            number += 1
            steps = tuple(_filled(step, names, row) for step in outline.steps)
            name = f"{_fill(outline.name, names, row)} #{number}"
            yield replace(outline, name=name, steps=steps)


def scenarios(feature: str, source: str) -> Iterator[Scenario]:
    """Yield the scenarios of a file; ``feature`` is the name that they go by."""
    lines = _Lines(source)
    background: tuple[Step, ...] = ()
    tags: frozenset[str] = frozenset()
    while (line := lines.peek()) is not None:
        lines.take()
        if line.startswith("@"):
            tags |= frozenset(line.split("#")[0].split())
        elif line.startswith("Background:"):
            background = _steps(lines)
        elif found := _SCENARIO.match(line):
            scenario = Scenario(feature, found[2], background + _steps(lines), tags)
            tags = frozenset()
            following = lines.peek() or ""
            if following.startswith(("Examples:", "Scenarios:")):
                yield from _examples(lines, scenario)
            else:
                yield scenario
        elif line.startswith("Feature:"):
            tags = frozenset()
