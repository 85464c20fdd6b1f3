"""The frames of version 5: checksums around envelopes.

A frame has a header with a CRC24 of its own, up to 128 KiB less one byte of payload, and a CRC32.
One that is *self-contained* holds whole envelopes; others hold a part of one. Where the two sides
agreed on LZ4, the header says both sizes, and 0 for the original one where the payload is not
compressed. Numbers are little-endian.

Source: native_protocol_v5.spec, section 2, "Frame format".
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from fivefold.errors import ProtocolFault
from fivefold.wire.cassandra.compress import Compressor

PAYLOAD_BYTES_MAX = 128 * 1024 - 1

_SIZE = PAYLOAD_BYTES_MAX
_SIZE_BITS = 17

_CRC24_START = 0x875060
_CRC24_POLYNOMIAL = 0x1974F0B
_CRC32_START = zlib.crc32(b"\xfa\x2d\x55\xca")

PLAIN_HEADER_BYTES = 6
COMPRESSED_HEADER_BYTES = 8
TRAILER_BYTES = 4

COMPRESSED_BYTES_MIN = 256
"""Payloads below it are sent as they are: compressing them saves nothing worth its time."""

_HEADERS_CACHED = 4_096
"""Headers whose checksums are remembered: messages of the same sizes come again and again."""


@cache
def _crc24_table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        value = byte << 16
        for _ in range(8):
            value <<= 1
            if value & 0x1000000:
                value ^= _CRC24_POLYNOMIAL
        table.append(value)
    return tuple(table)


@lru_cache(_HEADERS_CACHED)
def crc24(header: int, size: int) -> int:
    """Return the checksum of a header of so many bytes, lowest first."""
    table = _crc24_table()
    value = _CRC24_START
    for _ in range(size):
        value = (value << 8 & 0xFFFF00) ^ table[value >> 16 ^ header & 0xFF]
        header >>= 8
    return value


@lru_cache(_HEADERS_CACHED)
def _plain_header(header: int) -> bytes:
    return header.to_bytes(3, "little") + crc24(header, 3).to_bytes(3, "little")


@dataclass(slots=True, eq=False)
class Frame:
    """One frame that was read, and where it ends."""

    payload: bytes
    self_contained: bool
    end: int


def read_frame(data: bytes, at: int, compressor: Compressor | None) -> Frame | None:
    """Return the frame that begins there, None if it is not whole. Raises ProtocolFault."""
    header_bytes = PLAIN_HEADER_BYTES if compressor is None else COMPRESSED_HEADER_BYTES
    start = at + header_bytes
    if len(data) < start:
        return None
    fields = start - 3
    header = int.from_bytes(data[at:fields], "little")
    told = int.from_bytes(data[fields:start], "little")
    computed = crc24(header, header_bytes - 3)
    if told != computed:
        raise ProtocolFault(
            f"unrecoverable CRC mismatch detected in frame header. Read {told}, Computed {computed}"
        )
    size = header & _SIZE
    end = start + size
    if len(data) < end + TRAILER_BYTES:
        return None
    payload = data[start:end]
    told = int.from_bytes(data[end : end + TRAILER_BYTES], "little")
    computed = zlib.crc32(payload, _CRC32_START)
    if told != computed:
        raise ProtocolFault(
            f"unrecoverable CRC mismatch detected in frame body. Read {told}, Computed {computed}"
        )
    header >>= _SIZE_BITS
    if compressor is not None:
        original = header & _SIZE
        header >>= _SIZE_BITS
        if original:
            payload = compressor.decompress(payload, original)
    return Frame(payload, bool(header & 1), end + TRAILER_BYTES)


def encode_frame(payload: bytes, self_contained: bool, compressor: Compressor | None) -> bytes:
    """Return a frame."""
    if compressor is None:
        header = _plain_header(len(payload) | self_contained << _SIZE_BITS)
    else:
        original = 0
        if len(payload) >= COMPRESSED_BYTES_MIN:
            compressed = compressor.compress(payload)
            if len(compressed) < len(payload):
                original, payload = len(payload), compressed
        number = len(payload) | original << _SIZE_BITS | self_contained << 2 * _SIZE_BITS
        header = number.to_bytes(5, "little") + crc24(number, 5).to_bytes(3, "little")
    trailer = zlib.crc32(payload, _CRC32_START).to_bytes(TRAILER_BYTES, "little")
    return header + payload + trailer


def encode_frames(envelopes: Iterable[bytes], compressor: Compressor | None) -> Iterator[bytes]:
    """Yield frames of envelopes, as many in each as there is room for."""
    gathered: list[bytes] = []
    size = 0
    for envelope in envelopes:
        if gathered and size + len(envelope) > PAYLOAD_BYTES_MAX:
            yield encode_frame(b"".join(gathered), True, compressor)
            gathered, size = [], 0
        if len(envelope) > PAYLOAD_BYTES_MAX:
            for at in range(0, len(envelope), PAYLOAD_BYTES_MAX):
                yield encode_frame(envelope[at : at + PAYLOAD_BYTES_MAX], False, compressor)
            continue
        gathered.append(envelope)
        size += len(envelope)
    if gathered:
        yield encode_frame(b"".join(gathered), True, compressor)
