"""One connection of Bolt: bytes to requests, and which of them may be performed.

Theory. First comes the handshake, 20 bytes that agree on a version (``handshake``). Then messages,
each cut into *chunks*: two bytes of size and so many of the message, any number of them, ended by a
size of zero. A zero without a message before it is said to keep the connection alive.

Almost all input is some whole messages of one chunk each, of which nothing is copied but the
message. What is not whole is kept, with the chunks of its message that already came.

A RESET takes effect when it arrives, not when its turn comes: ``interrupted`` counts those that
have come and not been performed, and as long as there are any, all that stands before them is
ignored. So input has to be given to the machine even while a request is being performed.
"""

from __future__ import annotations

from fivefold.errors import ProtocolFault
from fivefold.wire import limits
from fivefold.wire.neo4j import handshake, states
from fivefold.wire.neo4j.decode import Decoder
from fivefold.wire.neo4j.encode import Encoder
from fivefold.wire.neo4j.messages import Answer, Refused, Request, Reset, Version, malformed
from fivefold.wire.neo4j.states import Admission, State
from fivefold.wire.neo4j.structures import LEGACY, UTC_4, VERSION_5

NOT_AGREED = Version(0, 0)


class BoltMachine:
    """One connection. ``fault`` is set when no more can be read; what came before it still may."""

    __slots__ = (
        "_buffer",
        "_chunks",
        "_chunks_bytes",
        "_manifest",
        "_state",
        "decoder",
        "encoder",
        "fault",
        "interrupted",
        "message_bytes_max",
        "version",
    )

    def __init__(self) -> None:
        self.version = NOT_AGREED
        self.fault: ProtocolFault | None = None
        self.interrupted = 0
        self.decoder = Decoder(VERSION_5.hydrate)
        self.encoder = Encoder(VERSION_5)
        self._state = State.NEGOTIATION
        self._manifest = False  # the client has asked for it and is to choose
        self._buffer = bytearray()  # what is not a whole chunk
        self._chunks: list[bytes] = []  # of the message that is not whole
        self._chunks_bytes = 0
        self.message_bytes_max = limits.NEO4J_MESSAGE_BYTES_MAX

    @property
    def state(self) -> State:
        """Return the state in which the next request is performed."""
        if self.interrupted and self._state is not State.DEFUNCT:
            return State.INTERRUPTED
        return self._state

    # Input

    def receive(self, data: bytes) -> list[Request]:
        """Return the requests that became whole with ``data``, in order; never raises."""
        if self.fault is not None:
            return []
        requests: list[Request] = []
        if self._buffer or self.version is NOT_AGREED:
            self._buffer += data
            if self.version is NOT_AGREED and not self._shake_hands(requests):
                return requests
            data = bytes(self._buffer)
            self._buffer.clear()
        at = self._cut(data, requests)
        if at < len(data) and self.fault is None:
            self._buffer += data[at:]
        return requests

    def _cut(self, data: bytes, requests: list[Request]) -> int:
        """Add the requests that are whole in ``data``; return where what is left over begins."""
        at, end = 0, len(data)
        while at + 2 <= end:
            size = data[at] << 8 | data[at + 1]
            after = at + 2 + size
            if size == 0:
                at = after
                if self._chunks:
                    message = b"".join(self._chunks)
                    self._chunks.clear()
                    self._chunks_bytes = 0
                    if not self._take(message, requests):
                        return end
                continue
            if after > end:
                break
            if not self._chunks and data[after : after + 2] == b"\0\0":
                if not self._take(data[at + 2 : after], requests):
                    return end
                at = after + 2
                continue
            self._chunks.append(data[at + 2 : after])
            self._chunks_bytes += size
            at = after
            if self._chunks_bytes > self._message_bytes_max():
                self._end(requests, malformed("the message is too long"))
                return end
        return at

    def _message_bytes_max(self) -> int:
        if self._state in states.STARTING:
            return limits.NEO4J_UNAUTHENTICATED_BYTES_MAX
        return self.message_bytes_max

    def _take(self, message: bytes, requests: list[Request]) -> bool:
        """Add the request that a message is; say whether more may follow."""
        if len(message) > self._message_bytes_max():
            self._end(requests, malformed("the message is too long"))
            return False
        request = self.decoder.request(message, self.version)
        if request.__class__ is Reset:
            self.interrupted += 1
        requests.append(request)
        if isinstance(request, Refused) and request.fatal:
            self.fault = ProtocolFault(str(request.error))
            return False
        return True

    def _end(self, requests: list[Request], fault: ProtocolFault) -> None:
        self.fault = fault
        requests.append(Refused(fault, fatal=True))

    # The handshake

    def _shake_hands(self, requests: list[Request]) -> bool:
        """Agree on a version; say whether messages follow."""
        buffer = self._buffer
        if self._manifest:
            return self._choose()
        magic = handshake.MAGIC
        if buffer[: len(magic)] != magic[: len(buffer)]:
            self.fault = malformed("the connection does not begin as Bolt does")
            return False
        if len(buffer) < handshake.OPENING_BYTES:
            return False
        opening = bytes(buffer[: handshake.OPENING_BYTES])
        del buffer[: handshake.OPENING_BYTES]
        agreed = handshake.negotiate(opening)
        if agreed == handshake.MANIFEST:
            requests.append(Answer(handshake.encode_manifest()))
            self._manifest = True
            return self._choose()
        if not isinstance(agreed, Version):
            requests.append(Answer(handshake.NONE_KNOWN))
            self.fault = malformed("no version of Bolt that the client proposes is known")
            return False
        requests.append(Answer(handshake.encode_version(agreed)))
        self._agree(agreed)
        return True

    def _choose(self) -> bool:
        """Take the version that the client chooses of the manifest."""
        try:
            choice = handshake.read_choice(bytes(self._buffer))
        except ValueError as error:
            self.fault = malformed(str(error))
            return False
        if choice is None:
            return False
        version, size = choice
        if not handshake.known(version):
            self.fault = malformed("the client chose a version of Bolt that was not offered")
            return False
        del self._buffer[:size]
        self._agree(version)
        return True

    def _agree(self, version: Version) -> None:
        self.version = version
        dialect = VERSION_5 if version >= (5, 0) else LEGACY
        self.decoder.structures = dialect.hydrate
        self.encoder = Encoder(dialect)

    def patch_utc(self) -> bool:
        """Say dates and times of 4.4 as version 5 does, as a HELLO asks; say whether that is new.

        Version 5 always says them so.
        """
        if self.version >= (5, 0):
            return False
        self.decoder.structures = UTC_4.hydrate
        self.encoder = Encoder(UTC_4)
        return True

    # What is done with requests

    def admit(self, request: Request) -> Admission:
        """Say what is to be done with the next request. Each is asked for once, in order."""
        if request.__class__ is Reset:
            self.interrupted -= 1
            # Its turn has come: only the state before it counts, and later ones may wait.
            return states.admit(self._state, request)
        return states.admit(self.state, request)

    def succeeded(self, request: Request, open_results: int = 0) -> None:
        """Take note that a request was performed; see ``states.succeeded``."""
        self._state = states.succeeded(
            self._state, request, self.version, open_results=open_results
        )

    def failed(self) -> None:
        """Take note that a request failed, or that the connection ends if it has only begun."""
        starting = self._state in states.STARTING
        self._state = State.DEFUNCT if starting else State.FAILED

    def ended(self) -> None:
        """Take note that no request is performed any more."""
        self._state = State.DEFUNCT
