"""The keys of indexes, as a query that writes sees them.

Keys of what it creates and changes wait, like what they belong to, until somebody reads from the
store, and are then written together. What was found for a key is remembered and kept right, so that
a load that finds the same nodes again and again asks nothing of the store.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from fivefold.errors import Conflict, Violation
from fivefold.languages.unit import Runner
from fivefold.models.graph.keys import entry_key
from fivefold.models.graph.records import IDS_MAX, IndexPlans
from fivefold.values.graph.entities import Node, Relationship
from fivefold.values.graph.faults import fault
from fivefold.values.graph.text import literal

Keyed = Node | Relationship
MakeNode = Callable[[Sequence[Any]], Node]
"""What makes a node of a row."""

At = tuple[int, bytes]
"""An index's number and a key in it."""


class Keys:
    """The keys of one graph's indexes. ``alone``: nobody else writes at the same time."""

    def __init__(self, runner: Runner, *, alone: bool) -> None:
        self._runner = runner
        self._alone = alone
        self._known: dict[At, list[Node]] = {}
        self._waiting: dict[IndexPlans, list[tuple[bytes, Keyed]]] = {}
        self._taken: dict[At, Keyed] = {}
        """Of keys of unique indexes that wait, whose they are."""

    # Looking for keys; what waits has been written, or what is known is right without it.

    def known(self, plans: IndexPlans, key: bytes) -> list[Node] | None:
        """Return the nodes with a key, None if they were not looked for."""
        return self._known.get((plans.number, key))

    def missing(self, plans: IndexPlans, keys: Iterable[bytes]) -> list[bytes]:
        """Return the keys that were not looked for, each once."""
        known, number = self._known, plans.number
        return [key for key in dict.fromkeys(keys) if (number, key) not in known]

    def look_for_one(self, plans: IndexPlans, key: bytes, node_of: MakeNode) -> list[Node]:
        """Return the nodes with a key, which are known then. Nothing may wait."""
        rows = self._runner.run(plans.found_one, (key,))
        found = self._known[plans.number, key] = [node_of(row) for row in rows]
        return found

    def look_for(self, plans: IndexPlans, keys: list[bytes], node_of: MakeNode) -> None:
        """Have the nodes with these keys, which were missing, known. Nothing may wait."""
        known, number = self._known, plans.number
        known.update(((number, key), []) for key in keys)
        for at in range(0, len(keys), IDS_MAX):
            for row in self._runner.run(plans.found, (_array(keys[at : at + IDS_MAX]),)):
                known[number, row[0]].append(node_of(row[1:]))

    # Changing keys

    def put(self, plans: IndexPlans, entity: Keyed) -> None:
        """Have an entity's key in an index; it waits. Raises CreateBlockedByConstraint."""
        key = entry_key(plans.index.properties, entity.properties)
        if key is None:
            return
        at = plans.number, key
        if plans.index.unique:
            other = self._taken.setdefault(at, entity)
            if other is not entity:
                raise taken_by(plans, entity, other.id)
        self._waiting.setdefault(plans, []).append((key, entity))
        if self._known and isinstance(entity, Node):
            known = self._known.get(at)
            if known is not None:
                known.append(entity)

    def drop(self, plans: IndexPlans, key: bytes | None, entity: Keyed) -> None:
        """Take a key that an entity had out of an index. Raises CreateBlockedByConstraint."""
        if key is None:
            return
        at = plans.number, key
        if self._waiting:
            taker = self._taken.get(at)
            if taker is not None and taker is not entity:
                raise taken_by(plans, taker, entity.id)
            self.write()
        self._known.pop(at, None)
        self._runner.run(plans.delete, (key, entity.id))

    @property
    def waits(self) -> bool:
        """Say whether any keys wait."""
        return bool(self._waiting)

    def write(self) -> None:
        """Write the keys that wait. Raises CreateBlockedByConstraint, Conflict."""
        waiting, self._waiting, self._taken = self._waiting, {}, {}
        for plans, entries in waiting.items():
            # Where others write beside, a refused statement takes the transaction with it.
            if plans.index.unique and not self._alone:
                self._refuse_taken(plans, entries)
            rows = [(key, entity.id) for key, entity in entries]
            try:
                if len(rows) == 1:
                    self._runner.run(plans.insert, rows[0])
                else:
                    self._runner.run_many(plans.insert, rows)
            except Violation:
                self._refuse_taken(plans, entries)
                raise Conflict("another transaction wrote at the same time") from None

    def _refuse_taken(self, plans: IndexPlans, entries: list[tuple[bytes, Keyed]]) -> None:
        """Raise CreateBlockedByConstraint if another entity has one of the keys."""
        keys = [key for key, _ in entries]
        holders: dict[bytes, int] = {}
        for at in range(0, len(keys), IDS_MAX):
            rows = self._runner.run(plans.find_all, (_array(keys[at : at + IDS_MAX]),))
            holders.update((key, id) for key, id in rows)
        for key, entity in entries:
            holder = holders.get(key)
            if holder is not None and holder != entity.id:
                raise taken_by(plans, entity, holder)


def _array(keys: Iterable[bytes]) -> str:
    """Return keys as one parameter: an array of their texts."""
    return '["' + '","'.join([key.hex() for key in keys]) + '"]'


def taken_by(plans: IndexPlans, entity: Keyed, other: int) -> Exception:
    """Return the error of a key that another entity has, in Neo4j's words."""
    index = plans.index
    what, sort = ("Node", "label") if isinstance(entity, Node) else ("Relationship", "type")
    shown = ", ".join(
        [f"`{name}` = {literal(entity.properties[name])}" for name in index.properties]
    )
    plural = "properties" if len(index.properties) > 1 else "property"
    return fault(
        "CreateBlockedByConstraint",
        f"{what}({other}) already exists with {sort} `{index.label}` and {plural} {shown}",
    )
