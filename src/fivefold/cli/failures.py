"""How an error looks on standard error: what is wrong, where, and what to do next."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from fivefold.errors import FivefoldError

LINE_CHARS_MAX = 100
"""How much of a statement's line is shown around the place of the error."""


def report(error: FivefoldError, statement: str = "") -> None:
    """Print an error, with a caret under the place in ``statement`` if it names one."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    for line in lines(error, statement):
        console.print(line)


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
