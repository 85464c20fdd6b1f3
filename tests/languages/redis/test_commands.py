"""The table of commands, and what needs no second opinion: sessions, limits, odd words."""

from __future__ import annotations

import pytest

from fivefold.errors import Conflict, FivefoldError, InvalidState
from fivefold.languages.redis.arguments import parse_int
from fivefold.languages.redis.commands import COMMANDS
from fivefold.languages.redis.execute import PLAIN, resolve, scans, writes
from fivefold.languages.redis.floats import add_decimals
from fivefold.languages.redis.glob import compile_glob, literal_prefix
from fivefold.languages.redis.known import KNOWN
from fivefold.languages.redis.session import Session
from tests.languages.redis.beside import Peer, parsed
from tests.languages.redis.rig import Client, Rig

ADDED = {"client|setinfo"}
"""Commands of Redis 7.2 that clients send unasked."""


def test_the_table_agrees_with_redis(peers: list[Peer]) -> None:
    entries = parsed(peers[0].answer("COMMAND"))
    assert isinstance(entries, list)
    known = {entry[0]: entry for entry in [*entries, *(sub for e in entries for sub in e[9])]}
    assert {name.encode() for name in map(bytes.decode, known)} == KNOWN
    for command in COMMANDS.values():
        for each in (command, *command.subcommands.values()):
            if each.name in ADDED:
                continue
            _, arity, flags, first, last, step, *_ = known[each.name.encode()]
            assert each.arity == arity, each.name
            assert {flag.encode() for flag in each.flags} == set(flags), each.name
            assert (each.first, each.last, each.step) == (first, last, step), each.name


def test_every_command_is_described() -> None:
    for name, command in COMMANDS.items():
        assert name == command.name.encode()
        for each in (command, *command.subcommands.values()):
            summary = (each.handler.__doc__ or "").partition("\n")[0]
            assert summary.endswith("."), each.name


def test_usual_spellings_are_found_at_once() -> None:
    assert PLAIN[b"GET"] is PLAIN[b"get"] is COMMANDS[b"get"]
    assert b"client" not in PLAIN


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([b""], "unknown command '', with args beginning with: "),
        ([b"a\0b", b"c\0d"], "unknown command 'a', with args beginning with: 'c' "),
        (
            [b"x" * 200, b"y" * 200, b"z"],
            f"unknown command '{'x' * 128}', with args beginning with: '{'y' * 128}' ",
        ),
        ([b"\xff\r\n"], "unknown command '\udcff\r\n', with args beginning with: "),
        ([b"FUNCTION", b"LIST"], "command 'function' is not supported by fivefold yet"),
        ([b"client", b"x"], "unknown subcommand 'x'. Try CLIENT HELP."),
        ([b"get"], "wrong number of arguments for 'get' command"),
    ],
)
def test_refusals(words: list[bytes], message: str) -> None:
    with pytest.raises(FivefoldError) as refusal:
        resolve(Session(1), words)
    assert refusal.value.message == message


@pytest.mark.parametrize(
    "words",
    [
        (b"x" * 200, b"y" * 200, b"z"),
        (b"\xff\r\n", b"\x00"),
        (b"no", *[b"%d" % number for number in range(99)]),
        (b"client", b"\xff\n"),
    ],
)
def test_refusals_are_those_of_redis(
    client: Client, peers: list[Peer], words: tuple[bytes, ...]
) -> None:
    assert client.answer(*words) == peers[0].answer(*words)


def test_what_a_session_wants() -> None:
    session = Session(1)
    get, put, end = (COMMANDS[name] for name in (b"get", b"set", b"exec"))
    assert (writes(session, get), writes(session, put)) == (False, True)
    assert scans(session, COMMANDS[b"keys"])
    session.queue = []
    assert not writes(session, put)
    assert not writes(session, end)
    session.queue_writes = session.queue_scans = True
    assert writes(session, end)
    assert scans(session, end)
    assert not writes(session, put)


