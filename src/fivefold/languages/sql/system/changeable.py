"""Which columns of a view may be changed, for information_schema."""

from __future__ import annotations

from fivefold.catalog.containers import View
from fivefold.errors import FivefoldError
from fivefold.languages.sql import tree
from fivefold.languages.sql.bind.state import State
from fivefold.languages.sql.bind.through import Through, through
from fivefold.languages.sql.system import texts
from fivefold.languages.sql.system.catalog import System
from fivefold.languages.sql.system.objects import Relation


def changeable(system: System, relation: Relation) -> frozenset[str]:
    """Return the names of the columns that UPDATE may set; none if rows may not be changed."""
    if relation.kind == "r":
        return frozenset(column.name for column in relation.columns)
    if not isinstance(relation.container, View):
        return frozenset()
    found = _through(system, relation.container)
    if found is None:
        return frozenset()
    return frozenset(name for name in found.values if found.base(name) is not None)


def _through(system: System, view: View) -> Through | None:
    state = State(texts.context(system, texts.PUBLIC))
    try:
        return through(state, view, "update", tree.Relation((view.name,), None, 0))
    except FivefoldError:
        return None
