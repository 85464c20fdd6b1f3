"""Boyce and Codd's normal form, and the fourth, by taking relations apart: always lossless.

Dependencies can get lost on the way (``synthesis.lost_dependencies`` names them): city, street ->
zip and zip -> city have no decomposition that keeps both.
"""

from __future__ import annotations

from collections.abc import Sequence

from fivefold.design.relations.attributes import bits
from fivefold.design.relations.closure import (
    PROJECTED_ATTRIBUTES_MAX,
    closure,
    minimal_cover,
    subsets,
)
from fivefold.design.relations.dependencies import Functional, Multivalued, grouped
from fivefold.design.relations.multivalued import dependency_basis, implied_functional
from fivefold.design.relations.synthesis import largest


def boyce_codd(attributes: int, functional: Sequence[Functional]) -> list[int]:
    """Return tables in Boyce and Codd's normal form, each a set of attributes.

    Tables are split at a determinant that is no key, into all that it decides and all that it does
    not, so that a relation that is in the form already stays whole.
    Source: J. D. Ullman, J. Widom, "A first course in database systems",
    algorithm 3.20.
    """
    cover = grouped(minimal_cover(functional))
    tables = []
    waiting = [attributes]
    while waiting:
        table = waiting.pop()
        split = splitting(table, cover)
        if split is None:
            tables.append(table)
        else:
            decided = split.determinant | split.dependent
            waiting += [table & ~split.dependent, decided]
    return largest(tables)


def splitting(table: int, cover: Sequence[Functional]) -> Functional | None:
    """Return a dependency inside the table whose determinant is no key of it, with all it decides.

    None if the table is in Boyce and Codd's normal form. Dependencies of the cover come first: they
    are those that somebody knows of.
    """
    for each in cover:
        if not each.determinant & ~table:
            right = closure(each.determinant, cover) & table & ~each.determinant
            if right and each.determinant | right != table:
                return Functional(each.determinant, right)
    suspect = _suspect(table, cover)
    if suspect is None:
        return None
    if table.bit_count() > PROJECTED_ATTRIBUTES_MAX:
        # It may be none too many; a split at it is lossless in any case.
        return suspect
    for left in subsets(table):
        right = closure(left, cover) & table & ~left
        if right and left | right != table:
            return Functional(left, right)
    return None


def _suspect(table: int, cover: Sequence[Functional]) -> Functional | None:
    """Return a dependency that may break the form, or None if none can.

    A determinant that is no key misses some b and decides some a; so does then the table without
    both. Source: D. M. Tsou, P. C. Fischer, "Decomposition of a relation scheme into Boyce-Codd
    normal form", ACM SIGACT News 14 (1982).
    """
    for a in bits(table):
        for b in bits(table ^ a):
            if closure(table & ~a & ~b, cover) & a:
                return Functional(table & ~a & ~b, a)
    return None


def fourth_normal_form(
    attributes: int, functional: Sequence[Functional], multivalued: Sequence[Multivalued]
) -> list[int]:
    """Return tables in fourth normal form, each a set of attributes.

    Split as for Boyce and Codd's form, at a determinant that is no key and of which the rest falls
    into more than one block. What holds inside a part is what its blocks are cut down to it.
    Raises Limit for more than ``BASES_ATTRIBUTES_MAX`` attributes.
    """
    cover = grouped(minimal_cover(implied_functional(attributes, functional, multivalued)))
    tables = []
    waiting = [attributes]
    while waiting:
        table = waiting.pop()
        split = _multivalued_splitting(table, attributes, cover, multivalued)
        if split is None:
            tables.append(table)
        else:
            waiting += [table & ~split.dependent, split.determinant | split.dependent]
    return largest(tables)


def _multivalued_splitting(
    table: int,
    attributes: int,
    cover: Sequence[Functional],
    multivalued: Sequence[Multivalued],
) -> Functional | Multivalued | None:
    known = [each.determinant for each in cover] + [each.determinant for each in multivalued]
    known = [left for left in known if not left & ~table]
    for left in dict.fromkeys([*known, *subsets(table)]):
        right = closure(left, cover) & table & ~left
        if left | right == table:
            continue
        if right:
            return Functional(left, right)
        blocks = dependency_basis(left, attributes, cover, multivalued)
        inside = [block & table for block in blocks if block & table]
        if len(inside) > 1:
            return Multivalued(left, inside[0])
    return None