def test_exec_may_be_run_again_after_a_conflict(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for words in (("WATCH", "a"), ("MULTI",), ("SELECT", 1), ("SET", "a", "1")):
        client.run(*words)
    space = type(client.commands.space)
    with monkeypatch.context() as patch:

        def refuse(*_: object) -> None:
            raise Conflict("another transaction came first")

        patch.setattr(space, "put", refuse)
        client.transactions.lock_timeout_seconds = 0.01  # so long it is run again by itself
        with pytest.raises(Conflict):
            client.run("EXEC")
    assert (client.session.database, bool(client.session.watched)) == (0, True)
    assert client.run("EXEC") == ["OK", "OK"]
    assert (client.session.database, client.session.queue) == (1, None)
    with pytest.raises(InvalidState):
        client.run("EXEC")


def test_nothing_is_seen_of_a_multi_before_exec(rig: Rig) -> None:
    one, other = rig.client(), rig.client()
    one.run("MULTI")
    one.run("SET", "a", "1")
    assert other.run("GET", "a") is None
    one.run("EXEC")
    assert other.run("GET", "a") == b"1"


def test_a_client_that_quits_is_marked(client: Client) -> None:
    assert client.run("QUIT") == "OK"
    assert client.session.ending


@pytest.mark.parametrize("text", [b"", b"-", b"+1", b"01", b"-0", b"1 ", b"1_0", b"9" * 5000])
def test_numbers_are_spelled_in_one_way(text: bytes) -> None:
    with pytest.raises(FivefoldError, match="value is not an integer or out of range"):
        parse_int(text)


@pytest.mark.parametrize(
    ("left", "right", "total"),
    [
        (b"10.5", b"0.1", b"10.6"),
        (b"0.1", b"0.2", b"0.3"),
        (b"3.0e3", b"200", b"3200"),
        (b"1", b"-1", b"0"),
        (b"0", b"-1e-20", b"0"),
        (b"0", b"-.5", b"-0.5"),
        (b"0x10", b"0x1p-1", b"16.5"),
        (b"1e30", b"1", b"1000000000000000000024696061952"),
    ],
)
def test_sums(left: bytes, right: bytes, total: bytes) -> None:
    assert add_decimals(left, right) == total


@pytest.mark.parametrize("text", [b"", b" 1", b"1 ", b"nan", b"1e", b"1e5000", b"1" * 5200, b"x"])
def test_what_is_no_decimal(text: bytes) -> None:
    with pytest.raises(FivefoldError, match="value is not a valid float"):
        add_decimals(b"0", text)


@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        (b"*", [b"", b"x"], []),
        (b"", [b""], [b"x"]),
        (b"**", [b"x"], [b""]),
        (b"h?llo", [b"hello", b"h\nllo"], [b"hllo", b"heello"]),
        (b"h*llo", [b"hllo", b"heeeello"], [b"hello!"]),
        (b"h[ae]llo", [b"hello", b"hallo"], [b"hillo"]),
        (b"h[^e]llo", [b"hallo"], [b"hello"]),
        (b"h[b-a]llo", [b"hallo", b"hbllo"], [b"hcllo"]),
        (b"[a", [b"a"], [b"b", b"["]),
        (b"[]", [], [b"", b"]"]),
        (b"[^]", [b"x"], [b""]),
        (rb"\*", [b"*"], [b"x"]),
        (rb"[\]]", [b"]"], [b"\\"]),
        (b"a\\", [b"a\\"], [b"a"]),
        (b"a*b*c", [b"abc", b"a-b-b-c"], [b"acb"]),
    ],
)
def test_patterns(pattern: bytes, matching: list[bytes], others: list[bytes]) -> None:
    matches = compile_glob(pattern)
    assert all(matches(word) for word in matching)
    assert not any(matches(word) for word in others)
    prefix = literal_prefix(pattern)
    assert all(word.startswith(prefix) for word in matching if b"\\" not in pattern)


def test_a_pattern_of_many_stars_ends() -> None:
    """A matcher that tries every way takes longer than the world has been."""
    assert not compile_glob(b"a*" * 30 + b"b")(b"a" * 5_000)


def test_what_is_no_command_is_nil(peers: list[Peer], client: Client) -> None:
    words = ("COMMAND", "INFO", "nosuch", "get|nosuch")
    assert client.answer(*words) == peers[0].answer(*words)
