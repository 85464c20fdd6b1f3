"""``fivefold user``: who may log in."""

from __future__ import annotations

from pathlib import Path

import fivefold
from tests.cli.program import run


def test_a_users_life(tmp_path: Path) -> None:
    made = run(tmp_path, "user", "set", "shop.db", "ada", given="pen cil\n")
    assert made.output == "user ada made\nFrom now on every client has to log in.\n"
    assert run(tmp_path, "user", "set", "shop.db", "eve", given="x").output == "user eve made\n"
    again = run(tmp_path, "user", "set", "shop.db", "ada", given="brush\n")
    assert again.output == "user ada has another password\n"
    assert run(tmp_path, "user", "list", "shop.db").output == "ada\neve\n"
    assert run(tmp_path, "user", "remove", "shop.db", "ada").output == "user ada removed\n"
    last = run(tmp_path, "user", "remove", "shop.db", "eve")
    assert "whoever reaches the server may do anything" in last.output
    with fivefold.open(tmp_path / "shop.db") as database:
        assert len(database.users) == 0


def test_refused(tmp_path: Path) -> None:
    for words, given, told in (
        (("set", "shop.db", "ada"), "\n", "a password cannot be empty"),
        (("set", "shop.db", ""), "x\n", "a user's name has 1 to 63 printable characters"),
        (("remove", "shop.db", "ada"), "", 'role "ada" does not exist'),
    ):
        ran = run(tmp_path, "user", *words, given=given)
        assert (ran.status, ran.output) == (1, "")
        assert told in ran.errors
    assert run(tmp_path, "user", "set", "shop.db").status == 2


def test_an_encrypted_store(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("pencil\n")
    key = ("--key-file", "key")
    assert run(tmp_path, "user", "set", "shop.db", "ada", *key, given="x\n").status == 0
    assert run(tmp_path, "user", "list", *key, "shop.db").output == "ada\n"
    for verb in ("sql", "redis", "mongo", "cql", "cypher"):
        ran = run(tmp_path, verb, *key, "shop.db", given="")
        assert (ran.status, ran.errors) == (0, ""), verb
        refused = run(tmp_path, verb, "shop.db", given="")
        assert refused.status == 1
        assert "--key-file" in refused.errors
