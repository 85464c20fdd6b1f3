"""Redis replies and command lines, as redis-cli has them."""

from __future__ import annotations

from enum import Enum

import pytest

from fivefold.cli.redis.replies import raw, readable
from fivefold.cli.redis.words import BadQuotes, split
from fivefold.errors import InvalidValue


class Nothing(Enum):
    NIL = 0


@pytest.mark.parametrize(
    ("reply", "in_2", "in_3", "for_programs"),
    [
        (None, "(nil)", None, b""),
        (Nothing.NIL, "(nil)", None, b""),
        ("OK", "OK", None, b"OK"),
        (7, "(integer) 7", None, b"7"),
        (True, "(integer) 1", "(true)", b"true"),
        (1.5, '"1.5"', "(double) 1.5", b"1.5"),
        (b'a"\n\x00\xff', '"a\\"\\n\\x00\\xff"', None, b'a"\n\x00\xff'),
        ("é".encode(), '"é"', None, "é".encode()),
        ([], "(empty array)", None, b""),
        ({}, "(empty array)", "(empty hash)", b""),
        (set(), "(empty array)", "(empty set)", b""),
        ([b"a", [1, None]], '1) "a"\n2) 1) (integer) 1\n   2) (nil)', None, b"a\n1\n"),
        ({b"k": 1}, '1) "k"\n2) (integer) 1', '1# "k" => (integer) 1', b"k 1"),
        (
            {b"k": [1, 2]},
            '1) "k"\n2) 1) (integer) 1\n   2) (integer) 2',
            '1# "k" => 1) (integer) 1\n   2) (integer) 2',
            b"k 1\n2",
        ),
        ({b"m"}, '1) "m"', '1~ "m"', b"m"),
        (InvalidValue("no"), "(error) ERR no", None, b"ERR no"),
    ],
)
def test_replies(reply: object, in_2: str, in_3: str | None, for_programs: bytes) -> None:
    assert readable(reply) == in_2
    assert readable(reply, 3) == (in_2 if in_3 is None else in_3)
    assert raw(reply) == for_programs


def test_numbers_of_items_stand_right() -> None:
    lines = readable([b"x"] * 10).splitlines()
    assert (lines[0], lines[9]) == (' 1) "x"', '10) "x"')


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", []),
        ("  GET  a ", [b"GET", b"a"]),
        ('SET k "a b"', [b"SET", b"k", b"a b"]),
        (r'SET k "\x00\n\"é\q"', [b"SET", b"k", b'\x00\n"\xc3\xa9q']),
        (r"SET k 'it\'s \n'", [b"SET", b"k", rb"it's \n"]),
        ('SET k ""', [b"SET", b"k", b""]),
        ("SET a:b {x}", [b"SET", b"a:b", b"{x}"]),
    ],
)
def test_words(line: str, words: list[bytes]) -> None:
    assert split(line) == words


@pytest.mark.parametrize("line", ['GET "a', "GET 'a", 'GET "a"b', "'a'b"])
def test_open_quotes(line: str) -> None:
    with pytest.raises(BadQuotes):
        split(line)
