"""COMMAND beside redis-server's, field by field; summaries are our own."""

from __future__ import annotations

import re
from typing import Any

import pytest

from fivefold.languages.redis.command import Command
from fivefold.languages.redis.commands import COMMANDS
from fivefold.languages.redis.known import KNOWN
from fivefold.languages.redis.metadata.describe import document, information
from fivefold.languages.redis.metadata.facts import documents, facts
from fivefold.wire.redis.encode import ENCODERS
from tests.languages.redis.beside import Peer, parsed
from tests.languages.redis.rig import Client

ADDED = {"client|setinfo"}
"""Commands of Redis 7.2 that clients send unasked."""


def test_the_tables_know_the_same_commands() -> None:
    names = {name.decode() for name in KNOWN}
    assert set(facts()) == names
    assert set(documents()) == names
    for document_ in documents().values():
        assert document_.summary
        assert not document_.summary.endswith(".")


def _described(name: str) -> Command:
    """Return a command of that name, ours or not, without its subcommands."""
    return Command(name, lambda context, args: None, 1)


def _normal(entry: list[Any]) -> list[Any]:
    return [*entry[:9], []]


@pytest.mark.parametrize("protocol", [2, 3])
def test_information(peers: list[Peer], protocol: int) -> None:
    """Byte for byte, but for the order of subcommands, which is that of a hash table."""
    names = [name for name in sorted(facts()) if "|" in name or not _container(name)]
    peers[0].answer("HELLO", protocol)
    theirs = peers[0].answer("COMMAND", "INFO", *names)
    peers[0].answer("HELLO", 2)
    assert ENCODERS[protocol]([information(_described(name)) for name in names]) == theirs


def _container(name: str) -> bool:
    return any(known.startswith(f"{name}|") for known in facts())


def test_information_of_containers(peers: list[Peer]) -> None:
    names = [name for name in sorted(facts()) if _container(name)]
    theirs = parsed(peers[0].answer("COMMAND", "INFO", *names))
    ours = parsed(ENCODERS[2]([information(_described(name)) for name in names]))
    assert isinstance(theirs, list)
    assert [_normal(entry) for entry in theirs] == ours
    for entry in theirs:
        subcommands = {each[0].decode() for each in entry[9]}
        assert subcommands == {name for name in facts() if name.startswith(f"{entry[0].decode()}|")}


@pytest.mark.parametrize("protocol", [2, 3])
def test_documents(peers: list[Peer], protocol: int) -> None:
    summary = re.compile(rb"(\$7\r\nsummary\r\n)\$\d+\r\n[^\r]*\r\n")
    names = [name for name in sorted(documents()) if not _container(name)]
    peers[0].answer("HELLO", protocol)
    for name in names:
        theirs = peers[0].answer("COMMAND", "DOCS", name)
        ours = ENCODERS[protocol]({name.encode(): document(_described(name))})
        assert summary.sub(rb"\1", ours) == summary.sub(rb"\1", theirs), name
    peers[0].answer("HELLO", 2)


def test_our_commands_say_what_the_table_says() -> None:
    for command in COMMANDS.values():
        for each in (command, *command.subcommands.values()):
            if each.name not in ADDED:
                known = facts()[each.name]
                assert each.arity == known.arity, each.name
                assert set(each.flags) == set(known.flags), each.name
                positions = (known.first, known.last, known.step)
                assert (each.first, each.last, each.step) == positions, each.name


