"""The chase: a table of symbols on which dependencies are made to hold until nothing changes.

It decides whether a decomposition loses anything and whether a dependency follows from others, for
functional and multivalued dependencies alike. Sources: A. V. Aho, C. Beeri, J. D. Ullman, "The
theory of joins in relational databases", ACM TODS 4 (1979); D. Maier, A. O. Mendelzon, Y. Sagiv,
"Testing implications of data dependencies", ACM TODS 4 (1979).
"""

from __future__ import annotations

from collections.abc import Sequence

from fivefold.design.relations.attributes import bits
from fivefold.design.relations.dependencies import Dependency, Functional
from fivefold.errors import Limit

ROWS_MAX = 20_000
"""Multivalued dependencies add rows; past so many the table is given up."""

Symbols = tuple[int, ...]
"""A row: a symbol for each attribute; the smaller of two that are made equal stays."""


def is_lossless(parts: Sequence[int], attributes: int, dependencies: Sequence[Dependency]) -> bool:
    """Tell whether a relation is always the join of its projections on ``parts``.

    The table has a row for each part, with the distinguished symbol 0 where the part has the
    attribute; nothing is lost if the chase makes a row of nothing else.
    """
    places = [one.bit_length() - 1 for one in bits(attributes)]
    rows = [
        tuple(0 if part >> place & 1 else number + 1 for place in places)
        for number, part in enumerate(parts)
    ]
    goal = (0,) * len(places)
    return goal in chase(rows, places, dependencies, goal)


def follows(wanted: Dependency, attributes: int, dependencies: Sequence[Dependency]) -> bool:
    """Tell whether ``wanted`` holds wherever ``dependencies`` do.

    The table has two rows that agree on the determinant. A functional dependency holds if the
    chase makes them agree on the dependent, a multivalued one if it makes the row that has the
    first's dependent and the second's rest.
    """
    places = [one.bit_length() - 1 for one in bits(attributes)]
    second = tuple(0 if wanted.determinant >> place & 1 else 1 for place in places)
    first = (0,) * len(places)
    if isinstance(wanted, Functional):
        rows = chase([first, second], places, dependencies)
        return all(
            len({row[at] for row in rows}) == 1
            for at, place in enumerate(places)
            if wanted.dependent >> place & 1
        )
    # Both rows' own symbols are wanted in one row, so that equal ones are the same number.
    goal = tuple(
        0 if (wanted.determinant | wanted.dependent) >> place & 1 else symbol
        for place, symbol in zip(places, second, strict=True)
    )
    rows = chase([first, second], places, dependencies)
    alike = [len({row[at] for row in rows}) == 1 for at in range(len(places))]
    return tuple(0 if same else symbol for same, symbol in zip(alike, goal, strict=True)) in rows


def chase(
    rows: Sequence[Symbols],
    places: Sequence[int],
    dependencies: Sequence[Dependency],
    goal: Symbols | None = None,
) -> set[Symbols]:
    """Return the table in which all dependencies hold, or the first that has ``goal``.

    ``places`` are the attributes' places, in the rows' order. Raises Limit past ``ROWS_MAX`` rows.
    """
    table = dict.fromkeys(rows)
    inside = sum(1 << place for place in places)
    steps = [(each, _columns(each, places, inside)) for each in dependencies]
    while goal is None or goal not in table:
        before = table
        for each, (left, right) in steps:
            if isinstance(each, Functional):
                table = _equate(table, left, right)
            else:
                table = _exchange(table, left, right)
        if table == before:
            break
    return set(table)


def _columns(each: Dependency, places: Sequence[int], inside: int) -> tuple[list[int], list[int]]:
    """Return where in a row the determinant and the rest of the dependent stand."""
    assert not each.determinant & ~inside
    left = [at for at, place in enumerate(places) if each.determinant >> place & 1]
    more = each.dependent & ~each.determinant
    return left, [at for at, place in enumerate(places) if more >> place & 1]


def _equate(table: dict[Symbols, None], left: list[int], right: list[int]) -> dict[Symbols, None]:
    """Make rows agree on ``right`` that agree on ``left``; a symbol is renamed in its column."""
    while True:
        seen: dict[Symbols, Symbols] = {}
        renamed: dict[tuple[int, int], int] = {}
        for row in table:
            known = seen.setdefault(tuple(row[at] for at in left), row)
            for at in right:
                if row[at] != known[at]:
                    low, high = sorted((row[at], known[at]))
                    renamed[at, high] = min(low, renamed.get((at, high), low))
        if not renamed:
            return table
        table = dict.fromkeys(
            tuple(renamed.get((at, symbol), symbol) for at, symbol in enumerate(row))
            for row in table
        )


def _exchange(table: dict[Symbols, None], left: list[int], right: list[int]) -> dict[Symbols, None]:
    """Add, for rows that agree on ``left``, the rows with their ``right`` exchanged."""
    groups: dict[Symbols, tuple[dict[Symbols, None], list[Symbols]]] = {}
    for row in table:
        values, members = groups.setdefault(tuple(row[at] for at in left), ({}, []))
        values[tuple(row[at] for at in right)] = None
        members.append(row)
    grown = dict(table)
    for values, members in groups.values():
        for row in members:
            for value in values:
                other = list(row)
                for at, symbol in zip(right, value, strict=True):
                    other[at] = symbol
                grown[tuple(other)] = None
        if len(grown) > ROWS_MAX:
            raise Limit(
                "the dependencies are too many to decide what follows from them",
                hint="Leave out multivalued dependencies that do not matter here.",
            )
    return grown
