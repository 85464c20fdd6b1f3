"""The commands on the consumer groups of streams."""

from __future__ import annotations

from fivefold.errors import InvalidValue
from fivefold.languages.redis.arguments import bad_value, parse_int, shown, syntax_error
from fivefold.languages.redis.command import Command, Handler
from fivefold.languages.redis.commands import streams as commands
from fivefold.languages.redis.commands.streams import by_stream, changed, find, parse_read
from fivefold.languages.redis.context import Context
from fivefold.languages.redis.stream_ids import (
    bad_id,
    bounded,
    parse_bound,
    parse_end,
    parse_exact,
    parse_id,
)
from fivefold.models.keyvalue import groups, streams
from fivefold.models.keyvalue.entries import Entry
from fivefold.models.keyvalue.groups import Group, Pending
from fivefold.models.keyvalue.layout import STREAM
from fivefold.models.keyvalue.streams import FIRST, LAST, Id
from fivefold.values.replies import NIL_ARRAY, Blocked, Reply

UNKNOWN = -1
"""What stands for a number of entries read that is not known."""


def estimate(context: Context, entry: Entry, id_: Id) -> int | None:
    """Return how many entries were added up to an ID; None: deletions have made it unknowable."""
    known = streams.past(entry)
    if not known.added:
        return 0
    if not entry.count and id_ <= known.last:
        return known.added
    if id_ != FIRST and id_ < known.deleted:
        return None
    if id_ == known.last:
        return known.added
    if id_ > known.last:
        return None
    first = streams.first_id(context.space, entry)
    if known.deleted == FIRST or known.deleted < first:
        if id_ < first:
            return known.added - entry.count
        if id_ == first:
            return known.added - entry.count + 1
    return None


def has_gap_after(context: Context, entry: Entry, id_: Id) -> bool:
    """Say whether an entry after ``id_`` may have been deleted from among others."""
    deleted = streams.past(entry).deleted
    if not entry.count or deleted == FIRST:
        return False
    if streams.first_id(context.space, entry) > deleted:
        return False
    return id_ <= deleted


def lag(context: Context, entry: Entry, group: Group) -> int | None:
    """Return how many entries a group has still to read; None: unknown."""
    added = streams.past(entry).added
    if not added:
        return 0
    read = group.entries_read
    if read is None or has_gap_after(context, entry, group.last):
        read = estimate(context, entry, group.last)
    return None if read is None else added - read


def advance(context: Context, entry: Entry, group: Group, id_: Id) -> None:
    """Take note that a group was given the entry after those it had."""
    if group.entries_read is not None and not has_gap_after(context, entry, id_):
        group.entries_read += 1
    elif streams.past(entry).added:
        group.entries_read = estimate(context, entry, id_)
    group.last = id_


def no_group(key: bytes, group: bytes) -> InvalidValue:
    """Return the error for a group that is not there, or its stream."""
    return bad_value(f"NOGROUP No such key '{shown(key)}' or consumer group '{shown(group)}'")


def require(context: Context, key: bytes, name: bytes) -> tuple[Entry, Group]:
    """Return a stream and its group. Raises ``no_group``."""
    entry = find(context, key)
    group = None if entry is None else groups.find(context.space, entry, name)
    if entry is None or group is None:
        raise no_group(key, name)
    return entry, group


# XREADGROUP


