"""Finds tables, views and sequences along the search path."""

from __future__ import annotations

import re

from fivefold.catalog.catalog import missing_container
from fivefold.catalog.containers import Container, Sequence, Table
from fivefold.errors import Denied, FivefoldError, InvalidStatement, Unsupported
from fivefold.languages.sql.bind.nodes import Node, literal
from fivefold.languages.sql.bind.state import State
from fivefold.languages.sql.keywords import NOT_FUNCTIONS, NOT_NAMES
from fivefold.languages.sql.tokens import tokenize
from fivefold.values.oids import FIRST_OID
from fivefold.values.types import Kind, Type

_SYSTEM = ("pg_catalog", "information_schema", "pg_toast")
_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")


def find(state: State, parts: tuple[str, ...], at: int | None) -> Container | None:
    """Return the container of that name, or None; raises Denied for one of the system
    catalogs, which no statement changes.
    """
    position = None if at is None else at + 1
    found = look_up(state, parts, position)
    if found is not None and found.namespace in _SYSTEM:
        raise Denied(
            f'permission denied: "{found.name}" is a system catalog', "insufficient_privilege"
        )
    return found


def look_up(state: State, parts: tuple[str, ...], position: int | None) -> Container | None:
    """Return the container or system relation of that name, or None."""
    context = state.context
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
    name = parts[-1]
    if len(parts) == 2:
        if parts[0] == "pg_temp":
            state.asked = True
            return context.catalog.find(context.temporary or "", name)
        if parts[0] in _SYSTEM:
            return _system(parts[0], name)
        state.asked = True
        return _shown(state, context.catalog.find(parts[0], name))
    path = context.search_path
    if name.startswith("pg_") and "pg_catalog" not in path:
        found = _system("pg_catalog", name)
        if found is not None:
            return found
    state.asked = True
    for namespace in path:
        container = (
            _system(namespace, name)
            if namespace in _SYSTEM
            else _shown(state, context.catalog.find(namespace, name))
        )
        if container is not None:
            return container
    return None


def _shown(state: State, found: Container | None) -> Container | None:
    """Return what was found, or None if the user has no privilege on it at all."""
    if found is None or state.quiet or not state.context.hides(found):
        return found
    return None


def _system(namespace: str, name: str) -> Table | None:
    # Imported only where such a name comes: few programs ask.
    from fivefold.languages.sql.system import definitions

    return definitions.find(namespace, name)


def readable(state: State, parts: tuple[str, ...], at: int | None) -> Container:
    """Return what FROM may name: a container, or a system relation, of which ``state`` takes note.

    Raises InvalidStatement (undefined_table) if there is none.
    """
    position = None if at is None else at + 1
    found = look_up(state, parts, position)
    if found is None:
        raise missing_container(".".join(parts), position)
    if found.namespace in _SYSTEM:
        state.system[found.namespace, found.name] = None
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
    parts = tuple(value for kind, value, _, _ in tokenize(text) if kind in ("word", "name"))
    if not parts:
        raise InvalidStatement("invalid name syntax", "syntax_error")
    found = require(state, parts, at)
    if not isinstance(found, Sequence):
        raise InvalidStatement(f'"{found.name}" is not a sequence', "wrong_object_type")
    return found


def named_object(state: State, type_: Type, text: str, at: int) -> Node:
    """Return the regclass (regtype, …) that ``text`` names, as its oid.

    ``qualified`` in the node's meta is how a store with oids of its own has to be told. Raises
    InvalidStatement if there is no such thing.
    """
    # Imported only where such a literal comes.
    from fivefold.languages.sql.system.catalog import system_for

    context = state.context
    system = system_for(context.known, context.database, context.user)
    try:
        oid = system.oid_of(type_.kind.value, text, context.search_path)
    except FivefoldError as error:
        error.position = at + 1
        raise
    if oid >= FIRST_OID or "pg_catalog" in context.search_path:
        state.asked = True
    made = literal(oid, type_, at)
    made.meta["qualified"] = text
    if not text.isdecimal():
        made.meta["qualified"] = system.name_of(type_.kind.value, oid, ())
    if type_.kind is Kind.REGCLASS:
        made.meta["relation"] = system.relation_name(oid)
    return made


def quoted_name(name: str) -> str:
    """Return a name as SQL has to write it."""
    if _PLAIN.fullmatch(name) and name not in NOT_NAMES | NOT_FUNCTIONS:
        return name
    return '"' + name.replace('"', '""') + '"'
