"""Finds tables, views and sequences along the search path."""

from __future__ import annotations

import re

from fivefold.catalog.catalog import Catalog, missing_container
from fivefold.catalog.containers import Container, Sequence, Table
from fivefold.errors import InvalidStatement, Unsupported
from fivefold.languages.sql.bind.nodes import Node, literal
from fivefold.languages.sql.bind.state import State
from fivefold.languages.sql.keywords import NOT_FUNCTIONS, NOT_NAMES
from fivefold.languages.sql.tokens import tokenize
from fivefold.values.types import REGCLASS

_SYSTEM = ("pg_catalog", "information_schema", "pg_toast")
_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")


def find(state: State, parts: tuple[str, ...], at: int | None) -> Container | None:
    """Return the container of that name, or None; raises Unsupported for PostgreSQL's own
    catalogs.
    """
    context = state.context
    position = None if at is None else at + 1
    if len(parts) == 3:
        if parts[0] != context.database:
            raise Unsupported(
                f'cross-database references are not implemented: "{".".join(parts)}"',
                position=position,
            )
        parts = parts[1:]
    if len(parts) > 3:
        raise InvalidStatement(
            f"improper qualified name (too many dotted names): {'.'.join(parts)}", position=position
        )
    if len(parts) == 2:
        found = context.catalog.find(parts[0], parts[1])
    else:
        found = context.catalog.search(context.search_path, parts[0])
    if found is None and (parts[0] in _SYSTEM or (len(parts) == 1 and parts[0].startswith("pg_"))):
        raise Unsupported(
            f'the system catalog "{".".join(parts)}" is not supported', position=position
        )
    return found


def require(state: State, parts: tuple[str, ...], at: int | None) -> Container:
    """Return the container of that name. Raises InvalidStatement (undefined_table)."""
    found = find(state, parts, at)
    if found is None:
        raise missing_container(".".join(parts), None if at is None else at + 1)
    return found


def require_table(state: State, parts: tuple[str, ...], at: int | None) -> Table:
    """Return the table of that name. Raises InvalidStatement if there is none or it is none."""
    found = require(state, parts, at)
    if not isinstance(found, Table):
        raise InvalidStatement(
            f'"{found.name}" is not a table',
            "wrong_object_type",
            position=None if at is None else at + 1,
        )
    return found


def find_sequence(state: State, text: str, at: int) -> Sequence:
    """Return the sequence that the text of a regclass literal names."""
    parts = _parts(text)
    if not parts:
        raise InvalidStatement("invalid name syntax", "syntax_error")
    found = require(state, parts, None)
    if not isinstance(found, Sequence):
        raise InvalidStatement(f'"{found.name}" is not a sequence', "wrong_object_type")
    return found


def named_relation(state: State, text: str, at: int) -> Node:
    """Return the regclass written as ``text``: its value is how PostgreSQL shows it.

    The namespace is left out if the search path leads to the relation without it; ``qualified``
    in the node's meta has it always, for a store with a path of its own. Raises InvalidStatement
    (undefined_table, undefined_namespace) if there is no such relation.
    """
    parts = _parts(text)
    if not parts or parts[0] in _SYSTEM or (len(parts) == 1 and parts[0].startswith("pg_")):
        return literal(text, REGCLASS, at)  # a number, or one of PostgreSQL's own
    context = state.context
    name = parts[-1]
    visible = [one for one in context.search_path if _has_relation(context.catalog, one, name)]
    if len(parts) == 1 and visible:
        namespace = visible[0]
    elif len(parts) == 2 and parts[0] not in context.catalog.namespaces:
        raise InvalidStatement(
            f'schema "{parts[0]}" does not exist', "undefined_namespace", position=at + 1
        )
    elif len(parts) == 2 and _has_relation(context.catalog, parts[0], name):
        namespace = parts[0]
    else:
        namespace = require(state, parts, at).namespace  # of three parts, or there is none
    qualified = f"{quoted_name(namespace)}.{quoted_name(name)}"
    made = literal(quoted_name(name) if visible[:1] == [namespace] else qualified, REGCLASS, at)
    made.meta["qualified"] = qualified
    made.meta["relation"] = (namespace, name)
    return made


def _parts(text: str) -> tuple[str, ...]:
    return tuple(value for kind, value, _, _ in tokenize(text) if kind in ("word", "name"))


def _has_relation(catalog: Catalog, namespace: str, name: str) -> bool:
    """Say whether a container, an index or a key has that name."""
    if catalog.find(namespace, name) is not None:
        return True
    return any(
        name in [index.name for index in table.indexes] + [key.name for key in table.keys]
        for table in catalog.tables()
        if table.namespace == namespace
    )


def quoted_name(name: str) -> str:
    """Return a name as SQL has to write it."""
    if _PLAIN.fullmatch(name) and name not in NOT_NAMES | NOT_FUNCTIONS:
        return name
    return '"' + name.replace('"', '""') + '"'
