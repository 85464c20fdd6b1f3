"""The commands on streams that need no consumer group."""

from __future__ import annotations

from dataclasses import dataclass

from fivefold.errors import InvalidValue
from fivefold.languages.redis import arguments
from fivefold.languages.redis.arguments import bad_value, parse_int, syntax_error, wrong_count
from fivefold.languages.redis.command import Command, reading, writing
from fivefold.languages.redis.context import Context
from fivefold.languages.redis.stream_ids import (
    bounded,
    parse_bound,
    parse_exact,
    parse_id,
    parse_part,
)
from fivefold.models.keyvalue import streams
from fivefold.models.keyvalue.entries import Entry
from fivefold.models.keyvalue.layout import STREAM
from fivefold.models.keyvalue.streams import FIRST, ID_PART_MAX, LAST, Fields, Id
from fivefold.values.replies import NIL_ARRAY, Blocked, Reply

TRIMMED_TOGETHER = 100
"""Where trimming may be inexact, entries go in lots of so many, as redis-server's nodes do."""


def find(context: Context, key: bytes) -> Entry | None:
    """Return the stream at ``key``, or None. Raises ``wrong_kind``."""
    return context.space.entry(key, STREAM, context.now_ms)


def changed(context: Context, entry: Entry, event: str) -> None:
    """Take note that a stream has changed; it stays when it is empty."""
    context.space.touch(entry, context.stamp())
    context.notify("t", event, entry.key)


def shown(id_: Id) -> bytes:
    """Return an ID as a reply."""
    return streams.shown(id_).encode()


def entries_reply(found: list[tuple[Id, Fields]]) -> Reply:
    """Return entries as a reply."""
    return [[shown(id_), [*fields]] for id_, fields in found]


@dataclass(slots=True)
class _Trim:
    """What XADD and XTRIM are told of trimming: ``longest`` or else ``least``."""

    longest: int | None = None
    least: Id = FIRST
    inexact: bool = False
    limit: int | None = None


def _read_trim(args: list[bytes], at: int, stop: int) -> tuple[_Trim, int]:
    """Return what the words from ``args[at]`` to before ``stop`` say, one trimming at most.

    The second value is where it ended.
    """
    strategy = args[at].upper()
    trim = _Trim()
    at += 1
    if at + 1 < stop and args[at] in (b"~", b"="):
        trim.inexact = args[at] == b"~"
        at += 1
    if at >= stop:
        raise syntax_error()
    if strategy == b"MAXLEN":
        trim.longest = parse_int(args[at])
        if trim.longest < 0:
            raise bad_value("The MAXLEN argument must be >= 0.")
    else:
        trim.least = bounded(parse_id(args[at]))
    return trim, at + 1


def _carry_out(context: Context, entry: Entry, trim: _Trim) -> int:
    excess = streams.excess(context.space, entry, trim.longest, trim.least)
    if trim.inexact:
        if excess < entry.count:
            excess -= excess % TRIMMED_TOGETHER
        limit = 100 * TRIMMED_TOGETHER if trim.limit is None else trim.limit
        if limit and excess > limit:
            excess = limit - limit % TRIMMED_TOGETHER
    if excess:
        streams.trim(context.space, entry, excess)
    return excess


def _trim_options(args: list[bytes], at: int, adds: bool) -> tuple[_Trim | None, bool, int]:
    """Return the trimming, whether NOMKSTREAM was said, and where the options end."""
    trim: _Trim | None = None
    limit: int | None = None
    make = True
    while at < len(args):
        option, left = args[at].upper(), len(args) - at - 1
        if adds and args[at] == b"*":
            break
        if option in (b"MAXLEN", b"MINID") and left:
            if trim is not None:
                raise bad_value(
                    "syntax error, MAXLEN and MINID options at the same time are not compatible"
                )
            trim, at = _read_trim(args, at, len(args))
            continue
        if option == b"LIMIT" and left:
            limit = parse_int(args[at + 1])
            if limit < 0:
                raise bad_value("The LIMIT argument must be >= 0.")
            at += 2
            continue
        if adds and option == b"NOMKSTREAM":
            make = False
            at += 1
            continue
        if adds:
            break
        raise syntax_error()
    if trim is not None:
        trim.limit = limit
    elif limit is not None and not adds:
        raise _limit_alone()
    return trim, make, at


def _limit_alone() -> InvalidValue:
    return bad_value("syntax error, LIMIT cannot be used without specifying a trimming strategy")


def _check_limit(trim: _Trim | None) -> None:
    if trim is not None and trim.limit is not None and not trim.inexact:
        raise bad_value("syntax error, LIMIT cannot be used without the special ~ option")


def _too_small() -> InvalidValue:
    return bad_value("The ID specified in XADD is equal or smaller than the target stream top item")


