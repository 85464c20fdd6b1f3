"""What ``cypher`` returns: records, one after the other or all at once.

The names are those of Neo4j's Python driver (API documentation, "Result" and "Record").
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from fivefold.api.graph.entities import Node, Path, Relationship
from fivefold.api.graph.values import PLAIN, Outgoing
from fivefold.errors import InvalidState
from fivefold.languages.cypher.graph import Notification, Statistics

if TYPE_CHECKING:
    import networkx
    import pandas

    from fivefold.engine.cypher import Answer


class Record(tuple[Any, ...]):
    """One row: its values in order, and by name."""

    __slots__ = ()

    _names: tuple[str, ...] = ()

    def __getitem__(self, key: Any) -> Any:
        if key.__class__ is str:
            try:
                return tuple.__getitem__(self, self._names.index(key))
            except ValueError:
                raise KeyError(key) from None
        return tuple.__getitem__(self, key)

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value of a column, or ``default`` if there is none of that name."""
        return self[key] if key in self._names else default

    def value(self, key: str | int = 0, default: Any = None) -> Any:
        """Return one value, the first if no column is named."""
        try:
            return self[key]
        except (KeyError, IndexError):
            return default

    def keys(self) -> list[str]:
        """Return the columns' names."""
        return [*self._names]

    def values(self) -> list[Any]:
        """Return the values."""
        return [*self]

    def items(self) -> list[tuple[str, Any]]:
        """Return names and values."""
        return [*zip(self._names, self, strict=True)]

    def data(self) -> dict[str, Any]:
        """Return names and values, nodes and relationships as dicts and tuples."""
        return {name: plain(value) for name, value in self.items()}

    def __repr__(self) -> str:
        shown = " ".join([f"{name}={value!r}" for name, value in self.items()])
        return f"<Record {shown}>"


@lru_cache(maxsize=1_000)
def record_type(names: tuple[str, ...]) -> type[Record]:
    """Return the class of records with these columns."""
    return type("Record", (Record,), {"_names": names, "__slots__": ()})


def plain(value: Any) -> Any:
    """Return a value without entities: a node as its properties, as ``Record.data`` has it."""
    if isinstance(value, Node):
        return dict(value.items())
    if isinstance(value, Relationship):
        return plain(value.start_node), value.type, plain(value.end_node)
    if isinstance(value, Path):
        listed: list[Any] = [plain(value.start_node)]
        for one, node in zip(value.relationships, value.nodes[1:], strict=True):
            listed += [one.type, plain(node)]
        return listed
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    return value


class Result:
    """The records of a query, each of which comes once; ``with`` gives up those that are left."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._type = record_type(answer.columns)
        self._out = Outgoing(answer.graph).value
        self._rows = iter(answer)
        self._peeked: list[Record] = []

    # Records

    def __iter__(self) -> Iterator[Record]:
        while self._peeked:
            yield self._peeked.pop()
        make, out = self._type, self._out
        for row in self._rows:
            for value in row:
                if value.__class__ not in PLAIN:
                    yield make(map(out, row))
                    break
            else:
                yield make(row)

    def __next__(self) -> Record:
        found = next(iter(self), None)
        if found is None:
            raise StopIteration
        return found

    def fetch(self, count: int) -> list[Record]:
        """Return the next records, at most so many."""
        found = []
        for record in self:
            found.append(record)
            if len(found) >= count:
                break
        return found

    def peek(self) -> Record | None:
        """Return the next record without taking it."""
        if not self._peeked:
            self._peeked = self.fetch(1)
        return self._peeked[0] if self._peeked else None

    def single(self, strict: bool = False) -> Record | None:
        """Return the only record that is left; None if there is none or, of several, the first.

        ``strict``: raises InvalidState unless there is exactly one.
        """
        found = self.fetch(2)
        self.close()
        if strict and len(found) != 1:
            raise InvalidState(
                "no record is left" if not found else "more than one record is left",
                "invalid_transaction_state",
            )
        return found[0] if found else None

    def value(self, key: str | int = 0, default: Any = None) -> list[Any]:
        """Return one value of each record, that of the first column if none is named."""
        return [record.value(key, default) for record in self]

    def values(self) -> list[list[Any]]:
        """Return the values of each record."""
        return [record.values() for record in self]

    def data(self) -> list[dict[str, Any]]:
        """Return each record as a dict without entities."""
        return [record.data() for record in self]

    def keys(self) -> Sequence[str]:
        """Return the columns' names."""
        return self._answer.columns

    # What was done

    @property
    def statistics(self) -> Statistics:
        """Return what the query changed."""
        return self._answer.statistics

    @property
    def notifications(self) -> Sequence[Notification]:
        """Return what to know of a query that is right."""
        return self._answer.notifications

    @property
    def plan(self) -> Mapping[str, Any] | None:
        """Return what EXPLAIN shows."""
        return self._answer.plan

    @property
    def profile(self) -> Mapping[str, Any] | None:
        """Return what PROFILE shows, once all records were taken."""
        return self._answer.profile

    def consume(self) -> Statistics:
        """Give up the records that are left; return what the query changed."""
        self.close()
        return self._answer.statistics

    # As something else

    def to_df(self) -> pandas.DataFrame:
        """Return the records as a DataFrame of pandas, one column for each."""
        import pandas

        return pandas.DataFrame([[*record] for record in self], columns=[*self.keys()])

    def to_networkx(self) -> networkx.MultiDiGraph:
        """Return all nodes and relationships of the records as a graph of networkx.

        Nodes are called by their ids and have ``labels`` and their properties, relationships their
        ids as keys, ``type`` and their properties.
        """
        import networkx

        graph = networkx.MultiDiGraph()
        for record in self:
            for value in record:
                _put(graph, value)
        return graph

    def close(self) -> None:
        """Give up the records that are left."""
        self._peeked = []
        self._answer.close()
        self._rows = iter(())

    def __enter__(self) -> Result:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _put(graph: networkx.MultiDiGraph, value: Any) -> None:
    if isinstance(value, Node):
        if value.labels or len(value) or value.id not in graph:
            graph.add_node(value.id, labels=value.labels, **dict(value.items()))
    elif isinstance(value, Relationship):
        for node in value.nodes:
            if node.id not in graph:
                graph.add_node(node.id)
        ends = value.start_node.id, value.end_node.id
        graph.add_edge(*ends, key=value.id, **{"type": value.type, **dict(value.items())})
    elif isinstance(value, Path):
        for one in (*value.nodes, *value.relationships):
            _put(graph, one)
    elif isinstance(value, list):
        for one in value:
            _put(graph, one)
    elif isinstance(value, dict):
        for one in value.values():
            _put(graph, one)
