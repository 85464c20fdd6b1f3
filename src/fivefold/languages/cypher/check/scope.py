"""Where an expression stands: which variables it sees, and whether it may aggregate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Protocol

from fivefold.errors import FivefoldError
from fivefold.languages.cypher.check.types import Type, may_be, told
from fivefold.languages.cypher.functions.function import Argument
from fivefold.languages.cypher.graph import Notification
from fivefold.values.graph.faults import fault


class Signature(Protocol):
    """What is to be known of a procedure. Results are names with types such as ``STRING``."""

    @property
    def name(self) -> str: ...
    @property
    def arguments(self) -> tuple[Argument, ...]: ...
    @property
    def results(self) -> tuple[tuple[str, str], ...]: ...
    @property
    def writes(self) -> bool: ...


@dataclass(slots=True)
class State:
    """What is found out about a statement while it is checked.

    ``labels`` and ``types`` are those that it asks for, and where it does first; what it only gives
    to entities is not among them. ``parameters`` are the names of its parameters.
    """

    procedures: Mapping[str, Signature]
    notifications: list[Notification] = field(default_factory=list)
    labels: dict[str, int] = field(default_factory=dict)
    types: dict[str, int] = field(default_factory=dict)
    parameters: dict[str, None] = field(default_factory=dict)
    reads: bool = False
    writes: bool = False


class Aggregates(Enum):
    """Whether an aggregating function may stand here."""

    ALLOWED = auto()
    FORBIDDEN = auto()
    NESTED = auto()  # no: in another one's argument
    REPEATED = auto()  # no: in what is evaluated for each element of a list


_NO_AGGREGATES = {
    Aggregates.FORBIDDEN: (
        "InvalidAggregation",
        "Invalid use of aggregating function {name}(...) in this context",
    ),
    Aggregates.NESTED: (
        "NestedAggregation",
        "Can't use aggregate functions inside of aggregate functions.",
    ),
    Aggregates.REPEATED: (
        "InvalidAggregation",
        "Can't use aggregating expressions inside of expressions executing over lists",
    ),
}


class Scope:
    """Variables and their types. Those of ``outer`` are seen wherever this one is."""

    __slots__ = ("names", "outer")

    def __init__(self, names: Mapping[str, Type], outer: Scope | None = None) -> None:
        self.names = dict(names)
        self.outer = outer

    def get(self, name: str) -> Type | None:
        found = self.names.get(name)
        return self.outer.get(name) if found is None and self.outer is not None else found

    def copy(self) -> Scope:
        return Scope(self.names, self.outer)

    def all_names(self) -> dict[str, Type]:
        """Return the variables with those of the scopes around."""
        return {**({} if self.outer is None else self.outer.all_names()), **self.names}


class Here:
    """A place in the statement."""

    __slots__ = ("aggregates", "scope", "state")

    def __init__(
        self, state: State, scope: Scope, aggregates: Aggregates = Aggregates.FORBIDDEN
    ) -> None:
        self.state = state
        self.scope = scope
        self.aggregates = aggregates

    def aggregating(self) -> Here:
        """Return this place, where aggregating functions may stand."""
        return Here(self.state, self.scope, Aggregates.ALLOWED)

    def forbidding(self) -> Here:
        """Return this place, where no aggregating function may stand."""
        return Here(self.state, self.scope)

    def nested(self) -> Here:
        """Return the place in an aggregating function's argument."""
        return Here(self.state, self.scope, Aggregates.NESTED)

    def repeated(self, names: Mapping[str, Type]) -> Here:
        """Return the place of what is evaluated for each element of a list."""
        aggregates = self.aggregates
        if aggregates is Aggregates.ALLOWED:
            aggregates = Aggregates.REPEATED
        return Here(self.state, Scope(names, self.scope), aggregates)

    def aggregate(self, name: str, at: int) -> None:
        """Raise the fault if no aggregating function may stand here."""
        if self.aggregates in _NO_AGGREGATES:
            detail, message = _NO_AGGREGATES[self.aggregates]
            raise fault(detail, message.format(name=name), at=at)


def undefined(name: str, at: int) -> FivefoldError:
    """Return the error for a variable that nobody has bound."""
    return fault("UndefinedVariable", f"Variable `{name}` not defined", at=at)


def already_bound(name: str, at: int) -> FivefoldError:
    """Return the error for a variable that is bound again."""
    return fault("VariableAlreadyBound", f"Variable `{name}` already declared", at=at)


def mismatch(wanted: Iterable[Type], given: Type, at: int) -> FivefoldError:
    """Return the error for an expression of the wrong type."""
    message = f"Type mismatch: expected {told(wanted)} but was {given}"
    return fault("InvalidArgumentType", message, at=at)


def require(given: Type, at: int, *wanted: Type) -> None:
    """Raise the fault if a value of this type can be nothing of what is wanted."""
    if not may_be(given, *wanted):
        raise mismatch(wanted, given, at)
