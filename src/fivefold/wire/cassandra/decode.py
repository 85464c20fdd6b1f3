"""How requests are spelled: the notations of section 3, and the bodies of section 4.1.

Bodies may be longer than what is said of them; what is left over is ignored, as in Cassandra. The
messages of faults are Cassandra's.

Source: native_protocol_v3.spec, v4 and v5, sections 3 and 4.1.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping

from fivefold.errors import FivefoldError, ProtocolFault
from fivefold.values.cql.types import UNSET
from fivefold.wire.cassandra import messages as m
from fivefold.wire.cassandra.messages import QueryFlag

_int = struct.Struct(">i").unpack_from
_long = struct.Struct(">q").unpack_from
_short = struct.Struct(">H").unpack_from
_consistency_byte = struct.Struct(">HB").unpack_from
_consistency_int = struct.Struct(">Hi").unpack_from

_LONG_MIN = -(2**63)


def _ends(what: str) -> ProtocolFault:
    return ProtocolFault(f"Not enough bytes to read {what}")


def _string(data: bytes, at: int) -> tuple[str, int]:
    """Return the [string] that begins there, and where it ends."""
    start = at + 2
    end = start + _short(data, at)[0]
    if end > len(data):
        raise _ends("an UTF8 serialized string preceded by its 2 bytes length")
    return str(data[start:end], "utf-8"), end


def _long_string(data: bytes, at: int) -> tuple[str, int]:
    start = at + 4
    end = start + _int(data, at)[0]
    if not start <= end <= len(data):
        raise _ends("an UTF8 serialized string preceded by its 4 bytes length")
    return str(data[start:end], "utf-8"), end


def _strings(data: bytes, at: int) -> tuple[list[str], int]:
    count = _short(data, at)[0]
    at += 2
    found = []
    for _ in range(count):
        text, at = _string(data, at)
        found.append(text)
    return found, at


def _string_map(data: bytes, at: int) -> dict[str, str]:
    count = _short(data, at)[0]
    at += 2
    found = {}
    for _ in range(count):
        key, at = _string(data, at)
        found[key], at = _string(data, at)
    return found


def _bytes(data: bytes, at: int) -> tuple[bytes | None, int]:
    size = _int(data, at)[0]
    at += 4
    if size < 0:
        return None, at
    if at + size > len(data):
        raise _ends("a byte array preceded by its length")
    return data[at : at + size], at + size


def _short_bytes(data: bytes, at: int) -> tuple[bytes, int]:
    start = at + 2
    end = start + _short(data, at)[0]
    if end > len(data):
        raise _ends("a byte array preceded by its length")
    return data[start:end], end


def pass_payload(data: bytes) -> bytes:
    """Return a body without the custom payload that it begins with: nobody here reads it."""
    count = _short(data, 0)[0]
    at = 2
    for _ in range(count):
        _, at = _string(data, at)
        _, at = _bytes(data, at)
    return data[at:]


def _values(data: bytes, at: int, version: int) -> tuple[list[m.Value], int]:
    """Return a [short] and so many [value]; version 3 knows no values that are not set."""
    count = _short(data, at)[0]
    at += 2
    values: list[m.Value] = []
    add = values.append
    end = len(data)
    for _ in range(count):
        size = _int(data, at)[0]
        at += 4
        if size >= 0:
            stop = at + size
            if stop > end:
                raise _ends("a byte array preceded by its length")
            add(data[at:stop])
            at = stop
        else:
            add(_missing(size, version))
    return values, at


def _missing(size: int, version: int) -> m.Value:
    if size == -1 or version < 4:
        return None
    if size == -2:
        return UNSET
    raise ProtocolFault(f"Invalid ByteBuf length {size}")


def _named_values(data: bytes, at: int, version: int) -> tuple[list[str], list[m.Value], int]:
    count = _short(data, at)[0]
    at += 2
    names, values = [], []
    for _ in range(count):
        name, at = _string(data, at)
        names.append(name)
        size = _int(data, at)[0]
        at += 4
        if size < 0:
            values.append(_missing(size, version))
            continue
        if at + size > len(data):
            raise _ends("a byte array preceded by its length")
        values.append(data[at : at + size])
        at += size
    return names, values, at


def _check_consistency(number: int) -> int:
    if number >= len(m.CONSISTENCIES):
        raise ProtocolFault(f"Unknown code {number} for a consistency level")
    return number


def _parameters(data: bytes, at: int, version: int) -> m.Parameters:
    """Return <query_parameters>."""
    if version >= 5:
        consistency, flags = _consistency_int(data, at)
        at += 6
    else:
        consistency, flags = _consistency_byte(data, at)
        at += 3
    found = m.Parameters(consistency)
    if consistency >= len(m.CONSISTENCIES):
        _check_consistency(consistency)
    if flags & QueryFlag.VALUES:
        if flags & QueryFlag.NAMES:
            found.names, found.values, at = _named_values(data, at, version)
        else:
            found.values, at = _values(data, at, version)
    found.skip_metadata = bool(flags & QueryFlag.SKIP_METADATA)
    if flags & QueryFlag.PAGE_SIZE:
        found.page_size = _int(data, at)[0]
        at += 4
    if flags & QueryFlag.PAGING_STATE:
        found.paging, at = _bytes(data, at)
    if flags >= QueryFlag.SERIAL_CONSISTENCY:
        _later_options(data, at, flags, found, version)
    return found


def _later_options(data: bytes, at: int, flags: int, found: m.Parameters, version: int) -> None:
    """Read what statements and batches may both say."""
    if flags & QueryFlag.SERIAL_CONSISTENCY:
        found.serial_consistency = _check_consistency(_short(data, at)[0])
        at += 2
    if flags & QueryFlag.TIMESTAMP:
        found.timestamp = _long(data, at)[0]
        if found.timestamp == _LONG_MIN:
            raise ProtocolFault(
                f"Out of bound timestamp, must be in [{_LONG_MIN + 1}, {-_LONG_MIN - 1}]"
                f" (got {_LONG_MIN})"
            )
        at += 8
    if version >= 5:
        if flags & QueryFlag.KEYSPACE:
            found.keyspace, at = _string(data, at)
        if flags & QueryFlag.NOW:
            found.now_s = _int(data, at)[0]


# Bodies


def _startup(stream: int, data: bytes, version: int) -> m.Request:
    said = _string_map(data, 0)
    return m.Startup(stream, {key.upper(): value for key, value in said.items()})


def _options(stream: int, data: bytes, version: int) -> m.Request:
    return m.Options(stream)


def _auth_response(stream: int, data: bytes, version: int) -> m.Request:
    return m.AuthResponse(stream, _bytes(data, 0)[0])


def _register(stream: int, data: bytes, version: int) -> m.Request:
    events, _ = _strings(data, 0)
    for event in events:
        if event.upper() not in m.EVENTS:
            raise ProtocolFault(f"Invalid value '{event}' for Type")
    return m.Register(stream, [event.upper() for event in events])


def _query(stream: int, data: bytes, version: int) -> m.Request:
    text, at = _long_string(data, 0)
    return m.Query(stream, text, _parameters(data, at, version))


def _prepare(stream: int, data: bytes, version: int) -> m.Request:
    text, at = _long_string(data, 0)
    keyspace = None
    if version >= 5 and _int(data, at)[0] & 0x01:
        keyspace, _ = _string(data, at + 4)
    return m.Prepare(stream, text, keyspace)


def _execute(stream: int, data: bytes, version: int) -> m.Request:
    id, at = _short_bytes(data, 0)
    metadata_id = None
    if version >= 5:
        metadata_id, at = _short_bytes(data, at)
    return m.Execute(stream, id, metadata_id, _parameters(data, at, version))


def _batch(stream: int, data: bytes, version: int) -> m.Request:
    number, count = data[0], _short(data, 1)[0]
    if number >= len(m.BATCHES):
        raise ProtocolFault(f"Invalid BATCH message type {number}")
    at = 3
    statements: list[tuple[str | bytes, list[m.Value]]] = []
    for _ in range(count):
        kind = data[at]
        what: str | bytes
        if kind == 0:
            what, at = _long_string(data, at + 1)
        elif kind == 1:
            what, at = _short_bytes(data, at + 1)
        else:
            raise ProtocolFault(
                f"Invalid query kind in BATCH messages. Must be 0 or 1 but got {kind}"
            )
        values, at = _values(data, at, version)
        statements.append((what, values))
    if version >= 5:
        consistency, flags = _consistency_int(data, at)
        at += 6
    else:
        consistency, flags = _consistency_byte(data, at)
        at += 3
    found = m.Parameters(_check_consistency(consistency))
    _later_options(data, at, flags, found, version)
    return m.Batch(stream, m.BATCHES[number], statements, found)


_READERS: Mapping[int, Callable[[int, bytes, int], m.Request]] = {
    m.Opcode.STARTUP: _startup,
    m.Opcode.OPTIONS: _options,
    m.Opcode.AUTH_RESPONSE: _auth_response,
    m.Opcode.REGISTER: _register,
    m.Opcode.QUERY: _query,
    m.Opcode.PREPARE: _prepare,
    m.Opcode.EXECUTE: _execute,
    m.Opcode.BATCH: _batch,
}


def read_body(opcode: int, stream: int, data: bytes, version: int) -> m.Request:
    """Return what a whole body says; never raises. Its length was not looked at before."""
    try:
        return _READERS[opcode](stream, data, version)
    except FivefoldError as error:
        return m.Refused(stream, error)
    except (struct.error, IndexError):
        return m.Refused(stream, _ends("what the message has to say"))
    except UnicodeDecodeError as error:
        found = error.object[error.start : error.end].hex()
        return m.Refused(stream, ProtocolFault(f"Cannot decode string as UTF8: '{found}'"))
