"""The commands: one table of them all, by name. MongoDB's names are told apart by their case."""

from __future__ import annotations

from fivefold.languages.mongo.command import Command
from fivefold.languages.mongo.commands import (
    aggregation,
    definitions,
    explaining,
    hello,
    indexing,
    information,
    listing,
    login,
    reading,
    sessions,
    statistics,
    status,
    testing,
    transactions,
    writing,
)

COMMANDS: dict[str, Command] = {}

for _family in (
    aggregation,
    listing,
    indexing,
    definitions,
    explaining,
    hello,
    information,
    login,
    reading,
    sessions,
    statistics,
    status,
    testing,
    transactions,
    writing,
):
    for _each in _family.COMMANDS:
        COMMANDS |= dict.fromkeys((_each.name, *_each.aliases), _each)

COMMANDS |= {each.name: each for each in information.describe(COMMANDS)}
