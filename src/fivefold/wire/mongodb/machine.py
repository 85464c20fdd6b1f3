"""One connection of MongoDB's protocol: input to messages, and the few faults that end it.

Theory. Every message begins with its size, so there are two states: its header is not whole, or
it is known how many bytes are missing. Almost all input is one whole OP_MSG with one section,
for which nothing is copied but the command's document. Everything else is cut at the sizes and
read by `decode`.

Where a message begins cannot be found again once a size is wrong: then, and where the operation is
none that MongoDB knows, there is a `fault`, and the connection is closed without a word, as
MongoDB's server does. A message that is only wrong inside is returned with its own `fault`, is
answered with that, and the next one is read.
"""

from __future__ import annotations

import struct

from fivefold.errors import ProtocolFault
from fivefold.wire import limits
from fivefold.wire.mongodb.compress import by_number
from fivefold.wire.mongodb.decode import HEADER, parse_msg, parse_query
from fivefold.wire.mongodb.messages import NO_SEQUENCES, Message, Operation

_COMMON = struct.Struct("<iiiiIBi")
_COMPRESSED = struct.Struct("<iiB")

_OPERATIONS = frozenset({Operation.MSG, Operation.COMPRESSED, Operation.QUERY})

COMMON_BYTES = 21  # before the document of an OP_MSG whose first section is the command


class MongoMachine:
    """The input side of one connection. Replies need no state; see `encode`."""

    __slots__ = ("_parts", "_parts_bytes", "_wanted_bytes", "fault", "message_bytes_max")

    def __init__(self) -> None:
        self.fault: ProtocolFault | None = None
        # Pieces are gathered here, unjoined, until the message they begin is whole.
        self._parts: list[bytes] = []
        self._parts_bytes = 0
        self._wanted_bytes = 0
        self.message_bytes_max = limits.MONGODB_MESSAGE_BYTES_MAX

    def receive(self, data: bytes) -> list[Message]:
        """Return the messages that became whole with `data`, in order; never raises.

        After a fault everything that still arrives is dropped.
        """
        if not self._parts and self.fault is None and len(data) >= COMMON_BYTES + 5:
            size, request_id, _, operation, flags, kind, document_bytes = _COMMON.unpack_from(data)
            if (
                size == len(data)
                and operation == 2013
                and not flags & 0xFFFF
                and not kind
                and document_bytes == size - COMMON_BYTES
                and not data[-1]
                and document_bytes <= limits.MONGODB_DOCUMENT_BYTES_MAX
            ):
                return [Message(request_id, data[COMMON_BYTES:], NO_SEQUENCES, flags)]
        return self._receive(data)

    def _receive(self, data: bytes) -> list[Message]:
        messages: list[Message] = []
        if self.fault is not None:
            return messages
        if self._parts:
            self._parts.append(data)
            self._parts_bytes += len(data)
            if self._parts_bytes < self._wanted_bytes:
                return messages
            data = b"".join(self._parts)
            self._parts.clear()
        at, end = 0, len(data)
        while at < end:
            if end - at < HEADER.size:
                self._keep(data[at:], HEADER.size)
                break
            size, _, _, operation = HEADER.unpack_from(data, at)
            if not HEADER.size <= size <= self.message_bytes_max:
                self.fault = ProtocolFault(f"a message of {size} bytes is none")
                break
            if not self._is_known(operation):
                break
            if end - at < size:
                self._keep(data[at:], size)
                break
            message = self._message(data[at : at + size])
            if message is None:
                break
            messages.append(message)
            at += size
        return messages

    def _keep(self, data: bytes, wanted_bytes: int) -> None:
        self._parts.append(data)
        self._parts_bytes = len(data)
        self._wanted_bytes = wanted_bytes

    def _message(self, raw: bytes) -> Message | None:
        """Return what a whole message says; None for a fault."""
        _, request_id, response_to, operation = HEADER.unpack_from(raw)
        compressor = 0
        if operation == Operation.COMPRESSED:
            found = self._decompress(raw, request_id, response_to)
            if found is None:
                return None
            raw, operation, compressor = found
            if not self._is_known(operation):
                return None
        parse = parse_msg if operation == Operation.MSG else parse_query
        message = parse(raw, request_id)
        message.compressor = compressor
        return message

    def _is_known(self, operation: int) -> bool:
        """Say whether clients may say such a message; if not, there is a fault."""
        if operation in _OPERATIONS:
            return True
        self.fault = ProtocolFault(f"operation {operation} is none that MongoDB 7 takes")
        return False

    def _decompress(
        self, raw: bytes, request_id: int, response_to: int
    ) -> tuple[bytes, int, int] | None:
        """Return the message inside of another, its operation and the compressor's number."""
        if len(raw) < HEADER.size + _COMPRESSED.size:
            self.fault = ProtocolFault("a compressed message ends inside of its header")
            return None
        operation, size, number = _COMPRESSED.unpack_from(raw, HEADER.size)
        whole = size + HEADER.size
        inside = raw[HEADER.size + _COMPRESSED.size :]
        compressor = by_number().get(number)
        if operation == Operation.COMPRESSED:
            self.fault = ProtocolFault("a compressed message in a compressed message")
        elif not 0 <= size <= self.message_bytes_max - HEADER.size:
            self.fault = ProtocolFault(f"a compressed message of {size} bytes is none")
        elif number == 0 and len(inside) == size:
            pass  # "noop": for testing
        elif compressor is None:
            self.fault = ProtocolFault(f"compressor {number} was not agreed on")
        else:
            try:
                inside = compressor.decompress(inside, size)
            except ProtocolFault as fault:
                self.fault = fault
        if self.fault is not None:
            return None
        return HEADER.pack(whole, request_id, response_to, operation) + inside, operation, number
