"""What a client says in Cassandra's protocol: eight kinds of requests.

An *envelope* is a message with its header; from version 5 on envelopes come in *frames*, which have
checksums. Values stay the bytes they are: their types are known to whoever runs the statement.

Source: native_protocol_v3.spec, v4 and v5, section 4.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from fivefold.errors import FivefoldError
from fivefold.values.cql.types import Unset

VERSIONS = (3, 4, 5)

SUPPORTED_VERSIONS: dict[int, str] = {number: f"{number}/v{number}" for number in VERSIONS}

EVENTS_STREAM = -1
"""The stream of what nobody has asked for."""


class Opcode:
    """What a message is."""

    ERROR: Final = 0x00
    STARTUP: Final = 0x01
    READY: Final = 0x02
    AUTHENTICATE: Final = 0x03
    OPTIONS: Final = 0x05
    SUPPORTED: Final = 0x06
    QUERY: Final = 0x07
    RESULT: Final = 0x08
    PREPARE: Final = 0x09
    EXECUTE: Final = 0x0A
    REGISTER: Final = 0x0B
    EVENT: Final = 0x0C
    BATCH: Final = 0x0D
    AUTH_CHALLENGE: Final = 0x0E
    AUTH_RESPONSE: Final = 0x0F
    AUTH_SUCCESS: Final = 0x10


OPCODES: dict[int, str] = {
    number: name for name, number in vars(Opcode).items() if isinstance(number, int)
}

REQUESTS = frozenset(
    {
        Opcode.STARTUP,
        Opcode.OPTIONS,
        Opcode.QUERY,
        Opcode.PREPARE,
        Opcode.EXECUTE,
        Opcode.REGISTER,
        Opcode.BATCH,
        Opcode.AUTH_RESPONSE,
    }
)


class Flag:
    """The flags of an envelope."""

    COMPRESSED: Final = 0x01
    TRACING: Final = 0x02
    PAYLOAD: Final = 0x04
    WARNING: Final = 0x08
    BETA: Final = 0x10


class QueryFlag:
    """The flags of a statement's parameters."""

    VALUES: Final = 0x01
    SKIP_METADATA: Final = 0x02
    PAGE_SIZE: Final = 0x04
    PAGING_STATE: Final = 0x08
    SERIAL_CONSISTENCY: Final = 0x10
    TIMESTAMP: Final = 0x20
    NAMES: Final = 0x40
    KEYSPACE: Final = 0x80
    NOW: Final = 0x100


class RowsFlag:
    """The flags of the metadata of rows."""

    GLOBAL_TABLE: Final = 0x01
    MORE_PAGES: Final = 0x02
    NO_METADATA: Final = 0x04
    METADATA_CHANGED: Final = 0x08


CONSISTENCIES = (
    *("ANY", "ONE", "TWO", "THREE", "QUORUM", "ALL", "LOCAL_QUORUM", "EACH_QUORUM"),
    *("SERIAL", "LOCAL_SERIAL", "LOCAL_ONE", "NODE_LOCAL"),
)
"""By their numbers."""

BATCHES = ("logged", "unlogged", "counter")
"""The kinds of batches, by their numbers."""

EVENTS = ("TOPOLOGY_CHANGE", "STATUS_CHANGE", "SCHEMA_CHANGE")

Value: TypeAlias = bytes | Unset | None


@dataclass(slots=True, eq=False)
class Parameters:
    """How a statement is to be run; see ``languages.cql.results.Options``.

    ``names`` are those of the markers that ``values`` are for, None where they come in order.
    """

    consistency: int
    values: Sequence[Value] = ()
    names: Sequence[str] | None = None
    skip_metadata: bool = False
    page_size: int | None = None
    paging: bytes | None = None
    serial_consistency: int | None = None
    timestamp: int | None = None
    keyspace: str | None = None
    now_s: int | None = None


@dataclass(slots=True, eq=False)
class Startup:
    """The first request but for OPTIONS; ``options`` are words, in capitals."""

    stream: int
    options: dict[str, str]
    traced: bool = False


@dataclass(slots=True, eq=False)
class Options:
    """What may be said in a STARTUP?"""

    stream: int
    traced: bool = False


@dataclass(slots=True, eq=False)
class AuthResponse:
    """Who the client is."""

    stream: int
    token: bytes | None
    traced: bool = False


@dataclass(slots=True, eq=False)
class Register:
    """The client wants to be told of events."""

    stream: int
    events: Sequence[str]
    traced: bool = False


@dataclass(slots=True, eq=False)
class Query:
    """A statement as text."""

    stream: int
    text: str
    parameters: Parameters
    traced: bool = False


@dataclass(slots=True, eq=False)
class Prepare:
    """A statement that is going to be executed; ``keyspace`` is where its names are looked up."""

    stream: int
    text: str
    keyspace: str | None = None
    traced: bool = False


@dataclass(slots=True, eq=False)
class Execute:
    """A statement that was prepared.

    ``metadata_id`` is that of the metadata the client knows, from version 5 on.
    """

    stream: int
    id: bytes
    metadata_id: bytes | None
    parameters: Parameters
    traced: bool = False


@dataclass(slots=True, eq=False)
class Batch:
    """Several statements; each is a text or the id of one that was prepared, and its values."""

    stream: int
    kind: str
    statements: Sequence[tuple[str | bytes, Sequence[Value]]]
    parameters: Parameters
    traced: bool = False


@dataclass(slots=True, eq=False)
class Refused:
    """A request that cannot be read or has no place here: it is answered by its error.

    ``version`` is that of the answer where it is not the connection's own; ``last``: the connection
    ends then.
    """

    stream: int
    error: FivefoldError
    version: int | None = None
    last: bool = False
    traced: bool = False


Request: TypeAlias = (
    Startup | Options | AuthResponse | Register | Query | Prepare | Execute | Batch | Refused
)
