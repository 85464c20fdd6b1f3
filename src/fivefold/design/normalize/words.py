"""Normal forms in words that a newcomer follows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from fivefold.design.relations.attributes import Heading
from fivefold.design.relations.closure import closure, reduced
from fivefold.design.relations.dependencies import text_of
from fivefold.design.relations.forms import Analysis, Form, Violation
from fivefold.design.relations.keys import is_superkey

if TYPE_CHECKING:
    from fivefold.design.normalize.study import Study

KEYS_SHOWN_MAX = 12
"""Keys that are listed one by one."""

MEANINGS = {
    Form.FIRST: "each attribute has one value",
    Form.SECOND: "nothing outside the keys depends on a part of a key only",
    Form.THIRD: "nothing outside the keys depends on anything but whole keys",
    Form.BOYCE_CODD: "whatever decides anything is a key, or holds one",
    Form.FOURTH: "there are no independent lists in one table either",
}


def because(violation: Violation, heading: Heading) -> str:
    """Return in a sentence why the dependency breaks the form."""
    dependency = violation.dependency
    left, right = heading.text(dependency.determinant), heading.text(dependency.dependent)
    if violation.breaks is Form.SECOND:
        key = heading.text(violation.key)
        if not dependency.determinant:
            return f"{right} is the same in every row, whatever the key ({key})"
        return f"{right} depends on {left} alone, which is only a part of the key ({key})"
    if violation.breaks is Form.THIRD:
        return f"{right} depends on {left}, which is not a key, and {right} is in no key"
    if violation.breaks is Form.BOYCE_CODD:
        return f"{left} decides {right}, but is not a key"
    return f"each {left} has a list of {right} that has nothing to do with the rest of the row"


def lines(study: Study) -> Iterator[str]:
    """Yield the study as a page for people."""
    heading, analysis = study.heading, study.analysis
    yield from _keys(analysis, heading)
    yield ""
    yield f"Normal form: {analysis.form.value} ({MEANINGS[analysis.form]})"
    if analysis.violations:
        yield from _violations(study)
    yield ""
    yield "Tables in 3NF, which keep every dependency inside one table:"
    yield from tables(study.third, analysis, heading)
    if study.is_third_boyce_codd:
        yield "They are in BCNF, too."
    if study.boyce_codd != study.third:
        yield ""
        yield "Tables in BCNF, by splitting at what decides something and is no key:"
        yield from tables(study.boyce_codd, analysis, heading)
        for each in study.lost:
            yield (
                f"  price: {text_of(each, heading)} is inside none of them;"
                " only a join would show a breach"
            )
    if study.fourth is not None and study.fourth != study.boyce_codd:
        yield ""
        yield "Tables in 4NF, without independent lists in one table:"
        yield from tables(study.fourth, analysis, heading)


def _keys(analysis: Analysis, heading: Heading) -> Iterator[str]:
    keys = [f"({heading.text(key)})" for key in analysis.keys]
    if len(keys) == 1:
        yield f"Candidate key: {keys[0]}"
    else:
        yield f"Candidate keys, {len(keys)}: {', '.join(keys[:KEYS_SHOWN_MAX])}" + (
            ", …" if len(keys) > KEYS_SHOWN_MAX else ""
        )
    decided = heading.text(closure(analysis.keys[0], analysis.cover) & ~analysis.keys[0])
    if decided != "∅":
        yield f"  {heading.text(analysis.keys[0])} decides {decided}, and no part of it does."


def _violations(study: Study) -> Iterator[str]:
    violations = study.analysis.violations
    first = violations[0].breaks
    yield f"Not {first.value} ({MEANINGS[first]}):"
    for place, each in enumerate(violations):
        if each.breaks is not first and violations[place - 1].breaks is not each.breaks:
            yield f"Nor {each.breaks.value} ({MEANINGS[each.breaks]}):"
        reason = because(each, study.heading)
        yield f"  {text_of(each.dependency, study.heading)}: {reason}."


def tables(parts: Sequence[int], analysis: Analysis, heading: Heading) -> Iterator[str]:
    """Yield a line for each table: its attributes, the key that it should have."""
    for part in parts:
        key = key_of(part, analysis)
        yield f"  ({heading.text(part)}) key ({heading.text(key)})"


def key_of(part: int, analysis: Analysis) -> int:
    """Return the key of a part: a determinant of the cover if one is, else a reduced one."""
    for each in analysis.cover:
        if not each.determinant & ~part and is_superkey(each.determinant, part, analysis.cover):
            return each.determinant
    return reduced(part, part, analysis.cover)
