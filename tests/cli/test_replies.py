"""Redis replies and command lines, as redis-cli has them."""

from __future__ import annotations

from enum import Enum

import pytest

from fivefold.cli.redis.hints import hint
from fivefold.cli.redis.replies import raw, readable
from fivefold.cli.redis.words import BadQuotes, split
from fivefold.errors import InvalidValue


class Nothing(Enum):
    NIL = 0


@pytest.mark.parametrize(
    ("reply", "for_people", "for_programs"),
    [
        (None, "(nil)", b""),
        (Nothing.NIL, "(nil)", b""),
        ("OK", "OK", b"OK"),
        (7, "(integer) 7", b"7"),
        (True, "(true)", b"true"),
        (1.5, "(double) 1.5", b"1.5"),
        (b'a"\n\x00\xff', '"a\\"\\n\\x00\\xff"', b'a"\n\x00\xff'),
        ("é".encode(), '"é"', "é".encode()),
        ([], "(empty array)", b""),
        ([b"a", [1, None]], '1) "a"\n2) 1) (integer) 1\n   2) (nil)', b"a\n1\n"),
        ({b"k": 1}, '1# "k" => (integer) 1', b"k 1"),
        (InvalidValue("no"), "(error) no", b"no"),
    ],
)
def test_replies(reply: object, for_people: str, for_programs: bytes) -> None:
    assert readable(reply) == for_people
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


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("getrange", " key start end"),
        ("GETRANGE k ", "start end"),
        ("GETRANGE k 0", " end"),
        ("mset k v ", "[key value …]"),
        ("client setname ", "connection-name"),
        ("dbsize", ""),
        ("nonsense ", ""),
        ("", ""),
    ],
)
def test_hints(line: str, shown: str) -> None:
    assert hint(line) == shown
