"""hello, and isMaster as older drivers call it: who the server is, and what it takes.

Source: manual, "hello"; the drivers' specifications "Server Discovery and Monitoring",
"MongoDB Handshake" and "Server Monitoring" (awaitable hello).
"""

from __future__ import annotations

from typing import Any

from fivefold.languages.mongo.arguments import missing, take, whole_number, wrong_type
from fivefold.languages.mongo.command import ANY, Command
from fivefold.languages.mongo.commands import login
from fivefold.languages.mongo.context import Context
from fivefold.languages.mongo.sessions import TIMEOUT_MINUTES
from fivefold.languages.mongo.topology import (
    ELECTION_ID,
    SET_NAME,
    SET_VERSION,
    last_write,
    moment,
)
from fivefold.values.documents.codec import DOCUMENT_BYTES_MAX, encode
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import Document

MESSAGE_BYTES_MAX = 48_000_000
BATCH_MAX = 100_000
WIRE_VERSIONS = 0, 21  # to MongoDB 7.0

METADATA_BYTES_MAX = 512
NAME_BYTES_MAX = 128


def _hello(context: Context, command: Document) -> Document:
    reply: Document = {}
    if command.get("helloOk") is True:
        reply["helloOk"] = True
    client = context.client
    me = client.local_address
    primary = "isWritablePrimary" if "hello" in command else "ismaster"
    reply |= {
        "topologyVersion": context.hub.topology.version(),
        "hosts": [me],
        "setName": SET_NAME,
        "setVersion": SET_VERSION,
        primary: True,
        "secondary": False,
        "primary": me,
        "me": me,
        "electionId": ELECTION_ID,
        "lastWrite": last_write(context.now_ms),
        "maxBsonObjectSize": DOCUMENT_BYTES_MAX,
        "maxMessageSizeBytes": MESSAGE_BYTES_MAX,
        "maxWriteBatchSize": BATCH_MAX,
        "localTime": moment(context.now_ms),
        "logicalSessionTimeoutMinutes": TIMEOUT_MINUTES,
        "connectionId": client.id,
        "minWireVersion": WIRE_VERSIONS[0],
        "maxWireVersion": WIRE_VERSIONS[1],
        "readOnly": False,
    }
    awaited_ms(context, command)
    _take_metadata(context, command)
    offered = take(command, "compression", "array")
    if offered:
        client.compressors = [name for name in offered if name in client.offers]
        reply["compression"] = client.compressors
    named = take(command, "saslSupportedMechs", "string")
    if named is not None:
        reply["saslSupportedMechs"] = login.mechanisms(context, named)
    begun = take(command, "speculativeAuthenticate", "object")
    if begun is not None:
        answer = login.speculate(context, begun)
        if answer is not None:
            reply["speculativeAuthenticate"] = answer
    return reply


def awaited_ms(context: Context, command: Document) -> int:
    """Return how long the client wants to wait for news of the topology; 0: it is answered now.

    Raises faults.
    """
    version = command.get("topologyVersion")
    wait = command.get("maxAwaitTimeMS")
    if version is None and wait is None:
        return 0
    if version is None or wait is None:
        raise fault(
            31368,
            "A request with a 'topologyVersion' must include 'maxAwaitTimeMS'"
            if wait is None
            else "A request with 'maxAwaitTimeMS' must include a 'topologyVersion'",
        )
    if not isinstance(version, dict):
        raise wrong_type("hello.topologyVersion", version, "object")
    for name in ("processId", "counter"):
        if name not in version:
            raise missing(f"hello.topologyVersion.{name}")
    milliseconds = whole_number(wait, "hello.maxAwaitTimeMS")
    if milliseconds < 0:
        raise fault(31373, "maxAwaitTimeMS must be a non-negative integer")
    return milliseconds if context.hub.topology.is_current(version) else 0


def _take_metadata(context: Context, command: Document) -> None:
    metadata = take(command, "client", "object")
    if metadata is None:
        return
    if context.client.metadata is not None:
        raise fault(186, "The client metadata document may only be sent in the first hello")
    size = len(encode(metadata))
    if size > METADATA_BYTES_MAX:
        raise fault(
            185,
            f"The client metadata document must be less then or equal to {METADATA_BYTES_MAX} "
            f"bytes, not {size}",
        )
    application: Any = metadata.get("application")
    if isinstance(application, dict):
        name = application.get("name")
        if isinstance(name, str) and len(name.encode()) > NAME_BYTES_MAX:
            raise fault(
                184,
                "The 'client.application.name' field must be less then or equal to "
                f"{NAME_BYTES_MAX} bytes",
            )
    for name in ("driver", "os"):
        if not isinstance(metadata.get(name), dict):
            raise fault(183, f"Missing required sub-document '{name}' in the client metadata")
    context.client.metadata = metadata


def _ping(context: Context, command: Document) -> Document:
    return {}


def _whatsmyuri(context: Context, command: Document) -> Document:
    return {"you": context.client.address}


FLAGS = ("storeless", "early", "stable")

COMMANDS = (
    Command(
        "hello",
        _hello,
        ANY,
        (*FLAGS, "transaction"),
        summary="Tell who the server is.",
    ),
    Command(
        "isMaster",
        _hello,
        ANY,
        ("storeless", "early", "transaction"),
        aliases=("ismaster",),
        summary="hello, as older drivers call it.",
    ),
    Command("ping", _ping, (), FLAGS, summary="Do nothing."),
    Command(
        "whatsmyuri", _whatsmyuri, (), ("storeless", "early"), summary="Tell the client's address."
    ),
)
