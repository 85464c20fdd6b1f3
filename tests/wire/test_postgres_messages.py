"""Bytes to what clients say, however they are cut; and what servers say to bytes."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fivefold.errors import InvalidValue, ProtocolFault
from fivefold.wire.postgres import PostgresMachine, encode
from fivefold.wire.postgres.decode import decode_text, spread_formats
from fivefold.wire.postgres.errors import encode_notice
from fivefold.wire.postgres.messages import (
    Bind,
    Close,
    Column,
    CopyData,
    CopyDone,
    CopyFail,
    Describe,
    Execute,
    Fields,
    Flush,
    FunctionCall,
    Message,
    Parse,
    Query,
    Sync,
    Terminate,
)


def framed(kind: bytes, body: bytes = b"") -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body


def startup(code: int = 196608, body: bytes = b"user\0me\0\0") -> bytes:
    return struct.pack("!iI", len(body) + 8, code) + body


def ready_machine() -> PostgresMachine:
    machine = PostgresMachine()
    machine.feed(startup())
    assert machine.next_message() is not None
    machine.welcome()
    return machine


def all_messages(machine: PostgresMachine) -> list[Message]:
    messages = []
    while (message := machine.next_message()) is not None:
        messages.append(message)
    return messages


READY: list[tuple[bytes, Message]] = [
    (framed(b"Q", b"SELECT 1\0"), Query(b"SELECT 1")),
    (framed(b"Q", b"\0"), Query(b"")),
    (framed(b"P", b"\0SELECT $1\0\0\0"), Parse("", b"SELECT $1", ())),
    (framed(b"P", b"s\0x\0\0\2\0\0\0\x17\0\0\0\0"), Parse("s", b"x", (23, 0))),
    (framed(b"P", b"s\0x\0\0\1\xff\xff\xff\xfe"), Parse("s", b"x", (2**32 - 2,))),
    (framed(b"B", b"\0\0\0\0\0\0\0\0"), Bind("", "", (), [], ())),
    (
        framed(b"B", b"p\0s\0\0\0\0\3\0\0\0\2ab\xff\xff\xff\xff\0\0\0\0\0\1\0\1"),
        Bind("p", "s", (), [b"ab", None, b""], (1,)),
    ),
    (
        framed(b"B", b"\0s\0\0\2\0\1\0\0\0\2\0\0\0\1\0\0\0\0\1\0\0\2\0\0\0\1"),
        Bind("", "s", (1, 0), [b"\0", b"\0"], (0, 1)),
    ),
    (framed(b"B", b"\0\0\0\1\0\0\0\0\0\1\0\7"), Bind("", "", (0,), [], (7,))),
    (framed(b"D", b"P\0"), Describe("portal", "")),
    (framed(b"D", b"Sname\0"), Describe("statement", "name")),
    (framed(b"D", b"S\xc3\xa9\xff\0"), Describe("statement", "é\udcff")),
    (framed(b"C", b"Sname\0"), Close("statement", "name")),
    (framed(b"C", b"P\0"), Close("portal", "")),
    (framed(b"E", b"\0\0\0\0\0"), Execute("", 0)),
    (framed(b"E", b"p\0\0\0\1\0"), Execute("p", 256)),
    (framed(b"E", b"\0\xff\xff\xff\xff"), Execute("", 0)),
    (framed(b"H"), Flush()),
    (framed(b"S"), Sync()),
    (framed(b"F", b"\0\0\0\5anything"), FunctionCall(5)),
    (framed(b"X"), Terminate()),
]

COPY: list[tuple[bytes, Message]] = [
    (framed(b"d", b"1\t2\n"), CopyData(b"1\t2\n")),
    (framed(b"d"), CopyData(b"")),
    (framed(b"c"), CopyDone()),
    (framed(b"f", b"no more\0"), CopyFail("no more")),
]


def fed(data: bytes, cuts: list[int], copying: bool = False) -> tuple[list[Message], bool]:
    """Return the messages, typed and in order, and whether a fault ended them."""
    machine = ready_machine()
    if copying:
        machine.begin_copy_in()
    messages: list[Message] = []
    for start, stop in zip([0, *cuts], [*cuts, len(data)], strict=True):
        machine.feed(data[start:stop])
        try:
            while (message := machine.next_message()) is not None:
                messages.append(message)
        except ProtocolFault:
            return messages, True
    return messages, False


@pytest.mark.parametrize(("data", "message"), READY + COPY)
def test_messages_whole_and_at_every_cut(data: bytes, message: Message) -> None:
    copying = (data, message) in COPY
    cuts: list[list[int]] = [[], list(range(1, len(data))), *([n] for n in range(1, len(data)))]
    for cut in cuts:
        messages, fault = fed(data, cut, copying)
        assert messages == [message]
        assert type(messages[0]) is type(message)
        assert not fault


def test_all_in_one_and_byte_by_byte() -> None:
    data = b"".join(row[0] for row in READY)
    expected = ([row[1] for row in READY], False)
    assert fed(data, []) == expected
    assert fed(data, list(range(1, len(data)))) == expected


def test_a_long_message_in_small_pieces() -> None:
    text = b"x" * 1_000_000
    data = framed(b"Q", text + b"\0") + framed(b"S")
    assert fed(data, list(range(50, len(data), 50))) == ([Query(text), Sync()], False)


MALFORMED: list[bytes] = [
    framed(b"Q"),
    framed(b"Q", b"no end"),
    framed(b"Q", b"a\0b\0"),
    framed(b"P", b"\0"),
    framed(b"P", b"\0x\0"),
    framed(b"P", b"\0x\0\0\1\0\0"),
    framed(b"P", b"\0x\0\0\0\0"),
    framed(b"B", b"\0\0\0\0\0\0\0"),
    framed(b"B", b"\0\0\0\0\0\0\0\0\0"),
    framed(b"B", b"\0\0\0\0\0\1\0\0\0\5ab\0\0"),
    framed(b"B", b"\0\0\0\0\0\1\xff\xff\xff\xfe\0\0"),
    framed(b"B", b"\0\0\0\0\xff\xff\0\0"),
    framed(b"B", b"\0\0\xff\xff\0\0\0\0"),
    framed(b"D"),
    framed(b"D", b"Xname\0"),
    framed(b"D", b"Sname"),
    framed(b"D", b"Sna\0me\0"),
    framed(b"C", b"Xname\0"),
    framed(b"E", b"\0\0\0\0"),
    framed(b"E", b"\0\0\0\0\0\0"),
    framed(b"S", b"x"),
    framed(b"H", b"x"),
    framed(b"X", b"x"),
    framed(b"F", b"\0"),
    framed(b"p", b"secret\0"),
    framed(b"?", b""),
    b"Q\0\0\0\3",
    b"Q\xff\xff\xff\xff",
    b"Q\x7f\xff\xff\xff",
    b"S\0\1\0\0",
    b"GET / HTTP/1.1\r\n\r\n",
]


@pytest.mark.parametrize("data", MALFORMED)
def test_malformed(data: bytes) -> None:
    before = framed(b"Q", b"x\0")
    assert fed(before + data + before, []) == ([Query(b"x")], True)
    data = before + data
    assert fed(data, list(range(1, len(data)))) == ([Query(b"x")], True)


MUTATED = st.sampled_from([row[0] for row in READY + COPY] + MALFORMED) | st.binary(max_size=8)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.lists(MUTATED, max_size=6).map(b"".join), st.data(), st.booleans())
def test_garbage_is_the_same_however_cut(data: bytes, draw: st.DataObject, copying: bool) -> None:
    if data:
        at = draw.draw(st.integers(0, len(data) - 1))
        data = data[:at] + draw.draw(st.binary(min_size=1, max_size=1)) + data[at + 1 :]
    whole = fed(data, [], copying)
    assert fed(data, list(range(1, len(data))), copying) == whole


def test_texts_and_formats() -> None:
    assert decode_text("é".encode()) == "é"
    assert decode_text(b"\xe9", "latin-1") == "é"
    with pytest.raises(InvalidValue, match=r'^invalid byte sequence for encoding "UTF8": 0xff$'):
        decode_text(b"a\xffb")
    assert spread_formats((), 2, "parameter") == (0, 0)
    assert spread_formats((1,), 2, "parameter") == (1, 1)
    assert spread_formats((1, 0), 2, "parameter") == (1, 0)
    with pytest.raises(InvalidValue, match="unsupported format code: 2"):
        spread_formats((2,), 1, "result")
    with pytest.raises(ProtocolFault, match="2 parameter formats but 3 parameters"):
        spread_formats((0, 1), 3, "parameter")


COLUMN = Column("n", 23, 4, -1, 1, 16384, 2)
FIELDS = Fields("ERROR", "42703", "no\0 é", "d", "h", 8, "s", "t", "c", "int", "k")

BACKEND: list[tuple[bytes, bytes]] = [
    (encode.PARSE_COMPLETE, framed(b"1")),
    (encode.BIND_COMPLETE, framed(b"2")),
    (encode.CLOSE_COMPLETE, framed(b"3")),
    (encode.NO_DATA, framed(b"n")),
    (encode.EMPTY_QUERY_RESPONSE, framed(b"I")),
    (encode.PORTAL_SUSPENDED, framed(b"s")),
    (encode.COPY_DONE, framed(b"c")),
    (encode.READY_IDLE, framed(b"Z", b"I")),
    (encode.ready_for_query("I"), encode.READY_IDLE),
    (encode.ready_for_query("T"), encode.READY_IN_TRANSACTION),
    (encode.ready_for_query("E"), encode.READY_FAILED),
    (encode.AUTHENTICATION_OK, framed(b"R", b"\0\0\0\0")),
    (encode.AUTHENTICATION_CLEARTEXT, framed(b"R", b"\0\0\0\3")),
    (
        encode.authentication_sasl(["SCRAM-SHA-256"]),
        framed(b"R", b"\0\0\0\nSCRAM-SHA-256\0\0"),
    ),
    (encode.authentication_sasl_continue(b"r=x"), framed(b"R", b"\0\0\0\x0br=x")),
    (encode.authentication_sasl_final(b"v=y"), framed(b"R", b"\0\0\0\x0cv=y")),
    (
        encode.negotiate_protocol_version(["_pq_.x"]),
        framed(b"v", b"\0\3\0\0\0\0\0\1_pq_.x\0"),
    ),
    (encode.parameter_status("TimeZone", "UTC"), framed(b"S", b"TimeZone\0UTC\0")),
    (encode.backend_key_data(2**32 - 1, b"abcd"), framed(b"K", b"\xff\xff\xff\xffabcd")),
    (encode.row_description([]), framed(b"T", b"\0\0")),
    (
        encode.row_description([COLUMN]),
        framed(b"T", b"\0\1n\0\0\0\x40\0\0\2\0\0\0\x17\0\4\xff\xff\xff\xff\0\1"),
    ),
    (encode.parameter_description([]), framed(b"t", b"\0\0")),
    (encode.parameter_description([23, 25]), framed(b"t", b"\0\2\0\0\0\x17\0\0\0\x19")),
    (encode.data_row([]), framed(b"D", b"\0\0")),
    (encode.data_row([b"ab", None, b""]), framed(b"D", b"\0\3\0\0\0\2ab\xff\xff\xff\xff\0\0\0\0")),
    (encode.data_row([b"x" * 2000]), framed(b"D", b"\0\1\0\0\x07\xd0" + b"x" * 2000)),
    (
        encode.row_encoder([str.encode, lambda n: b"%d" % n, str.encode])(("x" * 1024, 7, None)),
        framed(b"D", b"\0\3\0\0\4\0" + b"x" * 1024 + b"\0\0\0\x017\xff\xff\xff\xff"),
    ),
    (encode.command_complete("INSERT 0 1"), framed(b"C", b"INSERT 0 1\0")),
    (encode.copy_in_response(0, [0, 0]), framed(b"G", b"\0\0\2\0\0\0\0")),
    (encode.copy_out_response(1, [1]), framed(b"H", b"\1\0\1\0\1")),
    (encode.copy_data(b"x\n"), framed(b"d", b"x\n")),
    (encode.copy_data_lines([b"x\n", b"\n"]), framed(b"d", b"x\n") + framed(b"d", b"\n")),
    (encode.notification_response(7, "c", "p"), framed(b"A", b"\0\0\0\7c\0p\0")),
    (
        encode.error_response(FIELDS),
        framed(
            b"E",
            b"SERROR\0VERROR\0C42703\0Mno \xc3\xa9\0Dd\0Hh\0P8\0ss\0tt\0cc\0dint\0nk\0\0",
        ),
    ),
    (encode_notice("hm"), framed(b"N", b"SNOTICE\0VNOTICE\0C00000\0Mhm\0\0")),
]


@pytest.mark.parametrize(("ours", "spelled"), BACKEND)
def test_what_servers_say(ours: bytes, spelled: bytes) -> None:
    assert ours == spelled
