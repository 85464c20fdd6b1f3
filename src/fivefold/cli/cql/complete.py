"""Completion at the CQL prompt: keywords, keyspaces, tables and columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

_WORDS = """
    ADD ALLOW ALTER AND APPLY AS ASC BATCH BEGIN BY CLUSTERING CONTAINS COUNTER CREATE CUSTOM DELETE
    DESC DESCRIBE DISTINCT DROP ENTRIES EXISTS EXPAND FILTERING FROM FROZEN FULL GROUP IF IN INDEX
    INSERT INTO IS JSON KEY KEYS KEYSPACE KEYSPACES LIMIT MATERIALIZED NOT NULL ON ORDER PARTITION
    PER PRIMARY RENAME SELECT SET SOURCE STATIC TABLE TABLES TIMESTAMP TO TOKEN TRUNCATE TTL TYPE
    TYPES UNLOGGED UPDATE USE USING VALUES VIEW WHERE WITH
"""
KEYWORDS = _WORDS.split()

Names = Mapping[str, Sequence[str]]
"""What a name is of (keyspace, table, column) -> the names."""

_WORD = re.compile(r"[\w.]*$")
_AFTER_TABLE = re.compile(
    r"\b(?:from|into|update|table|truncate|on)\s+[\w.]*$|\bview\s+[\w.]*$", re.IGNORECASE
)
_AFTER_KEYSPACE = re.compile(r"\b(?:use|keyspace)\s+\w*$", re.IGNORECASE)


class CqlCompleter(Completer):
    """Offers tables after FROM and the like, keyspaces after USE, else keywords and columns.

    ``names`` is asked at each completion, as schemas change.
    """

    def __init__(self, names: Callable[[], Names]) -> None:
        self._names = names

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterable[Completion]:
        """Yield what begins with the word typed so far."""
        before = document.text_before_cursor
        match = _WORD.search(before)
        typed = match[0] if match else ""
        names = self._names()
        if _AFTER_KEYSPACE.search(before):
            yield from _matching(typed, names.get("keyspace", ()), "keyspace")
        elif _AFTER_TABLE.search(before):
            yield from _matching(typed, names.get("table", ()), "table")
        else:
            yield from _keywords(typed)
            yield from _matching(typed, sorted({*names.get("column", ())}), "column")


def _matching(typed: str, names: Iterable[str], what: str) -> Iterable[Completion]:
    for name in names:
        if name.lower().startswith(typed.lower()):
            yield Completion(name, start_position=-len(typed), display_meta=what)


def _keywords(typed: str) -> Iterable[Completion]:
    for word in KEYWORDS if typed else ():
        if word.lower().startswith(typed.lower()):
            cased = word.lower() if typed.islower() else word
            yield Completion(cased, start_position=-len(typed))
