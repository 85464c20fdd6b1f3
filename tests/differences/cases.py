"""What the other system answers, and what fivefold does: the cases of docs/differences.md.

A file of cases is made of blocks, each under the number of its entry::

    # PG-3
    > CREATE SEQUENCE pg3
    b> SELECT nextval('pg3')
    theirs: 2
    ours: 1

``>`` or ``b>`` (another session) is a statement. Without an answer below it both sides must
answer alike; with two they must answer just that, and so differ. ``*`` at the end stands for
anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Ask = Callable[[str, str], str]
"""From a session's name and a statement to the answer as text, always one line."""

_LINE = re.compile(r"(?P<session>\w*)> (?P<text>.*)|(?P<side>theirs|ours): (?P<answer>.*)")


@dataclass(slots=True)
class Step:
    session: str
    text: str
    theirs: str = ""
    ours: str = ""


def read(path: Path) -> dict[str, list[Step]]:
    """The cases of a file by number."""
    cases: dict[str, list[Step]] = {}
    steps: list[Step] = []
    for line in filter(None, path.read_text(encoding="utf-8").split("\n")):
        if line.startswith("# "):
            assert line[2:] not in cases, line
            steps = cases[line[2:]] = []
            continue
        match = _LINE.fullmatch(line)
        assert match, line
        if match["side"]:
            setattr(steps[-1], match["side"], match["answer"])
        else:
            steps.append(Step(match["session"], match["text"]))
    return cases


def wrong(steps: list[Step], theirs: Ask, ours: Ask) -> list[str]:
    """Run the steps on both sides; return what was not answered as they say."""
    found = []
    for step in steps:
        answers = [ask(step.session, step.text) for ask in (theirs, ours)]
        alike = answers[0] == answers[1]
        told = [
            answer.startswith(said[:-1]) if said.endswith("*") else said == answer
            for said, answer in zip((step.theirs, step.ours), answers, strict=True)
        ]
        if alike if not step.theirs else all(told) and not alike:
            continue
        found.append(f"> {step.text}\ntheirs: {answers[0]}\nours: {answers[1]}")
    return found
