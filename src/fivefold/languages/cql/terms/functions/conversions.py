"""to_json, from_json and token.

Source: "JSON support" and "Token function" of Cassandra's CQL reference.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from fivefold.errors import FivefoldError
from fivefold.languages.cql.tables import ColumnFamily
from fivefold.languages.cql.terms.functions.signatures import (
    Factory,
    Function,
    Parameter,
    any_type,
    no_guess,
)
from fivefold.values.cql.codecs import codec_of
from fivefold.values.cql.faults import function_failed, invalid
from fivefold.values.cql.tokens import partition_encoder, token_of
from fivefold.values.cql.types import BIGINT, TEXT, CqlType
from fivefold.values.types import Stored


def _to_json(name: str, types: tuple[CqlType, ...], _receiver: CqlType | None) -> Function:
    show = codec_of(types[0]).to_json

    def call(value: Stored) -> str:
        return "null" if value is None else show(value)

    return Function(name, types, TEXT, call, True, True, by_factory=True)


def _from_json(name: str, types: tuple[CqlType, ...], receiver: CqlType | None) -> Function:
    if receiver is None:
        raise invalid(f"{name}() cannot be used in the selection clause of a SELECT statement")
    read = codec_of(receiver).from_json

    def call(text: str | None) -> Stored:
        if text is None:
            return None
        try:
            value = decode_json(text)
        except ValueError as error:
            raise function_failed(
                f"execution of 'system.{name}[text]' failed:"
                f" Could not decode JSON string '{text}': {error}",
                "system",
                name,
                ("text",),
            ) from None
        try:
            return None if value is None else read(value)
        except FivefoldError as error:
            message = f"org.apache.cassandra.serializers.MarshalException: {error}"
            raise function_failed(message, "system", name, ("text",)) from None

    return Function(name, types, receiver, call, True, True, by_factory=True)


def decode_json(text: str) -> Any:
    """Return what JSON says, as codecs read it. Raises ValueError."""
    return json.loads(text)


def _text(_types: Sequence[CqlType], _receiver: CqlType | None) -> CqlType:
    return TEXT


def token(family: ColumnFamily) -> Function:
    """Return ``token`` of a table's partition key."""
    codecs = [column.codec for column in family.partition]
    encode = partition_encoder(codecs)

    def call(*values: Stored) -> int:
        return token_of(encode(values))

    types = tuple(codec.type for codec in codecs)
    return Function("token", types, BIGINT, call, stored=True)


_ANY = (Parameter("any", any_type, no_guess),)
_TEXT = (Parameter("text", any_type, _text),)

FACTORIES: tuple[Factory, ...] = (
    Factory("to_json", _ANY, _to_json),
    Factory("tojson", _ANY, _to_json),
    Factory("from_json", _TEXT, _from_json),
    Factory("fromjson", _TEXT, _from_json),
)
