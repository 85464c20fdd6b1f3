"""What one relation, or several of the same columns, restrict them to.

``columns`` are in the order of the key. A ``Tuple`` gives the values of some columns: terms of
their own, or one marker for all of them. Whether a null is said to be invalid or unsupported
depends on whether the values are to be part of a key or to be compared with those of rows, which is
not known before all relations were read: ``filtered``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from fivefold.languages.cql.run import Run
from fivefold.languages.cql.tables import Column
from fivefold.languages.cql.terms import Value
from fivefold.values.cql.faults import invalid
from fivefold.values.cql.types import UNSET, Unset
from fivefold.values.records import Record
from fivefold.values.types import Stored

Values = tuple[Stored, ...]


class Tuple(Protocol):
    """The values of some columns, or as many of them as a bound has."""

    def __call__(self, run: Run, *, filtered: bool) -> Values: ...


class Tuples(Protocol):
    """The values of IN."""

    def __call__(self, run: Run, *, filtered: bool) -> list[Values]: ...


class Equal(Record):
    """``=``, and IN of one value; ``value`` is that of a single column's own term."""

    columns: tuple[Column, ...]
    read: Tuple
    value: Value | None = None


class Among(Record):
    """IN."""

    columns: tuple[Column, ...]
    read: Tuples


class Bound(Record):
    """One end of a range, of the columns from its first on."""

    columns: tuple[Column, ...]
    read: Tuple
    inclusive: bool


class Range(Record):
    """<, <=, >, >=: at most one bound to each side; ``columns`` are those of the longer one.

    ``several``: a bound is one of several columns' relations.
    """

    columns: tuple[Column, ...]
    low: Bound | None
    high: Bound | None
    several: bool = False


class Part(Record):
    """CONTAINS a ``value``, CONTAINS KEY a ``key``, or both of an entry of a map."""

    key: Value | None
    value: Value | None


class Containing(Record):
    """What a collection has to contain, each of ``parts``."""

    columns: tuple[Column, ...]
    parts: tuple[Part, ...]


class TokenEqual(Record):
    """``token(…) =``."""

    columns: tuple[Column, ...]
    value: Value


class TokenRange(Record):
    """``token(…)`` between bounds: each a value, and whether it is one of them."""

    columns: tuple[Column, ...]
    low: tuple[Value, bool] | None
    high: tuple[Value, bool] | None


Restriction = Equal | Among | Range | Containing
TokenRestriction = TokenEqual | TokenRange


def key_value(column: Column, found: Stored | Unset, *, filtered: bool) -> Stored:
    """Return a value that has to be one. Raises Cassandra's errors for null and unset ones."""
    if found is None:
        if filtered:
            raise invalid(f"Unsupported null value for column {column.name}")
        raise invalid(f"Invalid null value in condition for column {column.name}")
    if found is UNSET:
        how = "Unsupported" if filtered else "Invalid"
        raise invalid(f"{how} unset value for column {column.name}")
    assert not isinstance(found, Unset)
    return found


def single(column: Column, value: Value) -> Tuple:
    """Return what reads one column's value."""
    evaluate = value.evaluate

    def read(run: Run, *, filtered: bool) -> Values:
        return (key_value(column, evaluate(run), filtered=filtered),)

    return read


def all_of(columns: tuple[Column, ...], values: tuple[Value, ...], *, bound: bool) -> Tuple:
    """Return what reads ``(x, y)`` as the values of several columns."""
    evaluates = [value.evaluate for value in values]
    told = " in condition" if bound else ""

    def read(run: Run, *, filtered: bool) -> Values:
        found = [evaluate(run) for evaluate in evaluates]
        for number, each in enumerate(found):
            if each is UNSET:
                raise invalid(f"Invalid unset value for tuple field number {number}")
        return present(columns, found, told)

    return read


def present(columns: tuple[Column, ...], found: list[Stored | Unset], told: str) -> Values:
    """Return the values of a tuple, none of which may be null."""
    for column, each in zip(columns, found, strict=False):
        if each is None:
            raise invalid(f"Invalid null value{told} for column {column.name}")
    return tuple(found)  # type: ignore[arg-type]


Elements = Callable[[Stored], list[Stored]]
"""Takes a stored list or tuple apart into its parts in stored form."""