GETKEYS = """
sort_ro a by x get y|sort a by x store|sort a store b store c|sort a limit 0 store store d
migrate h 1 k 0 10|migrate h 1 k 0 10 keys a b|migrate h 1 k 0 10 auth keys keys a b
zunionstore d 2 a b weights 1 2|zunionstore d 3 a b|zunionstore d -1 a b|zunionstore d x a b
set a b|set a b nx get|set a b nx|bitfield a get u8 0|bitfield a set u8 0 1|bitfield a overflow wrap
bitfield a overflow wrap get u8 0|bitfield a get u8 0 incrby u8 0 1|bitfield a get|bitfield a
georadius a 1 2 3 m store b|georadius a 1 2 3 m storedist b|georadius a 1 2 3 m
georadius a 1 2 3 m store b storedist c|georadiusbymember a m 3 m store|georadius_ro a 1 2 3 m
xreadgroup group g c streams a b > >|xreadgroup group g c streams a b >|xread block 0 streams
xread count streams streams a b|xread block 0 streams a b 0 0|xread streams a 0|xread a b c
lmpop 2 a b left|lmpop 5 a b left|lmpop 0 a left|blmpop 0 2 a b left|bzmpop 0 1 a min|zmpop 1 a max
sintercard 2 a b limit 1|zintercard 1 a|zinter 2 a b|zdiff 1 a|zdiff 0 a|zdiffstore d 2 a b
eval x 2 a|eval x 0|eval x -1 a|eval x a b|evalsha x 3 a b|eval x 1 a b|fcall x 1 a|eval_ro x 1 a
eval x 1|eval x 99999999999999999999 a|evalsha_ro x 1 a b c
mset a 1 b|mset a 1 b 2|msetnx a 1|object encoding x|xgroup create a b c|xinfo stream a
rename a b|copy a b|blpop a b 0|brpop a b c 0|lmove a b left left|blmove a b left left 0
publish a b|spublish a b|ssubscribe a b|bitop and a b c|GET a|get|get a b|lcs a b len
restore a 0 x|pfcount a b|pfmerge a b c|watch a b|watch a|del a b c|touch a|sunionstore d a b
ping x|nosuch|nosuch x|client|client nosuch|client id x|multi x|config get|config get x|memory usage
memory usage x|hset a b c|geosearchstore a b|geosearchstore a b fromlonlat 1 2 byradius 1 m
hello 3 x|select 1|keys *|scan 0|zrangestore a b 0 1|xadd a * b c|xclaim a b c 1 1|command info x
"""


@pytest.mark.parametrize("name", ["GETKEYS", "GETKEYSANDFLAGS"])
def test_keys(peers: list[Peer], client: Client, name: str) -> None:
    """Of commands that we have; of those that we lack by the tables alone."""
    from fivefold.languages.redis.metadata.keys import find_keys, has_keys

    for line in GETKEYS.replace("\n", "|").strip("|").split("|"):
        words = line.split()
        theirs = peers[0].answer("COMMAND", name, *words)
        if words[0].lower().encode() in COMMANDS:
            assert client.answer("COMMAND", name, *words) == theirs, line
        elif words[0] in facts() and b"Invalid number" not in theirs and name == "GETKEYS":
            full = f"{words[0]}|{words[1]}" if _container(words[0]) else words[0]
            known = facts()[full]
            assert has_keys(known) == (b"no key arguments" not in theirs), line
            found = [words[at].encode() for at, _ in find_keys(known, [w.encode() for w in words])]
            expected = parsed(theirs)
            assert found == (expected if isinstance(expected, list) else []), line


@pytest.mark.parametrize(
    "words",
    [
        ("INFO", "nosuch", "get|nosuch"),
        ("INFO", "Get", "client|id", "nosuch", "set"),
        ("DOCS", "nosuch"),
        ("LIST", "FILTERBY", "MODULE", "json"),
        ("LIST", "FILTERBY", "ACLCAT", "nosuch"),
        ("LIST", "FILTERBY", "PATTERN", "nosuch*"),
        ("LIST", "FILTERBY", "PATTERN", "GETR*"),
        ("LIST", "FILTERBY", "x", "y"),
        ("LIST", "x"),
        ("COUNT", "x"),
        ("NOSUCH",),
        ("GETKEYS", "get"),
        ("GETKEYSANDFLAGS", "get"),
    ],
)
def test_command(peers: list[Peer], client: Client, words: tuple[str, ...]) -> None:
    for protocol in (3, 2):
        for each in (peers[0], client):
            each.answer("HELLO", protocol)
        assert client.answer("COMMAND", *words) == peers[0].answer("COMMAND", *words)


def test_lists_by_category(peers: list[Peer], client: Client) -> None:
    for category in ("read", "write", "fast", "dangerous", "keyspace", "Scripting"):
        words = ("COMMAND", "LIST", "FILTERBY", "ACLCAT", category)
        theirs, ours = parsed(peers[0].answer(*words)), client.run(*words)
        assert isinstance(theirs, list)
        assert isinstance(ours, list)
        named = {each.name.encode() for one in COMMANDS.values() for each in _family(one)}
        assert {name for name in ours if name.decode() not in ADDED} == set(theirs) & named


def _family(command: Command) -> tuple[Command, ...]:
    return (command, *command.subcommands.values())
