"""How a client's messages are spelled: one function for each, from its body to the message.

A body is what follows the type and the length. Functions raise ProtocolFault, or ValueError,
IndexError or struct.error where a body ends early: `machine` makes all of them one fault.

Source: PostgreSQL manual, "Frontend/Backend Protocol", section "Message Formats".
"""

from __future__ import annotations

from struct import Struct
from typing import Literal

from fivefold.errors import InvalidValue, ProtocolFault
from fivefold.wire import limits
from fivefold.wire.postgres.messages import (
    Bind,
    CancelRequest,
    Close,
    CopyData,
    CopyDone,
    CopyFail,
    Describe,
    EncryptionRequest,
    Execute,
    Flush,
    FunctionCall,
    Message,
    Parse,
    Password,
    Query,
    SaslInitial,
    SaslResponse,
    Startup,
    Sync,
    Terminate,
)

_SSL_REQUEST = 80877103
_GSS_REQUEST = 80877104
_CANCEL_REQUEST = 80877102

_uint16 = Struct("!H").unpack_from
_int32 = Struct("!i").unpack_from
_uint32 = Struct("!I").unpack_from

# A named tuple made by tuple's own constructor costs half of one made by its class.
_new = tuple.__new__

_ZERO = b"\0\0"
_NO_FORMATS: tuple[int, ...] = ()
_ONE_FORMAT = {b"\0\0": (0,), b"\0\1": (1,)}

_SYNC = Sync()
_FLUSH = Flush()
_TERMINATE = Terminate()
_COPY_DONE = CopyDone()
_EXECUTE_ALL = Execute("", 0)
_DESCRIBE_UNNAMED = Describe("portal", "")
_KINDS: dict[int, Literal["statement", "portal"]] = {ord("S"): "statement", ord("P"): "portal"}


def malformed() -> ProtocolFault:
    return ProtocolFault("invalid message format")


def decode_text(raw: bytes, encoding: str = "utf-8") -> str:
    """Return a text of the client. Raises InvalidValue if it is not of that encoding."""
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        shown = " ".join(f"0x{byte:02x}" for byte in raw[error.start : error.end])
        name = encoding.upper().replace("UTF-8", "UTF8")
        raise InvalidValue(
            f'invalid byte sequence for encoding "{name}": {shown}', "character_not_in_repertoire"
        ) from None


def spread_formats(formats: tuple[int, ...], count: int, what: str) -> tuple[int, ...]:
    """Return one format for each of `count` values of a Bind; `what` is for the error's text.

    Raises InvalidValue for a format that is neither text nor binary, and ProtocolFault for a
    number of formats that is neither none, one, nor `count`.
    """
    if not formats:
        return (0,) * count
    for code in formats:
        if code not in (0, 1):
            raise InvalidValue(f"unsupported format code: {code}", "invalid_parameter_value")
    if len(formats) == 1:
        return formats * count
    if len(formats) != count:
        raise ProtocolFault(f"bind message has {len(formats)} {what} formats but {count} {what}s")
    return formats


