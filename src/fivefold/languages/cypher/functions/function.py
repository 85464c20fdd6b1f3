"""What a function is, and how the families declare theirs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from fivefold.errors import FivefoldError
from fivefold.values.graph.faults import fault
from fivefold.values.graph.types import word_of
from fivefold.values.records import Record


class Argument(Record):
    """One of a function's arguments; ``type`` as SHOW FUNCTIONS tells it, ``INTEGER | FLOAT``."""

    name: str
    type: str
    optional: bool = False


class Function(Record):
    """A function. ``evaluate`` takes the arguments' values, after the Run if it ``needs_run``.

    Unless it ``sees_nulls``, it is not called with a null: the call is null then. An aggregating
    one has no ``evaluate``: see ``aggregations``. One that is not ``deterministic`` may be so for
    some arguments: ``settled`` says of values whether it is. One ``within_run`` gives the same for
    the same arguments throughout a run.
    """

    name: str
    arguments: tuple[Argument, ...]
    result: str
    category: str
    description: str
    evaluate: Callable[..., Any]
    least: int
    most: int | None
    needs_run: bool = False
    sees_nulls: bool = False
    deterministic: bool = True
    aggregating: bool = False
    settled: Callable[..., bool] | None = None
    within_run: bool = False

    def takes(self, count: int) -> bool:
        """Say whether it can be called with so many arguments."""
        return self.least <= count and (self.most is None or count <= self.most)

    @property
    def signature(self) -> str:
        """Return it as SHOW FUNCTIONS writes it."""
        arguments = ", ".join(f"{one.name} :: {one.type}" for one in self.arguments)
        return f"{self.name}({arguments}) :: {self.result}"


_SIGNATURE = re.compile(r"([\w.]+)\((.*)\) :: (.+)")


def declare(
    category: str,
    signature: str,
    description: str,
    evaluate: Callable[..., Any],
    *,
    needs_run: bool = False,
    sees_nulls: bool = False,
    deterministic: bool = True,
    aggregating: bool = False,
    settled: Callable[..., bool] | None = None,
    within_run: bool = False,
) -> Function:
    """Return the function of a signature such as ``left(original :: STRING, length :: INTEGER)``.

    An argument in brackets, ``[mode :: STRING]``, may be left out; ``input... :: ANY`` may come
    more than once.
    """
    matched = _SIGNATURE.fullmatch(signature)
    assert matched, signature
    name, listed, result = matched.groups()
    arguments, least, many = [], 0, False
    for one in listed.split(", ") if listed else ():
        optional = one.startswith("[")
        word, type = one.strip("[]").split(" :: ") if optional else one.split(" :: ")
        many = many or word.endswith("...")
        least += not optional
        arguments.append(Argument(word.removesuffix("..."), type, optional))
    most = None if many else len(arguments)
    return Function(
        *(name, tuple(arguments), result, category, description, evaluate, least, most),
        *(needs_run, sees_nulls, deterministic, aggregating, settled, within_run),
    )


def by_name(functions: Iterable[Function]) -> dict[str, Function]:
    """Return the functions by their lower-case names."""
    return {function.name.lower(): function for function in functions}


def invalid(name: str, value: Any, wanted: str) -> FivefoldError:
    """Return the error for an argument that the function cannot work with."""
    message = f"Invalid input for function '{name}()': Expected {wanted}, got: {word_of(value)}"
    return fault("InvalidArgumentValue", message)
