"""Completion at the mongo prompt: databases, collections, methods, fields and operators."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from fivefold.cli.mongo import collection, cursors, manual
from fivefold.cli.mongo.constructors import CONSTANTS, CONSTRUCTORS
from fivefold.cli.mongo.operators import EXPRESSIONS, FILTER, STAGES, UPDATE
from fivefold.cli.mongo.session import Session
from fivefold.cli.mongo.work import Refused
from fivefold.errors import FivefoldError

DOCUMENTS_LOOKED_AT = 20
"""From these many documents of a collection its fields are known."""
LEVELS_MAX = 3

_FIRST = ("db", "show", "use", "it", "help", "exit", "cls")
_SHOWN = ("dbs", "collections", "tables", "databases")
_PART = r"""\.getCollection\(['"][^'"]*['"]\)|\[['"][^'"]*['"]\]|\.\w+(?!\w*\()"""
_PATH = rf"\bdb((?:{_PART})*)"
_WORDS = re.compile(r"(?:^|;)\s*(show|use)\s+(\S*)$")
_AFTER_DB = re.compile(_PATH + r"\.(\w*)$")
_CALL = re.compile(_PATH + r"\.(\w+)\(")
_AFTER_CALL = re.compile(r"\)\s*\.(\w*)$")
_OPERATOR = re.compile(r"\$\w*$")
_FIELD = re.compile(r"""[{,(\[]\s*['"]?([\w.]*)$""")
_VALUE = re.compile(r"""[:,(\[]\s*(?:new\s+)?([A-Za-z]\w*)$""")
_STRING = re.compile(r"""'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*\"""")
_NAME_PART = re.compile(r"""\.getCollection\(['"]([^'"]*)['"]\)|\[['"]([^'"]*)['"]\]|\.(\w+)""")

Summaries = Mapping[str, Callable[..., Any] | str]


class MongoCompleter(Completer):
    """Offers what may stand where the cursor is; the session is asked at each completion."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterable[Completion]:
        """Yield what begins with the word typed so far."""
        before = document.text_before_cursor
        if words := _WORDS.search(before):
            names = _SHOWN if words[1] == "show" else self._asked(self._session.database_names)
            yield from _matching(words[2], names)
        elif is_inside(before):
            yield from self._inside(before)
        elif after := _AFTER_DB.search(before):
            yield from self._names(_collection_of(after[1]), after[2])
        elif after := _AFTER_CALL.search(before):
            kinds = re.findall(r"\.(find|aggregate)\(", before)
            methods = cursors.METHODS[kinds[-1] if kinds else ""]
            yield from _described(after[1], methods)
        elif first := re.search(r"(?:^|;)\s*(\w*)$", before):
            yield from _matching(first[1], _FIRST)

    def _asked(self, ask: Callable[[], list[str]]) -> list[str]:
        try:
            return ask()
        except (Refused, FivefoldError):
            return []  # nothing is offered; whoever asks for the list is told why

    def _names(self, parent: str, typed: str) -> Iterator[Completion]:
        """Yield the collections below a name and the methods of what it names."""
        prefix = f"{parent}." if parent else ""
        names = self._asked(self._session.collection_names)
        below = [name.removeprefix(prefix) for name in names if name.startswith(prefix)]
        plain = [name for name in below if re.fullmatch(r"[\w.]+", name)]
        yield from _matching(typed, plain, "collection")
        yield from _described(typed, collection.METHODS if parent else manual.DATABASE)

    def _inside(self, before: str) -> Iterator[Completion]:
        """Yield operators, fields and types inside the brackets of a call."""
        calls = list(_CALL.finditer(before))
        method = calls[-1][2] if calls else ""
        if operator := _OPERATOR.search(before):
            yield from _matching(operator[0], _operators(method))
            return
        if (typed := _FIELD.search(before)) and calls:
            fields = self._asked(lambda: self._fields(_collection_of(calls[-1][1])))
            yield from _matching(typed[1], fields, "field")
        if (typed := _VALUE.search(before)) is not None:
            yield from _matching(typed[1], [*CONSTRUCTORS, *CONSTANTS])

    def _fields(self, name: str) -> list[str]:
        """Return the paths of some documents' fields."""
        command = {"find": name, "limit": DOCUMENTS_LOOKED_AT, "singleBatch": True}
        reply = self._session.run(self._session.database, command)
        found: dict[str, None] = {}
        for document in reply["cursor"]["firstBatch"]:
            found |= dict.fromkeys(_paths(document))
        return list(found)


def is_inside(before: str) -> bool:
    """Say whether a call's bracket is open."""
    plain = _STRING.sub("", before)
    return plain.count("(") > plain.count(")")


def _operators(method: str) -> tuple[str, ...]:
    if method == "aggregate":
        return (*STAGES, *EXPRESSIONS, *FILTER)
    if "update" in method.lower() or method in ("bulkWrite", "findAndModify"):
        return (*UPDATE, *FILTER)
    return FILTER


def _collection_of(path: str) -> str:
    return ".".join(match[1] or match[2] or match[3] for match in _NAME_PART.finditer(path))


def _paths(value: Any, before: str = "", level: int = 0) -> Iterator[str]:
    if isinstance(value, list):
        for one in value[:DOCUMENTS_LOOKED_AT]:
            yield from _paths(one, before, level)
    elif isinstance(value, dict) and level < LEVELS_MAX:
        for name, one in value.items():
            yield before + name
            yield from _paths(one, f"{before}{name}.", level + 1)


def _matching(typed: str, names: Iterable[str], what: str = "") -> Iterator[Completion]:
    for name in dict.fromkeys(names):
        if name.lower().startswith(typed.lower()):
            yield Completion(name, start_position=-len(typed), display_meta=what)


def _described(typed: str, methods: Summaries) -> Iterator[Completion]:
    for name, method in sorted(methods.items()):
        if name.lower().startswith(typed.lower()):
            yield Completion(name, start_position=-len(typed), display_meta=manual.summary(method))
