"""DUMP and RESTORE: a key as bytes, and back."""

from __future__ import annotations

from typing import Any

from fivefold.languages.redis import dumps
from fivefold.languages.redis.arguments import bad_value, parse_int, syntax_error
from fivefold.languages.redis.command import Command
from fivefold.languages.redis.context import Context
from fivefold.models.keyvalue import contents
from fivefold.values.replies import Reply


def dump(context: Context, args: list[bytes]) -> Reply:
    """Return a key as bytes that RESTORE takes."""
    entry = context.space.find(args[1], context.now_ms)
    if entry is None:
        return None
    context.expect(entry.count)
    return dumps.dump([entry.kind.encode(), *contents.take(context.space, entry)])


def restore(context: Context, args: list[bytes]) -> Reply:
    """Make a key what DUMP said of one."""
    space, now_ms = context.space, context.now_ms
    replace, absolute = _read_options(args)
    if not replace and space.find(args[1], now_ms) is not None:
        raise bad_value("BUSYKEY Target key name already exists.")
    time_ms = parse_int(args[2])
    if time_ms < 0:
        raise bad_value("Invalid TTL value, must be >= 0")
    kind, found = _load(args[3])
    context.expect(contents.size(found))
    expire_ms = None
    if time_ms:
        expire_ms = time_ms if absolute else now_ms + time_ms
    if space.delete(args[1], now_ms):
        context.notify("g", "del", args[1])
    if expire_ms is None or expire_ms > now_ms:
        contents.give(space, args[1], kind, found, context.stamp(), expire_ms)
        context.notify("g", "restore", args[1])
    return "OK"


def _load(data: bytes) -> tuple[str, list[Any]]:
    try:
        loaded: Any = dumps.load(data)
        kind, found = loaded[0].decode(), loaded[1:]
        contents.check(kind, found)
    except (
        dumps.Malformed,
        contents.Malformed,
        AttributeError,
        TypeError,
        LookupError,
        ValueError,
    ):
        raise bad_value("DUMP payload version or checksum are wrong") from None
    return kind, found


def _read_options(args: list[bytes]) -> tuple[bool, bool]:
    """Return whether REPLACE and ABSTTL are said; what is said of idleness has no meaning here."""
    replace = absolute = False
    at = 4
    while at < len(args):
        option, left = args[at].upper(), len(args) - at - 1
        if option == b"REPLACE":
            replace = True
        elif option == b"ABSTTL":
            absolute = True
        elif option == b"IDLETIME" and left:
            at += 1
            if parse_int(args[at]) < 0:
                raise bad_value("Invalid IDLETIME value, must be >= 0")
        elif option == b"FREQ" and left:
            at += 1
            if not 0 <= parse_int(args[at]) <= 255:
                raise bad_value("Invalid FREQ value, must be >= 0 and <= 255")
        else:
            raise syntax_error()
        at += 1
    return replace, absolute


COMMANDS = (
    Command("dump", dump, 2, ("readonly",), 1, 1, 1),
    Command("restore", restore, -4, ("write", "denyoom"), 1, 1, 1),
)
