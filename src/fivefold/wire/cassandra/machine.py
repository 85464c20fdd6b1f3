"""One connection of Cassandra's protocol: input to requests, answers to bytes.

Theory. The version of the first envelope is the connection's. Envelopes have a header of nine bytes
that says their size; before version 5 they follow each other as they are, their bodies compressed
if their flags say so. In version 5 that is so until STARTUP has come; from there on the client says
frames, and once STARTUP is answered so do we (``begin``): frames hold whole envelopes, or a part of
one that is too large.

Whatever is wrong inside an envelope is answered by an error on its stream, and the next one is
read. Where the next one begins cannot be known after a wrong checksum or another version: then
there is a ``fault``, and the connection ends when it has been told.

Source: native_protocol_v5.spec, sections 2 and 4.1.1.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from enum import Enum, auto

from fivefold.errors import FivefoldError, ProtocolFault
from fivefold.values.cql.faults import invalid
from fivefold.wire import limits
from fivefold.wire.cassandra import messages as m
from fivefold.wire.cassandra.compress import Compressor, compressors
from fivefold.wire.cassandra.decode import pass_payload, read_body
from fivefold.wire.cassandra.frames import encode_frames, read_frame
from fivefold.wire.cassandra.messages import Flag, Opcode

HEADER = struct.Struct(">BBhBi")
_OLD_HEADER = struct.Struct(">BBbBi")
"""That of versions 1 and 2."""

RESPONSE = 0x80

COMPRESSED_BYTES_MIN = 256
"""Bodies below it are sent as they are."""

CQL_VERSION_MIN = (3, 0, 0)


class State(Enum):
    """How far a connection has come."""

    ESTABLISHED = auto()
    AUTHENTICATION = auto()
    READY = auto()


class CassandraMachine:
    """One connection. ``fault`` is set when no more can be read; what came before it still may.

    ``asks_login`` says whether a client has to log in; it is asked when STARTUP comes.
    """

    __slots__ = (
        "_asks_login",
        "_buffer",
        "_compressor",
        "_frames_in",
        "_frames_out",
        "_part",
        "_skip",
        "fault",
        "message_bytes_max",
        "state",
        "version",
    )

    def __init__(self, asks_login: Callable[[], bool] = lambda: False) -> None:
        self.version = 0
        self.fault: ProtocolFault | None = None
        self.state = State.ESTABLISHED
        self._asks_login = asks_login
        self._compressor: Compressor | None = None
        self._frames_in = False
        self._frames_out = False
        self._buffer = b""  # what is not a whole envelope, or a whole frame
        self._part = bytearray()  # of an envelope in several frames
        self.message_bytes_max = limits.CASSANDRA_MESSAGE_BYTES_MAX
        self._skip = 0  # bytes to come of an envelope that is too large

    # Input

    def receive(self, data: bytes) -> list[m.Request]:
        """Return the requests that became whole with ``data``, in order; never raises."""
        requests: list[m.Request] = []
        if self.fault is not None:
            return requests
        if self._buffer:
            data = self._buffer + data
            self._buffer = b""
        at = 0
        if not self._frames_in:
            at = self._cut(data, 0, requests)
        if self._frames_in and self.fault is None:
            at = self._unframe(data, at, requests)
        if at < len(data) and self.fault is None:
            self._buffer = data[at:] if at else data
        return requests

    def _unframe(self, data: bytes, at: int, requests: list[m.Request]) -> int:
        """Add the requests in whole frames; return where what is left over begins."""
        while at < len(data):
            try:
                frame = read_frame(data, at, self._compressor)
            except ProtocolFault as fault:
                self._end(requests, 0, fault)
                return len(data)
            if frame is None:
                break
            at = frame.end
            if not frame.self_contained:
                self._join(frame.payload, requests)
            elif self._part or self._skip:
                self._end(requests, 0, ProtocolFault("an envelope in several frames is not whole"))
            else:
                left = self._cut(frame.payload, 0, requests)
                if left < len(frame.payload) and self.fault is None:
                    ends = ProtocolFault("the frame ends inside of an envelope")
                    requests.append(m.Refused(_stream(frame.payload, left), ends))
                self._skip = 0
            if self.fault is not None:
                return len(data)
        return at

    def _join(self, payload: bytes, requests: list[m.Request]) -> None:
        """Add a part to an envelope that is said in several frames."""
        if self._skip:
            self._skip -= min(self._skip, len(payload))
            return
        self._part += payload
        part = bytes(self._part) if self._is_due() else b""
        if part:
            self._part.clear()
            if self._cut(part, 0, requests) < len(part) and self.fault is None:
                self._end(requests, 0, ProtocolFault("frames do not end where an envelope does"))

    def _is_due(self) -> bool:
        """Say whether the part is whole, or will never be."""
        part = self._part
        if len(part) < HEADER.size:
            return False
        size: int = HEADER.unpack_from(part)[4]
        whole = HEADER.size + size
        return len(part) >= whole or not 0 <= whole <= self.message_bytes_max

    def _cut(self, data: bytes, at: int, requests: list[m.Request]) -> int:
        """Add the requests whole in ``data``; return where what is left over begins."""
        end = len(data)
        if self._skip:
            passed = min(self._skip, end - at)
            self._skip -= passed
            at += passed
        while at < end:
            version = data[at]
            if version & 0x7F not in m.SUPPORTED_VERSIONS:
                return self._refuse_version(data, at, requests)
            body = at + HEADER.size
            if body > end:
                break
            _, flags, stream, opcode, size = HEADER.unpack_from(data, at)
            after = body + size
            if size < 0 or after - at > self._bytes_max():
                if size < 0 or self.state is not State.READY:
                    self._end(requests, stream, _too_big(size, self._bytes_max()))
                    return end
                requests.append(
                    m.Refused(
                        stream, _too_big(size, self._bytes_max()), self._answer_version(version)
                    )
                )
                self._skip = max(after - end, 0)
                at = min(after, end)
                continue
            if after > end:
                break
            requests.append(self._read(version, flags, stream, opcode, data[body:after]))
            at = after
            if self._frames_in and opcode == Opcode.STARTUP:
                break  # what follows is framed
        return at

    def _bytes_max(self) -> int:
        if self.state is not State.READY:
            return limits.CASSANDRA_UNAUTHENTICATED_BYTES_MAX
        return self.message_bytes_max

    def _answer_version(self, version: int) -> int | None:
        return None if self.version else version & 0x7F

    def _refuse_version(self, data: bytes, at: int, requests: list[m.Request]) -> int:
        """Answer a version that is not spoken; drivers see by it which ones are."""
        version = data[at] & 0x7F
        if len(data) - at < (HEADER.size if version > 2 else _OLD_HEADER.size):
            return at
        known = ", ".join(m.SUPPORTED_VERSIONS.values())
        fault = ProtocolFault(
            f"Invalid or unsupported protocol version ({version}); supported versions are ({known})"
        )
        # On stream 0 whichever it came on, as in Cassandra: where a header has it is not known.
        self._end(requests, 0, fault, version if version in (1, 2) else m.VERSIONS[-1])
        return len(data)

    def _end(
        self,
        requests: list[m.Request],
        stream: int,
        fault: FivefoldError,
        version: int | None = None,
    ) -> None:
        self.fault = fault if isinstance(fault, ProtocolFault) else ProtocolFault(fault.message)
        requests.append(m.Refused(stream, fault, version, last=True))

    def _read(self, version: int, flags: int, stream: int, opcode: int, body: bytes) -> m.Request:
        """Return what a whole envelope says."""
        if opcode not in m.REQUESTS or version & RESPONSE:
            return m.Refused(stream, _misplaced(version, opcode), self._answer_version(version))
        if version != self.version:
            if self.version:
                return m.Refused(stream, self._other_version(version))
            self.version = version
        if self.state is not State.READY or opcode == Opcode.STARTUP:
            fault = self._out_of_place(opcode)
            if fault is not None:
                return m.Refused(stream, fault)
        try:
            if flags & Flag.COMPRESSED and self._compressor is not None and version < 5:
                body = self._compressor.unpack(body)
            if flags & Flag.PAYLOAD and version >= 4:
                body = pass_payload(body)
        except (FivefoldError, struct.error, UnicodeDecodeError) as error:
            return m.Refused(stream, ProtocolFault(str(error)))
        request = read_body(opcode, stream, body, version)
        if flags & Flag.TRACING:
            request.traced = True
        if request.__class__ is m.Startup:
            return self._start(request)
        return request

    def _other_version(self, version: int) -> ProtocolFault:
        got, had = m.SUPPORTED_VERSIONS[version], m.SUPPORTED_VERSIONS[self.version]
        return ProtocolFault(
            f"Invalid message version. Got {got} but previous messages on this connection had"
            f" version {had}"
        )

    def _out_of_place(self, opcode: int) -> ProtocolFault | None:
        name = m.OPCODES[opcode]
        if self.state is State.ESTABLISHED:
            if opcode not in (Opcode.STARTUP, Opcode.OPTIONS):
                return ProtocolFault(f"Unexpected message {name}, expecting STARTUP or OPTIONS")
        elif self.state is State.AUTHENTICATION:
            if opcode != Opcode.AUTH_RESPONSE:
                return ProtocolFault(f"Unexpected message {name}, expecting SASL_RESPONSE")
        else:
            return ProtocolFault(
                f"Unexpected message {name}, the connection is already initialized"
            )
        return None

    def _start(self, request: m.Startup) -> m.Request:
        """Take what a STARTUP agrees on."""
        options = request.options
        try:
            _check_cql(options)
            name = options.get("COMPRESSION", "").lower()
            if name:
                self._compressor = self._agree(name)
        except ProtocolFault as fault:
            return m.Refused(request.stream, fault)
        self.state = State.AUTHENTICATION if self._asks_login() else State.READY
        self._frames_in = self.version >= 5
        return request

    def _agree(self, name: str) -> Compressor:
        found = compressors().get(name)
        if found is None:
            raise ProtocolFault(f"Unknown compression algorithm: {name}")
        if name == "snappy" and self.version >= 5:
            raise ProtocolFault("Snappy compression is not supported in protocol V5")
        return found

    def logged_in(self) -> None:
        """Take note that the client may ask for anything."""
        self.state = State.READY

    # Output

    def begin(self) -> None:
        """Take note that STARTUP was answered: from here on version 5 is framed."""
        self._frames_out = self._frames_in

    def envelope(
        self, stream: int, opcode: int, body: bytes, flags: int = 0, version: int | None = None
    ) -> bytes:
        """Return an answer. ``version`` is said where it is not the connection's own."""
        spoken = version or self.version or m.VERSIONS[-1]
        if spoken < 3:
            stream &= 0x7F
            return _OLD_HEADER.pack(RESPONSE | spoken, flags, stream, opcode, len(body)) + body
        if spoken < 5 and self._compressor is not None and len(body) >= COMPRESSED_BYTES_MIN:
            packed = self._compressor.pack(body)
            if len(packed) < len(body):
                body, flags = packed, flags | Flag.COMPRESSED
        return HEADER.pack(RESPONSE | spoken, flags, stream, opcode, len(body)) + body

    def pack(self, envelopes: Iterable[bytes]) -> bytes:
        """Return envelopes as they are sent."""
        if self._frames_out:
            return b"".join(encode_frames(envelopes, self._compressor))
        return b"".join(envelopes)


