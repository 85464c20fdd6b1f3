"""The doors of the room."""

from __future__ import annotations

from fivefold.plan import nodes as exp
from fivefold.stores.postgres.render import calls, changes, expressions, leaves, queries
from fivefold.stores.postgres.render.calls import SEQUENCES
from fivefold.stores.postgres.render.writer import HANDLERS, render

__all__ = ["render", "uses_sequences"]

for _room in (leaves, expressions, calls, queries, changes):
    HANDLERS.update(_room.HANDLERS)


def uses_sequences(tree: exp.Expr) -> bool:
    """Say whether a tree leaves or reads what sequences gave to the session."""
    return any(
        node.name in SEQUENCES or node.name == "lastval" for node in tree.find_all(exp.Anonymous)
    )
