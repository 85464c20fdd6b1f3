"""What becomes of entities that are there already when an index or a constraint is made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from fivefold.catalog.containers import GraphConstraint, GraphIndex
from fivefold.errors import FivefoldError, Violation
from fivefold.languages.cypher.constraints import broken
from fivefold.languages.cypher.schema import wording
from fivefold.languages.cypher.stored.opened import Opened, find
from fivefold.languages.unit import Altering
from fivefold.models.graph.keys import entry_key
from fivefold.models.graph.records import IndexPlans
from fivefold.values.graph.faults import fault
from fivefold.values.graph.storage import decode
from fivefold.values.graph.text import literal

_Entry = tuple[int, dict[str, Any]]
_BATCH: Final = 2_000
"""Entities that are looked at between two looks at the store."""


def fill(
    unit: Altering, database: str, index: GraphIndex, constraint: GraphConstraint | None = None
) -> None:
    """Put all entities into a new index. Raises fault ConstraintCreationFailed for equal keys."""
    opened = find(unit, database)
    assert opened is not None
    plans = next(one for one in opened.plans.indexes if one.index.name == index.name)
    for batch in _batches(unit, opened, index):
        rows = []
        for id, properties in batch:
            key = entry_key(index.properties, properties)
            if key is not None:
                rows.append((key, id))
        if rows:
            _insert(unit, opened, plans, rows, constraint)
        unit.check()


def _insert(
    unit: Altering,
    opened: Opened,
    plans: IndexPlans,
    rows: list[tuple[bytes, int]],
    constraint: GraphConstraint | None,
) -> None:
    runner = unit.runner
    if constraint is None:
        runner.run_many(plans.insert, rows)
        return
    runner.savepoint("cypher_index")
    try:
        runner.run_many(plans.insert, rows)
    except Violation:
        runner.rollback_to("cypher_index")
        raise _doubled(unit, opened, plans, rows, constraint) from None
    runner.release("cypher_index")


def _doubled(
    unit: Altering,
    opened: Opened,
    plans: IndexPlans,
    rows: list[tuple[bytes, int]],
    constraint: GraphConstraint,
) -> FivefoldError:
    """Return the error of the first key that two entities have."""
    seen: dict[bytes, int] = {}
    for key, id in rows:
        found = unit.runner.run(plans.find, (key,))
        other = found[0][0] if found else seen.get(key)
        if other is None:
            seen[key] = id
            continue
        prepared = opened.plans.relationship if constraint.relationship else opened.plans.node
        properties = decode(unit.runner.run(prepared, (id,))[0][-1])
        shown = ", ".join(
            [f"`{name}` = {literal(properties[name])}" for name in constraint.properties]
        )
        plural = "properties" if len(constraint.properties) > 1 else "property"
        what, sort = ("Relationship", "type") if constraint.relationship else ("Node", "label")
        return _failed(
            constraint,
            f"Both {what}({other}) and {what}({id}) have the {sort}"
            f" `{constraint.label}` and {plural} {shown}",
        )
    raise AssertionError(constraint)


def check(unit: Altering, database: str, constraint: GraphConstraint) -> None:
    """Raise fault ConstraintCreationFailed for the first entity that a new constraint refuses."""
    if constraint.kind == "unique":
        return
    opened = find(unit, database)
    assert opened is not None
    for batch in _batches(unit, opened, constraint):
        for id, properties in batch:
            message = broken(constraint, id, properties)
            if message is not None:
                raise _failed(constraint, message)
        unit.check()


def _failed(constraint: GraphConstraint, why: str) -> FivefoldError:
    return fault(
        "ConstraintCreationFailed",
        f"Unable to create {wording.shown_constraint(constraint)}:\n{why}. Note that only the first"
        " found violation is shown.",
    )


def _batches(
    unit: Altering, opened: Opened, of: GraphIndex | GraphConstraint
) -> Iterator[list[_Entry]]:
    """Yield the ids and properties of those entities that an index or a constraint is for."""
    run, plans, vocabulary = unit.runner.run, opened.plans, opened.vocabulary
    if of.relationship:
        number = vocabulary.type(of.label)
        if number is not None:
            yield from _steps(lambda last: run(plans.relationships_after, (number, last, _BATCH)))
        return
    for kind in sorted(vocabulary.kinds_with(of.label)):
        yield from _steps(lambda last, kind=kind: run(plans.nodes_after, (kind, last, _BATCH)))  # type: ignore[misc]  # bound at once


def _steps(read: Callable[[int], list[tuple[Any, ...]]]) -> Iterator[list[_Entry]]:
    last = -1
    while rows := read(last):
        last = rows[-1][0]
        yield [(row[0], decode(row[1])) for row in rows]
