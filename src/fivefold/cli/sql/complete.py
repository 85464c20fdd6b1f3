"""Completion at the SQL prompt: keywords, and the names of the catalog."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

_WORDS = """
    ADD ALL ALTER AND ANY ARRAY AS ASC BEGIN BETWEEN BY CASCADE CASE CAST CHECK COLUMN COMMIT
    CONFLICT CONSTRAINT CREATE CROSS CURRENT_DATE CURRENT_TIMESTAMP DEFAULT DELETE DESC DISTINCT
    DO DROP ELSE END EXCEPT EXISTS EXPLAIN EXTRACT FALSE FILTER FIRST FOLLOWING FOREIGN FROM FULL
    GENERATED GROUP HAVING IDENTITY IF ILIKE IN INDEX INNER INSERT INTERSECT INTERVAL INTO IS JOIN
    KEY LAST LATERAL LEFT LIKE LIMIT NATURAL NOT NOTHING NULL NULLS OFFSET ON OR ORDER OUTER OVER
    PARTITION PRECEDING PRIMARY RECURSIVE REFERENCES RELEASE RENAME RETURNING RIGHT ROLLBACK ROW
    ROWS SAVEPOINT SCHEMA SELECT SEQUENCE SET SHOW TABLE THEN TO TRANSACTION TRUE TRUNCATE
    UNBOUNDED UNION UNIQUE UPDATE USING VALUES VIEW WHEN WHERE WINDOW WITH
    avg bigint boolean bytea count date double jsonb integer max min numeric precision
    row_number rank smallint sum text timestamp timestamptz uuid varchar
"""
KEYWORDS = _WORDS.split()

_WORD = re.compile(r"""[\w$."\\]+$""")
_PLAIN_NAME = re.compile(r"[a-z_][a-z0-9_$]*\Z")
_AFTER_TABLE_WORD = re.compile(r"\b(?:from|join|into|update|table|references|\\d)\s+\S*$", re.I)

Names = Mapping[str, Sequence[str]]
"""The name of a table or view, as SQL writes it -> the names of its columns."""


def quoted(name: str) -> str:
    """Return a name as SQL writes it."""
    if _PLAIN_NAME.match(name):
        return name
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


class SqlCompleter(Completer):
    """Offers tables where a table is due; else columns of the tables named, then keywords.

    ``names`` is asked at each completion, as the catalog changes.
    """

    def __init__(self, names: Callable[[], Names], commands: Sequence[str]) -> None:
        self._names = names
        self._commands = commands

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterable[Completion]:
        """Yield what begins with the word typed so far."""
        before = document.text_before_cursor
        match = _WORD.search(before)
        typed = match[0] if match else ""
        if before.startswith("\\") and typed == before:
            yield from _matching(typed, self._commands)
            return
        names = self._names()
        if _AFTER_TABLE_WORD.search(before):
            yield from _matching(typed, names, "table")
            return
        table, dot, column = typed.rpartition(".")
        if dot and (columns := _columns_of(table, names, document.text)) is not None:
            yield from _matching(column, columns, table)
            return
        if not typed:
            return
        for name, columns in names.items():
            if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", document.text):
                yield from _matching(typed, columns, name)
        yield from _matching(typed, names, "table")
        yield from _keywords(typed)


def _columns_of(word: str, names: Names, text: str) -> Sequence[str] | None:
    """Return the columns of the table that a name, or its alias in the text, stands for."""
    if word in names:
        return names[word]
    alias = re.search(rf"([\w.\"]+)\s+(?:as\s+)?{re.escape(word)}(?!\w)", text, re.I)
    return names.get(alias[1]) if alias else None


def _matching(typed: str, names: Iterable[str], what: str = "") -> Iterable[Completion]:
    for name in names:
        if name.lower().startswith(typed.lower()):
            yield Completion(name, start_position=-len(typed), display_meta=what)


def _keywords(typed: str) -> Iterable[Completion]:
    for word in KEYWORDS:
        if word.lower().startswith(typed.lower()):
            cased = word.lower() if typed.islower() else word.upper()
            yield Completion(cased, start_position=-len(typed))
