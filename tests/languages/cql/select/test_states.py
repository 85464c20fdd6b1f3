"""Paging states that nobody was given are refused, whatever is in them.

Source: section 8, "Result paging", of the native protocol's specification.
"""

from __future__ import annotations

import json
from typing import Any
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fivefold.errors import FivefoldError
from fivefold.languages.cql.select.states import VERSION, from_state

FAMILY = "0123456789abcdef0123456789abcdef"


def state_of(body: bytes) -> bytes:
    return bytes((VERSION,)) + crc32(body).to_bytes(4, "big") + body


@given(st.binary(max_size=40))
def test_garbage(state: bytes) -> None:
    with pytest.raises(FivefoldError, match="Invalid value for the paging state"):
        from_state(FAMILY, state, 1, 1)


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"\xff", b"[", b"{}", b"5", b"null", b"[1, 2]"),
        *(
            json.dumps(["01234567", 1, 1, *rest]).encode()
            for rest in ([[1], [2], 3], [1, [2]], [[[]], [2]], [[["zz"]], [2]], [[[5]], None])
        ),
        json.dumps(["other", 1, 1, [1], [2]]).encode(),
        json.dumps(["01234567", 1, 1, [1, 2], [2]]).encode(),
    ],
)
def test_the_right_sum_of_something_else(body: bytes) -> None:
    with pytest.raises(FivefoldError, match="Invalid value for the paging state"):
        from_state(FAMILY, state_of(body), 1, 1)


def test_what_it_takes() -> None:
    body: list[Any] = ["01234567", 5, 2, [1], [["cafe"]]]
    found = from_state(FAMILY, state_of(json.dumps(body).encode()), 1, 1)
    assert (found.partition, found.clustering) == ((1,), (b"\xca\xfe",))
