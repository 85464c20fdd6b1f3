"""Materialized views: not kept yet, so that none is ever behind its table."""

from __future__ import annotations

from fivefold.errors import Unsupported
from fivefold.languages.cql import tree
from fivefold.languages.cql.results import Changed
from fivefold.languages.cql.schema import naming
from fivefold.languages.unit import Altering
from fivefold.values.cql.faults import invalid


def create_view(statement: tree.CreateView, unit: Altering, keyspace: str | None) -> Changed:
    """Refuse CREATE MATERIALIZED VIEW."""
    raise Unsupported(
        "materialized views are not supported yet",
        hint="Write to a second table in the same batch, or query the table by SQL.",
    )


def alter_view(statement: tree.AlterView, unit: Altering, keyspace: str | None) -> Changed:
    """Refuse ALTER MATERIALIZED VIEW: there is none."""
    return _missing(statement.name, keyspace, if_exists=statement.if_exists)


def drop_view(statement: tree.DropView, unit: Altering, keyspace: str | None) -> Changed:
    """Refuse DROP MATERIALIZED VIEW: there is none."""
    return _missing(statement.name, keyspace, if_exists=statement.if_exists)


def _missing(name: tree.Name, keyspace: str | None, *, if_exists: bool) -> Changed:
    space, view = naming.placed(name, keyspace)
    if if_exists:
        return naming.NOTHING
    raise invalid(f"Materialized view '{space}.{view}' doesn't exist", "undefined_table")
