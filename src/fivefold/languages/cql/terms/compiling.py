"""Terms, typed and compiled: one table says how each kind of them is.

``exact`` is the type that a term has by itself; ``preferred`` the one that it has if nothing else
says one; ``match`` says how it goes into a receiver; ``compile`` makes it an ``Expression`` of the
receiver's type, or of its own.

Source: "Definitions" of Cassandra's CQL reference; the rules of types are those that Cassandra 5.0
was seen to follow.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fivefold.languages.cql.results import ColumnSpec
from fivefold.languages.cql.tables import ColumnFamily
from fivefold.languages.cql.terms import calls, columns, constants, hints, literals
from fivefold.languages.cql.terms.expressions import Expression, constant
from fivefold.languages.cql.terms.matching import Match
from fivefold.languages.cql.terms.scope import Scope
from fivefold.languages.cql.terms.texts import text
from fivefold.languages.cql.tree import (
    Arithmetic,
    Call,
    Cast,
    ColumnName,
    Constant,
    ElementOf,
    FieldOf,
    ListLiteral,
    MapLiteral,
    Marker,
    Negation,
    SetLiteral,
    SliceOf,
    Term,
    TupleLiteral,
    TypeHint,
    UserLiteral,
)
from fivefold.values.cql.constants import constant_stored
from fivefold.values.cql.faults import invalid
from fivefold.values.cql.types import TIMESTAMP, CqlType
from fivefold.values.records import Record


class Terms:
    """The terms of one statement; those of a selection see the columns of a ``family``."""

    def __init__(self, scope: Scope, family: ColumnFamily | None = None) -> None:
        self.scope = scope
        self.family = family

    @property
    def selects(self) -> bool:
        """Say whether columns may be in the terms."""
        return self.family is not None

    def exact(self, term: Term) -> CqlType | None:
        """Return the type that a term has by itself, None if it has none."""
        found: CqlType | None = _KINDS[type(term)].exact(self, term)
        return found

    def preferred(self, term: Term) -> CqlType | None:
        """Return the type that a term has if nothing else says one, None if there is none."""
        found: CqlType | None = _KINDS[type(term)].preferred(self, term)
        return found

    def match(self, term: Term, receiver: CqlType) -> Match:
        """Say how a term goes into a receiver."""
        found: Match = _KINDS[type(term)].match(self, term, receiver)
        return found

    def compile(self, term: Term, receiver: ColumnSpec | None) -> Expression:
        """Return a term as an expression of its receiver's type, in a selection of its own."""
        if receiver is None:
            kind = self.exact(term)
            if kind is None:
                raise invalid(
                    f"Cannot infer type for term {text(term)} in selection clause"
                    " (try using a cast to force a type)"
                )
            receiver = self.scope.spec("[selection]", kind)
        found: Expression = _KINDS[type(term)].compile(self, term, receiver)
        return found

    def shown(self, term: Term) -> str:
        """Return a term as errors show it."""
        return text(term)

    def argument(self, name: str, place: int, kind: CqlType) -> ColumnSpec:
        """Return the receiver that a function's argument is."""
        shown = "[selection]" if self.selects else f"arg{place}(system.{name})"
        return self.scope.spec(shown, kind)


class Kind(Record):
    """A kind of terms."""

    exact: Callable[..., CqlType | None]
    preferred: Callable[..., CqlType | None]
    match: Callable[..., Match]
    compile: Callable[..., Expression]


def _no_type(_terms: Terms, _term: Term) -> None:
    return None


def _marker_match(_terms: Terms, _term: Marker, _receiver: CqlType) -> Match:
    return Match.WEAKLY


def _marker(terms: Terms, term: Marker, receiver: ColumnSpec) -> Expression:
    terms.scope.bind(term, receiver)
    number = term.number
    return Expression(
        receiver.type,
        text(term),
        lambda _: lambda run, _row: run.parameters[number],
        marker=number,
    )


def _constant(_terms: Terms, term: Constant, receiver: ColumnSpec) -> Expression:
    kind, written, type = term.kind, term.text, receiver.type
    if kind == "string" and type == TIMESTAMP and written.lower() == "now":
        return Expression(type, text(term), lambda _: lambda run, _row: run.unit.now_ms)
    stored = constant_stored(kind, written, type, receiver.name)
    return constant(type, text(term), stored)


_KINDS: dict[Any, Kind] = {
    Constant: Kind(
        _no_type,
        lambda _terms, term: constants.preferred(term),
        lambda _terms, term, receiver: constants.match(term, receiver),
        _constant,
    ),
    Marker: Kind(_no_type, _no_type, _marker_match, _marker),
    ListLiteral: Kind(
        literals.list_exact, literals.list_preferred, literals.list_match, literals.list_compile
    ),
    SetLiteral: Kind(
        literals.set_exact, literals.set_preferred, literals.set_match, literals.set_compile
    ),
    MapLiteral: Kind(
        literals.map_exact, literals.map_preferred, literals.map_match, literals.map_compile
    ),
    TupleLiteral: Kind(
        literals.tuple_exact,
        literals.tuple_preferred,
        literals.tuple_match,
        literals.tuple_compile,
    ),
    UserLiteral: Kind(_no_type, _no_type, literals.user_match, literals.user_compile),
    TypeHint: Kind(hints.exact, hints.exact, hints.match, hints.compile),
    Call: Kind(calls.exact, calls.exact, calls.match, calls.compile),
    Arithmetic: Kind(calls.exact, calls.exact, calls.match, calls.compile),
    Negation: Kind(calls.exact, calls.exact, calls.match, calls.compile),
    Cast: Kind(calls.exact, calls.exact, calls.match, calls.compile),
    ColumnName: Kind(columns.exact, columns.exact, columns.match, columns.compile_column),
    FieldOf: Kind(columns.exact, columns.exact, columns.match, columns.compile_field),
    ElementOf: Kind(columns.exact, columns.exact, columns.match, columns.compile_element),
    SliceOf: Kind(columns.exact, columns.exact, columns.match, columns.compile_slice),
}
