"""What clients say in PostgreSQL's protocol, and the plain data of what servers say.

Named tuples, since they are the cheapest typed object to make, and compare and hash as what they
hold; tell them apart by type. Names of statements and portals are text, decoded so that any bytes
survive. Statements' texts and values stay bytes: the session knows their encoding, and a cache of
statements can be asked with the bytes as they came.

Source: PostgreSQL manual, "Frontend/Backend Protocol", section "Message Formats".
"""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

# Start-up ------------------------------------------------------------------------------------


class EncryptionRequest(NamedTuple):
    """SSLRequest or GSSENCRequest: answer with one byte."""

    kind: Literal["tls", "gss"]


class CancelRequest(NamedTuple):
    """Cancel what the connection with this key does; close without an answer."""

    process_id: int
    secret: bytes


class Startup(NamedTuple):
    """`parameters` as sent (`user`, `database`, `client_encoding`, ...).

    `minor` is what the client asked for beyond protocol 3, `options` the protocol options
    (`_pq_.…`) it named. Unless both are nothing, answer NegotiateProtocolVersion first.
    """

    parameters: dict[str, str]
    minor: int
    options: tuple[str, ...]


# Authentication ------------------------------------------------------------------------------


class Password(NamedTuple):
    """A password in clear text."""

    password: bytes


class SaslInitial(NamedTuple):
    """The chosen mechanism and, if it begins with the client, its first message."""

    mechanism: str
    data: bytes | None


class SaslResponse(NamedTuple):
    """The client's next message of the mechanism."""

    data: bytes


# Queries -------------------------------------------------------------------------------------


class Query(NamedTuple):
    """Any number of statements in one text."""

    text: bytes


class Parse(NamedTuple):
    """Prepare `text` as `statement`; a type of 0 is for the server to find out."""

    statement: str
    text: bytes
    parameter_types: tuple[int, ...]


class Bind(NamedTuple):
    """Make a portal. Formats: none (all text), one for all, or one each; 0 text, 1 binary."""

    portal: str
    statement: str
    parameter_formats: tuple[int, ...]
    parameters: list[bytes | None]
    result_formats: tuple[int, ...]


class Describe(NamedTuple):
    kind: Literal["statement", "portal"]
    name: str


class Execute(NamedTuple):
    """Run a portal for at most `rows_max` rows; 0 is for all."""

    portal: str
    rows_max: int


class Close(NamedTuple):
    kind: Literal["statement", "portal"]
    name: str


class Flush(NamedTuple):
    pass


class Sync(NamedTuple):
    pass


class FunctionCall(NamedTuple):
    """The fast path to a function, by its oid; given up by clients long ago."""

    function: int


class Terminate(NamedTuple):
    pass


# COPY ----------------------------------------------------------------------------------------


class CopyData(NamedTuple):
    data: bytes


class CopyDone(NamedTuple):
    pass


class CopyFail(NamedTuple):
    reason: str


Message: TypeAlias = (
    EncryptionRequest
    | CancelRequest
    | Startup
    | Password
    | SaslInitial
    | SaslResponse
    | Query
    | Parse
    | Bind
    | Describe
    | Execute
    | Close
    | Flush
    | Sync
    | FunctionCall
    | Terminate
    | CopyData
    | CopyDone
    | CopyFail
)


class Column(NamedTuple):
    """A column of a result: `type_size` in bytes, -1 if it varies; `format` 0 text, 1 binary."""

    name: str
    type_oid: int
    type_size: int = -1
    type_modifier: int = -1
    format: int = 0
    table_oid: int = 0
    number: int = 0


class Fields(NamedTuple):
    """The fields of an error or a notice; `position` counts characters from 1."""

    severity: str
    sqlstate: str
    message: str
    detail: str | None = None
    hint: str | None = None
    position: int | None = None
    namespace: str | None = None
    container: str | None = None
    column: str | None = None
    type_name: str | None = None
    constraint: str | None = None
    context: str | None = None
