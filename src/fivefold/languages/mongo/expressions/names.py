"""What names fields and variables may have in an expression."""

from __future__ import annotations

from fivefold.values.documents.faults import fault
from fivefold.values.documents.paths import OF_REFERENCES


def check_name(name: str) -> None:
    """Raise what is wrong with a field's name in an object or a path."""
    if not name:
        raise fault(15998, "FieldPath field names may not be empty strings.")
    if name[0] == "$" and name not in OF_REFERENCES:
        raise fault(
            16410,
            "FieldPath field names may not start with '$'. Consider using $getField or $setField.",
        )
    if "." in name:
        raise fault(
            16412,
            "FieldPath field names may not contain '.'. Consider using $getField or $setField.",
        )
    if "\0" in name:
        raise fault(16411, "FieldPath field names may not contain '\0'.")


def check_variable(name: str, user: bool = False) -> None:
    """Raise what is wrong with a variable's name; a ``user`` may not begin one with a capital."""
    if not name:
        raise fault(16866, "empty variable names are not allowed")
    first = name[0]
    if user and not (first.islower() or ord(first) > 127) and name != "CURRENT":
        raise fault(16867, f"'{name}' starts with an invalid character for a user variable name")
    if not (first.isalpha() or ord(first) > 127 or (first == "_" and not user)):
        raise fault(16867, f"'{name}' starts with an invalid character for a variable name")
    for each in name[1:]:
        if not (each.isalnum() or each == "_" or ord(each) > 127):
            raise fault(
                16868, f"'{name}' contains an invalid character for a variable name: '{each}'"
            )
