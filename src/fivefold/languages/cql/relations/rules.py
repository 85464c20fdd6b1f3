"""The rules of WHERE: what may be restricted how, and when ALLOW FILTERING has to be said.

A statement reads *keys*, partitions that are given, or a *range* of them. An index that takes one
of the restrictions makes it read that; all that is not said by keys, slices of them and the index
is a filter, and a filter over more than a given partition's slice has to be allowed.
"""

from __future__ import annotations

from collections.abc import Sequence

from fivefold.languages.cql.parse.printing import quoted, relation_text
from fivefold.languages.cql.relations.indexes import supporting
from fivefold.languages.cql.relations.merging import merged, merged_tokens
from fivefold.languages.cql.relations.reading import Reading
from fivefold.languages.cql.relations.records import (
    Among,
    Containing,
    Equal,
    Range,
    Restriction,
    TokenEqual,
    TokenRange,
    TokenRestriction,
)
from fivefold.languages.cql.relations.restrictions import Restrictions
from fivefold.languages.cql.tables import Column, ColumnFamily
from fivefold.languages.cql.terms import Scope
from fivefold.languages.cql.tree import Relation
from fivefold.values.cql.faults import invalid

FILTERING = (
    "Cannot execute this query as it might involve data filtering and thus may have unpredictable"
    " performance. If you want to execute this query despite the performance unpredictability,"
    " use ALLOW FILTERING"
)
FREE_KEYSPACES = frozenset({"system_views", "system_virtual_schema"})
"""What lies in memory may be filtered by anybody."""


def restrict(
    family: ColumnFamily,
    relations: Sequence[Relation],
    scope: Scope,
    kind: str = "SELECT",
    *,
    allow_filtering: bool = False,
    static_only: bool = False,
) -> Restrictions:
    """Return what relations mean. Raises Cassandra's errors for those that may not be.

    ``kind``: SELECT, UPDATE, DELETE or VIEW; ``static_only``: the statement is about static
    columns and the partition key only. That DELETE of columns needs ``whole_rows`` is left to it.
    """
    read = _Read(family, kind, allow_filtering)
    reading = Reading(family, scope)
    for relation in relations:
        read.add(relation, reading)
    return _Rules(read, static_only=static_only).checked()


class _Read:
    """The restrictions of a statement, by the part of the row that they are of."""

    def __init__(self, family: ColumnFamily, kind: str, allow_filtering: bool) -> None:
        self.family = family
        self.kind = kind
        self.changes = kind in {"UPDATE", "DELETE"}
        self.allowed = allow_filtering
        self.token: TokenRestriction | None = None
        self.partition: list[Restriction] = []
        self.clustering: list[Restriction] = []
        self.others: list[Restriction] = []
        self.not_null: list[Column] = []

    def add(self, relation: Relation, reading: Reading) -> None:
        operator = relation.operator
        if self.changes and operator in {"CONTAINS", "CONTAINS KEY"}:
            raise invalid(f"Cannot use {self.kind} with {operator}")
        if operator == "IS NOT NULL":
            if self.kind != "VIEW":
                raise invalid(f"Unsupported restriction: {relation_text(relation)}")
            self.not_null.append(reading.column(relation.left[0]))
            return
        found = reading.relation(relation)
        if isinstance(found, TokenEqual | TokenRange):
            self.token = found if self.token is None else merged_tokens(self.token, found)
            return
        kind = found.columns[0].kind
        if kind == "partition_key":
            _put(self.partition, found)
        elif kind == "clustering":
            last = self.clustering[-1] if self.clustering else None
            _put(self.clustering, found)
            if last is not None and not self.allowed:
                _check_order(self.clustering, last, found)
        else:
            _put(self.others, found)


def _put(found: list[Restriction], new: Restriction) -> None:
    """Add a restriction to those of the same part, in the order of their columns."""
    names = {column.name for column in new.columns}
    for one in [one for one in found if not names.isdisjoint([c.name for c in one.columns])]:
        found.remove(one)
        new = merged(one, new)
    found.append(new)
    found.sort(key=_place)


def _place(restriction: Restriction) -> tuple[bool, int, str]:
    first = restriction.columns[0]
    return first.kind == "regular", first.position, first.name


def _check_order(clustering: list[Restriction], last: Restriction, new: Restriction) -> None:
    """Refuse what comes after a range of a column before it."""
    before, first = last.columns[0], new.columns[0]
    if isinstance(last, Range) and first.position > before.position:
        raise invalid(
            f'Clustering column "{first.name}" cannot be restricted (preceding column'
            f' "{before.name}" is restricted by a non-EQ relation)'
        )
    if isinstance(new, Range) and first.position < before.position:
        columns = [column for one in clustering for column in one.columns]
        after = next(column for column in columns if column.position > first.position)
        raise invalid(
            f'PRIMARY KEY column "{after.name}" cannot be restricted (preceding column'
            f' "{first.name}" is restricted by a non-EQ relation)'
        )


