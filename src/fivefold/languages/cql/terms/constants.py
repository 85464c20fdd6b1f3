"""Constants: of which types they may be.

Source: "Constants" of Cassandra's CQL reference.
"""

from __future__ import annotations

import uuid
from decimal import Decimal

from fivefold.languages.cql.terms.matching import Match
from fivefold.languages.cql.tree import Constant
from fivefold.values.cql import types
from fivefold.values.cql.constants import constant_fits
from fivefold.values.cql.types import CqlType


def preferred(constant: Constant) -> CqlType | None:
    """Return the type that a constant has where nothing else says one."""
    kind, text = constant.kind, constant.text
    match kind:
        case "string":
            return types.ASCII if text.isascii() else types.TEXT
        case "integer":
            bits = int(text).bit_length() if int(text) >= 0 else (-int(text) - 1).bit_length()
            return types.INT if bits < 32 else types.BIGINT if bits < 64 else types.VARINT
        case "float":
            return _of_float(text)
        case "uuid":
            return types.TIMEUUID if uuid.UUID(text).version == 1 else types.UUID
        case "null":
            return None
    return {"boolean": types.BOOLEAN, "hex": types.BLOB, "duration": types.DURATION}[kind]


def _of_float(text: str) -> CqlType:
    if text.lstrip("-").lower() in ("nan", "infinity"):
        return types.DOUBLE
    number = float(text)
    return types.DOUBLE if Decimal(repr(number)) == Decimal(text) else types.DECIMAL


def match(constant: Constant, receiver: CqlType) -> Match:
    """Say how a constant goes into a receiver."""
    if constant.kind == "null":
        return Match.WEAKLY
    if preferred(constant) == receiver:
        return Match.EXACTLY
    return Match.WEAKLY if constant_fits(constant.kind, receiver) else Match.NOT
