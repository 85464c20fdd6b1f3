"""The commands about the server."""

from __future__ import annotations

from fivefold.languages.redis.arguments import syntax_error
from fivefold.languages.redis.command import Command
from fivefold.languages.redis.context import Context
from fivefold.models.keyvalue.layout import DATABASES
from fivefold.values.replies import Reply


def time(context: Context, args: list[bytes]) -> Reply:
    """Return the seconds since 1970 and the microseconds of the present second."""
    seconds, milliseconds = divmod(context.now_ms, 1000)
    return [b"%d" % seconds, b"%d" % (milliseconds * 1000)]


def dbsize(context: Context, args: list[bytes]) -> Reply:
    """Return the number of keys of this database."""
    return context.space.count(context.now_ms)


def _check_flush(args: list[bytes]) -> None:
    if len(args) > 2 or (len(args) == 2 and args[1].upper() not in (b"SYNC", b"ASYNC")):
        raise syntax_error()


def flushdb(context: Context, args: list[bytes]) -> Reply:
    """Delete every key of this database."""
    _check_flush(args)
    context.space.clear()
    return "OK"


def flushall(context: Context, args: list[bytes]) -> Reply:
    """Delete every key of every database."""
    _check_flush(args)
    for number in range(DATABASES):
        context.space_of(number).clear()
    return "OK"


_STATELESS = ("loading", "stale")
_ADMIN = ("admin", "noscript", *_STATELESS)

COMMANDS = (
    Command("dbsize", dbsize, 1, ("readonly", "fast"), scans=True),
    Command("flushall", flushall, -1, ("write",), scans=True),
    Command("flushdb", flushdb, -1, ("write",), scans=True),
    Command("time", time, 1, ("loading", "stale", "fast")),
)
