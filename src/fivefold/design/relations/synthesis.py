"""Third normal form by synthesis: lossless, and every dependency stays inside one table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fivefold.design.relations.attributes import order
from fivefold.design.relations.closure import closure, minimal_cover, reduced
from fivefold.design.relations.dependencies import Functional, grouped
from fivefold.design.relations.keys import is_superkey


def third_normal_form(attributes: int, functional: Sequence[Functional]) -> list[int]:
    """Return tables in third normal form, each a set of attributes.

    One for each left side of a minimal cover, one with a key if none has it; a table inside another
    is left out. Attributes that no dependency has are part of every key, and come with that one.
    Sources: P. Bernstein, "Synthesizing third normal form relations from functional dependencies",
    ACM TODS 1 (1976); J. Biskup, U. Dayal, P. Bernstein, "Synthesizing independent database
    schemas" (1979), where the key comes from.
    """
    cover = minimal_cover(functional)
    tables = largest(each.determinant | each.dependent for each in grouped(cover))
    if not any(is_superkey(table, attributes, cover) for table in tables):
        tables = largest([*tables, reduced(attributes, attributes, cover)])
    return tables


def largest(tables: Iterable[int]) -> list[int]:
    """Return the tables that are not inside another, those with the first attributes first."""
    wanted = sorted(set(tables), key=lambda table: order(table)[1:])
    return [one for one in wanted if not any(one != each and not one & ~each for each in wanted)]


def lost_dependencies(parts: Sequence[int], functional: Sequence[Functional]) -> list[Functional]:
    """Return those that cannot be seen inside the parts any more: only a join would show a breach.

    A determinant grows by what its share of each part decides there, until it grows no more.
    Source: J. D. Ullman, "Principles of database and knowledge-base systems" I (1988), section 7.7.
    """
    lost = []
    for each in functional:
        found = each.determinant
        before = -1
        while before != found:
            before = found
            for part in parts:
                found |= closure(found & part, functional) & part
        if each.dependent & ~found:
            lost.append(Functional(each.determinant, each.dependent & ~found))
    return lost
