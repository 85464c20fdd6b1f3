"""What serverStatus counts."""

from __future__ import annotations

from dataclasses import dataclass, field

from bson.int64 import Int64

from fivefold.values.documents.kinds import Document

OPERATIONS = ("insert", "query", "update", "delete", "getmore", "command")

_KINDS = {
    "insert": "insert",
    "find": "query",
    "update": "update",
    "delete": "delete",
    "getMore": "getmore",
}


NAMESPACES_MAX = 10_000
"""Collections and commands on them that are told apart; clients may name what is not there."""

EVENTS = ("total", "readLock", "writeLock", "queries", "getmore", "insert", "update", "remove")
LATENCIES = ("reads", "writes", "commands")

# command -> its event in top, its kind in latencyStats (manual, "top", "$collStats")
ON_COLLECTIONS: dict[str, tuple[str, str]] = {
    "aggregate": ("commands", "reads"),
    "collMod": ("commands", "commands"),
    "collStats": ("commands", "commands"),
    "count": ("commands", "reads"),
    "create": ("commands", "commands"),
    "createIndexes": ("commands", "commands"),
    "delete": ("remove", "writes"),
    "distinct": ("commands", "reads"),
    "drop": ("commands", "commands"),
    "dropIndexes": ("commands", "commands"),
    "find": ("queries", "reads"),
    "findAndModify": ("commands", "writes"),
    "getMore": ("getmore", "reads"),
    "insert": ("insert", "writes"),
    "listIndexes": ("commands", "commands"),
    "update": ("update", "writes"),
    "validate": ("commands", "commands"),
}


def collection_of(name: str, command: Document) -> str | None:
    """Return the collection that a command is counted for, None for one that is for none."""
    if name not in ON_COLLECTIONS:
        return None
    given = command.get("collection" if name == "getMore" else next(iter(command)))
    return given if isinstance(given, str) else None


@dataclass(slots=True)
class Statistics:
    """Counts since the engine was opened. Threads may lose one now and then: they are no accounts.

    ``operations`` counts by ``OPERATIONS``, ``commands`` by name as [run, failed],
    ``taken`` by database, collection and command as [run, microseconds]: what the server ran.
    """

    operations: dict[str, int] = field(default_factory=lambda: dict.fromkeys(OPERATIONS, 0))
    commands: dict[str, list[int]] = field(default_factory=dict)
    taken: dict[tuple[str, str, str], list[int]] = field(default_factory=dict)
    connections: int = 0
    requests: int = 0
    bytes_in: int = 0
    bytes_out: int = 0

    def ran(self, name: str, *, failed: bool = False) -> None:
        """Count a command that was carried out, or has failed."""
        counts = self.commands.get(name)
        if counts is None:
            counts = self.commands[name] = [0, 0]
        counts[0] += 1
        if failed:
            counts[1] += 1
        self.operations[_KINDS.get(name, "command")] += 1

    def took(self, database: str, collection: str, name: str, seconds: float) -> None:
        """Count what a command on a collection took."""
        key = database, collection, name
        counts = self.taken.get(key)
        if counts is None:
            if len(self.taken) >= NAMESPACES_MAX:
                return
            counts = self.taken[key] = [0, 0]
        counts[0] += 1
        counts[1] += int(seconds * 1_000_000)

    def top(self) -> Document:
        """Return what ``top`` tells of each collection."""
        told: dict[str, dict[str, list[int]]] = {}
        for (database, collection, name), (count, taken) in sorted(self.taken.items()):
            event, kind = ON_COLLECTIONS[name]
            events = told.setdefault(
                f"{database}.{collection}", {each: [0, 0] for each in (*EVENTS, "commands")}
            )
            for each in ("total", "readLock" if kind == "reads" else "writeLock", event):
                events[each][0] += taken
                events[each][1] += count
        return {
            name: {
                event: {"time": Int64(taken), "count": Int64(count)}
                for event, (taken, count) in events.items()
            }
            for name, events in told.items()
        }

    def latencies(self, database: str, collection: str) -> Document:
        """Return what ``$collStats`` tells of how long a collection's commands took."""
        told = {kind: {"latency": Int64(0), "ops": Int64(0)} for kind in LATENCIES}
        for name, (_, kind) in ON_COLLECTIONS.items():
            count, taken = self.taken.get((database, collection, name), (0, 0))
            told[kind]["latency"] = Int64(told[kind]["latency"] + taken)
            told[kind]["ops"] = Int64(told[kind]["ops"] + count)
        return told
