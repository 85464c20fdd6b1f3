"""Comments as PostgreSQL's own, so that its catalogs show them."""

from __future__ import annotations

from collections.abc import Iterator

from fivefold.catalog.containers import (
    Check,
    Container,
    EnumType,
    ForeignKey,
    Key,
    Sequence,
    Table,
    View,
)
from fivefold.stores.postgres.names import qualified, quote, string


def comment_texts(old: Container, new: Container) -> Iterator[str]:
    """Yield COMMENT ON for everything about which ``new`` says something else than ``old``."""
    name = qualified(new.namespace, new.name)
    if old.comment != new.comment:
        word = {EnumType: "TYPE", Sequence: "SEQUENCE", Table: "TABLE", View: "VIEW"}[type(new)]
        yield _text(f"{word} {name}", new.comment)
    if isinstance(old, Table | View) and isinstance(new, Table | View):
        for before, after in zip(old.columns, new.columns, strict=True):
            if before.comment != after.comment:
                yield _text(f"COLUMN {name}.{quote(after.name)}", after.comment)
    if not isinstance(old, Table) or not isinstance(new, Table):
        return
    for one, other in zip(_constraints(old), _constraints(new), strict=True):
        if one.comment != other.comment:
            yield _text(f"CONSTRAINT {quote(other.name)} ON {name}", other.comment)
    for first, second in zip(old.indexes, new.indexes, strict=True):
        if first.comment != second.comment:
            yield _text(f"INDEX {qualified(new.namespace, second.name)}", second.comment)


def _constraints(table: Table) -> Iterator[Key | ForeignKey | Check]:
    yield from table.keys
    yield from table.foreign_keys
    yield from table.checks


def namespace_text(name: str, comment: str | None, database: str) -> str:
    """Return COMMENT ON for a schema, or for the database if ``name`` is empty."""
    return _text(f"SCHEMA {quote(name)}" if name else f"DATABASE {quote(database)}", comment)


def _text(what: str, comment: str | None) -> str:
    return f"COMMENT ON {what} IS {'NULL' if comment is None else string(comment)}"
