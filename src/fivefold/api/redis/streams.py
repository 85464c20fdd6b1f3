"""Streams and their consumer groups: redis-py's ``StreamCommands`` by its names and results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from fivefold.api.redis.results import facts, is_ok, plain, several_facts
from fivefold.api.redis.runner import Runner
from fivefold.api.redis.words import Word, flags, options
from fivefold.errors import InvalidValue


class Streams(Runner, Protocol):
    """The commands on streams."""

    def xadd(
        self,
        name: Word,
        fields: Mapping[Any, Word],
        id: Word = "*",
        maxlen: int | None = None,
        approximate: bool = True,
        nomkstream: bool = False,
        minid: Word | None = None,
        limit: int | None = None,
    ) -> Any:
        """Add an entry and return its id; perhaps drop the oldest ones."""
        if not fields:
            raise InvalidValue("xadd needs fields")
        words = [*flags(nomkstream=nomkstream), *_trim(maxlen, approximate, minid, limit), id]
        for field, value in fields.items():
            words += (field, value)
        return self._run(plain, b"XADD", name, *words)

    def xlen(self, name: Word) -> Any:
        """Return how many entries there are."""
        return self._run(None, b"XLEN", name)

    def xdel(self, name: Word, *ids: Word) -> Any:
        """Delete entries; return how many were there."""
        return self._run(None, b"XDEL", name, *ids)

    def xtrim(
        self,
        name: Word,
        maxlen: int | None = None,
        approximate: bool = True,
        minid: Word | None = None,
        limit: int | None = None,
    ) -> Any:
        """Drop the oldest entries; return how many."""
        return self._run(None, b"XTRIM", name, *_trim(maxlen, approximate, minid, limit))

    def xrange(self, name: Word, min: Word = "-", max: Word = "+", count: int | None = None) -> Any:
        """Return the entries between two ids, as (id, fields) pairs."""
        return self._run(_entries, b"XRANGE", name, min, max, *options(count=count))

    def xrevrange(
        self, name: Word, max: Word = "+", min: Word = "-", count: int | None = None
    ) -> Any:
        """Return the entries between two ids, newest first."""
        return self._run(_entries, b"XREVRANGE", name, max, min, *options(count=count))

    def xread(
        self,
        streams: Mapping[Any, Word],
        count: int | None = None,
        block: int | None = None,
    ) -> Any:
        """Return [stream, entries] of streams that have something after an id.

        ``block`` is how many milliseconds to wait for it, 0 without an end.
        """
        words = [*options(count=count, block=block), b"STREAMS", *streams, *streams.values()]
        return self._run_waiting(_read, b"XREAD", *words)

    def xinfo_stream(self, name: Word, full: bool = False) -> Any:
        """Return facts about a stream."""
        parse = _full_stream if full else _stream
        return self._run(parse, b"XINFO", b"STREAM", name, *flags(full=full))

    def xinfo_groups(self, name: Word) -> Any:
        """Return facts about a stream's groups."""
        return self._run(several_facts, b"XINFO", b"GROUPS", name)

    def xinfo_consumers(self, name: Word, groupname: Word) -> Any:
        """Return facts about a group's consumers."""
        return self._run(several_facts, b"XINFO", b"CONSUMERS", name, groupname)


