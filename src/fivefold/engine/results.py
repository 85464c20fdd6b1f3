"""What a SQL session is given and gives back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from fivefold.engine.plans import Plan
from fivefold.languages.sql import commands as c
from fivefold.plan.statement import Output
from fivefold.values.types import Row, Type


@dataclass(slots=True)
class Result:
    """What a statement gave. ``rows`` is a list, or an iterator that holds the transaction open.

    ``count`` is the number of rows changed, for statements that report one.
    """

    tag: str
    outputs: tuple[Output, ...] | None = None
    rows: list[Row] | Iterator[Row] = field(default_factory=list)
    count: int | None = None
    notices: tuple[c.Notice, ...] = ()
    plan: Plan | None = None
    binary: bool = False  # of a cursor that was declared so: if the client asks for no format


@dataclass(slots=True, eq=False)
class PreparedText:
    """A statement that a client prepared by name: its text and the types it declared.

    ``bound`` is what the edge made of it, and goes with it.
    """

    text: str
    types: tuple[Type | None, ...] = ()
    bound: object = None


def full_tag(result: Result, rows: int) -> str:
    """Return the tag with its count; ``rows`` is the number of rows that were returned."""
    if result.tag == "INSERT":
        return f"INSERT 0 {result.count}"
    if result.count is not None:
        return f"{result.tag} {result.count}"
    return f"SELECT {rows}" if result.tag == "SELECT" else result.tag


def batch(rows: Iterator[Row] | list[Row], size: int) -> list[Row]:
    """Return the next ``size`` rows of an iterator; fewer only at its end."""
    return rows if isinstance(rows, list) else list(islice(rows, size))
