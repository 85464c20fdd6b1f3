"""Parses CREATE, ALTER, DROP and TRUNCATE.

Source: the PostgreSQL manual, "CREATE TABLE", "ALTER TABLE", "CREATE INDEX" and their neighbours.
"""

from __future__ import annotations

from collections.abc import Callable

import fivefold.languages.sql.parse.queries as queries
from fivefold.languages.sql.commands import Database
from fivefold.languages.sql.definitions import (
    AlterTable,
    CreateTable,
    CreateTableAs,
    Definition,
    Drop,
    DropRole,
    Names,
    Truncate,
)
from fivefold.languages.sql.parse import (
    alterations,
    databases,
    enums,
    privileges,
    schemas,
    temporary,
    views,
)
from fivefold.languages.sql.parse.indexes import create_index
from fivefold.languages.sql.parse.parts import cascade, if_exists, if_not_exists
from fivefold.languages.sql.parse.sequences import alter_sequence, create_sequence
from fivefold.languages.sql.parse.stream import Stream
from fivefold.languages.sql.parse.tables import elements, storage_options

_UNSUPPORTED = frozenset(
    [
        "function",
        "procedure",
        "aggregate",
        "trigger",
        "domain",
        "language",
        "operator",
        "cast",
        "collation",
        "conversion",
        "event",
        "extension",
        "foreign",
        "policy",
        "publication",
        "rule",
        "server",
        "statistics",
        "subscription",
        "tablespace",
        "text",
        "transform",
        "access",
        "large",
        "owned",
        "constraint",
    ]
)
_DROPPED = ("table", "view", "sequence", "index", "schema", "type")


def _create(s: Stream) -> Definition | Database:
    at = s.at
    s.advance()
    replace = s.accept("or", "replace")
    if s.is_word("local", "global") and s.peek() in ("temp", "temporary"):
        s.advance()
    if s.is_word("temp", "temporary"):
        s.advance()
        made = _temporary(s, at, replace)
        return temporary.named(made, made.at)
    s.accept("unlogged")
    if s.accept("table"):
        return _table(s, at)
    if s.is_word("unique", "index"):
        return create_index(s, at)
    if s.accept("schema"):
        return schemas.create_schema(s, at)
    if s.accept("sequence"):
        return create_sequence(s, at)
    if s.is_word("view", "recursive"):
        return views.create_view(s, replace)
    if s.accept("materialized", "view"):
        return views.create_materialized(s)
    if s.accept("type"):
        return enums.create_type(s)
    if s.accept("extension"):
        return privileges.create_extension(s)
    if s.accept("database"):
        return databases.create_database(s)
    if s.is_word("role", "group") or (s.is_word("user") and s.peek() != "mapping"):
        return privileges.create_role(s)
    if s.is_word("user"):
        raise s.unsupported("CREATE USER MAPPING")
    if s.is_word(*_UNSUPPORTED):
        raise s.unsupported(f"CREATE {s.value.upper()}")
    raise s.unexpected()


def _temporary(s: Stream, at: int, replace: bool) -> temporary.Created:
    if s.accept("table"):
        return _table(s, at)
    if s.is_word("view", "recursive"):
        return views.create_view(s, replace)
    if s.accept("sequence"):
        return create_sequence(s, at)
    raise s.unexpected()


def _table(s: Stream, at: int) -> CreateTable | CreateTableAs:
    exists = if_not_exists(s)
    name_at = s.at
    name = s.qualified()
    if s.is_word("of", "partition"):
        raise s.unsupported(f"CREATE TABLE … {s.value.upper()}")
    if not s.is_op("(") or _only_names(s):
        return _table_as(s, name, exists, name_at)
    found = elements(s)
    on_commit = _table_options(s)
    return CreateTable(name, found, exists, name_at, on_commit)


def _table_as(s: Stream, name: Names, exists: bool, at: int) -> CreateTableAs:
    columns = s.names() if s.is_op("(") else ()
    on_commit = _table_options(s)
    s.expect("as")
    if s.is_word("execute"):
        raise s.unsupported("CREATE TABLE AS EXECUTE", hint="Write the query itself after AS.")
    query = queries.query(s)
    data = True
    if s.accept("with", "no", "data"):
        data = False
    else:
        s.accept("with", "data")
    return CreateTableAs(name, columns, query, data, exists, at, on_commit=on_commit)


