"""What the Neo4j driver for Python packs and unpacks: the judge of our PackStream.

Its packer is private to it, so only tests use it.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_driver: Any = import_module("neo4j._codec.packstream.v1")
_hydration4: Any = import_module("neo4j._codec.hydration.v1")
_hydration5: Any = import_module("neo4j._codec.hydration.v2")

MAGIC = b"\x60\x60\xb0\x17"


def handler(dialect: str) -> Any:
    """The driver's own of "4", "4 utc" or "5"."""
    made = (_hydration5 if dialect == "5" else _hydration4).HydrationHandler()
    if dialect == "4 utc":
        made.patch_utc()
    return made


def pack(value: Any, dialect: str = "5") -> bytes:
    """A value as the driver would send it."""
    buffer = _driver.PackableBuffer()
    _driver.Packer(buffer).pack(value, handler(dialect).dehydration_hooks)
    return bytes(buffer.data)


def unpack(data: bytes, dialect: str | None = "5") -> Any:
    """What the driver makes of bytes; without a dialect structures stay structures."""
    hooks = None
    if dialect is not None:
        hooks = handler(dialect).new_hydration_scope().hydration_hooks
    unpacker = _driver.Unpacker(_driver.UnpackableBuffer(data))
    value = unpacker.unpack(hooks)
    assert unpacker.unpackable.p == len(data), "bytes are left over"
    return value


def chunked(message: bytes, size: int = 0xFFFF) -> bytes:
    """A message in chunks."""
    chunks = [message[at : at + size] for at in range(0, len(message), size)]
    return b"".join(len(chunk).to_bytes(2, "big") + chunk for chunk in chunks) + b"\0\0"


def message(tag: int, *fields: Any, dialect: str = "5") -> bytes:
    """A whole message in one chunk."""
    buffer = _driver.PackableBuffer()
    _driver.Packer(buffer).pack_struct(bytes((tag,)), fields, handler(dialect).dehydration_hooks)
    return chunked(bytes(buffer.data))


def opening(*proposals: bytes) -> bytes:
    """The first 20 bytes."""
    return MAGIC + b"".join(proposals).ljust(16, b"\0")


def proposal(major: int, minor: int, below: int = 0) -> bytes:
    return bytes((0, below, minor, major))


def answers(data: bytes) -> list[tuple[int, list[Any]]]:
    """The messages of a server: (tag, fields), structures as structures."""
    found = []
    at = 0
    while at < len(data):
        parts = []
        while size := int.from_bytes(data[at : at + 2], "big"):
            parts.append(data[at + 2 : at + 2 + size])
            at += 2 + size
        at += 2
        said = unpack(b"".join(parts), None)
        found.append((said.tag[0], list(said.fields)))
    return found
