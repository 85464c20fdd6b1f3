"""Stages that tell of a collection: $collStats, $indexStats (manual, the pages of these names)."""

from __future__ import annotations

import platform
from collections.abc import Iterator

from fivefold.languages.mongo import collections
from fivefold.languages.mongo.arguments import take_number, unknown
from fivefold.languages.mongo.collections import Name
from fivefold.languages.mongo.commands.indexing import ID
from fivefold.languages.mongo.commands.statistics import storage_stats
from fivefold.languages.mongo.context import Context
from fivefold.languages.mongo.indexes import spec_of
from fivefold.languages.mongo.monitoring import TELLERS
from fivefold.languages.mongo.sizes import counted
from fivefold.languages.mongo.writing import now_of
from fivefold.languages.unit import Unit
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import Document

_PARTS = frozenset({"latencyStats", "storageStats", "count", "queryExecStats"})


def told(
    unit: Unit, asker: Context | None, name: Name, stage: str, options: Document
) -> Iterator[Document]:
    """Yield what a stage tells of a collection, or of the server to the client that asks.

    Raises 115 for what nobody knows.
    """
    if stage == "$indexStats":
        return _index_stats(unit, name, options)
    if asker is None:
        raise fault(115, f"{stage} cannot be part of a view")
    if stage == "$collStats":
        return _coll_stats(unit, asker, name, options)
    if stage == "$planCacheStats":
        raise fault(
            115,
            "$planCacheStats is not supported: indexes are chosen by rules, and no plan is kept for"
            " what it cost; use explain",
        )
    return TELLERS[stage](asker, name, options)


def _coll_stats(unit: Unit, asker: Context, name: Name, options: Document) -> Iterator[Document]:
    for field, value in options.items():
        if field not in _PARTS:
            raise unknown(f"$collStats.{field}")
        if not isinstance(value, dict):
            raise fault(14, f"BSON field '$collStats.{field}' has to be an object")
    if "queryExecStats" in options:
        raise fault(115, "$collStats has no queryExecStats: nobody keeps these figures")
    opened = collections.find(unit, name)
    if opened is None and "count" in options:
        raise fault(
            26,
            f"Unable to retrieve count in $collStats stage: Collection [{'.'.join(name)}] not"
            " found.",
        )
    shown: Document = {"ns": ".".join(name), "host": platform.node(), "localTime": now_of(unit)}
    if "latencyStats" in options:
        if options["latencyStats"].get("histograms"):
            raise fault(115, "latencyStats has no histograms: leave out 'histograms'")
        shown["latencyStats"] = asker.hub.statistics.latencies(*name)
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
