"""VACUUM, ANALYZE and CHECKPOINT."""

from __future__ import annotations

from collections.abc import Callable

from fivefold.errors import InvalidStatement, Unsupported
from fivefold.languages.sql import commands, definitions
from fivefold.languages.sql.parse.stream import Stream

_OF_ANALYZE = frozenset({"verbose", "skip_locked"})
_OF_VACUUM = _OF_ANALYZE | {
    "analyze",
    "freeze",
    "full",
    "disable_page_skipping",
    "index_cleanup",
    "process_toast",
    "truncate",
    "parallel",
}
_OFF = frozenset({"false", "off", "0"})


def _upkeep(s: Stream) -> definitions.Upkeep:
    at = s.at
    vacuum = s.is_word("vacuum")
    s.advance()
    given: dict[str, bool] = {}
    if s.is_op("("):
        given = _options(
            s, "VACUUM" if vacuum else "ANALYZE", _OF_VACUUM if vacuum else _OF_ANALYZE
        )
    else:
        for word in ("full", "freeze", "verbose", "analyze") if vacuum else ("verbose",):
            if s.accept(word) or (word == "analyze" and s.accept("analyse")):
                given[word] = True
    tables: list[tuple[tuple[str, ...], tuple[str, ...]]] = []
    while s.kind != "end" and not s.is_op(";"):
        name = s.qualified()
        columns: list[str] = []
        if s.accept_op("("):
            columns.append(s.name())
            while s.accept_op(","):
                columns.append(s.name())
            s.expect_op(")")
        tables.append((name, tuple(columns)))
        if not s.accept_op(","):
            break
    analyze = not vacuum or given.get("analyze", False)
    if not analyze and any(columns for _, columns in tables):
        raise Unsupported("ANALYZE option must be specified when a column list is provided")
    return definitions.Upkeep(tuple(tables), vacuum, analyze, at)


def _options(s: Stream, verb: str, known: frozenset[str]) -> dict[str, bool]:
    s.advance()
    given: dict[str, bool] = {}
    while True:
        at = s.at
        name = s.label()
        name = "analyze" if name == "analyse" else name
        if name not in known:
            raise InvalidStatement(f'unrecognized {verb} option "{name}"', position=at + 1)
        value = "true"
        if not s.is_op(")") and not s.is_op(","):
            value = s.value.lower()
            s.advance()
        given[name] = value not in _OFF
        if not s.accept_op(","):
            break
    s.expect_op(")")
    return given


def _checkpoint(s: Stream) -> commands.Nothing:
    s.advance()
    return commands.Nothing("CHECKPOINT")


PARSERS: dict[str, Callable[[Stream], commands.Command | definitions.Definition]] = {
    "vacuum": _upkeep,
    "analyze": _upkeep,
    "analyse": _upkeep,
    "checkpoint": _checkpoint,
}
