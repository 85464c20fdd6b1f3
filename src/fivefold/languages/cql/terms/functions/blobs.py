"""Conversions of values into blobs, and back.

Source: "Blob conversion functions" of Cassandra's CQL reference.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fivefold.errors import FivefoldError
from fivefold.languages.cql.terms.functions.signatures import Function
from fivefold.values.cql.codecs import codec_of
from fivefold.values.cql.faults import invalid
from fivefold.values.cql.types import BLOB, SCALARS, CqlType


def _to_blob(name: str, type: CqlType) -> Function:
    return Function(name, (type,), BLOB, codec_of(type).to_wire, stored=True)


def _from_blob(name: str, type: CqlType) -> Function:
    from_wire = codec_of(type).from_wire

    def call(blob: bytes) -> Any:
        try:
            return from_wire(blob)
        except FivefoldError:
            raise invalid(
                f"In call to function system.{name}, value 0x{blob.hex()} is not a valid"
                f" binary representation for type {type.name}"
            ) from None

    return Function(name, (BLOB,), type, call, stored=True)


def _functions() -> Iterator[Function]:
    types = {name: type for name, type in SCALARS.items() if name != "blob"}
    for name, type in {**types, "varchar": SCALARS["text"]}.items():
        yield _to_blob(f"{name}_as_blob", type)
        yield _to_blob(f"{name}asblob", type)
        yield _from_blob(f"blob_as_{name}", type)
        yield _from_blob(f"blobas{name}", type)


FUNCTIONS: tuple[Function, ...] = tuple(_functions())
