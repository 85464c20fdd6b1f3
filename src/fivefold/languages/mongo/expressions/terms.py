"""What an expression becomes: a term, which runs, and which says what it depends on.

A term runs on the document that ``$a`` is a field of (MongoDB's ``$$CURRENT``) and on the values
of variables. It is a closure over the closures of its arguments: nothing of the expression is
looked at again once it is compiled, and what depends on no document has already been computed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from fivefold.values.documents.kinds import MISSING, NAMES, Document, kind_of
from fivefold.values.documents.paths import Path
from fivefold.values.documents.text import shown

Variables = dict[str, Any]
"""Values by the names of variables, without ``$$``; ``ROOT`` only where it is not CURRENT."""

Evaluate = Callable[[Document, Variables], Any]


class _Varying:
    __slots__ = ()


VARYING: Final = _Varying()
"""What stands for the constant of a term that is none."""


@dataclass(frozen=True, slots=True)
class Term:
    """A compiled expression. ``name`` is the field that it reads, if it is just a top field.

    ``reads`` are the paths of the document that it may read; ``()`` stands for all of it.
    """

    run: Evaluate
    reads: frozenset[Path] = frozenset()
    constant: Any = VARYING
    name: str | None = None

    @property
    def fixed(self) -> bool:
        return self.constant is not VARYING


def constant(value: Any) -> Term:
    return Term(lambda document, variables: value, constant=value)


def reads_of(terms: Iterable[Term]) -> frozenset[Path]:
    return frozenset().union(*[term.reads for term in terms])


def nullish(value: object) -> bool:
    return value is None or value is MISSING


def name_of(value: object) -> str:
    """Return the name of a value's type, as messages have it."""
    return NAMES[kind_of(value)]


def shown_value(value: Any) -> str:
    """Return a value as messages have it."""
    if value.__class__ is float:
        return f"{value:.6g}"
    return "MISSING" if value is MISSING else shown(value)


BUILT_IN = frozenset(
    {"ROOT", "CURRENT", "REMOVE", "NOW", "CLUSTER_TIME", "DESCEND", "PRUNE", "KEEP"}
)
"""The variables that are always known (manual, "Variables in Aggregation Expressions")."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The names of variables in reach, and whether ``$a`` means a field of a variable CURRENT."""

    names: frozenset[str] = BUILT_IN
    current: bool = False

    def having(self, *names: str) -> Scope:
        """Return the scope inside which these variables are known too."""
        return Scope(self.names | {*names}, self.current or "CURRENT" in names)
