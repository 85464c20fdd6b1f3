"""The facts of every command and subcommand of Redis 7.0, read when they are first asked for.

``facts.jsonl`` has a line for each: name, arity, flags, positions of the keys, access categories,
tips, key specifications; what is empty at the end of a line is left out. A specification is its
flags, where the search for keys begins, how they are found from there, and perhaps a note.
``documents.jsonl`` has name, a summary of our own, the version that brought the command, its group
and complexity, and an object with what else COMMAND DOCS tells.

Both are what redis-server 7.0.15 answers to COMMAND and COMMAND DOCS, but for the summaries;
``tests/languages/redis/test_metadata.py`` compares them field by field.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class KeySpec:
    """How one kind of key is found among a command's words.

    ``begin`` is ``("index", position)``, ``("keyword", word, position to search from)`` or
    ``("unknown",)``; ``find`` is ``("range", last, step, limit)``,
    ``("keynum", where the number is, first key, step)`` or ``("unknown",)``. Source: redis.io,
    "Command key specifications".
    """

    flags: tuple[str, ...]
    begin: tuple[str, ...]
    find: tuple[str, ...]
    notes: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What COMMAND INFO tells of a command, but for its subcommands."""

    name: str
    arity: int
    flags: tuple[str, ...]
    first: int
    last: int
    step: int
    categories: tuple[str, ...]
    tips: tuple[str, ...]
    key_specs: tuple[KeySpec, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """What COMMAND DOCS tells of a command; ``more`` has its remaining fields in their order."""

    summary: str
    since: str
    group: str
    complexity: str
    more: dict[str, Any]


@cache
def facts() -> dict[str, Facts]:
    """Return the facts of all commands by name (``client|id`` for a subcommand)."""
    return {line[0]: _facts(*line) for line in _lines("facts.jsonl")}


@cache
def documents() -> dict[str, Document]:
    """Return the documentation of all commands by name."""
    return {
        name: Document(summary, since, group, complexity, more[0] if more else {})
        for name, summary, since, group, complexity, *more in _lines("documents.jsonl")
    }


def _lines(name: str) -> list[list[Any]]:
    text = Path(__file__).with_name(name).read_text(encoding="utf-8")
    lines: list[list[Any]] = json.loads("[" + ",".join(text.splitlines()) + "]")
    return lines


def _facts(
    name: str,
    arity: int,
    flags: str,
    positions: str,
    categories: str,
    tips: tuple[str, ...] = (),
    key_specs: tuple[list[str], ...] = (),
) -> Facts:
    first, last, step = map(int, positions.split())
    specs = tuple(
        KeySpec(tuple(words.split()), tuple(begin.split()), tuple(find.split()), *notes)
        for words, begin, find, *notes in key_specs
    )
    return Facts(
        name,
        arity,
        tuple(flags.split()),
        *(first, last, step),
        tuple(categories.split()),
        tuple(tips),
        specs,
    )
