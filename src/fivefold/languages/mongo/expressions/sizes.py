"""$bsonSize and $binarySize. Source: manual, "Data Size Operators"."""

from __future__ import annotations

from typing import Any

from fivefold.languages.mongo.expressions.forms import Fixed, Operator
from fivefold.languages.mongo.expressions.terms import name_of, nullish
from fivefold.values.documents.codec import encode
from fivefold.values.documents.faults import fault


def _bson_size(value: Any) -> int | None:
    if nullish(value):
        return None
    if not isinstance(value, dict):
        raise fault(31393, f"$bsonSize requires a document input, found: {name_of(value)}")
    return len(encode(value))


def _binary_size(value: Any) -> int | None:
    if nullish(value):
        return None
    if isinstance(value, str):
        return len(value.encode())
    if isinstance(value, bytes):
        return len(value)
    raise fault(
        51276, f"$binarySize requires a string or BinData argument, found: {name_of(value)}"
    )


OPERATORS: dict[str, Operator] = {
    "$binarySize": Fixed(_binary_size),
    "$bsonSize": Fixed(_bson_size),
}
