"""What serverStatus counts."""

from __future__ import annotations

from dataclasses import dataclass, field

OPERATIONS = ("insert", "query", "update", "delete", "getmore", "command")

_KINDS = {
    "insert": "insert",
    "find": "query",
    "update": "update",
    "delete": "delete",
    "getMore": "getmore",
}


@dataclass(slots=True)
class Statistics:
    """Counts since the engine was opened. Threads may lose one now and then: they are no accounts.

    ``operations`` counts by ``OPERATIONS``, ``commands`` by name as [run, failed].
    """

    operations: dict[str, int] = field(default_factory=lambda: dict.fromkeys(OPERATIONS, 0))
    commands: dict[str, list[int]] = field(default_factory=dict)
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
