"""Which function a call means.

Cassandra looks at all functions of the name whose result the receiver takes: the first one that
takes all arguments exactly is meant, otherwise the only one that takes them at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from fivefold.languages.cql.terms.functions.signatures import Factory, Function, signature
from fivefold.languages.cql.terms.matching import Match, matching
from fivefold.values.cql.faults import invalid
from fivefold.values.cql.names import type_text
from fivefold.values.cql.types import CqlType

OPERATORS = {
    "_add": "+",
    "_substract": "-",
    "_multiply": "*",
    "_divide": "/",
    "_modulo": "%",
}
"""The functions behind operators, as Cassandra names them."""


class Argument(Protocol):
    """What has to be known of an argument."""

    @property
    def text(self) -> str: ...
    @property
    def is_marker(self) -> bool: ...
    def preferred(self) -> CqlType | None: ...
    def match(self, receiver: CqlType) -> Match: ...


def resolve(
    name: str,
    candidates: Sequence[Function],
    arguments: Sequence[Argument],
    receiver: CqlType | None,
) -> Function:
    """Return the function that is meant. Raises InvalidRequest if there is none, or several."""
    if len(candidates) == 1:
        _check(candidates[0], arguments)
        return candidates[0]
    weak = []
    for function in candidates:
        if receiver is not None and matching(receiver, function.returns) is Match.NOT:
            continue
        found = _match(function, arguments)
        if found is Match.EXACTLY:
            return function
        if found is Match.WEAKLY:
            weak.append(function)
    if len(weak) == 1:
        return weak[0]
    if not weak:
        raise _nothing(name, candidates, arguments)
    if name in OPERATORS and receiver is not None and not any(a.is_marker for a in arguments):
        for function in weak:
            if all(each == receiver for each in function.arguments):
                return function
    raise _ambiguous(name, weak, arguments)


def _match(function: Function, arguments: Sequence[Argument]) -> Match:
    if len(function.arguments) != len(arguments):
        return Match.NOT
    found = Match.EXACTLY
    for argument, type in zip(arguments, function.arguments, strict=True):
        match = argument.match(type)
        if match is Match.NOT:
            return match
        if match is Match.WEAKLY:
            found = match
    return found


def _check(function: Function, arguments: Sequence[Argument]) -> None:
    if len(function.arguments) != len(arguments):
        raise invalid(
            f"Invalid number of arguments in call to function system.{function.name}:"
            f" {len(function.arguments)} required but {len(arguments)} provided"
        )
    for place, (argument, type) in enumerate(zip(arguments, function.arguments, strict=True)):
        if argument.match(type) is Match.NOT:
            raise invalid(
                f"Type error: {argument.text} cannot be passed as argument {place} of function"
                f" system.{function.name} of type {type_text(type)}"
            )


def _nothing(name: str, candidates: Sequence[Function], arguments: Sequence[Argument]) -> Exception:
    if name in OPERATORS:
        left, right = arguments
        return invalid(
            f"the '{OPERATORS[name]}' operation is not supported between {left.text}"
            f" and {right.text}"
        )
    shown = f"system.{name}" if name.startswith(("_", "cast_as_")) else name
    known = ", ".join(map(signature, candidates))
    return invalid(
        f"Invalid call to function {shown}, none of its type signatures match"
        f" (known type signatures: {known})"
    )


def _ambiguous(name: str, weak: Sequence[Function], arguments: Sequence[Argument]) -> Exception:
    if name in OPERATORS:
        left, right = arguments
        return invalid(
            f"Ambiguous '{OPERATORS[name]}' operation with args {left.text} and {right.text}:"
            " use type hint to disambiguate, example '(int) ?'"
        )
    if name == "_negate":
        return invalid("Ambiguous negation: use type casts to disambiguate")
    shown = f"system.{name}" if name.startswith("cast_as_") else name
    known = ", ".join(map(signature, weak))
    return invalid(
        f"Ambiguous call to function {shown} (can be matched by following signatures: {known}):"
        " use type casts to disambiguate"
    )


def from_factory(
    factory: Factory, arguments: Sequence[Argument], receiver: CqlType | None
) -> Function:
    """Return the function that a factory makes for arguments."""
    least = sum(not parameter.optional for parameter in factory.parameters)
    if not least <= len(arguments) <= len(factory.parameters):
        raise invalid(f"Invalid number of arguments for function {shown_factory(factory)}")
    types: list[CqlType] = []
    for parameter, argument in zip(factory.parameters, arguments, strict=False):
        type = parameter.guess(types, receiver) or argument.preferred()
        if type is None:
            raise invalid(
                f"Cannot infer type of argument {argument.text} in call to function"
                f" {shown_factory(factory)}: use type casts to disambiguate"
            )
        required = parameter.accepts(type)
        if required is not None:
            raise invalid(
                f"Function system.{factory.name} requires {required}, but found argument"
                f" {argument.text} of type {type_text(type)}"
            )
        types.append(type)
    function = factory.make(factory.name, tuple(types), receiver)
    _check(function, arguments)
    return function


def shown_factory(factory: Factory) -> str:
    """Return a factory as errors show it."""
    shown = [f"[{one.shown}]" if one.optional else one.shown for one in factory.parameters]
    return f"system.{factory.name}({', '.join(shown)})"
