"""Codecs of text, ascii and blob.

Source: "Data types" and "Constants" of Cassandra's CQL reference; section 6 of the native
protocol's specification, version 5.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from json.encoder import encode_basestring
from typing import Any

from fivefold.values.cql.faults import invalid_value
from fivefold.values.cql.making import ValueCodec, expected, java_class, java_text, refused
from fivefold.values.cql.types import SCALARS, CqlType
from fivefold.values.types import BYTEA, TEXT

_LOW_ESCAPE = re.compile(r"\\u00[01][0-9a-f]")
_ESCAPED, _END = b"\x00\xff", b"\x00\x00"

NOT_ASCII = (
    "Invalid ASCII character in string literal: "
    "java.nio.charset.UnmappableCharacterException: Input length = 1"
)


def quoted_json(text: str) -> str:
    """Return a text as a string of JSON, as Cassandra writes it: only what must be is escaped."""
    shown = encode_basestring(text)
    if "\\u00" in shown:
        return _LOW_ESCAPE.sub(lambda found: "\\u" + found[0][2:].upper(), shown)
    return shown


def quoted_literal(text: str) -> str:
    """Return a text in the quotes of CQL."""
    return "'" + text.replace("'", "''") + "'"


def bytes_key(data: bytes) -> bytes:
    """Return bytes that sort as ``data`` do, none of which is the beginning of another."""
    return data.replace(b"\x00", _ESCAPED) + _END


def read_bytes_key(key: bytes, at: int) -> tuple[bytes, int]:
    """Return what ``bytes_key`` was made of, and where it ends."""
    end = key.index(b"\x00", at)
    while key[end + 1] == 0xFF:
        end = key.index(b"\x00", end + 2)
    return key[at:end].replace(_ESCAPED, b"\x00"), end + 2


def text_codec(type: CqlType) -> ValueCodec:
    """Return the codec of text."""

    def from_wire(wire: bytes | None) -> str | None:
        if wire is None:
            return None
        try:
            return str(wire, "utf-8")
        except UnicodeDecodeError:
            raise invalid_value("String didn't validate.") from None

    def parse(value: Any) -> str:
        if isinstance(value, str):
            return whole(value)
        raise expected("a UTF-8 string", value)

    def load(value: Any) -> str:
        if isinstance(value, str):
            return whole(value)
        if isinstance(value, bytes):
            return from_wire(value) or ""
        raise refused(value, type)

    def read_key(key: bytes, at: int) -> tuple[str, int]:
        data, at = read_bytes_key(key, at)
        return data.decode(), at

    return ValueCodec(
        type,
        TEXT,
        encode=str.encode,
        from_wire=from_wire,
        json=quoted_json,
        parse=parse,
        from_item=str,
        literal=quoted_literal,
        unplain=whole,
        load=load,
        write_key=lambda stored: bytes_key(stored.encode()),
        read_key=read_key,
        native=True,
        fixed="s",
    )


def whole(text: str) -> str:
    """Return a text if UTF-8 can say it: one half of a surrogate pair cannot be said."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise invalid_value("String didn't validate.") from None
    return text


def ascii_codec(type: CqlType) -> ValueCodec:
    """Return the codec of ascii."""

    def from_wire(wire: bytes | None) -> str | None:
        if wire is None:
            return None
        try:
            return str(wire, "ascii")
        except UnicodeDecodeError as error:
            found = wire[error.start] - 256
            raise invalid_value(f"Invalid byte for ascii: {found}") from None

    def checked(value: str) -> str:
        if value.isascii():
            return value
        raise invalid_value(NOT_ASCII)

    def parse(value: Any) -> str:
        if isinstance(value, str):
            return checked(value)
        raise expected("an ascii string", value)

    def load(value: Any) -> str:
        if isinstance(value, str):
            return checked(value)
        if isinstance(value, bytes):
            return from_wire(value) or ""
        raise refused(value, type)

    def read_key(key: bytes, at: int) -> tuple[str, int]:
        data, at = read_bytes_key(key, at)
        return data.decode(), at

    return ValueCodec(
        type,
        TEXT,
        encode=str.encode,
        from_wire=from_wire,
        json=quoted_json,
        parse=parse,
        from_item=str,
        literal=quoted_literal,
        unplain=checked,
        load=load,
        write_key=lambda stored: bytes_key(stored.encode()),
        read_key=read_key,
        native=True,
        fixed="s",
    )


# Blobs


def hex_bytes(digits: str) -> bytes:
    """Return the bytes of hexadecimal digits, with Cassandra's message for what are none."""
    try:
        if " " not in digits:
            return bytes.fromhex(digits)
    except ValueError:
        pass
    raise invalid_value(f"cannot parse '{digits}' as hex bytes")


def blob_codec(type: CqlType) -> ValueCodec:
    """Return the codec of blob."""

    def json(stored: bytes) -> str:
        return f'"0x{stored.hex()}"'

    def parse(value: Any) -> bytes:
        text = java_text(value)
        start = f"Value '{text}' is not a valid blob representation: "
        if not isinstance(value, str):
            found = java_class(value)
            package = "java.lang" if found not in {"ArrayList", "LinkedHashMap"} else "java.util"
            raise invalid_value(
                f"{start}class {package}.{found} cannot be cast to class java.lang.String "
                f"({package}.{found} and java.lang.String are in module java.base of loader "
                "'bootstrap')"
            )
        if not value.startswith("0x"):
            raise invalid_value(
                f"{start}String representation of blob is missing 0x prefix: {text}"
            )
        try:
            return bytes.fromhex(value[2:])
        except ValueError:
            raise invalid_value(f"{start}cannot parse '{value[2:]}' as hex bytes") from None

    def load(value: Any) -> bytes:
        if isinstance(value, (bytes, bytearray, memoryview)):
            return bytes(value)
        raise refused(value, type)

    return ValueCodec(
        type,
        BYTEA,
        encode=bytes,
        from_wire=lambda wire: wire,
        json=json,
        parse=parse,
        from_item=lambda value: bytes.fromhex(value[2:]),
        literal=lambda stored: f"0x{stored.hex()}",
        load=load,
        write_key=bytes_key,
        read_key=read_bytes_key,
        fixed="b",
    )


MAKERS: dict[CqlType, Callable[[CqlType], ValueCodec]] = {
    SCALARS["text"]: text_codec,
    SCALARS["ascii"]: ascii_codec,
    SCALARS["blob"]: blob_codec,
}
