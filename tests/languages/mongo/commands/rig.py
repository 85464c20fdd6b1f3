"""Commands that need no documents, run without an engine."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from fivefold.engine.mongo_hub import Hub
from fivefold.languages.mongo.client import Client
from fivefold.languages.mongo.context import Server
from fivefold.languages.mongo.execute import execute, resolve
from fivefold.languages.mongo.request import Request

NOW_MS = 1_700_000_000_123


@dataclass
class World:
    """A context: one client of a server that is not there. ``run`` runs a command."""

    hub: Hub = field(default_factory=lambda: Hub(dict))
    client: Client = field(
        default_factory=lambda: Client(
            7, "127.0.0.1:50000", "127.0.0.1:27017", NOW_MS, offers=("zlib",)
        )
    )
    now_ms: int = NOW_MS
    server: Server | None = None
    request: Request = field(default=resolve({"ping": 1, "$db": "admin"}))

    def run(self, **command: Any) -> dict[str, Any]:
        """The reply to a command, on the database admin unless it says another."""
        return execute(self, {**command, "$db": command.get("$db", "admin")})
