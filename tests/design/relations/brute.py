"""The definitions, word by word and slowly, to hold the algorithms to them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import product

from fivefold.design.relations.dependencies import Functional

Rows = frozenset[tuple[int, ...]]


def all_subsets(attributes: int) -> list[int]:
    return [part for part in range(attributes + 1) if not part & ~attributes]


def closure(attributes: int, dependencies: Sequence[Functional]) -> int:
    found = attributes
    for _ in range(attributes.bit_count() + 64):
        for each in dependencies:
            if each.determinant & found == each.determinant:
                found |= each.dependent
    return found


def keys(attributes: int, dependencies: Sequence[Functional]) -> list[int]:
    supers = [
        part
        for part in all_subsets(attributes)
        if closure(part, dependencies) & attributes == attributes
    ]
    return [one for one in supers if not any(o != one and o & one == o for o in supers)]


def form(attributes: int, dependencies: Sequence[Functional]) -> str:
    """The highest normal form, from every dependency that follows."""
    found = keys(attributes, dependencies)
    prime = 0
    for key in found:
        prime |= key
    reached = "BCNF"
    for part in all_subsets(attributes):
        right = closure(part, dependencies) & attributes & ~part
        if not right or any(key & part == key for key in found):
            continue
        if right & ~prime:
            if any(part & key == part for key in found):
                return "1NF"
            reached = "2NF"
        elif reached == "BCNF":
            reached = "3NF"
    return reached


def satisfying(attributes: int, dependencies: Sequence[Functional], chance: random.Random) -> Rows:
    """A relation in which the dependencies hold: random rows, those in the way left out."""
    width = attributes.bit_length()
    rows: list[tuple[int, ...]] = []
    for _ in range(40):
        row = tuple(chance.randrange(3) for _ in range(width))
        if all(
            cut(row, each.determinant) != cut(other, each.determinant)
            or cut(row, each.dependent) == cut(other, each.dependent)
            for each in dependencies
            for other in rows
        ):
            rows.append(row)
    return frozenset(rows)


def cut(row: tuple[int, ...], attributes: int) -> tuple[int, ...]:
    return tuple(value for place, value in enumerate(row) if attributes >> place & 1)


def join(parts: Sequence[int], rows: Rows, width: int) -> Rows:
    """The natural join of the rows' projections, by trying every row there could be."""
    values = [sorted({row[place] for row in rows}) for place in range(width)]
    shown = [(part, {cut(row, part) for row in rows}) for part in parts]
    return frozenset(
        row for row in product(*values) if all(cut(row, part) in has for part, has in shown)
    )


def random_dependencies(
    width: int, chance: random.Random, count: int | None = None
) -> list[Functional]:
    count = chance.randrange(6) if count is None else count
    return [
        Functional(
            chance.randrange(1 << width) & chance.randrange(1 << width),
            chance.randrange(1 << width),
        )
        for _ in range(count)
    ]
