"""Parses COMMENT ON. Source: the PostgreSQL manual, "COMMENT"."""

from __future__ import annotations

from collections.abc import Callable

from fivefold.languages.sql.definitions import Comment
from fivefold.languages.sql.parse.stream import Stream

_OBJECTS = ("table", "column", "view", "index", "sequence", "type", "schema", "database",
            "extension")  # fmt: skip


def _comment(s: Stream) -> Comment:
    s.advance()
    s.expect("on")
    at = s.at
    table: tuple[str, ...] = ()
    if s.accept("materialized", "view"):
        what = "materialized view"
    elif s.accept("constraint"):
        what = "constraint"
    elif s.is_word(*_OBJECTS):
        what = s.value
        s.advance()
    elif s.kind != "word":
        raise s.unexpected()
    else:
        raise s.unsupported(f"COMMENT ON {s.value.upper()}", at)
    name = s.qualified()
    if what == "constraint":
        s.expect("on")
        if s.is_word("domain"):
            raise s.unsupported("COMMENT ON a constraint of a domain", at)
        table = s.qualified()
    s.expect("is")
    text = None if s.accept("null") else s.string()
    return Comment(what, name, table, text or None, at)


PARSERS: dict[str, Callable[[Stream], Comment]] = {"comment": _comment}
