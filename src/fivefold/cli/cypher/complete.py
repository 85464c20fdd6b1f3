"""Completion at the Cypher prompt: keywords, functions, and what the graph names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

_WORDS = """
    ALL AND ANY AS ASC ASCENDING BY CALL CASE CONSTRAINT CONTAINS COUNT CREATE DATABASE DATABASES
    DELETE DESC DESCENDING DETACH DISTINCT DROP ELSE END ENDS EXISTS EXPLAIN FALSE FOR FOREACH
    FUNCTIONS IF IN INDEX INDEXES IS KEY LIMIT MATCH MERGE NODE NOT NULL ON OPTIONAL OR ORDER
    PROCEDURES PROFILE REMOVE REQUIRE RETURN SET SHOW SKIP STARTS THEN TRUE UNION UNIQUE UNWIND
    USE WHEN WHERE WITH XOR YIELD
"""
KEYWORDS = _WORDS.split()

Names = Mapping[str, Sequence[str]]
"""What a name is of (label, type, property, function, procedure, parameter) -> the names."""

_WORD = re.compile(r"[\w.$]*$")
_PLAIN_NAME = re.compile(r"[^\W\d]\w*")
_AFTER_COLON = re.compile(r"[:|&!]\s*\w*$")
_AFTER_CALL = re.compile(r"\bcall\s+[\w.]*$", re.IGNORECASE)
_MAP_KEY = re.compile(r"[{,]\s*\w*$")
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|`[^`]*`", re.DOTALL)


class CypherCompleter(Completer):
    """Offers labels in ``(:``, types in ``[:``, properties after a dot and as a map's keys.

    Elsewhere keywords and functions. ``names`` is asked at each completion, as graphs change.
    """

    def __init__(self, names: Callable[[], Names], commands: Sequence[str]) -> None:
        self._names = names
        self._commands = commands

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterable[Completion]:
        """Yield what begins with the word typed so far."""
        before = document.text_before_cursor
        if before.startswith(":"):
            yield from _matching(before, self._commands, "")
            return
        names = self._names()
        match = _WORD.search(before)
        typed = match[0] if match else ""
        sort = _sort(before, typed)
        if sort is not None:
            word = typed.rpartition(".")[2] if sort == "property" else typed
            yield from _matching(word, names.get(sort, ()), sort)
        if sort is None or (sort == "property" and "." in typed):
            yield from _keywords(typed)
            yield from _matching(typed, names.get("function", ()), "function")


def _sort(before: str, typed: str) -> str | None:
    """Return what the word is the name of, None if it may be many things."""
    if typed.startswith("$"):
        return "parameter"
    if _AFTER_CALL.search(before):
        return "procedure"
    around = _innermost(before)
    if _AFTER_COLON.search(before) and around != "{":
        return "type" if around == "[" else "label"
    if "." in typed or (around == "{" and _MAP_KEY.search(before)):
        return "property"
    return None


def _innermost(before: str) -> str:
    """Return the bracket that is open at the end of the text, if any is."""
    opened = ""
    for character in _QUOTED.sub("", before):
        if character in "([{":
            opened += character
        elif character in ")]}":
            opened = opened[:-1]
    return opened[-1:]


def _matching(typed: str, names: Iterable[str], what: str) -> Iterable[Completion]:
    for name in names:
        if name.lower().startswith(typed.lower()):
            is_plain = what not in ("label", "type", "property") or _PLAIN_NAME.fullmatch(name)
            written = name if is_plain else f"`{name.replace('`', '``')}`"
            yield Completion(written, start_position=-len(typed), display_meta=what)


def _keywords(typed: str) -> Iterable[Completion]:
    for word in KEYWORDS if typed else ():
        if word.lower().startswith(typed.lower()):
            cased = word.lower() if typed.islower() else word
            yield Completion(cased, start_position=-len(typed))
