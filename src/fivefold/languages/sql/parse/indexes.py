"""Parses CREATE INDEX.

Source: the PostgreSQL manual, "CREATE INDEX".
"""

from __future__ import annotations

import fivefold.languages.sql.parse.expressions as expressions
from fivefold.errors import Unsupported
from fivefold.languages.sql import tree
from fivefold.languages.sql.definitions import CreateIndex, IndexElement, Span
from fivefold.languages.sql.parse.parts import if_not_exists, span
from fivefold.languages.sql.parse.stream import Stream
from fivefold.languages.sql.parse.tables import nulls_not_distinct, storage_options


def create_index(s: Stream, at: int) -> CreateIndex:
    """Parse what comes after CREATE."""
    unique = s.accept("unique")
    s.expect("index")
    s.accept("concurrently")
    exists = if_not_exists(s)
    name = None if s.is_word("on") else s.name()
    s.expect("on")
    s.accept("only")
    table_at = s.at
    table = s.qualified()
    method = s.name() if s.accept("using") else "btree"
    s.expect_op("(")
    found = [_index_element(s)]
    while s.accept_op(","):
        found.append(_index_element(s))
    s.expect_op(")")
    include = _included(s) if s.accept("include") else ()
    equal = nulls_not_distinct(s)
    if s.accept("with"):
        storage_options(s)
    if s.accept("tablespace"):
        s.name()
    where = span(s) if s.accept("where") else None
    return CreateIndex(
        name, table, table_at, tuple(found), unique, method, where, exists, at, include, equal
    )


def _included(s: Stream) -> tuple[tuple[str, int], ...]:
    """Parse the columns that an index carries; PostgreSQL takes no expression here."""
    index = s.index
    s.expect_op("(")
    if s.is_op("(") or not s.is_name() or s.peek() == "(":
        raise Unsupported("expressions are not supported in included columns", position=None)
    s.go_back(index)
    return s.names()


def _index_element(s: Stream) -> IndexElement:
    if s.is_op("("):
        s.advance()
        found = span(s)
        s.expect_op(")")
    else:
        start = s.at
        value = expressions.primary(s)
        found = Span(value, s.text[start : s.previous_end()], start)
    value = found.value
    name = value.parts[0] if isinstance(value, tree.Name) and len(value.parts) == 1 else None
    if s.accept("collate"):
        collation = s.qualified()[-1]
        if collation not in ("C", "POSIX", "default"):
            raise s.unsupported(f'the collation "{collation}"')
    opclass = None
    if s.kind == "name" or (s.kind == "word" and s.value not in ("asc", "desc", "nulls")):
        opclass_at = s.at
        opclass = (s.qualified()[-1], opclass_at)
    descending = s.accept("desc")
    if not descending:
        s.accept("asc")
    nulls_first: bool | None = None
    if s.accept("nulls"):
        nulls_first = s.accept("first")
        if not nulls_first:
            s.expect("last")
    return IndexElement(found, name, descending, nulls_first, opclass)
