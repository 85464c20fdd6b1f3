"""The highest normal form of a relation, and what breaks the next one.

First normal form is taken for granted: an attribute has one value. The others, for every dependency
that is not trivial:

- second: no attribute outside all keys depends on a part of a key (Codd 1971);
- third: the determinant holds a key, or the dependent is part of some key (Codd 1971, in the words
  of C. Zaniolo 1982);
- Boyce and Codd's: the determinant holds a key (Codd 1974);
- fourth: the same for multivalued dependencies (Fagin 1977).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from fivefold.design.relations.attributes import bits
from fivefold.design.relations.closure import closure, minimal_cover, reduced
from fivefold.design.relations.dependencies import Dependency, Functional, Multivalued, grouped
from fivefold.design.relations.keys import candidate_keys, is_superkey
from fivefold.design.relations.multivalued import implied_functional


class Form(StrEnum):
    """The normal forms, each with all that the one before has."""

    FIRST = "1NF"
    SECOND = "2NF"
    THIRD = "3NF"
    BOYCE_CODD = "BCNF"
    FOURTH = "4NF"


FORMS = tuple(Form)


@dataclass(frozen=True, slots=True)
class Violation:
    """A dependency, and the lowest normal form that it breaks."""

    dependency: Dependency
    breaks: Form
    key: int = 0
    """For the second form: the key of which the determinant is a part."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """What dependencies say of a relation; sets of attributes are bits."""

    attributes: int
    cover: list[Functional]
    """A minimal cover, each left side once."""
    multivalued: list[Multivalued]
    keys: list[int]
    prime: int
    """The attributes that are part of some key."""
    form: Form
    """The highest one reached; the fourth only where multivalued dependencies were given."""
    violations: list[Violation]
    """The lowest form's first, so that the first one keeps the relation from the next form."""


def analyse(
    attributes: int,
    functional: Sequence[Functional],
    multivalued: Sequence[Multivalued] = (),
) -> Analysis:
    """Return keys, normal form and violations of a relation. Raises Limit for too many keys."""
    cover = minimal_cover(implied_functional(attributes, functional, multivalued))
    keys = candidate_keys(attributes, cover)
    prime = 0
    for key in keys:
        prime |= key
    joined = grouped(cover)
    violations = _violations(attributes, joined, keys, prime)
    violations += _of_fourth(attributes, joined, multivalued)
    if violations:
        form = FORMS[FORMS.index(violations[0].breaks) - 1]
    else:
        form = Form.FOURTH if multivalued else Form.BOYCE_CODD
    return Analysis(attributes, joined, list(multivalued), keys, prime, form, violations)


def _violations(
    attributes: int, cover: list[Functional], keys: list[int], prime: int
) -> list[Violation]:
    """Return what breaks the second form, the third, and Boyce and Codd's.

    For the latter two it is enough to look at a cover: whatever else breaks them comes from one
    that does.
    """
    found = partial_dependencies(attributes, cover, keys, prime)
    told = {each.dependency.determinant: each.dependency.dependent for each in found}
    later: list[Violation] = []
    for each in cover:
        if is_superkey(each.determinant, attributes, cover):
            continue
        outside = each.dependent & ~prime & ~told.get(each.determinant, 0)
        if outside:
            found.append(Violation(Functional(each.determinant, outside), Form.THIRD))
        inside = each.dependent & prime
        if inside:
            later.append(Violation(Functional(each.determinant, inside), Form.BOYCE_CODD))
    return found + later


def partial_dependencies(
    attributes: int, cover: list[Functional], keys: list[int], prime: int
) -> list[Violation]:
    """Return the attributes outside all keys that depend on a part of one.

    Those of the cover come first. Attributes of several keys may decide another together with what
    is in the cover only in steps, so each key is tried without each of its attributes as well.
    """
    found = []
    for each in cover:
        outside = each.dependent & ~prime
        key = next((k for k in keys if k != each.determinant and not each.determinant & ~k), None)
        if outside and key is not None:
            found.append(Violation(Functional(each.determinant, outside), Form.SECOND, key))
    for key in keys:
        for one in bits(key):
            known = 0
            for violation in found:
                if not violation.dependency.determinant & ~key:
                    known |= closure(violation.dependency.determinant, cover)
            outside = closure(key ^ one, cover) & attributes & ~prime & ~known
            for dependent in bits(outside):
                part = reduced(key ^ one, dependent, cover)
                found.append(Violation(Functional(part, dependent), Form.SECOND, key))
    return found


def _of_fourth(
    attributes: int, cover: list[Functional], multivalued: Sequence[Multivalued]
) -> list[Violation]:
    return [
        Violation(each, Form.FOURTH)
        for each in multivalued
        if not each.is_trivial(attributes) and not is_superkey(each.determinant, attributes, cover)
    ]
