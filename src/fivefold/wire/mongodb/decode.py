"""How messages are spelled: headers, OP_MSG's sections, OP_QUERY, and arrays inside of a command.

Source: manual, "MongoDB Wire Protocol"; bsonspec.org. The numbers of faults are those MongoDB 7.0
has for them.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Mapping

from fivefold.errors import FivefoldError
from fivefold.values.documents.faults import fault
from fivefold.wire import limits
from fivefold.wire.mongodb.checksum import crc32c
from fivefold.wire.mongodb.messages import NO_SEQUENCES, REQUIRED_FLAGS, Flags, Message

HEADER = struct.Struct("<iiii")
_INT = struct.Struct("<i")
_UNSIGNED = struct.Struct("<I")
_QUERY_NUMBERS = struct.Struct("<ii")

_KNOWN_FLAGS = Flags.CHECKSUM_PRESENT | Flags.MORE_TO_COME


def parse_msg(message: bytes, request_id: int) -> Message:
    """Return the command of a whole OP_MSG, header and all; its faults are in it."""
    try:
        return _parse_msg(message, request_id)
    except FivefoldError as error:
        flags = _UNSIGNED.unpack_from(message, 16)[0] if len(message) >= 20 else 0
        return Message(request_id, b"", NO_SEQUENCES, flags, fault=error)


def _parse_msg(message: bytes, request_id: int) -> Message:
    if len(message) < 20:
        raise _truncated()
    (flags,) = _UNSIGNED.unpack_from(message, 16)
    if flags & REQUIRED_FLAGS & ~_KNOWN_FLAGS:
        raise fault(223, f"Message contains illegal flags value: Ob{flags & REQUIRED_FLAGS:016b}")
    end = len(message)
    if flags & Flags.CHECKSUM_PRESENT:
        end -= 4
        if end < 20:
            raise _truncated()
        if crc32c(message[:end]) != _UNSIGNED.unpack_from(message, end)[0]:
            raise fault(288, "OP_MSG checksum does not match contents")
    body: bytes | None = None
    sequences: dict[str, list[bytes]] = {}
    at = 20
    while at < end:
        kind = message[at]
        if kind == 0:
            if body is not None:
                raise fault(40430, "Multiple body sections in message")
            stop = _document_end(message, at + 1, end)
            body = message[at + 1 : stop]
        elif kind == 1:
            name, documents, stop = _sequence(message, at + 1, end)
            if name in sequences:
                raise fault(40431, f"Duplicate document sequence: {name}")
            sequences[name] = documents
            if len(sequences) > limits.MONGODB_SEQUENCES_MAX:
                raise fault(233, "Too many document sequences in OP_MSG")
        else:
            raise fault(40432, f"Unknown section kind {kind}")
        at = stop
    if body is None:
        raise fault(40587, "OP_MSG messages must have a body")
    return Message(request_id, body, sequences or NO_SEQUENCES, flags)


def _truncated() -> FivefoldError:
    return fault(22, "the message ends inside of a section")


def _document_end(message: bytes, at: int, end: int) -> int:
    """Return where the document ends that begins there."""
    if at + 5 > end:
        raise _truncated()
    size: int = _INT.unpack_from(message, at)[0]
    if not 5 <= size <= end - at or message[at + size - 1]:
        raise fault(22, f"a document of {size} bytes cannot stand here")
    if size > limits.MONGODB_DOCUMENT_BYTES_MAX:
        raise fault(10334, f"BSONObj size: {size} is invalid. Size must be between 0 and 16793600")
    return at + size


def _sequence(message: bytes, at: int, end: int) -> tuple[str, list[bytes], int]:
    if at + 4 > end:
        raise _truncated()
    (size,) = _INT.unpack_from(message, at)
    stop = at + size
    name_end = message.find(b"\0", at + 4, min(stop, end))
    if not 5 <= size <= end - at or name_end < 0:
        raise fault(22, f"a document sequence of {size} bytes cannot stand here")
    name = _text(message[at + 4 : name_end])
    documents = []
    at = name_end + 1
    while at < stop:
        after = _document_end(message, at, stop)
        documents.append(message[at:after])
        at = after
    return name, documents, stop


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise fault(22, "a name is not UTF-8") from None


def parse_query(message: bytes, request_id: int) -> Message:
    """Return the command of a whole OP_QUERY; its faults are in it."""
    try:
        end = len(message)
        name_end = message.find(b"\0", 20)
        if name_end < 0 or name_end + 9 > end:
            raise _truncated()
        database, _, collection = _text(message[20:name_end]).partition(".")
        at = name_end + 9
        body = message[at : _document_end(message, at, end)]
        if collection != "$cmd":
            raise fault(
                5739101,
                "OP_QUERY is no longer supported. The client driver may require an upgrade.",
            )
        return Message(request_id, body, NO_SEQUENCES, database=database)
    except FivefoldError as error:
        return Message(request_id, b"", NO_SEQUENCES, database="", fault=error)


def command_name(body: bytes) -> str:
    """Return the name of a command, the first field of its document; "" if it has none."""
    end = body.find(b"\0", 5)
    return body[5:end].decode("utf-8", "replace") if end > 5 and body[4] else ""


# Bytes of values by their type; None: the value begins with its size.
_FIXED: Mapping[int, int] = {
    0x01: 8,
    0x06: 0,
    0x07: 12,
    0x08: 1,
    0x09: 8,
    0x0A: 0,
    0x10: 4,
    0x11: 8,
    0x12: 8,
    0x13: 16,
    0x7F: 0,
    0xFF: 0,
}
_SIZED: Mapping[int, int] = {0x02: 4, 0x05: 5, 0x0D: 4, 0x0E: 4, 0x0C: 16}  # and so many more
_WHOLE = frozenset({0x03, 0x04, 0x0F})  # the size counts itself


def take_arrays(body: bytes, names: Collection[str]) -> tuple[bytes, Mapping[str, list[bytes]]]:
    """Return a command without those of its fields that are arrays of documents, and those.

    So a command is the same whether its documents came inside of it or beside. A field that is
    no array of documents stays where it is. Raises fault 22 for what is no BSON.
    """
    found: dict[str, list[bytes]] = {}
    kept = []
    at, end = 4, len(body) - 1
    since = at
    while at < end:
        kind = body[at]
        name_end = body.find(b"\0", at + 1, end)
        if name_end < 0:
            raise _truncated()
        stop = _value_end(body, kind, name_end + 1, end)
        if kind == 0x04:
            name = _text(body[at + 1 : name_end])
            documents = _documents(body, name_end + 1, stop) if name in names else None
            if documents is not None and name not in found:
                found[name] = documents
                kept.append(body[since:at])
                since = stop
        at = stop
    if not found:
        return body, NO_SEQUENCES
    kept.append(body[since:end])
    elements = b"".join(kept)
    return _INT.pack(len(elements) + 5) + elements + b"\0", found


def _value_end(body: bytes, kind: int, at: int, end: int) -> int:
    """Return where the value ends that begins there."""
    stop = -1
    if kind in _FIXED:
        stop = at + _FIXED[kind]
    elif kind in _SIZED or kind in _WHOLE:
        if at + 4 <= end:
            (size,) = _INT.unpack_from(body, at)
            if size >= 0:
                stop = at + size + _SIZED.get(kind, 0)
                if kind in _WHOLE and size < 5:
                    stop = -1
    elif kind == 0x0B:
        stop = body.find(b"\0", body.find(b"\0", at, end) + 1, end) + 1
    if not at <= stop <= end:
        raise fault(22, "invalid BSON: a value does not end inside of its document")
    return stop


def _documents(body: bytes, at: int, stop: int) -> list[bytes] | None:
    """Return the items of the array that lies there; None if one of them is no document."""
    found = []
    at, end = at + 4, stop - 1
    while at < end:
        if body[at] != 0x03:
            return None
        name_end = body.find(b"\0", at + 1, end)
        if name_end < 0:
            raise _truncated()
        after = _document_end(body, name_end + 1, end)
        found.append(body[name_end + 1 : after])
        at = after
    return found
