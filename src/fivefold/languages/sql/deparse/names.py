"""Names as PostgreSQL prints them: quoted where they must be, qualified where the path asks."""

from __future__ import annotations

import re
from collections.abc import Iterable

from fivefold.catalog.catalog import Catalog
from fivefold.languages.sql.bind.state import Context
from fivefold.languages.sql.keywords import COLUMN_ONLY, JOINING, RESERVED
from fivefold.languages.sql.system.definitions import find
from fivefold.values.types import BPCHAR, Type

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")
SYSTEM = "pg_catalog"
_KEYWORDS = RESERVED | JOINING | COLUMN_ONLY


def quoted(name: str) -> str:
    """Return a name as ``quote_ident`` does."""
    if _PLAIN.fullmatch(name) and name not in _KEYWORDS:
        return name
    return '"' + name.replace('"', '""') + '"'


def string(text: str) -> str:
    """Return a text as a literal."""
    return "'" + text.replace("'", "''") + "'"


def qualified(namespace: str, name: str) -> str:
    """Return a name with its namespace."""
    return f"{quoted(namespace)}.{quoted(name)}"


def relation_name(context: Context, namespace: str, name: str, hidden: Iterable[str] = ()) -> str:
    """Return a relation's name, with its namespace if the search path does not lead to it.

    ``hidden`` are names that mean something else here: WITH queries.
    """
    for one in searched(context):
        if has_relation(context.catalog, one, name):
            if one == namespace and name not in hidden:
                return quoted(name)
            break
    return qualified(namespace, name)


def searched(context: Context) -> tuple[str, ...]:
    """Return the search path with pg_catalog, which comes first unless it is named."""
    path = context.search_path
    return path if SYSTEM in path else (SYSTEM, *path)


def has_relation(catalog: Catalog, namespace: str, name: str) -> bool:
    """Say whether a container, an index or a key has that name."""
    if namespace == SYSTEM:
        return name.startswith("pg_") and find(SYSTEM, name) is not None
    if catalog.find(namespace, name) is not None:
        return True
    return any(
        name in [index.name for index in table.indexes] + [key.name for key in table.keys]
        for table in catalog.tables()
        if table.namespace == namespace
    )


def type_name(context: Context, type_: Type) -> str:
    """Return a type's name as ``format_type`` does."""
    if type_.element is not None:
        return f"{type_name(context, type_.element)}[]"
    if type_.name is not None:
        return relation_name(context, *type_.name)
    if type_ == BPCHAR:
        return "bpchar"  # character is character(1)
    return str(type_)


class Level:
    """The names of one query's sources, unique among themselves and those of the queries around.

    ``key`` is the number of the binder's scope.
    """

    def __init__(self, key: int, parent: Level | None) -> None:
        self.key = key
        self.parent = parent
        self.names: dict[str, str] = {}  # by alias
        self.commons: set[str] = set()
        # A view's rule has two sources of its own.
        above = {"old", "new"} if parent is None else parent.all_names()
        self.taken = dict.fromkeys(above, 0)

    def all_names(self) -> set[str]:
        """Return the names of this query's sources and those around it."""
        above = set() if self.parent is None else self.parent.all_names()
        return above | set(self.names.values()) | ({"old", "new"} if self.parent is None else set())

    def add(self, alias: str) -> str:
        """Return the unique name of a source."""
        name = alias
        if alias in self.taken:
            while name in self.taken:
                self.taken[alias] += 1
                name = f"{alias}_{self.taken[alias]}"
        self.taken[name] = 0
        self.names[alias] = name
        return name

    def find(self, key: int, alias: str) -> str:
        """Return the name of a source here or further out."""
        level: Level | None = self
        while level is not None:
            if level.key == key and alias in level.names:
                return level.names[alias]
            level = level.parent
        return alias

    def hidden(self) -> set[str]:
        """Return the names of the WITH queries that are seen here."""
        above = set() if self.parent is None else self.parent.hidden()
        return above | self.commons
