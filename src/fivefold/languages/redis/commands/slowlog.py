"""SLOWLOG: see ``fivefold.languages.redis.slowlog``."""

from __future__ import annotations

from fivefold.languages.redis.arguments import INT64_MAX, parse_int, wrong_use
from fivefold.languages.redis.command import Command, Handler
from fivefold.languages.redis.context import Context
from fivefold.values.replies import Reply

SHOWN = 10
"""How many entries SLOWLOG GET returns unless told."""


def slowlog_get(context: Context, args: list[bytes]) -> Reply:
    """Return the newest commands that took long."""
    if len(args) > 3:
        raise wrong_use(args)
    count = SHOWN
    if len(args) == 3:
        refusal = "count should be greater than or equal to -1"
        count = parse_int(args[2], refusal, -1, INT64_MAX)
    return [
        [
            entry.number,
            entry.at,
            entry.microseconds,
            list(entry.words),
            entry.address.encode(),
            entry.name,
        ]
        for entry in context.hub.slow_log.entries(count)
    ]


def slowlog_len(context: Context, args: list[bytes]) -> Reply:
    """Return how many commands the log has."""
    return len(context.hub.slow_log)


def slowlog_reset(context: Context, args: list[bytes]) -> Reply:
    """Empty the log."""
    context.hub.slow_log.clear()
    return "OK"


def slowlog_help(context: Context, args: list[bytes]) -> Reply:
    """Return what SLOWLOG can do."""
    return [
        "SLOWLOG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        *("GET [<count>]", "    The newest entries (10; -1: all): number, time, microseconds,"),
        *("    words, address and name of the client.",),
        *("LEN", "    How many entries there are."),
        *("RESET", "    Empty the log."),
        *("HELP", "    Print this help."),
    ]


def _on_slowlog(name: str, handler: Handler, arity: int, *flags: str) -> tuple[bytes, Command]:
    shown_flags = (*flags, "loading", "stale")
    return name.encode(), Command(f"slowlog|{name}", handler, arity, shown_flags, storeless=True)


_SLOWLOG = dict(
    [
        _on_slowlog("get", slowlog_get, -2, "admin"),
        _on_slowlog("help", slowlog_help, 2),
        _on_slowlog("len", slowlog_len, 2, "admin"),
        _on_slowlog("reset", slowlog_reset, 2, "admin"),
    ]
)

COMMANDS = (Command("slowlog", slowlog_help, -2, storeless=True, subcommands=_SLOWLOG),)