def xreadgroup(context: Context, args: list[bytes]) -> Reply:
    """Return entries that no consumer of the group was given, or those a consumer has pending."""
    wanted = parse_read(context, args, "xreadgroup")
    if wanted.group is None:
        raise bad_value("Missing GROUP option for XREADGROUP")
    name, consumer = wanted.group
    places: list[tuple[bytes, Entry, Group, Id | None]] = []
    for key, word in zip(wanted.keys, wanted.ids, strict=True):
        entry = find(context, key)
        group = None if entry is None else groups.find(context.space, entry, name)
        if entry is None or group is None:
            raise bad_value(
                f"NOGROUP No such key '{shown(key)}' or consumer group '{shown(name)}' in"
                " XREADGROUP with GROUP option"
            )
        if word == b"$":
            raise bad_value(
                "The $ ID is meaningless in the context of XREADGROUP: you want to read the"
                " history of this consumer by specifying a proper ID, or use the > ID to get new"
                " messages. The $ ID would just return an empty result set."
            )
        places.append((key, entry, group, None if word == b">" else bounded(parse_id(word))))
    found: list[tuple[bytes, Reply]] = []
    for key, entry, group, after_id in places:
        if after_id is not None:
            history = _history(context, entry, group, consumer, after_id, wanted.count)
            found.append((key, history))
        elif streams.past(entry).last > group.last:
            fresh = _deliver(context, entry, group, consumer, wanted.count, wanted.acknowledged)
            if fresh:
                found.append((key, commands.entries_reply(fresh)))
    if found:
        return by_stream(context, found)
    if not (wanted.blocks and context.may_block):
        return NIL_ARRAY
    return Blocked(tuple(wanted.keys), wanted.deadline_ms, NIL_ARRAY)


def _see(context: Context, entry: Entry, group: Group, consumer: bytes) -> None:
    space = context.space
    if groups.see_consumer(space, entry, group.name, consumer, context.now_ms):
        context.notify("t", "xgroup-createconsumer", entry.key)
    space.touch(entry, context.stamp())


def _deliver(
    context: Context,
    entry: Entry,
    group: Group,
    consumer: bytes,
    count: int | None,
    acknowledged: bool,
) -> list[tuple[Id, list[bytes]]]:
    context.expect(min(entry.count, count or entry.count))
    low = streams.after(group.last)
    if low is None:
        return []
    entries = streams.between(context.space, entry, low, LAST, count)
    if not entries:
        return []
    _see(context, entry, group, consumer)
    for id_, _ in entries:
        advance(context, entry, group, id_)
    groups.move(context.space, entry, group)
    if not acknowledged:
        now_ms = context.now_ms
        delivered = [Pending(id_, consumer, now_ms, 1) for id_, _ in entries]
        groups.deliver(context.space, entry, group.name, delivered)
    return entries


def _history(
    context: Context, entry: Entry, group: Group, consumer: bytes, id_: Id, count: int | None
) -> Reply:
    space, low = context.space, streams.after(id_)
    _see(context, entry, group, consumer)
    if low is None:
        return []
    most = count or 2**31
    pending = groups.pending(space, entry, group.name, low, LAST, most, consumer)
    answers: list[Reply] = []
    again = []
    for one in pending:
        fields = streams.at(space, entry, one.id)
        answers.append([commands.shown(one.id), NIL_ARRAY if fields is None else [*fields]])
        if fields is not None:
            again.append(Pending(one.id, consumer, context.now_ms, one.deliveries + 1))
    groups.deliver(space, entry, group.name, again)
    return answers


def xack(context: Context, args: list[bytes]) -> Reply:
    """Have entries be pending no longer; return how many were."""
    entry = find(context, args[1])
    group = None if entry is None else groups.find(context.space, entry, args[2])
    if entry is None or group is None:
        return 0
    ids = [bounded(parse_id(word)) for word in args[3:]]
    context.expect(len(ids))
    done = sum([groups.acknowledge(context.space, entry, args[2], id_) for id_ in ids])
    if done:
        context.space.touch(entry, context.stamp())
    return done


# XPENDING, XCLAIM, XAUTOCLAIM