def _name(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def _whole_name(body: bytes, at: int = 0) -> str:
    """Return the name that fills `body` from `at`, its closing zero included."""
    if body.index(0, at) != len(body) - 1:
        raise malformed()
    return body[at:-1].decode("utf-8", "surrogateescape")


def _nothing(body: bytes) -> None:
    if body:
        raise malformed()


def decode_startup(body: bytes) -> Message:
    """Decode a packet that has no type: what opens a connection, or asks for its encryption."""
    (code,) = _uint32(body)
    if code in (_SSL_REQUEST, _GSS_REQUEST):
        _nothing(body[4:])
        return EncryptionRequest("tls" if code == _SSL_REQUEST else "gss")
    if code == _CANCEL_REQUEST:
        (process_id,) = _uint32(body, 4)
        secret = body[8:]
        if not 4 <= len(secret) <= limits.POSTGRES_CANCEL_KEY_BYTES_MAX:
            raise malformed()
        return CancelRequest(process_id, secret)
    major, minor = code >> 16, code & 0xFFFF
    if major != 3:
        raise ProtocolFault(
            f"unsupported frontend protocol {major}.{minor}: server supports 3.0 to 3.0"
        )
    *words, last, rest = body[4:].split(b"\0")
    if last or rest or len(words) % 2:
        raise ProtocolFault("invalid startup packet layout: expected terminator as last byte")
    names, values = map(_name, words[::2]), map(_name, words[1::2])
    parameters = dict(zip(names, values, strict=True))
    if "" in parameters:
        raise malformed()
    options = tuple(name for name in parameters if name.startswith("_pq_."))
    return Startup(parameters, minor, options)


def decode_password(body: bytes) -> Password:
    if body.index(0) != len(body) - 1:
        raise ProtocolFault("invalid password packet size")
    return Password(body[:-1])


def decode_sasl_initial(body: bytes) -> SaslInitial:
    zero = body.index(0)
    (size,) = _int32(body, zero + 1)
    at = zero + 5
    if size == -1:
        _nothing(body[at:])
        return SaslInitial(_name(body[:zero]), None)
    if size != len(body) - at:
        raise malformed()
    return SaslInitial(_name(body[:zero]), body[at:])


def decode_sasl_response(body: bytes) -> SaslResponse:
    return SaslResponse(body)


def decode_query(body: bytes) -> Query:
    if body.index(0) != len(body) - 1:
        raise malformed()
    return _new(Query, (body[:-1],))


def decode_parse(body: bytes) -> Parse:
    zero = body.index(0)
    end = body.index(0, zero + 1)
    (count,) = _uint16(body, end + 1)
    types = Struct(f"!{count}I")
    if len(body) != end + 3 + types.size:
        raise malformed()
    text = body[zero + 1 : end]
    return _new(Parse, (_name(body[:zero]), text, types.unpack_from(body, end + 3)))


def _formats(body: bytes, at: int) -> tuple[tuple[int, ...], int]:
    (count,) = _uint16(body, at)
    at += 2
    if count == 1:
        known = _ONE_FORMAT.get(body[at : at + 2])
        if known is not None:
            return known, at + 2
    formats = Struct(f"!{count}h")
    return formats.unpack_from(body, at), at + formats.size


def decode_bind(body: bytes) -> Bind:
    zero = body.index(0)
    portal = body[:zero].decode("utf-8", "surrogateescape") if zero else ""
    at = zero + 1
    zero = body.index(0, at)
    statement = body[at:zero].decode("utf-8", "surrogateescape") if zero > at else ""
    at = zero + 1
    parameter_formats = _NO_FORMATS
    if body[at : at + 2] == _ZERO:
        at += 2
    else:
        parameter_formats, at = _formats(body, at)
    (count,) = _uint16(body, at)
    at += 2
    parameters: list[bytes | None] = []
    while count:
        (size,) = _int32(body, at)
        at += 4
        if size >= 0:
            end = at + size
            parameters.append(body[at:end])
            at = end
        elif size == -1:
            parameters.append(None)
        else:
            raise malformed()
        count -= 1
    result_formats = _NO_FORMATS
    if body[at : at + 2] == _ZERO:
        at += 2
    else:
        result_formats, at = _formats(body, at)
    # A value that runs past the end was cut short above; it shows here.
    if at != len(body):
        raise malformed()
    return _new(Bind, (portal, statement, parameter_formats, parameters, result_formats))


def decode_execute(body: bytes) -> Execute:
    if body == b"\0\0\0\0\0":
        return _EXECUTE_ALL
    zero = body.index(0)
    if len(body) != zero + 5:
        raise malformed()
    (rows_max,) = _int32(body, zero + 1)
    # PostgreSQL takes a negative count for no limit.
    return Execute(_name(body[:zero]), max(rows_max, 0))


def decode_describe(body: bytes) -> Describe:
    if body == b"P\0":
        return _DESCRIBE_UNNAMED
    kind = _KINDS.get(body[0])
    if kind is None:
        raise ProtocolFault(f"invalid DESCRIBE message subtype {body[0]}")
    return Describe(kind, _whole_name(body, 1))


def decode_close(body: bytes) -> Close:
    kind = _KINDS.get(body[0])
    if kind is None:
        raise ProtocolFault(f"invalid CLOSE message subtype {body[0]}")
    return Close(kind, _whole_name(body, 1))


def decode_sync(body: bytes) -> Sync:
    _nothing(body)
    return _SYNC


def decode_flush(body: bytes) -> Flush:
    _nothing(body)
    return _FLUSH


def decode_terminate(body: bytes) -> Terminate:
    _nothing(body)
    return _TERMINATE


def decode_function_call(body: bytes) -> FunctionCall:
    """Its arguments are not looked at, as no function can be called this way."""
    (function,) = _uint32(body)
    return FunctionCall(function)


def decode_copy_data(body: bytes) -> CopyData:
    return _new(CopyData, (body,))


def decode_copy_done(body: bytes) -> CopyDone:
    _nothing(body)
    return _COPY_DONE


def decode_copy_fail(body: bytes) -> CopyFail:
    return CopyFail(_whole_name(body))
