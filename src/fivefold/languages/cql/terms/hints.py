"""Type hints: ``(type) term``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fivefold.languages.cql.results import ColumnSpec
from fivefold.languages.cql.terms.expressions import Expression, renamed
from fivefold.languages.cql.terms.matching import Match, matching, takes
from fivefold.languages.cql.terms.texts import text
from fivefold.languages.cql.tree import TypeHint
from fivefold.values.cql.faults import invalid
from fivefold.values.cql.names import type_text
from fivefold.values.cql.types import CqlType

if TYPE_CHECKING:
    from fivefold.languages.cql.terms.compiling import Terms


def exact(terms: Terms, term: TypeHint) -> CqlType:
    """Return the type that is hinted at."""
    return terms.scope.type_named(term.type)


def match(terms: Terms, term: TypeHint, receiver: CqlType) -> Match:
    """Say how the type that is hinted at goes into a receiver."""
    given = exact(terms, term)
    if terms.selects:
        return matching(receiver, given)
    if given == receiver:
        return Match.EXACTLY
    return Match.WEAKLY if takes(receiver, given) else Match.NOT


def compile(terms: Terms, term: TypeHint, receiver: ColumnSpec) -> Expression:
    """Return the term, if it is of that type."""
    given = exact(terms, term)
    if terms.match(term.operand, given) is Match.NOT:
        if terms.selects:
            shown = _shown(term, given)
            raise invalid(f"Cannot assign value {shown} to {shown} of type {type_text(given)}")
        raise invalid(f"Cannot cast value {text(term.operand)} to type {type_text(given)}")
    if match(terms, term, receiver.type) is Match.NOT:
        raise invalid(
            f"Cannot assign value {text(term)} to {receiver.name}"
            f" of type {type_text(receiver.type)}"
        )
    return renamed(terms.compile(term.operand, receiver), lambda shown: f"({_name(given)}){shown}")


def _shown(term: TypeHint, type: CqlType) -> str:
    return f"({_name(type)}){text(term.operand)}"


def _name(type: CqlType) -> str:
    """Return a type as names of columns have it: a user type with its keyspace."""
    return ".".join(type.user) if type.user is not None else type_text(type)
