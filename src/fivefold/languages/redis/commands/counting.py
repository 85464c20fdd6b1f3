"""PFADD, PFCOUNT and PFMERGE: counting different elements, nearly, in little space."""

from __future__ import annotations

from fivefold.errors import InvalidValue
from fivefold.languages.redis import hyperloglog
from fivefold.languages.redis.command import Command
from fivefold.languages.redis.commands.bits import find, store
from fivefold.languages.redis.context import Context
from fivefold.models.keyvalue.entries import Entry
from fivefold.values.replies import Reply


def _find(context: Context, key: bytes) -> tuple[Entry | None, bytes]:
    entry, value = find(context, key)
    if entry is not None and not hyperloglog.is_log(value):
        raise InvalidValue("Key is not a valid HyperLogLog string value.", "wrong_value_kind")
    return entry, value


def _corrupted() -> InvalidValue:
    return InvalidValue("INVALIDOBJ Corrupted HLL object detected", "invalid_parameter_value")


def _registers(context: Context, keys: list[bytes]) -> list[bytearray]:
    try:
        found = [_find(context, key) for key in keys]
        return [hyperloglog.read(value) for entry, value in found if entry is not None]
    except hyperloglog.Corrupted:
        raise _corrupted() from None


def pfadd(context: Context, args: list[bytes]) -> Reply:
    """Add elements; say whether the count may have changed."""
    entry, value = _find(context, args[1])
    try:
        changed = hyperloglog.add(value or hyperloglog.new(), args[2:])
    except hyperloglog.Corrupted:
        raise _corrupted() from None
    if changed is None and entry is not None:
        return 0
    store(context, args[1], entry, changed or hyperloglog.new(), "pfadd")
    return 1


def pfcount(context: Context, args: list[bytes]) -> Reply:
    """Return about how many different elements were added to any of the keys."""
    registers = _registers(context, args[1:])
    return hyperloglog.count(hyperloglog.merged(registers)) if registers else 0


def pfmerge(context: Context, args: list[bytes]) -> Reply:
    """Have the first key count what any of the keys has seen."""
    entry, _ = _find(context, args[1])
    registers = hyperloglog.merged(_registers(context, args[1:]))
    store(context, args[1], entry, hyperloglog.build(registers), "pfadd")
    return "OK"


COMMANDS = (
    Command("pfadd", pfadd, -2, ("write", "denyoom", "fast"), 1, 1, 1),
    Command("pfcount", pfcount, -2, ("readonly",), 1, -1, 1),
    Command("pfmerge", pfmerge, -2, ("write", "denyoom"), 1, -1, 1),
)
