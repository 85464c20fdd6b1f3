"""Where one query ends and the next begins, as Cypher reads quotes and comments.

A line that begins with a colon where a query could is a command of the shell.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Statement(NamedTuple):
    """A query without its semicolon, or a command; and the line, from 1, on which it begins."""

    text: str
    line: int

    @property
    def is_command(self) -> bool:
        """Say whether it is for the shell itself."""
        return self.text.startswith(":")


_NOTHING = re.compile(r"(?:\s|;|//[^\n]*|/\*(?s:.)*?\*/)*")
_COMMAND = re.compile(r":[^\n]*")
_QUERY = re.compile(
    r"""
    (?: '(?:[^'\\]|\\.)*'
      | "(?:[^"\\]|\\.)*"
      | `[^`]*`
      | //[^\n]*
      | /\*.*?\*/
      | (?!/[/*]) [^;'"`]
    )*
    """,
    re.VERBOSE | re.DOTALL,
)


def split(text: str) -> tuple[list[Statement], Statement | None]:
    """Return the commands and the queries that ended with a semicolon, and the one that did not.

    White space and comments before a statement are left out.
    """
    statements: list[Statement] = []
    at = _end(_NOTHING, text, 0)
    while at < len(text):
        line = text.count("\n", 0, at) + 1
        if text[at] == ":":
            end = _end(_COMMAND, text, at)
        else:
            end = _end(_QUERY, text, at)
            if text[end : end + 1] != ";":
                return statements, Statement(text[at:].rstrip(), line)
        statements.append(Statement(text[at:end].rstrip().removesuffix(";").rstrip(), line))
        at = _end(_NOTHING, text, end)
    return statements, None


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match else at
