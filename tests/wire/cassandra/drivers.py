"""What a driver says: requests as bytes, made apart from what reads them; and hearing answers."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from fivefold.wire.cassandra.messages import Opcode, QueryFlag


def short(number: int) -> bytes:
    return struct.pack(">H", number)


def integer(number: int) -> bytes:
    return struct.pack(">i", number)


def string(text: str) -> bytes:
    return short(len(text.encode())) + text.encode()


def long_string(text: str) -> bytes:
    return integer(len(text.encode())) + text.encode()


def value(data: bytes | int | None) -> bytes:
    """A value; a number is one that stands for itself, as -2."""
    if data is None:
        return integer(-1)
    return integer(data) if isinstance(data, int) else integer(len(data)) + data


def string_map(entries: Mapping[str, str]) -> bytes:
    said = [string(key) + string(each) for key, each in entries.items()]
    return short(len(said)) + b"".join(said)


def envelope(
    version: int, opcode: int, body: bytes = b"", stream: int = 0, flags: int = 0
) -> bytes:
    return struct.pack(">BBhBi", version, flags, stream, opcode, len(body)) + body


def startup(version: int, **options: str) -> bytes:
    said = {"CQL_VERSION": "3.0.0", **options}
    return envelope(version, Opcode.STARTUP, string_map(said))


def parameters(
    version: int,
    values: Sequence[bytes | int | None] = (),
    *,
    names: Sequence[str] = (),
    consistency: int = 1,
    flags: int = 0,
    tail: bytes = b"",
) -> bytes:
    """<query_parameters>; ``tail`` is what ``flags`` say comes behind the values."""
    said = b""
    if values:
        flags |= QueryFlag.VALUES | (QueryFlag.NAMES if names else 0)
        said = short(len(values))
        for number, each in enumerate(values):
            said += (string(names[number]) if names else b"") + value(each)
    head = struct.pack(">Hi" if version >= 5 else ">HB", consistency, flags)
    return head + said + tail


def query(version: int, text: str, *more: bytes, stream: int = 0, flags: int = 0) -> bytes:
    body = long_string(text) + (b"".join(more) if more else parameters(version))
    return envelope(version, Opcode.QUERY, body, stream, flags)


def crc24(data: bytes) -> int:
    """As the specification computes it, bit by bit."""
    value = 0x875060
    for byte in data:
        value ^= byte << 16
        for _ in range(8):
            value <<= 1
            if value & 0x1000000:
                value ^= 0x1974F0B
    return value


def frame(payload: bytes, self_contained: bool = True, *, head: int = 0, body: int = 0) -> bytes:
    """A frame of version 5; ``head`` and ``body`` are added to the checksums, to have them wrong"""
    header = (len(payload) | self_contained << 17).to_bytes(3, "little")
    header += ((crc24(header) + head) & 0xFFFFFF).to_bytes(3, "little")
    crc = zlib.crc32(payload, zlib.crc32(b"\xfa\x2d\x55\xca"))
    return header + payload + ((crc + body) & 0xFFFFFFFF).to_bytes(4, "little")


class Answer(NamedTuple):
    """An envelope that the server said."""

    version: int
    flags: int
    stream: int
    opcode: int
    body: bytes

    @property
    def number(self) -> int:
        """That of an error, or the kind of a result."""
        return int.from_bytes(self.body[:4], "big")

    @property
    def message(self) -> str:
        """An error's."""
        size = int.from_bytes(self.body[4:6], "big")
        return self.body[6 : 6 + size].decode()


def answers(data: bytes) -> list[Answer]:
    """The envelopes in some bytes."""
    found = []
    while data:
        version, flags, stream, opcode, size = struct.unpack_from(">BBhBi", data)
        assert version & 0x80
        found.append(Answer(version & 0x7F, flags, stream, opcode, data[9 : 9 + size]))
        assert len(found[-1].body) == size
        data = data[9 + size :]
    return found


def payloads(data: bytes) -> bytes:
    """What frames without compression hold, their checksums proven."""
    found = b""
    while data:
        size = int.from_bytes(data[:3], "little") & 0x1FFFF
        whole = data[: size + 10]
        payload = whole[6:-4]
        assert whole == frame(payload, bool(whole[2] & 2))
        found += payload
        data = data[size + 10 :]
    return found