class _Rules:
    """What is checked once all relations are read, step by step as Cassandra does."""

    def __init__(self, read: _Read, *, static_only: bool) -> None:
        self.read = read
        self.static_only = static_only
        family = read.family
        self.leading = _leading(read.clustering)
        self.gaps = self.leading < len(read.clustering)
        self.indexed = (
            [] if read.changes else [one for one in self.restrictions if supporting(family, one)]
        )
        self.key_range = False
        self.uses_index = False
        self.filters: list[Restriction] = []
        self.free = family.system and family.keyspace in FREE_KEYSPACES

    @property
    def restrictions(self) -> list[Restriction]:
        read = self.read
        return [*read.partition, *read.clustering, *read.others]

    def checked(self) -> Restrictions:
        read = self.read
        if read.changes:
            self._changed_partition()
        else:
            self._partition()
        if self.static_only and read.clustering:
            if read.changes:
                raise invalid(
                    "Invalid restrictions on clustering columns since the"
                    f" {read.kind} statement modifies only static columns"
                )
            if read.kind == "SELECT":
                raise invalid(
                    "Cannot restrict clustering columns when selecting only static columns"
                )
        self._clustering()
        self._others()
        if self.uses_index and self.several_partitions:
            raise invalid(
                "Select on indexed columns and with IN clause for the PRIMARY KEY are not supported"
            )
        return self._made()

    def _may_filter(self) -> bool:
        return self.read.allowed or self.read.kind == "VIEW" or self.free

    def _missing(self) -> list[str]:
        given = {column.name for one in self.read.partition for column in one.columns}
        return [quoted(c.name) for c in self.read.family.partition if c.name not in given]

    @property
    def keys_given(self) -> bool:
        """Say whether the whole partition key is given, by = and IN."""
        return not self._missing() and all(
            isinstance(one, Equal | Among) for one in self.read.partition
        )

    @property
    def several_partitions(self) -> bool:
        """Say whether an IN gives partitions; beside a range of tokens it may only be a filter."""
        read = self.read
        if read.token is not None and self._missing():
            return False
        return any(isinstance(one, Among) for one in read.partition)

    def _changed_partition(self) -> None:
        read, missing = self.read, self._missing()
        if read.token is not None and missing:
            raise invalid(
                f"The token function cannot be used in WHERE clauses for {read.kind} statements"
            )
        if missing:
            raise invalid(f"Some partition key parts are missing: {', '.join(missing)}")
        if not self.keys_given:
            raise invalid(
                "Only EQ and IN relation are supported on the partition key (unless you use the"
                f" token() function) for {read.kind} statements"
            )

    def _partition(self) -> None:
        read = self.read
        if not read.partition:
            self.key_range = True
            self.uses_index = bool(self.indexed) and read.token is None
        elif not self.keys_given:
            if not self.indexed and not self._may_filter():
                raise invalid(FILTERING)
            self.key_range = True
            self.uses_index = bool(self.indexed)
            self.filters += read.partition

    def _clustering(self) -> None:
        read = self.read
        ranges = any(isinstance(one, Range) for one in read.clustering)
        if read.kind == "UPDATE":
            if ranges:
                raise invalid(
                    "Slice restrictions are not supported on the clustering columns in UPDATE"
                    " statements"
                )
            given = {column.name for one in read.clustering for column in one.columns}
            missing = [quoted(c.name) for c in read.family.clustering if c.name not in given]
            if missing and not self.static_only:
                raise invalid(f"Some clustering keys are missing: {', '.join(missing)}")
            return
        if any(isinstance(one, Containing) for one in read.clustering) and not (
            self.indexed or read.allowed or self.free
        ):
            raise invalid(
                "Clustering columns can only be restricted with CONTAINS with a secondary index or"
                " filtering"
            )
        if self.gaps:
            if self.indexed or read.kind == "VIEW":
                self.uses_index = bool(self.indexed)
            elif not read.allowed and not self.free:
                self._refuse_gap()
        if self.key_range and any(one in self.indexed for one in read.clustering):
            self.uses_index = True
        if self.uses_index or self.gaps:
            self.filters += read.clustering

    def _refuse_gap(self) -> None:
        columns = [column for one in self.read.clustering for column in one.columns]
        for before, column in zip(self.read.family.clustering, columns, strict=False):
            if before.name != column.name:
                raise invalid(
                    f'PRIMARY KEY column "{column.name}" cannot be restricted as preceding column'
                    f' "{before.name}" is not restricted'
                )

    def _others(self) -> None:
        read = self.read
        if not read.others:
            return
        if read.changes:
            names = [quoted(column.name) for one in read.others for column in one.columns]
            raise invalid(f"Non PRIMARY KEY columns found in where clause: {', '.join(names)} ")
        if self.indexed:
            self.uses_index = True
        elif not self._may_filter():
            raise invalid(FILTERING)
        self.filters += read.others

    def _made(self) -> Restrictions:
        read = self.read
        return Restrictions(
            read.family,
            token=read.token,
            partition=read.partition,
            clustering=read.clustering,
            others=read.others,
            leading=self.leading,
            keys_given=self.keys_given,
            several_partitions=self.several_partitions,
            index=self._index(),
            uses_index=self.uses_index,
            not_null=read.not_null,
            needs_filtering=self._needs_filtering(),
        )

    def _index(self) -> Restriction | None:
        """Return the restriction whose index is read: of a row's column rather than of a key's."""
        if not self.uses_index:
            return None
        own = [one for one in self.filters if one in self.indexed]
        return own[-1] if own else None

    def _needs_filtering(self) -> bool:
        """Say whether rows of a range, or of an index, are looked at that may not be meant."""
        read = self.read
        if self._may_filter() or read.changes or not (self.key_range or self.uses_index):
            return False
        if any(one not in self.indexed for one in self.filters):
            return True
        many = sum(len(one.columns) for one in self.filters) > 1 or any(
            isinstance(one, Containing) and len(one.parts) > 1 for one in self.filters
        )
        return many or (not self.filters and bool(read.clustering))


def _leading(clustering: list[Restriction]) -> int:
    """Return how many restrictions make a slice: no gap before, nothing after a range."""
    position = 0
    for number, one in enumerate(clustering):
        if isinstance(one, Containing) or one.columns[0].position != position:
            return number
        if not isinstance(one, Range):
            position += len(one.columns)
    return len(clustering)
