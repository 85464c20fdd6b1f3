"""A relation given by hand, for study: its keys, its normal form, and the tables it should be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fivefold.design.normalize.words import because
from fivefold.design.relations.attributes import Heading, split_names
from fivefold.design.relations.decomposition import boyce_codd, fourth_normal_form, splitting
from fivefold.design.relations.dependencies import (
    Functional,
    Multivalued,
    read_functional,
    read_multivalued,
    text_of,
)
from fivefold.design.relations.forms import Analysis, Violation, analyse
from fivefold.design.relations.multivalued import implied_functional
from fivefold.design.relations.synthesis import lost_dependencies, third_normal_form
from fivefold.errors import InvalidStatement


@dataclass(frozen=True, slots=True)
class Study:
    """All that is told of a relation; tables are sets of attributes."""

    heading: Heading
    analysis: Analysis
    third: list[int]
    is_third_boyce_codd: bool
    """Whether these are in Boyce and Codd's form already, and nothing need get lost."""
    boyce_codd: list[int]
    lost: list[Functional]
    """Dependencies that the tables in Boyce and Codd's form cannot keep any more."""
    fourth: list[int] | None
    """Only with multivalued dependencies."""


def read(attributes: str, functional: Sequence[str], multivalued: Sequence[str]) -> Study:
    """Return the study of what somebody wrote. Raises InvalidStatement and Limit."""
    heading = Heading(tuple(split_names(attributes)))
    if not heading.names:
        raise InvalidStatement("there are no attributes", hint="Write --attributes a,b,c.")
    return study(
        heading,
        [read_functional(text, heading) for text in functional],
        [each for text in multivalued for each in read_multivalued(text, heading)],
    )


def study(
    heading: Heading, functional: Sequence[Functional], multivalued: Sequence[Multivalued] = ()
) -> Study:
    """Return all that follows from these dependencies. Raises Limit where it is too much."""
    functional = implied_functional(heading.all, functional, multivalued)
    analysis = analyse(heading.all, functional, multivalued)
    third = third_normal_form(heading.all, functional)
    parts = boyce_codd(heading.all, functional)
    return Study(
        heading,
        analysis,
        third,
        all(splitting(table, analysis.cover) is None for table in third),
        parts,
        lost_dependencies(parts, analysis.cover),
        fourth_normal_form(heading.all, functional, multivalued) if multivalued else None,
    )


def as_json(study: Study) -> dict[str, Any]:
    """Return what ``--json`` prints; attributes are in the order in which they were given."""
    names = study.heading.names_of
    told = {
        "candidate_keys": [names(key) for key in study.analysis.keys],
        "normal_form": study.analysis.form.value,
        "violations": [_violation(study, each) for each in study.analysis.violations],
        "third_normal_form": [names(table) for table in study.third],
        "boyce_codd": [names(table) for table in study.boyce_codd],
    }
    if study.fourth is not None:
        told["fourth_normal_form"] = [names(table) for table in study.fourth]
    return told


def _violation(study: Study, violation: Violation) -> dict[str, Any]:
    dependency = violation.dependency
    return {
        "dependency": text_of(dependency, study.heading),
        "determinant": study.heading.names_of(dependency.determinant),
        "dependent": study.heading.names_of(dependency.dependent),
        "breaks": violation.breaks.value,
        "because": because(violation, study.heading),
    }
