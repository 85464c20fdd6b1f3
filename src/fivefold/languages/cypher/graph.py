"""What the language sees of a stored graph, and of one execution.

A ``Graph`` lives as long as one query of one transaction. It has one object for each entity that it
hands out, and what it is told to change is seen by whatever is read from it afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from fivefold.languages.cypher.tree import Direction
from fivefold.values.graph.entities import Node, Relationship

Row = dict[str, Any]
"""Variables and their values. No operator changes one that it was given."""


Way = tuple[int, int]
"""A relationship as it is seen from a node: its id, and the id of the node at its other end."""


class Graph(Protocol):
    """The nodes and relationships of one database, inside one transaction."""

    def node(self, id: int) -> Node | None: ...
    def relationship(self, id: int) -> Relationship | None: ...

    def nodes_by_id(self, ids: Iterable[int]) -> Mapping[int, Node]:
        """Return those of these nodes that are there, all at once."""
        ...

    def relationships_by_id(self, ids: Iterable[int]) -> Mapping[int, Relationship]:
        """Return those of these relationships that are there, all at once."""
        ...

    def nodes(self, labels: Iterable[str] = ()) -> Iterator[Node]:
        """Yield the nodes that have all of these labels."""
        ...

    def relationships(self, types: Iterable[str] = ()) -> Iterator[Relationship]:
        """Yield the relationships of one of these types, of any without types."""
        ...

    def seek(self, label: str, values: Mapping[str, Any]) -> Iterator[Node] | None:
        """Yield the nodes with a label whose properties equal ``values``; None without an index."""
        ...

    def expand(
        self, node: Node, direction: Direction, types: Iterable[str] = ()
    ) -> Iterator[Relationship]:
        """Yield a node's relationships of one of these types; a loop once, in EITHER too."""
        ...

    def ways_from(
        self, ids: Iterable[int], direction: Direction, types: Iterable[str] = ()
    ) -> Mapping[int, Sequence[Way]]:
        """Return for each of these nodes what ``expand`` would yield, all at once.

        A relationship whose other end has been deleted is left out.
        """
        ...

    def degree(self, node: Node, direction: Direction, types: Iterable[str] = ()) -> int:
        """Return how many relationships ``expand`` would yield."""
        ...

    def between(self, start: Node, end: Node, types: Iterable[str] = ()) -> Iterator[Relationship]:
        """Yield the relationships from one node to another of one of these types."""
        ...

    def create_node(self, labels: Iterable[str], properties: Mapping[str, Any]) -> Node:
        """Create a node; properties that are null are left out."""
        ...

    def create_relationship(
        self, type: str, start: Node, end: Node, properties: Mapping[str, Any]
    ) -> Relationship: ...

    def set_properties(
        self, entity: Node | Relationship, properties: Mapping[str, Any], *, replace: bool
    ) -> None:
        """Set properties, remove those that are null; ``replace`` removes all others too.

        Raises fault InvalidPropertyType for a value that no property may have, and
        CreateBlockedByConstraint, MissingProperty for what a constraint refuses.
        """
        ...

    def add_labels(self, node: Node, labels: Iterable[str]) -> None: ...
    def remove_labels(self, node: Node, labels: Iterable[str]) -> None: ...

    def delete_relationship(self, relationship: Relationship) -> None:
        """Delete it; a deleted one may be deleted again."""
        ...

    def delete_node(self, node: Node) -> None:
        """Delete a node. That it has no relationships left is checked by ``finish``."""
        ...

    def finish(self) -> None:
        """Check what is only checked at the end: raises fault DeleteConnectedNode."""
        ...

    @property
    def uuid(self) -> str:
        """Return the graph's own identity, of which element ids are made."""
        ...

    def labels(self) -> Sequence[str]:
        """Return all labels that are in use, sorted."""
        ...

    def types(self) -> Sequence[str]:
        """Return all types of relationships that are in use, sorted."""
        ...

    def keys(self) -> Sequence[str]:
        """Return all names of properties that were ever used, sorted."""
        ...


@dataclass(slots=True)
class Statistics:
    """What a query changed: the counters of Neo4j's summary."""

    nodes_created: int = 0
    nodes_deleted: int = 0
    relationships_created: int = 0
    relationships_deleted: int = 0
    properties_set: int = 0
    labels_added: int = 0
    labels_removed: int = 0
    indexes_added: int = 0
    indexes_removed: int = 0
    constraints_added: int = 0
    constraints_removed: int = 0
    system_updates: int = 0

    @property
    def contains_updates(self) -> bool:
        """Say whether anything was changed."""
        return any(getattr(self, name) for name in self.__slots__)


@dataclass(frozen=True, slots=True)
class Notification:
    """What a client should know about a query that is right: code and words are Neo4j's.

    ``gql`` is the GQLSTATUS that goes with the code, ``told`` the description of that status.
    """

    code: str
    title: str
    description: str
    severity: str = "WARNING"
    category: str = "GENERIC"
    at: int | None = None
    gql: str = "01N42"
    told: str = "warn: warning"


def _go_on() -> None:
    """Let an execution that nobody can end go on."""


class Profile:
    """What is counted of an execution, by operators' numbers: rows that left them, and hits.

    Hits are what the store was asked for while an operator was ``asking``: one for each statement,
    and one for each row that it gave or took. Those of no operator are under -1.
    """

    __slots__ = ("asking", "hits", "rows")

    def __init__(self) -> None:
        self.rows: dict[int, int] = {}
        self.hits: dict[int, int] = {}
        self.asking = -1

    def hit(self, count: int) -> None:
        """Count for who is asking."""
        self.hits[self.asking] = self.hits.get(self.asking, 0) + count

    def of(self, number: int, rows: Iterator[Row]) -> Iterator[Row]:
        """Pass an operator's rows on."""
        self.rows.setdefault(number, 0)
        while True:
            before, self.asking = self.asking, number
            try:
                row = next(rows, None)
            finally:
                self.asking = before
            if row is None:
                return
            self.rows[number] += 1
            yield row


class Run:
    """One execution of a query. The graph counts in ``statistics`` what it is told to change.

    ``now`` is the statement's one moment, a DateTime, or what gives it when it is first asked for;
    ``transaction_now`` the transaction's, the statement's if None. ``memory`` is what operators
    keep for the execution's length, by keys of their own. ``profile`` is there for PROFILE.
    ``notifications`` are those that only came
    up while it ran. ``check`` raises if the execution is to end, for operators that make rows
    without asking the graph.
    """

    __slots__ = (
        "_now",
        "check",
        "graph",
        "memory",
        "notifications",
        "parameters",
        "profile",
        "statistics",
        "transaction_now",
    )

    def __init__(
        self,
        graph: Graph,
        parameters: Mapping[str, Any],
        now: Any,
        statistics: Statistics,
        transaction_now: Any = None,
    ) -> None:
        self.graph = graph
        self.parameters = parameters
        self.statistics = statistics
        self.transaction_now = transaction_now
        self.memory: dict[object, Any] = {}
        self.profile: Profile | None = None
        self.notifications: tuple[Notification, ...] = ()
        self.check: Callable[[], None] = _go_on
        self._now = now

    @property
    def now(self) -> Any:
        """Return the statement's moment."""
        if callable(self._now):
            self._now = self._now()
        return self._now
