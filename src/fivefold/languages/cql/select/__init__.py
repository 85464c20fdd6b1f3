"""SELECT: planned once, then run: statements of the store, and what is left to do with their rows.

``plan_select`` makes a ``SelectPlan``: what is read (``columns``, ``sources``, or ``made`` for
system tables), how much of it (``paging``) and what becomes of it (``shapes``, ``grouped``).

Source: "SELECT" of "Data manipulation" in Cassandra's CQL reference, version 5.0.
"""

from __future__ import annotations

from fivefold.languages.cql.select.made import MadeRows
from fivefold.languages.cql.select.plan import SelectPlan
from fivefold.languages.cql.tables import ColumnFamily
from fivefold.languages.cql.terms import Scope
from fivefold.languages.cql.tree import Select

__all__ = ["MadeRows", "SelectPlan", "plan_select"]


def plan_select(
    select: Select, family: ColumnFamily, scope: Scope, made_rows: MadeRows | None = None
) -> SelectPlan:
    """Return the plan of a SELECT from a column family. Raises Cassandra's errors.

    ``made_rows`` are those of a family that is ``system``.
    """
    return SelectPlan(select, family, scope, made_rows)
