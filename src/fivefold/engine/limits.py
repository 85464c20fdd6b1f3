"""The engine's limits, each with its unit and its reason."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fivefold.errors import InvalidValue

WRITER_WAIT_SECONDS = 30.0
"""How long a write waits for the writer's place: longer than any honest transaction, shorter
than the patience of a person at a prompt."""

OTHER_PROCESS_WAIT_MS = 5_000
"""How long BEGIN IMMEDIATE waits for the writer of another process; the server never waits on
its loop, it moves to a thread first."""

AUTOCOMMIT_PAUSE_MS_MAX = 128
"""Pauses, from 1 ms to this, between the tries of an autocommit write that met a conflict, on a
store with several writers. Its client never saw the transaction, so it need not repeat it before
it has waited as long as for a lock."""

IDLE_TRANSACTION_SECONDS = 60.0
"""How long an open transaction may do nothing before it is rolled back, so that no client that went
to lunch holds the writer."""

STATEMENTS_CACHED = 1_000
"""Statement shapes kept per catalog version: more than any program has, at a few kB each."""

TEXTS_CACHED = 2_000
"""Whole texts kept in front of them; only texts up to ``CACHED_TEXT_CHARS`` enter."""

CACHED_TEXT_CHARS = 4_000

CONNECTIONS_KEPT = 16
"""Idle connections of the store kept open for reuse: one per busy session, about 100 kB each."""

CONNECTIONS_PERSONAL = 32
"""Connections that idle sessions keep because a sequence's numbers, for currval and lastval, are
known to that connection alone: half of what a store in PostgreSQL opens. Sessions past it
lose those numbers, and are told so when they ask."""

CURSORS = 200
"""Open cursors of documents, of all clients together: each has a connection of the store's. One
more, and the one that was not used for longest is closed."""

CONNECTIONS = 1_000
"""Clients at once, over all ports; a client past it gets its protocol's error and is closed.
Each costs a socket and some 20 kB."""

REQUEST_BYTES_MIN = 1 << 20
"""The least that one request may be limited to: what is shorter is not looked at byte by byte."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What whoever serves a store may set, for all clients of all protocols.

    ``request_bytes`` is the longest message, or command, of one client, where its protocol does
    not set less. ``statement_seconds`` ends what takes longer, whatever its client asked for.
    ``idle_transaction_seconds`` is how long an open transaction may do nothing; None leaves each
    protocol its own.
    """

    connections: int = CONNECTIONS
    request_bytes: int | None = None
    statement_seconds: float | None = None
    idle_transaction_seconds: float | None = None
    cursors: int = CURSORS

    def deadline(self, asked: float | None) -> float | None:
        """Return the ``time.monotonic()`` at which what begins now ends, ``asked`` at the latest.

        None: never.
        """
        if self.statement_seconds is None:
            return asked
        latest = time.monotonic() + self.statement_seconds
        return latest if asked is None else min(latest, asked)


_WHOLE = ("connections", "request_bytes", "cursors")
_LEAST = {"connections": 1, "request_bytes": REQUEST_BYTES_MIN, "cursors": 1}


def limits_of(given: Mapping[str, float]) -> Limits:
    """Return the limits by their names. Raises InvalidValue for another name, or too little."""
    values: dict[str, Any] = {}
    for name, value in given.items():
        if name not in Limits.__slots__:
            raise InvalidValue(
                f"there is no limit {name!r}",
                "invalid_parameter_value",
                hint=f"These are: {', '.join(Limits.__slots__)}.",
            )
        least = _LEAST.get(name, 0)
        if value < least or not value or value != value:
            what = f"at least {least}" if least else "more than 0"
            raise InvalidValue(f"the limit {name} has to be {what}", "invalid_parameter_value")
        values[name] = int(value) if name in _WHOLE else float(value)
    return Limits(**values)


def read_limits(texts: Iterable[str]) -> Limits:
    """Return the limits in texts as ``connections=500``. Raises InvalidValue."""
    given = {}
    for text in texts:
        name, _, value = text.partition("=")
        try:
            given[name.strip()] = float(value)
        except ValueError:
            raise InvalidValue(
                f"{text!r} is no limit: write NAME=NUMBER, as connections=500",
                "invalid_parameter_value",
            ) from None
    return limits_of(given)
