"""The commands that say and ask when a key expires."""

from __future__ import annotations

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


def _expire(context: Context, args: list[bytes], name: str, unit_ms: int, base_ms: int) -> Reply:
    key, space, now_ms = args[1], context.space, context.now_ms
    conditions = _read_conditions(args[3:])
    expire_ms = parse_expiry(args[2], unit_ms, base_ms, name, positive=False)
    entry = space.find(key, now_ms)
    if entry is None or not _allowed(conditions, entry.expire_ms, expire_ms):
        return 0
    if expire_ms <= now_ms:
        space.remove(entry)
        context.notify("g", "del", key)
    else:
        space.expire(entry, expire_ms, context.stamp())
        context.notify("g", "expire", key)
    return 1


def expire(context: Context, args: list[bytes]) -> Reply:
    """Let a key expire after some seconds."""
    return _expire(context, args, "expire", 1000, context.now_ms)


def pexpire(context: Context, args: list[bytes]) -> Reply:
    """Let a key expire after some milliseconds."""
    return _expire(context, args, "pexpire", 1, context.now_ms)


def expireat(context: Context, args: list[bytes]) -> Reply:
    """Let a key expire some seconds after 1970."""
    return _expire(context, args, "expireat", 1000, 0)


def pexpireat(context: Context, args: list[bytes]) -> Reply:
    """Let a key expire some milliseconds after 1970."""
    return _expire(context, args, "pexpireat", 1, 0)


def _tell(context: Context, args: list[bytes], unit_ms: int, base_ms: int) -> Reply:
    entry = context.space.find(args[1], context.now_ms)
    if entry is None:
        return -2
    if entry.expire_ms is None:
        return -1
    return (entry.expire_ms - base_ms + unit_ms // 2) // unit_ms


def ttl(context: Context, args: list[bytes]) -> Reply:
    """Return the seconds until a key expires."""
    return _tell(context, args, 1000, context.now_ms)


def pttl(context: Context, args: list[bytes]) -> Reply:
    """Return the milliseconds until a key expires."""
    return _tell(context, args, 1, context.now_ms)


def expiretime(context: Context, args: list[bytes]) -> Reply:
    """Return when a key expires, in seconds since 1970."""
    return _tell(context, args, 1000, 0)


def pexpiretime(context: Context, args: list[bytes]) -> Reply:
    """Return when a key expires, in milliseconds since 1970."""
    return _tell(context, args, 1, 0)


def persist(context: Context, args: list[bytes]) -> Reply:
    """Let a key never expire."""
    entry = context.space.find(args[1], context.now_ms)
    if entry is None or entry.expire_ms is None:
        return 0
    context.space.expire(entry, None, context.stamp())
    context.notify("g", "persist", args[1])
    return 1


_WRITES = ("write", "fast")
_READS = ("readonly", "fast")

COMMANDS = (
    Command("expire", expire, -3, _WRITES, 1, 1, 1),
    Command("expireat", expireat, -3, _WRITES, 1, 1, 1),
    Command("expiretime", expiretime, 2, _READS, 1, 1, 1),
    Command("persist", persist, 2, _WRITES, 1, 1, 1),
    Command("pexpire", pexpire, -3, _WRITES, 1, 1, 1),
    Command("pexpireat", pexpireat, -3, _WRITES, 1, 1, 1),
    Command("pexpiretime", pexpiretime, 2, _READS, 1, 1, 1),
    Command("pttl", pttl, 2, _READS, 1, 1, 1),
    Command("ttl", ttl, 2, _READS, 1, 1, 1),
)
