"""Conversions between types: toBoolean, toInteger, toFloat, toString and their relatives.

A text that cannot be read is null, a value of a type that cannot be converted is an error; the
functions that end in ``OrNull`` give null for both, those that end in ``List`` do that for each
element. Source: Cypher Manual, "Scalar functions", "String functions", "List functions".
"""

from __future__ import annotations

import decimal
import math
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from fivefold.errors import FivefoldError
from fivefold.languages.cypher.functions.function import Function, by_name, declare, invalid
from fivefold.values.graph.faults import fault
from fivefold.values.graph.text import float_text, temporal_text
from fivefold.values.graph.types import TEMPORAL

_LEAST, _MOST = -(2**63), 2**63 - 1
_BOOLEANS = {"true": True, "false": False}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_DECIMAL = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_FLOAT = re.compile(rf"(?:({_DECIMAL.pattern})[fFdD]?|([-+]?(?:NaN|Infinity)))")
DIGITS_MAX = 400
"""Longer texts are no integer of 64 bits unless they begin with zeros, nor any float's digits."""


def to_boolean(value: Any) -> bool | None:
    """Return a boolean; 0 is false and any other integer true."""
    if type(value) is bool:
        return value
    if type(value) is int:
        return value != 0
    if type(value) is str:
        return _BOOLEANS.get(value.strip().lower())
    raise invalid("toBoolean", value, "a Boolean, Integer or String")


def to_integer(value: Any) -> int | None:
    """Return an integer; of a float without its decimals, the nearest that there is.

    Raises a fault for a text of a number beyond 64 bits.
    """
    if type(value) is int:
        return value
    if type(value) is bool:
        return int(value)
    if type(value) is float:
        return _whole(value)
    if type(value) is str:
        return _read_integer(value.strip())
    raise invalid("toInteger", value, "a String, Number or Boolean")


def _whole(value: float) -> int:
    """Return a float as Java casts it: NaN is 0, what is too large the largest."""
    if math.isnan(value):
        return 0
    if abs(value) < 2**63:
        return int(value)
    return _MOST if value > 0 else _LEAST


def _read_integer(text: str) -> int | None:
    if not _DECIMAL.fullmatch(text):
        return None
    if len(text) <= DIGITS_MAX and _INTEGER.fullmatch(text):
        number: int | decimal.Decimal = int(text)
    else:
        number = decimal.Decimal(text)
    if not _LEAST <= number <= _MOST:
        raise fault("InvalidArgumentValue", f"integer, {text}, is too large")
    return int(number)


def to_float(value: Any) -> float | None:
    """Return a float."""
    if type(value) is float:
        return value
    if type(value) is int:
        return float(value)
    if type(value) is str:
        matched = _FLOAT.fullmatch(value.strip())
        if matched is None:
            return None
        number, name = matched.groups()
        return float(number) if number else math.nan if name.endswith("NaN") else float(name)
    raise invalid("toFloat", value, "a String or Number")


def to_string(value: Any) -> str:
    """Return the text of a scalar."""
    kind = type(value)
    if kind is str or kind is int:
        return str(value)
    if kind in TEMPORAL:
        return temporal_text(value)
    if kind is bool:
        return "true" if value else "false"
    if kind is float:
        return float_text(value)
    raise invalid("toString", value, "a String, Number, Boolean, Temporal or Duration")


def _or_null(convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def converted(value: Any) -> Any:
        try:
            return convert(value)
        except FivefoldError:
            return None

    return converted


def _each(name: str, convert: Callable[[Any], Any]) -> Callable[[Any], list[Any]]:
    one = _or_null(convert)

    def converted(values: Any) -> list[Any]:
        if type(values) is not list:
            raise invalid(name, values, "a List")
        return [None if value is None else one(value) for value in values]

    return converted


_CONVERSIONS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "BOOLEAN": (to_boolean, "BOOLEAN | STRING | INTEGER"),
    "INTEGER": (to_integer, "BOOLEAN | STRING | INTEGER | FLOAT"),
    "FLOAT": (to_float, "STRING | INTEGER | FLOAT"),
    "STRING": (to_string, "ANY"),
}


def _conversions() -> Iterator[Function]:
    for type_, (convert, accepted) in _CONVERSIONS.items():
        name = f"to{type_.capitalize()}"
        family = "String" if type_ == "STRING" else "Scalar"
        result = f" :: {type_}"
        said = f"The value as a {type_}"
        yield declare(family, f"{name}(input :: {accepted}){result}", f"{said}.", convert)
        yield declare(
            family,
            f"{name}OrNull(input :: ANY){result}",
            f"{said}, null if it cannot be converted.",
            _or_null(convert),
        )
        yield declare(
            "List",
            f"{name}List(input :: LIST<ANY>) :: LIST<{type_}>",
            f"Each element as a {type_}, or null.",
            _each(f"{name}List", convert),
        )


FUNCTIONS: Final[dict[str, Function]] = by_name(_conversions())
