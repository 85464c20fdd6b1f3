"""Stages that tell of a collection: $collStats, $indexStats (manual, the pages of these names)."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator

from fivefold.languages.mongo import collections
from fivefold.languages.mongo.arguments import take_number, unknown
from fivefold.languages.mongo.collections import Name
from fivefold.languages.mongo.commands.indexing import ID
from fivefold.languages.mongo.commands.statistics import storage_stats
from fivefold.languages.mongo.indexes import spec_of
from fivefold.languages.mongo.sizes import counted
from fivefold.languages.mongo.writing import now_of
from fivefold.languages.unit import Unit
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import Document

_PARTS = frozenset({"latencyStats", "storageStats", "count", "queryExecStats"})


def told(unit: Unit, name: Name, stage: str, options: Document) -> Iterator[Document]:
    """Yield what a stage tells of a collection. Raises 115 for one that tells of the server."""
    tell = _STAGES.get(stage)
    if tell is None:
        raise fault(115, f"{stage} is not supported: use the command currentOp, or serverStatus")
    return tell(unit, name, options)


def _coll_stats(unit: Unit, name: Name, options: Document) -> Iterator[Document]:
    for field, value in options.items():
        if field not in _PARTS:
            raise unknown(f"$collStats.{field}")
        if not isinstance(value, dict):
            raise fault(14, f"BSON field '$collStats.{field}' has to be an object")
    for field in ("latencyStats", "queryExecStats"):
        if field in options:
            raise fault(115, f"$collStats has no {field}: nobody keeps these figures")
    opened = collections.find(unit, name)
    if opened is None and "count" in options:
        raise fault(
            26,
            f"Unable to retrieve count in $collStats stage: Collection [{'.'.join(name)}] not"
            " found.",
        )
    shown: Document = {"ns": ".".join(name), "host": platform.node(), "localTime": now_of(unit)}
    if "storageStats" in options:
        scale = take_number({"storageStats": 1, **options["storageStats"]}, "scale", 1, least=1)
        shown["storageStats"] = storage_stats(unit, name, scale)
    if "count" in options and opened is not None:
        shown["count"] = counted(unit, opened.view)[0]
    return iter([shown])


def _index_stats(unit: Unit, name: Name, options: Document) -> Iterator[Document]:
    if options:
        raise fault(28803, "The $indexStats stage specification must be an empty object")
    opened = collections.find(unit, name)
    if opened is None:
        return iter(())
    specs = [ID, *map(spec_of, opened.collection.indexes)]
    return iter(
        [
            {
                "name": spec.name,
                "key": spec.key,
                "host": platform.node(),
                "spec": spec.document(),
            }
            for spec in specs
        ]
    )


_STAGES: dict[str, Callable[[Unit, Name, Document], Iterator[Document]]] = {
    "$collStats": _coll_stats,
    "$indexStats": _index_stats,
}
