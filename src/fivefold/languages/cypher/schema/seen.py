"""What commands and procedures see beyond the graph itself: its indexes, other databases."""

from __future__ import annotations

from fivefold.catalog.containers import Graph, View
from fivefold.errors import Unsupported
from fivefold.languages.cypher.graph import Run
from fivefold.languages.cypher.stored.opened import fresh
from fivefold.languages.cypher.stored.reading import Reading
from fivefold.models.graph import layout

HOME = "neo4j"
"""The database of who names none."""

SYSTEM = "system"
"""The database in which others are created and dropped. It has no graph of its own."""


def stored(run: Run) -> Reading:
    """Return the graph, which must be one of a store's."""
    if not isinstance(run.graph, Reading):
        raise Unsupported(
            "what is known of indexes and databases cannot be asked of this graph",
            hint="Ask it of a graph in a store.",
        )
    return run.graph


def described(run: Run) -> Graph:
    """Return what the catalog knows of the graph."""
    opened = stored(run).opened
    return fresh() if opened is None else opened.graph


def database_of(run: Run) -> str:
    """Return the name of the database that is asked."""
    return stored(run).namespace


def databases(run: Run) -> list[tuple[str, Graph | None]]:
    """Return the databases with what the catalog knows of their graphs, sorted by name."""
    catalog = stored(run).unit.catalog
    found: dict[str, Graph | None] = {HOME: None}
    for namespace in catalog.namespaces:
        container = catalog.find(namespace, layout.NODES)
        if isinstance(container, View) and container.graph is not None:
            found[namespace] = container.graph
    return sorted(found.items())
