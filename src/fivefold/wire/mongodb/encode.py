"""How replies are spelled.

A reply is one document. What many replies have in common, its *ending*, is encoded once: ``ok`` and
the clock of the replica set. A cursor's batch of stored documents is put together from their
bytes.

Source: manual, "MongoDB Wire Protocol"; bsonspec.org.
"""

from __future__ import annotations

import struct
from typing import Any

from fivefold.values.documents.codec import encode
from fivefold.values.documents.raw import Batch
from fivefold.wire.mongodb.checksum import crc32c
from fivefold.wire.mongodb.compress import by_number
from fivefold.wire.mongodb.messages import Flags, Operation

_INT = struct.Struct("<i")
_LONG = struct.Struct("<q")
_UNSIGNED = struct.Struct("<I")
_HEADER = struct.Struct("<iiii")
_MSG_HEAD = struct.Struct("<iiiiIB")
_REPLY_HEAD = struct.Struct("<iiiiiqii")
_COMPRESSED_HEAD = struct.Struct("<iiiiiiB")

_AWAIT_CAPABLE = 8
_QUERY_FAILURE = 2

_HEADS: list[bytes] = [b"\x03%d\0" % place for place in range(1024)]


def encode_elements(document: dict[str, Any]) -> bytes:
    """Return the fields of a document, without the size before and the zero behind them."""
    return encode(document)[4:-1]


def encode_body(reply: dict[str, Any], ending: bytes) -> bytes:
    """Return a reply's document, closed by ``ending``, which is made of ``encode_elements``."""
    cursor = reply.get("cursor")
    if cursor.__class__ is dict:
        for name in ("firstBatch", "nextBatch"):
            batch = cursor.get(name)
            if batch.__class__ is Batch:
                return _with_batch(reply, name, batch, ending)
    elements = encode(reply)
    return _INT.pack(len(elements) + len(ending)) + elements[4:-1] + ending + b"\0"


def _with_batch(reply: dict[str, Any], name: str, batch: Batch, ending: bytes) -> bytes:
    array = encode_batch(batch)
    cursor = reply["cursor"]
    if len(cursor) == 3 and "id" in cursor and "ns" in cursor:
        namespace = cursor["ns"].encode()
        rest = b"".join(
            (
                b"\x12id\0",
                _LONG.pack(cursor["id"]),
                b"\x02ns\0",
                _INT.pack(len(namespace) + 1),
                namespace,
                b"\0",
            )
        )
    else:
        rest = encode_elements({key: each for key, each in cursor.items() if key != name})
    others = b""
    if len(reply) > 1:
        others = encode_elements({key: each for key, each in reply.items() if key != "cursor"})
    head = b"\x04%b\0" % name.encode()
    inside = len(head) + len(array) + len(rest) + 5
    whole = 4 + 8 + inside + len(others) + len(ending) + 1
    return b"".join(
        (
            _INT.pack(whole),
            b"\x03cursor\0",
            _INT.pack(inside),
            head,
            array,
            rest,
            b"\0",
            others,
            ending,
            b"\0",
        )
    )


def encode_batch(batch: Batch) -> bytes:
    """Return the array of documents that are given in BSON's bytes, some of them perhaps not."""
    count = len(batch)
    heads = _HEADS
    if count > len(heads):
        heads = heads + [b"\x03%d\0" % place for place in range(len(heads), count)]
    parts = [b""] * (2 * count)
    parts[::2] = heads[:count]
    parts[1::2] = batch  # type: ignore[assignment]  # as most are
    try:
        elements = b"".join(parts)
    except TypeError:
        parts[1::2] = [each if isinstance(each, bytes) else encode(each) for each in batch]
        elements = b"".join(parts)
    return _INT.pack(len(elements) + 5) + elements + b"\0"


def encode_msg(
    body: bytes,
    request_id: int,
    response_to: int,
    *,
    more_to_come: bool = False,
    checksum: bool = False,
) -> bytes:
    """Return the OP_MSG that carries a document."""
    flags = (Flags.MORE_TO_COME if more_to_come else 0) | (
        Flags.CHECKSUM_PRESENT if checksum else 0
    )
    size = len(body) + 21 + 4 * checksum
    message = _MSG_HEAD.pack(size, request_id, response_to, Operation.MSG, flags, 0) + body
    return message + _UNSIGNED.pack(crc32c(message)) if checksum else message


def encode_reply(body: bytes, request_id: int, response_to: int, *, failed: bool = False) -> bytes:
    """Return the OP_REPLY that answers an OP_QUERY."""
    flags = _AWAIT_CAPABLE | (_QUERY_FAILURE if failed else 0)
    head = _REPLY_HEAD.pack(
        len(body) + 36, request_id, response_to, Operation.REPLY, flags, 0, 0, 1
    )
    return head + body


def encode_compressed(message: bytes, compressor: int) -> bytes:
    """Return the OP_COMPRESSED that stands for a message."""
    _, request_id, response_to, operation = _HEADER.unpack_from(message)
    packed = by_number()[compressor].compress(message[16:])
    head = _COMPRESSED_HEAD.pack(
        len(packed) + 25,
        request_id,
        response_to,
        Operation.COMPRESSED,
        operation,
        len(message) - 16,
        compressor,
    )
    return head + packed
