"""Signatures of functions and operators, and the short notation in which their tables are written.

An argument is a ``Type`` or a ``Pseudo``: PostgreSQL's polymorphic pseudo-types (manual, 38.2.5).
"""

from __future__ import annotations

from enum import StrEnum

from fivefold.values.records import Record
from fivefold.values.types import Kind, Type, array_of


class Pseudo(StrEnum):
    """A place that takes many types; the array and element forms of one call must agree."""

    ANY = "any"
    ELEMENT = "anyelement"
    ARRAY = "anyarray"
    NONARRAY = "anynonarray"
    ENUM = "anyenum"
    COMPATIBLE = "anycompatible"
    COMPATIBLE_ARRAY = "anycompatiblearray"


Argument = Type | Pseudo


class Form(StrEnum):
    """How a function is called."""

    SCALAR = "scalar"
    AGGREGATE = "aggregate"
    ORDERED = "ordered-set aggregate"
    WINDOW = "window"
    SET = "set"


class Volatility(StrEnum):
    """How long a result stays true: for ever, for one statement, or not at all."""

    IMMUTABLE = "immutable"
    STABLE = "stable"
    VOLATILE = "volatile"


class Function(Record):
    """One signature. ``variadic``: the last argument may be repeated (one or more times)."""

    name: str
    arguments: tuple[Argument, ...]
    result: Argument
    form: Form = Form.SCALAR
    volatility: Volatility = Volatility.IMMUTABLE
    variadic: bool = False


class Operator(Record):
    """One operator; ``left`` is None for a prefix operator.

    ``node`` is what it becomes in a bound tree: the name of a class of nodes if it begins with
    a capital letter, else the function (PostgreSQL's own pg_operator.oprcode) to call.
    """

    symbol: str
    left: Argument | None
    right: Argument
    result: Argument
    node: str


_PSEUDO = {pseudo.value: pseudo for pseudo in Pseudo}


def argument(text: str) -> Argument:
    """Return the argument that ``int4``, ``text[]`` or ``anyarray`` stands for."""
    if text in _PSEUDO:
        return _PSEUDO[text]
    if text.endswith("[]"):
        return array_of(Type(Kind(text[:-2])))
    return Type(Kind(text))


def functions(form: Form, volatility: Volatility, table: str) -> list[Function]:
    """Read lines of ``name(argument, …) -> result``; ``variadic`` may precede the last argument.

    Several argument lists of one name and result may share a line, between ``|``.
    """
    found = []
    for line in table.splitlines():
        if not line.strip():
            continue
        head, _, result = line.partition("->")
        name, _, lists = head.strip().partition("(")
        for arguments in lists.rstrip(") ").split("|"):
            parts = [part.strip() for part in arguments.split(",") if part.strip()]
            variadic = bool(parts) and parts[-1].startswith("variadic ")
            if variadic:
                parts[-1] = parts[-1].removeprefix("variadic ")
            found.append(
                Function(
                    name.strip(),
                    tuple(argument(part) for part in parts),
                    argument(result.strip()),
                    form,
                    volatility,
                    variadic,
                )
            )
    return found


def operators(table: str) -> list[Operator]:
    """Read lines of ``left symbol right -> result node``; a prefix operator has ``.`` at its
    left.
    """
    found = []
    for line in table.splitlines():
        if not line.strip():
            continue
        left, symbol, right, _, result, node = line.split()
        found.append(
            Operator(
                symbol,
                None if left == "." else argument(left),
                argument(right),
                argument(result),
                node,
            )
        )
    return found
