"""From a text to what can be run: understood once for all catalogs, planned once for each.

A plan is made of operators that know no store (``clauses``, ``matching``), and of those that ask it
whole patterns (``lower``) where that is exact.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol, cast

from fivefold.errors import Unsupported
from fivefold.languages.cypher import notifications, tree
from fivefold.languages.cypher.check import check
from fivefold.languages.cypher.clauses import Plan as Compiled
from fivefold.languages.cypher.clauses import compile_query
from fivefold.languages.cypher.context import Context, Names, Procedure
from fivefold.languages.cypher.graph import Notification, Profile, Run
from fivefold.languages.cypher.lower.direct import Count, lower_count
from fivefold.languages.cypher.lower.matching import Lowering, lower_match
from fivefold.languages.cypher.lower.slots import CannotSay
from fivefold.languages.cypher.matching import compile_match
from fivefold.languages.cypher.operators import Operator
from fivefold.languages.cypher.parse import parse
from fivefold.languages.cypher.procedures import PROCEDURES
from fivefold.languages.cypher.schema.seen import HOME, SYSTEM
from fivefold.languages.cypher.stored.opened import Opened, find
from fivefold.languages.cypher.stored.reading import Reading
from fivefold.languages.cypher.walk import every, mentions
from fivefold.languages.unit import Altering, Unit
from fivefold.values.records import changed

__all__ = ["HOME", "PROCEDURES", "SYSTEM", "Plan", "Understood", "plan_of", "understand"]

COUNTED_MAX = 1_000
"""How far the planner counts the nodes of a label: to know that there are many is enough."""


class Understood:
    """A text that is right, whatever graph it is asked of."""

    __slots__ = (
        *(
            "alters",
            "checked",
            "database",
            "explains",
            "parameters",
            "procedures",
            "profiles",
            "text",
        ),
        "writes",
    )

    def __init__(self, text: str) -> None:
        statement = parse(text)
        self.text = text
        self.procedures: Mapping[str, Procedure] = PROCEDURES
        if isinstance(statement.body, tree.Show):
            from fivefold.languages.cypher.schema import showing  # it is asked for rarely

            statement = changed(statement, body=showing.as_query(statement.body))
            self.procedures = showing.PROCEDURES
        self.checked = check(statement, self.procedures)
        self.writes = self.checked.writes
        self.parameters = frozenset(self.checked.parameters)
        body = self.checked.statement.body
        self.alters = self.checked.kind == "s"
        self.explains = statement.mode is tree.Mode.EXPLAIN
        self.profiles = statement.mode is tree.Mode.PROFILE
        self.database = statement.database
        if isinstance(body, tree.Query) and isinstance(body.clauses[0], tree.Use):
            self.database = body.clauses[0].database


def understand(text: str) -> Understood:
    """Return what a text asks for. Raises faults of phase "compile"."""
    return Understood(text)


class Plan(Protocol):
    """What can be run, by several threads at once, as long as the catalog is what it is."""

    columns: tuple[str, ...]
    kind: str
    writes: bool
    explains: bool
    profiles: bool
    is_single: bool
    """It is one statement, of one row: there is nothing to stream, and one moment by itself."""
    notifications: tuple[Notification, ...]

    def rows(self, run: Run) -> Iterable[Sequence[Any]]: ...
    def shown(self, profile: Profile | None = None) -> Mapping[str, Any]:
        """Return the tree that EXPLAIN shows; ``profile`` makes it PROFILE's."""
        ...


class QueryPlan:
    """See ``Plan``: operators, in front of which there may be a statement that says it all."""

    def __init__(
        self,
        understood: Understood,
        compiled: Compiled,
        count: Count | None,
        database: str,
        noted: Iterable[Notification],
    ) -> None:
        checked = understood.checked
        self._database = database
        self.columns = tuple(compiled.columns)
        self.kind = checked.kind
        self.writes = understood.writes
        self.explains, self.profiles = understood.explains, understood.profiles
        self.notifications = (*checked.notifications, *noted)
        self._compiled = compiled
        self._count = None if self.profiles else count
        self.is_single = self._count is not None

    def rows(self, run: Run) -> Iterable[Sequence[Any]]:
        """Run it. Nothing happens before the first row is asked for, but for a lone count."""
        if self._count is not None:
            assert isinstance(run.graph, Reading)
            try:
                return (self._count.count(run.graph, run),)
            except CannotSay:
                pass
        return self._walked(run)

    def _walked(self, run: Run) -> Iterator[Sequence[Any]]:
        columns = self.columns
        for row in self._compiled.run(run):
            yield tuple([row[name] for name in columns])

    def shown(self, profile: Profile | None = None) -> Mapping[str, Any]:
        """See ``Plan``."""
        from fivefold.languages.cypher import explain  # most queries are not explained

        return explain.shown(self._compiled, self._database, profile)


