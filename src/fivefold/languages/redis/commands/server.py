"""The commands about the server."""

from __future__ import annotations

from fivefold.languages.redis.arguments import bad_value, parse_int, syntax_error
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


def swapdb(context: Context, args: list[bytes]) -> Reply:
    """Give each of two databases what the other has."""
    numbers = [
        parse_int(word, f"invalid {which} DB index", -(2**31), 2**31 - 1)
        for which, word in zip(("first", "second"), args[1:], strict=True)
    ]
    if not all(0 <= number < DATABASES for number in numbers):
        raise bad_value("DB index is out of range")
    one, other = map(context.space_of, numbers)
    if one is not other:
        one.swap(other)
    return "OK"


_STATELESS = ("loading", "stale")
_ADMIN = ("admin", "noscript", *_STATELESS)

COMMANDS = (
    Command("dbsize", dbsize, 1, ("readonly", "fast"), scans=True),
    Command("flushall", flushall, -1, ("write",), scans=True),
    Command("flushdb", flushdb, -1, ("write",), scans=True),
    Command("swapdb", swapdb, 3, ("write", "fast"), scans=True),
    Command("time", time, 1, ("loading", "stale", "fast")),
)
