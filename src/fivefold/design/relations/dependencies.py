"""Functional and multivalued dependencies, and how they are written.

``a, b -> c`` says: two rows with the same a and b have the same c. ``a ->> b`` says: for one a,
each of its b goes with each combination of all the other attributes. Sources: E. F. Codd, "Further
normalization of the data base relational model" (1972); R. Fagin, "Multivalued dependencies and
a new normal form for relational databases", ACM TODS 2 (1977).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from fivefold.design.relations.attributes import Heading, bits, order, split_names
from fivefold.errors import InvalidStatement


@dataclass(frozen=True, slots=True)
class Functional:
    """The rows' ``determinant`` decides their ``dependent``: two sets of attributes."""

    determinant: int
    dependent: int

    @property
    def is_trivial(self) -> bool:
        """Whether it holds in every relation."""
        return not self.dependent & ~self.determinant


@dataclass(frozen=True, slots=True)
class Multivalued:
    """The ``dependent`` of a ``determinant`` does not care for the rest of the row."""

    determinant: int
    dependent: int

    def is_trivial(self, attributes: int) -> bool:
        """Whether it holds in every relation of these attributes."""
        return not self.dependent & ~self.determinant or (
            attributes == self.determinant | self.dependent
        )


Dependency = Functional | Multivalued

_ARROW = re.compile(r"->>|->|→→|↠|→")


def read_functional(text: str, heading: Heading) -> Functional:
    """Return what ``a, b -> c`` says. Raises InvalidStatement."""
    left, arrow, right = _halves(text)
    if arrow != "->":
        raise InvalidStatement(
            f"{text!r} is a multivalued dependency", hint="Give it with --mvd instead of --fd."
        )
    return Functional(heading.set_of(split_names(left)), heading.set_of(split_names(right)))


def read_multivalued(text: str, heading: Heading) -> list[Multivalued]:
    """Return what ``a ->> b`` or ``a ->> b | c`` says, one for each part. Raises InvalidStatement.

    A single ``->`` is taken too: whoever says --mvd has said which kind is meant.
    """
    left, _, right = _halves(text)
    determinant = heading.set_of(split_names(left))
    return [
        Multivalued(determinant, heading.set_of(split_names(part))) for part in right.split("|")
    ]


def _halves(text: str) -> tuple[str, str, str]:
    """Return left side, kind of arrow (``->`` or ``->>``), right side."""
    arrows = list(_ARROW.finditer(text))
    if len(arrows) != 1:
        raise InvalidStatement(
            f"a dependency has one arrow, {text!r} has {len(arrows)}", hint="Write 'a, b -> c'."
        )
    arrow = arrows[0]
    left, right = text[: arrow.start()], text[arrow.end() :]
    if not right.strip():
        raise InvalidStatement(
            f"nothing stands right of the arrow in {text!r}", hint="Write 'a, b -> c'."
        )
    return left, "->" if arrow[0] in ("->", "→") else "->>", right


def text_of(dependency: Dependency, heading: Heading) -> str:
    """Return the dependency as it is written: ``a, b -> c``."""
    arrow = "->" if isinstance(dependency, Functional) else "->>"
    left = heading.text(dependency.determinant)
    return f"{left} {arrow} {heading.text(dependency.dependent)}"


def singles(dependencies: Iterable[Functional]) -> list[Functional]:
    """Return the same with one attribute on each right side; what is trivial is left out."""
    return list(
        dict.fromkeys(
            Functional(each.determinant, one)
            for each in dependencies
            for one in bits(each.dependent & ~each.determinant)
        )
    )


def grouped(dependencies: Iterable[Functional]) -> list[Functional]:
    """Return the same with each left side once, in the order in which they are listed."""
    found: dict[int, int] = {}
    for each in dependencies:
        found[each.determinant] = found.get(each.determinant, 0) | each.dependent
    return [Functional(left, found[left]) for left in sorted(found, key=order)]
