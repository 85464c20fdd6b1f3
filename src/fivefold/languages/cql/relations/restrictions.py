"""What the relations of a statement come to, as those see it who run the statement."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from fivefold.languages.cql.relations.filters import Matcher, matcher
from fivefold.languages.cql.relations.ranges import (
    WHOLE,
    Slice,
    TokenBounds,
    clustering_slices,
    partition_keys,
    token_bounds,
)
from fivefold.languages.cql.relations.records import (
    Among,
    Equal,
    Range,
    Restriction,
    TokenRestriction,
    Values,
)
from fivefold.languages.cql.run import Run
from fivefold.languages.cql.tables import Column, ColumnFamily
from fivefold.languages.cql.terms import Value
from fivefold.values.cql.faults import invalid
from fivefold.values.cql.tokens import partition_bytes, token_of
from fivefold.values.types import Stored


class Restrictions:
    """What the relations of a statement come to.

    - ``partition``: the values of the partition key, if each has one ``=``; ``clustering`` those
      of the leading clustering columns that have one. Who has them all needs no ``partitions``
      and ``slices``; null and unset values are still to be refused (``key_value``).
    - ``several_rows``: clustering columns are said by an IN.
    - ``keys_given``: the partition keys are said, by = and IN; ``several_partitions``: by an IN
      of possibly many values.
    - ``whole_rows``: all clustering columns are given.
    - ``filters``: the restrictions that ``slices``, and ``partitions`` or ``tokens``, do not say;
      ``index``: one of them that an index answers.
    - ``not_null``: columns of ``IS NOT NULL``, of views.
    """

    def __init__(
        self,
        family: ColumnFamily,
        *,
        token: TokenRestriction | None,
        partition: Sequence[Restriction],
        clustering: Sequence[Restriction],
        others: Sequence[Restriction],
        leading: int,
        keys_given: bool,
        several_partitions: bool,
        index: Restriction | None,
        uses_index: bool,
        not_null: Sequence[Column],
        needs_filtering: bool,
    ) -> None:
        self.family = family
        self.keys_given = keys_given
        self.uses_index = uses_index
        self.needs_filtering = needs_filtering
        self.not_null = tuple(not_null)
        self.index = index
        self.restrictions = (*partition, *clustering, *others)
        self.restricts_partition = bool(partition) or token is not None
        self.restricts_clustering = bool(clustering)
        self.several_partitions = several_partitions
        self.several_rows = any(isinstance(one, Among) for one in clustering)
        self.restricts_regular = any(one.columns[0].kind == "regular" for one in others)
        self.columns = frozenset(c.name for one in self.restrictions for c in one.columns)
        self._token = token
        self._partition = tuple(partition)
        self._leading = tuple(clustering[:leading])
        given = sum(len(one.columns) for one in clustering if isinstance(one, Equal | Among))
        self.whole_rows = given == len(family.clustering)
        self.filters: tuple[Restriction, ...] = (
            *(() if keys_given else partition),
            *clustering[leading:],
            *others,
        )
        self.partition = _values(partition, family.partition)
        self.clustering = _values(self._leading, ()) or ()

    @property
    def has_token(self) -> bool:
        """Say whether the token is restricted."""
        return self._token is not None

    def tokens(self, run: Run) -> TokenBounds:
        """Return the tokens that are meant."""
        return token_bounds(self._token, run)

    def keys(self, run: Run) -> list[tuple[int, Values]]:
        """Return the partition keys that are given, with their tokens, in the order of the keys."""
        found = partition_keys(self.family, self._partition, run)
        if self._token is None:
            return found
        bounds = self.tokens(run)
        return [each for each in found if bounds.low <= each[0] <= bounds.high]

    def partitions(self, run: Run) -> list[Values]:
        """Return the partition keys that are given, each once, in their order."""
        return [values for _, values in self.keys(run)]

    def slices(self, run: Run) -> list[Slice]:
        """Return what is meant of each partition, in the order of its rows; it may be nothing."""
        return clustering_slices(self.family, self._leading, run) if self._leading else [WHOLE]

    def refuse_null_bounds(self, run: Run) -> None:
        """Raise for a bound of a slice that is null: it would be none, of what is deleted."""
        last = self._leading[-1] if self._leading else None
        if not isinstance(last, Range):
            return
        for bound in (last.low, last.high):
            if bound is not None and None in bound.read(run, filtered=False):
                name = last.columns[0].name
                raise invalid(f"Invalid null value in condition for column {name}")

    @property
    def leading(self) -> tuple[Restriction, ...]:
        """Return the restrictions that ``slices`` say."""
        return self._leading

    def matches(self, run: Run, positions: Mapping[str, int] | None = None) -> Matcher:
        """Return what says whether a row is meant.

        The row has the values of the family's columns in their order, or at those ``positions``.
        """
        family = self.family
        if positions is None:
            positions = {column.name: place for place, column in enumerate(family.columns)}
        tests = [matcher(one, positions, run) for one in self.restrictions]
        if self._token is not None:
            tests.append(self._token_matcher(positions, run))
        tests += [_there(positions[column.name]) for column in self.not_null]
        return all_of(tests)

    def _token_matcher(self, positions: Mapping[str, int], run: Run) -> Matcher:
        bounds = self.tokens(run)
        columns = self.family.partition
        codecs = tuple(column.codec for column in columns)
        places = [positions[column.name] for column in columns]

        def test(row: Sequence[Stored]) -> bool:
            token = token_of(partition_bytes(codecs, tuple([row[place] for place in places])))
            return bounds.low <= token <= bounds.high

        return test


def all_of(tests: Sequence[Matcher]) -> Matcher:
    """Return what all tests say together."""
    if len(tests) == 1:
        return tests[0]
    made = tuple(tests)

    def test(row: Sequence[Stored]) -> bool:
        return all(one(row) for one in made)

    return test


def _there(place: int) -> Callable[[Sequence[Stored]], bool]:
    return lambda row: row[place] is not None


def _values(
    restrictions: Sequence[Restriction], columns: Sequence[Column]
) -> tuple[Value, ...] | None:
    """Return the values of single columns' =; for ``columns`` of all of them."""
    found: list[Value] = []
    for one in restrictions:
        if not isinstance(one, Equal) or one.value is None:
            break
        found.append(one.value)
    return tuple(found) if len(found) >= len(columns) else None
