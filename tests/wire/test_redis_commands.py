"""Bytes to commands, by either path, however they are cut."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fivefold.wire import limits
from fivefold.wire.redis import RedisMachine

COMMANDS: list[tuple[str, bytes, list[list[bytes]]]] = [
    ("one word", b"*1\r\n$4\r\nPING\r\n", [[b"PING"]]),
    ("two words", b"*2\r\n$3\r\nGET\r\n$1\r\nk\r\n", [[b"GET", b"k"]]),
    ("three", b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$0\r\n\r\n", [[b"SET", b"k", b""]]),
    ("line end inside", b"*2\r\n$4\r\nECHO\r\n$4\r\n\r\n\r\n\r\n", [[b"ECHO", b"\r\n\r\n"]]),
    ("header inside", b"*2\r\n$4\r\nECHO\r\n$6\r\na\r\n$1\r\r\n", [[b"ECHO", b"a\r\n$1\r"]]),
    ("zero byte inside", b"*2\r\n$4\r\nECHO\r\n$3\r\n\0\0\0\r\n", [[b"ECHO", b"\0\0\0"]]),
    (
        "pipeline",
        b"*1\r\n$4\r\nPING\r\n*2\r\n$3\r\nGET\r\n$1\r\nk\r\n",
        [[b"PING"], [b"GET", b"k"]],
    ),
    ("nothing asked", b"*0\r\n*-1\r\n*-7\r\n*1\r\n$4\r\nPING\r\n", [[b"PING"]]),
    ("unseen bytes", b"*1\rx$4\rxPINGxx*1\r\n$4\r\nPING\r\n", [[b"PING"], [b"PING"]]),
    ("inline", b"PING\r\n", [[b"PING"]]),
    ("inline, bare line end", b"PING\nPING\r\r\n", [[b"PING"], [b"PING"]]),
    ("inline, blank lines", b"\r\n\n  \t\r\n get  k \r\n", [[b"get", b"k"]]),
    ("inline, quotes", b'set "a b" \'c d\' e"f g"\r\n', [[b"set", b"a b", b"c d", b"ef g"]]),
    ("inline, escapes", b"x \"\\x41\\n\\q\\x4\" '\\n\\''\r\n", [[b"x", b"A\nqx4", b"\\n'"]]),
    ("inline, empty word", b"echo \"\" ''\r\n", [[b"echo", b"", b""]]),
    ("inline, odd blanks", b"\v a\vb \f\r\n", [[b"a\vb"]]),
    ("both", b"PING\r\n*1\r\n$4\r\nPING\r\nGET k\r\n", [[b"PING"], [b"PING"], [b"GET", b"k"]]),
    ("many words", b"*200\r\n" + b"$1\r\nx\r\n" * 200, [[b"x"] * 200]),
    (
        "long word",
        b"*2\r\n$4\r\nECHO\r\n$5000\r\n" + b"y" * 5000 + b"\r\n",
        [[b"ECHO", b"y" * 5000]],
    ),
]

FAULTS: list[tuple[str, bytes, bytes]] = [
    ("count", b"*x\r\n", b"invalid multibulk length"),
    ("no count", b"*\r\n", b"invalid multibulk length"),
    ("count with zeros", b"*01\r\n", b"invalid multibulk length"),
    ("count with plus", b"*+1\r\n", b"invalid multibulk length"),
    ("count too big", b"*2147483648\r\n", b"invalid multibulk length"),
    ("count past 64 bits", b"*99999999999999999999\r\n", b"invalid multibulk length"),
    ("simple string", b"*1\r\n+PING\r\n", b"expected '$', got '+'"),
    ("integer", b"*1\r\n:1\r\n", b"expected '$', got ':'"),
    ("nested array", b"*1\r\n*1\r\n$4\r\nPING\r\n", b"expected '$', got '*'"),
    ("line end for a header", b"*1\r\n\r\n", b"expected '$', got ' '"),
    ("no text", b"*1\r\n\xff\r\n", b"expected '$', got '\xff'"),
    ("null", b"*1\r\n$-1\r\n", b"invalid bulk length"),
    ("length", b"*1\r\n$4x\r\n", b"invalid bulk length"),
    ("no length", b"*1\r\n$\r\n", b"invalid bulk length"),
    ("length too big", b"*1\r\n$536870913\r\n", b"invalid bulk length"),
    ("quotes", b'echo "a\r\n', b"unbalanced quotes in request"),
    ("single quotes", b"echo 'a\r\n", b"unbalanced quotes in request"),
    ("after quotes", b'echo "a"b\r\n', b"unbalanced quotes in request"),
    ("long line", b"x" * 65_537, b"too big inline request"),
    ("hidden line end", b"\0\n" + b"x" * 65_537, b"too big inline request"),
    ("long count", b"*" + b"1" * 65_536, b"too big mbulk count string"),
    ("long length", b"*1\r\n$" + b"1" * 65_536, b"too big bulk count string"),
    (
        "words that do not fit",
        b"*3\r\n$3\r\nGET\r\n$2\r\nk\r\n$1\r\nx\r\n",
        b"expected '$', got '1'",
    ),
]
# The last of them: the word `k\r` is followed by two unseen bytes, `\n$`.


def received(data: bytes, cuts: list[int]) -> tuple[list[list[bytes]], bytes, bool]:
    machine = RedisMachine()
    commands = []
    for start, stop in zip([0, *cuts], [*cuts, len(data)], strict=True):
        commands += machine.receive(data[start:stop])
    return commands, machine.farewell, machine.fault is not None


@pytest.mark.parametrize(("data", "commands"), [row[1:] for row in COMMANDS], ids=lambda x: "")
def test_commands_whole_byte_by_byte_and_in_two(data: bytes, commands: list[list[bytes]]) -> None:
    expected = (commands, b"", False)
    assert received(data, []) == expected
    assert received(data, list(range(1, len(data)))) == expected
    for cut in range(1, min(len(data), 500)):
        assert received(data, [cut]) == expected


@pytest.mark.parametrize(("data", "text"), [row[1:] for row in FAULTS], ids=[f[0] for f in FAULTS])
def test_faults_keep_what_came_before(data: bytes, text: bytes) -> None:
    before = b"*2\r\n$3\r\nGET\r\n$1\r\nk\r\n"
    expected = ([[b"GET", b"k"]], b"-ERR Protocol error: " + text + b"\r\n", True)
    assert received(before + data + before, []) == expected
    for cut in range(1, 60):
        assert received(before + data + before, [cut]) == expected
    if len(data) < 1000:
        assert received(before + data, list(range(1, len(before + data)))) == expected


def test_nothing_is_set_aside_for_an_announced_count() -> None:
    machine = RedisMachine()
    assert machine.receive(b"*2147483647\r\n$536870912\r\nabc") == []
    assert machine.fault is None


def test_a_large_value_in_small_pieces() -> None:
    value = bytes(range(256)) * 4096
    data = b"*2\r\n$4\r\nECHO\r\n$%d\r\n%b\r\n" % (len(value), value) + b"PING\r\n" * 3
    cuts = list(range(100, len(data), 100))
    expected = [[b"ECHO", value], [b"PING"], [b"PING"], [b"PING"]]
    assert received(data, cuts) == (expected, b"", False)


def test_http_is_closed_without_a_word() -> None:
    for head in (b"POST / HTTP/1.1\r\n", b"Host: localhost\r\n"):
        assert received(b"PING\r\n" + head + b"FLUSHALL\r\n", []) == ([[b"PING"]], b"", True)


def test_a_command_has_a_limit_of_all_its_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "REDIS_COMMAND_BYTES_MAX", 1000)
    tiny = b"*1000\r\n" + b"$1\r\nx\r\n" * 1000
    assert received(tiny, [10]) == ([], b"", True)
    assert received(b"*5\r\n" + b"$1\r\nx\r\n" * 5, [10])[0] == [[b"x"] * 5]


class TestStrangers:
    def test_narrow_limits(self) -> None:
        for data, text in (
            (b"*11\r\n", b"unauthenticated multibulk length"),
            (b"*1\r\n$16385\r\n", b"unauthenticated bulk length"),
        ):
            machine = RedisMachine(authenticated=False)
            assert machine.receive(data) == []
            assert machine.farewell == b"-ERR Protocol error: " + text + b"\r\n"

    @pytest.mark.parametrize(
        "wide",
        [
            b"*11\r\n" + b"$1\r\nx\r\n" * 11,
            b"*2\r\n$4\r\nECHO\r\n$16385\r\n" + b"x" * 16385 + b"\r\n",
        ],
    )
    def test_who_may_become_known_is_heard_out(self, wide: bytes) -> None:
        machine = RedisMachine(authenticated=False)
        assert machine.receive(b"AUTH x\r\n" + wide) == [[b"AUTH", b"x"]]
        assert (machine.held, machine.fault) == (True, None)
        machine.authenticated = True
        assert len(machine.receive(b"")) == 1
        assert not machine.held

        machine = RedisMachine(authenticated=False)
        machine.receive(b"AUTH y\r\n" + wide)
        assert machine.receive(b"") == []
        assert machine.fault is not None


PIECES = st.sampled_from(
    [
        *(b"*", b"$", b"\r\n", b"\r", b"\n", b"\0", b" ", b'"', b"'", b"\\x4", b"+", b":", b"-1"),
        *(b"0", b"1", b"2", b"3", b"4", b"PING", b"*1\r\n$4\r\nPING\r\n", b"*2\r\n$3\r\nGET\r\n"),
        *(b"$1\r\nk\r\n", b"$2\r\n\r\n\r\n", b"*3\r\n", b"$4\r\n", b"\xff"),
    ]
)


@settings(max_examples=300, derandomize=True, deadline=None)
@given(st.lists(PIECES, max_size=12).map(b"".join), st.data())
def test_garbage_however_cut_is_the_same(data: bytes, draw: st.DataObject) -> None:
    whole = received(data, [])
    assert received(data, list(range(1, len(data)))) == whole
    cut = draw.draw(st.integers(0, len(data)))
    assert received(data, [cut]) == whole
