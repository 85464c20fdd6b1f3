"""How operators take their arguments, as data, and the closures that evaluate them.

A family declares its operators by these forms; what an operator does is a plain function of values.
Counts and names of arguments are checked here, with the numbers and texts of MongoDB 7.0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from fivefold.languages.mongo.expressions.terms import (
    Evaluate,
    Scope,
    Term,
    constant,
    reads_of,
)
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import MISSING
from fivefold.values.documents.text import shown

Compile = Callable[[Any, Scope], Term]


class Operator(Protocol):
    """A way to compile ``{name: value}``; ``compile`` is how any expression is compiled."""

    def build(self, name: str, value: Any, scope: Scope, compile: Compile) -> Term: ...


def arguments_of(value: Any) -> list[Any]:
    """Return an operator's arguments: an array's elements, or the only one."""
    return value if isinstance(value, list) else [value]


@dataclass(frozen=True, slots=True)
class Fixed:
    """Takes from ``least`` to ``most`` arguments (``most`` None: as many as least)."""

    function: Callable[..., Any]
    least: int = 1
    most: int | None = None
    foldable: bool = True

    def build(self, name: str, value: Any, scope: Scope, compile: Compile) -> Term:
        given = arguments_of(value)
        check_count(name, len(given), self.least, self.most or self.least)
        return applied(self.function, [compile(each, scope) for each in given], self.foldable)


@dataclass(frozen=True, slots=True)
class Variadic:
    """Takes any number of arguments, as one list; ``pair`` is the same for two, faster."""

    function: Callable[[list[Any]], Any]
    pair: Callable[[Any, Any], Any] | None = None

    def build(self, name: str, value: Any, scope: Scope, compile: Compile) -> Term:
        terms = [compile(each, scope) for each in arguments_of(value)]
        if self.pair is not None and len(terms) == 2:
            return applied(self.pair, terms)
        return listed(self.function, terms)


class _Absent:
    __slots__ = ()


ABSENT: Final = _Absent()
"""What stands for an argument that was not given, where MISSING means something else."""


@dataclass(frozen=True, slots=True)
class Named:
    """Takes an object of named arguments; the function takes them in the order declared.

    What is left out is ``absent``. ``not_object``, ``unknown`` and ``lacking`` are numbers and
    texts of errors; ``{name}`` stands for the argument and ``{operator}`` for the operator.
    ``{name}`` of ``not_object`` is what was given instead. ``numbers`` has the numbers of arguments
    whose lack has one of its own.
    """

    function: Callable[..., Any]
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    not_object: tuple[int, str] = (9, "{operator} requires an object as an argument")
    unknown: tuple[int, str] = (9, "{operator} found an unknown argument: {name}")
    lacking: tuple[int, str] = (9, "{operator} requires '{name}' to be specified")
    numbers: Mapping[str, int] = field(default_factory=dict)
    absent: Any = MISSING

    def build(self, name: str, value: Any, scope: Scope, compile: Compile) -> Term:
        given = self.checked(name, value)
        order = (*self.required, *self.optional)
        return applied(
            self.function,
            [
                compile(given[each], scope) if each in given else constant(self.absent)
                for each in order
            ],
        )

    def checked(self, operator: str, value: Any) -> dict[str, Any]:
        """Return the arguments by name. Raises what is declared for wrong ones."""
        if not isinstance(value, dict):
            self._fail(self.not_object, operator, shown(value))
        for each in value:
            if each not in self.required and each not in self.optional:
                self._fail(self.unknown, operator, each)
        for each in self.required:
            if each not in value:
                number, text = self.lacking
                self._fail((self.numbers.get(each, number), text), operator, each)
        return value  # type: ignore[no-any-return]

    def _fail(self, what: tuple[int, str], operator: str, name: str) -> None:
        number, text = what
        raise fault(number, text.format(operator=operator, name=name))


@dataclass(frozen=True, slots=True)
class Special:
    """Compiles itself: it does not evaluate all of its arguments, or not once each."""

    function: Callable[[str, Any, Scope, Compile], Term]

    def build(self, name: str, value: Any, scope: Scope, compile: Compile) -> Term:
        return self.function(name, value, scope, compile)


def check_count(name: str, count: int, least: int, most: int) -> None:
    if least <= count <= most:
        return
    if least == most:
        raise fault(
            16020,
            f"Expression {name} takes exactly {least} arguments. {count} were passed in.",
        )
    raise fault(
        28667,
        f"Expression {name} takes at least {least} arguments, and at most {most}, "
        f"but {count} were passed in.",
    )


def applied(function: Callable[..., Any], terms: Sequence[Term], foldable: bool = True) -> Term:
    """Return the term that calls the function with the terms' values; constant if they all are."""
    if foldable and all(term.fixed for term in terms):
        return constant(function(*[term.constant for term in terms]))
    return Term(_call(function, terms), reads_of(terms))


def listed(function: Callable[[list[Any]], Any], terms: Sequence[Term]) -> Term:
    """Return the term that calls the function with a list of the terms' values."""
    if all(term.fixed for term in terms):
        return constant(function([term.constant for term in terms]))
    runs = [term.run for term in terms]
    return Term(
        lambda document, variables: function([run(document, variables) for run in runs]),
        reads_of(terms),
    )


def _call(function: Callable[..., Any], terms: Sequence[Term]) -> Evaluate:
    if len(terms) == 1:
        return _call_one(function, terms[0])
    if len(terms) == 2:
        return _call_two(function, *terms)
    runs = [term.run for term in terms]
    if len(runs) == 3:
        first, second, third = runs
        return lambda document, variables: function(
            first(document, variables), second(document, variables), third(document, variables)
        )
    return lambda document, variables: function(*[run(document, variables) for run in runs])


def _call_one(function: Callable[..., Any], term: Term) -> Evaluate:
    if (name := term.name) is not None:
        return lambda document, variables: function(document.get(name, MISSING))
    run = term.run
    return lambda document, variables: function(run(document, variables))


def _call_two(function: Callable[..., Any], left: Term, right: Term) -> Evaluate:
    """Return the call of two: what every second expression is, so without a call to get a field."""
    a, b = left.run, right.run
    if (name := left.name) is not None:
        if (other := right.name) is not None:
            return lambda document, variables: function(
                document.get(name, MISSING), document.get(other, MISSING)
            )
        if right.fixed:
            known = right.constant
            return lambda document, variables: function(document.get(name, MISSING), known)
        return lambda document, variables: function(
            document.get(name, MISSING), b(document, variables)
        )
    if right.fixed:
        known = right.constant
        return lambda document, variables: function(a(document, variables), known)
    return lambda document, variables: function(a(document, variables), b(document, variables))
