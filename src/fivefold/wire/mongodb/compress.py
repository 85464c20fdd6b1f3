"""The compressors of OP_COMPRESSED: zlib always, snappy and zstd where they are installed.

Source: the drivers' specification "Wire Compression". Whoever decompresses is told first how much
will come out, and no more than that is ever made.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from fivefold.errors import ProtocolFault

UNCOMPRESSED = frozenset(
    {
        "hello",
        "isMaster",
        "ismaster",
        "saslStart",
        "saslContinue",
        "getnonce",
        "authenticate",
        "createUser",
        "updateUser",
        "copydbSaslStart",
        "copydbgetnonce",
        "copydb",
    }
)
"""What is never compressed, nor are the answers to it: its length would tell of secrets."""


@dataclass(frozen=True, slots=True)
class Compressor:
    """``decompress`` takes bytes and how many they are to become. Raises ProtocolFault."""

    number: int
    name: str
    compress: Callable[[bytes], bytes]
    decompress: Callable[[bytes, int], bytes]


def _broken(name: str) -> ProtocolFault:
    return ProtocolFault(f"a message compressed by {name} cannot be decompressed")


def _inflate(data: bytes, size: int) -> bytes:
    stream = zlib.decompressobj()
    try:
        found = stream.decompress(data, size + 1)
    except zlib.error:
        raise _broken("zlib") from None
    if len(found) != size or not stream.eof or stream.unused_data:
        raise _broken("zlib")
    return found


def _snappy(module: Any) -> Compressor:
    def decompress(data: bytes, size: int) -> bytes:
        if _snappy_size(data) != size:  # it would be made before it could be looked at
            raise _broken("snappy")
        try:
            found: bytes = module.uncompress(data)
        except Exception as error:  # its backends raise what they like
            raise _broken("snappy") from error
        if len(found) != size:
            raise _broken("snappy")
        return found

    return Compressor(1, "snappy", module.compress, decompress)


def _snappy_size(data: bytes) -> int:
    """Return the size that a snappy block begins with, a little-endian base-128 number."""
    size = 0
    for place, byte in enumerate(data[:5]):
        size |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return size
    return -1


def _zstd(module: Any) -> Compressor:
    def decompress(data: bytes, size: int) -> bytes:
        stream = module.ZstdDecompressor()
        try:
            found: bytes = stream.decompress(data, size + 1)
        except module.ZstdError:
            raise _broken("zstd") from None
        if len(found) != size or not stream.eof or stream.unused_data:
            raise _broken("zstd")
        return found

    return Compressor(3, "zstd", module.compress, decompress)


@cache
def compressors() -> dict[str, Compressor]:
    """Return the compressors there are, by name."""
    found = {"zlib": Compressor(2, "zlib", zlib.compress, _inflate)}
    for name, make in (
        ("snappy", _snappy),
        ("compression.zstd", _zstd),
        ("backports.zstd", _zstd),
    ):
        with suppress(ImportError):
            each = make(import_module(name))
            found.setdefault(each.name, each)
    return found


@cache
def by_number() -> dict[int, Compressor]:
    """Return the compressors by the numbers they have in messages."""
    return {each.number: each for each in compressors().values()}
