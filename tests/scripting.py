"""Scripts people can read: statements, a bar, and what came out. Shared by all languages.

A script lies at ``tests/scripts/<language>/<topic>/<case>`` and is made of blocks::

    # Two clients cannot both take the last seat.
    a:> BEGIN
    a:> UPDATE seat SET taken = true
        WHERE id = 7
    b:!> UPDATE seat SET taken = true WHERE id = 7
    ---
    a: BEGIN
    a: UPDATE 1
    b: Error: serialization_failure: another writer holds it

    a:[plan]> SELECT * FROM seat
    ---
    a: ...

Input, up to the bar ``---``, is kept as it was written:

- ``> text`` is a statement; indented lines below continue it. The space after ``>`` is optional.
- ``name:`` before it names the session it runs in; without a name it is the script's own.
- ``[tag, tag]`` asks the interpreter for more, for example the plan or the SQL.
- ``!`` says that it must fail. A statement that fails without it, or succeeds with it, fails
  the test, whatever the output says.
- ``#`` begins a comment line. Blank lines may stand anywhere.

Output runs from the bar to the next blank line, in the order of the statements, each line
behind its session's name. A line with nothing in it is shown as ``(empty)``.

``pytest --rewrite-scripts`` writes the outputs; a new script needs only its input and that.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from fivefold.errors import FivefoldError
from fivefold.values.documents.faults import name_of

BAR = "---"
EMPTY = "(empty)"
_STATEMENT = re.compile(
    r"(?:(?P<session>\w+):\s*)?(?:\[(?P<tags>[\w\s,-]*)\]\s*)?(?P<fails>!?)> ?(?P<text>.*)"
)


class Interpreter(Protocol):
    """One language over one store, for one script."""

    def run(self, session_name: str, statement: str, tags: frozenset[str]) -> str:
        """What the statement puts out; the unnamed session is "". Raises FivefoldError."""

    def close(self) -> None:
        """Give up every session and the store."""


Factory = Callable[[str], Interpreter]
"""From a store's URL (a path, or postgresql://…) to an interpreter over it."""


class BadScript(Exception):
    """The script cannot be read, or a statement did not fail or succeed as it says."""


@dataclass(frozen=True, slots=True)
class Statement:
    line: int  # of the file, from 1
    session: str
    tags: frozenset[str]
    fails: bool
    text: str


def rewrite(script: str, interpreter: Interpreter) -> str:
    """The script with the outputs that come out now; its inputs are untouched."""
    blocks = []
    for first_line, given in _inputs(script):
        text = "\n".join(given).strip("\n")
        out = [line for each in _statements(given, first_line) for line in _run(each, interpreter)]
        blocks.append("\n".join([text, BAR, *out] if out else [text]))
    return "\n\n".join(blocks) + "\n"


def _inputs(script: str) -> list[tuple[int, list[str]]]:
    """Each block's input lines, with the number of its first line."""
    found: list[tuple[int, list[str]]] = [(1, [])]
    in_output = False
    for number, line in enumerate(script.split("\n"), 1):
        if in_output and not line.strip():
            in_output = False
            found.append((number + 1, []))
        elif not in_output and line.rstrip() == BAR:
            in_output = True
        elif not in_output:
            found[-1][1].append(line.rstrip())
    return [(number, lines) for number, lines in found if any(lines)]


def _statements(lines: list[str], first_line: int) -> list[Statement]:
    found: list[tuple[int, re.Match[str], list[str]]] = []
    may_continue = False
    for number, line in enumerate(lines, first_line):
        if may_continue and line[:1].isspace():
            found[-1][2].append(line)
        elif match := _STATEMENT.fullmatch(line):
            found.append((number, match, []))
            may_continue = True
        elif line and not line.startswith("#"):
            raise BadScript(
                f"line {number}: neither a statement, nor a comment, nor its end: {line}"
            )
        else:
            may_continue = False
    return [_statement(*each) for each in found]


def _statement(number: int, match: re.Match[str], more: list[str]) -> Statement:
    text = "\n".join(filter(None, [match["text"], textwrap.dedent("\n".join(more))]))
    tags = frozenset(re.findall(r"[\w-]+", match["tags"] or ""))
    return Statement(number, match["session"] or "", tags, bool(match["fails"]), text)


def _run(statement: Statement, interpreter: Interpreter) -> list[str]:
    try:
        output = interpreter.run(statement.session, statement.text, statement.tags)
    except FivefoldError as error:
        output = show_error(error)
        if not statement.fails:
            raise BadScript(f"line {statement.line}: failed without `!`\n{output}") from error
    else:
        if statement.fails:
            raise BadScript(f"line {statement.line}: succeeded in spite of `!`\n{output}")
    prefix = f"{statement.session}: " if statement.session else ""
    return [f"{prefix}{line.rstrip() or EMPTY}" for line in output.split("\n")]


def show_error(error: FivefoldError) -> str:
    """The error as scripts show it: its code or number, its sentence, then detail and hint."""
    name = error.code if error.number is None else f"{error.number} {name_of(error.number)}"
    lines = [f"Error: {name}: {error.message}"]
    if error.detail is not None:
        lines.append(f"DETAIL: {error.detail}")
    if error.hint is not None:
        lines.append(f"HINT: {error.hint}")
    return "\n".join(lines)


def check(path: Path, interpreter: Interpreter, rewriting: bool) -> None:
    """Run the script at ``path``; raise AssertionError or BadScript if it is not as it says."""
    before = path.read_text(encoding="utf-8")
    try:
        after = rewrite(before, interpreter)
    except BadScript as error:
        raise BadScript(f"{path}: {error}") from error.__cause__
    finally:
        interpreter.close()
    if rewriting:
        path.write_text(after, encoding="utf-8")
    else:
        assert after == before, f"{path} differs; pytest --rewrite-scripts accepts the new output"
