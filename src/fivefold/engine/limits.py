"""The engine's limits, each with its unit and its reason."""

from __future__ import annotations

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
