"""The commands: one table of them all, by lower-case name."""

from __future__ import annotations

from fivefold.languages.redis.command import Command
from fivefold.languages.redis.commands import (
    connection,
    expiry,
    keys,
    server,
    strings,
    transactions,
)

COMMANDS: dict[bytes, Command] = {}

for _group in (connection, expiry, keys, server, strings, transactions):
    COMMANDS |= {command.name.encode(): command for command in _group.COMMANDS}

COMMANDS |= {command.name.encode(): command for command in server.describe(COMMANDS)}
