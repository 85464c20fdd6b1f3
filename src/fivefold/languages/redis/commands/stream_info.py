"""XINFO, which tells what there is in a stream."""

from __future__ import annotations

from fivefold.languages.redis.arguments import bad_value, parse_int
from fivefold.languages.redis.command import Command, Handler
from fivefold.languages.redis.commands import groups as commands
from fivefold.languages.redis.commands.groups import lag
from fivefold.languages.redis.commands.streams import TRIMMED_TOGETHER, find, shown
from fivefold.languages.redis.context import Context
from fivefold.models.keyvalue import groups, streams
from fivefold.models.keyvalue.entries import Entry
from fivefold.models.keyvalue.groups import Group
from fivefold.models.keyvalue.streams import FIRST, LAST, Fields, Id
from fivefold.values.replies import Reply

FULL_COUNT = 10
"""How many entries, and pending ones of each group and consumer, FULL shows unless told."""


def _require(context: Context, key: bytes) -> Entry:
    entry = find(context, key)
    if entry is None:
        raise bad_value("no such key")
    return entry


def _entry(found: tuple[Id, Fields] | None) -> Reply:
    return None if found is None else [shown(found[0]), [*found[1]]]


def _head(context: Context, entry: Entry) -> dict[Reply, Reply]:
    known = streams.past(entry)
    nodes = -(-entry.count // TRIMMED_TOGETHER)
    return {
        b"length": entry.count,
        b"radix-tree-keys": nodes,
        b"radix-tree-nodes": nodes + 1,
        b"last-generated-id": shown(known.last),
        b"max-deleted-entry-id": shown(known.deleted),
        b"entries-added": known.added,
        b"recorded-first-entry-id": shown(streams.first_id(context.space, entry)),
    }


def info_stream(context: Context, args: list[bytes]) -> Reply:
    """Describe a stream."""
    entry = _require(context, args[2])
    if len(args) > 3:
        return _info_full(context, entry, args)
    first, last = streams.ends(context.space, entry)
    return _head(context, entry) | {
        b"groups": len(groups.all_of(context.space, entry)),
        b"first-entry": _entry(first),
        b"last-entry": _entry(last),
    }


def _info_full(context: Context, entry: Entry, args: list[bytes]) -> Reply:
    count = FULL_COUNT
    if args[3].upper() != b"FULL" or len(args) not in (4, 6):
        raise commands.wrong_subcommand(args)
    if len(args) == 6:
        if args[4].upper() != b"COUNT":
            raise commands.wrong_subcommand(args)
        count = parse_int(args[5])
        count = FULL_COUNT if count < 0 else count
    context.expect(min(entry.count, count or entry.count))
    found = streams.between(context.space, entry, FIRST, LAST, count or None)
    return _head(context, entry) | {
        b"entries": [_entry(one) for one in found],
        b"groups": [
            _full_group(context, entry, group, count or 2**31)
            for group in groups.all_of(context.space, entry)
        ],
    }


def _full_group(context: Context, entry: Entry, group: Group, count: int) -> Reply:
    space, name = context.space, group.name
    held = groups.pending(space, entry, name, FIRST, LAST, count)
    number = sum(each for _, each in groups.summary(space, entry, name))
    consumers: list[Reply] = []
    for consumer, seen_ms in groups.consumers(space, entry, name):
        own = groups.pending(space, entry, name, FIRST, LAST, count, consumer)
        consumers.append(
            {
                b"name": consumer,
                b"seen-time": seen_ms,
                b"pel-count": groups.count_pending(space, entry, name, consumer),
                b"pending": [[shown(one.id), one.delivered_ms, one.deliveries] for one in own],
            }
        )
    return {
        b"name": name,
        b"last-delivered-id": shown(group.last),
        b"entries-read": group.entries_read,
        b"lag": lag(context, entry, group),
        b"pel-count": number,
        b"pending": [
            [shown(one.id), one.consumer, one.delivered_ms, one.deliveries] for one in held
        ],
        b"consumers": consumers,
    }


def info_groups(context: Context, args: list[bytes]) -> Reply:
    """Describe the groups of a stream."""
    entry = _require(context, args[2])
    space = context.space
    return [
        {
            b"name": group.name,
            b"consumers": len(groups.consumers(space, entry, group.name)),
            b"pending": sum(each for _, each in groups.summary(space, entry, group.name)),
            b"last-delivered-id": shown(group.last),
            b"entries-read": group.entries_read,
            b"lag": lag(context, entry, group),
        }
        for group in groups.all_of(space, entry)
    ]


def info_consumers(context: Context, args: list[bytes]) -> Reply:
    """Describe the consumers of a group."""
    entry = _require(context, args[2])
    space = context.space
    group = commands.require_of(context, entry, args)
    return [
        {
            b"name": consumer,
            b"pending": groups.count_pending(space, entry, group.name, consumer),
            b"idle": max(context.now_ms - seen_ms, 0),
        }
        for consumer, seen_ms in groups.consumers(space, entry, group.name)
    ]


def info_help(context: Context, args: list[bytes]) -> Reply:
    """Return what XINFO can do."""
    return [
        "XINFO <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        *("CONSUMERS <key> <group>", "    The consumers of a group."),
        *("GROUPS <key>", "    The groups of a stream."),
        *("STREAM <key> [FULL [COUNT <count>]]", "    What is in a stream."),
        *("HELP", "    Print this help."),
    ]


def _on_info(name: str, handler: Handler, arity: int) -> tuple[bytes, Command]:
    return name.encode(), Command(f"xinfo|{name}", handler, arity, ("readonly",), 2, 2, 1)


_INFO = dict(
    [
        _on_info("consumers", info_consumers, 4),
        _on_info("groups", info_groups, 3),
        _on_info("stream", info_stream, -3),
        (b"help", Command("xinfo|help", info_help, 2, ("loading", "stale"))),
    ]
)

COMMANDS = (Command("xinfo", info_help, -2, subcommands=_INFO),)
