"""Where one SQL statement ends and the next begins, as PostgreSQL reads quotes and comments."""

from __future__ import annotations

import re
from typing import NamedTuple


class Statement(NamedTuple):
    """A statement without its semicolon, and the line, from 1, on which it begins."""

    text: str
    line: int


_TOKEN = re.compile(
    r"""
      (?P<escapes>[eE]'(?:[^'\\]|\\.|'')*(?P<escapes_end>')?)
    | (?P<quote>'(?:[^']|'')*(?P<quote_end>')?)
    | (?P<name>"(?:[^"]|"")*(?P<name_end>")?)
    | (?P<comment>--[^\n]*)
    | (?P<block>/\*)
    | (?P<dollar>(?<![\w$])\$(?:[^\W\d]\w*)?\$)
    | (?P<word>[\w$]+)
    | (?P<end>;)
    """,
    re.VERBOSE | re.DOTALL,
)
_NOTHING = re.compile(r"\s+|--[^\n]*|/\*")
_BLOCK_EDGE = re.compile(r"/\*|\*/")


def split(text: str) -> tuple[list[Statement], Statement | None]:
    """Return the statements that ended with a semicolon, and the one that did not, if any.

    White space around statements is left out, and so are those that hold nothing else.
    """
    statements: list[Statement] = []
    begin = at = 0
    while match := _TOKEN.search(text, at):
        at = _end_of_token(text, match)
        if at < 0:
            break
        if match["end"] is not None:
            if statement := _statement(text, begin, match.start()):
                statements.append(statement)
            begin = at
    return statements, _statement(text, begin, len(text))


def _statement(text: str, begin: int, end: int) -> Statement | None:
    statement = text[begin:end].strip()
    if not _has_substance(statement):
        return None
    return Statement(statement, text.count("\n", 0, text.index(statement, begin)) + 1)


def _has_substance(text: str) -> bool:
    """Say whether there is anything in the text but white space and comments."""
    at = 0
    while match := _NOTHING.match(text, at):
        at = _end_of_block(text, match.end()) if match[0] == "/*" else match.end()
        if at < 0:
            return True  # a comment that is not closed: to be reported, not passed over
    return at < len(text)


def _end_of_token(text: str, match: re.Match[str]) -> int:
    """Return where the token ends, -1 if the text ends first."""
    for quoted in ("escapes", "quote", "name"):
        if match[quoted] is not None:
            return match.end() if match[f"{quoted}_end"] else -1
    if match["block"] is not None:
        return _end_of_block(text, match.end())
    if match["dollar"] is not None:
        end = text.find(match["dollar"], match.end())
        return -1 if end < 0 else end + len(match["dollar"])
    return match.end()


def _end_of_block(text: str, at: int) -> int:
    """Return where a comment, whose opening ends at ``at``, ends; -1 if it does not."""
    depth = 1
    while depth:
        edge = _BLOCK_EDGE.search(text, at)
        if edge is None:
            return -1
        depth += 1 if edge[0] == "/*" else -1
        at = edge.end()
    return at
