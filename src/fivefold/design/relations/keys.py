"""Candidate keys: the least sets of attributes that decide all others."""

from __future__ import annotations

from collections.abc import Sequence

from fivefold.design.relations.attributes import order
from fivefold.design.relations.closure import closure, reduced
from fivefold.design.relations.dependencies import Functional
from fivefold.errors import Limit

KEYS_MAX = 5_000
"""A relation can have exponentially many keys; nobody reads on after so many."""


def candidate_keys(attributes: int, dependencies: Sequence[Functional]) -> list[int]:
    """Return all candidate keys, by size and then by place.

    From each key found, and each dependency, another may come: what is left of the key, and the
    dependency's left side. That finds them all in time that grows with their number.
    Source: C. L. Lucchesi, S. L. Osborn, "Candidate keys for relations", JCSS 17 (1978).
    Raises Limit past ``KEYS_MAX`` keys.
    """
    keys = [reduced(attributes, attributes, dependencies)]
    for key in keys:
        for each in dependencies:
            other = each.determinant | (key & ~each.dependent)
            if any(not known & ~other for known in keys):
                continue
            if len(keys) == KEYS_MAX:
                raise Limit(
                    f"the relation has more than {KEYS_MAX:,} candidate keys",
                    hint="Leave out attributes that you know to be no part of a key.",
                )
            keys.append(reduced(other, attributes, dependencies))
    return sorted(keys, key=order)


def is_superkey(determinant: int, attributes: int, dependencies: Sequence[Functional]) -> bool:
    """Tell whether ``determinant`` decides all of ``attributes``."""
    return not attributes & ~closure(determinant, dependencies)
