"""What Tab offers in the shells."""

from __future__ import annotations

import pytest
from prompt_toolkit.completion import CompleteEvent, Completer
from prompt_toolkit.document import Document

import fivefold
from fivefold.cli.redis.complete import CommandCompleter
from fivefold.cli.redis.hints import Reference
from fivefold.cli.sql.complete import SqlCompleter

NAMES = {"flights": ["carrier", "flight"], "planes": ["tailnum"], '"Odd one"': ["a"]}


def offered(completer: Completer, text: str) -> list[str]:
    found = completer.get_completions(Document(text), CompleteEvent(completion_requested=True))
    return [each.text for each in found]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("sel", ["select"]),
        ("SEL", ["SELECT"]),
        ("SELECT * FROM ", ["flights", "planes", '"Odd one"']),
        ("SELECT * FROM fl", ["flights"]),
        ("INSERT INTO pl", ["planes"]),
        ("SELECT flights.", ["carrier", "flight"]),
        ("SELECT 1 FROM flights f WHERE f.ca", ["carrier"]),
        ("SELECT 1 FROM flights AS f WHERE f.fl", ["flight"]),
        ("SELECT 1 FROM flights WHERE carr", ["carrier"]),
        ("SELECT nobody.c", []),
        ("\\d", ["\\d", "\\dt"]),
        ("\\d fl", ["flights"]),
        ("", []),
    ],
)
def test_sql(text: str, first: list[str]) -> None:
    completer = SqlCompleter(lambda: NAMES, ["\\d", "\\dt", "\\q"])
    assert offered(completer, text) == first


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("incr", ["incr", "incrby", "incrbyfloat"]),
        ("INCRB", ["INCRBY", "INCRBYFLOAT"]),
        ("config ", ["get", "help", "resetstat", "rewrite", "set"]),
        ("CLIENT I", ["ID", "INFO"]),
        ("help incrby", ["incrby", "incrbyfloat"]),
        ("help @stri", ["@string"]),
        ("obj", ["object"]),
        ("get k", []),
        ("nonsense", []),
    ],
)
def test_redis(text: str, names: list[str]) -> None:
    with fivefold.open(":memory:") as database:
        reference = Reference(database.redis.execute_command)
        assert offered(CommandCompleter(reference), text) == names
