"""What a function is: its types, and what it does with values.

Source: "Functions" of Cassandra's CQL reference. All of them are of the keyspace system.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from fivefold.values.cql.names import type_text
from fivefold.values.cql.types import CqlType
from fivefold.values.records import Record


class State(Protocol):
    """An aggregate's value while rows come. Arguments and results are plain."""

    def add(self, *values: Any) -> None: ...
    def result(self) -> Any: ...


class Function(Record):
    """A function of given types.

    ``call`` takes plain values and returns one, and is not called if one of them is None, but
    with ``takes_null``. With ``stored`` it takes and returns stored forms, with ``needs_run`` it is
    given the ``Run`` first. It is *pure* if it always returns the same. ``start`` makes it an
    aggregate. ``label`` is the column's name in place of one made from the arguments.
    ``by_factory``: its types follow from its arguments, so that it is nobody's exact match.
    """

    name: str
    arguments: tuple[CqlType, ...]
    returns: CqlType
    call: Callable[..., Any]
    takes_null: bool = False
    stored: bool = False
    needs_run: bool = False
    pure: bool = True
    start: Callable[[], State] | None = None
    label: str | None = None
    by_factory: bool = False


class Parameter(Record):
    """What a factory takes in one place.

    ``shown`` is how errors name it. ``accepts`` returns None for a type that will do, or what the
    function requires. ``guess`` is the type of an argument that has none of its own, made from
    the types of those before it and the receiver's.
    """

    shown: str
    accepts: Callable[[CqlType], str | None]
    guess: Callable[[Sequence[CqlType], CqlType | None], CqlType | None]
    optional: bool = False


class Factory(Record):
    """Makes functions for the types of their arguments."""

    name: str
    parameters: tuple[Parameter, ...]
    make: Callable[[str, tuple[CqlType, ...], CqlType | None], Function]


def any_type(_: CqlType) -> None:
    """Accept every type."""


def no_guess(_types: Sequence[CqlType], _receiver: CqlType | None) -> None:
    """Guess nothing: the argument has to be typed."""


def signature(function: Function) -> str:
    """Return a function as errors show it."""
    arguments = ", ".join(map(type_text, function.arguments))
    name = f'"{function.name}"' if function.name.startswith("_") else function.name
    return f"system.{name} : ({arguments}) -> {type_text(function.returns)}"
