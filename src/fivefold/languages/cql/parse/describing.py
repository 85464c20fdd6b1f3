"""DESCRIBE, and the statements of administration, which are only named."""

from __future__ import annotations

from fivefold.languages.cql.parse import tokens
from fivefold.languages.cql.parse.stream import Stream
from fivefold.languages.cql.tree import Administration, Describe

_LISTS = ("KEYSPACES", "TABLES", "TYPES", "FUNCTIONS", "AGGREGATES", "CLUSTER", "SCHEMA")
_NAMED = ("TABLE", "COLUMNFAMILY", "TYPE", "INDEX", "FUNCTION", "AGGREGATE")


def describe(s: Stream) -> Describe:
    """Read DESCRIBE or DESC."""
    s.advance()
    found = _described(s)
    internals = s.accept("WITH", "INTERNALS")
    return Describe(found.what, found.name, found.full, found.only, internals)


def _described(s: Stream) -> Describe:
    if s.mark == "FULL":
        s.expect("FULL", "SCHEMA")
        return Describe("schema", full=True)
    if s.mark in _LISTS and s.peek() in (tokens.END, ";", "WITH"):
        return Describe(s.advance().text)
    if s.mark in ("COLUMNFAMILIES",) and s.peek() in (tokens.END, ";"):
        s.advance()
        return Describe("tables")
    if s.mark in ("ONLY", "KEYSPACE"):
        only = s.accept("ONLY")
        s.accept("KEYSPACE")
        name = s.name() if s.is_name() else None
        return Describe("keyspace", None if name is None else (None, name), only=only)
    if s.mark == "MATERIALIZED":
        s.expect("MATERIALIZED", "VIEW")
        return Describe("materialized view", s.qualified())
    if s.mark in _NAMED and s.peek() not in (tokens.END, ";", "."):
        what = s.advance().text
        return Describe("table" if what == "columnfamily" else what, s.qualified())
    return Describe("generic", s.qualified())


_WORDS = {
    ("CREATE", "ROLE"): "roles",
    ("ALTER", "ROLE"): "roles",
    ("DROP", "ROLE"): "roles",
    ("CREATE", "USER"): "users",
    ("ALTER", "USER"): "users",
    ("DROP", "USER"): "users",
    ("CREATE", "FUNCTION"): "user-defined functions",
    ("CREATE", "OR"): "user-defined functions",
    ("DROP", "FUNCTION"): "user-defined functions",
    ("CREATE", "AGGREGATE"): "user-defined aggregates",
    ("DROP", "AGGREGATE"): "user-defined aggregates",
    ("CREATE", "TRIGGER"): "triggers",
    ("DROP", "TRIGGER"): "triggers",
    ("LIST", "ROLES"): "roles",
    ("LIST", "USERS"): "users",
    ("LIST", "SUPERUSERS"): "users",
    ("ADD", "IDENTITY"): "identities",
    ("DROP", "IDENTITY"): "identities",
}
_FIRST = {"GRANT": "permissions", "REVOKE": "permissions", "LIST": "permissions"}


def administration(s: Stream) -> Administration | None:
    """Read a statement of administration to its end; None if it is none."""
    what = _WORDS.get((s.mark, s.peek())) or _FIRST.get(s.mark)
    if what is None:
        return None
    begin = s.at
    while s.mark not in (tokens.END, "bad"):
        s.advance()
    return Administration(what, s.text[begin : s.at])
