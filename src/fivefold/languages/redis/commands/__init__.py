"""The commands: one table of them all, by lower-case name."""

from __future__ import annotations

from fivefold.languages.redis.command import Command
from fivefold.languages.redis.commands import (
    acl,
    bitfields,
    bits,
    clients,
    command,
    config,
    connection,
    counting,
    expiry,
    geo,
    groups,
    hashes,
    info,
    keys,
    lists,
    maintenance,
    pubsub,
    replication,
    scripting,
    server,
    sets,
    slowlog,
    sorted_algebra,
    sorted_ranges,
    sorted_scan,
    sorted_sets,
    sorting,
    stream_info,
    streams,
    strings,
    transactions,
    waiting,
)

COMMANDS: dict[bytes, Command] = {}

for _group in (
    acl,
    clients,
    config,
    bitfields,
    bits,
    connection,
    counting,
    expiry,
    geo,
    groups,
    hashes,
    info,
    keys,
    lists,
    maintenance,
    pubsub,
    replication,
    scripting,
    server,
    sets,
    slowlog,
    sorted_algebra,
    sorted_ranges,
    sorted_scan,
    sorted_sets,
    sorting,
    stream_info,
    streams,
    strings,
    transactions,
    waiting,
):
    COMMANDS |= {each.name.encode(): each for each in _group.COMMANDS}

COMMANDS |= {each.name.encode(): each for each in command.describe(COMMANDS)}
