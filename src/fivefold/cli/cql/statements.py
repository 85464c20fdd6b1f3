"""Where one statement ends and the next begins, as CQL reads quotes and comments."""

from __future__ import annotations

import re
from typing import NamedTuple


class Statement(NamedTuple):
    """A statement without its semicolon; and the line, from 1, on which it begins."""

    text: str
    line: int


_NOTHING = re.compile(r"(?:\s|;|--[^\n]*|//[^\n]*|/\*(?s:.)*?\*/)*")
_PART = re.compile(
    r"""
    (?: '(?:[^']|'')*'
      | "(?:[^"]|"")*"
      | \$\$.*?\$\$
      | --[^\n]*
      | //[^\n]*
      | /\*.*?\*/
      | (?!--|/[/*]|\$\$) [^;'"]
    )*
    """,
    re.VERBOSE | re.DOTALL,
)
_BATCH = re.compile(r"begin\s+(?:\w+\s+)?batch\b", re.IGNORECASE)
_APPLY = re.compile(r"\bapply\s+batch\s*$", re.IGNORECASE)
_COMMAND = re.compile(r"(?:help|exit|quit|expand|source)\b[^\n;]*(?=;|\n|$)", re.IGNORECASE)


def split(text: str) -> tuple[list[Statement], Statement | None]:
    """Return the statements that ended with a semicolon, and the one that did not.

    A batch ends with that of APPLY BATCH, a command of the shell with its line too. White space and
    comments before a statement are left out.
    """
    statements: list[Statement] = []
    at = _end(_NOTHING, text, 0)
    while at < len(text):
        line = text.count("\n", 0, at) + 1
        end = _end(_COMMAND, text, at)
        if end == at:
            end = _statement(text, at)
            if text[end : end + 1] != ";":
                return statements, Statement(text[at:].rstrip(), line)
        statements.append(Statement(text[at:end].rstrip(), line))
        at = _end(_NOTHING, text, end)
    return statements, None


def _statement(text: str, at: int) -> int:
    """Return where the semicolon after the statement is, or the end of the text."""
    end = _end(_PART, text, at)
    if _BATCH.match(text, at):
        while text[end : end + 1] == ";" and not _APPLY.search(text, at, end):
            end = _end(_PART, text, end + 1)
    return end


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match else at
