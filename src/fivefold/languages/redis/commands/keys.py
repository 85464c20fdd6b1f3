"""The commands on keys of any kind."""

from __future__ import annotations

from fivefold.errors import InvalidValue
from fivefold.languages.redis.arguments import (
    bad_value,
    parse_database,
    parse_int,
    syntax_error,
)
from fivefold.languages.redis.command import Command, Handler
from fivefold.languages.redis.commands.elements import parse_cursor, scan_options
from fivefold.languages.redis.context import Context
from fivefold.languages.redis.glob import compile_glob, literal_prefix
from fivefold.models.keyvalue import contents
from fivefold.models.keyvalue.entries import Entry
from fivefold.models.keyvalue.layout import STRING
from fivefold.values.replies import Reply

PACKED_MAX, PACKED_BYTES_MAX, INTEGERS_PACKED_MAX = 128, 64, 512
"""Up to how many elements, of how many bytes each, and how many integers of a set, redis-server
keeps in one piece."""

EMBEDDED_STRING_BYTES_MAX = 44
"""The longest string whose encoding redis-server calls ``embstr``."""


def delete(context: Context, args: list[bytes]) -> Reply:
    """Delete keys; return how many were there."""
    space, now_ms = context.space, context.now_ms
    count = 0
    for key in args[1:]:
        if space.delete(key, now_ms):
            context.notify("g", "del", key)
            count += 1
    return count


def exists(context: Context, args: list[bytes]) -> Reply:
    """Return how many of the keys are there, each counted as often as it is named."""
    space, now_ms = context.space, context.now_ms
    return sum(space.find(key, now_ms) is not None for key in args[1:])


def type_(context: Context, args: list[bytes]) -> Reply:
    """Return the kind of a key."""
    entry = context.space.find(args[1], context.now_ms)
    return "none" if entry is None else entry.kind


def keys(context: Context, args: list[bytes]) -> Reply:
    """Return all keys that match a pattern."""
    found = context.space.keys(literal_prefix(args[1]), context.now_ms)
    matches = compile_glob(args[1])
    return [key for key in found if matches(key)]


def scan(context: Context, args: list[bytes]) -> Reply:
    """Return some keys, and the cursor for more of them."""
    cursor = parse_cursor(args[1])
    matches, count, kind = scan_options(args[2:], typed=True)
    following, found = context.space.scan(cursor, count, context.now_ms)
    return [
        b"%d" % following,
        [key for key, its_kind in found if (kind is None or its_kind == kind) and matches(key)],
    ]


def randomkey(context: Context, args: list[bytes]) -> Reply:
    """Return some key."""
    return context.space.random(context.now_ms)


def _no_such_key() -> InvalidValue:
    return bad_value("no such key")


def rename(context: Context, args: list[bytes]) -> Reply:
    """Give a key another name, over what had that name."""
    entry = context.space.find(args[1], context.now_ms)
    if entry is None:
        raise _no_such_key()
    if args[1] != args[2]:
        _rename(context, entry, args[2])
    return "OK"


def _rename(context: Context, entry: Entry, new: bytes) -> None:
    context.space.rename(entry, new, context.stamp())
    context.notify("g", "rename_from", entry.key)
    context.notify("g", "rename_to", new)


def renamenx(context: Context, args: list[bytes]) -> Reply:
    """Give a key another name that nothing has."""
    entry = context.space.find(args[1], context.now_ms)
    if entry is None:
        raise _no_such_key()
    if context.space.find(args[2], context.now_ms) is not None:
        return 0
    _rename(context, entry, args[2])
    return 1


def copy(context: Context, args: list[bytes]) -> Reply:
    """Copy a key, perhaps into another database."""
    number = context.session.database
    replace, at = False, 3
    while at < len(args):
        option = args[at].upper()
        if option == b"REPLACE":
            replace = True
        elif option == b"DB" and at + 1 < len(args):
            at += 1
            number = parse_database(args[at])
        else:
            raise syntax_error()
        at += 1
    copied = _copy(context, args[1], number, args[2], replace)
    if copied:
        context.notify("g", "copy_to", args[2], number)
    return copied


def move(context: Context, args: list[bytes]) -> Reply:
    """Take a key into another database."""
    number = parse_database(args[2])
    copied = _copy(context, args[1], number, args[1], False)
    if copied:
        context.space.delete(args[1], context.now_ms)
        context.notify("g", "move_from", args[1])
        context.notify("g", "move_to", args[1], number)
    return copied


