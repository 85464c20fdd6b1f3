"""The commands on lists that wait until there is something."""

from __future__ import annotations

from fivefold.languages.redis.blocking import block, parse_timeout
from fivefold.languages.redis.command import Command
from fivefold.languages.redis.commands.lists import (
    find,
    move_item,
    parse_end,
    parse_lmpop,
    pop_first,
    pop_one,
)
from fivefold.languages.redis.context import Context
from fivefold.values.replies import NIL_ARRAY, Reply


def _pop(context: Context, args: list[bytes], left: bool) -> Reply:
    deadline_ms = parse_timeout(context, args[-1])
    keys = args[1:-1]
    for key in keys:
        entry = find(context, key)
        if entry is not None:
            return [key, pop_one(context, entry, left)]
    return block(context, keys, deadline_ms, NIL_ARRAY)


def blpop(context: Context, args: list[bytes]) -> Reply:
    """Take an item at the left end of the first list that has one."""
    return _pop(context, args, True)


def brpop(context: Context, args: list[bytes]) -> Reply:
    """Take an item at the right end of the first list that has one."""
    return _pop(context, args, False)


def _move(context: Context, args: list[bytes], from_left: bool, to_left: bool) -> Reply:
    deadline_ms = parse_timeout(context, args[-1])
    source = find(context, args[1])
    if source is not None:
        return move_item(context, source, args[2], from_left, to_left)
    return block(context, args[1:2], deadline_ms, None)


def blmove(context: Context, args: list[bytes]) -> Reply:
    """Take an item from the end of one list, once it has one, to the end of another."""
    return _move(context, args, parse_end(args[3]), parse_end(args[4]))


def brpoplpush(context: Context, args: list[bytes]) -> Reply:
    """Take an item from the right end of one list to the left end of another."""
    return _move(context, args, False, True)


def blmpop(context: Context, args: list[bytes]) -> Reply:
    """Take items of the first of several lists that has some."""
    keys, left, count = parse_lmpop(args, 2)
    deadline_ms = parse_timeout(context, args[1])
    popped = pop_first(context, keys, left, count)
    return block(context, keys, deadline_ms, NIL_ARRAY) if popped is None else popped


_FLAGS = ("write", "denyoom", "noscript", "blocking")

COMMANDS = (
    Command("blmove", blmove, 6, _FLAGS, 1, 2, 1),
    Command("blmpop", blmpop, -5, ("write", "blocking", "movablekeys")),
    Command("blpop", blpop, -3, ("write", "noscript", "blocking"), 1, -2, 1),
    Command("brpop", brpop, -3, ("write", "noscript", "blocking"), 1, -2, 1),
    Command("brpoplpush", brpoplpush, 4, _FLAGS, 1, 2, 1),
)
