"""The commands that say and ask when a key expires."""

from __future__ import annotations

from functools import partial

from fivefold.languages.redis.arguments import bad_value, parse_expiry, shown
from fivefold.languages.redis.command import Command
from fivefold.languages.redis.context import Context
from fivefold.values.replies import Reply

_CONDITIONS = (b"NX", b"XX", b"GT", b"LT")


def _read_conditions(words: list[bytes]) -> set[bytes]:
    conditions: set[bytes] = set()
    for word in words:
        if word.upper() not in _CONDITIONS:
            raise bad_value(f"Unsupported option {shown(word)}")
        conditions.add(word.upper())
    if b"NX" in conditions and len(conditions) > 1:
        raise bad_value("NX and XX, GT or LT options at the same time are not compatible")
    if {b"GT", b"LT"} <= conditions:
        raise bad_value("GT and LT options at the same time are not compatible")
    return conditions


def _allowed(conditions: set[bytes], now_at_ms: int | None, wanted_ms: int) -> bool:
    """Say whether an expiry may change from ``now_at_ms`` (None: never) to ``wanted_ms``."""
    if now_at_ms is None:
        return not conditions & {b"XX", b"GT"}
    return not (
        b"NX" in conditions
        or (b"GT" in conditions and wanted_ms <= now_at_ms)
        or (b"LT" in conditions and wanted_ms >= now_at_ms)
    )


def _expire(
    name: str, unit_ms: int, relative: bool, context: Context, args: list[bytes]
) -> Reply:
    key, space, now_ms = args[1], context.space, context.now_ms
    conditions = _read_conditions(args[3:])
    base_ms = now_ms if relative else 0
    expire_ms = parse_expiry(args[2], unit_ms, base_ms, name, positive=False)
    head = space.head(key, now_ms)
    if head is None or not _allowed(conditions, head[1], expire_ms):
        return 0
    if expire_ms <= now_ms:
        space.discard(key)
    else:
        space.expire(key, expire_ms, context.stamp())
    return 1


def _tell(unit_ms: int, relative: bool, context: Context, args: list[bytes]) -> Reply:
    head = context.space.head(args[1], context.now_ms)
    if head is None:
        return -2
    if head[1] is None:
        return -1
    told_ms = head[1] - context.now_ms if relative else head[1]
    return (told_ms + unit_ms // 2) // unit_ms


def persist(context: Context, args: list[bytes]) -> Reply:
    """Let a key never expire."""
    head = context.space.head(args[1], context.now_ms)
    if head is None or head[1] is None:
        return 0
    context.space.expire(args[1], None, context.stamp())
    return 1


# name, milliseconds in the unit, counted from now (or from 1970).
_SETTERS = (
    ("expire", 1000, True),
    ("expireat", 1000, False),
    ("pexpire", 1, True),
    ("pexpireat", 1, False),
)
_TELLERS = (
    ("ttl", 1000, True),
    ("pttl", 1, True),
    ("expiretime", 1000, False),
    ("pexpiretime", 1, False),
)

COMMANDS = (
    *(
        Command(name, partial(_expire, name, *how), -3, ("write", "fast"), 1, 1, 1)
        for name, *how in _SETTERS
    ),
    *(
        Command(name, partial(_tell, *how), 2, ("readonly", "fast"), 1, 1, 1)
        for name, *how in _TELLERS
    ),
    Command("persist", persist, 2, ("write", "fast"), 1, 1, 1),
)