def _copy(context: Context, key: bytes, number: int, new: bytes, replace: bool) -> int:
    space, target, now_ms = context.space, context.space_of(number), context.now_ms
    if number == context.session.database and key == new:
        raise bad_value("source and destination objects are the same")
    entry = space.find(key, now_ms)
    if entry is None or (not replace and target.find(new, now_ms) is not None):
        return 0
    context.expect(entry.count)
    space.copy(entry, target, new, context.stamp())
    return 1


_PACKED = {"hash": (b"listpack", b"hashtable"), "zset": (b"listpack", b"skiplist")}
_FIXED = {"list": b"quicklist", "stream": b"stream"}


def _encoding(context: Context, entry: Entry) -> bytes:
    """Return how redis-server, with the settings it comes with, would keep several elements."""
    if entry.kind in _FIXED:
        return _FIXED[entry.kind]
    small = entry.count <= (INTEGERS_PACKED_MAX if entry.kind == "set" else PACKED_MAX)
    found = contents.take(context.space, entry) if small else []
    if entry.kind == "set":
        return b"intset" if small and all(map(_is_integer, found)) else b"hashtable"
    words = (word for word in found if isinstance(word, bytes))
    packed, spread = _PACKED[entry.kind]
    return packed if small and all(len(word) <= PACKED_BYTES_MAX for word in words) else spread


def _is_integer(word: bytes) -> bool:
    try:
        parse_int(word)
    except InvalidValue:
        return False
    return True


def object_encoding(context: Context, args: list[bytes]) -> Reply:
    """Return the name of the encoding that redis-server would use."""
    entry = context.space.find(args[2], context.now_ms)
    if entry is None:
        return None
    if entry.kind != STRING:
        return _encoding(context, entry)
    value = context.space.value(entry)
    if _is_integer(value):
        return b"int"
    return b"embstr" if len(value) <= EMBEDDED_STRING_BYTES_MAX else b"raw"


def _absent(context: Context, key: bytes) -> bool:
    return context.space.find(key, context.now_ms) is None


def object_idletime(context: Context, args: list[bytes]) -> Reply:
    """Return 0 for every key: reads are not written down."""
    return None if _absent(context, args[2]) else 0


def object_refcount(context: Context, args: list[bytes]) -> Reply:
    """Return 1 for every key: nothing is shared."""
    return None if _absent(context, args[2]) else 1


def object_freq(context: Context, args: list[bytes]) -> Reply:
    """Refuse, as redis-server does unless told to count accesses."""
    if _absent(context, args[2]):
        return None
    raise bad_value(
        "An LFU maxmemory policy is not selected, access frequency not tracked. Please note that"
        " when switching between policies at runtime LRU and LFU data will take some time to"
        " adjust."
    )


def object_help(context: Context, args: list[bytes]) -> Reply:
    """Return what OBJECT can do."""
    return [
        "OBJECT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        *("ENCODING <key>", "    How the value would be encoded."),
        *("FREQ <key>", "    How often the key is read; not counted."),
        *("IDLETIME <key>", "    Seconds since the key was last read; always 0."),
        *("REFCOUNT <key>", "    How many share the value; always 1."),
        *("HELP", "    Print this help."),
    ]


def _on_object(name: str, handler: Handler) -> tuple[bytes, Command]:
    return name.encode(), Command(f"object|{name}", handler, 3, ("readonly",), 2, 2, 1)


_OBJECT = dict(
    [
        _on_object("encoding", object_encoding),
        _on_object("freq", object_freq),
        _on_object("idletime", object_idletime),
        _on_object("refcount", object_refcount),
        (b"help", Command("object|help", object_help, 2, ("loading", "stale"))),
    ]
)

COMMANDS = (
    Command("copy", copy, -3, ("write", "denyoom"), 1, 2, 1),
    Command("del", delete, -2, ("write",), 1, -1, 1),
    Command("exists", exists, -2, ("readonly", "fast"), 1, -1, 1),
    Command("keys", keys, 2, ("readonly",), scans=True),
    Command("move", move, 3, ("write", "fast"), 1, 1, 1),
    Command("object", object_help, -2, subcommands=_OBJECT),
    Command("randomkey", randomkey, 1, ("readonly",)),
    Command("rename", rename, 3, ("write",), 1, 2, 1),
    Command("renamenx", renamenx, 3, ("write", "fast"), 1, 2, 1),
    Command("scan", scan, -2, ("readonly",), scans=True),
    Command("touch", exists, -2, ("readonly", "fast"), 1, -1, 1),
    Command("type", type_, 2, ("readonly", "fast"), 1, 1, 1),
    Command("unlink", delete, -2, ("write", "fast"), 1, -1, 1),
)
