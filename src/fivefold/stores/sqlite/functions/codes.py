"""Types as short text, for functions that take a type as an argument."""

from __future__ import annotations

import json
from functools import lru_cache

from fivefold.values.types import Kind, Type

INDEX_MAX = 2**31 - 1
"""The largest index of an array: what stands for the end of a slice without one."""

TYPES_MAX = 1024  # distinct types of one process, with their modifiers


def code_of(type_: Type) -> str:
    """Return a type's code: ``int4``, ``varchar:10``, ``numeric::10:2``, ``text[]``."""
    if type_.element is not None:
        return f"{code_of(type_.element)}[]"
    if type_.kind is Kind.ENUM:
        return f"enum:{json.dumps([type_.name, type_.labels]).encode().hex()}"
    if type_.kind is Kind.RECORD:
        fields = [[name, code_of(field)] for name, field in type_.fields]
        return f"record:{json.dumps([type_.name, fields]).encode().hex()}"
    parts = (type_.length, type_.precision, type_.scale)
    return ":".join([type_.kind.value, *["" if one is None else str(one) for one in parts]]).rstrip(
        ":"
    )


@lru_cache(TYPES_MAX)
def type_of_code(code: str) -> Type:
    """Return the type of a code."""
    if code.endswith("[]"):
        return Type(Kind.ARRAY, element=type_of_code(code[:-2]))
    kind, *parts = code.split(":")
    if kind == "enum":
        name, labels = json.loads(bytes.fromhex(parts[0]))
        return Type(Kind.ENUM, name=tuple(name), labels=tuple(labels))
    if kind == "record":
        name, fields = json.loads(bytes.fromhex(parts[0]))
        return Type(
            Kind.RECORD,
            name=None if name is None else tuple(name),
            fields=tuple([(field, type_of_code(one)) for field, one in fields]),
        )
    numbers = [int(part) if part else None for part in parts] + [None] * 3
    return Type(Kind(kind), numbers[0], numbers[1], numbers[2])
