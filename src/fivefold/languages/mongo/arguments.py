"""Reading a command's fields, with the words MongoDB has for those that are not right.

A field is called ``command.field`` in messages, as in "BSON field 'find.limit'".
"""

from __future__ import annotations

from typing import Any

from bson.decimal128 import Decimal128

from fivefold.errors import FivefoldError
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import ALIASES, NAMES, Document, kind_of

_CLASSES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "bool": (bool,),
}


def type_name(value: object) -> str:
    """Return MongoDB's name of a value's type."""
    return NAMES[kind_of(value)]


def wrong_type(field: str, value: object, *expected: str) -> FivefoldError:
    """Return what is raised for a field of another type than one of those expected."""
    wanted = (
        f"expected type '{expected[0]}'"
        if len(expected) == 1
        else f"expected types '[{', '.join(expected)}]'"
    )
    return fault(14, f"BSON field '{field}' is the wrong type '{type_name(value)}', {wanted}")


def missing(field: str) -> FivefoldError:
    """Return what is raised for a field that has to be there."""
    return fault(40414, f"BSON field '{field}' is missing but a required field")


def unknown(field: str) -> FivefoldError:
    """Return what is raised for a field that nobody knows."""
    return fault(40415, f"BSON field '{field}' is an unknown field.")


def take(command: Document, name: str, expected: str, default: Any = None) -> Any:
    """Return a field of type ``object``, ``array``, ``string`` or ``bool``; null is as absent."""
    value = command.get(name)
    if value is None:
        return default
    if not isinstance(value, _CLASSES[expected]):
        raise wrong_type(f"{next(iter(command))}.{name}", value, expected)
    return value


def need(command: Document, name: str, expected: str) -> Any:
    """Return such a field, which has to be there."""
    if command.get(name) is None:
        raise missing(f"{next(iter(command))}.{name}")
    return take(command, name, expected)


def whole_number(value: object, field: str) -> int:
    """Return an integer given as any kind of number. Raises 14 for no number, 9 for a fraction."""
    if isinstance(value, bool):
        raise wrong_type(field, value, "int", "decimal", "double", "long")
    if isinstance(value, int):
        return int(value)
    if isinstance(value, Decimal128):
        exact = value.to_decimal()
        if exact.is_finite() and exact == exact.to_integral_value():
            return int(exact)
    elif isinstance(value, float):
        if value.is_integer():
            return int(value)
    else:
        raise wrong_type(field, value, "int", "decimal", "double", "long")
    raise fault(9, f"Expected an integer, but found a number with a fraction in: {field}: {value}")


def take_number(
    command: Document, name: str, default: int, *, least: int | None = None, most: int | None = None
) -> int:
    """Return a field that is a whole number. Raises 51024 outside of ``least`` to ``most``."""
    value = command.get(name)
    if value is None:
        return default
    field = f"{next(iter(command))}.{name}"
    number = whole_number(value, field)
    if least is not None and number < least:
        said = f"BSON field '{name}' value must be >= {least}, actual value '{number}'"
        raise fault(51024, said)
    if most is not None and number > most:
        said = f"BSON field '{name}' value must be <= {most}, actual value '{number}'"
        raise fault(51024, said)
    return number


def truth(value: object) -> bool:
    """Say whether a value counts as true: a bool, or a number that is not zero."""
    if isinstance(value, Decimal128):
        return bool(value.to_decimal())
    return bool(value)


def take_flag(command: Document, name: str, default: bool = False) -> bool:
    """Return a field that MongoDB reads as a bool though it may be a number."""
    value = command.get(name)
    if value is None:
        return default
    if not isinstance(value, (bool, int, float, Decimal128)):
        field = f"{next(iter(command))}.{name}"
        raise wrong_type(field, value, "bool", "long", "int", "decimal", "double")
    return truth(value)


assert {*_CLASSES} <= {*ALIASES}
