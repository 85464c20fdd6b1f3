"""Batches: several statements that are done together, or not at all.

Source: "BATCH" of "Data manipulation" in Cassandra's CQL reference; rules and messages are those
observed of Cassandra 5.0.
"""

from __future__ import annotations

from collections.abc import Sequence

from fivefold.languages.cql.results import Rows, Void
from fivefold.languages.cql.run import Run
from fivefold.languages.cql.write.attributes import Attributes
from fivefold.languages.cql.write.modification import VOID, Modification, look
from fivefold.values.cql.faults import invalid


def check(kind: str, statements: Sequence[Modification], attributes: Attributes | None) -> None:
    """Raise InvalidRequest for statements that cannot be done together."""
    counters = [one.writer.shape.counter for one in statements]
    conditional = any(one.conditional for one in statements)
    if attributes is not None and attributes.has_ttl:
        raise invalid("Global TTL on the BATCH statement is not supported.")
    if attributes is not None and attributes.has_timestamp:
        if conditional:
            raise invalid("Cannot provide custom timestamp for conditional BATCH")
        if kind == "counter":
            raise invalid("Cannot provide custom timestamp for counter BATCH")
        if any(one.attributes.has_timestamp for one in statements):
            raise invalid("Timestamp must be set either on BATCH or individual statements")
        if any(counters):
            raise invalid("Cannot provide custom timestamp for a BATCH containing counters")
    if kind == "counter" and not all(counters):
        raise invalid("Cannot include non-counter statement in a counter batch")
    if any(counters) and not all(counters):
        raise invalid("Counter and non-counter mutations cannot exist in the same batch")
    if kind == "logged" and any(counters):
        raise invalid("Cannot include a counter statement in a logged batch")
    tables = {(one.family.keyspace, one.family.name) for one in statements}
    if conditional and len(tables) > 1:
        raise invalid("Batch with conditions cannot span multiple tables")


class Batching:
    """BEGIN BATCH … APPLY BATCH. See ``plan.BatchPlan``."""

    def __init__(
        self, kind: str, statements: Sequence[Modification], attributes: Attributes
    ) -> None:
        self._kind = kind
        self._statements = statements
        self._attributes = attributes
        self.conditional = any(one.conditional for one in statements)
        tables = {(one.family.keyspace, one.family.name) for one in statements}
        self.partition = statements[0].partition if len(tables) == 1 else ()

    def run(self, run: Run) -> Rows | Void:
        """Do all of them."""
        timestamp = self._attributes.timestamp(run)
        return perform(self._kind, [(one, run) for one in self._statements], run, timestamp)


def perform(
    kind: str, statements: Sequence[tuple[Modification, Run]], run: Run, timestamp: int
) -> Rows | Void:
    """Do statements together; ``timestamp`` is that of those that do not say theirs."""
    if any(one.conditional for one, _ in statements):
        from fivefold.languages.cql.write.conditional import run_conditionally

        return run_conditionally(statements, run, batch=True)
    stamped = [(one, own, one.attributes.timestamp(own, timestamp)) for one, own in statements]
    looking = [each for each in stamped if each[0].looks]
    if looking:
        look(looking)
    for modification, own, at in stamped:
        modification.write(own, at)
    warned = _scattered(statements) if kind == "unlogged" else None
    return VOID if warned is None else Void((warned,))


UNLOGGED_PARTITIONS_MAX = 10
"""Partitions of an unlogged batch without a warning, as cassandra.yaml has it
(unlogged_batch_across_partitions_warn_threshold)."""


def _scattered(statements: Sequence[tuple[Modification, Run]]) -> str | None:
    """Return the warning for an unlogged batch over many partitions."""
    if len(statements) <= UNLOGGED_PARTITIONS_MAX and all(
        one.targets.single is not None for one, _ in statements
    ):
        return None
    partitions = {values for one, own in statements for values in one.targets.partitions(own)}
    if len(partitions) <= UNLOGGED_PARTITIONS_MAX:
        return None
    tables = sorted({f"{one.family.keyspace}.{one.family.name}" for one, _ in statements})
    return (
        f"Unlogged batch covering {len(partitions)} partitions detected against"
        f" table{'' if len(tables) == 1 else 's'} [{', '.join(tables)}]. You should use a logged"
        " batch for atomicity, or asynchronous writes for performance."
    )
