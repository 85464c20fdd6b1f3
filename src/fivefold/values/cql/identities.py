"""Codecs of uuid, timeuuid and inet.

Source: "Data types" of Cassandra's CQL reference; section 6 of the native protocol's
specification, version 5.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import AddressValueError, IPv4Address, IPv6Address, ip_address
from typing import Any
from uuid import UUID

from fivefold.values.cql.faults import invalid_value
from fivefold.values.cql.making import ValueCodec, expected, refused
from fivefold.values.cql.strings import bytes_key, read_bytes_key
from fivefold.values.cql.types import SCALARS, CqlType
from fivefold.values.cql.uuids import (
    text_of,
    timeuuid_from_stored,
    timeuuid_to_stored,
    uuid_from_stored,
    uuid_to_stored,
)
from fivefold.values.types import BYTEA

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_ONLY_1 = "TimeUUID supports only version 1 UUIDs"


def uuid_of_text(text: str) -> bytes:
    """Return the stored uuid of its text."""
    if not _UUID.fullmatch(text):
        raise invalid_value(f"Unable to make UUID from '{text}'")
    return uuid_to_stored(bytes.fromhex(text.replace("-", "")))


def timeuuid_of_text(text: str) -> bytes:
    """Return the stored timeuuid of its text."""
    if not _UUID.fullmatch(text):
        raise invalid_value(f"Unknown timeuuid representation: {text}")
    if text[14] != "1":
        raise invalid_value(_ONLY_1)
    return timeuuid_to_stored(bytes.fromhex(text.replace("-", "")))


def uuid_codec(type: CqlType) -> ValueCodec:
    """Return the codec of uuid or timeuuid."""
    timed = type.name == "timeuuid"
    encode, store = (
        (timeuuid_from_stored, timeuuid_to_stored) if timed else (uuid_from_stored, uuid_to_stored)
    )
    of_text = timeuuid_of_text if timed else uuid_of_text

    def from_wire(wire: bytes | None) -> bytes | None:
        if not wire:  # nothing is null, as in Cassandra's older protocols
            return None
        if len(wire) != 16:
            raise invalid_value(f"UUID should be 16 or 0 bytes ({len(wire)})")
        if timed and wire[6] >> 4 != 1:
            raise invalid_value(f"Invalid version for TimeUUID type: 0x{wire[6] >> 4:x}")
        return store(wire)

    def parse(value: Any) -> bytes:
        if isinstance(value, str):
            return of_text(value)
        raise expected(f"a string representation of a {type.name}", value)

    def unplain(value: UUID) -> bytes:
        if timed and value.version != 1 and value.bytes[6] >> 4 != 1:
            raise invalid_value(_ONLY_1)
        return store(value.bytes)

    def load(value: Any) -> bytes:
        if isinstance(value, UUID):
            return unplain(value)
        raise refused(value, type)

    def dump(stored: bytes) -> UUID:
        return UUID(bytes=encode(stored))

    return ValueCodec(
        type,
        BYTEA,
        encode=encode,
        from_wire=from_wire,
        json=lambda stored: f'"{text_of(encode(stored))}"',
        parse=parse,
        literal=lambda stored: text_of(encode(stored)),
        plain=dump,
        unplain=unplain,
        load=load,
        dump=dump,
        write_key=bytes,
        read_key=lambda key, at: (key[at : at + 16], at + 16),
        width=16,
    )


# Addresses

_PART = re.compile(r"0*([0-9]{1,10})")


def address_of_text(text: str) -> bytes:
    """Return an address's bytes; names of hosts are not looked up, but for localhost.

    As in Java the last number of a shorter IPv4 address stands for all bytes that are left, and an
    IPv4 address in IPv6's is one of IPv4.
    """
    if text == "localhost":
        return b"\x7f\x00\x00\x01"
    packed = _ipv6(text) if ":" in text else _ipv4(text)
    if packed is None:
        raise invalid_value(f"Unable to make inet address from '{text}'")
    return packed


def _ipv6(text: str) -> bytes | None:
    try:
        address = IPv6Address(text)
    except AddressValueError:
        return None
    if address.scope_id is not None:
        return None
    mapped = address.ipv4_mapped
    return address.packed if mapped is None else mapped.packed


def _ipv4(text: str) -> bytes | None:
    found = [_PART.fullmatch(part) for part in text.split(".")]
    if not 1 <= len(found) <= 4 or None in found:
        return None
    *first, last = [int(each[1]) for each in found if each is not None]
    if any(part > 255 for part in first) or last >= 1 << 8 * (4 - len(first)):
        return None
    return bytes(first) + last.to_bytes(4 - len(first), "big")


def address_text(packed: bytes) -> str:
    """Return an address as Java shows it: that of IPv6 with all its zeros."""
    if len(packed) == 4:
        return ".".join(map(str, packed))
    return ":".join([f"{packed[at] << 8 | packed[at + 1]:x}" for at in range(0, 16, 2)])


def inet_codec(type: CqlType) -> ValueCodec:
    """Return the codec of inet."""

    def from_wire(wire: bytes | None) -> bytes | None:
        if not wire:  # nothing is null, as in Cassandra's older protocols
            return None
        if len(wire) not in (4, 16):
            raise invalid_value(f"Expected 4 or 16 byte inetaddress; got {wire.hex()}")
        return wire

    def parse(value: Any) -> bytes | None:
        if isinstance(value, str):
            return address_of_text(value) if value else None
        raise expected("a string representation of an inet value", value)

    def load(value: Any) -> bytes:
        if isinstance(value, str):
            return address_of_text(value)
        if isinstance(value, (IPv4Address, IPv6Address)):
            return value.packed
        raise refused(value, type)

    def text(stored: bytes) -> str:
        return str(ip_address(stored))

    return ValueCodec(
        type,
        BYTEA,
        encode=bytes,
        from_wire=from_wire,
        json=lambda stored: f'"{address_text(stored)}"',
        parse=parse,
        literal=lambda stored: f"'{address_text(stored)}'",
        plain=ip_address,
        unplain=lambda plain: plain.packed,
        load=load,
        dump=text,
        write_key=bytes_key,
        read_key=read_bytes_key,
    )


MAKERS: dict[CqlType, Callable[[CqlType], ValueCodec]] = {
    SCALARS["uuid"]: uuid_codec,
    SCALARS["timeuuid"]: uuid_codec,
    SCALARS["inet"]: inet_codec,
}
