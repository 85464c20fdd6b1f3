"""Rows of a partition that a deletion reaches: as a condition of SQL, as ranges of their bytes."""

from __future__ import annotations

from collections.abc import Sequence

from fivefold.models.widecolumn.shape import EVERYTHING, Range, Shape, Values, following, named
from fivefold.values.records import Record
from fivefold.values.types import Stored, Type


class Reach(Record):
    """Rows of a partition: ``condition`` begins with AND, or is "" for all and the static one."""

    condition: str
    types: tuple[Type, ...]
    values: Values
    ranges: tuple[Range, ...]


PARTITION = Reach("", (), (), (EVERYTHING,))


def reach_of(
    shape: Shape,
    equal: Values,
    low: Values | None = None,
    low_inclusive: bool = True,
    high: Values | None = None,
    high_inclusive: bool = True,
) -> Reach:
    """Return the rows whose first clustering columns are ``equal``, the next ones within bounds.

    Those compare with a bound as tuples of values do.
    """
    columns = shape.clustering
    texts = [f" AND {named(column.name)} = ?" for column, _ in zip(columns, equal, strict=False)]
    kept = list(equal)
    ranges: list[Range] = [shape.beginning(equal)]
    for bound, sign, inclusive in ((low, ">", low_inclusive), (high, "<", high_inclusive)):
        if bound is None:
            continue
        operator = sign + "=" * inclusive
        names = [named(column.name) for column in columns[len(equal) : len(equal) + len(bound)]]
        marks = ", ".join("?" * len(bound))
        texts.append(f" AND ({', '.join(names)}) {operator} ({marks})")
        kept += bound
        ranges = intersected(ranges, bounded(shape, equal, operator, bound))
    places = [*range(len(equal))]
    for bound in (low, high):
        places += range(len(equal), len(equal) + len(bound or ()))
    return Reach(
        "".join(texts),
        tuple([columns[place].type for place in places]),
        tuple([columns[place].kept(value) for place, value in zip(places, kept, strict=True)]),
        tuple(ranges),
    )


def bounded(shape: Shape, equal: Values, operator: str, bound: Values) -> list[Range]:
    """Return where the rows are whose first columns are ``equal`` and the next ones beyond a bound.

    ``operator``: > >= < <=; the columns compare with the bound as tuples do.
    """
    found = []
    for place, value in enumerate(bound):
        start = (*equal, *bound[:place])
        last = place == len(bound) - 1
        found.append(_beyond(shape, start, operator if last else operator[0], value))
    return joined(found)


def _beyond(shape: Shape, start: Values, operator: str, value: Stored) -> Range:
    low, high = shape.beginning(start)
    key = shape.row_key((*start, value))
    after = (operator[0] == ">") is not shape.clustering[len(start)].descending
    if after:
        return (key if operator.endswith("=") else following(key)), high
    return low, (following(key) if operator.endswith("=") else key)


def joined(ranges: Sequence[Range]) -> list[Range]:
    """Return ranges in order, those that meet as one."""
    found: list[Range] = []
    for low, high in sorted(each for each in ranges if each[0] < each[1]):
        if found and low <= found[-1][1]:
            found[-1] = (found[-1][0], max(high, found[-1][1]))
        else:
            found.append((low, high))
    return found


def intersected(one: Sequence[Range], other: Sequence[Range]) -> list[Range]:
    """Return what is in both."""
    return joined([(max(a, c), min(b, d)) for a, b in one for c, d in other])
