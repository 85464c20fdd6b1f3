"""Where documents come from: a collection, a view of MongoDB's, a table of another model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

from fivefold.catalog.containers import Table, View
from fivefold.languages.mongo import collections
from fivefold.languages.mongo.collections import Name
from fivefold.languages.mongo.data import Item
from fivefold.languages.mongo.finding import Query
from fivefold.languages.mongo.match import matcher, matcher_with_position
from fivefold.languages.mongo.projection.find import Projection
from fivefold.languages.mongo.walking import sorted_documents
from fivefold.languages.unit import Unit, watched
from fivefold.values.documents.codec import decode
from fivefold.values.documents.kinds import Document


def read(unit: Unit, name: Name, query: Query, project: Projection | None) -> Iterator[Item]:
    """Yield what a query finds, as it is stored if nothing is done to it."""
    container = unit.catalog.find(*name)
    if container is None:
        return iter(())
    if isinstance(container, View) and container.collection is not None:
        if container.collection.source is None:
            opened = collections.find(unit, name)
            assert opened is not None
            raws = (raw for _, raw in query.run(unit, opened))
            return raws if project is None else _projected(map(decode, raws), query, project)
        from fivefold.languages.mongo.aggregating import viewed

        found = viewed(unit, container)
    elif isinstance(container, (Table, View)):
        from fivefold.languages.mongo.tables import rows

        unit.expect(1 << 30)
        found = rows(unit, container)
    else:
        raise collections.not_a_collection(name, container.model)
    chosen = _chosen(found, query, unit.check)
    return iter(chosen) if project is None else _projected(chosen, query, project)


def _chosen(
    found: Iterator[Document], query: Query, check: Callable[[], None]
) -> Iterator[Document]:
    """Yield what a query wants of documents that no index holds."""
    matches: Callable[[Document], bool] = matcher(query.filter, query.variables)
    chosen: Iterator[Document] = filter(matches, watched(found, check))
    if query.sorting is not None:
        most = None if query.limit is None else query.skip + query.limit
        chosen = sorted_documents(chosen, query.sorting, most)
    return islice(chosen, query.skip, None if query.limit is None else query.skip + query.limit)


def _projected(found: Iterator[Document], query: Query, project: Projection) -> Iterator[Document]:
    variables = query.variables or {}
    if not project.positional:
        return (project(document, None, variables) for document in found)
    place = matcher_with_position(query.filter, query.variables)
    return (project(document, place(document)[1], variables) for document in found)
