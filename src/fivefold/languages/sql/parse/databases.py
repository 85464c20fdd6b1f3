"""Parses CREATE, ALTER and DROP DATABASE.

Source: the PostgreSQL manual, "CREATE DATABASE". An option is taken where it asks for what every
database here is: UTF-8, in the order of bytes, made empty.
"""

from __future__ import annotations

from fivefold.errors import InvalidStatement
from fivefold.languages.sql import commands
from fivefold.languages.sql.parse.parts import if_exists
from fivefold.languages.sql.parse.stream import Stream

_FREE = frozenset({"owner", "lc_collate", "lc_ctype", "locale", "icu_locale", "locale_provider",
                   "strategy", "collation_version", "oid"})  # fmt: skip
_ONLY = {
    "encoding": ("utf8", "utf-8", "unicode", "6", "default"),
    "template": ("template0", "template1", "default"),
    "tablespace": ("pg_default", "default"),
    "connection limit": ("-1", "default"),
    "allow_connections": ("true", "on", "1", "default"),
    "is_template": ("false", "off", "0", "default"),
}


def create_database(s: Stream) -> commands.Database:
    """Parse what follows CREATE DATABASE."""
    name = s.name()
    s.accept("with")
    while s.kind == "word":
        _option(s)
    return commands.Database("create", name, "CREATE DATABASE")


def _option(s: Stream) -> None:
    at = s.at
    word = s.label()
    if word == "connection":
        s.expect("limit")
        word = "connection limit"
    s.accept_op("=")
    minus = s.accept_op("-")
    value = ("-" if minus else "") + str(s.value)
    if s.kind in ("end", "op"):
        raise s.unexpected()
    s.advance()
    if word in _FREE:
        return
    if word not in _ONLY:
        raise InvalidStatement(f'option "{word}" not recognized', "syntax_error", position=at + 1)
    if value.lower() not in _ONLY[word]:
        raise s.unsupported(f"{word.upper()} {value}", at)


def drop_database(s: Stream) -> commands.Database:
    """Parse what follows DROP DATABASE."""
    exists = if_exists(s)
    name = s.name()
    force = False
    if s.is_word("with") or s.is_op("("):
        s.accept("with")
        s.expect_op("(")
        s.expect("force")
        s.expect_op(")")
        force = True
    return commands.Database("drop", name, "DROP DATABASE", exists, force)


def alter_database(s: Stream) -> commands.Database:
    """Parse what follows ALTER DATABASE: only its owner can be named."""
    at = s.at
    name = s.name()
    if s.accept("owner", "to"):
        s.label()
        return commands.Database("owner", name, "ALTER DATABASE")
    if s.accept("rename", "to"):
        s.name()
        raise s.unsupported("ALTER DATABASE … RENAME TO", at)
    if s.is_word("set", "reset"):
        raise s.unsupported("ALTER DATABASE … SET; use SET in each session: it", at)
    raise s.unsupported("this form of ALTER DATABASE", at)
