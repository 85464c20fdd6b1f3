"""$convert and its short forms. Source: manual, "$convert" and its tables of conversions.

Each conversion is a function of the value, in a table by the types it is from and to. What cannot
be converted is fault 241, which ``onError`` catches; nothing else is.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, NoReturn

from bson.decimal128 import Decimal128
from bson.errors import InvalidId
from bson.objectid import ObjectId

from fivefold.errors import FivefoldError
from fivefold.languages.mongo.expressions.booleans import truth
from fivefold.languages.mongo.expressions.dates.formats import iso
from fivefold.languages.mongo.expressions.dates.parse import parse_date
from fivefold.languages.mongo.expressions.forms import (
    Compile,
    Fixed,
    Named,
    Operator,
    Special,
    applied,
    arguments_of,
)
from fivefold.languages.mongo.expressions.instants import moment_ms, of_ms
from fivefold.languages.mongo.expressions.numbers import (
    CONTEXT,
    LONG,
    decimal,
    decimal128,
    integral,
    is_finite,
    is_nan,
    long,
    rank,
)
from fivefold.languages.mongo.expressions.terms import (
    Scope,
    Term,
    Variables,
    constant,
    name_of,
    nullish,
    reads_of,
    shown_value,
)
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import (
    ALIASES,
    INT32_MAX,
    INT32_MIN,
    INT64_MAX,
    INT64_MIN,
    NAMES,
    Document,
    Kind,
    kind_of,
)
from fivefold.values.documents.order import milliseconds

Conversion = Callable[[Any], Any]

_OVERFLOW = "Conversion would overflow target type in $convert with no onError value: "
_NO_INTEGER = "Attempt to convert {} value to integer type in $convert with no onError value"


def _fail(why: str) -> NoReturn:
    raise fault(241, why)


def _bad_number(text: str, why: str) -> NoReturn:
    _fail(f"Failed to parse number '{text}' in $convert with no onError value: {why}")


# --------------------------------------------------------------------------------- to numbers


def _whole_of(low: int, high: int, make: Callable[[int], Any]) -> Conversion:
    """Return what cuts a number to a whole one between two bounds."""

    def run(value: Any) -> Any:
        if is_nan(value):
            _fail(_NO_INTEGER.format("NaN"))
        if not is_finite(value):
            _fail(_NO_INTEGER.format("infinity"))
        exact = value.to_decimal() if isinstance(value, Decimal128) else value
        whole = int(exact)
        if not low <= whole <= high:
            _fail(_OVERFLOW + (shown_value(value) if rank(value) > LONG else ""))
        return make(whole)

    return run


def _check_hexadecimal(text: str) -> None:
    if text.startswith("0x"):
        _fail(f"Illegal hexadecimal input in $convert with no onError value: {text}")


def _whole_from_text(low: int, high: int, make: Callable[[int], Any]) -> Conversion:
    def run(value: str) -> Any:
        _check_hexadecimal(value)
        if _WHOLE.match(value) is None:
            _bad_number(
                value, "Did not consume whole string." if value.strip("+-") else "No digits"
            )
        whole = int(value)
        if not low <= whole <= high:
            _bad_number(value, "Overflow")
        return make(whole)

    return run


_WHOLE = re.compile(r"[+-]?\d+\Z", re.ASCII)
_FLOAT = re.compile(
    r"[+-]?(?:0x[0-9a-f]+|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf(?:inity)?|nan)", re.I | re.ASCII
)
"""What C's strtod reads."""


def _double_from_text(value: str) -> float:
    _check_hexadecimal(value)
    if not value:
        _bad_number(value, "Empty string")
    if value[0].isspace():
        _bad_number(value, "Leading whitespace")
    match = _FLOAT.match(value)
    if match is None:
        _bad_number(value, "Did not consume any digits")
    if match.end() != len(value):
        _bad_number(value, "Did not consume whole string.")
    number = float.fromhex(value) if "x" in value.lower() else float(value)
    if math.isinf(number) and "inf" not in value.lower():
        _bad_number(value, "Out of range")
    return number


