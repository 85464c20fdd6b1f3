"""Tokens are those that Cassandra has, signed tails and all."""

from __future__ import annotations

import pytest
from cassandra import murmur3
from hypothesis import given
from hypothesis import strategies as st

from fivefold.errors import InvalidStatement
from fivefold.values.cql.codecs import codec_of
from fivefold.values.cql.tokens import partition_bytes, token_of
from fivefold.values.cql.types import BLOB, INT, TEXT

KNOWN = {
    b"": 0,
    b"\x00\x00\x00\x01": -4069959284402364209,
    b"\xff" * 20: 6996911144616199499,
}
"""Some tokens as Cassandra 5.0 gives them."""


@pytest.mark.parametrize("wire", KNOWN)
def test_known_tokens(wire: bytes) -> None:
    assert token_of(wire) == KNOWN[wire]


@given(st.binary(max_size=70))
def test_tokens_are_those_of_the_driver(wire: bytes) -> None:
    assert token_of(wire) == murmur3.murmur3(wire)


def test_a_key_of_several_columns() -> None:
    codecs = [codec_of(INT), codec_of(TEXT)]
    assert partition_bytes(codecs[:1], [7]) == b"\x00\x00\x00\x07"
    assert partition_bytes(codecs, [7, "é"]) == b"\x00\x04\x00\x00\x00\x07\x00\x00\x02\xc3\xa9\x00"


def test_a_key_that_is_too_long() -> None:
    with pytest.raises(InvalidStatement, match="Key length of 70000 is longer than maximum"):
        partition_bytes([codec_of(BLOB)], [b"x" * 70_000])
