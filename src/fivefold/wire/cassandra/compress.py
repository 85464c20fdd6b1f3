"""The compressors of STARTUP, where they are installed: lz4, and snappy before version 5.

Whoever decompresses is told how much will come out, or reads it where a block begins, and no more
than that is ever made.

Source: native_protocol_v5.spec, section 5.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from fivefold.errors import ProtocolFault
from fivefold.wire import limits


@dataclass(frozen=True, slots=True)
class Compressor:
    """``compress`` and ``decompress`` are of blocks, ``pack`` and ``unpack`` of bodies.

    Bodies are those of versions 3 and 4; lz4's begin with their size. Raises ProtocolFault.
    """

    name: str
    compress: Callable[[bytes], bytes]
    decompress: Callable[[bytes, int], bytes]
    pack: Callable[[bytes], bytes]
    unpack: Callable[[bytes], bytes]


def _broken(name: str) -> ProtocolFault:
    return ProtocolFault(f"a body compressed by {name} cannot be decompressed")


def _lz4(module: Any) -> Compressor:
    def compress(data: bytes) -> bytes:
        found: bytes = module.compress(data, store_size=False)
        return found

    def decompress(data: bytes, size: int) -> bytes:
        try:
            found: bytes = module.decompress(data, uncompressed_size=size)
        except module.LZ4BlockError:
            raise _broken("lz4") from None
        if len(found) != size:
            raise _broken("lz4")
        return found

    def pack(data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + compress(data)

    def unpack(data: bytes) -> bytes:
        size = int.from_bytes(data[:4], "big")
        if len(data) < 4 or size > limits.CASSANDRA_MESSAGE_BYTES_MAX:
            raise _broken("lz4")
        return decompress(data[4:], size) if size else b""

    return Compressor("lz4", compress, decompress, pack, unpack)


def _snappy(module: Any) -> Compressor:
    def unpack(data: bytes) -> bytes:
        size = _snappy_size(data)
        if not 0 <= size <= limits.CASSANDRA_MESSAGE_BYTES_MAX:
            raise _broken("snappy")
        try:
            found: bytes = module.uncompress(data)
        except Exception as error:  # its backends raise what they like
            raise _broken("snappy") from error
        return found

    def decompress(data: bytes, size: int) -> bytes:
        if _snappy_size(data) != size:
            raise _broken("snappy")
        return unpack(data)

    return Compressor("snappy", module.compress, decompress, module.compress, unpack)


def _snappy_size(data: bytes) -> int:
    """Return the size that a block begins with, a little-endian base-128 number."""
    size = 0
    for place, byte in enumerate(data[:5]):
        size |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return size
    return -1


@cache
def compressors() -> dict[str, Compressor]:
    """Return the compressors there are, by name, in the order in which Cassandra offers them."""
    found = {}
    for name, make in (("snappy", _snappy), ("lz4.block", _lz4)):
        with suppress(ImportError):
            each = make(import_module(name))
            found[each.name] = each
    return found