def xpending(context: Context, args: list[bytes]) -> Reply:
    """Return what a group's consumers have pending, in sum or one by one."""
    if len(args) == 3:
        entry, group = require(context, args[1], args[2])
        return _pending_summary(context, entry, group)
    if not 6 <= len(args) <= 9:
        raise syntax_error()
    at, least_idle_ms = 3, 0
    if args[3].upper() == b"IDLE":
        least_idle_ms = parse_int(args[4])
        at = 5
        if len(args) < 8:
            raise syntax_error()
    count = max(parse_int(args[at + 2]), 0)
    low, high = parse_bound(args[at], low=True), parse_bound(args[at + 1], low=False)
    consumer = args[at + 3] if len(args) > at + 3 else None  # more words are looked over
    entry, group = require(context, args[1], args[2])
    found = groups.pending(
        context.space, entry, group.name, low, high, 2**31 if least_idle_ms else count, consumer
    )
    now_ms = context.now_ms
    rows: list[Reply] = [
        [
            commands.shown(one.id),
            one.consumer,
            max(now_ms - one.delivered_ms, 0),
            one.deliveries,
        ]
        for one in found
        if now_ms - one.delivered_ms >= least_idle_ms
    ]
    return rows[:count]


def _pending_summary(context: Context, entry: Entry, group: Group) -> Reply:
    space = context.space
    rows = groups.summary(space, entry, group.name)
    if not rows:
        return [0, None, None, NIL_ARRAY]
    low = groups.pending(space, entry, group.name, FIRST, LAST, 1)[0].id
    high = groups.last_pending(space, entry, group.name)
    return [
        sum(number for _, number in rows),
        commands.shown(low),
        commands.shown(high),
        [[consumer, b"%d" % number] for consumer, number in rows],
    ]


def xclaim(context: Context, args: list[bytes]) -> Reply:
    """Give a consumer what others have had pending for long."""
    entry, group = require(context, args[1], args[2])
    idle_ms = max(parse_int(args[4], "Invalid min-idle-time argument for XCLAIM"), 0)
    ids = _leading_ids(args[5:])
    delivered_ms, deliveries, force, just_ids, last = _claim_options(context, args, 5 + len(ids))
    space, now_ms = context.space, context.now_ms
    context.expect(len(ids))
    if last is not None and last > group.last:
        group.last = last
        groups.move(space, entry, group)
        space.touch(entry, context.stamp())
    claimed: list[Reply] = []
    for id_ in ids:
        held = groups.pending(space, entry, group.name, id_, id_, 1)
        fields = streams.at(space, entry, id_)
        if fields is None:
            if held:
                groups.acknowledge(space, entry, group.name, id_)
                space.touch(entry, context.stamp())
            continue
        if not held and not force:
            continue
        if held and idle_ms and now_ms - held[0].delivered_ms < idle_ms:
            continue
        times = held[0].deliveries if held else 1
        times = deliveries if deliveries is not None else times + (not just_ids)
        when = now_ms if delivered_ms is None else delivered_ms
        if not claimed:
            _see(context, entry, group, args[3])
        groups.deliver(space, entry, group.name, [Pending(id_, args[3], when, times)])
        shown_id = commands.shown(id_)
        claimed.append(shown_id if just_ids else [shown_id, [*fields]])
    return claimed


def _leading_ids(words: list[bytes]) -> list[Id]:
    """Return the IDs with which words begin; the first that is none begins the options."""
    ids: list[Id] = []
    for word in words:
        try:
            ids.append(bounded(parse_id(word)))
        except InvalidValue:
            break
    return ids


def _claim_options(
    context: Context, args: list[bytes], at: int
) -> tuple[int | None, int | None, bool, bool, Id | None]:
    """Return when delivered, how often (None: as it comes), FORCE, JUSTID and LASTID."""
    when: int | None = None
    times: int | None = None
    force = just_ids = False
    last: Id | None = None
    while at < len(args):
        option, left = args[at].upper(), len(args) - at - 1
        if option == b"FORCE":
            force = True
        elif option == b"JUSTID":
            just_ids = True
        elif option in (b"IDLE", b"TIME", b"RETRYCOUNT", b"LASTID") and left:
            at += 1
            if option == b"IDLE":
                when = context.now_ms - parse_int(
                    args[at], "Invalid IDLE option argument for XCLAIM"
                )
            elif option == b"TIME":
                when = parse_int(args[at], "Invalid TIME option argument for XCLAIM")
            elif option == b"RETRYCOUNT":
                times = parse_int(args[at], "Invalid RETRYCOUNT option argument for XCLAIM")
            else:
                last = parse_exact(args[at])
        else:
            raise bad_value(f"Unrecognized XCLAIM option '{shown(args[at])}'")
        at += 1
    if when is not None and not 0 <= when <= context.now_ms:
        when = context.now_ms
    return when, times, force, just_ids, last


