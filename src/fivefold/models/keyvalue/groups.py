"""The consumer groups of a stream: how far each has come, and what its consumers have not yet
acknowledged."""

from __future__ import annotations

from dataclasses import dataclass

from fivefold.models.keyvalue.entries import Entry
from fivefold.models.keyvalue.fixed import read, write
from fivefold.models.keyvalue.space import KeySpace, Rows
from fivefold.models.keyvalue.streams import Id

_GROUP = "WHERE id = ? AND name = ?"

_READ = read(
    f"SELECT ms, seq, entries_read FROM {{stream_groups}} {_GROUP}",
    "id name",
    "ms seq entries_read",
)
_ALL = read(
    "SELECT name, ms, seq, entries_read FROM {stream_groups} WHERE id = ? ORDER BY name",
    "id",
    "name ms seq entries_read",
)
_CREATE = write(
    "INSERT INTO {stream_groups} (id, name, ms, seq, entries_read) VALUES (?, ?, ?, ?, ?)",
    "id name ms seq entries_read",
)
_MOVE = write(
    f"UPDATE {{stream_groups}} SET ms = ?, seq = ?, entries_read = ? {_GROUP}",
    "ms seq entries_read id name",
)
_DESTROY = tuple(
    write(f"DELETE FROM {{{table}}} {_GROUP}", "id name", scans=True)
    for table in ("stream_groups", "stream_consumers", "stream_pending")
)

_CONSUMER = f"{_GROUP} AND consumer = ?"
_CONSUMERS = read(
    f"SELECT consumer, seen_ms FROM {{stream_consumers}} {_GROUP} ORDER BY consumer",
    "id name",
    "consumer seen_ms",
)
_ADD_CONSUMER = write(
    "INSERT INTO {stream_consumers} (id, name, consumer, seen_ms) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (id, name, consumer) DO NOTHING",
    "id name consumer seen_ms",
)
_SEE_CONSUMER = write(
    f"UPDATE {{stream_consumers}} SET seen_ms = ? {_CONSUMER}", "seen_ms id name consumer"
)
_DROP_CONSUMER = write(f"DELETE FROM {{stream_consumers}} {_CONSUMER}", "id name consumer")
_DROP_PENDING = write(f"DELETE FROM {{stream_pending}} {_CONSUMER}", "id name consumer", scans=True)
_CONSUMER_PENDING = read(
    f"SELECT count(*) FROM {{stream_pending}} {_CONSUMER}", "id name consumer", "number"
)

_PENDING = "ms seq consumer delivered_ms deliveries"
_PENDING_LIST = "ms, seq, consumer, delivered_ms, deliveries"
_FROM = f"FROM {{stream_pending}} {_GROUP} AND (ms, seq) >= (?, ?) AND (ms, seq) <= (?, ?)"
_BETWEEN = read(
    f"SELECT {_PENDING_LIST} {_FROM} ORDER BY ms, seq LIMIT ?",
    "id name ms seq ms seq number",
    _PENDING,
)
_BETWEEN_OF = read(
    f"SELECT {_PENDING_LIST} {_FROM} AND consumer = ? ORDER BY ms, seq LIMIT ?",
    "id name ms seq ms seq consumer number",
    _PENDING,
)
_LAST = read(
    f"SELECT ms, seq FROM {{stream_pending}} {_GROUP} ORDER BY ms DESC, seq DESC LIMIT 1",
    "id name",
    "ms seq",
)
_SUMMARY = read(
    f"SELECT consumer, count(*) FROM {{stream_pending}} {_GROUP} GROUP BY consumer"
    " ORDER BY consumer",
    "id name",
    "consumer number",
)
_DELIVER = write(
    "INSERT INTO {stream_pending} (id, name, ms, seq, consumer, delivered_ms, deliveries)"
    " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id, name, ms, seq) DO UPDATE SET"
    " consumer = excluded.consumer, delivered_ms = excluded.delivered_ms,"
    " deliveries = excluded.deliveries",
    "id name ms seq consumer delivered_ms deliveries",
)
_ACKNOWLEDGE = write(
    f"DELETE FROM {{stream_pending}} {_GROUP} AND ms = ? AND seq = ?", "id name ms seq"
)


@dataclass(slots=True)
class Group:
    """One group: the last ID it was given, and how many entries it has read (None: unknown)."""

    name: bytes
    last: Id
    entries_read: int | None


