"""$group and $sortByCount.

Groups are held with their accumulators. When they grow beyond the limit they all go to temporary
files by the hash of their key, and so do the documents that come after, which are then added
partition by partition: every accumulator still sees its values in the order in which they came, so
that sums of doubles do not depend on whether the disk was used.
Source: manual 7.0, "$group (aggregation)", "$sortByCount (aggregation)".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from fivefold.languages.mongo.accumulators.base import Accumulator, rough_size
from fivefold.languages.mongo.accumulators.table import Accumulation, parse_accumulation
from fivefold.languages.mongo.expressions.compile import compile_term
from fivefold.languages.mongo.expressions.terms import Scope, Term
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import MISSING, Document
from fivefold.values.documents.order import hash_key
from fivefold.values.documents.text import shown

from .base import Site, Stages
from .context import Context
from .spilling import Partitions, refuse

GROUP_BYTES = 400
"""Roughly what a group takes beside its key and its accumulators' states."""
MEASURED_EVERY = 256
"""After so many documents what groups take is measured again where it may have grown."""
PASSES_MAX = 4
"""How often a partition that is still too large is divided again."""

States = tuple[Any, list[Accumulator]]  # the group's _id, its accumulators


@dataclass(frozen=True, slots=True)
class Group:
    """$group: what it groups by, and its fields with their accumulators."""

    identity: Any
    term: Term = field(repr=False)
    fields: tuple[tuple[str, Accumulation], ...]

    def run(self, documents: Iterator[Document], context: Context) -> Iterator[Document]:
        names = [name for name, _ in self.fields]
        for identity, states in self._groups(documents, context, 0):
            result = {"_id": identity}
            for name, state in zip(names, states, strict=True):
                result[name] = state.result()
            yield result

    def _groups(
        self, documents: Iterable[Document], context: Context, depth: int
    ) -> Iterator[States]:
        groups: dict[Any, States] = {}
        spilled = self._gather(iter(documents), context, groups, depth)
        yield from groups.values()
        if spilled is None:
            return
        groups.clear()
        for items in spilled.each():
            yield from self._partition(items, context, depth + 1)

    def _gather(
        self,
        documents: Iterator[Document],
        context: Context,
        groups: dict[Any, States],
        depth: int,
    ) -> Partitions | None:
        """Add documents to groups; return what had to go to the disk, all groups then."""
        adders = _Adders(self, context)
        identify, variables = self.term.run, context.variables
        name = self.term.name
        bytes_max = context.memory_bytes_max
        add = adders.adding()
        held, until = self._measure(groups), 0
        for document in documents:
            identity = document.get(name, MISSING) if name else identify(document, variables)
            cls = identity.__class__
            key = identity if cls is str or cls is int else hash_key(identity)
            found = groups.get(key)
            if found is None:
                found = groups[key] = adders.new(identity)
                held += GROUP_BYTES + rough_size(identity) + sum(one.size() for one in found[1])
            add(found[1], document)
            until += 1
            if until >= MEASURED_EVERY:
                until = -len(groups)  # what measuring takes stays a small part
                context.check()
                if adders.growing:
                    held = self._measure(groups)
                if held > bytes_max and depth < PASSES_MAX:
                    refuse("$group", context)
                    return self._spill(groups, documents, context, depth)
        return None

    def _measure(self, groups: dict[Any, States]) -> int:
        return sum(
            GROUP_BYTES + rough_size(identity) + sum(one.size() for one in states)
            for identity, states in groups.values()
        )

    def _spill(
        self,
        groups: dict[Any, States],
        documents: Iterator[Document],
        context: Context,
        depth: int,
    ) -> Partitions:
        """Put groups, then the documents that are left, into partitions."""
        partitions = Partitions()
        for key, states in groups.items():
            partitions.add(hash((depth, key)), (True, states))
        groups.clear()
        identify, variables = self.term.run, context.variables
        for document in documents:
            key = hash_key(identify(document, variables))
            partitions.add(hash((depth, key)), (False, document))
            context.check()
        return partitions

    def _partition(
        self, items: Iterator[tuple[bool, Any]], context: Context, depth: int
    ) -> Iterator[States]:
        """Yield the groups of one partition: states first, then documents to add to them."""
        groups: dict[Any, States] = {}
        first: list[Document] = []
        for whole, item in items:
            if not whole:
                first.append(item)
                break
            groups[hash_key(item[0])] = item

        def rest() -> Iterator[Document]:
            yield from first
            for _, item in items:
                yield item

        spilled = self._gather(rest(), context, groups, depth)
        yield from groups.values()
        if spilled is not None:
            for inner in spilled.each():
                yield from self._partition(inner, context, depth + 1)


