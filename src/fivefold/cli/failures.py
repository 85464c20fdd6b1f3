"""How an error looks on standard error: what is wrong, where, and what to do next."""

from __future__ import annotations

import traceback

from rich.console import Console
from rich.text import Text

from fivefold.cli.state import state_folder
from fivefold.errors import FivefoldError, Internal

LINE_CHARS_MAX = 100
"""How much of a statement's line is shown around the place of the error."""


def report(error: FivefoldError, statement: str = "") -> None:
    """Print an error, with a caret under the place in ``statement`` if it names one."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    for line in lines(error, statement):
        console.print(line)


def report_crash(error: Exception) -> None:
    """Print that something went wrong that should not, and keep the stack in a file."""
    path = state_folder() / "crash.txt"
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
        hint = f"Please report it, with {path}."
    except OSError:
        hint = "Please report it."
    report(Internal(f"{type(error).__name__}: {error}", hint=hint))


def lines(error: FivefoldError, statement: str = "") -> list[Text]:
    """Return the lines of the report."""
    shown = [Text.assemble(("ERROR:", "bold red"), f" {error.message}")]
    if statement and error.position is not None:
        shown += _place(statement, error.position)
    if error.detail:
        shown.append(Text.assemble(("DETAIL:", "bold"), f" {error.detail}"))
    if error.hint:
        shown.append(Text.assemble(("HINT:", "bold"), f" {error.hint}"))
    return shown


def _place(statement: str, position: int) -> list[Text]:
    """Return the statement's line with the error, and a caret below the character.

    ``position`` counts characters from 1, as errors do.
    """
    at = min(position - 1, len(statement))
    begin = statement.rfind("\n", 0, at) + 1
    end = statement.find("\n", at)
    line = statement[begin : len(statement) if end < 0 else end].replace("\t", " ")
    column = at - begin
    if len(line) > LINE_CHARS_MAX:
        cut = max(0, min(column - LINE_CHARS_MAX // 2, len(line) - LINE_CHARS_MAX))
        line, column = line[cut : cut + LINE_CHARS_MAX], column - cut
    prefix = f"LINE {statement.count(chr(10), 0, at) + 1}: "
    caret = " " * (len(prefix) + Text(line[:column]).cell_len) + "^"
    return [Text.assemble((prefix, "bold"), line), Text(caret, "bold red")]
