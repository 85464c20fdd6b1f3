"""Every limit of the wire rooms, its unit in its name and its reason beside it."""

from __future__ import annotations

# Redis -------------------------------------------------------------------------------------

# A line without its end: an inline request, or the header of an array or a bulk string.
# redis-server's PROTO_INLINE_MAX_SIZE; nobody types longer lines.
REDIS_LINE_BYTES_MAX = 64 * 1024

# One argument. redis-server's default for proto-max-bulk-len.
REDIS_BULK_BYTES_MAX = 512 * 1024 * 1024

# Arguments of one command: redis-server's INT_MAX. Nothing is set aside for an announced count.
REDIS_ARGUMENTS_MAX = 2**31 - 1

# The same two for a client that has still to log in, as in redis-server: enough for AUTH and HELLO.
REDIS_UNAUTHENTICATED_ARGUMENTS_MAX = 10
REDIS_UNAUTHENTICATED_BULK_BYTES_MAX = 16 * 1024

# One command that is still arriving, all arguments together. redis-server's
# client-query-buffer-limit; past it the connection is closed without a word, as there.
REDIS_COMMAND_BYTES_MAX = 1024 * 1024 * 1024

# What an argument costs the limit above besides its bytes: the object and its place in the list,
# so that a flood of tiny arguments is counted by the memory it really takes.
REDIS_ARGUMENT_OVERHEAD_BYTES = 48

# Pieces of input up to this size are split in one go; larger ones hold large values, for which
# the step-by-step path is as quick and does not look for line ends inside of them.
REDIS_SPLIT_BYTES_MAX = 128 * 1024

# PostgreSQL --------------------------------------------------------------------------------

# The start-up packet, its length word included. PostgreSQL's MAX_STARTUP_PACKET_LENGTH.
POSTGRES_STARTUP_BYTES_MAX = 10_000

# A password or SASL message, before the client is known. PostgreSQL's PG_MAX_AUTH_TOKEN_LENGTH.
POSTGRES_PASSWORD_BYTES_MAX = 65_535

# Messages that carry names only (Execute, Describe, Close, Sync, ...): PostgreSQL's
# PQ_SMALL_MESSAGE_LIMIT.
POSTGRES_SMALL_MESSAGE_BYTES_MAX = 10_000

# Messages that carry texts and values: PostgreSQL's PQ_LARGE_MESSAGE_LIMIT, MaxAllocSize - 1.
POSTGRES_LARGE_MESSAGE_BYTES_MAX = 2**30 - 2

# A cancel key: 4 bytes in protocol 3.0, and never more than this in 3.2.
POSTGRES_CANCEL_KEY_BYTES_MAX = 256

# MongoDB -----------------------------------------------------------------------------------

# One message, its header included, as it comes and uncompressed: MongoDB's MaxMessageSizeBytes,
# which hello tells drivers.
MONGODB_MESSAGE_BYTES_MAX = 48_000_000

# One document: MongoDB's 16 MiB, and the 16 KiB more that a command may have around it.
MONGODB_DOCUMENT_BYTES_MAX = 16 * 1024 * 1024 + 16 * 1024

# Document sequences of one message. No command has more than one; drivers of clientBulkWrite two.
MONGODB_SEQUENCES_MAX = 16

# Neo4j -------------------------------------------------------------------------------------

# One message, all its chunks together: as much as any of the protocols may say at once.
NEO4J_MESSAGE_BYTES_MAX = 512 * 1024 * 1024

# The same for a client that has still to log in: enough for a HELLO and for a bearer's token.
NEO4J_UNAUTHENTICATED_BYTES_MAX = 64 * 1024

# Lists, maps and structures within each other: each takes some frames of Python's stack, of which
# there are a thousand.
NEO4J_DEPTH_MAX = 200

# Cassandra ---------------------------------------------------------------------------------

# One envelope, its header included, and a compressed one when it is made whole. Cassandra's
# native_transport_max_frame_size.
CASSANDRA_MESSAGE_BYTES_MAX = 16 * 1024 * 1024

# The same for a client that has still to log in: enough for STARTUP and a password.
CASSANDRA_UNAUTHENTICATED_BYTES_MAX = 64 * 1024