class _Adders:
    """Makes the accumulators of groups and gives them what documents add."""

    def __init__(self, group: Group, context: Context) -> None:
        accumulations = [accumulation for _, accumulation in group.fields]
        self._makes = [accumulation.make for accumulation in accumulations]
        self._values = [accumulation.value for accumulation in accumulations]
        self._names = [_field_of(each) for each in accumulations]
        self._variables = context.variables
        self.growing = any(each.operator in GROWING for each in accumulations)

    def new(self, identity: Any) -> States:
        if identity is MISSING:
            identity = None
        seen = identity if isinstance(identity, dict) else {}
        return identity, [make(seen, self._variables) for make in self._makes]

    def adding(self) -> Callable[[list[Accumulator], Document], None]:
        """Return the function that adds a document: what most groups are made of goes directly."""
        names, values, variables = self._names, self._values, self._variables
        if len(names) == 1 and (only := names[0]):

            def add_one(states: list[Accumulator], document: Document) -> None:
                states[0].add(document.get(only, MISSING))

            return add_one
        if len(names) == 2 and (first := names[0]) and (second := names[1]):

            def add_two(states: list[Accumulator], document: Document) -> None:
                one, two = states
                one.add(document.get(first, MISSING))
                two.add(document.get(second, MISSING))

            return add_two

        def add(states: list[Accumulator], document: Document) -> None:
            for state, value, name in zip(states, values, names, strict=True):
                state.add(document.get(name, MISSING) if name else value(document, variables))

        return add


def _field_of(accumulation: Accumulation) -> str | None:
    """Return the field that is added as it is, if it is just that; any will do to be counted."""
    if accumulation.sorting is not None or accumulation.term is None:
        return None
    if accumulation.counts:
        return "_id"
    return accumulation.term.name


GROWING = frozenset(
    {"$addToSet", "$push", "$mergeObjects", "$median", "$percentile"}
    | {"$firstN", "$lastN", "$minN", "$maxN", "$topN", "$bottomN"}
)
"""Accumulators whose states grow with what they are given."""


def parse_group(value: Any, site: Site) -> Stages:
    if not isinstance(value, dict):
        raise fault(15947, "a group's fields must be specified in an object")
    if "_id" not in value:
        raise fault(15955, "a group specification must include an _id")
    fields = tuple(
        [(name, field_of(name, each, site.scope)) for name, each in value.items() if name != "_id"]
    )
    return (Group(value["_id"], compile_term(value["_id"], site.scope), fields),)


def field_of(name: str, value: Any, scope: Scope) -> Accumulation:
    """Return the accumulator that a field of $group, $bucket or $bucketAuto is given."""
    if "." in name:
        raise fault(40235, f"The field name '{name}' cannot contain '.'")
    if name.startswith("$"):
        raise fault(40236, f"The field name '{name}' cannot be an operator name")
    if not isinstance(value, dict):
        raise fault(40234, f"The field '{name}' must be an accumulator object")
    if len(value) != 1:
        raise fault(40238, f"The field '{name}' must specify one accumulator")
    ((operator, argument),) = value.items()
    return parse_accumulation(operator, argument, scope)


def parse_sort_by_count(value: Any, site: Site) -> Stages:
    """Return the $group and $sort that $sortByCount stands for."""
    if isinstance(value, dict):
        if not next(iter(value), "").startswith("$"):
            raise fault(
                40147,
                "the sortByCount field must be defined as a $-prefixed path or an expression "
                f"inside an object: {shown(value)}",
            )
    elif not isinstance(value, str):
        raise fault(
            40149,
            "the sortByCount field must be specified as a string or as an object",
        )
    elif not value.startswith("$"):
        raise fault(
            40148,
            "the sortByCount field must be defined as a $-prefixed path or an expression inside "
            "an object",
        )
    return (
        *site.parse([{"$group": {"_id": value, "count": {"$sum": 1}}}], site),
        *site.parse([{"$sort": {"count": -1}}], site),
    )
