"""Partition keys and slices of partitions, as the values of a run make them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product

from fivefold.languages.cql.relations.records import (
    Among,
    Equal,
    Range,
    Restriction,
    TokenEqual,
    TokenRestriction,
    Values,
)
from fivefold.languages.cql.relations.tokens import LEAST, token_at
from fivefold.languages.cql.run import Run
from fivefold.languages.cql.tables import Column, ColumnFamily
from fivefold.values.cql.tokens import partition_bytes, token_of
from fivefold.values.records import Record
from fivefold.values.types import Stored


class Slice(Record):
    """Rows of a partition: whose first clustering columns are ``equal``, and the next between.

    A bound has the values of the columns that come next, one or more of them (rows compare with it
    as tuples of values do, whatever the order that the columns lie in); None is no bound. An
    ``equal`` of all clustering columns is one row.
    """

    equal: Values
    low: Values | None = None
    low_inclusive: bool = True
    high: Values | None = None
    high_inclusive: bool = True


WHOLE = Slice(())


class TokenBounds(Record):
    """Tokens, from ``low`` to ``high``, both of them included; ``low`` above ``high``: none."""

    low: int
    high: int


EVERYTHING = TokenBounds(LEAST, 2**63 - 1)


def token_bounds(restriction: TokenRestriction | None, run: Run) -> TokenBounds:
    """Return the tokens that are meant. The least one, which no key has, is no bound."""
    if restriction is None:
        return EVERYTHING
    if isinstance(restriction, TokenEqual):
        token = token_at(restriction.value, run)
        return EVERYTHING if token == LEAST else TokenBounds(token, token)
    low, high = EVERYTHING.low, EVERYTHING.high
    if restriction.low is not None:
        value, inclusive = restriction.low
        low = token_at(value, run) + (not inclusive)
    if restriction.high is not None:
        value, inclusive = restriction.high
        found = token_at(value, run)
        high = high if found == LEAST else found - (not inclusive)
    return TokenBounds(low, high)


def partition_keys(
    family: ColumnFamily, restrictions: Sequence[Restriction], run: Run
) -> list[tuple[int, Values]]:
    """Return the keys that = and IN say, each once with its token, in the order of their values.

    So Cassandra reads the partitions of an IN: only those of a range come in the order of tokens.
    """
    codecs = tuple(column.codec for column in family.partition)
    keys = _ordered(family.partition, restrictions, run)
    return [(token_of(partition_bytes(codecs, values)), values) for values in keys]


def clustering_slices(
    family: ColumnFamily, restrictions: Sequence[Restriction], run: Run
) -> list[Slice]:
    """Return the slices that restrictions of leading clustering columns say, in their order."""
    last = restrictions[-1] if restrictions else None
    if not isinstance(last, Range):
        return [Slice(values) for values in _ordered(family.clustering, restrictions, run)]
    equals = _ordered(family.clustering, restrictions[:-1], run)
    low = None if last.low is None else last.low.read(run, filtered=False)
    high = None if last.high is None else last.high.read(run, filtered=False)
    if high == (None,):  # nothing comes before null
        return []
    if low == (None,):
        low = None
    low_inclusive = last.low is None or last.low.inclusive
    high_inclusive = last.high is None or last.high.inclusive
    return [Slice(equal, low, low_inclusive, high, high_inclusive) for equal in equals]


def _products(restrictions: Sequence[Restriction], run: Run) -> list[Values]:
    """Return all that values of =, and of IN, make together."""
    choices: list[list[Values]] = []
    for one in restrictions:
        assert isinstance(one, Equal | Among)
        found = one.read(run, filtered=False)
        choices.append(found if isinstance(found, list) else [found])
    return [tuple(each for part in parts for each in part) for parts in product(*choices)]


def _ordered(
    columns: Sequence[Column], restrictions: Sequence[Restriction], run: Run
) -> list[Values]:
    """Return them as rows are ordered, each once."""
    found = _products(restrictions, run)
    if len(found) < 2:
        return found
    for place in reversed(range(len(found[0]))):
        column = columns[place]
        to_key = column.codec.to_key

        def key(
            values: Values, place: int = place, to_key: Callable[[Stored], bytes] = to_key
        ) -> bytes:
            return to_key(values[place])

        found.sort(key=key, reverse=column.descending)
    keys = [column.codec.to_key for column in columns]
    return list(
        {
            tuple([to_key(value) for to_key, value in zip(keys, values, strict=False)]): values
            for values in reversed(found)
        }.values()
    )[::-1]
