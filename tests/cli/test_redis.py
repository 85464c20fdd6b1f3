"""``fivefold redis``: one command, lines of them, and their hints."""

from __future__ import annotations

from pathlib import Path

import fivefold
from fivefold.cli.redis.hints import SYNTAX
from fivefold.cli.redis.run import PromptState
from tests.cli.program import run


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
        "(error) value is not an integer or out of range",
        "line 2 of the input; what follows was not run",
    ]
    with fivefold.open(tmp_path / "shop.db") as database:
        assert database.redis.get("k") == b"a"


def test_an_open_quote(tmp_path: Path) -> None:
    ran = run(tmp_path, "redis", "shop.db", given='SET k "a\n')
    assert ran.status == 1
    assert ran.errors.startswith("Invalid argument(s)")


def test_hints_are_of_commands() -> None:
    with fivefold.open(":memory:") as database:
        listed = database.redis.execute_command("COMMAND", "LIST")
    names = [name.decode() for name in listed]
    groups = {name.partition("|")[0] for name in names if "|" in name}
    expected = {
        name.replace("|", " ")
        for name in names
        if not name.endswith("|help") and name not in groups
    }
    assert set(SYNTAX) <= expected


def test_the_prompt_follows_the_session() -> None:
    state = PromptState("shop")
    seen = []
    for line in ("SELECT 3", "multi", "INCR a", "exec", "select 0", "select x"):
        state.follow(line)
        seen.append(state.text)
    assert seen == ["shop[3]", "shop[3](TX)", "shop[3](TX)", "shop[3]", "shop", "shop"]
