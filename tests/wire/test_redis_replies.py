"""Replies to bytes in both versions, read back by hiredis where it knows the type."""

from __future__ import annotations

import hiredis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fivefold.errors import InvalidState, InvalidValue
from fivefold.wire.redis import encode
from fivefold.wire.redis.messages import NIL_ARRAY, Attributed, BigNumber, Push, Reply, Verbatim

WRONG = InvalidValue("Operation against a key", "wrong_value_kind")

REPLIES: list[tuple[Reply, bytes, bytes]] = [
    ("OK", b"+OK\r\n", b"+OK\r\n"),
    (
        "Background saving started",
        b"+Background saving started\r\n",
        b"+Background saving started\r\n",
    ),
    (b"", b"$0\r\n\r\n", b"$0\r\n\r\n"),
    (b"a\r\nb", b"$4\r\na\r\nb\r\n", b"$4\r\na\r\nb\r\n"),
    (b"x" * 5000, b"$5000\r\n" + b"x" * 5000 + b"\r\n", b"$5000\r\n" + b"x" * 5000 + b"\r\n"),
    (0, b":0\r\n", b":0\r\n"),
    (-1, b":-1\r\n", b":-1\r\n"),
    (2**63 - 1, b":9223372036854775807\r\n", b":9223372036854775807\r\n"),
    (None, b"$-1\r\n", b"_\r\n"),
    (NIL_ARRAY, b"*-1\r\n", b"_\r\n"),
    (True, b":1\r\n", b"#t\r\n"),
    (False, b":0\r\n", b"#f\r\n"),
    (0.1, b"$19\r\n0.10000000000000001\r\n", b",0.10000000000000001\r\n"),
    (3.0, b"$1\r\n3\r\n", b",3\r\n"),
    (1e300, b"$23\r\n1.0000000000000001e+300\r\n", b",1.0000000000000001e+300\r\n"),
    (float("-inf"), b"$4\r\n-inf\r\n", b",-inf\r\n"),
    (float("inf"), b"$3\r\ninf\r\n", b",inf\r\n"),
    (float("nan"), b"$3\r\nnan\r\n", b",nan\r\n"),
    ([], b"*0\r\n", b"*0\r\n"),
    (
        [b"a", (1, None)],
        b"*2\r\n$1\r\na\r\n*2\r\n:1\r\n$-1\r\n",
        b"*2\r\n$1\r\na\r\n*2\r\n:1\r\n_\r\n",
    ),
    ([b"a", b"bc"], b"*2\r\n$1\r\na\r\n$2\r\nbc\r\n", b"*2\r\n$1\r\na\r\n$2\r\nbc\r\n"),
    (
        [b"a", "OK", b"b" * 4096, None, b"c"],
        b"*5\r\n$1\r\na\r\n+OK\r\n$4096\r\n" + b"b" * 4096 + b"\r\n$-1\r\n$1\r\nc\r\n",
        b"*5\r\n$1\r\na\r\n+OK\r\n$4096\r\n" + b"b" * 4096 + b"\r\n_\r\n$1\r\nc\r\n",
    ),
    (
        [b"a", [b"b"], b"c"],
        b"*3\r\n$1\r\na\r\n*1\r\n$1\r\nb\r\n$1\r\nc\r\n",
        b"*3\r\n$1\r\na\r\n*1\r\n$1\r\nb\r\n$1\r\nc\r\n",
    ),
    (
        {b"a": 1, "b": True},
        b"*4\r\n$1\r\na\r\n:1\r\n+b\r\n:1\r\n",
        b"%2\r\n$1\r\na\r\n:1\r\n+b\r\n#t\r\n",
    ),
    ({b"a"}, b"*1\r\n$1\r\na\r\n", b"~1\r\n$1\r\na\r\n"),
    (BigNumber(2**70), b"$22\r\n1180591620717411303424\r\n", b"(1180591620717411303424\r\n"),
    (Verbatim(b"hello"), b"$5\r\nhello\r\n", b"=9\r\ntxt:hello\r\n"),
    (
        Push([b"message", b"c"]),
        b"*2\r\n$7\r\nmessage\r\n$1\r\nc\r\n",
        b">2\r\n$7\r\nmessage\r\n$1\r\nc\r\n",
    ),
    (Attributed({b"ttl": 3}, b"v"), b"$1\r\nv\r\n", b"|1\r\n$3\r\nttl\r\n:3\r\n$1\r\nv\r\n"),
]

ERRORS: list[tuple[Reply, bytes]] = [
    ([WRONG, 1], b"*2\r\n-WRONGTYPE Operation against a key\r\n:1\r\n"),
    (
        InvalidState("EXECABORT Transaction discarded\r\nbecause of errors."),
        b"-EXECABORT Transaction discarded  because of errors.\r\n",
    ),
]


@pytest.mark.parametrize(("reply", "both"), ERRORS)
def test_errors(reply: Reply, both: bytes) -> None:
    assert encode.encode_2(reply) == encode.encode_3(reply) == both


@pytest.mark.parametrize(("reply", "second", "third"), REPLIES)
def test_replies(reply: Reply, second: bytes, third: bytes) -> None:
    assert encode.ENCODERS[2](reply) == second
    assert encode.ENCODERS[3](reply) == third


def test_short_ways_say_the_same() -> None:
    assert encode.encode_2("OK") == encode.OK
    assert encode.encode_2("QUEUED") == encode.QUEUED
    assert encode.encode_2("PONG") == encode.PONG
    assert encode.encode_2(None) == encode.NULL_2
    assert encode.encode_3(None) == encode.NULL_3
    assert encode.encode_2(NIL_ARRAY) == encode.NULL_ARRAY_2
    assert encode.encode_3([]) == encode.EMPTY_ARRAY
    assert encode.encode_2([b"a", None]) == encode.encode_bulks([b"a", None])
    assert encode.encode_2([b"a"]) == encode.encode_array_header(1) + encode.encode_bulk(b"a")


@pytest.mark.parametrize("size", [0, 1, 100, 5000])
@pytest.mark.parametrize("middle", [b"", b"ab", None, 7, "OK", [b"x"], {b"x"}, [], {b"x": b"y"}])
def test_an_array_of_texts_of_one_length(size: int, middle: Reply) -> None:
    text = b"v" * size
    for encoded in (encode.encode_2, encode.encode_3):
        parts = [encode.encode_bulk(text), encoded(middle), encode.encode_bulk(text)]
        assert encoded([text, text]) == b"*2\r\n" + parts[0] + parts[2]
        assert encoded([text, middle, text]) == b"*3\r\n" + b"".join(parts)


SCALARS = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.binary(max_size=20)
NESTED = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4), max_leaves=10)


@settings(max_examples=100, derandomize=True, deadline=None)
@given(NESTED | st.floats(allow_nan=False) | st.dictionaries(st.binary(max_size=9), NESTED))
def test_what_clients_read(reply: Reply) -> None:
    reader = hiredis.Reader()
    reader.feed(encode.encode_3(reply))
    assert reader.gets() == reply
    assert not reader.has_data()
