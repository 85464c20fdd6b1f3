"""``fivefold redis``: one command, lines of them, and their hints."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import fivefold
from fivefold.cli.redis.hints import Reference
from fivefold.cli.redis.manual import manual
from fivefold.cli.redis.shell import PromptState, Shell
from tests.cli.program import run


@pytest.fixture(scope="module")
def reference() -> Iterator[Reference]:
    """What COMMAND DOCS tells."""
    with fivefold.open(":memory:") as database:
        yield Reference(database.redis.execute_command)


def test_one_command(tmp_path: Path) -> None:
    assert run(tmp_path, "redis", "shop.db", "SET", "k", "a b", "EX", "100").output == "OK\n"
    with fivefold.open(tmp_path / "shop.db") as database:
        assert database.redis.get("k") == b"a b"
    assert run(tmp_path, "redis", "shop.db", "INCRBY", "n", "-5").output == "-5\n"


def test_lines(tmp_path: Path) -> None:
    given = 'SET k "\\x41\\n"\n\nMULTI\nINCR n\nINCR n\nEXEC\nMGET k n none\n'
    ran = run(tmp_path, "redis", "shop.db", given=given)
    assert (ran.status, ran.errors) == (0, "")
    assert ran.output == "OK\nOK\nQUEUED\nQUEUED\n1\n2\nA\n\n2\n\n"


def test_lines_stop_at_the_first_error(tmp_path: Path) -> None:
    ran = run(tmp_path, "redis", "shop.db", given="SET k a\nINCR k\nSET k b\n")
    assert (ran.status, ran.output) == (1, "OK\n")
    assert ran.errors.splitlines() == [
        "(error) ERR value is not an integer or out of range",
        "line 2 of the input; what follows was not run",
    ]
    with fivefold.open(tmp_path / "shop.db") as database:
        assert database.redis.get("k") == b"a"


def test_an_open_quote(tmp_path: Path) -> None:
    ran = run(tmp_path, "redis", "shop.db", given='SET k "a\n')
    assert ran.status == 1
    assert ran.errors.startswith("Invalid argument(s)")


def test_the_reference_is_of_all_commands() -> None:
    with fivefold.open(":memory:") as database:
        listed = database.redis.execute_command("COMMAND", "LIST")
        names = {name.decode().replace("|", " ") for name in listed}
        known = set(Reference(database.redis.execute_command).commands)
    assert known == names - {name.partition(" ")[0] for name in names if " " in name}


@pytest.mark.parametrize(
    ("line", "rest"),
    [
        ("getrange", " key start end"),
        ("GETRANGE k ", "start end"),
        ("GETRANGE k 0", " end"),
        ("mset k v ", "[key value ...]"),
        ("mset k ", "value [key value ...]"),
        ("client setname ", "connection-name"),
        ("expire k 10 ", "[NX|XX|GT|LT]"),
        ("copy a b db ", "destination-db [REPLACE]"),
        ("lpop l", " [count]"),
        ("zrange z 0 1 limit ", "offset count [BYSCORE|BYLEX] [REV] [WITHSCORES]"),
        ("zrange z 0 1 limit 0 1 byscore ", "[REV] [WITHSCORES]"),
        ("zadd z ", "[NX|XX] [GT|LT] [CH] [INCR] score member [score member ...]"),
        ("zadd z ch nx ", "[GT|LT] [INCR] score member [score member ...]"),
        ("zadd z ch 1 ", "member [score member ...]"),
        ("zinter 2 a b weights 1 ", "[weight ...] [AGGREGATE SUM|MIN|MAX] [WITHSCORES]"),
        ("blpop a b ", "[key ...] timeout"),
        ("geosearch g frommember x byradius 3 ", None),
        (
            "sort l by x get a ",
            "[GET pattern ...] [LIMIT offset count] [ASC|DESC] [ALPHA] [STORE destination]",
        ),
        ("eval script 1 ", "[key [key ...]] [arg [arg ...]]"),
        ("dbsize", ""),
        ("config ", ""),
        ("nonsense ", ""),
        ("", ""),
    ],
)
def test_hints(reference: Reference, line: str, rest: str | None) -> None:
    if rest is None:
        rest = "M|KM|FT|MI [ASC|DESC] [COUNT count [ANY]] [WITHCOORD] [WITHDIST] [WITHHASH]"
    assert reference.hint(line) == rest


def test_the_syntax_is_that_of_redis_cli(reference: Reference) -> None:
    assert reference.commands["set"].syntax == (
        "key value [NX|XX] [GET] [EX seconds|PX milliseconds|EXAT unix-time-seconds"
        "|PXAT unix-time-milliseconds|KEEPTTL]"
    )
    assert reference.commands["zadd"].syntax == (
        "key [NX|XX] [GT|LT] [CH] [INCR] score member [score member ...]"
    )


def test_help(reference: Reference) -> None:
    entry = manual(reference, ["HSETNX"]).splitlines()
    assert entry[:2] == ["", "  HSETNX key field value"]
    assert [line.split(":")[0] for line in entry[2:]] == ["  summary", "  since", "  group"]
    assert manual(reference, ["config"]).count("  CONFIG ") == 5
    assert "  HSETNX key field value\n" in manual(reference, ["@hash"])
    assert "@sorted-set" in manual(reference, [])
    assert manual(reference, ["nonsense"]) == ""


def test_the_prompt_follows_the_session() -> None:
    state = PromptState("shop")
    seen = []
    for line in ("select 3", "multi", "incr a", "exec", "select 0", "select x"):
        state.follow(line.split())
        seen.append(state.text)
    assert seen == ["shop[3]", "shop[3](TX)", "shop[3](TX)", "shop[3]", "shop", "shop"]
    state.follow(["hello", "3"])
    assert state.protocol == 3
    state.follow(["reset"])
    assert state.protocol == 2


def test_a_shell(capsys: pytest.CaptureFixture[str]) -> None:
    lines = (
        *("2 INCR n", "HELP incr", "SUBSCRIBE news", "PUBLISH news hi", "UNSUBSCRIBE"),
        *("GET 'n", "NOSUCH", "BLPOP l 0.001"),
    )
    with fivefold.open(":memory:") as database:
        shell = Shell("shop", database.redis)
        for line in lines:
            shell.take(line)
    shown = capsys.readouterr()
    help_shown, said = shown.out.split("group: string")
    assert help_shown.split()[:4] == ["1", "2", "INCR", "key"]
    assert said.split() == [
        *("1)", '"subscribe"', "2)", '"news"', "3)", "(integer)", "1"),
        *("1", "1)", '"message"', "2)", '"news"', "3)", '"hi"'),
        *("1)", '"unsubscribe"', "2)", '"news"', "3)", "(integer)", "0"),
    ]
    assert "Invalid argument(s)" in shown.err
    assert "(error) ERR unknown command 'NOSUCH'" in shown.err