class CommandPlan:
    """See ``Plan``: a change of indexes, constraints or databases. It has no rows."""

    columns: tuple[str, ...] = ()
    kind = "s"
    writes = True
    profiles = False
    is_single = False
    notifications: tuple[Notification, ...] = ()

    def __init__(self, understood: Understood, command: tree.Command, database: str) -> None:
        self.explains = understood.explains
        self._command = command
        self._database = database

    def rows(self, run: Run) -> Iterable[Sequence[Any]]:
        """Carry the command out; its graph's unit has to be one that may alter the catalog."""
        from fivefold.languages.cypher.schema.carrying import carry_out  # queries do without

        assert isinstance(run.graph, Reading)
        unit = cast(Altering, run.graph.unit)
        told = carry_out(unit, self._database, self._command, run.statistics)
        run.notifications = (*run.notifications, *told)
        return ()

    def shown(self, profile: Profile | None = None) -> Mapping[str, Any]:
        """See ``Plan``."""
        name = f"{type(self._command).__name__}@{self._database}"
        return {"operatorType": name, "identifiers": [], "args": {}, "children": []}


def plan_of(unit: Unit, database: str, understood: Understood) -> Plan:
    """Return the plan for a text under the unit's catalog."""
    body = understood.checked.statement.body
    if database == SYSTEM and understood.writes and not isinstance(body, tree.DatabaseCommand):
        raise Unsupported(
            "the database system has no graph: it can be asked, and databases are created and"
            " dropped in it",
            hint=f"Name another database, {HOME} for one.",
        )
    if isinstance(body, tree.Command):
        return CommandPlan(understood, body, database)
    opened = find(unit, database)
    if opened is None:
        compiled = compile_query(body, procedures=understood.procedures, database=database)
        return QueryPlan(understood, compiled, None, database, _unknown(understood, None))
    matches = _Matches(unit, database, opened, body, writes=understood.writes)
    compiled = compile_query(
        body,
        match=matches.compile,
        knowledge=Known(unit, opened),
        procedures=understood.procedures,
        database=database,
    )
    count = None
    if not understood.writes and matches.context is not None:
        count = lower_count(matches.lowering, body, matches.context)
    noted = [*_unknown(understood, opened), *_hinted(body, opened)]
    return QueryPlan(understood, compiled, count, database, noted)


def _unknown(understood: Understood, opened: Opened | None) -> list[Notification]:
    """Return what a client is told of labels and types that nothing ever had."""
    checked, known = understood.checked, None if opened is None else opened.vocabulary
    found = [
        notifications.unknown_label(name, at)
        for name, at in checked.labels.items()
        if known is None or not known.kinds_with(name)
    ]
    found += [
        notifications.unknown_type(name, at)
        for name, at in checked.types.items()
        if known is None or known.type(name) is None
    ]
    return sorted(found, key=lambda one: one.at or 0)


def _hinted(query: tree.Query, opened: Opened) -> list[Notification]:
    """Return what a client is told of hints that name no index."""
    indexes = opened.graph.indexes
    return [
        notifications.hinted_index_not_found(hint.variables[0][0], hint.label, hint.properties)
        for match in every(query)
        if isinstance(match, tree.Match)
        for hint in match.hints
        if hint.kind == "index"
        and all((one.label, one.properties) != (hint.label, hint.properties) for one in indexes)
    ]


class _Matches:
    """Chooses for each MATCH of a query how it is carried out."""

    def __init__(
        self, unit: Unit, database: str, opened: Opened, query: tree.Query, *, writes: bool
    ) -> None:
        rare = Known(unit, opened).rare
        self.lowering = Lowering(opened, database, unit.prepare, rare, writes=writes)
        self.context: Context | None = None
        self._mentions = Counter(mentions(query))
        self._everything = any(
            isinstance(one, tree.Projection) and one.star for one in every(query)
        )

    def compile(self, match: tree.Match, bound: Names, context: Context) -> Sequence[Operator]:
        """Return the operators of a MATCH."""
        self.context = context
        own = Counter(mentions(match))
        used = frozenset(
            name for name, count in own.items() if self._everything or self._mentions[name] > count
        )
        walk = compile_match(match, bound, changed(context, used=used))
        lowered = lower_match(self.lowering, match, bound, used, context, walk)
        return walk if lowered is None else [lowered]


class Known:
    """What a planner may know of a graph: see ``context.Knowledge``."""

    def __init__(self, unit: Unit, opened: Opened) -> None:
        self._unit = unit
        self._opened = opened

    def count(self, label: str | None) -> int | None:
        """Return how many nodes have a label, up to a thousand; None for any node."""
        if label is None:
            return None
        return self.rare(tuple(self._opened.vocabulary.kinds_with(label)))

    def indexed(self, label: str) -> list[tuple[str, ...]]:
        """Return the properties of each index over a label."""
        return [
            index.properties
            for index in self._opened.graph.indexes
            if index.label == label and not index.relationship
        ]

    def rare(self, kinds: tuple[int, ...]) -> int:
        """Return how many nodes have one of these kinds, up to a thousand of each."""
        return sum(self._count_of(kind) for kind in kinds)

    def _count_of(self, kind: int) -> int:
        def counted() -> int:
            plans = self._opened.plans
            ((count,),) = self._unit.runner.run(plans.count_some, (kind, COUNTED_MAX))
            return int(count)

        return self._unit.remember(("nodes of kind", self._opened.graph.uuid, kind), counted)