def _read_new_id(word: bytes) -> tuple[int | None, int | None]:
    """Return the two numbers of a new entry's ID, None for what is left to the server."""
    if word == b"*":
        return None, None
    ms, dash, seq = word.partition(b"-")
    if dash and seq == b"*":
        return parse_part(ms), None
    return parse_exact(word)


def _new_id(wanted: tuple[int | None, int | None], last: Id, now_ms: int) -> Id:
    ms, seq = wanted
    if ms is None:
        id_ = (now_ms, 0)
        following = streams.after(last) if id_ <= last else id_
    elif seq is None:
        if ms < last[0] or (ms == last[0] and last[1] == ID_PART_MAX):
            raise _too_small()
        following = (ms, last[1] + 1 if ms == last[0] else 0)
    else:
        following = (ms, seq)
        if following <= last:
            raise _too_small()
    if following is None:
        raise bad_value("The stream has exhausted the last possible ID, unable to add more items")
    return following


def xadd(context: Context, args: list[bytes]) -> Reply:
    """Add an entry; return its ID."""
    trim, make, at = _trim_options(args, 2, adds=True)
    if at == len(args):
        raise wrong_count("xadd")
    wanted = _read_new_id(args[at])
    _check_limit(trim)
    if (len(args) - at - 1) < 2 or (len(args) - at - 1) % 2:
        raise wrong_count("xadd")
    if wanted == (0, 0):
        raise bad_value("The ID specified in XADD must be greater than 0-0")
    entry = find(context, args[1])
    if entry is None and not make:
        return None
    last = FIRST if entry is None else streams.past(entry).last
    if last == LAST:
        raise bad_value("The stream has exhausted the last possible ID, unable to add more items")
    id_ = _new_id(wanted, last, context.now_ms)
    entry = entry or context.space.make(args[1], STREAM, context.stamp())
    streams.add(context.space, entry, id_, args[at + 1 :])
    changed(context, entry, "xadd")
    if trim is not None and _carry_out(context, entry, trim):
        changed(context, entry, "xtrim")
    context.space.signals.append(args[1])
    return shown(id_)


def xlen(context: Context, args: list[bytes]) -> Reply:
    """Return the number of entries."""
    entry = find(context, args[1])
    return 0 if entry is None else entry.count


def _range(context: Context, args: list[bytes], backwards: bool) -> Reply:
    first, last = (args[3], args[2]) if backwards else (args[2], args[3])
    low, high = parse_bound(first, low=True), parse_bound(last, low=False)
    count: int | None = None
    for at in range(4, len(args), 2):
        if args[at].upper() != b"COUNT" or at + 1 == len(args):
            raise syntax_error()
        count = max(parse_int(args[at + 1]), 0)
    entry = find(context, args[1])
    if entry is None:
        return []
    if count == 0:
        return NIL_ARRAY
    context.expect(min(entry.count, count or entry.count))
    return entries_reply(
        streams.between(context.space, entry, low, high, count, backwards=backwards)
    )


def xrange_(context: Context, args: list[bytes]) -> Reply:
    """Return the entries of a range of IDs."""
    return _range(context, args, False)


def xrevrange(context: Context, args: list[bytes]) -> Reply:
    """Return the entries of a range of IDs, the last first."""
    return _range(context, args, True)


def xdel(context: Context, args: list[bytes]) -> Reply:
    """Delete entries; return how many were there."""
    entry = find(context, args[1])
    if entry is None:
        return 0
    ids = [parse_id(word) for word in args[2:]]
    context.expect(len(ids))
    gone = streams.delete(context.space, entry, [id_ for id_ in ids if max(id_) <= ID_PART_MAX])
    if gone:
        changed(context, entry, "xdel")
    return gone


def xtrim(context: Context, args: list[bytes]) -> Reply:
    """Delete the oldest entries; return how many."""
    trim, _, _ = _trim_options(args, 2, adds=False)
    if trim is None:
        raise syntax_error()
    _check_limit(trim)
    entry = find(context, args[1])
    if entry is None:
        return 0
    gone = _carry_out(context, entry, trim)
    if gone:
        changed(context, entry, "xtrim")
    return gone


def xsetid(context: Context, args: list[bytes]) -> Reply:
    """Set the last ID of a stream, and what else it remembers."""
    last = parse_exact(args[2])
    added: int | None = None
    deleted: Id | None = None
    at = 3
    while at < len(args):
        option = args[at].upper()
        if at + 1 == len(args) or option not in (b"ENTRIESADDED", b"MAXDELETEDID"):
            raise syntax_error()
        if option == b"ENTRIESADDED":
            added = parse_int(args[at + 1])
            if added < 0:
                raise bad_value("entries_added must be positive")
        else:
            deleted = parse_exact(args[at + 1])
            if last < deleted:
                raise bad_value(
                    "The ID specified in XSETID is smaller than the provided max_deleted_entry_id"
                )
        at += 2
    entry = find(context, args[1])
    if entry is None:
        raise bad_value("no such key")
    known = streams.past(entry)
    if entry.count:
        _, newest = streams.ends(context.space, entry)
        if newest is not None and last < newest[0]:
            raise bad_value("The ID specified in XSETID is smaller than the target stream top item")
        if added is not None and entry.count > added:
            raise bad_value(
                "The entries_added specified in XSETID is smaller than the target stream length"
            )
    known.last = last
    known.added = known.added if added is None else added
    if deleted is not None and deleted != FIRST:
        known.deleted = deleted
    streams.remember(entry, known)
    changed(context, entry, "xsetid")
    return "OK"


