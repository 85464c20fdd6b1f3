"""The server's limits, each with its unit and its reason; the wire has its own."""

from __future__ import annotations

# What is set by whoever serves; the program's options are read by it.
from fivefold.engine.limits import Limits as Limits
from fivefold.engine.limits import limits_of as limits_of
from fivefold.engine.limits import read_limits as read_limits

REFUSALS_MAX = 100
"""Clients past ``Limits.connections`` that are waited for until they can be told why; any more are
closed without a word."""

STARTUP_SECONDS = 30.0
"""How long a client may take to introduce itself, where its protocol has a start-up."""

HANDSHAKE_SECONDS = 10.0
"""How long a client may take for the handshake of TLS: some round trips."""

GOODBYE_SECONDS = 5.0
"""How long the end of TLS may take: a client that has left without a word is not waited for."""

WORKERS = 8
"""Threads for what may not run on the loop: more than cores, because some wait for the store."""

LINES_MAX = 16
"""Lines of the loop to a store in another process, one for each statement by key that is being
run: they are of the store's connections, of which a PostgreSQL allows 100 to all."""

WAITERS = 200
"""Threads for statements that wait for each other, as pg_advisory_lock does, or for a moment: they
do nothing else. One past them waits for a thread, and so also for what it would not have to."""

INPUT_BYTES_MAX = 1 << 20
"""Input of one client kept while it waits for an answer; past it the client is not read from."""

OUTPUT_BYTES_MAX = 1 << 20
"""Output that waits for a slow reader; past it the client's requests are not taken."""

SUBSCRIBER_BYTES_MAX = 32 << 20
"""Messages that wait for a subscriber who reads too slowly; past it he is closed, for they cannot
be taken back and would fill the memory. Redis's own client-output-buffer-limit for pubsub."""

STALLED_SECONDS = 60.0
"""How long a client may read nothing of what waits for it before it is closed: it may be holding
a snapshot, which keeps the log from being shortened. One that reads slowly is left in peace."""

INTERRUPT_AGAIN_SECONDS = 0.1
"""How soon the statement of a client that left is interrupted again, if it had only just begun."""

ROWS_BATCH = 500
"""Rows fetched and encoded at a time for a large result: enough to make the turn worth while,
little enough to stay in memory."""

MESSAGES_TURN = 128
"""Requests of one client handled before the loop looks at the others: they wait some milliseconds.
With 512 a pipeline of a thousand SETs is 15 % faster, and others have waited 90 ms."""

DRAIN_SECONDS = 10.0
"""How long running statements may take to end when the server stops."""

REAP_SECONDS = 1.0
"""How often expired keys are looked for; they are invisible from their moment on."""

REAP_AGAIN_SECONDS = 0.005
"""How soon again while there are more of them."""

REAP_ELEMENTS = 500
"""Elements of keys that are gone, deleted at a time."""

PLACES_MAX = 1_000
"""Keys that clients wait for and that are looked at for other processes' writes, each second: some
milliseconds of the loop."""

REAP_KEYS = 20
"""Expired keys deleted between two looks at the clock."""

SLICE_SECONDS = 0.002
"""How long expired keys are deleted before the loop looks at its clients. Two hundred of them take
a millisecond of memory, and 50 where the disk has to be waited for."""
