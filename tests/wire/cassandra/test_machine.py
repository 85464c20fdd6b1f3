"""Connections of Cassandra's protocol without sockets: versions, envelopes, frames, places.

What is expected of wrong input is what a Cassandra 5.0.5 answered to the same bytes.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import fields, is_dataclass
from typing import Any

import lz4.block  # type: ignore[import-untyped]
import pytest
import snappy  # type: ignore[import-untyped]
from hypothesis import given, settings
from hypothesis import strategies as st

from fivefold.values.cql import faults
from fivefold.values.cql.types import UNSET
from fivefold.wire import limits
from fivefold.wire.cassandra import messages as m
from fivefold.wire.cassandra.compress import compressors
from fivefold.wire.cassandra.errors import number_of
from fivefold.wire.cassandra.frames import PAYLOAD_BYTES_MAX, encode_frame, read_frame
from fivefold.wire.cassandra.machine import CassandraMachine, State
from fivefold.wire.cassandra.messages import Flag, Opcode, QueryFlag
from tests.wire.cassandra.drivers import (
    answers,
    crc24,
    envelope,
    frame,
    integer,
    long_string,
    parameters,
    payloads,
    query,
    short,
    startup,
    string,
    string_map,
    value,
)

VERSIONS = (3, 4, 5)


def ready(version: int, **options: str) -> CassandraMachine:
    """A machine whose client may ask for anything, unframed where it can be."""
    machine = CassandraMachine()
    (said,) = machine.receive(startup(version, **options))
    assert isinstance(said, m.Startup)
    machine.begin()
    return machine


def plain(request: Any) -> Any:
    """A request as what can be compared."""
    if is_dataclass(request):
        return [
            request.__class__.__name__,
            *(plain(getattr(request, each.name)) for each in fields(request)),
        ]
    if isinstance(request, (list, tuple)):
        return [plain(each) for each in request]
    return request


def ask(machine: CassandraMachine, data: bytes) -> list[m.Request]:
    return machine.receive(frame(data) if machine.version == 5 else data)


ID = bytes(range(16))
WHOLE = QueryFlag.PAGE_SIZE | QueryFlag.PAGING_STATE | 0x10 | 0x20
TAIL = integer(100) + value(b"page") + short(9) + struct.pack(">q", 12345)


def bodies(version: int) -> list[tuple[int, bytes, m.Request]]:
    """Requests of a version as bytes, and what they say."""
    simple = m.Parameters(1)
    full = m.Parameters(6, [b"a", None], None, True, 100, b"page", 9, 12345)
    wholly = parameters(
        *(version, (b"a", None)),
        consistency=6,
        flags=WHOLE | QueryFlag.SKIP_METADATA,
        tail=TAIL,
    )
    named = parameters(version, (b"1", b""), names=("x", "Y"))
    head = short(16) + ID
    known = (short(3) + b"old", b"old") if version >= 5 else (b"", None)
    plain_batch = struct.pack(">Hi" if version >= 5 else ">HB", 4, 0)
    timed_batch = struct.pack(">Hi" if version >= 5 else ">HB", 4, 0x30) + TAIL[-10:]
    found: list[tuple[int, bytes, m.Request]] = [
        (Opcode.OPTIONS, b"", m.Options(5)),
        (
            Opcode.QUERY,
            long_string("SELECT é") + parameters(version),
            m.Query(5, "SELECT é", simple),
        ),
        (Opcode.QUERY, long_string("x") + wholly, m.Query(5, "x", full)),
        (
            *(Opcode.QUERY, long_string("x") + named),
            m.Query(5, "x", m.Parameters(1, [b"1", b""], ["x", "Y"])),
        ),
        (
            *(Opcode.EXECUTE, head + known[0] + wholly),
            m.Execute(5, ID, known[1], full),
        ),
        (
            Opcode.BATCH,
            b"\x01"
            + short(2)
            + b"\0"
            + long_string("a")
            + short(0)
            + b"\x01"
            + head
            + short(2)
            + value(b"v")
            + value(None)
            + plain_batch,
            m.Batch(5, "unlogged", [("a", []), (ID, [b"v", None])], m.Parameters(4)),
        ),
        (
            Opcode.BATCH,
            b"\x02" + short(0) + timed_batch,
            m.Batch(5, "counter", [], m.Parameters(4, serial_consistency=9, timestamp=12345)),
        ),
        (
            Opcode.REGISTER,
            short(2) + string("SCHEMA_CHANGE") + string("status_change"),
            m.Register(5, ["SCHEMA_CHANGE", "STATUS_CHANGE"]),
        ),
    ]
    if version < 5:
        found.append((Opcode.PREPARE, long_string("SELECT 1"), m.Prepare(5, "SELECT 1")))
    else:
        late = QueryFlag.KEYSPACE | QueryFlag.NOW
        tail = string("ks") + integer(-7)
        found += [
            (Opcode.PREPARE, long_string("x") + integer(0), m.Prepare(5, "x")),
            (Opcode.PREPARE, long_string("x") + integer(1) + string("k"), m.Prepare(5, "x", "k")),
            (
                Opcode.QUERY,
                long_string("x") + parameters(5, flags=late, tail=tail),
                m.Query(5, "x", m.Parameters(1, keyspace="ks", now_s=-7)),
            ),
            (
                Opcode.BATCH,
                b"\0" + short(0) + struct.pack(">Hi", 1, late) + tail,
                m.Batch(5, "logged", [], m.Parameters(1, keyspace="ks", now_s=-7)),
            ),
        ]
    if version >= 4:
        unset = m.Parameters(1, [UNSET])
        said = long_string("x") + parameters(version, (-2,))
        found.append((Opcode.QUERY, said, m.Query(5, "x", unset)))
    return found


@pytest.mark.parametrize("version", VERSIONS)
def test_requests(version: int) -> None:
    for opcode, body, request in bodies(version):
        said = envelope(version, opcode, body, 5)
        (whole,) = ask(ready(version), said)
        assert plain(whole) == plain(request)
        (longer,) = ask(ready(version), envelope(version, opcode, body + b"more", 5))
        assert opcode == Opcode.PREPARE or plain(longer) == plain(request)
        machine = ready(version)
        data = frame(said) if version == 5 else said
        found = [each for byte in data for each in machine.receive(bytes((byte,)))]
        assert plain(found) == plain([request])
        assert machine.fault is None


@pytest.mark.parametrize("version", VERSIONS)
def test_bodies_that_end_too_early(version: int) -> None:
    for opcode, body, _ in bodies(version):
        for size in range(len(body)):
            machine = ready(version)
            (found, after) = ask(
                machine,
                envelope(version, opcode, body[:size], 5) + envelope(version, Opcode.OPTIONS),
            )
            assert isinstance(found, m.Refused), (opcode, body, size)
            assert (found.stream, found.last) == (5, False)
            assert number_of(found.error, version) == faults.PROTOCOL
            assert isinstance(after, m.Options)


def test_traces_and_payloads() -> None:
    payload = short(1) + string("k") + value(b"zz")
    flags = Flag.TRACING | Flag.PAYLOAD
    said = payload + long_string("x") + parameters(4)
    (found,) = ready(4).receive(envelope(4, Opcode.QUERY, said, 5, flags))
    assert isinstance(found, m.Query)
    assert found.traced
    assert found.text == "x"
    broken = short(9) + string("k")
    (refused,) = ready(4).receive(envelope(4, Opcode.QUERY, broken, 5, Flag.PAYLOAD))
    assert isinstance(refused, m.Refused)


def test_version_3_knows_no_values_that_are_not_set() -> None:
    (found,) = ready(3).receive(query(3, "x", parameters(3, (-2, -3))))
    assert isinstance(found, m.Query)
    assert found.parameters.values == [None, None]


TOO_SHORT = "Not enough bytes to read an UTF8 serialized string preceded by its 4 bytes length"

SAID_WRONG: list[tuple[int, bytes, str]] = [
    (Opcode.QUERY, b"\0\0\0\x20SEL", TOO_SHORT),
    (Opcode.QUERY, integer(-1) + parameters(4), TOO_SHORT),
    (Opcode.QUERY, integer(2) + b"\xff\xfe" + parameters(4), "Cannot decode string as UTF8: 'ff'"),
    (
        *(Opcode.QUERY, long_string("x") + parameters(4, consistency=77)),
        "Unknown code 77 for a consistency level",
    ),
    (
        *(Opcode.QUERY, long_string("x") + parameters(4, flags=0x10, tail=short(99))),
        "Unknown code 99 for a consistency level",
    ),
    (Opcode.QUERY, long_string("x") + parameters(4, (-3,)), "Invalid ByteBuf length -3"),
    (
        Opcode.QUERY,
        long_string("x") + parameters(4, flags=0x20, tail=struct.pack(">q", -(2**63))),
        "Out of bound timestamp, must be in [-9223372036854775807, 9223372036854775807]"
        " (got -9223372036854775808)",
    ),
    (Opcode.REGISTER, short(1) + string("FOO"), "Invalid value 'FOO' for Type"),
    (Opcode.BATCH, b"\x07" + short(0) + b"\0\x01\0", "Invalid BATCH message type 7"),
    (
        Opcode.BATCH,
        b"\0" + short(1) + b"\x05\0" + b"\0\x01\0",
        "Invalid query kind in BATCH messages. Must be 0 or 1 but got 5",
    ),
    (0x55, b"", "Unknown opcode 85"),
    (
        *(Opcode.READY, b""),
        "Wrong protocol direction (expected RESPONSE, got REQUEST) for opcode 2 (READY)",
    ),
    (
        *(Opcode.STARTUP, string_map({"CQL_VERSION": "3.0.0"})),
        "Unexpected message STARTUP, the connection is already initialized",
    ),
]


@pytest.mark.parametrize(("opcode", "body", "message"), SAID_WRONG)
def test_what_is_said_wrongly(opcode: int, body: bytes, message: str) -> None:
    found, after = ready(4).receive(
        envelope(4, opcode, body, 7) + envelope(4, Opcode.OPTIONS, b"", 8)
    )
    assert isinstance(found, m.Refused)
    assert (found.stream, found.error.message, found.last) == (7, message, False)
    assert number_of(found.error, 4) == faults.PROTOCOL
    assert isinstance(after, m.Options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "Missing value CQL_VERSION in STARTUP message"),
        (
            {"CQL_VERSION": "2.0.0"},
            "CQL version 2.0.0 is not supported by the binary protocol"
            " (supported version are >= 3.0.0)",
        ),
        ({"CQL_VERSION": "new"}, "Invalid version value: new"),
        (
            {"CQL_VERSION": "3.0.0", "COMPRESSION": "gzip"},
            "Unknown compression algorithm: gzip",
        ),
    ],
)
@pytest.mark.parametrize("version", VERSIONS)
def test_startups_that_are_refused(version: int, options: dict[str, str], message: str) -> None:
    machine = CassandraMachine()
    (found,) = machine.receive(envelope(version, Opcode.STARTUP, string_map(options), 3))
    assert isinstance(found, m.Refused)
    assert (found.stream, found.error.message) == (3, message)
    assert machine.state is State.ESTABLISHED
    (again,) = machine.receive(startup(version))  # not framed
    assert isinstance(again, m.Startup)


def test_snappy_and_version_5() -> None:
    machine = CassandraMachine()
    (found,) = machine.receive(startup(5, COMPRESSION="snappy"))
    assert isinstance(found, m.Refused)
    assert found.error.message == "Snappy compression is not supported in protocol V5"


@pytest.mark.parametrize("version", VERSIONS)
def test_places(version: int) -> None:
    machine = CassandraMachine(lambda: True)
    (early,) = machine.receive(query(version, "x"))
    assert isinstance(early, m.Refused)
    assert early.error.message == "Unexpected message QUERY, expecting STARTUP or OPTIONS"
    options, begun = machine.receive(envelope(version, Opcode.OPTIONS) + startup(version))
    assert isinstance(options, m.Options)
    assert isinstance(begun, m.Startup)
    assert machine.state is State.AUTHENTICATION
    (unknown,) = ask(machine, query(version, "x"))
    assert isinstance(unknown, m.Refused)
    assert unknown.error.message == "Unexpected message QUERY, expecting SASL_RESPONSE"
    (token,) = ask(machine, envelope(version, Opcode.AUTH_RESPONSE, value(b"\0a\0b"), 2))
    assert plain(token) == ["AuthResponse", 2, b"\0a\0b", False]
    machine.logged_in()
    (asked,) = ask(machine, query(version, "x"))
    assert isinstance(asked, m.Query)


@pytest.mark.parametrize(
    ("version", "answered"), [(0, 5), (1, 1), (2, 2), (6, 5), (65, 5), (66, 5), (71, 5)]
)
def test_versions_that_are_not_spoken(version: int, answered: int) -> None:
    machine = CassandraMachine()
    (found,) = machine.receive(envelope(version, Opcode.OPTIONS, b"", 7))
    assert isinstance(found, m.Refused)
    assert (found.stream, found.version, found.last) == (0, answered, True)
    assert found.error.message == (
        f"Invalid or unsupported protocol version ({version});"
        " supported versions are (3/v3, 4/v4, 5/v5)"
    )
    assert machine.receive(startup(4)) == []
    said = machine.envelope(0, Opcode.ERROR, b"", version=answered)
    assert said == bytes((0x80 | answered,)) + bytes(7 if answered < 3 else 8)


def test_another_version_than_before() -> None:
    found, after = ready(4).receive(envelope(3, Opcode.OPTIONS, b"", 7) + query(4, "x"))
    assert isinstance(found, m.Refused)
    assert found.error.message == (
        "Invalid message version. Got 3/v3 but previous messages on this connection had"
        " version 4/v4"
    )
    assert isinstance(after, m.Query)


def test_an_answer_in_the_place_of_a_request() -> None:
    (found,) = CassandraMachine().receive(envelope(0x84, Opcode.OPTIONS))
    assert isinstance(found, m.Refused)
    assert found.version == 4
    assert found.error.message == (
        "Wrong protocol direction (expected REQUEST, got RESPONSE) for opcode 5 (OPTIONS)"
    )


# What is too large

MAX = limits.CASSANDRA_MESSAGE_BYTES_MAX


def test_what_is_too_large_is_passed_over() -> None:
    machine = ready(4)
    size = MAX + 1
    (found,) = machine.receive(struct.pack(">BBhBi", 4, 0, 9, 7, size) + bytes(1000))
    assert isinstance(found, m.Refused)
    assert number_of(found.error, 4) == faults.INVALID
    assert found.error.message == (
        f"Request is too big: length {size + 9} exceeds maximum allowed length 16777216."
    )
    assert machine.receive(bytes(size - 2000)) == []
    (after,) = machine.receive(bytes(1000) + query(4, "x"))
    assert isinstance(after, m.Query)


def test_what_is_too_large_in_frames() -> None:
    machine = ready(5)
    head = struct.pack(">BBhBi", 5, 0, 9, 7, MAX)
    part = frame(bytes(PAYLOAD_BYTES_MAX), self_contained=False)
    (found,) = machine.receive(frame(head, self_contained=False) + part)
    assert isinstance(found, m.Refused)
    times, rest = divmod(MAX, PAYLOAD_BYTES_MAX)
    assert all(machine.receive(part) == [] for _ in range(times - 1))
    last = frame(bytes(rest), self_contained=False)
    (after,) = machine.receive(last + frame(query(5, "x")))
    assert isinstance(after, m.Query)


def test_whoever_has_not_logged_in_says_less() -> None:
    machine = CassandraMachine()
    (found,) = machine.receive(struct.pack(">BBhBi", 4, 0, 9, 1, 70_000))
    assert isinstance(found, m.Refused)
    assert found.last
    negative = ready(4)
    (found,) = negative.receive(struct.pack(">BBhBi", 4, 0, 9, 7, -5))
    assert isinstance(found, m.Refused)
    assert found.last


# Frames


def test_several_envelopes_in_a_frame() -> None:
    said = query(5, "a", stream=1) + query(5, "b", stream=2)
    found = ready(5).receive(frame(said) + frame(query(5, "c", stream=3)))
    assert [each.stream for each in found] == [1, 2, 3]


def test_an_envelope_in_several_frames() -> None:
    said = query(5, "x" * 300_000, stream=4)
    for size in (4, 20, 100_000):
        parts = [said[:size], *(said[at : at + 120_000] for at in range(size, len(said), 120_000))]
        data = b"".join(frame(part, False) for part in parts)
        (found,) = ready(5).receive(data)
        assert isinstance(found, m.Query)
        assert len(found.text) == 300_000
        machine = ready(5)
        cut = [data[at : at + 50_000] for at in range(0, len(data), 50_000)]
        assert len([each for piece in cut for each in machine.receive(piece)]) == 1


def test_what_follows_startup_at_once() -> None:
    machine = CassandraMachine()
    found = machine.receive(startup(5) + frame(query(5, "x")))
    assert [each.__class__ for each in found] == [m.Startup, m.Query]
    assert machine.pack([b"ready"]) == b"ready"  # its answer is not framed
    machine.begin()
    assert machine.pack([b"more"]) == frame(b"more")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (frame(query(5, "x"), head=1), "mismatch detected in frame header"),
        (frame(query(5, "x"), body=1), "mismatch detected in frame body"),
        (query(5, "SELECT a FROM b"), "mismatch detected in frame header"),
    ],
)
def test_wrong_checksums(data: bytes, message: str) -> None:
    machine = ready(5)
    (found,) = machine.receive(data)
    assert isinstance(found, m.Refused)
    assert found.last
    assert message in found.error.message
    assert machine.receive(frame(query(5, "x"))) == []


def test_frames_that_do_not_end_with_an_envelope() -> None:
    machine = ready(5)
    cut, after = machine.receive(frame(query(5, "x", stream=3)[:-2]) + frame(query(5, "y")))
    assert isinstance(cut, m.Refused)
    assert cut.stream == 3
    assert isinstance(after, m.Query)
    (both,) = machine.receive(frame(query(5, "x")[:5], False) + frame(query(5, "y")))
    assert isinstance(both, m.Refused)
    assert both.last


@pytest.mark.parametrize("size", [0, 1, 255, 256, 5000, PAYLOAD_BYTES_MAX])
@pytest.mark.parametrize("name", [None, "lz4"])
def test_frames_round_trip(size: int, name: str | None) -> None:
    compressor = None if name is None else compressors()[name]
    for payload in (bytes(size), bytes(range(256)) * (size // 256 + 1)):
        payload = payload[:size]
        data = encode_frame(payload, True, compressor)
        if compressor is None:
            assert data == frame(payload)
        found = read_frame(b"xx" + data + b"yy", 2, compressor)
        assert found is not None
        assert (found.payload, found.self_contained) == (payload, True)
        assert found.end == len(data) + 2
        assert all(read_frame(data[:at], 0, compressor) is None for at in (0, 3, 7, len(data) - 1))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.binary(max_size=200_000), max_size=8))
def test_answers_are_framed(bodies: list[bytes]) -> None:
    machine = ready(5)
    said = [machine.envelope(n, Opcode.RESULT, body) for n, body in enumerate(bodies)]
    found = answers(payloads(machine.pack(said)))
    assert [(each.stream, each.body) for each in found] == list(enumerate(bodies))


def test_crc24() -> None:
    data = bytes((0x48, 0, 2))
    assert crc24(data) == 0xEBC01A  # of an answer of Cassandra's


# Compression


@pytest.mark.parametrize("name", ["lz4", "snappy"])
@pytest.mark.parametrize("version", [3, 4])
def test_compressed_bodies(version: int, name: str) -> None:
    machine = ready(version, COMPRESSION=name)
    body = long_string("x" * 5000) + parameters(version)
    packed = {
        "lz4": len(body).to_bytes(4, "big") + lz4.block.compress(body, store_size=False),
        "snappy": snappy.compress(body),
    }[name]
    (found,) = machine.receive(envelope(version, Opcode.QUERY, packed, 2, Flag.COMPRESSED))
    assert isinstance(found, m.Query)
    assert len(found.text) == 5000
    (bare,) = machine.receive(envelope(version, Opcode.QUERY, body, 2))
    assert isinstance(bare, m.Query)
    (answer,) = answers(machine.pack([machine.envelope(2, Opcode.RESULT, body)]))
    assert answer.flags == Flag.COMPRESSED
    assert len(answer.body) < 1000
    assert compressors()[name].unpack(answer.body) == body
    (small,) = answers(machine.envelope(2, Opcode.RESULT, b"abc"))
    assert (small.flags, small.body) == (0, b"abc")


@pytest.mark.parametrize("name", ["lz4", "snappy"])
@pytest.mark.parametrize(
    "body", [b"", b"\0", b"\x7f\xff\xff\xffabc", b"\xff\xff\xff\xff\x7f\0", b"\0\0\1\0abcabc"]
)
def test_compressed_bodies_that_are_none(name: str, body: bytes) -> None:
    (found,) = ready(4, COMPRESSION=name).receive(
        envelope(4, Opcode.QUERY, body, 2, Flag.COMPRESSED)
    )
    assert isinstance(found, m.Refused)
    assert not found.last


def test_a_flag_of_compression_that_was_not_agreed_on() -> None:
    (found,) = ready(4).receive(query(4, "x", flags=Flag.COMPRESSED))
    assert isinstance(found, m.Query)


def test_compressed_frames() -> None:
    machine = ready(5, COMPRESSION="lz4")
    data = encode_frame(query(5, "x" * 5000), True, compressors()["lz4"])
    assert len(data) < 200
    (found,) = machine.receive(data)
    assert isinstance(found, m.Query)
    body = b"y" * 5000
    said = machine.pack([machine.envelope(1, Opcode.RESULT, body)])
    frame_read = read_frame(said, 0, compressors()["lz4"])
    assert frame_read is not None
    assert answers(frame_read.payload)[0].body == body
    number = 10 | 5000 << 17 | 1 << 34
    header = number.to_bytes(5, "little")
    header += crc24(header).to_bytes(3, "little")
    payload = b"0123456789"
    crc = zlib.crc32(payload, zlib.crc32(b"\xfa\x2d\x55\xca")).to_bytes(4, "little")
    (broken,) = machine.receive(header + payload + crc)
    assert isinstance(broken, m.Refused)
    assert broken.last


# Garbage


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200), st.sampled_from((0, *VERSIONS)))
def test_garbage_never_raises(data: bytes, version: int) -> None:
    machine = ready(version) if version else CassandraMachine()
    machine.receive(data)
    if version:
        machine = ready(version)
        machine.receive(bytes((version,)) + data)
        for opcode in sorted(m.REQUESTS):
            for request in ask(ready(version), envelope(version, opcode, data, 1)):
                assert request.stream == 1
