"""MongoDB's messages: what is read from bytes, whole and one by one, and what is refused."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import bson
import pytest
from bson.code import Code
from bson.int64 import Int64
from bson.regex import Regex
from hypothesis import given, settings
from hypothesis import strategies as st

from fivefold.errors import CODES, FivefoldError, Internal
from fivefold.values.documents.faults import fault
from fivefold.values.documents.raw import Batch
from fivefold.values.documents.replyerrors import NUMBERS, labels_of, write_error
from fivefold.wire import limits
from fivefold.wire.mongodb.checksum import crc32c
from fivefold.wire.mongodb.compress import UNCOMPRESSED, by_number, compressors
from fivefold.wire.mongodb.decode import command_name, take_arrays
from fivefold.wire.mongodb.encode import (
    encode_body,
    encode_compressed,
    encode_elements,
    encode_msg,
    encode_reply,
)
from fivefold.wire.mongodb.errors import encode_error
from fivefold.wire.mongodb.machine import MongoMachine
from fivefold.wire.mongodb.messages import Message

PING = {"ping": 1, "$db": "admin"}
DOCUMENTS = [bson.encode({"_id": number}) for number in range(3)]


def msg(*sections: bytes, flags: int = 0, request_id: int = 9, checksum: bool = False) -> bytes:
    body = struct.pack("<I", flags | checksum) + b"".join(sections)
    size = 16 + len(body) + 4 * checksum
    raw = struct.pack("<iiii", size, request_id, 0, 2013) + body
    return raw + struct.pack("<I", crc32c(raw)) if checksum else raw


def command(document: dict[str, Any]) -> bytes:
    return b"\0" + bson.encode(document)


def sequence(name: str, *documents: bytes) -> bytes:
    inside = name.encode() + b"\0" + b"".join(documents)
    return b"\1" + struct.pack("<i", len(inside) + 4) + inside


def query(name: str, document: dict[str, Any], request_id: int = 9) -> bytes:
    body = struct.pack("<i", 4) + name.encode() + b"\0" + struct.pack("<ii", 0, -1)
    body += bson.encode(document)
    return struct.pack("<iiii", 16 + len(body), request_id, 0, 2004) + body


def compressed(message: bytes, number: int = 2) -> bytes:
    return encode_compressed(message, number)


def shown(message: Message) -> tuple[Any, ...]:
    number = None if message.fault is None else message.fault.number
    body = bson.decode(message.body) if message.body else None
    return (message.request_id, body, dict(message.sequences), message.flags, number)


def whole(*messages: bytes) -> list[tuple[Any, ...]]:
    machine = MongoMachine()
    found = [shown(each) for each in machine.receive(b"".join(messages))]
    assert machine.fault is None
    return found


# Each with what is read: (command, sequences, flags).
GOOD: list[tuple[bytes, tuple[Any, ...]]] = [
    (msg(command(PING)), (PING, {}, 0)),
    (msg(command(PING), checksum=True), (PING, {}, 1)),
    (msg(command(PING), flags=2), (PING, {}, 2)),
    (msg(command(PING), flags=1 << 16), (PING, {}, 1 << 16)),
    (msg(command(PING), flags=1 << 20), (PING, {}, 1 << 20)),  # optional bits may be unknown
    (
        msg(command(PING), sequence("documents", *DOCUMENTS)),
        (PING, {"documents": DOCUMENTS}, 0),
    ),
    (
        msg(sequence("documents", *DOCUMENTS), command(PING), sequence("ops"), checksum=True),
        (PING, {"documents": DOCUMENTS, "ops": []}, 1),
    ),
    (query("admin.$cmd", {"isMaster": 1}), ({"isMaster": 1}, {}, 0)),
    *(
        (
            compressed(msg(command(PING), sequence("documents", *DOCUMENTS)), number),
            (PING, {"documents": DOCUMENTS}, 0),
        )
        for number in by_number()
    ),
]


@pytest.mark.parametrize(("raw", "read"), GOOD, ids=range(len(GOOD)))
def test_good_messages(raw: bytes, read: tuple[Any, ...]) -> None:
    expected = (9, *read, None)
    assert whole(raw) == [expected]
    assert whole(raw, raw, msg(command(PING))) == [expected, expected, (9, PING, {}, 0, None)]
    machine = MongoMachine()
    found = [shown(each) for byte in raw + raw for each in machine.receive(bytes([byte]))]
    assert found == [expected, expected]


def test_compressors_are_those_that_are_installed() -> None:
    assert list(compressors()) == ["zlib", "snappy", "zstd"]
    assert {each.number for each in compressors().values()} == {1, 2, 3}
    assert {"hello", "saslStart"} <= UNCOMPRESSED


# Wrong inside: answered with that number, and the next message is read.
FAULTY: list[tuple[bytes, int]] = [
    (msg(command(PING), flags=4), 223),
    (msg(command(PING), command(PING)), 40430),
    (msg(sequence("a"), sequence("a"), command(PING)), 40431),
    (msg(sequence("a")), 40587),
    (msg(), 40587),
    (msg(b"\2" + bson.encode(PING)), 40432),
    (msg(command(PING)[:-3]), 22),
    (msg(command(PING) + b"\0"), 40430),
    (msg(b"\0" + struct.pack("<i", 2**30) + b"\0"), 22),
    (msg(b"\0" + struct.pack("<i", -1) + b"\0"), 22),
    (msg(b"\1" + struct.pack("<i", 2**30) + b"a\0"), 22),
    (msg(b"\1" + struct.pack("<i", 6) + b"abcdef\0"), 22),
    (msg(command(PING), sequence("a", DOCUMENTS[0][:-1])), 22),
    (msg(command(PING), sequence("a", b"")[:-1] + b"\xff\0" + command(PING)[:1]), 22),
    (msg(*[sequence(f"a{number}") for number in range(20)], command(PING)), 233),
    (msg(command(PING), checksum=True)[:-1] + b"\0", 288),
    (struct.pack("<iiii", 16, 9, 0, 2013), 22),
    (struct.pack("<iiiiI", 20, 9, 0, 2013, 1), 22),
    (query("shop.orders", {}), 5739101),
    (query("admin.$cmd", {})[:-1], 22),
    (struct.pack("<iiii", 16, 9, 0, 2004), 22),
]


@pytest.mark.parametrize(("raw", "number"), FAULTY, ids=range(len(FAULTY)))
def test_faulty_messages(raw: bytes, number: int) -> None:
    raw = struct.pack("<i", len(raw)) + raw[4:]
    found = whole(raw, msg(command(PING)))
    assert [each[-1] for each in found] == [number, None]


def bomb(size: int, packed: bytes, number: int = 2, operation: int = 2013) -> bytes:
    head = struct.pack("<iiiiiiB", 25 + len(packed), 9, 0, 2012, operation, size, number)
    return head + packed


# The connection is closed: nothing after these can be understood, or should be.
FATAL: dict[str, bytes] = {
    "negative size": struct.pack("<iiii", -5, 1, 0, 2013),
    "no size": struct.pack("<iiii", 0, 1, 0, 2013),
    "small size": struct.pack("<iiii", 15, 1, 0, 2013),
    "large size": struct.pack("<iiii", limits.MONGODB_MESSAGE_BYTES_MAX + 1, 1, 0, 2013),
    "http": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "tls": bytes.fromhex("16030100f0010000ec0303") + bytes(200),
    "insert": struct.pack("<iiiii", 20, 1, 0, 2002, 0),
    "reply": struct.pack("<iiiii", 20, 1, 0, 1, 0),
    "unknown": struct.pack("<iiiii", 20, 1, 0, 77, 0),
    "compressed in compressed": bomb(4, zlib.compress(b"abcd"), operation=2012),
    "short header": struct.pack("<iiii", 20, 1, 0, 2012) + b"\0" * 4,
    "unknown compressor": bomb(4, b"abcd", number=9),
    "not compressed": bomb(4, b"abcd"),
    "more comes out": bomb(4, zlib.compress(bytes(100_000))),
    "less comes out": bomb(400, zlib.compress(bytes(4))),
    "more than allowed": bomb(2**30, zlib.compress(bytes(4))),
    "negative": bomb(-1, zlib.compress(bytes(4))),
    "something behind": bomb(4, zlib.compress(bytes(4)) + b"x"),
    "snappy": bomb(4, b"\xff\xff\xff\xff\x0f", number=1),
    "snappy cut": bomb(100, b"\x64\x00", number=1),
    "zstd": bomb(4, b"abcd", number=3),
    "noop of another size": bomb(9, b"abcd", number=0),
}


@pytest.mark.parametrize("raw", FATAL.values(), ids=FATAL)
def test_fatal_messages(raw: bytes) -> None:
    machine = MongoMachine()
    assert [shown(each)[1] for each in machine.receive(msg(command(PING)) + raw)] == [PING]
    assert machine.fault is not None
    assert machine.receive(msg(command(PING))) == []
    machine = MongoMachine()
    for byte in raw:
        assert machine.receive(bytes([byte])) == []
    assert machine.fault is not None


def test_noop_is_no_compression() -> None:
    inside = msg(command(PING))[16:]
    assert whole(bomb(len(inside), inside, number=0)) == [(9, PING, {}, 0, None)]


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.data())
def test_damaged_messages_never_raise(data: st.DataObject) -> None:
    raw = bytearray(data.draw(st.sampled_from([raw for raw, _ in GOOD])))
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    at = data.draw(st.integers(0, len(raw)))
    one, two = MongoMachine(), MongoMachine()
    found = [shown_raw(each) for each in one.receive(bytes(raw))]
    again = [
        shown_raw(each) for each in [*two.receive(bytes(raw[:at])), *two.receive(bytes(raw[at:]))]
    ]
    assert found == again
    assert (one.fault is None) == (two.fault is None)


def shown_raw(message: Message) -> tuple[Any, ...]:
    number = None if message.fault is None else message.fault.number
    return (message.request_id, message.body, dict(message.sequences), message.flags, number)


def test_checksum() -> None:
    # RFC 3720, appendix B.4
    assert crc32c(bytes(32)) == 0x8A9136AA
    assert crc32c(b"\xff" * 32) == 0x62A8AB43
    assert crc32c(bytes(range(32))) == 0x46DD794E
    assert crc32c(bytes(range(31, -1, -1))) == 0x113FDB5C
    assert crc32c(b"123456789") == 0xE3069283


def test_command_name() -> None:
    assert command_name(bson.encode({"find": "t", "a": 1})) == "find"
    assert command_name(bson.encode({})) == ""
    assert command_name(b"") == ""


# Arrays inside of a command.

EVERY_KIND = {
    "double": 1.5,
    "string": "x",
    "object": {"documents": [{}]},
    "array": [1, {"a": 2}],
    "binary": b"xyz",
    "id": bson.ObjectId(),
    "flag": True,
    "none": None,
    "pattern": Regex("a.b", "i"),
    "code": Code("x"),
    "scoped": Code("x", {"a": 1}),
    "int": 5,
    "long": Int64(5),
    "decimal": bson.Decimal128("1"),
    "stamp": bson.Timestamp(1, 2),
    "least": bson.MinKey(),
    "most": bson.MaxKey(),
}


def test_arrays_are_taken_out() -> None:
    body = bson.encode({**EVERY_KIND, "documents": [{"a": 1}, {}], "$db": "shop"})
    rest, found = take_arrays(body, {"documents", "missing"})
    assert found == {"documents": [bson.encode({"a": 1}), bson.encode({})]}
    assert rest == bson.encode({**EVERY_KIND, "$db": "shop"})
    assert take_arrays(body, {"array", "double"}) == (body, {})
    assert take_arrays(bson.encode({"documents": []}), {"documents"})[1] == {"documents": []}


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.data())
def test_arrays_of_damaged_commands(data: st.DataObject) -> None:
    raw = bytearray(bson.encode({**EVERY_KIND, "documents": [{"a": 1}, {}], "$db": "shop"}))
    for _ in range(data.draw(st.integers(1, 3))):
        raw[data.draw(st.integers(4, len(raw) - 2))] = data.draw(st.integers(0, 255))
    try:
        rest, found = take_arrays(bytes(raw), {"documents"})
    except FivefoldError:
        return
    assert len(rest) + sum(len(each) for each in found.get("documents", [])) <= len(raw)


# Replies.

GOSSIP = encode_elements({"operationTime": bson.Timestamp(1, 1)})
ENDING = encode_elements({"ok": 1.0, "operationTime": bson.Timestamp(1, 1)})


def test_replies() -> None:
    end = {"ok": 1.0, "operationTime": bson.Timestamp(1, 1)}
    assert bson.decode(encode_body({"n": 1}, ENDING)) == {"n": 1, **end}
    assert bson.decode(encode_body({}, ENDING)) == end
    body = encode_body({"n": 1}, ENDING)
    assert whole(encode_msg(body, 5, 3)) == [(5, {"n": 1, **end}, {}, 0, None)]
    assert whole(encode_msg(body, 5, 3, checksum=True)) == [(5, {"n": 1, **end}, {}, 1, None)]
    assert struct.unpack_from("<iii", encode_msg(body, 5, 3, more_to_come=True)) == (
        21 + len(body),
        5,
        3,
    )
    old = encode_reply(body, 5, 3)
    assert struct.unpack_from("<iiiiiqii", old) == (36 + len(body), 5, 3, 1, 8, 0, 0, 1)
    assert old[36:] == body


@pytest.mark.parametrize("count", [0, 1, 11, 1024, 3000])
@pytest.mark.parametrize("name", ["firstBatch", "nextBatch"])
def test_batches_are_put_together(count: int, name: str) -> None:
    documents = [{"_id": number, "x": "y" * (number % 3)} for number in range(count)]
    batch = Batch(map(bson.encode, documents))
    reply: dict[str, Any] = {"cursor": {name: batch, "id": Int64(0), "ns": "a.b"}, "more": True}
    plain: dict[str, Any] = {"cursor": {name: documents, "id": Int64(0), "ns": "a.b"}, "more": True}
    assert encode_body(reply, ENDING) == encode_body(plain, ENDING)
    assert reply["cursor"][name] is batch
    mixed = Batch([*map(bson.encode, documents[::2]), *documents[1::2]])
    plain["cursor"][name] = documents[::2] + documents[1::2]
    reply["cursor"][name] = mixed
    assert encode_body(reply, ENDING) == encode_body(plain, ENDING)


# Errors.


def test_the_table_is_complete() -> None:
    assert set(NUMBERS) == set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_every_error_can_be_said(code: str) -> None:
    said = bson.decode(encode_error(CODES[code]("the message", code), GOSSIP))
    assert said["ok"] == 0.0
    assert said["code"] == NUMBERS[code]
    assert not said["codeName"].startswith("Location")
    assert said["errmsg"] == ("internal error" if code == "internal_error" else "the message")


def test_an_errors_own_number_wins() -> None:
    error = fault(11000, "E11000 duplicate key", keyPattern={"a": 1}, keyValue={"a": 5})
    said = bson.decode(encode_error(error))
    assert (said["code"], said["codeName"]) == (11000, "DuplicateKey")
    assert (said["keyPattern"], said["keyValue"]) == ({"a": 1}, {"a": 5})
    assert bson.decode(encode_error(fault(40415, "x")))["codeName"] == "Location40415"
    assert write_error(3, error) == {
        "index": 3,
        "code": 11000,
        "errmsg": "E11000 duplicate key",
        "keyPattern": {"a": 1},
        "keyValue": {"a": 5},
    }


def test_what_cannot_be_said_is_left_out() -> None:
    said = bson.decode(encode_error(fault(2, "a\ud800b", value=object())))
    assert (said["code"], said["errmsg"]) == (2, "a?b")
    assert bson.decode(encode_error(Internal("/a/path")))["errmsg"] == "internal error"


@pytest.mark.parametrize(
    ("code", "inside", "retryable", "labels"),
    [
        ("serialization_failure", True, False, ["TransientTransactionError"]),
        ("serialization_failure", False, False, []),
        ("serialization_failure", False, True, []),
        ("no_active_transaction", True, False, ["TransientTransactionError"]),
        ("unique_violation", True, False, []),
        ("shutting_down", False, True, ["RetryableWriteError"]),
        ("shutting_down", True, True, ["TransientTransactionError", "RetryableWriteError"]),
        ("store_unreachable", False, False, []),
    ],
)
def test_labels(code: str, inside: bool, retryable: bool, labels: list[str]) -> None:
    error = CODES[code]("x", code)
    assert labels_of(error, inside=inside, retryable=retryable) == labels
    said = bson.decode(encode_error(error, inside=inside, retryable=retryable))
    assert said.get("errorLabels", []) == labels