def _only_names(s: Stream) -> bool:
    """Say whether ``(a, b)`` stands here: names only, so no column definitions."""
    index = s.index + 1
    while s.tokens[index][0] in ("word", "name"):
        following = s.tokens[index + 1][:2]
        if following == ("op", ")"):
            return True
        if following != ("op", ","):
            return False
        index += 2
    return False


def _table_options(s: Stream) -> str:
    """Parse what follows the columns, and return what ON COMMIT does."""
    if s.is_word("inherits"):
        raise s.unsupported("INHERITS")
    if s.is_word("partition"):
        raise s.unsupported("PARTITION BY")
    if s.accept("using"):
        s.name()  # a file has one way to keep a table
    if s.is_word("with") and s.peek() == "(":
        s.advance()
        storage_options(s)
    s.accept("without", "oids")
    on_commit = temporary.on_commit(s)
    if s.accept("tablespace"):
        s.name()
    return on_commit


# -- DROP, TRUNCATE, ALTER ------------------------------------------------------------------------


def _named(s: Stream) -> tuple[tuple[Names, int], ...]:
    found = []
    while True:
        at = s.at
        found.append((s.qualified(), at))
        if not s.accept_op(","):
            return tuple(found)


def _drop(s: Stream) -> Drop | DropRole | Database:
    at = s.at
    s.advance()
    if s.accept("database"):
        return databases.drop_database(s)
    if s.accept("materialized"):
        if not s.is_word("view"):
            raise s.unexpected()
        s.advance()
        exists = if_exists(s)
        return Drop("materialized view", _named(s), exists, cascade(s), at)
    if s.is_word("role", "group") or (s.is_word("user") and s.peek() != "mapping"):
        return privileges.drop_role(s)
    if not s.is_word(*_DROPPED):
        if s.is_word(*_UNSUPPORTED, "user"):
            raise s.unsupported(f"DROP {s.value.upper()}")
        raise s.unexpected()
    what = s.value
    s.advance()
    if what == "index":
        s.accept("concurrently")
    exists = if_exists(s)
    return Drop(what, _named(s), exists, cascade(s), at)


def _truncated(s: Stream) -> tuple[tuple[Names, int], ...]:
    """Parse [ONLY] name [*], …: no table has heirs."""
    found = []
    while True:
        s.accept("only")
        at = s.at
        found.append((s.qualified(), at))
        s.accept_op("*")
        if not s.accept_op(","):
            return tuple(found)


def _truncate(s: Stream) -> Truncate:
    at = s.at
    s.advance()
    s.accept("table")
    names = _truncated(s)
    restart = s.accept("restart", "identity")
    if not restart:
        s.accept("continue", "identity")
    return Truncate(names, restart, cascade(s), at)


def _alter(s: Stream) -> Definition | Database:
    at = s.at
    s.advance()
    if s.accept("table"):
        exists = if_exists(s)
        s.accept("only")
        name_at = s.at
        return AlterTable(s.qualified(), alterations.actions(s), exists, name_at)
    if s.is_word("materialized"):
        s.advance()
        s.expect("view")
        exists = if_exists(s)
        name_at = s.at
        actions = alterations.actions
        return AlterTable(s.qualified(), actions(s), exists, name_at, "MATERIALIZED VIEW")
    if s.accept("type"):
        return enums.alter_type(s)
    if s.accept("default", "privileges"):
        raise s.unsupported(
            "ALTER DEFAULT PRIVILEGES",
            at,
            hint="GRANT READ or WRITE ON SCHEMA holds for what is made later too.",
        )
    if s.accept("database"):
        return databases.alter_database(s)
    if s.accept("schema"):
        return schemas.alter_schema(s)
    for what in ("index", "view", "sequence"):
        if s.is_word(what):
            s.advance()
            exists = if_exists(s)
            name_at = s.at
            name = s.qualified()
            if what == "sequence" and not s.is_word("rename", "owner", "set"):
                return alter_sequence(s, name, exists, name_at)
            return AlterTable(name, (alterations.renaming(s),), exists, name_at, what.upper())
    if s.is_word("role", "user") and s.peek() != "mapping":
        return privileges.alter_role(s)
    if s.is_word(*_UNSUPPORTED, "system", "group", "user"):
        raise s.unsupported(f"ALTER {s.value.upper()}", at)
    raise s.unexpected()


PARSERS: dict[str, Callable[[Stream], Definition | Database]] = {
    "create": _create,
    "drop": _drop,
    "truncate": _truncate,
    "alter": _alter,
    "refresh": views.refresh,
}
