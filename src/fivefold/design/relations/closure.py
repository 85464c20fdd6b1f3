"""What follows from functional dependencies: closures, minimal covers, projections."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fivefold.design.relations.attributes import order
from fivefold.design.relations.dependencies import Functional, singles
from fivefold.errors import Limit

PROJECTED_ATTRIBUTES_MAX = 18
"""Attributes of which every subset is looked at: a quarter of a million closures, some seconds."""


def closure(attributes: int, dependencies: Sequence[Functional]) -> int:
    """Return all attributes that these decide, themselves among them.

    Source: W. W. Armstrong, "Dependency structures of data base relationships" (1974).
    """
    found = attributes
    waiting = dependencies
    while True:
        before = found
        still = []
        for each in waiting:
            if each.determinant & ~found:
                still.append(each)
            else:
                found |= each.dependent
        if found == before:
            return found
        waiting = still


def implies(dependencies: Sequence[Functional], wanted: Functional) -> bool:
    """Tell whether ``wanted`` follows from ``dependencies``."""
    return not wanted.dependent & ~closure(wanted.determinant, dependencies)


def are_equivalent(one: Sequence[Functional], other: Sequence[Functional]) -> bool:
    """Tell whether each follows from the other: they allow the same relations."""
    return all(implies(one, each) for each in other) and all(implies(other, each) for each in one)


def minimal_cover(dependencies: Iterable[Functional]) -> list[Functional]:
    """Return an equivalent set with nothing to leave out.

    Right sides are single attributes, no attribute of a left side and no dependency can go. Of the
    several there may be it is the one found by looking at later attributes and dependencies first.
    Source: R. Elmasri, S. Navathe, "Fundamentals of database systems", 7th edition, algorithm 15.2.
    """
    cover = singles(dependencies)
    for place, each in enumerate(cover):
        left = reduced(each.determinant, each.dependent, cover)
        cover[place] = Functional(left, each.dependent)
    cover = sorted(dict.fromkeys(cover), key=lambda each: (order(each.determinant), each.dependent))
    place = len(cover) - 1
    while place >= 0:
        rest = cover[:place] + cover[place + 1 :]
        if implies(rest, cover[place]):
            cover = rest
        place -= 1
    return cover


def reduced(determinant: int, dependent: int, dependencies: Sequence[Functional]) -> int:
    """Return a least part of ``determinant`` that still decides ``dependent``."""
    left = determinant
    for place in range(determinant.bit_length() - 1, -1, -1):
        one = 1 << place
        if left & one and not dependent & ~closure(left ^ one, dependencies):
            left ^= one
    return left


def project(attributes: int, dependencies: Sequence[Functional]) -> list[Functional]:
    """Return a minimal cover of what holds among some of the attributes only.

    Every subset is looked at, small ones first, but none above one that decides everything.
    Raises Limit for more than ``PROJECTED_ATTRIBUTES_MAX`` attributes.
    """
    if attributes.bit_count() > PROJECTED_ATTRIBUTES_MAX:
        raise Limit(
            f"more than {PROJECTED_ATTRIBUTES_MAX} attributes are too many to project on",
            hint="Split the relation by hand first.",
        )
    found: list[Functional] = []
    keys: list[int] = []
    for left in subsets(attributes):
        if any(not key & ~left for key in keys):
            continue
        right = closure(left, dependencies) & attributes
        if right == attributes:
            keys.append(left)
        if right & ~closure(left, found):
            found.append(Functional(left, right & ~left))
    return minimal_cover(found)


def subsets(attributes: int) -> list[int]:
    """Return all subsets, by size and then by place."""
    found = []
    part = attributes
    while True:
        found.append(part)
        if not part:
            return sorted(found, key=order)
        part = (part - 1) & attributes