def _stream(data: bytes, at: int) -> int:
    """Return the stream of a header that may not be whole."""
    return int.from_bytes(data[at + 2 : at + 4], "big", signed=True)


def _too_big(size: int, most: int) -> FivefoldError:
    if size < 0:
        return ProtocolFault(f"a body of {size} bytes is none")
    return invalid(
        f"Request is too big: length {size + HEADER.size} exceeds maximum allowed length {most}.",
        "syntax_error",
    )


def _misplaced(version: int, opcode: int) -> ProtocolFault:
    name = m.OPCODES.get(opcode)
    if name is None:
        return ProtocolFault(f"Unknown opcode {opcode}")
    expected, got = ("REQUEST", "RESPONSE") if version & RESPONSE else ("RESPONSE", "REQUEST")
    return ProtocolFault(
        f"Wrong protocol direction (expected {expected}, got {got}) for opcode {opcode} ({name})"
    )


def _check_cql(options: dict[str, str]) -> None:
    said = options.get("CQL_VERSION")
    if said is None:
        raise ProtocolFault("Missing value CQL_VERSION in STARTUP message")
    numbers = said.partition("-")[0].split(".")
    if not all(number.isdecimal() for number in numbers) or len(numbers) < 2:
        raise ProtocolFault(f"Invalid version value: {said}")
    if tuple(map(int, numbers)) < CQL_VERSION_MIN:
        raise ProtocolFault(
            f"CQL version {said} is not supported by the binary protocol"
            " (supported version are >= 3.0.0)"
        )
