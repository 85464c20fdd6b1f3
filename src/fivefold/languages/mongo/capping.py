"""Capped collections: the oldest documents go when there are too many (manual, "Capped
Collections")."""

from __future__ import annotations

from fivefold.languages.mongo.collections import Opened
from fivefold.languages.unit import Unit
from fivefold.models.document.layout import Fixed
from fivefold.plan.statement import Prepared
from fivefold.values.documents.codec import decode

OLDEST_TOGETHER = 100


def cap(unit: Unit, opened: Opened) -> None:
    """Delete the oldest documents as long as there are more, or larger ones, than there may be."""
    collection = opened.collection
    fixed = Fixed(*opened.name)

    def plans() -> tuple[Prepared, Prepared]:
        sizes = fixed.read("SELECT count(*), coalesce(sum(length(bson)), 0) FROM {d}", "", "n n")
        oldest = fixed.read(
            f"SELECT place, bson FROM {{d}} ORDER BY place LIMIT {OLDEST_TOGETHER}",
            "",
            "place bson",
        )
        return unit.prepare(sizes), unit.prepare(oldest)

    sizes, oldest = unit.remember(("capped", *opened.name), plans)
    ((count, size),) = unit.runner.run(sizes)
    records = opened.records(unit)
    most = collection.capped_documents
    largest = collection.capped_bytes

    def is_full() -> bool:
        return (most is not None and count > most) or (largest is not None and size > largest)

    while is_full():
        for place, raw in unit.runner.run(oldest):
            if not is_full():
                return
            records.delete(place, decode(raw))
            count -= 1
            size -= len(raw)
