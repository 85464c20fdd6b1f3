"""One PostgreSQL connection: input to messages, and what may be said when.

Theory. A connection goes through three phases.

*Start-up.* Packets without a type: requests for encryption, each at most once and each answered
with one byte, until the client introduces itself (`Startup`) or asks to cancel another connection's
work (`CancelRequest`), which ends this one.

*Authentication.* The client speaks only when asked, and what it says is always of type `p`; which
of three messages that is depends on what it was asked. So asking goes through the machine.

*Ready.* Messages with a type, in two protocols that share the connection. The simple one is
`Query`: its answer always ends with ReadyForQuery. The extended one is any number of Parse, Bind,
Describe, Execute, Close and Flush, ended by `Sync`, whose answer alone is ReadyForQuery. A client
may send all of them, and further such groups, without waiting for an answer. Therefore, after an
error in the midst of a group, the rest of it makes no sense and is skipped, up to its Sync: what
counts a client's ReadyForQuery stays in step. Where the caller meets an error it calls `fail()`,
which begins the skipping, and says whether ReadyForQuery is due now (simple) or at the Sync.

COPY FROM is an interlude in either protocol: the caller announces it with `begin_copy_in()`, and
only copy messages come (Flush and Sync are passed over: libpq has sent them before it knew of the
copying) until CopyDone or CopyFail. Where the server gives up first, the client may not know of it
yet, so copy messages that still come afterwards are passed over also.

Messages are decoded one at a time, when asked for, as the caller's answer to one may change what
the next bytes mean. That also puts a fault where it belongs, after the answers to all before it.

Two differences from PostgreSQL: a message that is framed well but malformed within ends the
connection here, where PostgreSQL answers an error and goes on; and so does a message that is out of
place during COPY FROM.

Source: PostgreSQL manual, "Frontend/Backend Protocol", section "Message Flow"; and limits and
leniency as observed of PostgreSQL 15.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from enum import Enum
from struct import Struct
from typing import TypeAlias

from fivefold.errors import ProtocolFault
from fivefold.wire import limits
from fivefold.wire.postgres import decode, encode
from fivefold.wire.postgres.messages import (
    Bind,
    CancelRequest,
    EncryptionRequest,
    Message,
    Startup,
)

_SMALL = limits.POSTGRES_SMALL_MESSAGE_BYTES_MAX
_LARGE = limits.POSTGRES_LARGE_MESSAGE_BYTES_MAX

_head = Struct("!Bi").unpack_from
_int32 = Struct("!i").unpack_from

# What a message may weigh in bytes, who decodes it (None: it is passed over), and whether it
# belongs to the extended protocol.
_Entry: TypeAlias = tuple[int, "Callable[[bytes], Message] | None", bool]

_NOTHING: dict[int, _Entry] = {}
_READY: dict[int, _Entry] = {
    ord("B"): (_LARGE, decode.decode_bind, True),
    ord("E"): (_SMALL, decode.decode_execute, True),
    ord("S"): (_SMALL, decode.decode_sync, False),
    ord("D"): (_SMALL, decode.decode_describe, True),
    ord("P"): (_LARGE, decode.decode_parse, True),
    ord("Q"): (_LARGE, decode.decode_query, False),
    ord("C"): (_SMALL, decode.decode_close, True),
    ord("H"): (_SMALL, decode.decode_flush, True),
    ord("F"): (_LARGE, decode.decode_function_call, False),
    ord("X"): (_SMALL, decode.decode_terminate, False),
    ord("d"): (_LARGE, None, False),
    ord("c"): (_SMALL, None, False),
    ord("f"): (_SMALL, None, False),
}
_COPY_IN: dict[int, _Entry] = {
    ord("d"): (_LARGE, decode.decode_copy_data, False),
    ord("c"): (_SMALL, decode.decode_copy_done, False),
    ord("f"): (_SMALL, decode.decode_copy_fail, False),
    ord("H"): (_SMALL, None, False),
    ord("S"): (_SMALL, None, False),
    ord("X"): (_SMALL, decode.decode_terminate, False),
}
_TERMINATE = ord("X")
_UNSKIPPED = (ord("S"), _TERMINATE)
_BIND = ord("B")
_DESCRIBE_UNNAMED = b"D\0\0\0\6P\0"
_EXECUTE_AND_SYNC = b"E\0\0\0\x09\0\0\0\0\0S\0\0\0\4"
# After these another table or none is in force. Decoded copy messages come during a COPY only.
_TURNING = frozenset((_TERMINATE, ord("c"), ord("f")))

# What decoders raise for a body that is not as it should be.
_MALFORMED = (ProtocolFault, ValueError, IndexError, struct.error)


def _as_fault(error: Exception) -> ProtocolFault:
    return error if isinstance(error, ProtocolFault) else decode.malformed()


class Phase(Enum):
    STARTUP = "start-up"
    ENCRYPTION = "encryption asked for"
    AUTHENTICATION = "authentication"
    READY = "ready"
    CLOSED = "closed"


class PostgresMachine:
    """The input side of one connection, and the answers that change what it may say next."""

    __slots__ = (
        "_asked",
        "_at",
        "_buffer",
        "_copy_extended",
        "_encryption_seen",
        "_exchange_end",
        "_extended",
        "_fault",
        "_incoming",
        "_incoming_bytes",
        "_skipping",
        "_table",
        "message_bytes_max",
        "phase",
    )

    def __init__(self) -> None:
        self.phase = Phase.STARTUP
        self.message_bytes_max = _LARGE
        # Input: what is being read, from `_at`; and what came since, not joined to it before it
        # is needed, so that a long message costs no more than its length.
        self._buffer = b""
        self._at = 0
        self._incoming: list[bytes] = []
        self._incoming_bytes = 0
        self._encryption_seen: set[str] = set()
        self._asked: Callable[[bytes], Message] | None = None
        # What may be said now; nothing before `welcome` and after the end.
        self._table = _NOTHING
        self._extended = False
        self._copy_extended = False
        self._skipping = False
        self._fault: ProtocolFault | None = None

    def feed(self, data: bytes) -> None:
        """Take what arrived; then call `next_message` until it returns None."""
        self._incoming.append(data)
        self._incoming_bytes += len(data)

    @property
    def has_more(self) -> bool:
        """Say whether there is input that no message was made of yet."""
        return self._at < len(self._buffer) or self._incoming_bytes > 0

    def next_message(self) -> Message | None:
        """Return the next message, or None if it is not whole, or not to be read yet.

        Raises ProtocolFault, now and ever after, where the client left the protocol.
        """
        table = self._table
        if not table:
            return self._next_early()
        while True:
            buffer = self._buffer
            at = self._at
            if len(buffer) - at < 5:
                if not self._gather(5):
                    return None
                continue
            kind, size = _head(buffer, at)
            entry = table.get(kind)
            if entry is None:
                raise self._unexpected(kind)
            size_max, decoder, extended = entry
            if not 4 <= size <= size_max:
                raise self._fail(ProtocolFault("invalid message length"))
            if size > self.message_bytes_max:
                most = self.message_bytes_max
                said = f"a message of {size} bytes is longer than the {most} that are allowed"
                raise self._fail(ProtocolFault(said))
            end = at + size + 1
            if end > len(buffer):
                if not self._gather(size + 1):
                    return None
                continue
            self._at = end
            if self._skipping:
                if kind not in _UNSKIPPED:
                    continue
                self._skipping = False
            if decoder is None:
                continue
            self._extended = extended
            try:
                message = decoder(buffer[at + 5 : end])
            except _MALFORMED as error:
                raise self._fail(_as_fault(error)) from None
            if kind in _TURNING:
                if kind == _TERMINATE:
                    self._close()
                else:
                    self._end_copy_in()
            return message

    def peek_exchange(self) -> tuple[Bind, bool] | None:
        """Return a Bind that a Describe, perhaps, an Execute and a Sync follow, if all are here.

        That is how drivers run a prepared statement. All are of the unnamed portal, the Execute for
        all rows; the flag says whether there is a Describe. Nothing is taken before
        ``take_exchange``; None says that what comes next is to be read message by message.
        """
        if self.phase is not Phase.READY or self._table is not _READY or self._skipping:
            return None
        if self._incoming:
            self._gather(5)
        buffer, at = self._buffer, self._at
        if len(buffer) - at < 5:
            return None
        kind, size = _head(buffer, at)
        if kind != _BIND or not 4 <= size <= _SMALL:
            return None
        end = at + size + 1
        described = buffer.startswith(_DESCRIBE_UNNAMED, end)
        after = end + len(_DESCRIBE_UNNAMED) if described else end
        if not buffer.startswith(_EXECUTE_AND_SYNC, after):
            return None
        try:
            message = decode.decode_bind(buffer[at + 5 : end])
        except _MALFORMED:
            return None
        if message.portal:
            return None
        self._exchange_end = after + len(_EXECUTE_AND_SYNC)
        return message, described

    def take_exchange(self) -> None:
        """Take what ``peek_exchange`` returned; its Sync is the last message read."""
        self._at = self._exchange_end
        self._extended = False

    # What the caller says that changes what comes next ----------------------------------------

    def refuse_encryption(self) -> bytes:
        """Answer an EncryptionRequest with no; the client goes on in the clear, or away."""
        assert self.phase is Phase.ENCRYPTION, self.phase
        self.phase = Phase.STARTUP
        return encode.ENCRYPTION_REFUSED

    def accept_encryption(self) -> bytes:
        """Answer an EncryptionRequest with yes; all that is fed from here on was encrypted.

        Raises ProtocolFault if more has come already: somebody in between may have put it there.
        """
        assert self.phase is Phase.ENCRYPTION, self.phase
        if self._incoming_bytes or self._at < len(self._buffer):
            raise self._fail(ProtocolFault("received unencrypted data after encryption request"))
        self.phase = Phase.STARTUP
        return encode.ENCRYPTION_ACCEPTED

    def ask_password(self) -> bytes:
        """Ask for the password in clear text; a `Password` comes next."""
        return self._ask(decode.decode_password, encode.AUTHENTICATION_CLEARTEXT)

    def ask_sasl(self, mechanisms: Sequence[str]) -> bytes:
        """Offer SASL mechanisms, best first; a `SaslInitial` comes next."""
        return self._ask(decode.decode_sasl_initial, encode.authentication_sasl(mechanisms))

    def continue_sasl(self, data: bytes) -> bytes:
        """Send the mechanism's challenge; a `SaslResponse` comes next."""
        return self._ask(decode.decode_sasl_response, encode.authentication_sasl_continue(data))

    def welcome(self) -> bytes:
        """End authentication well; queries come next, once ReadyForQuery is sent."""
        assert self.phase is Phase.AUTHENTICATION, self.phase
        self.phase = Phase.READY
        self._table = _READY
        return encode.AUTHENTICATION_OK

    def begin_copy_in(self) -> None:
        """Only copy messages come next; call it when CopyInResponse is sent."""
        assert self.phase is Phase.READY, self.phase
        self._copy_extended = self._extended
        self._table = _COPY_IN

    def fail(self) -> bool:
        """Note that the last message was answered with ErrorResponse.

        Returns True if ReadyForQuery is due now, False if it is due at the Sync, up to which all
        is skipped. A COPY FROM in progress is over.
        """
        if self._table is _COPY_IN:
            self._end_copy_in()
        self._skipping = self._extended
        return not self._extended

    # Inside -----------------------------------------------------------------------------------

    def _ask(self, decoder: Callable[[bytes], Message], question: bytes) -> bytes:
        assert self.phase is Phase.AUTHENTICATION, self.phase
        self._asked = decoder
        return question

    def _end_copy_in(self) -> None:
        self._table = _READY
        self._extended = self._copy_extended

    def _gather(self, needed_bytes: int) -> bool:
        """Join what came to what is left, if that makes `needed_bytes`."""
        left = len(self._buffer) - self._at
        if left + self._incoming_bytes < needed_bytes:
            return False
        if not left and len(self._incoming) == 1:
            self._buffer = self._incoming[0]
        else:
            self._buffer = b"".join((self._buffer[self._at :], *self._incoming))
        self._at = 0
        self._incoming.clear()
        self._incoming_bytes = 0
        return True

    def _next_early(self) -> Message | None:
        if self._fault is not None:
            raise self._fault
        if self.phase is Phase.STARTUP:
            return self._next_startup()
        if self.phase is Phase.AUTHENTICATION and self._asked is not None:
            return self._next_password(self._asked)
        return None

    def _available(self, needed_bytes: int) -> bool:
        return len(self._buffer) - self._at >= needed_bytes or self._gather(needed_bytes)

    def _next_startup(self) -> Message | None:
        if not self._available(4):
            return None
        (size,) = _int32(self._buffer, self._at)
        if not 8 <= size <= limits.POSTGRES_STARTUP_BYTES_MAX:
            raise self._fail(ProtocolFault("invalid length of startup packet"))
        if not self._available(size):
            return None
        body = self._buffer[self._at + 4 : self._at + size]
        self._at += size
        message = self._decode(decode.decode_startup, body)
        if isinstance(message, EncryptionRequest):
            if message.kind in self._encryption_seen:
                raise self._fail(ProtocolFault("encryption was asked for before"))
            self._encryption_seen.add(message.kind)
            self.phase = Phase.ENCRYPTION
        elif isinstance(message, CancelRequest):
            self._close()
        else:
            assert isinstance(message, Startup), message
            self.phase = Phase.AUTHENTICATION
        return message

    def _next_password(self, decoder: Callable[[bytes], Message]) -> Message | None:
        if not self._available(5):
            return None
        kind, size = _head(self._buffer, self._at)
        if kind != ord("p"):
            raise self._fail(ProtocolFault(f"expected password response, got message type {kind}"))
        if not 4 <= size <= limits.POSTGRES_PASSWORD_BYTES_MAX:
            raise self._fail(ProtocolFault("invalid password packet size"))
        if not self._available(size + 1):
            return None
        body = self._buffer[self._at + 5 : self._at + size + 1]
        self._at += size + 1
        self._asked = None
        return self._decode(decoder, body)

    def _decode(self, decoder: Callable[[bytes], Message], body: bytes) -> Message:
        try:
            return decoder(body)
        except _MALFORMED as error:
            raise self._fail(_as_fault(error)) from None

    def _unexpected(self, kind: int) -> ProtocolFault:
        if self._table is _COPY_IN:
            text = f"unexpected message type 0x{kind:02X} during COPY from stdin"
        else:
            text = f"invalid frontend message type {kind}"
        return self._fail(ProtocolFault(text))

    def _fail(self, fault: ProtocolFault) -> ProtocolFault:
        self._fault = fault
        self._close()
        return fault

    def _close(self) -> None:
        self.phase = Phase.CLOSED
        self._table = _NOTHING
        self._buffer = b""
        self._at = 0
        self._incoming.clear()
        self._incoming_bytes = 0
