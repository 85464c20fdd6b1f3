"""Random dependencies: every answer of the theory beside the definitions, tried one by one."""

from __future__ import annotations

import random

import pytest

from fivefold.design.relations import chase as chasing
from fivefold.design.relations.closure import (
    are_equivalent,
    closure,
    implies,
    minimal_cover,
    project,
)
from fivefold.design.relations.decomposition import boyce_codd, fourth_normal_form, splitting
from fivefold.design.relations.dependencies import Functional, Multivalued
from fivefold.design.relations.forms import Form, analyse
from fivefold.design.relations.keys import candidate_keys
from fivefold.design.relations.multivalued import (
    dependency_basis,
    implied_functional,
    mixed_closure,
)
from fivefold.design.relations.synthesis import lost_dependencies, third_normal_form
from tests.design.relations import brute

SEEDS = range(120)


@pytest.mark.parametrize("seed", SEEDS)
def test_closures_covers_and_keys(seed: int) -> None:
    chance = random.Random(seed)
    width = chance.randrange(1, 7)
    everything = (1 << width) - 1
    given = brute.random_dependencies(width, chance)
    cover = minimal_cover(given)
    for part in brute.all_subsets(everything):
        assert closure(part, given) == brute.closure(part, given) == closure(part, cover)
    for place, each in enumerate(cover):
        assert each.dependent.bit_count() == 1
        assert not implies(cover[:place] + cover[place + 1 :], each)
        for one in range(width):
            if each.determinant >> one & 1:
                assert each.dependent & ~closure(each.determinant ^ (1 << one), given)
    assert sorted(candidate_keys(everything, given)) == sorted(brute.keys(everything, given))


@pytest.mark.parametrize("seed", SEEDS)
def test_normal_forms_and_tables(seed: int) -> None:
    chance = random.Random(seed)
    width = chance.randrange(1, 7)
    everything = (1 << width) - 1
    given = brute.random_dependencies(width, chance)
    analysis = analyse(everything, given)
    assert analysis.form.value == brute.form(everything, given)
    assert (analysis.form is Form.BOYCE_CODD) == (not analysis.violations)
    for violation in analysis.violations:
        assert isinstance(violation.dependency, Functional)
        assert implies(given, violation.dependency)
    third = third_normal_form(everything, given)
    assert not lost_dependencies(third, given)
    for part in third:
        assert brute.form(part, project(part, given)) in ("3NF", "BCNF")
    parts = boyce_codd(everything, given)
    for part in parts:
        assert brute.form(part, project(part, given)) == "BCNF"
        assert splitting(part, minimal_cover(given)) is None
    inside = [each for part in parts for each in project(part, given)]
    assert bool(lost_dependencies(parts, given)) == (not are_equivalent(inside, given))
    for tables in (third, parts):
        united = 0
        for part in tables:
            united |= part
        assert united == everything
        assert chasing.is_lossless(tables, everything, given)
        rows = brute.satisfying(everything, given, chance)
        assert brute.join(tables, rows, width) == rows


@pytest.mark.parametrize("seed", range(60))
def test_losslessness_on_rows(seed: int) -> None:
    """The chase says yes exactly if no relation is hurt: a no has its own table to show it."""
    chance = random.Random(seed)
    width = chance.randrange(2, 5)
    everything = (1 << width) - 1
    given = brute.random_dependencies(width, chance)
    parts = [chance.randrange(1, 1 << width) for _ in range(chance.randrange(1, 4))]
    says = chasing.is_lossless(parts, everything, given)
    rows = brute.satisfying(everything, given, chance)
    if says:
        assert brute.join(parts, rows, width) == rows
        return
    symbols = [
        tuple(0 if part >> place & 1 else at + 1 for place in range(width))
        for at, part in enumerate(parts)
    ]
    table = frozenset(chasing.chase(symbols, range(width), given))
    covered = 0
    for part in parts:
        covered |= part
    if covered == everything:
        assert brute.join(parts, table, width) != table


@pytest.mark.parametrize("seed", range(80))
def test_multivalued_beside_the_chase(seed: int) -> None:
    chance = random.Random(seed)
    width = chance.randrange(3, 6)
    everything = (1 << width) - 1
    functional = [
        each for each in brute.random_dependencies(width, chance, 2) if not each.is_trivial
    ]
    multivalued = [
        Multivalued(each.determinant, each.dependent)
        for each in brute.random_dependencies(width, chance, 2)
    ]
    both = [*functional, *multivalued]
    more = implied_functional(everything, functional, multivalued)
    for part in brute.all_subsets(everything):
        right = mixed_closure(part, everything, functional, multivalued)
        assert right == closure(part, more)
        blocks = dependency_basis(part, everything, functional, multivalued)
        for other in brute.all_subsets(everything):
            assert chasing.follows(Functional(part, other), everything, both) == (
                not other & ~right
            )
            rest = other & ~part
            assert chasing.follows(Multivalued(part, other), everything, both) == all(
                block & rest in (0, block) for block in blocks
            )
    analysis = analyse(everything, functional, multivalued)
    parts = fourth_normal_form(everything, functional, multivalued)
    assert chasing.is_lossless(parts, everything, both)
    if analysis.form is Form.FOURTH:
        assert parts == [everything]
    for table in parts:
        for left in brute.all_subsets(table):
            blocks = dependency_basis(left, everything, functional, multivalued)
            inside = [block & table for block in blocks if block & table]
            is_key = not table & ~mixed_closure(left, everything, functional, multivalued)
            assert is_key or len(inside) <= 1