def xautoclaim(context: Context, args: list[bytes]) -> Reply:
    """Give a consumer what others have had pending for long, some at a time."""
    idle_ms = max(parse_int(args[4], "Invalid min-idle-time argument for XAUTOCLAIM"), 0)
    low = parse_bound(args[5], low=True)
    count, just_ids, at = 100, False, 6
    while at < len(args):
        option = args[at].upper()
        if option == b"COUNT" and at + 1 < len(args):
            count = parse_int(args[at + 1], "COUNT must be > 0", 1, 2**63 // 160)
            at += 1
        elif option == b"JUSTID":
            just_ids = True
        else:
            raise syntax_error()
        at += 1
    entry, group = require(context, args[1], args[2])
    space, now_ms = context.space, context.now_ms
    context.expect(count)
    claimed: list[Reply] = []
    gone: list[Reply] = []
    following = FIRST
    attempts = count * 10
    for one in groups.pending(space, entry, group.name, low, LAST, attempts + 1):
        if not attempts or len(claimed) + len(gone) >= count:
            following = one.id
            break
        attempts -= 1
        fields = streams.at(space, entry, one.id)
        if fields is None:
            groups.acknowledge(space, entry, group.name, one.id)
            gone.append(commands.shown(one.id))
            space.touch(entry, context.stamp())
            continue
        if idle_ms and now_ms - one.delivered_ms < idle_ms:
            continue
        times = one.deliveries + (not just_ids)
        if not claimed:
            _see(context, entry, group, args[3])
        groups.deliver(space, entry, group.name, [Pending(one.id, args[3], now_ms, times)])
        shown_id = commands.shown(one.id)
        claimed.append(shown_id if just_ids else [shown_id, [*fields]])
    return [commands.shown(following), claimed, gone]


# XGROUP


def _parse_read_count(word: bytes) -> int | None:
    read = parse_int(word)
    if read < UNKNOWN:
        raise bad_value("value for ENTRIESREAD must be positive or -1")
    return None if read == UNKNOWN else read


def _needs_key() -> InvalidValue:
    return bad_value(
        "The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to"
        " use the MKSTREAM option to create an empty stream automatically."
    )


def _start(entry: Entry | None, word: bytes) -> Id:
    if word == b"$":
        return FIRST if entry is None else streams.past(entry).last
    return parse_end(word)


def _group_options(args: list[bytes], *, create: bool) -> tuple[bool, int | None]:
    """Return whether the stream is to be made, and how many entries are to count as read."""
    makes, read, at = False, None, 5
    while at < len(args):
        option = args[at].upper()
        if create and option == b"MKSTREAM":
            makes = True
        elif option == b"ENTRIESREAD" and at + 1 < len(args):
            at += 1
            read = _parse_read_count(args[at])
        else:
            raise wrong_subcommand(args)
        at += 1
    return makes, read


def group_create(context: Context, args: list[bytes]) -> Reply:
    """Make a group."""
    makes, read = _group_options(args, create=True)
    entry = find(context, args[2])
    if entry is None and not makes:
        raise _needs_key()
    if len(args) > 8:  # said twice, options are good but too many
        raise wrong_subcommand(args)
    if args[4] in (b"-", b"+"):
        raise bad_id()
    start = _start(entry, args[4])
    entry = entry or context.space.make(args[2], STREAM, context.stamp())
    if groups.find(context.space, entry, args[3]) is not None:
        raise bad_value("BUSYGROUP Consumer Group name already exists")
    groups.create(context.space, entry, Group(args[3], start, read))
    changed(context, entry, "xgroup-create")
    return "OK"


def wrong_subcommand(args: list[bytes]) -> InvalidValue:
    """Return the error for a subcommand's words that make no sense."""
    name = f"{shown(args[0]).upper()} HELP"
    return bad_value(
        f"unknown subcommand or wrong number of arguments for '{shown(args[1])}'. Try {name}."
    )


def _require_group(context: Context, args: list[bytes]) -> tuple[Entry, Group]:
    entry = find(context, args[2])
    if entry is None:
        raise _needs_key()
    return entry, require_of(context, entry, args)


def require_of(context: Context, entry: Entry, args: list[bytes]) -> Group:
    """Return the group that a subcommand names after its stream."""
    group = groups.find(context.space, entry, args[3])
    if group is None:
        raise bad_value(
            f"NOGROUP No such consumer group '{shown(args[3])}' for key name '{shown(args[2])}'"
        )
    return group


def group_setid(context: Context, args: list[bytes]) -> Reply:
    """Say how far a group has come."""
    _, read = _group_options(args, create=False)
    entry, group = _require_group(context, args)
    if len(args) > 7:
        raise wrong_subcommand(args)
    group.last, group.entries_read = _start(entry, args[4]), read
    groups.move(context.space, entry, group)
    changed(context, entry, "xgroup-setid")
    return "OK"


def group_destroy(context: Context, args: list[bytes]) -> Reply:
    """Delete a group."""
    entry = find(context, args[2])
    if entry is None:
        raise _needs_key()
    if not groups.destroy(context.space, entry, args[3]):
        return 0
    changed(context, entry, "xgroup-destroy")
    context.space.signals.append(args[2])  # who waits in the group is told that it is gone
    return 1


def group_createconsumer(context: Context, args: list[bytes]) -> Reply:
    """Make a consumer; say whether it is new."""
    entry, group = _require_group(context, args)
    if not groups.add_consumer(context.space, entry, group.name, args[4], context.now_ms):
        return 0
    changed(context, entry, "xgroup-createconsumer")
    return 1


def group_delconsumer(context: Context, args: list[bytes]) -> Reply:
    """Delete a consumer; return how many entries it had pending."""
    entry, group = _require_group(context, args)
    dropped = groups.drop_consumer(context.space, entry, group.name, args[4])
    if dropped is None:
        return 0
    changed(context, entry, "xgroup-delconsumer")
    return dropped


def group_help(context: Context, args: list[bytes]) -> Reply:
    """Return what XGROUP can do."""
    return [
        "XGROUP <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        *("CREATE <key> <group> <id|$> [MKSTREAM] [ENTRIESREAD n]", "    Make a group."),
        *("CREATECONSUMER <key> <group> <consumer>", "    Make a consumer."),
        *("DELCONSUMER <key> <group> <consumer>", "    Delete a consumer."),
        *("DESTROY <key> <group>", "    Delete a group."),
        *("SETID <key> <group> <id|$> [ENTRIESREAD n]", "    Say how far a group has come."),
        *("HELP", "    Print this help."),
    ]


def _on_group(name: str, handler: Handler, arity: int, *flags: str) -> tuple[bytes, Command]:
    return name.encode(), Command(f"xgroup|{name}", handler, arity, ("write", *flags), 2, 2, 1)


_GROUP = dict(
    [
        _on_group("create", group_create, -5, "denyoom"),
        _on_group("createconsumer", group_createconsumer, 5, "denyoom"),
        _on_group("delconsumer", group_delconsumer, 5),
        _on_group("destroy", group_destroy, 4),
        _on_group("setid", group_setid, -5),
        (b"help", Command("xgroup|help", group_help, 2, ("loading", "stale"))),
    ]
)

COMMANDS = (
    Command("xack", xack, -4, ("write", "fast"), 1, 1, 1),
    Command("xautoclaim", xautoclaim, -6, ("write", "fast"), 1, 1, 1),
    Command("xclaim", xclaim, -6, ("write", "fast"), 1, 1, 1),
    Command("xgroup", group_help, -2, subcommands=_GROUP),
    Command("xpending", xpending, -3, ("readonly",), 1, 1, 1),
    Command("xreadgroup", xreadgroup, -7, ("write", "blocking", "movablekeys")),
)