def _double_from_decimal(value: Decimal128) -> float:
    exact = value.to_decimal()
    number = float(exact)
    if math.isinf(number) and exact.is_finite():
        _fail(_OVERFLOW + shown_value(value))
    return number


def _decimal_from_text(value: str) -> Decimal128:
    _check_hexadecimal(value)
    if not value:
        _bad_number(value, "Empty string")
    match = _FLOAT.match(value)
    if match is None or match.end() != len(value) or "x" in value.lower():
        _bad_number(value, "Failed to parse string to decimal")
    return Decimal128(CONTEXT.create_decimal(value))


# --------------------------------------------------------------------------- to other types


def _text_of_double(value: float) -> str:
    """Return a double with up to 17 digits, as few as tell it, as C++ writes it."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "-Infinity" if value < 0 else "Infinity"
    text = repr(value)
    if "e" in text:
        return text
    text = text.removesuffix(".0")
    digits = text.lstrip("-")
    if len(digits) > 16 and "." not in digits:  # 1e16 and above
        return f"{value:.16g}"
    return text


def _object_id(value: str) -> ObjectId:
    if len(value) != 24:
        _fail(
            f"Failed to parse objectId '{value}' in $convert with no onError value: "
            f"Invalid string length for parsing to OID, expected 24 but found {len(value)}"
        )
    try:
        return ObjectId(value)
    except InvalidId:
        bad = next(each for each in value if each not in "0123456789abcdefABCDEF")
        _fail(
            f"Failed to parse objectId '{value}' in $convert with no onError value: "
            f"Invalid character found in hex string: {bad}"
        )


def _date_of_number(value: Any) -> Any:
    if not is_finite(value):
        _fail(_NO_INTEGER.format("NaN" if is_nan(value) else "infinity"))
    exact = value.to_decimal() if isinstance(value, Decimal128) else value
    whole = int(exact)
    if not INT64_MIN <= whole <= INT64_MAX:
        _fail(_OVERFLOW + shown_value(value))
    return of_ms(whole)


def _same(value: Any) -> Any:
    return value


_INT = _whole_of(INT32_MIN, INT32_MAX, int)
_LONG = _whole_of(INT64_MIN, INT64_MAX, long)


def _of_date(make: Callable[[int], Any]) -> Conversion:
    return lambda value: make(milliseconds(value))


TABLE: dict[Kind, dict[Kind, Conversion]] = {
    Kind.DOUBLE: {
        **dict.fromkeys((Kind.INT, Kind.LONG, Kind.DOUBLE, Kind.BOOL), float),
        Kind.DECIMAL: _double_from_decimal,
        Kind.STRING: _double_from_text,
        Kind.DATE: _of_date(float),
    },
    Kind.STRING: {
        Kind.STRING: _same,
        Kind.DOUBLE: _text_of_double,
        Kind.INT: str,
        Kind.LONG: str,
        Kind.DECIMAL: str,
        Kind.BOOL: lambda value: "true" if value else "false",
        Kind.OBJECT_ID: str,
        Kind.DATE: _of_date(iso),
    },
    Kind.OBJECT_ID: {Kind.OBJECT_ID: _same, Kind.STRING: _object_id},
    Kind.DATE: {
        Kind.DATE: _same,
        Kind.LONG: _date_of_number,
        Kind.DOUBLE: _date_of_number,
        Kind.DECIMAL: _date_of_number,
        Kind.STRING: lambda value: of_ms(parse_date(value, None)),
        Kind.OBJECT_ID: lambda value: of_ms(moment_ms(value)),
        Kind.TIMESTAMP: lambda value: of_ms(moment_ms(value)),
    },
    Kind.INT: {
        **dict.fromkeys((Kind.INT, Kind.LONG, Kind.DOUBLE, Kind.DECIMAL), _INT),
        Kind.BOOL: int,
        Kind.STRING: _whole_from_text(INT32_MIN, INT32_MAX, int),
    },
    Kind.LONG: {
        **dict.fromkeys((Kind.INT, Kind.LONG, Kind.DOUBLE, Kind.DECIMAL), _LONG),
        Kind.BOOL: lambda value: long(int(value)),
        Kind.STRING: _whole_from_text(INT64_MIN, INT64_MAX, long),
        Kind.DATE: _of_date(long),
    },
    Kind.DECIMAL: {
        Kind.DECIMAL: _same,
        **dict.fromkeys(
            (Kind.INT, Kind.LONG, Kind.DOUBLE, Kind.BOOL), lambda value: decimal128(decimal(value))
        ),
        Kind.STRING: _decimal_from_text,
        Kind.DATE: _of_date(lambda ms: decimal128(Decimal(ms))),
    },
}
"""How to come to a type, by the type that a value is of; to a bool, everything can."""


def converted(value: Any, target: Kind) -> Any:
    """Return a value as another type. Raises fault 241 where that cannot be."""
    if target is Kind.BOOL:
        return truth(value)
    how = TABLE.get(target, {}).get(kind_of(value))
    if how is None:
        _fail(
            f"Unsupported conversion from {name_of(value)} to {NAMES[target]} "
            "in $convert with no onError value"
        )
    return how(value)


def _short(target: Kind) -> Special:
    """Return $toInt and its like: what is null stays null."""

    def run(value: Any) -> Any:
        return None if nullish(value) else converted(value, target)

    def build(name: str, value: Any, scope: Scope, compile: Compile) -> Term:
        given = arguments_of(value)
        if len(given) != 1:
            raise fault(50723, f"{name} requires a single argument, got {len(given)}")
        return applied(run, [compile(given[0], scope)])

    return Special(build)


_CONVERT = Named(
    lambda: None,
    ("input", "to"),
    ("onError", "onNull"),
    not_object=(9, "{operator} expects an object of named arguments"),
    unknown=(9, "{operator} found an unknown argument: {name}"),
    lacking=(9, "Missing '{name}' parameter to {operator}"),
)


def _convert(name: str, value: Any, scope: Scope, compile: Compile) -> Term:
    given = _CONVERT.checked(name, value)
    source, to = compile(given["input"], scope), compile(given["to"], scope)
    on_null = compile(given.get("onNull"), scope)
    on_error = compile(given["onError"], scope) if "onError" in given else None
    if to.fixed and not nullish(to.constant):
        _target(to.constant)

    def run(document: Document, variables: Variables) -> Any:
        found = source.run(document, variables)
        target = to.run(document, variables)
        kind = None if nullish(target) else _target(target)
        if nullish(found):
            return on_null.run(document, variables)
        if kind is None:
            return None
        try:
            return converted(found, kind)
        except FivefoldError as error:
            if on_error is None or error.number != 241:
                raise
        return on_error.run(document, variables)

    terms = [source, to, on_null, *([on_error] if on_error else [])]
    if all(term.fixed for term in terms):
        return constant(run({}, {}))
    return Term(run, reads_of(terms))


def _target(value: Any) -> Kind:
    """Return the type that a name or number says. Raises faults 2 and 9."""
    if isinstance(value, str):
        kind = ALIASES.get(value) or (Kind.MISSING if value == "missing" else None)
        if kind is None:
            raise fault(2, f"Unknown type name: {value}")
        return kind
    if not rank(value):
        raise fault(
            9, f"$convert's 'to' argument must be a string or number, but is {name_of(value)}"
        )
    number = integral(value)
    if number is None:
        raise fault(9, "In $convert, numeric 'to' argument is not an integer")
    try:
        return Kind(number)
    except ValueError:
        raise fault(
            9, f"In $convert, numeric value for 'to' does not correspond to a BSON type: {number}"
        ) from None


OPERATORS: dict[str, Operator] = {
    "$convert": Special(_convert),
    "$isNumber": Fixed(lambda value: rank(value) > 0),
    "$toBool": _short(Kind.BOOL),
    "$toDate": _short(Kind.DATE),
    "$toDecimal": _short(Kind.DECIMAL),
    "$toDouble": _short(Kind.DOUBLE),
    "$toInt": _short(Kind.INT),
    "$toLong": _short(Kind.LONG),
    "$toObjectId": _short(Kind.OBJECT_ID),
    "$toString": _short(Kind.STRING),
    "$type": Fixed(name_of),
}
