"""Finds tables, views and sequences along the search path."""

from __future__ import annotations

from fivefold.catalog.catalog import missing_container
from fivefold.catalog.containers import Container, Sequence, Table
from fivefold.errors import InvalidStatement, Unsupported
from fivefold.languages.sql.bind.state import State
from fivefold.languages.sql.tokens import tokenize

_SYSTEM = ("pg_catalog", "information_schema", "pg_toast")


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
    parts = tuple(value for kind, value, _, _ in tokenize(text) if kind in ("word", "name"))
    if not parts:
        raise InvalidStatement("invalid name syntax", "syntax_error")
    found = require(state, parts, None)
    if not isinstance(found, Sequence):
        raise InvalidStatement(f'"{found.name}" is not a sequence', "wrong_object_type")
    return found