class Groups(Runner, Protocol):
    """The commands on consumer groups."""

    def xgroup_create(
        self,
        name: Word,
        groupname: Word,
        id: Word = "$",
        mkstream: bool = False,
        entries_read: int | None = None,
    ) -> Any:
        """Make a group that gets what comes after an id."""
        words = [*flags(mkstream=mkstream), *options(entriesread=entries_read)]
        return self._run(is_ok, b"XGROUP", b"CREATE", name, groupname, id, *words)

    def xgroup_setid(
        self, name: Word, groupname: Word, id: Word, entries_read: int | None = None
    ) -> Any:
        """Have a group get what comes after an id."""
        words = options(entriesread=entries_read)
        return self._run(is_ok, b"XGROUP", b"SETID", name, groupname, id, *words)

    def xgroup_destroy(self, name: Word, groupname: Word) -> Any:
        """Delete a group; return whether it was there."""
        return self._run(bool, b"XGROUP", b"DESTROY", name, groupname)

    def xgroup_createconsumer(self, name: Word, groupname: Word, consumername: Word) -> Any:
        """Make a consumer; return 1 if it is new."""
        return self._run(None, b"XGROUP", b"CREATECONSUMER", name, groupname, consumername)

    def xgroup_delconsumer(self, name: Word, groupname: Word, consumername: Word) -> Any:
        """Delete a consumer; return how many entries it had not acknowledged."""
        return self._run(None, b"XGROUP", b"DELCONSUMER", name, groupname, consumername)

    def xreadgroup(
        self,
        groupname: Word,
        consumername: Word,
        streams: Mapping[Any, Word],
        count: int | None = None,
        block: int | None = None,
        noack: bool = False,
    ) -> Any:
        """Return [stream, entries] that this consumer gets: new ones for ``>``, or its own again.

        ``block`` is how many milliseconds to wait for new ones, 0 without an end.
        """
        words = [*options(count=count, block=block), *flags(noack=noack)]
        words += [b"STREAMS", *streams, *streams.values()]
        return self._run_waiting(_read, b"XREADGROUP", b"GROUP", groupname, consumername, *words)

    def xack(self, name: Word, groupname: Word, *ids: Word) -> Any:
        """Say that entries are dealt with; return how many were pending."""
        return self._run(None, b"XACK", name, groupname, *ids)

    def xpending(self, name: Word, groupname: Word) -> Any:
        """Return how many entries are pending, between which ids, and whose they are."""
        return self._run(_pending, b"XPENDING", name, groupname)

    def xpending_range(
        self,
        name: Word,
        groupname: Word,
        min: Word,
        max: Word,
        count: int,
        consumername: Word | None = None,
        idle: int | None = None,
    ) -> Any:
        """Return facts about entries that are pending."""
        words = [*options(idle=idle), min, max, count]
        words += [] if consumername is None else [consumername]
        return self._run(_pending_entries, b"XPENDING", name, groupname, *words)

    def xclaim(
        self,
        name: Word,
        groupname: Word,
        consumername: Word,
        min_idle_time: int,
        message_ids: Sequence[Word],
        idle: int | None = None,
        time: int | None = None,
        retrycount: int | None = None,
        force: bool = False,
        justid: bool = False,
    ) -> Any:
        """Give pending entries to a consumer; return them, or with ``justid`` their ids."""
        words = options(idle=idle, time=time, retrycount=retrycount)
        words += flags(force=force, justid=justid)
        parse = plain if justid else _entries
        place = (name, groupname, consumername, min_idle_time)
        return self._run(parse, b"XCLAIM", *place, *message_ids, *words)

    def xautoclaim(
        self,
        name: Word,
        groupname: Word,
        consumername: Word,
        min_idle_time: int,
        start_id: Word = "0-0",
        count: int | None = None,
        justid: bool = False,
    ) -> Any:
        """Give a consumer what nobody dealt with for so many milliseconds.

        Returned are the next id to begin at, the entries, and the ids of deleted ones; with
        ``justid`` only the entries' ids.
        """
        words = [*options(count=count), *flags(justid=justid)]
        place = (name, groupname, consumername, min_idle_time, start_id)
        return self._run(_claimed_ids if justid else _claimed, b"XAUTOCLAIM", *place, *words)


def _trim(
    maxlen: int | None, approximate: bool, minid: Word | None, limit: int | None
) -> list[Any]:
    if maxlen is not None and minid is not None:
        raise InvalidValue("one of maxlen and minid must be given, not both")
    words: list[Any] = []
    for name, value in ((b"MAXLEN", maxlen), (b"MINID", minid)):
        if value is not None:
            words += (name, *([b"~"] if approximate else []), value)
    return words + options(limit=limit)


def _fields(words: Sequence[Any]) -> dict[bytes, bytes]:
    return dict(zip(words[::2], words[1::2], strict=True))


def _entries(reply: Any) -> list[tuple[Any, Any]] | None:
    entries = plain(reply)
    if entries is None:
        return None
    return [
        (None, None) if each is None else (each[0], _deleted_or_fields(each)) for each in entries
    ]


def _deleted_or_fields(entry: Sequence[Any]) -> dict[bytes, bytes]:
    return {} if entry[1] is None else _fields(entry[1])


def _read(reply: Any) -> list[list[Any]]:
    streams = reply.items() if isinstance(reply, dict) else plain(reply) or ()  # a dict in RESP3
    return [[stream, _entries(entries)] for stream, entries in streams]


def _claimed(reply: Any) -> list[Any]:
    next_id, entries, *deleted = plain(reply)
    return [next_id, _entries(entries), *deleted]


def _claimed_ids(reply: Any) -> Any:
    return plain(reply[1])


def _pending(reply: Any) -> dict[str, Any]:
    count, lowest, highest, consumers = plain(reply)
    return {
        "pending": count,
        "min": lowest,
        "max": highest,
        "consumers": [{"name": name, "pending": int(n)} for name, n in consumers or ()],
    }


_PENDING_NAMES = ("message_id", "consumer", "time_since_delivered", "times_delivered")


def _pending_entries(reply: Any) -> list[dict[str, Any]]:
    return [dict(zip(_PENDING_NAMES, each, strict=True)) for each in plain(reply)]


def _stream(reply: Any) -> dict[str, Any]:
    found = facts(reply)
    for name in ("first-entry", "last-entry"):
        if found[name] is not None:
            found[name] = (found[name][0], _fields(found[name][1]))
    return found


def _full_stream(reply: Any) -> dict[str, Any]:
    found = facts(reply)
    found["entries"] = {entry[0]: _fields(entry[1]) for entry in found["entries"]}
    found["groups"] = several_facts(found["groups"])
    for group in found["groups"]:
        group["consumers"] = several_facts(group["consumers"])
    return found
