"""What follows from functional and multivalued dependencies together."""

from __future__ import annotations

from collections.abc import Sequence

from fivefold.design.relations.attributes import bits
from fivefold.design.relations.closure import closure, subsets
from fivefold.design.relations.dependencies import Functional, Multivalued
from fivefold.errors import Limit

BASES_ATTRIBUTES_MAX = 12
"""Attributes of which every subset's blocks are looked at: 4,096 times, some tenths of a second."""


def dependency_basis(
    determinant: int,
    attributes: int,
    functional: Sequence[Functional],
    multivalued: Sequence[Multivalued],
) -> list[int]:
    """Return the blocks of the other attributes that go their own ways for one determinant.

    ``determinant ->> Y`` holds exactly for the unions Y of blocks (and of what is in the
    determinant). Source: C. Beeri, "On the membership problem for functional and multivalued
    dependencies in relational databases", ACM TODS 5 (1980).
    """
    rules = [(each.determinant, each.dependent) for each in multivalued]
    rules += [
        (each.determinant, one)
        for each in functional
        for one in bits(each.dependent & ~each.determinant)
    ]
    blocks = [attributes & ~determinant] if attributes & ~determinant else []
    is_changed = True
    while is_changed:
        is_changed = False
        for left, right in rules:
            for block in blocks:
                inside = block & right
                if not block & left and inside and inside != block:
                    blocks.remove(block)
                    blocks += [inside, block ^ inside]
                    is_changed = True
                    break
    return sorted(blocks, key=lambda block: block & -block)


def mixed_closure(
    determinant: int,
    attributes: int,
    functional: Sequence[Functional],
    multivalued: Sequence[Multivalued],
) -> int:
    """Return all attributes that the determinant decides, with both kinds of dependencies.

    An attribute is decided if it is a block of its own and some functional dependency has it on its
    right side (Beeri, as above).
    """
    blocks = dependency_basis(determinant, attributes, functional, multivalued)
    right = 0
    for each in functional:
        right |= each.dependent & ~each.determinant
    alone = sum(block for block in blocks if block.bit_count() == 1)
    return determinant | (alone & right)


def implied_functional(
    attributes: int, functional: Sequence[Functional], multivalued: Sequence[Multivalued]
) -> list[Functional]:
    """Return ``functional`` and what more follows from both kinds together.

    Together they can decide more than the functional ones: from ``a ->> b`` and ``c -> b``, where
    c is neither in a nor in b, comes ``a -> b``. Closures of the result need no multivalued ones.
    The left sides may be others than those given, so every subset is looked at, small ones first.
    Raises Limit for more than ``BASES_ATTRIBUTES_MAX`` attributes.
    """
    found = list(functional)
    if not multivalued:
        return found
    if attributes.bit_count() > BASES_ATTRIBUTES_MAX:
        raise Limit(
            f"with multivalued dependencies {BASES_ATTRIBUTES_MAX} attributes are the most",
            hint="Leave out attributes that are in none of them.",
        )
    for left in subsets(attributes):
        right = mixed_closure(left, attributes, functional, multivalued)
        if right & ~closure(left, found):
            found.append(Functional(left, right & ~left))
    return found