def by_stream(context: Context, found: list[tuple[bytes, Reply]]) -> Reply:
    """Return what each stream gave, as XREAD does."""
    if context.session.protocol == 3:
        return dict(found)
    return [[key, entries] for key, entries in found]


def parse_block(word: bytes, now_ms: int) -> int | None:
    """Return when a timeout in milliseconds is over; None for 0: never."""
    timeout_ms = parse_int(word, "timeout is not an integer or out of range")
    if timeout_ms < 0:
        raise bad_value("timeout is negative")
    return now_ms + timeout_ms if timeout_ms else None


@dataclass(slots=True)
class Wanted:
    """What XREAD and XREADGROUP are asked for."""

    keys: list[bytes]
    ids: list[bytes]
    count: int | None = None
    blocks: bool = False
    deadline_ms: int | None = None
    group: tuple[bytes, bytes] | None = None
    acknowledged: bool = False


def parse_read(context: Context, args: list[bytes], name: str) -> Wanted:
    """Return what the words of XREAD or XREADGROUP ask for."""
    wanted = Wanted([], [])
    at = 1
    while at < len(args):
        option, left = args[at].upper(), len(args) - at - 1
        if option == b"BLOCK" and left:
            if context.session.scripting:
                said = arguments.shown(args[0])
                raise bad_value(f"{said} command is not allowed with BLOCK option from scripts")
            wanted.blocks = True
            wanted.deadline_ms = parse_block(args[at + 1], context.now_ms)
            at += 2
        elif option == b"COUNT" and left:
            wanted.count = max(parse_int(args[at + 1]), 0) or None
            at += 2
        elif option == b"STREAMS" and left:
            half, odd = divmod(left, 2)
            if odd:
                raise bad_value(
                    "Unbalanced XREAD list of streams: for each stream key an ID or '$' must"
                    " be specified."
                )
            wanted.keys = args[at + 1 : at + 1 + half]
            wanted.ids = args[at + 1 + half :]
            break
        elif option == b"GROUP" and left >= 2:
            if name == "xread":
                raise bad_value(
                    "The GROUP option is only supported by XREADGROUP. You called XREAD instead."
                )
            wanted.group = args[at + 1], args[at + 2]
            at += 3
        elif option == b"NOACK":
            if name == "xread":
                raise bad_value(
                    "The NOACK option is only supported by XREADGROUP. You called XREAD instead."
                )
            wanted.acknowledged = True
            at += 1
        else:
            raise syntax_error()
    if not wanted.keys:
        raise syntax_error()
    return wanted


def xread(context: Context, args: list[bytes]) -> Reply:
    """Return the entries of streams after given IDs, perhaps waiting for them."""
    wanted = parse_read(context, args, "xread")
    ids: list[Id] = []
    for key, word in zip(wanted.keys, wanted.ids, strict=True):
        entry = find(context, key)
        if word == b">":
            raise bad_value(
                "The > ID can be specified only when calling XREADGROUP using the GROUP <group>"
                " <consumer> option."
            )
        if word == b"$":
            ids.append(FIRST if entry is None else streams.past(entry).last)
        else:
            ids.append(bounded(parse_id(word)))
    found: list[tuple[bytes, Reply]] = []
    for key, id_ in zip(wanted.keys, ids, strict=True):
        entry, low = find(context, key), streams.after(id_)
        if entry is None or low is None:
            continue
        context.expect(min(entry.count, wanted.count or entry.count))
        entries = streams.between(context.space, entry, low, LAST, wanted.count)
        if entries:
            found.append((key, entries_reply(entries)))
    if found:
        return by_stream(context, found)
    if not (wanted.blocks and context.may_block):
        return NIL_ARRAY
    # "$" is what was last when the command came, not when it is run again.
    again = [*args[: -len(ids)], *map(shown, ids)]
    return Blocked(tuple(wanted.keys), wanted.deadline_ms, NIL_ARRAY, tuple(again))


COMMANDS = (
    writing("xadd", xadd, -5, "denyoom", "fast"),
    writing("xdel", xdel, -3, "fast"),
    reading("xlen", xlen, 2, "fast"),
    reading("xrange", xrange_, -4),
    Command("xread", xread, -4, ("readonly", "blocking", "movablekeys")),
    reading("xrevrange", xrevrange, -4),
    writing("xsetid", xsetid, -3, "denyoom", "fast"),
    writing("xtrim", xtrim, -4),
)