@dataclass(frozen=True, slots=True)
class Pending:
    """One entry that was delivered and not acknowledged; ``delivered_ms`` is Unix milliseconds."""

    id: Id
    consumer: bytes
    delivered_ms: int
    deliveries: int


def find(space: KeySpace, entry: Entry, name: bytes) -> Group | None:
    """Return a group, None if there is none of that name."""
    rows = space.read(_READ, (entry.id, name))
    return Group(name, (rows[0][0], rows[0][1]), rows[0][2]) if rows else None


def all_of(space: KeySpace, entry: Entry) -> list[Group]:
    """Return all groups, by name."""
    rows = space.read(_ALL, (entry.id,))
    return [Group(name, (ms, seq), entries_read) for name, ms, seq, entries_read in rows]


def create(space: KeySpace, entry: Entry, group: Group) -> None:
    """Make a group that is not there."""
    space.change(_CREATE, (entry.id, group.name, *group.last, group.entries_read))


def move(space: KeySpace, entry: Entry, group: Group) -> None:
    """Write how far a group has come."""
    space.change(_MOVE, (*group.last, group.entries_read, entry.id, group.name))


def destroy(space: KeySpace, entry: Entry, name: bytes) -> bool:
    """Delete a group with all it knows; say whether there was one."""
    was_there, *_ = [space.change(fixed, (entry.id, name)) for fixed in _DESTROY]
    return bool(was_there)


def consumers(space: KeySpace, entry: Entry, name: bytes) -> Rows:
    """Return (consumer, when it was last seen) of a group, by name."""
    return space.read(_CONSUMERS, (entry.id, name))


def see_consumer(space: KeySpace, entry: Entry, name: bytes, consumer: bytes, now_ms: int) -> bool:
    """Take note that a consumer was seen; say whether it is new."""
    if space.change(_SEE_CONSUMER, (now_ms, entry.id, name, consumer)):
        return False
    return add_consumer(space, entry, name, consumer, now_ms)


def add_consumer(space: KeySpace, entry: Entry, name: bytes, consumer: bytes, now_ms: int) -> bool:
    """Make a consumer; say whether it is new."""
    return bool(space.change(_ADD_CONSUMER, (entry.id, name, consumer, now_ms)))


def drop_consumer(space: KeySpace, entry: Entry, name: bytes, consumer: bytes) -> int | None:
    """Delete a consumer; return how many entries it had pending, None if it was not there."""
    if not space.change(_DROP_CONSUMER, (entry.id, name, consumer)):
        return None
    return space.change(_DROP_PENDING, (entry.id, name, consumer))


def count_pending(space: KeySpace, entry: Entry, name: bytes, consumer: bytes) -> int:
    """Return how many entries a consumer has pending."""
    return space.read(_CONSUMER_PENDING, (entry.id, name, consumer))[0][0]  # type: ignore[no-any-return]  # a number


def pending(
    space: KeySpace,
    entry: Entry,
    name: bytes,
    low: Id,
    high: Id,
    count: int,
    consumer: bytes | None = None,
) -> list[Pending]:
    """Return at most ``count`` pending entries of a group, or of one consumer, by ID."""
    if consumer is None:
        rows = space.read(_BETWEEN, (entry.id, name, *low, *high, count))
    else:
        rows = space.read(_BETWEEN_OF, (entry.id, name, *low, *high, consumer, count))
    return [Pending((ms, seq), *rest) for ms, seq, *rest in rows]


def last_pending(space: KeySpace, entry: Entry, name: bytes) -> Id:
    """Return the last ID that is pending; there is one."""
    return space.read(_LAST, (entry.id, name))[0]


def summary(space: KeySpace, entry: Entry, name: bytes) -> Rows:
    """Return (consumer, number of pending entries) of those that have some, by name."""
    return space.read(_SUMMARY, (entry.id, name))


def deliver(space: KeySpace, entry: Entry, name: bytes, delivered: list[Pending]) -> None:
    """Write that entries are pending, each with its one consumer, whoever had it before."""
    space.change_many(
        _DELIVER,
        [
            (entry.id, name, *one.id, one.consumer, one.delivered_ms, one.deliveries)
            for one in delivered
        ],
    )


def acknowledge(space: KeySpace, entry: Entry, name: bytes, id_: Id) -> bool:
    """Have an entry be pending no longer; say whether it was."""
    return bool(space.change(_ACKNOWLEDGE, (entry.id, name, *id_)))
