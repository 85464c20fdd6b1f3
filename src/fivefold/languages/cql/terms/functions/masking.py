"""Functions that mask values.

Source: "Data masking functions" of Cassandra's CQL reference. A number of characters to leave that
is null, or less than nothing, is none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

from fivefold.languages.cql.terms.functions.javamath import BITS
from fivefold.languages.cql.terms.functions.signatures import (
    Factory,
    Function,
    Parameter,
    any_type,
    no_guess,
)
from fivefold.values.cql.codecs import codec_of
from fivefold.values.cql.collections import put_together
from fivefold.values.cql.faults import invalid
from fivefold.values.cql.types import BLOB, INT, TEXT, CqlType
from fivefold.values.types import Stored


def _receivers(_types: Sequence[CqlType], receiver: CqlType | None) -> CqlType | None:
    return receiver


def _first_type(types: Sequence[CqlType], _receiver: CqlType | None) -> CqlType:
    return types[0]


def _always(type: CqlType) -> Callable[[Sequence[CqlType], CqlType | None], CqlType]:
    return lambda _types, _receiver: type


def _is_text(type: CqlType) -> str | None:
    good = type.name in ("text", "ascii")
    return None if good else "an argument of type [text|varchar|ascii]"


def _function(
    name: str, types: tuple[CqlType, ...], returns: CqlType, call: Callable[..., Any]
) -> Function:
    return Function(name, types, returns, call, True, True, by_factory=True)


def _null(name: str, types: tuple[CqlType, ...], _receiver: CqlType | None) -> Function:
    return _function(name, types, types[0], lambda _value: None)


_DEFAULTS: dict[str, Stored] = {
    **dict.fromkeys((*BITS, "date", "time", "timestamp", "boolean"), 0),
    **dict.fromkeys(("text", "ascii"), "****"),
    **dict.fromkeys(("varint", "decimal"), "0"),
    **dict.fromkeys(("float", "double"), 0.0),
    "blob": b"",
}

_DEFAULT_WIRES = {
    "uuid": bytes(16),
    "timeuuid": bytes.fromhex("1381 4000 1dd2 11b2 8080 8080 8080 8080".replace(" ", "")),
    "inet": bytes(4),
    "duration": bytes(3),
}


def default_of(type: CqlType) -> Stored:
    """Return what a type's values are masked with."""
    if type.name in _DEFAULTS:
        return _DEFAULTS[type.name]
    codec = codec_of(type)
    if type.name in _DEFAULT_WIRES:
        masked: Stored = codec.from_wire(_DEFAULT_WIRES[type.name])
        return masked
    if type.is_collection:
        return put_together(codec, [])
    parts = list(type.parameters) or [part for _, part in type.fields]
    if type.name == "vector":
        parts *= type.dimension
    return put_together(codec, list(map(default_of, parts)))


def _default(name: str, types: tuple[CqlType, ...], _receiver: CqlType | None) -> Function:
    masked = default_of(types[0])
    return _function(name, types, types[0], lambda value: None if value is None else masked)


def _replace(name: str, types: tuple[CqlType, ...], _receiver: CqlType | None) -> Function:
    return _function(name, types, types[0], lambda _value, put: put)


def _hash(name: str, types: tuple[CqlType, ...], _receiver: CqlType | None) -> Function:
    to_wire = codec_of(types[0]).to_wire

    def call(value: Stored, algorithm: str | None = None) -> bytes | None:
        found = (algorithm or "SHA-256").upper()
        if found not in _ALGORITHMS:
            raise invalid(f"Hash algorithm not found: {algorithm}")
        wire = to_wire(value)
        return None if wire is None else _ALGORITHMS[found](wire).digest()

    return _function(name, types, BLOB, call)


_ALGORITHMS: dict[str, Callable[[bytes], Any]] = {
    "MD5": hashlib.md5,
    "SHA": hashlib.sha1,
    "SHA-1": hashlib.sha1,
    "SHA-224": hashlib.sha224,
    "SHA-256": hashlib.sha256,
    "SHA-384": hashlib.sha384,
    "SHA-512": hashlib.sha512,
    "SHA3-224": hashlib.sha3_224,
    "SHA3-256": hashlib.sha3_256,
    "SHA3-384": hashlib.sha3_384,
    "SHA3-512": hashlib.sha3_512,
}


def _padding(name: str, padding: str | None) -> str:
    if padding is None:
        return "*"
    if len(padding) != 1:
        raise invalid(
            f"The padding argument for function system.{name} should be single-character,"
            f" but '{padding}' has {len(padding)} characters."
        )
    return padding


def _inner(value: str, begin: int, end: int, padding: str) -> str:
    hidden = len(value) - begin - end
    return value if hidden <= 0 else f"{value[:begin]}{padding * hidden}{value[len(value) - end :]}"


def _outer(value: str, begin: int, end: int, padding: str) -> str:
    size = len(value)
    if begin + end >= size:
        return padding * size
    return f"{padding * begin}{value[begin : size - end]}{padding * end}"


def _partial(mask: Callable[[str, int, int, str], str]) -> Callable[..., Function]:
    def make(name: str, types: tuple[CqlType, ...], _receiver: CqlType | None) -> Function:
        def call(
            value: str | None, begin: int | None, end: int | None, padding: str | None = None
        ) -> str | None:
            put = _padding(name, padding)
            if value is None:
                return None
            return mask(value, max(begin or 0, 0), max(end or 0, 0), put)

        return _function(name, types, types[0], call)

    return make


_ANY = Parameter("any", any_type, no_guess)
_PARTIAL = (
    Parameter("[text|varchar|ascii]", _is_text, lambda _types, receiver: _text(receiver)),
    Parameter("int", any_type, _always(INT)),
    Parameter("int", any_type, _always(INT)),
    Parameter("text", any_type, _always(TEXT), optional=True),
)


def _text(receiver: CqlType | None) -> CqlType | None:
    return receiver if receiver is not None and receiver.name in ("text", "ascii") else None


FACTORIES: tuple[Factory, ...] = (
    Factory("mask_null", (Parameter("any", any_type, _receivers),), _null),
    Factory("mask_default", (Parameter("any", any_type, _receivers),), _default),
    Factory(
        "mask_replace",
        (Parameter("any", any_type, _receivers), Parameter("any", any_type, _first_type)),
        _replace,
    ),
    Factory("mask_inner", _PARTIAL, _partial(_inner)),
    Factory("mask_outer", _PARTIAL, _partial(_outer)),
    Factory(
        "mask_hash",
        (_ANY, Parameter("text", any_type, _always(TEXT), optional=True)),
        _hash,
    ),
)
